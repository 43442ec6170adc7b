# Two commands are all the set-up there is: make run, make test.
.PHONY: run test check docs pictures bench soak lock clean
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?=
SIZES ?= 1000,100000,1000000
POSTGRESQL ?=

run: $(VENV)/.run
	$(BIN)/tracker run

test: $(VENV)/.dev
	$(MAKE) --no-print-directory check
	$(PYTHON) .ci/prepare
	$(BIN)/pytest --numprocesses auto --maxprocesses 4 --dist worksteal

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: $(VENV)/.dev
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going --builder html docs build/docs
	@echo "build/docs/index.html"

# The pictures in the documents, taken by the tests.
pictures: $(VENV)/.dev
	PICTURES=docs/pictures $(BIN)/pytest tests/web/test_in_a_browser.py -k pictures

bench: $(VENV)/.dev
	@for file in bench/*.py; do echo "== $$file"; $(BIN)/python $$file DATA=$(DATA) SIZES=$(SIZES) POSTGRESQL=$(POSTGRESQL) || exit 1; done

soak: $(VENV)/.dev
	SOAK=1 $(BIN)/pytest

# Run from a file with hashes, then the project itself without asking a registry again.
$(VENV)/.run: requirements.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@ $(VENV)/.run

# Needs uv on PATH. No registry's address is written into the files.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --group build pyproject.toml -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra apprise --extra postgresql --group dev pyproject.toml -o requirements-dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --extra postgresql --group build --constraint requirements-dev.txt pyproject.toml -o docs/deploy/requirements.txt

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
