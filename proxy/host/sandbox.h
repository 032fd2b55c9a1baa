/* SPDX-License-Identifier: MIT */
/*
 * What vixos-proxy gives up before it reads the guest's first byte.
 *
 *   at start     sandbox_close_inherited(): descriptors that the parent leaked
 *   after set-up sandbox_enter(SANDBOX_PROXY):
 *                  no_new_privs, not dumpable (no ptrace by siblings, no core);
 *                  rlimits: no core, no new process, descriptors and memory capped;
 *                  Landlock: no right to any path, port, abstract socket or signal outside;
 *                  seccomp: an allowlist (sandbox.c, a table with a reason each), anything else
 *                  kills the process.
 *                After that the proxy can use the descriptors it holds, make memfds and pipes, and
 *                accept on its control socket. It can't open, connect, exec or fork.
 *   connector    sandbox_enter(SANDBOX_CONNECTOR): the same, but it can make unix sockets and
 *                connect them, because that is its job; it reads no byte of a guest.
 *   vixos-usb    sandbox_enter(SANDBOX_USB) (launcher/usb): it reads, writes, waits, and drives the
 *                one device that it holds by ioctl(2).
 *
 * A kernel without Landlock is no reason to fail: that wall is missing then, and the log says so.
 * Without seccomp sandbox_enter() fails. Builds with a sanitizer allow the few calls more that the
 * sanitizer's run-time makes, and say so in the log; they are for tests.
 */
#ifndef PROXY_HOST_SANDBOX_H
#define PROXY_HOST_SANDBOX_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

static constexpr unsigned sandbox_fds_max = 2048;
/* Virtual: the region may be mapped (1 GiB), all else is small. */
static constexpr uint64_t sandbox_address_space_max = UINT64_C(3) * 1024 * 1024 * 1024;

enum sandbox_role : unsigned {
	SANDBOX_PROXY,
	SANDBOX_CONNECTOR,
	SANDBOX_USB,
	SANDBOX_ROLE_COUNT,
};

/* Closes every descriptor over 2 but those in `keep` (need not be sorted). */
bool sandbox_close_inherited(const int *keep, size_t keep_count, struct vx_error *err);

/* Irrevocable. Logs one line about walls that the kernel doesn't have. */
bool sandbox_enter(enum sandbox_role role, struct vx_error *err);

#endif
