/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_NET_FILTER_H
#define VX_LAUNCHER_NET_FILTER_H

#include "common/error.h"

/* Runs a program in nftables' language in this network namespace: all of it or nothing. */
[[nodiscard]] bool filter_run(const char *script, struct vx_error *err);

/* Lets nothing out, until filter_run() says otherwise. */
[[nodiscard]] bool filter_deny_all(struct vx_error *err);

#endif
