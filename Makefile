# Everything a newcomer needs: `make demo` and `make test`. Both install what is missing first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
SLOW := slow or kernel or torch or keras or sandbox or hostile or catalogue

.PHONY: help setup bubblewrap demo test quick check format docs bench-battery bench-recorder bench-memory bench-throughput clean

help:
	@echo "make demo    grade the bundled sample class and show where the reports lie"
	@echo "make test    run every test"
	@echo "make quick   run the tests that need no framework, kernel or sandbox (seconds)"
	@echo "make check   formatting, lint, types, import contracts, spelling"
	@echo "make docs    write the generated pages anew"
	@echo "make bench-battery   write benchmarks/battery.md: how often what is found out is right"
	@echo "make bench-recorder  write benchmarks/recorder_overhead.md: what recording costs"
	@echo "make bench-memory    write benchmarks/supervisor_memory.md: memory over a large class"
	@echo "make bench-throughput  write benchmarks/throughput.md: how long a class takes, here and with others"
	@echo "make setup   install everything; the others do this by themselves"

setup: $(STAMP) bubblewrap

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "grader needs Python 3.11 to 3.13; name one: make PYTHON=python3.11"; exit 1; }
	@echo "installing pinned packages into $(VENV) (a few minutes the first time)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --constraint constraints.txt --editable ".[dev]"
	@touch $@

bubblewrap:
	@sh packaging/install-bubblewrap.sh

demo: setup
	@$(BIN)/grader demo

test: setup
	@$(BIN)/python -m pytest

quick: $(STAMP)
	@$(BIN)/python -m pytest -q -m "not ($(SLOW))"

check: $(STAMP)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/codespell

format: $(STAMP)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

docs: $(STAMP)
	@$(BIN)/python -m grader.report.schema > docs/schema/report.schema.json
	@$(BIN)/python -m grader.report.schema explanation > docs/schema/explanation.schema.json
	@$(BIN)/python -m grader.checks.page > docs/checks.md
	@$(BIN)/python -m grader.diagnoses.pages docs/rules

bench-battery: $(STAMP)
	@$(BIN)/python benchmarks/battery.py

bench-recorder: $(STAMP)
	@$(BIN)/python benchmarks/recorder_overhead.py

bench-memory: $(STAMP)
	@$(BIN)/python benchmarks/supervisor_memory.py

# OPTIONS="--quick" and the like; the run can be stopped and goes on where it was.
bench-throughput: setup
	@$(BIN)/python benchmarks/throughput $(OPTIONS)

clean:
	rm -rf $(VENV) demo-results build dist .pytest_cache .mypy_cache .ruff_cache
