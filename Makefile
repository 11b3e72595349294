# Everything is installed into .venv, exactly as the lock files say. No target asks anything.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin

.PHONY: setup demo test test-all lint bench docs lock clean

setup: .venv/installed  ## install hpsearch with what it needs; leaves .venv/bin/hpsearch

.venv/installed: requirements.lock pyproject.toml
	@echo "installing into .venv, as requirements.lock says: a minute or two"
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	touch $@

.venv/installed-dev: .venv/installed requirements-dev.lock
	@echo "installing what the tests need"
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	touch $@

demo: .venv/installed  ## the main job: 64 SVMs on digits, 5-fold cross-validation, every trial in MLflow
	$(BIN)/hpsearch run search_spaces/digits_svm.yaml
	@echo "(hpsearch is .venv/bin/hpsearch; plain hpsearch after: . .venv/bin/activate)"

lint: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: .venv/installed-dev  ## all tests but the slow ones
	$(BIN)/python -m pytest -m "not slow"

test-all: .venv/installed-dev
	$(BIN)/python -m pytest

bench: .venv/installed-dev  ## ratios to peers, measured in one run of hours; makes environments for dask-ml and Optuna below build/
	$(BIN)/python -m benchmarks.run

docs: .venv/installed-dev  ## renew what is made of the spec's forms: docs/spec.md and the JSON Schema
	$(BIN)/python -m hpsearch.spec.reference docs/spec.md
	$(BIN)/hpsearch schema > hpsearch/spec/schema.json

lock: .venv/installed-dev  ## renew the lock files from pyproject.toml (needs uv)
	uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --no-emit-index-url --no-header --upgrade -o requirements-dev.lock
	uv pip compile pyproject.toml --extra metrics --extra postgres --extra build --universal --python-version 3.11 --no-emit-index-url --no-header -c requirements-dev.lock -o requirements.lock

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache
