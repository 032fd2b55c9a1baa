/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_AGENT_INIT_NETWORK_H
#define VX_LAUNCHER_AGENT_INIT_NETWORK_H

#include "common/error.h"

[[nodiscard]] bool network_start_loopback(struct vx_error *err);

/*
 * Starts a process that sees to network cards, those that are there and
 * those that are plugged in later: it loads their drivers from the folder `modules`
 * (modules_load_network()), asks for addresses, and forwards for the VMs whose network this one is
 * (forward.h). Nothing waits for it; a VM without an address still runs.
 */
[[nodiscard]] bool network_start(int modules, struct vx_error *err);

#endif
