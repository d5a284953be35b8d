# make demo   one fix-it run with the embedded model, nothing prepared
# make test   everything that must hold: build, style, types, Rust tests, Python tests

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/.stamps
RUST   := $(shell find rust_tools -name '*.rs' -o -name Cargo.toml -o -name Cargo.lock -not -path '*/target/*')

.DEFAULT_GOAL := help
.PHONY: help install demo test lint types rust plugin pytest e2e studio browser fleet gate kills fuzz local snapshots bench clean

help: ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

install: $(STAMPS)/built ## make the environment and build the native module

demo: $(STAMPS)/built ## fetch the 0.5B model and let the team repair examples/sample
	@$(BIN)/python examples/demo.py

test: $(STAMPS)/built lint types rust plugin pytest ## the gate

lint: $(STAMPS)/built ## style and import arrows
	@echo "== style"
	@$(BIN)/ruff format --check -q .
	@$(BIN)/ruff check -q .
	@$(BIN)/lint-imports --no-cache > $(STAMPS)/imports.log || { cat $(STAMPS)/imports.log; exit 1; }

types: $(STAMPS)/built ## types, and the native module's face against its stubs
	@echo "== types"
	@$(BIN)/mypy
	@$(BIN)/python -m mypy.stubtest tools._native

rust: $(STAMPS)/built ## Rust style, lints, tests
	@echo "== rust"
	@cd rust_tools && cargo fmt --check
	@cd rust_tools && cargo clippy --release --all-targets --locked -q -- -D warnings
	@cd rust_tools && cargo test --release --locked -q -p orchestrator_tools

plugin: $(STAMPS)/plugin ## the plugin of OpenCode: types, unit tests
	@echo "== plugin"
	@cd plugin && npm test --silent > ../$(STAMPS)/plugin.log 2>&1 || { cat ../$(STAMPS)/plugin.log; exit 1; }

$(STAMPS)/plugin: plugin/package.json plugin/package-lock.json | $(STAMPS)/built
	@cd plugin && npm ci --no-audit --no-fund --silent
	@touch $@

e2e: $(STAMPS)/built $(STAMPS)/plugin $(STAMPS)/opencode ## the packed plugin in the real OpenCode (needs npm and tmux)
	@$(BIN)/pytest -q -m opencode tests/opencode

studio: $(STAMPS)/built ## LangGraph Studio's server on real runs (installs the extra `studio`)
	@$(BIN)/pip install -q 'langgraph-cli[inmem]>=0.4.40,<0.5'
	@$(BIN)/pytest -q -m studio tests/studio

$(STAMPS)/opencode: tests/opencode/package.json | $(STAMPS)/built
	@cd tests/opencode && npm install --no-audit --no-fund --silent
	@touch $@

pytest: $(STAMPS)/built ## Python tests
	@echo "== tests"
	@$(BIN)/pytest -q -n 2 --dist worksteal -m "not local_model and not opencode and not studio and not browser and not fleet"

browser: $(STAMPS)/built ## the page of a run in a real browser (needs chromium; CHROMIUM=/path/to/it)
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[browser]'
	@$(BIN)/pytest -q -m browser tests/browser

fleet: $(STAMPS)/built ## many runs, workers that die, a PostgreSQL that is stopped (needs postgresql); the long one: make fleet LONG=1
	@$(BIN)/pytest -q -m fleet tests/fleet
	@$(if $(LONG),$(BIN)/python -m tests.fleet,true)

gate: $(STAMPS)/built ## every fault at every seat of the team, and 300 pairs; one alone: make gate ONLY=T7/…
	@$(BIN)/python -m tests.faults $(if $(ONLY),--only '$(ONLY)',--results $(STAMPS)/gate.jsonl)

kills: $(STAMPS)/built ## a run is killed at every request and at 200 instants, and must end as ever; one alone: make kills ONLY=SIGKILL/asked/3
	@$(BIN)/python -m tests.crash $(if $(ONLY),--only '$(ONLY)',--results $(STAMPS)/kills.jsonl)

fuzz: ## five minutes of each fuzz target (needs a nightly toolchain and: cargo install cargo-fuzz)
	@cd rust_tools/fuzz && for target in edit_ladder diff_parser index_decoder query_parser; do \
		mkdir -p target/corpus/$$target && \
		cargo +nightly fuzz run $$target target/corpus/$$target corpus/$$target -- -max_total_time=300 -max_len=4096 || exit 1; \
	done

local: $(STAMPS)/built ## tests with the real embedded model (fetch it first: orchestrator model fetch local)
	@$(BIN)/pytest -q -m local_model

snapshots: $(STAMPS)/built ## renew snapshots; read the diff before you commit it
	@$(BIN)/pytest --snapshot-update -q

bench: $(STAMPS)/built ## costs of the harness, see docs/BENCHMARKS.md
	@$(BIN)/python bench/harness.py

clean: ## remove the environment and build results
	rm -rf $(VENV) rust_tools/target

$(STAMPS)/python:
	@echo "== environment ($(VENV))"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 2; }
	@command -v cargo > /dev/null || { echo "cargo is needed to build the native module: https://rustup.rs"; exit 2; }
	@$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS)
	@touch $@

$(STAMPS)/built: $(STAMPS)/python pyproject.toml $(RUST)
	@echo "== build (the first one compiles the native module: several minutes)"
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[local,test]'
	@touch $@
