# recipec: `make demo` and `make test` are all a newcomer needs. `make help` lists the rest.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3.10 python3; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && { echo $$p; break; }; done)
VENV ?= .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PIP_ROOT_USER_ACTION = ignore

.PHONY: mistakes mistakes-peers help demo test lint fmt templates golden explain bench fuzz clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(VENV)/made:
	@test -n "$(PYTHON)" || { echo "recipec needs Python 3.10 or newer with venv (Debian: apt-get install python3-venv)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/demo: $(VENV)/made pyproject.toml
	$(BIN)/pip install --quiet --editable .
	touch $@

$(VENV)/test: $(VENV)/made pyproject.toml
	$(BIN)/pip install --quiet --editable '.[test,lint]'
	touch $@ $(VENV)/demo

demo: $(VENV)/demo ## compile a recipe, run it on this machine, show the record, the log and the result
	@PATH="$(CURDIR)/$(BIN):$$PATH" ./demo.sh

test: $(VENV)/test ## all tests; on Debian as root with a real Slurm, Apptainer and torchrun
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(VENV)/test ## format, style, types, import contracts
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=. $(BIN)/lint-imports --no-logo

fmt: $(VENV)/test ## format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix --quiet . || true

templates: $(VENV)/test ## write the templates as Python anew
	$(BIN)/python -m recipe_compiler.templates.generate

golden: $(VENV)/test ## write the golden bundles anew; look at the diff
	$(BIN)/python -m tests.golden_bundles

explain: $(VENV)/test ## write the outputs shown on the explain pages anew
	$(BIN)/python -m tests.test_explain --refresh

MINUTES ?= 10
fuzz: $(VENV)/test ## search for inputs that break it, guided by coverage: MINUTES=10
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES)

mistakes: $(VENV)/test ## the score of the mistake corpus, beside what Hydra and NeMo-Run find
	@$(BIN)/python -m pytest -q -s -p no:randomly tests/test_mistakes.py

mistakes-peers: $(VENV)/made ## what NeMo-Run finds of the corpus, anew; in an environment of its own
	test -x $(VENV)-nemo-run/bin/python || $(PYTHON) -m venv $(VENV)-nemo-run
	$(VENV)-nemo-run/bin/pip install --quiet nemo_run==0.11.1 leptonai==0.27.3 PyYAML
	PYTHONPATH=. $(VENV)-nemo-run/bin/python -m tests.mistakes.nemo_run_peer > /dev/null

bench: $(VENV)/test ## ratios to a plain stack and to Hydra, measured in one run
	$(BIN)/python -m bench

clean: ## remove the environment and what the demo left
	rm -rf $(VENV) build dist bundles *.egg-info

pythons: $(VENV)/test ## the tests that need no cluster, on each Python 3.10 to 3.13 of this machine
	@./pythons.sh $(VENV)

.PHONY: pythons
