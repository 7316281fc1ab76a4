# `make demo` and `make test` are all a new user needs; both make .venv first.

PYTHON ?= python3
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo install test check lint bench schema templates lock clean

help: ## list these targets
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST)

demo: .venv/.ready ## crawl a section of the embedded site and show what came out
	@$(BIN)/python scripts/demo.py

install: .venv/.ready-to-report ## make .venv with all that a server runs, the report included

# Three at a time on two cores: many tests wait for a pause of the crawler.
test: .venv/.ready-to-test lint ## check style and types, run every test
	$(BIN)/python -m pytest -n 3 --dist worksteal

check: .venv/.ready-to-test lint ## check style and types, run the tests that need no crawl
	$(BIN)/python -m pytest -n 2 --dist worksteal -m "not crawl"

lint: .venv/.ready-to-test ## check style and types
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: .venv/.ready-to-test ## measure a full crawl against a plain Scrapy spider
	$(BIN)/python benchmarks/throughput.py

schema: .venv/.ready ## write the JSON Schemas and the table of docs/output.md anew
	$(BIN)/scrapy schema --write

templates: .venv/.ready-to-test ## count the exactly parsed fields of each template anew, in docs/templates.md
	$(BIN)/python scripts/template_table.py

lock: .venv/.ready-to-test ## resolve the dependencies of pyproject.toml anew
	scripts/lock.sh

clean: ## remove what these targets made, but never output/
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .hypothesis

.venv/.ready: requirements.lock scripts/venv.sh
	@PYTHON='$(PYTHON)' sh scripts/venv.sh requirements.lock
	@touch $@

.venv/.ready-to-report: requirements-report.lock .venv/.ready
	@PYTHON='$(PYTHON)' sh scripts/venv.sh requirements-report.lock
	@touch $@

.venv/.ready-to-test: requirements-dev.lock .venv/.ready
	@PYTHON='$(PYTHON)' sh scripts/venv.sh requirements-dev.lock
	@touch $@
