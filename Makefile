# City Resource Graph. Start with "make help".

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Each program of the house is in bin/; the compiler's cache outside the checkout makes a second build cheap.
BIN := $(CURDIR)/bin
export PATH := $(BIN):$(PATH)

# The Temporal server is linked into crgdev: 450 CPU seconds the first time, so it is built only when dev/ changed.
DEV_SOURCES := $(shell find dev -name '*.go' -not -name '*_test.go') dev/go.mod dev/go.sum

# make test RACE= runs without the race detector, in about half the time.
RACE ?= -race
TEST_FLAGS ?=

.PHONY: help
help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Setting up

.PHONY: setup
setup: ## install what the stack needs (apt, as root or with sudo); nothing happens when it is there
	@dev/setup

$(BIN)/crgdev: $(DEV_SOURCES)
	@echo "building crgdev (the first time takes minutes: it holds a Temporal server)" >&2
	@go -C dev build -ldflags='-s -w' -o $@ ./cmd/crgdev

$(BIN)/golangci-lint: tools/go.mod tools/go.sum
	@go -C tools build -o $@ github.com/golangci/golangci-lint/v2/cmd/golangci-lint

.PHONY: build
build: $(BIN)/crgdev ## build the programs into bin/

.PHONY: up
up: setup $(BIN)/crgdev ## start the local stack in the background and print its addresses
	@crgdev up

.PHONY: down
down: $(BIN)/crgdev ## stop the local stack; its state stays in .crg/
	@crgdev down

.PHONY: test
test: setup $(BIN)/crgdev ## run everything that must pass
	@mkdir -p out
	@go -C dev test $(TEST_FLAGS) ./... > out/test-dev.log 2>&1 & dev=$$!; \
	failed=0; \
	crgdev exec -- go test $(RACE) $(TEST_FLAGS) ./... || failed=1; \
	wait $$dev || failed=1; \
	cat out/test-dev.log; \
	exit $$failed

.PHONY: lint
lint: $(BIN)/golangci-lint ## check style, arrows between packages, and that generated code is current
	@golangci-lint run ./...
	@cd dev && golangci-lint run --config ../.golangci.yml ./...
