#!/bin/sh
# Fuzzes every fuzz target of the module for the given time each (default 30s).
set -eu
cd "$(dirname "$0")/.."
time=${1:-30s}
git grep -l 'func Fuzz' -- '*_test.go' | while read -r file; do
	dir=$(dirname "$file")
	sed -n 's/^func \(Fuzz[A-Za-z0-9_]*\)(.*/\1/p' "$file" | while read -r target; do
		echo "== ./$dir $target"
		(cd "$dir" && go test . -run '^$' -fuzz "^$target\$" -fuzztime "$time") # bench is a module of its own
	done
done
