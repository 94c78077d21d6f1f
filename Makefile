# City Resource Graph. Start with "make help". Each target does its own set-up.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The programs of the house. The compiler's cache lies outside the checkout, so a fresh clone is cheap the second time.
export PATH := $(CURDIR)/bin:$(PATH)
# What a program is built from is its sources, not the state of git: a commit alone rebuilds nothing.
export GOFLAGS := $(GOFLAGS) -buildvcs=false

# crgdev links the Temporal server: 450 CPU seconds the first time, so it is built only when its sources changed.
DEV_SOURCES := $(shell find dev -name '*.go' -not -name '*_test.go') dev/go.mod dev/go.sum

# The product goes without a debugger's symbols and without gRPC's service mesh, which Google's storage driver takes for direct
# paths inside of Google's network only: 134 MB become 80, and a start touches a quarter less memory.
PRODUCT := -tags disable_grpc_modules -ldflags '-s -w'

# Tools are pinned in a module of their own; this gives the path of one, built when it is not there yet.
tool = $$(go -C tools tool -n $(1))

# make test RACE= does without the race detector, in about half the time.
RACE ?= -race
# A package takes four minutes at most on two cores; a machine five times slower is no fault of it.
TEST_FLAGS := -count=1 -timeout=60m
# Laws are tried on the same draws each time, so that a change fails by what it changes. RAPID_SEED=0 make test draws anew.
export RAPID_SEED ?= 1

CITY_FLAGS = $(if $(CITY),--city "$(CITY)") $(if $(DATA),--data "$(DATA)") $(if $(WARD),--ward "$(WARD)") $(if $(SEED),--seed "$(SEED)")
DEMO_FLAGS = $(CITY_FLAGS) $(if $(SCALE),--time-scale "$(SCALE)") $(if $(REPORT),--report "$(REPORT)") $(if $(REVALUE),--revalue "$(REVALUE)")

.PHONY: help
help: ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: demo
demo: setup crg ## the main job. CITY=dc DATA=folder WARD=6|all SEED=n SCALE=n REPORT=folder REVALUE=file
	@if ! $(MAKE) --question bin/crgdev; then \
		$(MAKE) bin/crgdev & building=$$!; \
		crg demo --preview $(CITY_FLAGS) --report out/preview; \
		echo "That was a preview. The real run follows as soon as the local stack is built." >&2; \
		wait $$building; \
	fi
	@crgdev exec -- crg demo $(DEMO_FLAGS)

.PHONY: test
test: setup-test bin/crgdev ## everything that must pass, on real servers
	@mkdir -p out
	@CRGDEV_BINARY="$(CURDIR)/bin/crgdev" go -C dev test $(TEST_FLAGS) ./... >out/test-dev.log 2>&1 & dev=$$!; \
	failed=0; \
	crgdev exec -- go test $(TEST_FLAGS) $(RACE) ./... || failed=1; \
	wait $$dev || failed=1; \
	cat out/test-dev.log; \
	exit $$failed

.PHONY: test-data
test-data: setup bin/crgdev ## the tests on real data. DATA=folder
	@test -n "$(DATA)" || { echo "make test-data DATA=folder: the folder with the data of the cities" >&2; exit 2; }
	@data=$$(realpath -e "$(DATA)"); \
	files=$$(grep -rl --include='*_test.go' '^//go:build realdata' .); \
	names=$$(sed -nE 's/^func (Test[A-Za-z0-9_]+)\(t .*/\1/p' $$files | paste -sd '|'); \
	CRG_DATA="$$data" crgdev exec -- go test $(TEST_FLAGS) -tags realdata -run "^($$names)$$" $$(dirname $$files | sort -u)

.PHONY: drills
drills: setup build ## kill -9 of every part in the middle of the main job, on stacks of their own. DRILL=name for one
	@CRG_BINARIES="$(CURDIR)/bin" go test -count=1 -timeout=40m -v -tags drill $(if $(DRILL),-run "$(DRILL)") ./drills

.PHONY: generate-clients
generate-clients: bin/venv/ready ## write the TypeScript and Python clients from the API's description
	@dev/setup clients
	@bin/venv/bin/openapi-python-client generate --path api/openapi.yaml --config clients/python/config.yaml \
		--meta none --output-path clients/python/crg_client --overwrite
	@cd clients/typescript && npm ci --silent && npm run --silent build

.PHONY: test-clients
test-clients: setup bin/crgdev generate-clients ## each client's example against the real API
	@CRG_PYTHON="$(CURDIR)/bin/venv/bin/python" crgdev exec -- go test -count=1 -timeout=30m -v -tags clients ./clients

.PHONY: fuzz-api
fuzz-api: setup bin/crgdev bin/venv/ready ## thousands of requests made from the API's description, against the real API
	@CRG_SCHEMATHESIS="$(CURDIR)/bin/venv/bin/schemathesis" crgdev exec -- go test -count=1 -timeout=30m -v -tags fuzz ./api/fuzz

.PHONY: lint
lint: ## style, arrows between packages, deterministic workflows, generated code is current
	@linter=$(call tool,golangci-lint); "$$linter" run ./...; cd dev; "$$linter" run --config ../.golangci.yml ./...
	@"$(call tool,workflowcheck)" ./workflows/...
	@$(MAKE) generated-is-current

.PHONY: generated-is-current
generated-is-current:
	@sums() { git ls-files -co --exclude-standard '*.go' | xargs grep -l '^// Code generated' | xargs sha256sum; }; \
	before=$$(sums); $(MAKE) generate; after=$$(sums); \
	diff <(echo "$$before") <(echo "$$after") || { echo "generated code was not current; it is now: commit it" >&2; exit 1; }

.PHONY: generate
generate: ## write the generated code anew: queries from SQL, server and client from OpenAPI
	@"$(call tool,sqlc)" generate
	@go generate ./...

.PHONY: bench
bench: setup bin/crgdev ## measure, on real servers. DATA=folder adds the real data
	@$(if $(DATA),CRG_DATA=$$(realpath -e "$(DATA)"); export CRG_DATA;) \
	crgdev exec -- go test -run '^$$' -bench . -benchmem -timeout 60m $(if $(DATA),-tags realdata) ./...

.PHONY: bench-engine
bench-engine: ## measure the matching engine against other solvers, and its other bars
	@go run ./matching/bench -plot docs/engine-growth.svg

.PHONY: study-charges
study-charges: ## allocations with trip charges against exact optima of HiGHS (scipy from PyPI, in out/highs)
	@test -x out/highs/bin/python || { python3 -m venv out/highs && out/highs/bin/pip --quiet install scipy; }
	@HIGHS_PYTHON="$(CURDIR)/out/highs/bin/python" go test -count=1 -timeout 40m -tags study -run TestAgainstHiGHS -v ./matching/charges

.PHONY: up
up: setup bin/crgdev ## start the local stack in the background and print its addresses
	@crgdev up

.PHONY: down
down: bin/crgdev ## stop the local stack; its state stays in .crg/
	@crgdev down

.PHONY: build
build: crg bin/crgdev ## build both programs into bin/

.PHONY: setup
setup: ## install what the stack needs, unless it is there (apt, as root or with sudo)
	@dev/setup

.PHONY: setup-test
setup-test: ## the same, and the browser that tests open pages in
	@dev/setup test

.PHONY: crg
crg:
	@go build $(PRODUCT) -o bin/crg ./cmd/crg

bin/crgdev: $(DEV_SOURCES)
	@echo "building crgdev: minutes the first time, for it links a Temporal server" >&2
	@go -C dev build -ldflags='-s -w' -o "$(CURDIR)/$@" ./cmd/crgdev

bin/venv/ready: tools/requirements.txt
	@dev/setup clients
	@python3 -m venv bin/venv
	@bin/venv/bin/pip install --quiet --disable-pip-version-check --requirement tools/requirements.txt
	@touch $@
