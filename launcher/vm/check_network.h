/* SPDX-License-Identifier: MIT */
#ifndef VX_LAUNCHER_VM_CHECK_NETWORK_H
#define VX_LAUNCHER_VM_CHECK_NETWORK_H

#include "common/error.h"

/* Makes the network of a VM, firewall and all, and ends it again. Blocks, for some seconds at most.
 */
[[nodiscard]] bool vm_check_network(struct vx_error *err);

#endif
