# pgwright: make demo shows it working, make test runs all tests.

GO          ?= go
STATICCHECK := honnef.co/go/tools/cmd/staticcheck@v0.8.2
GOFUMPT     := mvdan.cc/gofumpt@v0.12.0

# Generated packages that ./... leaves out.
GOLDEN = $$(find generator/testdata -path '*/want/*.go' -exec dirname ./{} ';' | sort -u)

.DEFAULT_GOAL := help
.PHONY: help demo test test-sqlc test-pgbouncer test-race test-matrix proof soak matrix-servers lint generate verify fuzz build bench memory bench-install bench-peers bench-generate postgres pgbouncer

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: postgres ## Generate the demo's client from its SQL and run it on a real PostgreSQL
	$(GO) generate ./examples/quickstart
	$(GO) run ./cmd/pgwright postgres run -- $(GO) run ./examples/quickstart

test: postgres pgbouncer ## Run all tests
	$(GO) test ./...
	cd bench && $(GO) test $$($(GO) list ./... | grep -v -e /parity -e /engine)

test-sqlc: postgres bin/sqlc ## Run the tests that need sqlc: as a model for gen: go: blocks, and as an engine
	cd bench && $(GO) test ./parity ./engine

test-pgbouncer: postgres pgbouncer ## Run the runtime's tests through PgBouncer in transaction mode
	PGWRIGHT_TEST_PGBOUNCER=1 $(GO) test ./runtime/...

test-race: postgres pgbouncer ## Run all tests with the race detector
	$(GO) test -race ./...

lint: ## go vet, staticcheck and gofumpt, on generated code too
	$(GO) vet ./... $(GOLDEN)
	$(GO) run $(STATICCHECK) ./... $(GOLDEN)
	cd bench && $(GO) vet ./... && $(GO) run $(STATICCHECK) ./...
	@out=$$($(GO) run $(GOFUMPT) -l $$(git ls-files '*.go' ':!bench/peers/*db/*')); \
	if [ -n "$$out" ]; then echo "not gofumpt'ed:"; echo "$$out"; exit 1; fi

generate: postgres ## Regenerate the code of all examples
	$(GO) generate ./...
	cd bench && $(GO) generate ./...

verify: postgres ## Check that the generated code in the tree is what PostgreSQL's answers give
	PGWRIGHT_FRESH=1 $(GO) generate ./...
	@if [ -n "$$(git status --porcelain)" ]; then git status --short; git diff; echo "make verify: the tree is not what make generate makes"; exit 1; fi

fuzz: ## Fuzz the scanners and decoders, a minute each
	@scripts/fuzz.sh 60s

build: ## Build the command into bin/
	CGO_ENABLED=0 $(GO) build -trimpath -ldflags '-s -w' -o bin/pgwright ./cmd/pgwright

bench: postgres build bin/bench bin/sqlc ## Measure generated code beside pgx by hand, and generate beside sqlc; update docs/PERFORMANCE.md
	cd bench && ../bin/bench runtime -docs ../docs && ../bin/bench generator -docs ../docs

bench-install: build bin/bench bin/sqlc ## The same for generate only, with how long it takes to build pgwright and sqlc
	cd bench && ../bin/bench generator -docs ../docs -install

bench-peers: postgres bin/bench ## Measure generated code beside sqlc's, database/sql, gorm, bun, ent, bob and jet; update docs/PERFORMANCE.md
	cd bench && ../bin/bench peers -docs ../docs

bench-generate: build bin/sqlc ## Regenerate the code of the peers in bench/peers, with the versions that bench/go.mod pins
	cd bench/peers && ../../bin/sqlc generate
	cd bench && $(GO) tool ent generate ./peers/ent/schema --target peers/entdb
	cd bench && $(GO) build -o ../bin/jet github.com/go-jet/jet/v2/cmd/jet
	cd bench && ../bin/pgwright postgres run -- sh -c '../bin/jet -dsn="$$DATABASE_URL" -path=../bin/jetdb -schema=public'
	rm -rf bench/peers/jetdb && mv bin/jetdb/postgres/public bench/peers/jetdb && rm -rf bin/jetdb

.PHONY: bin/bench bin/sqlc # go build knows what is up to date
bin/bench:
	cd bench && $(GO) build -o ../bin/bench .

# The version is the one that bench/go.mod pins. The first build takes minutes.
bin/sqlc:
	cd bench && nice $(GO) build -trimpath -ldflags '-s -w' -o ../bin/sqlc github.com/sqlc-dev/sqlc/cmd/sqlc

memory: postgres ## Stream 10,000,000 rows and compare the process's memory with that for 10,000
	@scripts/memory.sh

postgres:
	@scripts/postgres.sh

pgbouncer:
	@scripts/pgbouncer.sh

matrix-servers:
	$(GO) run ./internal/pgtest/fetchpg

test-matrix: matrix-servers pgbouncer ## Run the analysis and runtime tests on PostgreSQL 13 to 18
	@for v in $${VERSIONS:-13 14 15 16 17 18}; do \
		echo "== PostgreSQL $$v"; \
		PGWRIGHT_TEST_POSTGRES_BIN=$$PWD/.cache/postgres/$$v/bin $(GO) test ./generator/... ./runtime/... || exit 1; \
	done

proof: matrix-servers ## Run 20,000 random queries and the corpora on each version and look for a wrong not null (SEED, QUERIES, VERSIONS)
	@GO=$(GO) scripts/proof.sh

soak: matrix-servers ## Judge random statements and run them on each version, until interrupted (SEED, QUERIES, VERSIONS)
	@seed=$${SEED:-$$(date +%s)}; while :; do \
		for v in $${VERSIONS:-13 14 15 16 17 18}; do \
			echo "== PostgreSQL $$v, seed $$seed"; \
			PGWRIGHT_TEST_POSTGRES_BIN=$$PWD/.cache/postgres/$$v/bin $(GO) test ./generator/internal/nullability -run 'TestRandomStatements$$' \
				-count 1 -v -timeout 0 -random.queries $${QUERIES:-5000} -random.seed $$seed || exit 1; \
		done; \
		seed=$$((seed + 1)); \
	done
