/* SPDX-License-Identifier: MIT */
/* Starting vixosd where neither it nor systemd listens for us. */
#ifndef VX_LAUNCHER_CLI_LAUNCH_H
#define VX_LAUNCHER_CLI_LAUNCH_H

#include <stdio.h>
#include <sys/types.h>

#include "common/error.h"

/* The path of vixosd's socket; owned by the caller. NULL where XDG_RUNTIME_DIR is unset. */
[[nodiscard]] char *launch_address(struct vx_error *err);

/* Returns once a vixosd listens at `address`: one that we have started, or that came first. */
bool launch_vixosd(const char *address, struct vx_error *err);

/*
 * Another vixosd with options that make it tell something and end, up to four, NULL-terminated: its
 * standard output, for the caller to read, close, and wait for `*ret_child`. NULL on failure.
 */
[[nodiscard]] FILE *launch_ask_vixosd(
	const char *const *options, pid_t *ret_child, struct vx_error *err);

/* The path of the vixosd program; owned by the caller. */
[[nodiscard]] char *launch_find_vixosd(struct vx_error *err);

#endif
