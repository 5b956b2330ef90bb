# make prints the targets; make demo and make test are all that a new user needs.

GO        ?= go
BIN       := bin
VERSION   ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS   := -s -w -X main.version=$(VERSION)
STATIC    := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOFUMPT   := mvdan.cc/gofumpt@v0.12.0
# Folders named testdata are invisible to ./..., so the programs in them are named.
EXTRA     := ./testdata/backends/... ./testdata/demo/... ./testdata/repositories/... ./testdata/repos/... ./testdata/schemas/...
SOURCES    = $(shell git ls-files '*.go' | grep -v '/stubs/')

.DEFAULT_GOAL := help
.PHONY: help build demo test check format vet lint generate generated bench properties fuzz test-peers clean

help: ## print these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/keyreeve and bin/keyreeve-rotate
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o $(BIN)/ ./cmd/keyreeve ./cmd/keyreeve-rotate

demo: ## judge a real Vault, an emulated AWS account and a repository; writes demo/out
	$(GO) run ./testdata/demo

test: ## run all tests that need only Go, git and make
	$(GO) test -count=1 ./... $(EXTRA)

check: format vet lint test generated ## what CI runs: format, vet, lint, test, generated files unchanged

format: ## fail when a file is not formatted
	@out=$$($$($(GO) env GOROOT)/bin/gofmt -l $(SOURCES); $(GO) run $(GOFUMPT) -l $(SOURCES)); if [ -n "$$out" ]; then echo "not formatted (run: go run $(GOFUMPT) -w FILE):"; echo "$$out"; exit 1; fi

vet: ## run go vet
	$(GO) vet ./... $(EXTRA)

lint: ## run staticcheck, and keyreeve's own lint on its rules and on this repository
	$(GO) run $(STATIC) ./... $(EXTRA)
	$(GO) run ./cmd/keyreeve policy lint
	$(GO) run ./cmd/keyreeve lint .

generate: ## write the generated files: rule pages and schemas
	$(GO) generate ./...

generated: ## fail when a generated file is out of date
	@$(GO) generate ./... && git diff --exit-code -- . && test -z "$$(git ls-files --others --exclude-standard)" || \
		{ echo "generated files are out of date, or new ones are not committed: run make generate and commit"; git status --short; exit 1; }

bench: ## run every benchmark once
	$(GO) test -run '^$$' -bench . -benchtime 1x ./...

properties: ## hold what decides access to its properties on a million random requests, and rotation on 100,000 interleavings (30 minutes on two cores)
	$(GO) test -v -count=1 -timeout 60m ./remediate -run Interleavings -interleavings 100000
	@for of in "access/aws 25000" "access/vault 40000" "access/azure 60000" "reach/aws 5000" "reach/vault 5000"; do set -- $$of; \
		$(GO) test -v -count=1 -timeout 40m ./scanner/$$1 -cases $$2 -first-case $${FIRST:-0}; done | \
		awk '/^--- |^ok|FAIL|panic|_test.go:/; / random cases$$/ {n += $$(NF-2)}; /FAIL|panic/ {bad = 1}; END {printf "%d random cases\n", n; exit bad || n < 1000000}'

fuzz: ## run every fuzz target for FUZZTIME (default 10s)
	@for pkg in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' $$pkg | grep '^Fuzz'); do \
			echo "$$pkg $$target"; $(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $${FUZZTIME:-10s} -fuzzminimizetime 10x $$pkg || exit 1; done; done

test-peers: ## tests with long builds: a real Vault server, the whole demo
	KEYREEVE_PEERS=1 $(GO) test -count=1 -timeout 40m $(EXTRA) ./collectors/vault/... ./scanner/access/vault/... ./scanner/reach/vault ./remediate/vault ./remediate/jwks ./remediate/rewrap

clean: ## remove what was built
	rm -rf $(BIN) demo .cache
