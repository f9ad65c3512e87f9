#!/bin/sh
# Streams 10,000 and then 10,000,000 rows (or as many as the first argument
# says), each in a process of its own, and fails if the second needs 10 MB more
# memory than the first: once as the rows come, once through a cursor.
set -eu
cd "$(dirname "$0")/.."
many=${1:-10000000}
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
go test -c -o "$bin/runtime.test" ./runtime
peak() { # rows, fetch size
	out=$(cd runtime && PGWRIGHT_STREAM_ROWS=$1 PGWRIGHT_STREAM_FETCH=$2 "$bin/runtime.test" -test.run '^TestStreamMemory$' -test.v -test.timeout 0) || {
		echo "$out" >&2
		exit 1
	}
	echo "$out" | sed -n 's/.*: \([0-9]* rows in .*, peak [0-9]* kB\)$/\1/p'
}
for fetch in 0 1000; do
	case $fetch in 0) how="as they come" ;; *) how="$fetch at a time" ;; esac
	few=$(peak 10000 $fetch)
	much=$(peak "$many" $fetch)
	echo "$how: $few; $much"
	few=${few##*peak } && much=${much##*peak }
	[ $((${much% kB} - ${few% kB})) -le 10240 ] || { echo "memory grows with the rows" >&2; exit 1; }
done
