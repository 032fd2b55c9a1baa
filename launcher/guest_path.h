/* SPDX-License-Identifier: MIT */
/* Where programs of a guest are looked for; packages of Nix come before it. */
#ifndef VX_LAUNCHER_GUEST_PATH_H
#define VX_LAUNCHER_GUEST_PATH_H

#define VX_GUEST_PATH \
	"/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games:/usr/local/sbin:/usr/sbin:/sbin"

#endif
