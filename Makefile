# Needs Python 3.11 or newer, make and a package registry. `make demo` does the rest.

PORT ?= 8000
GROUP ?=
URL ?= http://127.0.0.1:$(PORT)/
SUITABLE := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c '$(SUITABLE)' >/dev/null 2>&1 && echo $$p && break; done)
VENV := .venv/bin
MANAGE := $(VENV)/python manage.py
# Named after the lock, so that a changed lock is installed and an unchanged one costs nothing.
STAMP := .venv/installed-$(shell cksum < requirements-dev.txt | tr ' ' '-')
TEMPLATES = $(shell find . -name '*.html' -path '*/templates/*' -not -path './.venv/*')

.DEFAULT_GOAL := help
.PHONY: help install demo demo-reset stop test soak lint bench lighthouse messages

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 14

install: $(STAMP) ## make .venv and install the locked packages into it

$(STAMP):
	@test -n "$(PYTHON)" || { echo "需要 Python 3.11 或更高版本。 Python 3.11 or newer is needed."; exit 1; }
	@$(VENV)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv || { rm -rf .venv; \
		echo "无法创建虚拟环境；Debian/Ubuntu 请先执行 apt-get install python3-venv 。"; \
		echo "No virtual environment can be made; on Debian or Ubuntu: apt-get install python3-venv"; exit 1; }
	$(VENV)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@rm -f .venv/installed-* && touch $@

demo: install ## load the demonstration and run the portal on PORT (8000) until Ctrl-C
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) demo
	@$(MANAGE) collectstatic --noinput --verbosity 0
	@$(MANAGE) demo --accounts
	@$(MANAGE) serve --port $(PORT)

demo-reset: install ## delete the demonstration's database and uploads; the next `make demo` begins anew
	@$(MANAGE) stop --delete-data

stop: install ## end a portal and a database left running
	@$(MANAGE) stop

test: install ## run the tests; the browser tests need Chromium
	$(VENV)/pytest -n 2 --dist worksteal

soak: install ## run the races, storms, kills and fuzz tests at length
	PORTAL_SOAK=1 $(VENV)/pytest -m soak

lint: install ## check style, types, templates, migrations and the settings of production
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy
	$(if $(TEMPLATES),$(VENV)/djade --target-version 5.2 --check $(TEMPLATES))
	$(MANAGE) makemigrations --check --dry-run
	$(MANAGE) check --database default --fail-level WARNING
	deploy/with-throwaway-secrets $(MANAGE) check --deploy --fail-level WARNING

bench: install ## measure against the aims; GROUP=name for one group; writes bench-results.json
	@$(MANAGE) bench $(if $(GROUP),--group $(GROUP))

lighthouse: ## measure the first view of URL (the running demonstration) with Lighthouse, median of five; needs node
	@$(PYTHON) deploy/lighthouse.py $(URL)

messages: install ## collect the texts to translate and compile the catalogue; lists those without Chinese
	@$(MANAGE) messages
