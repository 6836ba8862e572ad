# minikafka: everything a person runs. `make` alone lists it.
#
# The tools live in a virtual environment, .venv, made on first use with the versions of requirements.lock.

VENV ?= .venv
RUN := $(VENV)/bin
READY := $(VENV)/.ready
LAB ?= $(firstword $(sort $(wildcard labs/*.ipynb)))

# The first Python from 3.11 on that can make a virtual environment.
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$python -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null \
	&& { echo $$python; break; }; done)

.DEFAULT_GOAL := help
.PHONY: help lab demo test bench story rewrite seeds tour lint clean

help:  ## list what can be done
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

lab: $(READY)  ## open the first lab in JupyterLab (another one: LAB=labs/name.ipynb)
	$(RUN)/jupyter lab --ContentsManager.pre_save_hook=minikafka.classroom.saving.as_to_be_reopened $(LAB)

demo: $(READY)  ## watch the flights live through a leader's death, as text
	$(RUN)/minikafka demo

test: $(READY)  ## run every test: rooms, stories, laws, labs, house rules (some of them: ONLY=tests/rooms)
	$(RUN)/python -m pytest $(ONLY)

bench: $(READY)  ## measure the speed ratios alone, with their table
	$(RUN)/python -m pytest tests/bench

story: $(READY)  ## run one story and print its transcript: NAME=acks_all (all: without NAME)
	$(RUN)/minikafka story $(NAME)

rewrite: $(READY)  ## write the stories' transcripts anew (commit only what you can explain)
	$(RUN)/minikafka story --rewrite

seeds: $(READY)  ## run N seeded storms, 100 unless told (N=300)
	$(RUN)/minikafka storm --seeds $(or $(N),100)

tour: $(READY)  ## draw the floors, collect the fidelity ledger and the guarantees anew, from the code
	$(RUN)/python course/tools/floors.py
	$(RUN)/python course/tools/fidelity.py
	$(RUN)/python course/tools/guarantees.py
	$(RUN)/python course/tools/chapters.py

lint: $(READY)  ## the two fast checks alone: ruff, and imports go down only
	$(RUN)/ruff check
	$(RUN)/lint-imports

clean:  ## take away the virtual environment and the caches
	rm -rf $(VENV) .pytest_cache .ruff_cache .import_linter_cache .benchmarks *.egg-info
	find minikafka tests course -name __pycache__ -prune -exec rm -rf {} +

$(READY): pyproject.toml requirements.lock
	@test -n "$(PYTHON)" || { echo "No Python from 3.11 to 3.14 with the venv module was found. Install one" \
	  "(Debian, Ubuntu: apt install python3 python3-venv), or name yours: make $(MAKECMDGOALS) PYTHON=/path/to/python"; exit 1; }
	@echo "Setting up $(VENV) with $(PYTHON): about a minute, once."
	@$(PYTHON) -m venv --clear $(VENV)
	@$(RUN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock -e ".[labs,tests]"
	@PATH="$(abspath $(RUN)):$$PATH" bash binder/postBuild
	@touch $(READY)
