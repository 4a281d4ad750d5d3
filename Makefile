# Khớp. `make` alone prints what can be done.
SHELL := /bin/sh
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STATE ?=
PORT ?=

.DEFAULT_GOAL := help

.PHONY: help
help: ## Print this list
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed 's/:.*## /\t/' | expand -t 16

# What runs: the services with the embedded PostgreSQL and Kafka. Made again when the lock changes.
$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Khớp needs Python 3.11 or newer; say which with PYTHON=…" >&2; exit 1; }
	@echo "setting up $(VENV) (once) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar on --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --progress-bar on --require-hashes -r requirements-dev.lock
	@touch $@

.PHONY: setup
setup: $(VENV)/.ready ## Install what is needed to run, into .venv
	@$(BIN)/python -m deploy.local.kafka_files

.PHONY: setup-dev
setup-dev: setup $(VENV)/.ready-dev ## Install what is needed to work on it

.PHONY: demo
demo: setup ## Run everything with the sample district and simulated payers (STATE=DIR keeps it, PORT=8080)
	@exec $(BIN)/khop demo $(if $(STATE),--state "$(STATE)") $(if $(PORT),--port $(PORT))

.PHONY: test
test: setup-dev ## Run all tests against the real PostgreSQL and Kafka (WORKERS=2, each with its own)
	@$(BIN)/pytest -n $(or $(WORKERS),2) --dist loadfile --no-loadscope-reorder

.PHONY: check
check: $(VENV)/.ready-dev ## Lint, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

.PHONY: format
format: $(VENV)/.ready-dev ## Format the code
	$(BIN)/ruff check --fix --exit-zero .
	$(BIN)/ruff format .

.PHONY: docs
docs: $(VENV)/.ready-dev ## Write again the documents that are made from the code
	$(BIN)/python -m services.documents --write
	$(BIN)/python -m deploy.grafana --write

.PHONY: compile
compile: setup-dev ## Put the matching core into machine code, nearly twice as fast, and check that it decides alike (needs a C compiler)
	$(BIN)/python -m deploy.compile_matcher
	$(BIN)/python -m tests.corpus.alike
	@$(BIN)/pytest -q -n $(or $(WORKERS),2) --dist loadfile tests/unit/services/matching tests/integration/test_matching_*.py \
	  || { rm -r services/matching/matcher_builds; exit 1; }

.PHONY: bench
bench: setup-dev ## Measure, with ratios taken in one run
	-@$(MAKE) --no-print-directory compile
	$(BIN)/python -m bench.reference
	$(BIN)/python -m bench.codes
	$(BIN)/python -m bench.slips
	$(BIN)/python -m bench.matching
	$(BIN)/python -m bench.ingest
	$(BIN)/python -m bench.matching_service
	$(BIN)/python -m bench.imports
	$(BIN)/python -m bench.adoption
	$(BIN)/python -m bench.pages

.PHONY: evaluate
evaluate: setup-dev ## Decide simulated corpora and compare with what an accountant would; fails under the goals
	$(BIN)/python -m tests.corpus.evaluate

.PHONY: chaos
chaos: setup-dev ## Kill processes at random while payers pay, then count every đồng (MINUTES=3 SEED=…)
	$(BIN)/python -m tests.simulation.chaos $(or $(MINUTES),3) $(SEED)

.PHONY: year
year: setup-dev ## Let the sample district live a school year in batch, then compare every figure with the truth (MONTHS=9 SEED=7)
	$(BIN)/python -m tests.simulation.year $(or $(MONTHS),9) $(or $(SEED),7)

.PHONY: screenshots
screenshots: setup-dev ## Take pictures of every page for docs/screenshots, as each role (starts a sample district of its own)
	$(BIN)/python -m tests.e2e.screenshots

.PHONY: lock
lock: ## Resolve the dependencies again (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra local --extra build pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock
