/* SPDX-License-Identifier: MIT */
/* The varlink service org.vixos.Manager: connections, calls that wait for something, leases. */
#ifndef VX_LAUNCHER_DAEMON_MANAGER_H
#define VX_LAUNCHER_DAEMON_MANAGER_H

#include "common/error.h"

struct daemon;
struct machine;
struct manager;

/* Serves on `listen_fd` (given away in any case). NULL on failure. */
[[nodiscard]] struct manager *manager_create(
	struct daemon *daemon, int listen_fd, struct vx_error *err);
/* Ends all connections. NULL allowed. */
void manager_destroy(struct manager *manager);

/* Something that calls may wait for has changed: see to them. */
void manager_advance(struct manager *manager);

/* The VM has written to its console. */
void manager_machine_logged(struct manager *manager, struct machine *machine);

/* Does a call hold on to this machine? */
bool manager_uses_machine(const struct manager *manager, const struct machine *machine);

/* Is anybody connected? */
bool manager_is_busy(const struct manager *manager);

#endif
