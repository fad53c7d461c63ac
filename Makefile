# One environment for everything: .venv, with the exact versions of requirements.lock.
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test lint format docs recording screenshots languages bench torture compatible lock clean

help: ## show what there is to make
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(STAMP): requirements.lock pyproject.toml
	@echo "making the environment in .venv (a minute or two) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "frontback needs Python 3.11 or newer; name one: make PYTHON=python3.11")'
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP) ## train the default model and tag the two sample sheets
	@$(BIN)/frontback train
	@mkdir -p out
	$(BIN)/frontback batch corpus/samples/ofertas.csv -o out/ofertas.csv --overwrite
	$(BIN)/frontback batch corpus/samples/stillinger.xlsx -o out/stillinger.xlsx --overwrite
	@echo
	@echo "The tagged sheets lie in out/: open them in a spreadsheet. Next, try:"
	@echo "  $(BIN)/frontback tag \"Buscamos camarero/a para atender mesas y barra\""
	@echo "  $(BIN)/frontback batch YOUR_SHEET.xlsx -o tagged.xlsx"
	@echo "  $(BIN)/frontback --help"

test: $(STAMP) ## run the whole test suite
	@rm -f pipeline/__pycache__/*.nb* # numba's cache does not see a change in an imported kernel
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile

lint: $(STAMP) ## check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(STAMP) ## put the code into its standard form
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(STAMP) ## make the documentation a site: out/site/index.html
	@$(BIN)/python -m docs.site out/site

recording: $(STAMP) ## record a terminal anew: docs/recording.svg
	@$(BIN)/python -m docs.recording docs/recording.svg

screenshots: $(STAMP) ## take the pictures of the page anew: docs/screenshots (needs Chromium)
	@FRONTBACK_SCREENSHOTS=docs/screenshots $(BIN)/python -m pytest -q tests/test_page_first_hour.py

languages: $(STAMP) ## write the language profiles anew from word lists and corpus (a minute)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1" # knows groups
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group languages
	@$(BIN)/python -m pipeline.profiles.build

bench: $(STAMP) ## measure speed and memory beside what else one would use (ten minutes)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1" # knows groups
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group bench
	@$(BIN)/python -m benchmarks.speed

torture: $(STAMP) ## kill, tear, fill and race batches, Spark's workers too (half an hour)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "pip>=25.1" # knows groups
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --group spark -e '.[spark]'
	@$(BIN)/python -m pytest -q tests/test_cluster_spark.py
	@$(BIN)/python -m benchmarks.torture

compatible: $(STAMP) ## train with every Python there is, oldest and newest scikit-learn (minutes; needs uv)
	@FRONTBACK_COMPATIBLE=1 $(BIN)/python -m pytest -q tests/test_reproducible.py

lock: ## write requirements.lock anew from pyproject.toml (needs uv)
	@uv pip compile pyproject.toml --extra corpus --extra dask --extra sql --extra web --group dev --universal --python-version 3.11 \
		--no-annotate --no-header --no-emit-index-url --quiet --output-file requirements.lock

clean: ## remove the environment, models, outputs and caches
	@rm -rf .venv out build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find models -mindepth 1 ! -name README.md -delete
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
