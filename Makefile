# Everything a new machine needs: `make audit` and `make test`.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SAMPLE := sample_logs/canonical
# pip compiles what it installs, but not an editable package; each start would compile it anew
# where the environment forbids Python to write bytecode.
COMPILE := $(BIN)/python -m compileall -q auditor

.PHONY: help audit test check format golden docs fuzz bench bench-small clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --editable .
	$(COMPILE)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group dev
	@touch $@

$(VENV)/.installed-bench: pyproject.toml $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --group bench
	@touch $@

audit: $(VENV)/.installed ## install and audit the sample logs
	@code=0; $(BIN)/auditor audit $(SAMPLE)/events --accounts $(SAMPLE)/accounts.csv || code=$$?; \
	if [ $$code -gt 1 ]; then exit $$code; fi

check: $(VENV)/.installed-dev ## format, lint, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Packages of the system that tests use: jq reads the reports as users do.
SYSTEM := jq
SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

$(VENV)/.installed-system: | $(BIN)/python
	@command -v jq >/dev/null || { $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq $(SYSTEM) >/dev/null; }
	@touch $@

test: check $(VENV)/.installed-system ## everything that must hold before a change lands
	$(COMPILE)
	$(BIN)/pytest -n auto

format: $(VENV)/.installed-dev ## format the code and mend what lint can mend
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .

golden: $(VENV)/.installed-dev ## rewrite the golden files; review the diff
	$(BIN)/pytest --update-golden tests

docs: $(VENV)/.installed ## rewrite the pages of the shipped rules
	$(BIN)/auditor rules docs docs/rules

CASES ?= 100000
fuzz: $(VENV)/.installed-dev ## CASES random rule files and predicates: rules that run, or located faults
	FUZZ_CASES=$$(( $(CASES) / 2 )) HYPOTHESIS_PROFILE=full $(BIN)/pytest tests/property/test_rule_files_are_safe.py

bench: $(VENV)/.installed-bench ## measure 20 million events; rewrites the table in benchmarks/README.md
	$(COMPILE)
	$(BIN)/python -m benchmarks.run --readme

bench-small: $(VENV)/.installed-bench ## the same within two minutes; findings are compared, nothing is rewritten
	$(COMPILE)
	$(BIN)/python -m benchmarks.run --small

clean: ## remove what the targets made
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
