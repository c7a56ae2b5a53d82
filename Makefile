# Every target sets up .venv first; a second run finds it done. The work is in scripts/, so that paths may hold spaces.

PYTHON = .venv/bin/python
# Each test process keeps to one thread: two processes on two cores, not two fighting pools.
ONE_THREAD = OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
# More options for the command, for example: make test ARGS="-k carryover"
ARGS =

.PHONY: help setup demo test lint format bench bench-peers validate clean

help:
	@echo "make demo         set up, then fit the demo market and write reports/demo.pdf"
	@echo "make test         set up, then run the tests"
	@echo "make setup        only set up .venv"
	@echo "make lint         check style and types"
	@echo "make format       format the sources"
	@echo "make bench        measure speed and quality, without peers"
	@echo "make bench-peers  the same, with the peers beside each figure"
	@echo "make validate     the slow statistical checks"
	@echo "make clean        remove .venv, .tools and what the tools cached"

setup:
	@sh scripts/setup.sh

demo: setup
	@$(PYTHON) -m mixcurve demo $(ARGS)

test: setup
	$(ONE_THREAD) $(PYTHON) -m pytest -n 2 $(ARGS)

lint: setup
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

format: setup
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

bench: setup
	@$(ONE_THREAD) $(PYTHON) benchmarks/run.py $(ARGS)

bench-peers: setup
	@$(ONE_THREAD) $(PYTHON) benchmarks/run.py --peers $(ARGS)

validate: setup
	@$(ONE_THREAD) $(PYTHON) benchmarks/run.py --validate $(ARGS)

clean:
	rm -rf .venv .tools .pytest_cache .ruff_cache .mypy_cache .hypothesis build mixcurve.egg-info
