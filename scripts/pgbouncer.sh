#!/bin/sh
# Makes sure that there is a PgBouncer for the tests to start: finds one, or
# installs it with the system's package manager.
set -eu

found() {
	command -v pgbouncer >/dev/null 2>&1 && return 0
	for dir in /usr/sbin /usr/local/sbin /usr/local/bin /opt/homebrew/bin; do
		[ -x "$dir/pgbouncer" ] && return 0
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

echo "no PgBouncer found: installing one" >&2
if command -v apt-get >/dev/null 2>&1; then
	as_root apt-get update -qq >&2 && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq pgbouncer >&2 || true
elif command -v dnf >/dev/null 2>&1; then
	as_root dnf install -y -q pgbouncer >&2 || true
elif command -v apk >/dev/null 2>&1; then
	as_root apk add -q pgbouncer >&2 || true
elif command -v pacman >/dev/null 2>&1; then
	as_root pacman -S --noconfirm --needed pgbouncer >&2 || true
elif command -v brew >/dev/null 2>&1; then
	brew install -q pgbouncer >&2 || true
fi

found && exit 0
cat >&2 <<'MSG'
there is no PgBouncer here, which the runtime's tests need, and installing one did not work:
install it with your package manager (on Debian: apt-get install pgbouncer)
MSG
exit 1
