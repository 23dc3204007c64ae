# The targets people use; `make` lists them.
.DEFAULT_GOAL := help
CARGO ?= cargo
SHELL := /bin/bash

help: ## Lists the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

run: ## Runs everything with a tenant to try, data in ./data; providers may live on this machine
	WEFT_HTTP__ALLOW_PRIVATE=$${WEFT_HTTP__ALLOW_PRIVATE:-true} $(CARGO) run --release --bin weft -- up --demo

fleet: deps ## Runs every service as processes of its own on private PostgreSQL, NATS and Redis; data in ./data/fleet
	$(CARGO) build --release --locked --bin weft
	$(CARGO) run --release --locked --bin fleet

deps: ## Installs what the tests need and this machine lacks: PostgreSQL, Redis, NATS, a mail system
	@deploy/install-test-servers.sh

check: ## Formats, lints and documentation, without running tests
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --locked -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --locked --quiet

# Our crates are compiled once for the lints and for the tests: clippy's driver is the compiler.
test: export RUSTC_WORKSPACE_WRAPPER := clippy-driver
test: export CLIPPY_ARGS := -D__CLIPPY_HACKERY__warnings
test: deps ## The whole gate: everything that has to hold before a change lands
	$(CARGO) fmt --all --check
	$(CARGO) build --workspace --all-targets --locked
	@if $(CARGO) nextest --version >/dev/null 2>&1; then run="nextest run"; else run=test; fi; \
	  free=$$(df -Pm /dev/shm 2>/dev/null | awk 'NR==2 {print $$4}'); \
	  if [ -w /dev/shm ] && [ "$${free:-0}" -ge 8000 ]; then export TMPDIR=$${TMPDIR:-/dev/shm}; fi; \
	  $${CARGO_TARGET_DIR:-target}/debug/with-servers $(CARGO) $$run --workspace --locked
	RUSTDOC=$(CURDIR)/.ci/rustdoc CHECKED_DOCS=$(CURDIR)/target/checked-docs \
	  $(CARGO) test --workspace --doc --locked --quiet

channel: ## Starts a new adapter from the template: make channel name=foo
	@[[ "$(name)" =~ ^[a-z][a-z0-9]*(-[a-z0-9]+)*$$ ]] || { echo "say make channel name=foo: lower-case letters, digits, dashes" >&2; exit 2; }
	@[ ! -e services/channel-$(name) ] || { echo "services/channel-$(name) exists" >&2; exit 2; }
	@cp -r services/channel-echo services/channel-$(name)
	@type=$$(echo "$(name)" | sed -E 's/(^|-)([a-z])/\U\2/g'); module=$$(echo "$(name)" | tr - _); \
	  find services/channel-$(name) -type f -exec sed -i "s/channel_echo/channel_$$module/g; s/echo/$(name)/g; s/Echo/$$type/g" {} +
	@sed -i '/^weft-channel-echo /a weft-channel-$(name) = { path = "services/channel-$(name)" }' Cargo.toml
	@echo "services/channel-$(name) is there and passes its tests: cargo nextest run -p weft-channel-$(name)"
	@echo "next: its README says what to change; then one row in services/fleet/src/roster.rs"

fuzz: ## Feeds every adapter's webhooks with anything, FUZZ_SECONDS each; needs nightly Rust and cargo-fuzz
	@cd tests/fuzz && for kind in $$(cargo +nightly fuzz list --fuzz-dir .); do \
	  cargo +nightly fuzz run --fuzz-dir . --sanitizer none $$kind -- -max_total_time=$${FUZZ_SECONDS:-300} -timeout=10 -rss_limit_mb=2048 || exit 1; done

bench: ## Measures a release build on embedded defaults; prints BENCH lines
	$(CARGO) build --release --locked --bin weft
	$(CARGO) run --release --locked -p weft-tests-fleet --bin bench
	$(CARGO) test --release --locked --quiet -p weft-media --test it figures -- --nocapture

load: deps ## Measures such a fleet under load; prints BENCH lines and a ledger of what was accepted
	$(CARGO) build --release --locked --bin weft
	ulimit -n $$(ulimit -Hn) && $(CARGO) run --release --locked --bin load

faults: deps ## Breaks one thing after the other under such a fleet at work; prints FAULT lines
	$(CARGO) build --release --locked --bin weft --bin faults --features weft-fleet/crash-points
	target/release/faults

agree: deps ## Twenty people at two gateways for AGREE_SECONDS: what each sees is in the end what the database has
	$(CARGO) build --release --locked --bin weft --bin faults --features weft-fleet/crash-points
	AGREE_SECONDS=$${AGREE_SECONDS:-600} target/release/faults

.PHONY: help run fleet deps check test channel fuzz bench load faults agree
