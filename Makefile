# The two commands are `make demo` and `make test`; each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# What Python compiles is kept: the tests start the program some eighty times.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help install demo test lint types format cover soak bench rules golden lock serve image clean

help:  ## Show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("轻装 needs Python 3.11 to 3.13; set PYTHON=python3.12, say") if not (3, 11) <= sys.version_info[:2] < (3, 14) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing locked dependencies into $(VENV) …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

install: $(STAMP)  ## Set up the virtual environment with locked dependencies

demo: $(STAMP)  ## Play a written week through both platforms' protocols and write its digest
	$(BIN)/qingzhuang demo --out out/demo

test: $(STAMP)  ## Run all tests
	$(BIN)/python -m pytest -q -n auto --dist worksteal

lint: $(STAMP)  ## Check style, types and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP)  ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

cover: $(STAMP)  ## Run the tests with branch coverage
	$(BIN)/coverage run -m pytest -q
	$(BIN)/coverage report --skip-covered

soak: $(STAMP)  ## Run the long suites too
	SOAK=1 $(BIN)/python -m pytest -q -n auto --dist worksteal

bench: $(STAMP)  ## Run the benchmarks, each against its baseline in the same run
	$(BIN)/python -m bench

rules: $(STAMP)  ## Check the rulebook against its own examples
	$(BIN)/qingzhuang rules check

golden: $(STAMP)  ## Rewrite the golden files; then look at the difference
	GOLDEN=rewrite $(BIN)/python -m pytest -q tests/golden tests/scenarios/test_a_month_in_a_town.py

lock: $(STAMP)  ## Lock dependencies again (hashes, no index address)
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra solver pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra solver --group dev pyproject.toml -c requirements.lock -o requirements-dev.lock

serve: $(STAMP)  ## Run the bot with the settings of the environment
	$(BIN)/qingzhuang serve

image:  ## Build the container image
	docker build -t qingzhuang:local .

clean:  ## Remove what was built
	rm -rf $(VENV) build dist out .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
