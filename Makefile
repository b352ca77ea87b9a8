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

.PHONY: demo test test-debug lint golden annotate bench clean

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

# Some minutes on a quiet machine. `make bench PLOTS=docs` draws the pictures of docs/performance.md anew.
bench: $(VENV)/installed
	rm -rf build/bench
	for script in engine files columns single cold_start data_sets; do $(BIN)/python benchmarks/$$script.py || exit 1; done
	$(BIN)/python benchmarks/growth.py --plot $(PLOTS)/growth.png
	$(BIN)/python benchmarks/profile_files.py --plot $(PLOTS)/profile.png
	rm -rf build/bench

clean:
	rm -rf build $(VENV) $(VENV)-debug $(OUT) *.egg-info hrgcore/_core/*.so
