/* SPDX-License-Identifier: MIT */
/* The walls between the clipboards of VMs, and the user's way across them. */
#ifndef VM_CLIPBOARD_H
#define VM_CLIPBOARD_H

#include "commands/desktop.h"

struct seat;
struct view;
struct vx_error;

/* `vm_clipboard copy` takes from the window's VM, `paste` gives to it. */
bool clipboard_transfer(struct seat *seat, struct view *view, enum desktop_clipboard_action action,
	struct vx_error *err);

#endif
