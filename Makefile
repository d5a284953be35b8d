# make demo   one fix-it run with the embedded model, nothing prepared
# make test   everything that must hold: build, style, types, Rust tests, Python tests

PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMPS := $(VENV)/.stamps
TARGETS ?= x86_64-unknown-linux-gnu aarch64-unknown-linux-gnu
RUST   := $(shell find rust_tools -name '*.rs' -o -name Cargo.toml -o -name Cargo.lock -not -path '*/target/*')

# Tests with a target of their own.
SEPARATE := local_model or opencode or studio or browser or notebooks or terminal or package or pages or fleet

.DEFAULT_GOAL := help
.PHONY: help install demo test lint types rust plugin pytest e2e studio browser notebooks gate kills fuzz local snapshots bench terminal picture benchmarks docs try-docs spell man wheels package lock audit sbom workflows verify house fleet clean

help: ## show this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

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
	@$(BIN)/pytest -q -n 2 --dist worksteal -m "not ($(SEPARATE))"

browser: $(STAMPS)/built $(STAMPS)/axe docs ## the pages of runs and the site in a real browser (needs npm and chromium; CHROMIUM=/path/to/it)
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[browser]'
	@$(BIN)/pytest -q -m browser tests/browser

notebooks: $(STAMPS)/built ## every notebook on the recorded runs; renew what they show: python notebooks/execute.py
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[browser,notebooks]'
	@$(BIN)/pytest -q -m notebooks tests/notebooks

terminal: $(STAMPS)/built ## a run in a real terminal (needs tmux)
	@$(BIN)/pytest -q -m terminal tests/terminal

$(STAMPS)/axe: tests/browser/package.json | $(STAMPS)/built
	@cd tests/browser && npm install --no-audit --no-fund --silent
	@touch $@

picture: $(STAMPS)/built ## the README's picture from docs/run.jsonl; from a run of yours: make picture RUN=last
	@$(BIN)/python examples/picture.py $(RUN)

fleet: $(STAMPS)/built ## many runs, workers that die, a PostgreSQL that is stopped (needs postgresql); the long one: make fleet LONG=1
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[fleet-test]'
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

docs: $(STAMPS)/docs build/site/node_modules ## the documentation as a site, strictly, into site/ (fetches Mermaid from npm once)
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict -q
	@$(BIN)/python upkeep/links.py site
	@echo "written: site/index.html"

build/site/node_modules:
	@npm install --prefix build/site --no-audit --no-fund --silent mermaid@11.17.2

try-docs: $(STAMPS)/built ## every block of the documentation that is marked as runnable is run; MODEL=local for a real model
	@$(BIN)/pytest -q -m pages tests/pages
	@$(BIN)/python -m tests.pages $(if $(MODEL),--model $(MODEL)) $(PAGES)

spell: $(STAMPS)/docs ## spelling of documentation, comments and messages
	@$(BIN)/codespell *.md *.yml docs upkeep orchestrator graph nodes models tools workspace prompts plugin/src bench examples

man: $(STAMPS)/docs ## the man page, into build/orchestrator.1
	@mkdir -p build
	@$(BIN)/argparse-manpage --module orchestrator.arguments --function whole_parser --prog orchestrator \
		--project-name opencode-orchestrator --manual-title "User commands" --format single-commands-section \
		--description "six agents that change code until executed checks say that it works" \
		--include upkeep/manual.txt --output build/orchestrator.1
	@echo "written: build/orchestrator.1 (read it: man -l build/orchestrator.1)"

wheels: $(STAMPS)/release ## wheels for x86-64 and ARM64 Linux (abi3, manylinux_2_28) and the sdist, into dist/
	@for target in $(TARGETS); do \
		rustup target add $$target && \
		PATH="$(abspath $(BIN)):$$PATH" maturin build --release --zig --target $$target \
			--compatibility manylinux_2_28 --out dist || exit 1; \
	done
	@$(BIN)/maturin sdist --out dist

package: $(STAMPS)/release ## the wheel in clean environments of each Python here (compiles it; WHEEL=dist/….whl for a ready one)
	@$(if $(WHEEL),WHEEL=$(abspath $(WHEEL))) $(BIN)/pytest -q -m package tests/package

lock: $(STAMPS)/release ## renew .ci/requirements.txt: what CI installs, with hashes
	@$(BIN)/uv pip compile pyproject.toml --extra local --extra test --extra docs --universal --python-version 3.11 \
		--generate-hashes --upgrade -q -o .ci/requirements.txt

audit: $(STAMPS)/release ## known faults of what is depended on (needs the advisory databases, and cargo install cargo-deny)
	@$(BIN)/pip-audit -r .ci/requirements.txt --disable-pip --strict
	@cd rust_tools && cargo deny check
	@cd plugin && npm audit

sbom: $(STAMPS)/release ## bills of materials (CycloneDX) of the Python side, the native module, the plugin, into dist/
	@mkdir -p dist
	@$(BIN)/cyclonedx-py requirements .ci/requirements.txt --pyproject pyproject.toml --output-reproducible \
		--of JSON -o dist/sbom-python.json 2> /dev/null
	@$(BIN)/python upkeep/crates_sbom.py dist/sbom-crates.json
	@cd plugin && npm sbom --sbom-format cyclonedx --package-lock-only --omit dev > ../dist/sbom-plugin.json

workflows: $(STAMPS)/release ## workflows, action, issue forms and Dockerfile against their schemas and linters
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.github-issue-forms .github/ISSUE_TEMPLATE/*.yml
	@$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	@$(BIN)/zizmor --offline --quiet --min-severity medium .
	@$(BIN)/hadolint Dockerfile

benchmarks: $(STAMPS)/built ## every figure of docs/ anew (a night; it goes on where it was stopped); one section: make benchmarks ONLY=soak
	@$(BIN)/python upkeep/benchmarks.py $(ONLY)

verify: ## every promise with its command, figure and target, as a table (hours); one alone: make verify ONLY=docs
	@$(PYTHON) upkeep/verify.py $(ONLY)

house: ## the longest files and functions, and passages that stand twice
	@$(PYTHON) upkeep/house.py

clean: ## remove the environment and build results
	rm -rf $(VENV) rust_tools/target build dist site

# An extra by itself: installing the project again would compile the native module again.
$(STAMPS)/docs $(STAMPS)/release: pyproject.toml | $(STAMPS)/built
	@$(BIN)/python upkeep/extra.py $(notdir $@) | $(BIN)/pip install -q --disable-pip-version-check -r /dev/stdin
	@touch $@

$(STAMPS)/python:
	@echo "== environment ($(VENV))"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 2; }
	@command -v cargo > /dev/null || { echo "cargo is needed to build the native module: https://rustup.rs"; exit 2; }
	@$(PYTHON) -m venv $(VENV)
	@mkdir -p $(STAMPS)
	@touch $@

$(STAMPS)/built: $(STAMPS)/python pyproject.toml $(RUST)
	@echo "== build (the first one compiles the native module: several minutes)"
	@$(if $(LOCKED),$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r .ci/requirements.txt)
	@$(BIN)/pip install -q --disable-pip-version-check -e '.[local,test]'
	@touch $@
