# Everything a developer or a newcomer runs. `make help` lists the targets.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?=
VENV := .venv
BIN := $(VENV)/bin
SECONDS ?=
WORKERS ?= logical

SDK_ENVS := $(patsubst requirements/sdk-envs/%.txt,.venvs/%/.ready,$(wildcard requirements/sdk-envs/*.txt))
UI_BUILT := src/pitwall/server/ui/index.html
UI_SOURCES := $(shell find ui/src ui/public ui/index.html ui/vite.config.ts ui/postcss.config.cjs -type f 2>/dev/null)
DEMO_VENV := .venv-demo
DEMO_LOCK := examples/voc_chat/requirements.txt

# In processes of their own: Playwright keeps an event loop running in its thread, and asyncio allows no second one there.
BROWSER_TESTS := tests/e2e/ui
FAULT_TESTS := $(addprefix tests/e2e/test_,kill_9.py disk_full.py remote_store.py clock.py examples_demo.py)

.PHONY: help
help: ## List all targets
	@awk -F ':.*## ' '/^[a-z][a-z-]*:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(BIN)/.ready ## Create .venv from the lock; quick when nothing changed

$(BIN)/.ready: requirements/dev.txt requirements/tools.txt pyproject.toml
	@PYTHON="$(PYTHON)" scripts/bootstrap.sh $(VENV) requirements/dev.txt
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q -j 0 src
	@touch $@

.PHONY: setup-system
setup-system: ## Install the system programs that tests use (as root on Debian; else names them)
	@scripts/system_packages.sh promtool=prometheus prometheus-alertmanager=prometheus-alertmanager curl=curl redis-server=redis-server psql=postgresql node=nodejs npm=npm chromium=chromium \
		/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc=fonts-noto-cjk

.PHONY: setup-sdk-envs
setup-sdk-envs: $(SDK_ENVS) ## Create the environments of the unmodified SDKs that tests use

.venvs/%/.ready: requirements/sdk-envs/%.txt $(BIN)/.ready
	@PYTHON="$(BIN)/python" scripts/bootstrap.sh .venvs/$* $<
	@touch $@

.PHONY: setup-demo
setup-demo: $(DEMO_VENV)/bin/.ready ## Create the environment of the VOC example

$(DEMO_VENV)/bin/.ready: $(DEMO_LOCK) $(BIN)/.ready
	@PYTHON="$(BIN)/python" scripts/bootstrap.sh $(DEMO_VENV) $(DEMO_LOCK)
	@site=$$($(DEMO_VENV)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); \
		echo "$(CURDIR)/src" > "$$site/pitwall-source.pth"
	@touch $@

ui/node_modules/.ready: ui/package-lock.json ui/package.json
	@command -v npm >/dev/null || { echo "setup: npm (Node 20.19 or newer) is needed to build the UI" >&2; exit 1; }
	@cd ui && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

.PHONY: ui
ui: $(UI_BUILT) ## Build the user interface that the server serves

$(UI_BUILT): ui/node_modules/.ready $(UI_SOURCES)
	@cd ui && npm run --silent build -- --logLevel warn
	@touch $@

.PHONY: ui-api
ui-api: setup ui/node_modules/.ready ## Generate the UI's types from the server's OpenAPI description
	@$(BIN)/python scripts/openapi.py build/openapi.json
	@cd ui && npm run --silent api -- --silent

.PHONY: test-ui
test-ui: ui/node_modules/.ready ui ## Check style, types and the component tests of the user interface
	@cd ui && npm run --silent lint && npm run --silent types && npm run --silent test

.PHONY: test
test: setup setup-system ## Set up everything, then check style and types and run every test
	@$(MAKE) --jobs=2 --output-sync=target lint types test-ui setup-sdk-envs setup-demo
	@status=0; \
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not bench" --ignore $(BROWSER_TESTS) || status=1; \
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(BROWSER_TESTS) || status=1; \
	exit $$status

.PHONY: test-faults
test-faults: setup setup-demo ## Run the long fault tests: kill -9, full disk, lost store, clock jumps, the demo
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(FAULT_TESTS)

.PHONY: lint
lint: setup ## Check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .

.PHONY: types
types: setup ## Check types strictly
	@$(BIN)/mypy

.PHONY: format
format: setup ## Format the code and sort imports
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

.PHONY: demo
demo: setup setup-demo ui ## Run Pitwall with a real RAG application and traffic; SECONDS=60 stops by itself
	@exec $(BIN)/python examples/demo.py $(if $(SECONDS),--seconds $(SECONDS))

.PHONY: bench
bench: setup ui ## Measure the budgets of DESIGN section 9, about 43 min; leaves out signals, memory, alerts, alerts.fresh, anomaly, groundedness, peers, peers.eval, peers.trackers
	@$(BIN)/python benchmarks/run.py

.PHONY: bench-peers
bench-peers: setup ## Measure beside other products, each in its own environment, about 32 min
	@$(BIN)/python benchmarks/run.py --peers

.PHONY: bench-all
bench-all: setup ui ## Measure every bar there is: bench, signals, memory (an hour of questions), alerts, anomaly, peers; about 162 min
	@$(BIN)/python benchmarks/run.py --all

.PHONY: lock
lock: setup ## Resolve the dependencies again and write the hash-pinned locks
	@$(BIN)/python scripts/lock.py

.PHONY: clean
clean: ## Remove environments, caches and build results
	@rm -rf $(VENV) $(DEMO_VENV) .venvs ui/node_modules src/pitwall/server/ui .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist
	@find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
