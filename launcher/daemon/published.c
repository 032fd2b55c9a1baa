/* SPDX-License-Identifier: MIT */
#include "daemon/published.h"

#include <string.h>

#include "common/display_string.h"
#include "common/memory.h"

static constexpr size_t message_code_points_max = 120;
static constexpr size_t name_bytes_max = 128;

struct published_vm *published_list_add(struct published_list *list, const char *name,
	const char *label, uint32_t color, uint32_t state)
{
	if (list->count >= published_vms_max) {
		return nullptr;
	}
	list->vms = vx_reallocarray(list->vms, list->count + 1, sizeof(*list->vms));
	struct published_vm *vm = &list->vms[list->count++];
	*vm = (struct published_vm){
		.name = vx_strdup(name),
		.label = vx_strdup(label),
		.message = vx_strdup(""),
		.workspace = vx_strdup(""),
		.color = color,
		.state = state,
	};
	return vm;
}

const struct published_vm *published_list_find(const struct published_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++) {
		if (strcmp(list->vms[i].name, name) == 0) {
			return &list->vms[i];
		}
	}
	return nullptr;
}

/* `text` as the protocol allows it: at most 128 bytes, cut at a code point. Owned by the caller. */
static char *app_name(const char *text)
{
	char *name = vx_display_string(text, name_bytes_max);
	size_t length = strlen(name);
	if (length > name_bytes_max) {
		length = name_bytes_max;
		while (length > 0 && ((unsigned char)name[length] & 0xc0) == 0x80) {
			length--;
		}
		name[length] = '\0';
	}
	return name;
}

void published_vm_add_app(
	struct published_vm *vm, const char *id, const char *name, const char *icon)
{
	if (vm->app_count >= published_apps_max || id[0] == '\0' || strlen(id) > vx_app_id_max) {
		return;
	}
	for (size_t i = 0; i < vm->app_count; i++) {
		if (strcmp(vm->apps[i].id, id) == 0) {
			return;
		}
	}
	vm->apps = vx_reallocarray(vm->apps, vm->app_count + 1, sizeof(*vm->apps));
	vm->apps[vm->app_count++] = (struct published_app){
		.id = vx_strdup(id),
		.name = app_name(name),
		.icon = vx_strdup(icon),
	};
}

void published_vm_set_message(struct published_vm *vm, const char *message)
{
	vx_cleanup_free char *line = vx_strndup(message, strcspn(message, "\n"));
	free(vm->message);
	vm->message = vx_display_string(line, message_code_points_max);
}

void published_vm_set_workspace(struct published_vm *vm, const char *workspace)
{
	vx_replace_string(&vm->workspace, workspace);
}

static bool is_same(const char *a, const char *b)
{
	return a == b || (a != nullptr && b != nullptr && strcmp(a, b) == 0);
}

bool published_vm_has_same_apps(const struct published_vm *a, const struct published_vm *b)
{
	if (a->app_count != b->app_count) {
		return false;
	}
	for (size_t i = 0; i < a->app_count; i++) {
		if (!is_same(a->apps[i].id, b->apps[i].id) ||
			!is_same(a->apps[i].name, b->apps[i].name) ||
			!is_same(a->apps[i].icon, b->apps[i].icon)) {
			return false;
		}
	}
	return true;
}

bool published_vm_is_equal(const struct published_vm *a, const struct published_vm *b)
{
	return is_same(a->name, b->name) && is_same(a->label, b->label) &&
	       is_same(a->message, b->message) && is_same(a->workspace, b->workspace) &&
	       a->color == b->color && a->state == b->state && published_vm_has_same_apps(a, b);
}

static void published_vm_finish(struct published_vm *vm)
{
	for (size_t i = 0; i < vm->app_count; i++) {
		free(vm->apps[i].id);
		free(vm->apps[i].name);
		free(vm->apps[i].icon);
	}
	free(vm->apps);
	free(vm->name);
	free(vm->label);
	free(vm->message);
	free(vm->workspace);
}

void published_list_finish(struct published_list *list)
{
	for (size_t i = 0; i < list->count; i++) {
		published_vm_finish(&list->vms[i]);
	}
	free(list->vms);
	*list = (struct published_list){};
}
