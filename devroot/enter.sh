#!/bin/sh
# SPDX-License-Identifier: MIT
#
# Second half of entering the development root. Runs as root of a fresh mount and pid namespace
# (./dev made it): builds the mount tree around the root, pivots into it and becomes the ordinary
# user that libvirt's session needs.
#
# usage: enter.sh ROOT UID GID BIND... -- COMMAND...
#
# Each BIND is SRC[:ro]; it is seen inside under the same path. pivot_root and not chroot, because
# the kernel refuses user namespaces to a chrooted process, and virtiofsd needs one.
set -eu

root=$1 uid=$2 gid=$3
shift 3

mount --make-rprivate /
mount --bind "$root" "$root"
cd "$root"

mount -t proc proc proc
mount --rbind /sys sys
mount -t tmpfs -o mode=755,size=1m tmpfs dev
# As udev has it everywhere: whoever may make a network of his own may make devices in it.
[ ! -e /dev/net/tun ] || { mkdir dev/net && mknod -m 666 dev/net/tun c 10 200; } 2>/dev/null || true
for node in null zero full random urandom tty kvm fuse net/tun dri; do
	[ ! -c "dev/$node" ] || continue
	[ -e "/dev/$node" ] || continue
	mkdir -p "dev/$(dirname "$node")"
	if [ -d "/dev/$node" ]; then mkdir -p "dev/$node"; else : > "dev/$node"; fi
	mount --rbind "/dev/$node" "dev/$node"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
# Small enough for tests to fill: this one, and /run/small.
mount -t tmpfs -o mode=1777,size=3g tmpfs dev/shm
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs run
# A home that starts empty each time: no run can depend on what another left behind.
mount -t tmpfs -o "mode=755,uid=$uid,gid=$gid" tmpfs home/dev
mkdir -p run/lock "run/user/$uid" run/small tmp/.X11-unix
mount -t tmpfs -o mode=1777,size=8m tmpfs run/small
# An empty store of Nix, for tests that build a package.
mkdir -p nix
mount -t tmpfs -o "mode=755,uid=$uid,gid=$gid" tmpfs nix
chmod 1777 tmp/.X11-unix
chown "$uid:$gid" "run/user/$uid"
chmod 700 "run/user/$uid"
cp -L /etc/resolv.conf etc/resolv.conf 2>/dev/null || true

while [ "$1" != -- ]; do
	source=${1%:ro}
	target=$root$source
	if [ -d "$source" ]; then
		mkdir -p "$target"
	else
		mkdir -p "$(dirname "$target")"
		[ -e "$target" ] || : > "$target"
	fi
	mount --rbind "$source" "$target"
	[ "$source" = "$1" ] || mount -o remount,bind,ro "$target"
	shift
done
shift

mkdir -p mnt
pivot_root . mnt
cd /
umount -l /mnt
cd "${VIXOS_WORKDIR:-/}"
# Not exec: this shell is process 1 here and reaps orphans. libvirt takes a daemon that it has killed for
# alive as long as it is a zombie.
status=0
setpriv --reuid "$uid" --regid "$gid" --init-groups -- "$@" || status=$?
exit "$status"
