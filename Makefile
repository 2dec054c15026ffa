# Two commands are enough: `make run` and `make test`. Every recipe is one line; the longer ones are scripts in .ci/.
SHELL := /bin/bash
BIN := .venv/bin
.PHONY: install run worker test check lint types bench bench-micro bench-peers coverage soak schema docs lock sbom help

help:  ## what there is to make
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: .venv/run.stamp  ## the gateway and what it needs to run

.venv/run.stamp: requirements.lock pyproject.toml
	.ci/install requirements.lock $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml
	.ci/install requirements-dev.lock $@ && touch .venv/run.stamp

tests/tools/node_modules/.stamp: tests/tools/package-lock.json
	.ci/install-tools

benchmarks/peers/node_modules/.stamp: benchmarks/peers/package-lock.json
	.ci/install-peers

run: .venv/run.stamp  ## the demo shop, served on http://127.0.0.1:8000 (PORT=8001 for another port)
	@exec $(BIN)/gateway demo --serve

worker: .venv/run.stamp  ## sends webhooks and keeps house beside servers of more than one process
	@exec $(BIN)/gateway worker

test: .venv/dev.stamp tests/tools/node_modules/.stamp  ## every check and every test
	.ci/test

check: .venv/dev.stamp lint types  ## lint, types, and who may import whom
	$(BIN)/lint-imports

lint: .venv/dev.stamp  ## style
	$(BIN)/ruff check && $(BIN)/ruff format --check

types: .venv/dev.stamp  ## strict typing
	$(BIN)/mypy

bench: .venv/dev.stamp  ## CPU and latency beside others, written to benchmarks/report.md (BENCH="--only order-page", BENCH=--quick)
	$(BIN)/python -m benchmarks $(BENCH)

bench-micro: .venv/dev.stamp  ## what a new document and a known one cost the engine, step by step
	$(BIN)/pytest tests/execution/test_speed.py --benchmark-enable --benchmark-columns=median,iqr,ops,rounds

bench-peers: .venv/dev.stamp benchmarks/peers/node_modules/.stamp  ## the same, PostGraphile and mercurius installed first
	$(BIN)/python -m benchmarks $(BENCH)

coverage: .venv/dev.stamp  ## which lines the tests have run; watching them takes a third longer
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered

soak: .venv/dev.stamp  ## the long forms: a million products, more examples
	.ci/soak

schema: .venv/dev.stamp  ## print the GraphQL schema into schema/schema.graphql
	$(BIN)/gateway schema > schema/schema.graphql

docs: .venv/dev.stamp  ## write the tables of docs/ that follow from the code
	$(BIN)/python -m docs.generate

lock: .venv/dev.stamp  ## resolve pyproject.toml into the two locks again
	.ci/lock

sbom: .venv/dev.stamp  ## write what is shipped into sbom.cdx.json, as CycloneDX (LOCK=requirements-carriers.lock: with carriers)
	$(BIN)/python -m docs.sbom $(or $(LOCK),requirements.lock) > sbom.cdx.json
