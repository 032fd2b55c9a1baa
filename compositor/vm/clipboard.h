/* SPDX-License-Identifier: MIT */
/*
 * The user's way across the walls between the clipboards of VMs. Each VM has a clipboard of its
 * own, in vixos-guest; no client of a VM is offered the host's (globals.c). vixosd carries content
 * from one to the other, when and only when it is told to from here or by `vixos clipboard`.
 */
#ifndef VM_CLIPBOARD_H
#define VM_CLIPBOARD_H

#include "commands/desktop.h"

struct server;
struct view;
struct vx_error;

/*
 * `vm_clipboard copy` takes from the window's VM into the host's clipboard, `paste` gives what is
 * there to it. What comes of it is shown by vixosd; false where there is nobody to do it.
 */
bool clipboard_transfer(struct server *server, struct view *view,
	enum desktop_clipboard_action action, struct vx_error *err);

#endif
