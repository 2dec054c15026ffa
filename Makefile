# Two commands are enough: `make run` and `make test`. Every recipe is one line.
SHELL := /bin/bash
BIN := .venv/bin

.PHONY: install run worker test check lint types bench soak schema lock clean

install: .venv/run.stamp  ## the gateway and what it needs to run

.venv/run.stamp: requirements.lock pyproject.toml
	.ci/install requirements.lock $@

.venv/dev.stamp: requirements-dev.lock pyproject.toml
	.ci/install requirements-dev.lock $@ && touch .venv/run.stamp

lock:  ## resolve pyproject.toml into the two locks again
	.ci/lock
