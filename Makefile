# `make` lists the targets. CI calls the same ones.

SHELL := /bin/bash
SWIFT ?= swift
PREFIX ?= /usr/local
BODY := .build/bench-metrics.txt
RECORDINGS := .build/bench-recordings
GOLDENS := Tests/Showing/DashboardTests/Goldens Tests/Terminal/ThemesTests/Goldens

# What is installed and measured has Swift's libraries linked in: it starts sooner, and needs no Swift.
RELEASE := -c release
ifeq ($(shell uname -s),Linux)
RELEASE += --static-swift-stdlib
endif

.DEFAULT_GOAL := help
.PHONY: help demo demo-proxy build test check lint format goldens protobuf man install bench bench-watch bench-scanner bench-recordings needs needs-tests

# What `sluice --version` says of its build, and MAN where `make man` puts the pages.
# The names beginning with SLUICE_ are those of settings: a program that is started from here would read them.
export BUILD_DESCRIPTION := $(shell git describe --tags --always --dirty 2> /dev/null)
export BUILD_DATE := $(shell git log -1 --format=%cs 2> /dev/null)
MAN ?= .build/man

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: needs ## build, and show the dashboard on the embedded cluster
	$(SWIFT) build --product sluice
	@exec "$$($(SWIFT) build --show-bin-path)/sluice" demo

demo-proxy: needs ## build, and cut over between two MariaDB servers behind the proxy, before your eyes
	@.ci/needs mariadb-server
	$(SWIFT) build --product sluice
	@.ci/demo-proxy "$$($(SWIFT) build --show-bin-path)/sluice"

build: needs ## build for debugging
	$(SWIFT) build

test: needs needs-tests ## build and run every test, one after the other: many of them measure time
	$(SWIFT) test --no-parallel

check: lint test ## everything that CI checks

lint: ## check the formatting
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests

format: ## format the sources in place
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests

goldens: needs ## redraw the pictures of the screens, rewrite the tables of keys, and show what changed
	$(SWIFT) build --build-tests
	rm -rf $(GOLDENS)
	-RECORD_GOLDENS=1 $(SWIFT) test --skip-build --filter 'DashboardTests|ThemesTests|SettingsDocumentTests'
	git add --intent-to-add -- $(GOLDENS)
	git diff -- $(GOLDENS) README.md docs/keys.md docs/themes.md docs/configuration.md

protobuf: ## regenerate vtctld's messages, for the lab and the client, from their .proto files (needs protoc and both plugins on PATH)
	cd Sources/Lab/LabProtobuf && \
	  protoc -I protos protos/*.proto --swift_out=Generated \
	    --swift_opt=Visibility=Package,UseAccessLevelOnImports=true && \
	  protoc -I protos protos/vtctlservice.proto --grpc-swift-2_out=Generated \
	    --grpc-swift-2_opt=Visibility=Package,Client=false,UseAccessLevelOnImports=true
	cd Sources/Wire/VtctldProtobuf && \
	  protoc -I . vtctld.proto --swift_out=Generated \
	    --swift_opt=Visibility=Package,UseAccessLevelOnImports=true

man: needs ## write the manual pages to MAN, .build/man unless it says otherwise
	$(SWIFT) build --product sluice
	mkdir -p "$(MAN)"
	"$$($(SWIFT) build --show-bin-path)/sluice" man --into "$(MAN)"

install: needs ## install the program, its manual pages and completions under PREFIX
	$(SWIFT) build $(RELEASE) --product sluice
	.ci/install "$$($(SWIFT) build $(RELEASE) --show-bin-path)/sluice" "$(DESTDIR)$(PREFIX)"

bench: bench-watch bench-scanner bench-recordings ## measure what watching costs, the scanner, and recordings

bench-watch: needs ## measure CPU, memory, wake-ups and delays of the program as it runs, beside Prometheus where that is installed
	$(SWIFT) build $(RELEASE) --product sluice
	$(SWIFT) build $(RELEASE) --product WatchBench
	bin="$$($(SWIFT) build $(RELEASE) --show-bin-path)"; "$$bin/WatchBench" "$$bin/sluice" $(ROWS)

bench-scanner: ## measure the scanner on a large body, compared with grep
	$(SWIFT) build $(RELEASE) --product ExpositionBench
	bench="$$($(SWIFT) build $(RELEASE) --show-bin-path)/ExpositionBench"; \
	"$$bench" generate 256 > $(BODY) && "$$bench" scan $(BODY) vtgate_buffer_requests && \
	echo "grep, for the same lines, started and run 100 times:" && \
	time -p sh -c 'for run in $$(seq 100); do grep "^vtgate_buffer_requests" $(BODY) > /dev/null; done'

bench-recordings: needs ## measure recordings: size, cost beside a watch, how soon a moment is found, how fast they play
	$(SWIFT) build $(RELEASE) --product RecordingBench
	rm -rf $(RECORDINGS) && mkdir -p $(RECORDINGS)
	bench="$$($(SWIFT) build $(RELEASE) --show-bin-path)/RecordingBench"; \
	"$$bench" watch 3 9 60 && "$$bench" write $(RECORDINGS)/small.sluice 3 9 60 && \
	"$$bench" watch 100 3000 10 5 && "$$bench" write $(RECORDINGS)/large.sluice 100 3000 10 5 && \
	"$$bench" write $(RECORDINGS)/day.sluice 3 9 1440 && "$$bench" read $(RECORDINGS)/day.sluice

# Installs the libraries that the build links, if missing, with the system's package manager.
needs:
	@.ci/needs libncursesw5-dev libsqlite3-dev zlib1g-dev

needs-tests:
	@.ci/needs tmux gzip mariadb-server postgresql nginx
	@.ci/tools prometheus victoria-metrics
