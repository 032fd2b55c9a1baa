# SPDX-License-Identifier: MIT
# Sourced: what ./dev says to its user.

# One line of progress, with the seconds since ./dev was started.
progress() {
	printf '[%4d s] %s\n' "$SECONDS" "$*" >&2
}

# fail SENTENCE [STATUS]
fail() {
	printf 'dev: %s\n' "$1" >&2
	exit "${2:-1}"
}
