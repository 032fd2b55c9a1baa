/* SPDX-License-Identifier: MIT */
/* What vixosd says of VMs, for verbs that need to know whether one runs. */
#ifndef VX_LAUNCHER_CLI_VMS_H
#define VX_LAUNCHER_CLI_VMS_H

#include <systemd/sd-varlink.h>

#include "common/error.h"

struct client;

/* Is that the state of a VM that has a domain, or is about to? `state` may be NULL. */
[[nodiscard]] bool vms_state_is_alive(const char *state);

/* Does a VM of this name run, or start or stop just now? False with an error: nobody knows. */
bool vms_is_alive(struct client *client, const char *name, bool *ret_alive, struct vx_error *err);

/* What vixosd says of one VM, defined or running; borrowed until the next call. NULL, with an
 * error, for one that isn't there. */
[[nodiscard]] sd_json_variant *vms_find(
	struct client *client, const char *name, struct vx_error *err);

/* Does one of this name run? Then `err` says so, with the command that stops it. */
bool vms_check_stopped(struct client *client, const char *name, struct vx_error *err);

/* Stops it and waits for that. */
bool vms_stop(struct client *client, const char *name, bool kill, struct vx_error *err);

#endif
