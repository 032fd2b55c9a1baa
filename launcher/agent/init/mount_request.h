/* SPDX-License-Identifier: MIT */
/*
 * What vixos-tool asks of the process that mounts folders while the VM runs (mounts.h): one packet
 * each way. Programs of the guest can ask too; all that they reach is what the host has shown to
 * this VM.
 */
#ifndef VX_LAUNCHER_AGENT_INIT_MOUNT_REQUEST_H
#define VX_LAUNCHER_AGENT_INIT_MOUNT_REQUEST_H

#include <stdint.h>

#define MOUNT_REQUEST_SOCKET "/run/vixos/mount.sock"

enum mount_request_type : uint32_t {
	MOUNT_REQUEST_MOUNT = 1,
	MOUNT_REQUEST_UNMOUNT = 2,
};

enum mount_request_flag : uint32_t {
	MOUNT_REQUEST_WRITABLE = 1 << 0,
	MOUNT_REQUEST_LAZY = 1 << 1, /* unmount although programs use it */
};

struct mount_request {
	uint32_t type, flags;
	char tag[32];      /* of the virtiofs device; NUL-terminated */
	char target[4096]; /* absolute; NUL-terminated; empty to unmount */
};

/* Answered by an int32_t: 0, or the errno. */

#endif
