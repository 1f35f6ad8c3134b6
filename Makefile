# Everything starts from Python 3.11 or newer and make. `make site` and `make test` set up the rest themselves.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
JOBS := 2
COVERAGE := 95

# The first Python that is new enough and can make a virtual environment.
FIND_PYTHON = for python in python3.11 python3 python3.12 python3.13 python3.14; do \
	if "$$python" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$$python"; exit 0; fi; \
	done; echo "Python 3.11 or newer with its venv module is needed" >&2; exit 1

.PHONY: help
help: ## say what can be made
	@sed -nE 's/^([a-z]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

# pip reads the registry from the machine's own settings; the versions come from constraints.txt.
$(INSTALLED): pyproject.toml constraints.txt
	python=$$($(FIND_PYTHON)); [ -x $(BIN)/python ] || "$$python" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt hatchling editables
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-build-isolation -e '.[test]'
	touch $@

.PHONY: site
site: $(INSTALLED) ## check the records, build the web site, say where it lies and what it holds
	$(BIN)/kb check
	$(BIN)/kb site --out site

.PHONY: test
test: $(INSTALLED) ## format, lint, types, tests with coverage, and the records
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/kb check
	$(BIN)/python -m pytest -n $(JOBS) --dist worksteal --cov --cov-report=term --cov-fail-under=$(COVERAGE)

.PHONY: check
check: $(INSTALLED) ## check the records, the schemas and the code, without the tests
	$(BIN)/kb check
	$(BIN)/kb schema --write --check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

# The tests hold the shapes against a study with an item of every kind; this takes ten seconds more.
.PHONY: shapes
shapes: $(INSTALLED) ## hold the graph of the whole collection against schemas/shapes.ttl
	graph=$$(mktemp --suffix .nt); trap 'rm -f "$$graph"' EXIT; \
	$(BIN)/kb export ntriples -o "$$graph"; \
	$(BIN)/pyshacl --shapes schemas/shapes.ttl --format human "$$graph"

# Spark's engine is half a gigabyte and needs Java, so `make test` does without; DuckDB answers the same questions there.
.PHONY: spark
spark: $(INSTALLED) ## ask Spark for the counts of the split tables; needs Java 17 or newer
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt pyspark
	$(BIN)/python -m pytest -m spark

.PHONY: format
format: $(INSTALLED) ## bring code, records, schemas and the tour in README.md into form
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/kb fmt
	$(BIN)/kb schema --write
	$(BIN)/python -m tests.test_readme

.PHONY: bench
bench: $(INSTALLED) ## measure against comparable tools and write benchmarks/RESULTS.md; BENCH=--huge adds 100,000 studies
	$(BIN)/python -m benchmarks $(BENCH)

# A new environment with the newest versions that pyproject.toml allows; review the difference like code.
.PHONY: constraints
constraints: ## renew constraints.txt from the newest releases
	fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; python=$$($(FIND_PYTHON)); "$$python" -m venv "$$fresh"; \
	"$$fresh/bin/python" -m pip install --quiet --disable-pip-version-check -e '.[test]'; \
	{ sed -n '/^#/p' constraints.txt; "$$fresh/bin/python" -m pip freeze --exclude-editable; } > constraints.new; \
	mv constraints.new constraints.txt

.PHONY: clean
clean: ## remove what the other targets made
	rm -rf $(VENV) site dist build .kb .coverage .coverage.* .mypy_cache .ruff_cache .hypothesis benchmarks/.cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
