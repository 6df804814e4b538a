.DEFAULT_GOAL := help
.PHONY: help setup run test check format bench lock examples clean

PYTHON ?= python3
BIN := .venv/bin
LOCKS := $(wildcard requirements/*.txt)
# An index that has PyTorch's CPU build, where neither pip's settings nor PyTorch's own index do: make setup TORCH_INDEX=URL
TORCH_INDEX ?=
SAMPLE := .memotion/sample
# Tests run side by side, a file at a time, since what a file's tests share is made once, in tests/conftest.py's order.
SIDE_BY_SIDE := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder

help:  ## List the tasks
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

setup: .venv/installed  ## Make .venv with everything that the project uses, as the lock files pin it

.venv/installed: $(LOCKS) localcloud/pyproject.toml scripts/setup
	@$(PYTHON) -c 'import sys; v = sys.version_info; (3, 11) <= v < (3, 14) or sys.exit(f"Python 3.11 to 3.13 is needed, {v.major}.{v.minor} is what $(PYTHON) is: make setup PYTHON=python3.12")'
	@echo "Setting up .venv from requirements/ (about 3 GB on disk; under a minute the first time)"
	@PYTHON=$(PYTHON) TORCH_INDEX=$(TORCH_INDEX) scripts/setup
	@touch $@

run: setup  ## The whole pipeline on this machine, on generated memes: prepare, train, evaluate, register, deploy, predict
	@BIN=$(BIN) SAMPLE=$(SAMPLE) scripts/run

test: setup  ## The whole test suite
	@cd localcloud && ../$(BIN)/python -m pytest $(SIDE_BY_SIDE)
	@$(BIN)/python -m pytest $(SIDE_BY_SIDE)

check: setup  ## Format, lint, strict types, and which room may import which
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/mypy pipeline.py benchmarks/*.py localcloud/benchmarks/*.py
	@$(BIN)/lint-imports

format: setup  ## Format the code, and mend what the linter can
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: setup  ## The benchmarks, each beside what one would use instead
	@for file in benchmarks/*.py localcloud/benchmarks/*.py; do echo "== $$file"; $(BIN)/python $$file || exit 1; done

rehearsal: setup  ## The first day in an AWS account, call by call, against moto and the local cloud
	@$(BIN)/python -W ignore -m tests.infra.rehearsal

lock: setup  ## Make the lock files anew from pyproject.toml
	@BIN=$(BIN) scripts/lock

examples: setup  ## Compile localcloud's examples of SDK line 2 anew, in an environment of their own
	@BIN=$(BIN) scripts/examples

notebook: .venv/notebook  ## Open the notebook, which walks through all of it
	@$(BIN)/jupyter lab notebooks/memotion.ipynb

notebook-copy: .venv/notebook  ## Run the notebook, and keep what it shows as docs/notebook.md
	@MEMOTION_HOME=$$(mktemp -d) $(BIN)/jupyter nbconvert --to markdown --execute --log-level WARN --output notebook --output-dir docs notebooks/memotion.ipynb

.venv/notebook: .venv/installed requirements/notebook.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --require-hashes --requirement requirements/notebook.txt
	@touch $@

docs: setup  ## Make the tables of docs/reference.md from the code and settings.toml
	@$(BIN)/python scripts/reference

clean:  ## Remove the environment and the local cloud's state
	@rm -rf .venv .memotion
