#!/bin/bash
# SPDX-License-Identifier: MIT
#
# Makes the development root: a Debian tree with the packages that VixOS is built, run and tested with.
# Progress for people goes to standard output, the log to standard error.
#
# usage: make.sh ROOT SUITE MIRROR PACKAGE,PACKAGE...
set -euo pipefail

root=$1 suite=$2 mirror=$3 packages=$4
unfinished=$root.unfinished.$$
user=dev

# mmdebstrap does not take over the host's apt settings: pass on those that decide whether a mirror works.
apt_options=()
while IFS= read -r setting; do
	apt_options+=(--aptopt="$setting")
done < <(apt-config dump 2>/dev/null |
	grep -E '^Acquire::(Check-Valid-Until|http::Proxy|https::Proxy|http::Proxy::|Retries) ' || true)

# A chroot helper of mmdebstrap's own, so that hooks run in either mode.
in_root='chroot "$1"'
if [ "$(id -u)" = 0 ]; then
	mode=root subids=100000:65536
else
	mode=unshare subids=10000:50000
fi

keyring=()
[ ! -r /usr/share/keyrings/debian-archive-keyring.gpg ] ||
	keyring=(--keyring=/usr/share/keyrings/debian-archive-keyring.gpg)

trap 'rm -rf "$unfinished" 2>/dev/null || true' EXIT

mmdebstrap --mode="$mode" --variant=minbase --format=directory "${keyring[@]}" "${apt_options[@]}" \
	--aptopt='APT::Install-Recommends "false"' --dpkgopt=force-unsafe-io \
	--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/info/*' \
	--include="$packages" \
	--customize-hook="$in_root useradd --create-home --home-dir /home/dev --uid 1000 --shell /bin/bash $user" \
	--customize-hook="echo $user:$subids | tee \"\$1/etc/subuid\" > \"\$1/etc/subgid\"" \
	--customize-hook='chmod 711 "$1/root" && touch "$1/.complete"' \
	"$suite" "$unfinished" "deb $mirror $suite main" 2> >(
		tee /dev/stderr | sed -un 's/^I: \(.*\)\.\.\.$/\1/p'
	)

mv "$unfinished" "$root"
trap - EXIT
