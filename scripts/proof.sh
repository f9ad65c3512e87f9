#!/bin/sh
# Proves the rules of nullability by running queries: those of the corpora and
# of the demo, and random ones, on each version of PostgreSQL. Prints the
# figures that docs/NULLABILITY.md has, and everything if a claim was wrong.
#   VERSIONS  which versions, default: 13 to 18
#   QUERIES   how many random queries run on each, default: 20000
#   SEED      what they are made from, together with the version, default: 1
set -eu
cd "$(dirname "$0")/.."
out=$(mktemp)
trap 'rm -f "$out"' EXIT
for v in ${VERSIONS:-13 14 15 16 17 18}; do
	if ! PGWRIGHT_TEST_POSTGRES_BIN=$PWD/.cache/postgres/$v/bin ${GO:-go} test ./generator/internal/nullability -count 1 -v -timeout 0 \
		-run '^(TestCases|TestSharedCorpus|TestCorporaHoldNoWitness|TestRandomStatements)$' \
		-random.queries "${QUERIES:-20000}" -random.seed $((${SEED:-1} * 100 + v)) >"$out" 2>&1; then
		cat "$out"
		exit 1
	fi
	sed -n 's/^ *[a-z_]*\.go:[0-9]*: \(PostgreSQL [0-9]*, \)/\1/p' "$out"
done
