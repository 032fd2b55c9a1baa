/* SPDX-License-Identifier: MIT */
#include "vm/vms.h"

#include <stdio.h>

#include "common/clock.h"
#include "common/name.h"
#include "vm/palette.h"

void vms_init(struct vms *vms)
{
	*vms = (struct vms){};
	wl_list_init(&vms->list);
	wl_signal_init(&vms->events.changed);
}

void vm_app_destroy(struct vm_app *app)
{
	free(app->id);
	free(app->name);
	free(app->icon);
	free(app);
}

static void clear_apps(struct vm *vm)
{
	for (int i = 0; i < vm->apps.length; i++) {
		vm_app_destroy(vm->apps.items[i]);
	}
	list_finish(&vm->apps);
}

void vms_finish(struct vms *vms)
{
	struct vm *vm, *next;
	wl_list_for_each_safe (vm, next, &vms->list, link) {
		wl_list_remove(&vm->link);
		clear_apps(vm);
		free(vm->name);
		free(vm->label);
		free(vm->message);
		free(vm->workspace);
		free(vm);
	}
}

struct vm *vms_find(struct vms *vms, const char *name)
{
	struct vm *vm;
	wl_list_for_each (vm, &vms->list, link) {
		if (strcmp(vm->name, name) == 0) {
			return vm;
		}
	}
	return nullptr;
}

static bool color_is_taken(const struct vms *vms, uint32_t rgb)
{
	const struct vm *vm;
	wl_list_for_each (vm, &vms->list, link) {
		if (vm->color >> 8 == rgb) {
			return true;
		}
	}
	return false;
}

/* The name's own colour, or the next one that no other VM wears. */
static uint32_t choose_color(const struct vms *vms, const char *name)
{
	unsigned first = palette_index(name);
	for (unsigned i = 0; i < palette_size; i++) {
		uint32_t rgb = palette_color((first + i) % palette_size);
		if (!color_is_taken(vms, rgb)) {
			return rgb;
		}
	}
	return palette_color(first);
}

static void insert_sorted(struct vms *vms, struct vm *added)
{
	struct vm *vm;
	struct wl_list *before = vms->list.prev;
	wl_list_for_each (vm, &vms->list, link) {
		if (strcmp(vm->name, added->name) > 0) {
			before = vm->link.prev;
			break;
		}
	}
	wl_list_insert(before, &added->link);
	vms->count++;
}

struct vm *vms_get(struct vms *vms, const char *name)
{
	if (!vx_vm_name_is_valid(name)) {
		return nullptr;
	}
	struct vm *vm = vms_find(vms, name);
	if (vm != nullptr || vms->count >= vms_max) {
		return vm;
	}
	vm = vx_new(vm);
	vm->name = vx_strdup(name);
	vm->label = vx_strdup(name);
	vm->message = vx_strdup("");
	vm->palette_color = choose_color(vms, name);
	vm_set_color(vm, vm->palette_color);
	insert_sorted(vms, vm);
	return vm;
}

void vm_set_color(struct vm *vm, uint32_t rgb)
{
	vm->color = (rgb & 0xffffff) << 8 | 0xff;
	snprintf(vm->color_text, sizeof(vm->color_text), "#%06x", rgb & 0xffffff);
}

void vm_set_label(struct vm *vm, const char *label)
{
	vx_replace_string(&vm->label, label != nullptr && label[0] != '\0' ? label : vm->name);
}

void vm_unpublish(struct vm *vm)
{
	vm->published = false;
	vm->state = VM_STOPPED;
	vx_replace_string(&vm->message, "");
	vx_replace_string(&vm->workspace, nullptr);
	clear_apps(vm);
}

static constexpr int64_t focus_grant_seconds = 180;

void vm_grant_focus(struct vm *vm)
{
	vm->focus_granted_until = (int64_t)(vx_clock_ms() / 1000) + focus_grant_seconds;
}

bool vm_take_focus_grant(struct vm *vm)
{
	bool granted = (int64_t)(vx_clock_ms() / 1000) < vm->focus_granted_until;
	vm->focus_granted_until = 0;
	return granted;
}

const char *vm_state_text(enum vm_state state)
{
	static const char *const texts[] = {
		[VM_STOPPED] = "stopped",
		[VM_STARTING] = "starting",
		[VM_RUNNING] = "running",
		[VM_PAUSED] = "paused",
		[VM_STOPPING] = "stopping",
		[VM_FAILED] = "failed",
	};
	static_assert(VX_ARRAY_LENGTH(texts) == VM_STATE_COUNT);
	return texts[state];
}
