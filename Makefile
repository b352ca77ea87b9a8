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
DEBUG_TREE := build/debug-tree
SPARK_VENV := .venv-spark
SPARK_INSTALL := $(SPARK_VENV)/bin/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test test-debug test-spark java lint golden annotate bench clean

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
	$(BIN)/python -m pytest -q

# The same tests in a copy of the tree whose core is compiled with bounds checks.
test-debug:
	mkdir -p $(DEBUG_TREE)
	find $(DEBUG_TREE) -mindepth 1 -maxdepth 1 ! -name .venv -exec rm -rf {} +
	git ls-files -co --exclude-standard -z | xargs -0 cp --parents -t $(DEBUG_TREE)
	HRGCORE_DEBUG=1 $(MAKE) -C $(DEBUG_TREE) test

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
	$(BIN)/python -m mypy.stubtest $(patsubst hrgcore/_core/%.pyx,hrgcore._core.%,$(wildcard hrgcore/_core/*.pyx)) --allowlist tests/stubtest-allowlist.txt --ignore-disjoint-bases
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

bench: $(VENV)/installed
	$(BIN)/python -m pytest benchmarks -q --benchmark-only --benchmark-columns=min,median,ops,rounds

clean:
	rm -rf build $(VENV) $(VENV)-debug $(SPARK_VENV) $(OUT) *.egg-info hrgcore/_core/*.so
