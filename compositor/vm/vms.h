/* SPDX-License-Identifier: MIT */
/*
 * The VMs that the compositor knows of: published by vixosd (vm/domain.h) or seen as the tag of a
 * client. Every one has a colour and a label, also before anybody published them.
 */
#ifndef VM_VMS_H
#define VM_VMS_H

#include <stdint.h>
#include <wayland-server-core.h>

#include "tree/list.h"

enum vm_state : unsigned {
	VM_STOPPED,
	VM_STARTING,
	VM_RUNNING,
	VM_PAUSED,
	VM_STOPPING,
	VM_FAILED,
	VM_STATE_COUNT,
};

struct vm_app {
	char *id, *name, *icon; /* owned; fit for display */
};

struct vm {
	struct wl_list link; /* vms.list, by name */
	char *name;          /* owned; vx_vm_name_is_valid() */
	uint32_t color;      /* 0xRRGGBBAA, opaque */
	char color_text[8];  /* "#rrggbb" */
	char *label;         /* owned; for display, never empty */
	uint32_t palette_color;
	bool published;
	enum vm_state state;
	char *message;   /* owned; for display, may be empty */
	char *workspace; /* owned; where its new windows open; NULL: anywhere */
	LIST(struct vm_app) apps;
	/* The user asked for something in it: until then its next window may take the focus;
	 * CLOCK_MONOTONIC seconds, 0: no. */
	int64_t focus_granted_until;
};

struct vms {
	struct wl_list list; /* struct vm.link */
	int count;
	struct {
		struct wl_signal changed; /* struct vm, or NULL: any of them */
	} events;
};

/* More are not kept: somebody who may create security contexts went mad. */
static constexpr int vms_max = 512;

void vms_init(struct vms *vms);
void vms_finish(struct vms *vms);

/* The VM of a valid name, made if it is new; NULL for other names and over vms_max. Borrowed. */
struct vm *vms_get(struct vms *vms, const char *name);
/* NULL where it isn't known. */
struct vm *vms_find(struct vms *vms, const char *name);

/* `rgb` is 0xRRGGBB. */
void vm_set_color(struct vm *vm, uint32_t rgb);
/* NULL or "": the name. */
void vm_set_label(struct vm *vm, const char *label);
/* Back to what a VM is that nobody publishes. */
void vm_unpublish(struct vm *vm);

/* One window may take the focus from another VM within the next minutes, however long it boots. */
void vm_grant_focus(struct vm *vm);
/* True once after vm_grant_focus(). */
bool vm_take_focus_grant(struct vm *vm);

const char *vm_state_text(enum vm_state state);

void vm_app_destroy(struct vm_app *app);

#endif
