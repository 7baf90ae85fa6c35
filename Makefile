# Everything runs in .venv, made from PYTHON; it is brought up to date when pyproject.toml or constraints.txt changes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
QUICK := not slow and not mnist and not backends and not browser and not ray
BENCHMARKS := reading pictures backends post_as_written

SHELL := bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

.PHONY: help setup demo test check lint format bench bench-lines bench-serving bench-reading bench-bulk bench-robustness lock clean

help:  ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(VENV)/installed-train,test  ## make .venv with what training and the tests need

demo: $(VENV)/installed-train  ## the main job: train the post's network, measure it, read the sample pictures
	@$(BIN)/sonsu demo

test: $(VENV)/installed-train,test  ## the quick tests: nothing but the packages is downloaded
	@$(BIN)/pytest -q -n auto --dist worksteal -m '$(QUICK)'

check: lint test  ## what a change must pass: format, lint, types, tests, doctests

lint: $(VENV)/installed-train,test  ## format, lint and types
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy

format: $(VENV)/installed-train,test  ## put the code into the house's form
	@$(BIN)/ruff check --fix --exit-zero --quiet .
	@$(BIN)/ruff format .

bench: $(VENV)/installed-jax,torch,test  ## measure again what the docs claim (an hour on two cores)
	@for name in $(BENCHMARKS); do \
	  script="benchmarks/$$name.py"; \
	  if [[ -f $$script ]]; then echo "== $$script"; $(BIN)/python "$$script" --out docs/benchmarks; fi; \
	done

bench-lines: $(VENV)/installed-train,test  ## measure how lines, pages and forms are read (minutes)
	@$(BIN)/python benchmarks/lines.py --n 40 --out docs/benchmarks

bench-reading: $(VENV)/installed-train,test  ## measure how fast reading is, beside Keras, the usual road and Tesseract
	@$(BIN)/python benchmarks/reading.py --out docs/benchmarks
	@$(BIN)/python benchmarks/throughput.py --out docs/benchmarks

bench-bulk: $(VENV)/installed-train,test  ## measure very many pictures: rate, memory, cost
	@$(BIN)/python benchmarks/bulk.py --out docs/benchmarks

bench-serving: $(VENV)/installed-train,test  ## measure the server beside keras + FastAPI (minutes; needs wrk, chromium)
	@$(BIN)/python benchmarks/serving.py --out docs/benchmarks

bench-robustness: $(VENV)/installed-train,test  ## measure docs/robustness.md again (minutes; the first time trains two networks)
	@$(BIN)/python benchmarks/robustness.py

bench-accuracy: $(VENV)/installed-train,test  ## measure every recipe again, five seeds each (hours; goes on where it was)
	@$(BIN)/python benchmarks/accuracy.py

bench-training: $(VENV)/installed-train,test  ## measure the time to accuracy, ten seeds (an hour; goes on where it was)
	@$(BIN)/python benchmarks/training.py

bench-ablation: $(VENV)/installed-train,test  ## measure what each kind of distortion is worth (an hour; goes on where it was)
	@$(BIN)/python benchmarks/ablation.py

lock:  ## write constraints.txt again with the newest versions (needs uv)
	@{ echo '# The exact version of every package of every extra, for Python 3.11 to 3.13 on any system:'; \
	  echo "#   pip install -c constraints.txt -e '.[train,test]'"; \
	  echo '# Made from pyproject.toml by `make lock`.'; \
	  uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --fork-strategy fewest --all-extras \
	    --no-annotate --no-header; } > constraints.new && mv constraints.new constraints.txt

clean:  ## remove .venv and what the tools left
	@rm -rf $(VENV) build dist .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache

$(BIN)/pip:
	@command -v $(PYTHON) >/dev/null || { \
	  echo 'sonsu needs Python 3.11 or newer, and there is no $(PYTHON)' >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "sonsu needs Python 3.11 or newer, and $(PYTHON) is $$($(PYTHON) -V). If you have another, name it:" >&2; \
	  echo "  make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) -V)"
	@$(PYTHON) -m venv $(VENV)

# installed-EXTRAS is an empty file, as new as the last installation. Of pip's words the large files are shown, and the
# last ones where it fails.
$(VENV)/installed-%: pyproject.toml constraints.txt | $(BIN)/pip
	@echo 'Installing sonsu[$*]'
	@set -o pipefail; \
	$(BIN)/pip install --disable-pip-version-check --constraint constraints.txt --editable '.[$*]' 2>&1 \
	  | tee $(VENV)/pip.log \
	  | { grep --line-buffered -oE '(Downloading|Using cached) [^ ]+ \([0-9.]{4,} MB\)|^Installing collected packages' \
	      || true; } \
	  || { tail -n 20 $(VENV)/pip.log >&2; exit 1; }
	@touch '$@'
