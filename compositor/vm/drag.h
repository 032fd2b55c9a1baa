/* SPDX-License-Identifier: MIT */
/*
 * Drag and drop between the windows of one VM. VMs are offered a wl_data_device_manager of their
 * own, in which there are no selections: they have those among themselves, in vixos-guest. Nothing
 * that is dragged by others is offered in it either, and no byte passes through: vixos-proxy has
 * the guest's programs exchange what is dragged inside the VM.
 */
#ifndef VM_DRAG_H
#define VM_DRAG_H

#include <wayland-server-core.h>

struct server;
struct vm_drags;
struct wlr_drag;
struct wlr_surface;

/* Owned by the caller, who destroys it before the display. NULL where the global can't be made. */
struct vm_drags *vm_drags_create(struct server *server);
/* NULL is allowed. */
void vm_drags_destroy(struct vm_drags *drags);

/* Is it the global that VMs, and only they, are offered? */
bool vm_drags_owns_global(const struct vm_drags *drags, const struct wl_global *global);

/* A drag has begun, perhaps a VM's: those of its windows that it enters are told. */
void vm_drag_follow(struct vm_drags *drags, struct wlr_drag *drag);

/* What a VM's drag shows, while it begins; NULL for nothing. wlroots' own icons aren't for us. */
struct wlr_surface *vm_drag_icon(const struct wlr_drag *drag);

/* May what is dragged be offered to the surface's client? */
bool vm_drag_may_enter(
	struct server *server, const struct wlr_drag *drag, const struct wlr_surface *surface);

#endif
