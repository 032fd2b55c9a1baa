# SPDX-License-Identifier: MIT
# Sourced by ./dev: makes the development root and enters it. Uses $here, $cache and $build.

root_suite=forky
root_mirror=${VIXOS_MIRROR:-http://deb.debian.org/debian}
root_lists=("$here/devroot/packages.txt")

# root_choose ARGS...: which root the command with these arguments is for. Tests that run on request have one of
# their own, so that nobody else waits for their packages.
root_choose() {
	case " $* " in *' --on-request '*) root_lists+=("$here/devroot/packages-on-request.txt") ;; esac
	# Everything that decides what is in the root is part of its name.
	root=$cache/root-$(sed -e 's/#.*//' -e '/^$/d' "${root_lists[@]}" | cat - "$here/devroot/make.sh" |
		sha256sum | cut -c1-12)
}

root_packages() {
	sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "${root_lists[@]}" | paste -sd,
}

# Installs what makes roots, where we are root on a Debian; else says what is missing.
root_ensure_tools() {
	local missing=()
	command -v mmdebstrap >/dev/null || missing+=(mmdebstrap)
	command -v newuidmap >/dev/null || missing+=(uidmap)
	command -v unshare >/dev/null || missing+=(util-linux)
	[ ${#missing[@]} -gt 0 ] || return 0
	if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
		progress "installing ${missing[*]}"
		{ apt-get update && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y --no-install-recommends "${missing[@]}"; } \
			>"$cache/apt.log" 2>&1 ||
			fail "apt-get could not install ${missing[*]}; its output is in $cache/apt.log"
		return 0
	fi
	fail "${missing[*]} must be installed first (package names as in Debian)"
}

root_ensure_subids() {
	[ "$(id -u)" != 0 ] || return 0
	grep -q "^$(id -un):" /etc/subuid 2>/dev/null && grep -q "^$(id -un):" /etc/subgid 2>/dev/null ||
		fail "user '$(id -un)' has no range in /etc/subuid and /etc/subgid; as root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $(id -un)"
	unshare --user true 2>/dev/null ||
		fail "this host refuses user namespaces to ordinary users; allow them, or run ./dev as root"
}

root_ensure() {
	[ ! -e "$root/.complete" ] || return 0
	mkdir -p "$cache"
	root_ensure_tools
	root_ensure_subids
	progress "making the development root, once: about 2 minutes, 3 GB in $root"
	"$here/devroot/make.sh" "$root" "$root_suite" "$root_mirror" "$(root_packages)" \
		2>"$cache/root.log" | while read -r line; do progress "  $line"; done ||
		fail "the development root could not be made: $(tail -n 1 "$cache/root.log") (all of it: $cache/root.log)"
	progress "the development root is ready"
}

# Sockets of the desktop that ./dev was started on, so that a compositor inside can open a window there.
root_desktop_binds() {
	if [ -n "${WAYLAND_DISPLAY:-}" ]; then
		case $WAYLAND_DISPLAY in
		/*) echo "$WAYLAND_DISPLAY" ;;
		*) echo "${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/$WAYLAND_DISPLAY" ;;
		esac
	fi
	if [ -n "${DISPLAY:-}" ] && [ -d /tmp/.X11-unix ]; then
		echo /tmp/.X11-unix
		[ -z "${XAUTHORITY:-}" ] || echo "$XAUTHORITY:ro"
	fi
}

# root_exec COMMAND...: replaces this process by the command inside the root.
root_exec() {
	local binds=("$here:ro" "$build") environment namespaces path
	mkdir -p "$build"
	# The yardsticks that lie beside a checkout, where there are any; under that name, were it only a link.
	[ ! -d "${here%/*}/shared" ] || binds+=("${here%/*}/shared:ro")
	environment=(TERM="${TERM:-dumb}" LANG=C.UTF-8 HOME=/home/dev USER=dev LOGNAME=dev
		PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin XDG_RUNTIME_DIR=/run/user/1000
		PYTHONDONTWRITEBYTECODE=1 BUILD="$build" VIXOS_ELAPSED="$SECONDS" VIXOS_WORKDIR="$here" ${CI:+CI="$CI"}
		${VIXOS_WORKER:+VIXOS_WORKER="$VIXOS_WORKER"})
	while read -r path; do
		[ -e "${path%:ro}" ] || continue
		binds+=("$path")
		case $path in
		*wayland*) environment+=(WAYLAND_DISPLAY="$path") ;;
		*.X11-unix) environment+=(DISPLAY="$DISPLAY") ;;
		*:ro) environment+=(XAUTHORITY="${path%:ro}") ;;
		esac
	done < <(root_desktop_binds)
	namespaces=(--mount --pid --ipc --fork --kill-child)
	if [ "$(id -u)" = 0 ]; then
		chown 1000:1000 "$build"
	else
		namespaces+=(--user --map-users=auto --map-groups=auto --map-user=1000 --map-group=1000
			--setuid 0 --setgid 0)
	fi
	exec env -i "${environment[@]}" unshare "${namespaces[@]}" -- \
		"$here/devroot/enter.sh" "$root" 1000 1000 "${binds[@]}" -- "$@"
}

# root_start_worker COMMAND...: starts the command inside a second root, with processes and folders of its own.
# VIXOS_WORKER tells what runs in the first one where its output and its input are. Ends with its input.
root_start_worker() {
	root_ensure
	coproc root_worker { root_exec "$@"; }
	# Opened anew, because copies of bash's own are closed when another program replaces it.
	exec 3<"/dev/fd/${root_worker[0]}" 4>"/dev/fd/${root_worker[1]}"
	VIXOS_WORKER=3,4
}

root_clean() {
	local path
	for path in "$cache"/root-* "$cache"/build-*; do
		[ -e "$path" ] || continue
		progress "removing $path"
		if [ "$(id -u)" = 0 ]; then
			rm -rf --one-file-system "$path"
		else
			unshare --user --map-users=auto --map-groups=auto --map-user=1000 --map-group=1000 \
				--setuid 0 --setgid 0 -- rm -rf --one-file-system "$path"
		fi
	done
}
