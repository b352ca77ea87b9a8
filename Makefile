# The two commands of the README are `make demo` and `make test`. Each makes its own environment in .venv and installs what it needs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DESIGNS := $(wildcard designs/*)
NAMES   := $(patsubst designs/hrgdesign-%,%,$(DESIGNS))
PLUGINS := $(wildcard plugins/*/pyproject.toml)
SOURCES := $(wildcard hrgcore/_core/*.pyx hrgcore/_core/*.pxd) setup.py pyproject.toml $(wildcard designs/*/pyproject.toml plugins/*/pyproject.toml)
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check
OUT    := out
PLOTS  ?= $(OUT)
DEBUG_TREE := build/debug-tree
SANITIZED_TREE := build/sanitized-tree
GUIDED_TREE := build/guided-tree
CLANG  ?= clang
FREE_TREE := build/free-threaded-tree
FREETHREADED ?= $(shell command -v python3.15t || command -v python3.14t || command -v python3.13t)
SECONDS ?= 20
JOBS ?= auto
# A copy of the sources, without what the copy was built with.
COPY = mkdir -p $(1) && find $(1) -mindepth 1 -maxdepth 1 ! -name .venv ! -name build -exec rm -rf {} + && \
	git ls-files -co --exclude-standard -z | xargs -0 cp --parents --preserve=timestamps -t $(1)
# Python itself leaks a little when it ends, and the sanitizer cannot see into its allocator.
SANITIZED = PYTHONPATH=. PYTHONMALLOC=malloc ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1
SPARK_VENV := .venv-spark
SPARK_INSTALL := $(SPARK_VENV)/bin/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test test-debug sanitize fuzz fuzz-guided test-freethreaded test-spark java lint golden annotate bench clean

# Compiled again when a source of the core changes; designs and plugins are installed in place.
$(VENV)/installed: $(SOURCES)
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) "setuptools>=77" "Cython>=3.1" wheel
	$(INSTALL) --no-build-isolation -e ".[cli,test,bench,lint]"
	$(INSTALL) --no-build-isolation --no-deps $(foreach d,$(DESIGNS) $(dir $(PLUGINS)),-e $(d))
	# An installation in place has no byte code yet, which would cost every start a fifth of its time.
	$(BIN)/python -m compileall -q hrgcore designs
	touch $@

demo: $(VENV)/installed
	mkdir -p $(OUT)
	$(BIN)/hrg group examples/apc_sample.csv --rdf examples/apc.rdf --design 2024-25 -o $(OUT)/demo.csv
	for set in nac em nrd acc pcc ncc; do \
		$(BIN)/hrg group examples/$${set}_sample.csv --rdf examples/$$set.rdf --design 2024-25 -o $(OUT)/$$set.csv || exit 1; \
	done

test: $(VENV)/installed
	$(BIN)/python -m pytest -q -n $(JOBS)

# The tests in a copy of the tree whose core is compiled with bounds checks, but for those of documents and of tools above the core.
test-debug: $(VENV)/installed
	$(call COPY,$(DEBUG_TREE))
	cd $(DEBUG_TREE) && HRGCORE_DEBUG=1 $(CURDIR)/$(BIN)/python setup.py --quiet build_ext --inplace
	cd $(DEBUG_TREE) && PYTHONPATH=$(CURDIR)/$(DEBUG_TREE) HRGCORE_DEBUG=1 $(CURDIR)/$(BIN)/python -m pytest -q -n $(JOBS) --ignore=tests/docs --ignore=tests/tools

# The core compiled with the sanitizers of addresses and of undefined behaviour, in a copy of the tree.
sanitize: $(VENV)/installed
	$(call COPY,$(SANITIZED_TREE))
	cd $(SANITIZED_TREE) && CC=gcc HRGCORE_SANITIZE=address,undefined $(CURDIR)/$(BIN)/python setup.py --quiet build_ext --inplace

# Random files and record definitions on that build: the kept corpus, then changes of it for some time.
fuzz: sanitize
	cd $(SANITIZED_TREE) && LD_PRELOAD="$$(gcc -print-file-name=libasan.so) $$(gcc -print-file-name=libubsan.so)" $(SANITIZED) \
		$(CURDIR)/$(BIN)/python -m tests.fuzz.fuzz_files --seconds $(SECONDS) --found $(CURDIR)/$(OUT)/fuzz

# The same, led by what each case reaches in the core; needs clang and its runtime. New cases are kept in out/fuzz-corpus.
fuzz-guided: $(VENV)/installed
	$(INSTALL) atheris
	$(call COPY,$(GUIDED_TREE))
	cd $(GUIDED_TREE) && CC=$(CLANG) LDSHARED="$(CLANG) -shared" HRGCORE_SANITIZE=address,fuzzer-no-link \
		$(CURDIR)/$(BIN)/python setup.py --quiet build_ext --inplace
	mkdir -p $(OUT)/fuzz $(OUT)/fuzz-corpus
	library=$$($(BIN)/python -c "import atheris; print(atheris.path())")/asan_with_fuzzer.so && cd $(GUIDED_TREE) && \
		LD_PRELOAD=$$library $(SANITIZED) $(CURDIR)/$(BIN)/python -m tests.fuzz.guided -max_total_time=$(SECONDS) -max_len=65536 \
		-artifact_prefix=$(CURDIR)/$(OUT)/fuzz/ $(CURDIR)/$(OUT)/fuzz-corpus tests/fuzz/corpus

# The tests of threads on a free-threaded interpreter, if there is one: make test-freethreaded FREETHREADED=/path/to/python3.13t
test-freethreaded:
ifeq ($(FREETHREADED),)
	@echo "No free-threaded interpreter was found, so its tests are left out. Name one: make test-freethreaded FREETHREADED=..."
else
	$(call COPY,$(FREE_TREE))
	test -x $(FREE_TREE)/.venv/bin/python || $(FREETHREADED) -m venv $(FREE_TREE)/.venv
	cd $(FREE_TREE) && .venv/bin/python -m pip install --quiet --prefer-binary "setuptools>=77" "Cython>=3.1" wheel pytest \
		&& .venv/bin/python -m pip install --quiet --prefer-binary --no-build-isolation -e .[cli] \
		&& .venv/bin/python -m pip install --quiet --no-build-isolation --no-deps $(foreach d,$(DESIGNS),-e $(d)) \
		&& .venv/bin/python -W error -m pytest -q --noconftest tests/unit/test_threads.py
endif

# The plugin for Spark, on a cluster of two executors on this machine, in an environment of its own.
test-spark: java $(SPARK_VENV)/installed
	$(SPARK_VENV)/bin/python -m pytest -q plugins/hrgcore-spark/tests

java:
	@"$${JAVA_HOME:+$$JAVA_HOME/bin/}java" -version 2>&1 | grep -Eq 'version "(1[7-9]|[2-9][0-9])' || \
		{ echo "make test-spark needs Java 17 or later. Install it, or set JAVA_HOME." >&2; exit 1; }

$(SPARK_VENV)/installed: $(SOURCES)
	test -x $(SPARK_VENV)/bin/python || $(PYTHON) -m venv $(SPARK_VENV)
	$(SPARK_INSTALL) "setuptools>=77" "Cython>=3.1" wheel
	$(SPARK_INSTALL) --no-build-isolation -e ".[arrow]"
	$(SPARK_INSTALL) --no-build-isolation --no-deps $(foreach d,$(DESIGNS),-e $(d))
	$(SPARK_INSTALL) --no-build-isolation -e "plugins/hrgcore-spark[test]"
	touch $@

lint: $(VENV)/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m mypy.stubtest --mypy-config-file pyproject.toml $(patsubst hrgcore/_core/%.pyx,hrgcore._core.%,$(wildcard hrgcore/_core/*.pyx)) --allowlist tests/stubtest-allowlist.txt --ignore-disjoint-bases
	for design in $(NAMES); do $(BIN)/hrg design lint $$design || exit 1; done

# The golden snapshots and witnesses, after a change of tables that is meant. Look through the difference before you commit it.
golden: $(VENV)/installed
	cd tests && ../$(BIN)/python -m golden.snapshot && ../$(BIN)/python -m golden.records
	for design in $(NAMES); do $(BIN)/hrg design witnesses $$design --write tests/golden/witnesses/$$design.csv || exit 1; done

# Annotated C of the core; hot loops must show no Python calls. Open build/annotate/hrgcore/_core/*.html.
annotate: $(VENV)/installed
	mkdir -p build/annotate
	cp -r hrgcore build/annotate/
	cd build/annotate && ../../$(BIN)/cython -3 --annotate -X boundscheck=False -X wraparound=False -X initializedcheck=False -X cdivision=True \
		$(wildcard hrgcore/_core/*.pyx)

# Some minutes on a quiet machine. `make bench PLOTS=docs` draws the pictures of docs/performance.md anew.
bench: $(VENV)/installed
	rm -rf build/bench
	for script in engine files columns compare single cold_start data_sets; do $(BIN)/python benchmarks/$$script.py || exit 1; done
	$(BIN)/python benchmarks/growth.py --plot $(PLOTS)/growth.png
	$(BIN)/python benchmarks/profile_files.py --plot $(PLOTS)/profile.png
	rm -rf build/bench

clean:
	rm -rf build $(VENV) $(VENV)-debug $(SPARK_VENV) $(OUT) *.egg-info hrgcore/_core/*.so
