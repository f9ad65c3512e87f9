#!/bin/sh
# Makes sure that there is a PostgreSQL server to start: finds one, or installs
# it with the system's package manager.
set -eu

found() {
	[ -n "${PGWRIGHT_POSTGRES_BIN:-}" ] && return 0
	command -v postgres >/dev/null 2>&1 && command -v initdb >/dev/null 2>&1 && return 0
	for dir in /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin /Applications/Postgres.app/Contents/Versions/*/bin; do
		[ -x "$dir/postgres" ] && return 0
	done
	return 1
}

found && exit 0

as_root() {
	if [ "$(id -u)" = 0 ]; then "$@"
	elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then sudo "$@"
	else return 1
	fi
}

echo "no PostgreSQL server found: installing one" >&2
if command -v apt-get >/dev/null 2>&1; then
	as_root apt-get update -qq >&2 && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq postgresql postgresql-contrib >&2 || true
elif command -v dnf >/dev/null 2>&1; then
	as_root dnf install -y -q postgresql-server postgresql-contrib >&2 || true
elif command -v apk >/dev/null 2>&1; then
	as_root apk add -q postgresql postgresql-contrib >&2 || true
elif command -v pacman >/dev/null 2>&1; then
	as_root pacman -S --noconfirm --needed postgresql >&2 || true
elif command -v brew >/dev/null 2>&1; then
	brew install -q postgresql@17 >&2 || true
fi

found && exit 0
cat >&2 <<'MSG'
there is no PostgreSQL server here, and installing one did not work. Do one of these:
  - install PostgreSQL 13 or newer with your package manager (on Debian: apt-get install postgresql postgresql-contrib)
  - run: go run ./cmd/pgwright postgres install
  - set PGWRIGHT_POSTGRES_BIN to the folder that holds postgres and initdb
MSG
exit 1
