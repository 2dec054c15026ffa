# Two commands are enough: `make run` and `make test`. Every recipe is one line; the longer ones are scripts in .ci/.
SHELL := /bin/bash
BIN := .venv/bin
.PHONY: install run worker test check lint types bench bench-micro bench-peers coverage soak schema docs lock sbom help

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: .venv/run.stamp  ## install the gateway and its dependencies

.venv/run.stamp: requirements.lock pyproject.toml
	.ci/install requirements.lock $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml
	.ci/install requirements-dev.lock $@ && touch .venv/run.stamp

tests/tools/node_modules/.stamp: tests/tools/package-lock.json
	.ci/install-tools

benchmarks/peers/node_modules/.stamp: benchmarks/peers/package-lock.json
	.ci/install-peers

run: .venv/run.stamp  ## serve the demo shop on http://127.0.0.1:8000 (PORT=8001 for another port)
	@exec $(BIN)/gateway demo --serve

worker: .venv/run.stamp  ## delivers webhooks, runs jobs and maintenance
	@exec $(BIN)/gateway worker

test: .venv/dev.stamp tests/tools/node_modules/.stamp  ## run every check and every test
	.ci/test

check: .venv/dev.stamp lint types  ## check style, types and imports
	$(BIN)/lint-imports

lint: .venv/dev.stamp  ## check the style
	$(BIN)/ruff check && $(BIN)/ruff format --check

types: .venv/dev.stamp  ## check the types
	$(BIN)/mypy

bench: .venv/dev.stamp  ## measure CPU and latency beside others, into benchmarks/report.md (BENCH="--only order-page", BENCH=--quick)
	$(BIN)/python -m benchmarks $(BENCH)

bench-micro: .venv/dev.stamp  ## measure the engine step by step, with new and with known documents
	$(BIN)/pytest tests/execution/test_speed.py --benchmark-enable --benchmark-columns=median,iqr,ops,rounds

bench-peers: .venv/dev.stamp benchmarks/peers/node_modules/.stamp  ## as bench, with PostGraphile and mercurius
	$(BIN)/python -m benchmarks $(BENCH)

coverage: .venv/dev.stamp  ## run the tests with line coverage (a third slower)
	$(BIN)/pytest -n 2 --dist loadfile --no-loadscope-reorder --cov --cov-report=term:skip-covered

soak: .venv/dev.stamp  ## run the long tests: a million products, more examples
	.ci/soak

schema: .venv/dev.stamp  ## print the GraphQL schema into schema/schema.graphql
	$(BIN)/gateway schema > schema/schema.graphql

docs: .venv/dev.stamp  ## write the generated tables of docs/
	$(BIN)/python -m docs.generate

lock: .venv/dev.stamp  ## resolve pyproject.toml into the lock files
	.ci/lock

sbom: .venv/dev.stamp  ## write the bill of materials into sbom.cdx.json, as CycloneDX (LOCK=requirements-carriers.lock: with carriers)
	$(BIN)/python -m docs.sbom $(or $(LOCK),requirements.lock) > sbom.cdx.json
