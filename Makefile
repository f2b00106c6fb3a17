# All there is to do with the hub. "make help" lists it.
PORT ?= 8000
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
TESTS ?= tests
WORKERS ?= 2

.DEFAULT_GOAL := help

.PHONY: help
help: ## List what make can do
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-20s %s\n", $$1, $$2}'

# One stamp per list of libraries: a second run installs nothing.
$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "The hub needs Python 3.11 or newer; found $$($(PYTHON) --version). Set PYTHON=/path/to/python3."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Python cannot make virtual environments here. On Debian and Ubuntu: apt install python3-venv"; exit 1; }

$(VENV)/installed: requirements.txt | $(VENV)/bin/python
	@echo "Installing libraries (once) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/installed-dev: requirements.txt $(wildcard requirements-*.txt) | $(VENV)/bin/python
	@echo "Installing libraries for tests (once) ..."
	@$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $(VENV)/installed $@

.PHONY: demo
demo: $(VENV)/installed ## Set everything up with demo content and serve it (PORT=8000)
	@exec $(PY) manage.py demo --port $(PORT)

.PHONY: demo-again
demo-again: $(VENV)/installed ## Throw the demo's data away and begin again
	@rm -rf var
	@exec $(PY) manage.py demo --port $(PORT)

.PHONY: test
test: $(VENV)/installed-dev ## Run every test, in a real browser too (BROWSER=none leaves that out)
	@CHROMIUM="$$($(PY) tests/chromium.py)" || exit 1; \
	export CHROMIUM; \
	$(PY) -m pytest -q -n $(WORKERS) --dist loadscope $(TESTS)

.PHONY: test-postgres
test-postgres: $(VENV)/installed-dev ## Run the same tests on a PostgreSQL started for it
	@CHROMIUM="$$($(PY) tests/chromium.py)" || exit 1; \
	export CHROMIUM; \
	.ci/with-postgres $(PY) -m pytest -q -n $(WORKERS) --dist loadscope $(TESTS)

# The search page, the library and the doors that lead to them with PostgreSQL's own search in the place of the hub's
# engine. What another engine cannot do is left out by the marker own_engine, with its reason.
SEARCHED ?= tests/search/test_elsewhere.py tests/resources/test_library.py tests/resources/test_listing.py tests/test_doors.py
DOORS ?= test_elsewhere or test_library or test_listing or search or facets or suggestions or lists or hints
.PHONY: test-postgres-search
test-postgres-search: $(VENV)/installed-dev ## Run the tests of search and doors with SEARCH_URL=postgresql
	SEARCH_URL=postgresql .ci/with-postgres $(PY) -m pytest -q -n $(WORKERS) --dist loadscope $(SEARCHED) -k "$(DOORS)"

.PHONY: lint
lint: $(VENV)/installed-dev ## Check style, arrows between rooms, types, migrations and translations
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/djlint --quiet --lint templates
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy hub resources guidebooks events standards groups core members search
	$(PY) manage.py makemigrations --check --dry-run --settings hub.settings.test

.PHONY: messages
messages: $(VENV)/installed ## Collect and compile the words of the interface (needs gettext)
	$(PY) manage.py makemessages --all --no-location --no-obsolete --ignore .venv --ignore var
	$(PY) manage.py compilemessages --ignore .venv
