/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_AGENT_INIT_NETWORK_H
#define VX_LAUNCHER_AGENT_INIT_NETWORK_H

#include "common/error.h"

/*
 * Brings up the loopback and, where `ethernet`, asks for an address on the first Ethernet device in
 * a process of its own, so that nothing waits for it. A VM without an address still runs.
 */
bool network_start(bool ethernet, struct vx_error *err);

#endif
