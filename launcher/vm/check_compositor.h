/* SPDX-License-Identifier: MIT */
/* Asks the user's Wayland compositor whether it can tag windows (security-context-v1). */
#ifndef VX_LAUNCHER_VM_CHECK_COMPOSITOR_H
#define VX_LAUNCHER_VM_CHECK_COMPOSITOR_H

#include "common/error.h"

enum vm_compositor_kind : unsigned {
	VM_COMPOSITOR_NONE,     /* none there, or it doesn't answer: see the error */
	VM_COMPOSITOR_UNTAGGED, /* has no security-context */
	VM_COMPOSITOR_TAGS,
};

/* One round trip as a client of $WAYLAND_DISPLAY; blocks for at most two seconds. */
enum vm_compositor_kind vm_check_compositor(struct vx_error *err);

#endif
