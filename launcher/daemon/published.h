/* SPDX-License-Identifier: MIT */
/* What a compositor is told of the VMs: a plain list, made anew for each update and compared. */
#ifndef VX_LAUNCHER_DAEMON_PUBLISHED_H
#define VX_LAUNCHER_DAEMON_PUBLISHED_H

#include <stddef.h>
#include <stdint.h>

static constexpr size_t published_vms_max = 256;
static constexpr size_t published_apps_max = 64; /* of one VM */

struct published_app {
	char *id, *name, *icon; /* owned; icon may be NULL */
};

struct published_vm {
	char *name;      /* owned */
	char *label;     /* owned */
	char *message;   /* owned; one line, may be empty */
	char *workspace; /* owned; may be empty */
	uint32_t color;
	uint32_t state;             /* enum vixos_domain_v1_state */
	struct published_app *apps; /* owned */
	size_t app_count;
};

struct published_list {
	struct published_vm *vms; /* owned */
	size_t count;
};

/* A new VM at the end, or NULL when there is no room; strings are copied. */
struct published_vm *published_list_add(struct published_list *list, const char *name,
	const char *label, uint32_t color, uint32_t state);
const struct published_vm *published_list_find(const struct published_list *list, const char *name);
/* Drops the app where there is no room or the id is there already. `icon` may be NULL. */
void published_vm_add_app(
	struct published_vm *vm, const char *id, const char *name, const char *icon);
/* Its first line, without control characters. */
void published_vm_set_message(struct published_vm *vm, const char *message);

void published_vm_set_workspace(struct published_vm *vm, const char *workspace);

bool published_vm_has_same_apps(const struct published_vm *a, const struct published_vm *b);
bool published_vm_is_equal(const struct published_vm *a, const struct published_vm *b);

void published_list_finish(struct published_list *list);

#endif
