/* SPDX-License-Identifier: MIT */
/* Asks the user's Wayland compositor whether it can tag windows (security-context-v1), and how its
 * clipboard can be used. */
#ifndef VX_LAUNCHER_VM_CHECK_COMPOSITOR_H
#define VX_LAUNCHER_VM_CHECK_COMPOSITOR_H

#include "common/error.h"

/* The protocol by which vixosd uses the host's clipboard. */
enum vm_data_control : unsigned {
	VM_DATA_CONTROL_NONE,
	VM_DATA_CONTROL_WLR, /* zwlr_data_control_manager_v1 */
	VM_DATA_CONTROL_EXT, /* ext_data_control_manager_v1, which comes first */
};

struct vm_compositor {
	bool has_security_context;
	enum vm_data_control data_control;
};

/*
 * One round trip as a client of $WAYLAND_DISPLAY; blocks for at most two seconds. False where none
 * is there, or it doesn't answer.
 */
bool vm_check_compositor(struct vm_compositor *ret_compositor, struct vx_error *err);

#endif
