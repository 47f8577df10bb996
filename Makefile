# One command each. The first run makes .venv; `make help` lists what there is.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
BENCH  := $(VENV)/.bench
APIS   := pipe0 pipe0_pipeline clarifeye nekt nekt_v2

.DEFAULT_GOAL := help
.PHONY: help setup generate check test conformance matrix bench wheel serve clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) ## make .venv with everything the other commands need

$(READY): pyproject.toml scripts/constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Runwright needs Python 3.11 or newer; set PYTHON=python3.x")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c scripts/constraints.txt -e '.[dev]'
	@touch $@

generate: $(READY) ## regenerate generated/; or the client of any spec: SPEC=my/openapi.yaml OUT=my/folder
	$(BIN)/python scripts/generate.py $(if $(SPEC),--spec "$(SPEC)" $(if $(OUT),--out "$(OUT)"))

check: $(READY) ## prove that nothing is stale: formatting, types, spec lint, regeneration
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/python scripts/lint_specs.py
	$(BIN)/python scripts/generate.py --check
	$(BIN)/mypy

test: $(READY) ## run the project's own tests
	$(BIN)/python -m pytest -n auto

conformance: $(READY) ## judge the embedded emulator of every API
	$(BIN)/runwright test $(APIS)

matrix: $(READY) ## run the suite against every mutant: which rule catches which
	$(BIN)/python scripts/matrix.py

bench: $(BENCH) ## measure the clients beside their peers; build/bench.svg is a picture of it
	$(BIN)/python scripts/benchmark.py $(CHAPTERS)

$(BENCH): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c scripts/constraints.txt -e '.[bench]'
	@touch $@

wheel: $(READY) ## build the wheel into dist/
	$(BIN)/python -m build --wheel

serve: $(READY) ## run an emulator: make serve API=nekt PORT=8080
	$(BIN)/runwright serve $(or $(API),pipe0) --port $(or $(PORT),8080)

clean: ## remove what the other commands made
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis .runwright
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
