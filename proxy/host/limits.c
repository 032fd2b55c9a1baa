/* SPDX-License-Identifier: MIT */
#include "host/limits.h"

#include <string.h>

#include "common/log.h"
#include "common/memory.h"
#include "wire/interface.h"

struct limit {
	const char *interface;
	uint32_t per_client, per_vm;
};

static const struct limit limit_total = {"objects", 16384, 65536};
static const struct limit limit_default = {"objects of one kind", 512, 4096};

static const struct limit limits[] = {
	{"wl_callback", 4096, 16384},
	{"wl_output", 64, 1024},
	{"wl_region", 1024, 4096},
	{"wl_registry", 64, 1024},
	{"wl_seat", 64, 1024},
	{"wl_subsurface", 512, 2048},
	{"wl_surface", 1024, 4096},
	{"wp_presentation_feedback", 2048, 8192},
	{"wp_viewport", 1024, 4096},
	{"xdg_activation_token_v1", 32, 256},
	{"xdg_popup", 64, 256},
	{"xdg_positioner", 128, 1024},
	{"xdg_toplevel", 128, 512},
};

static const struct limit *limit_find(const char *interface)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(limits); i++) {
		if (strcmp(limits[i].interface, interface) == 0) {
			return &limits[i];
		}
	}
	return &limit_default;
}

bool limits_add(struct limits_counts *client, struct limits_counts *vm,
	const struct wire_interface *interface, struct vx_error *err)
{
	vx_assert(interface->index < limits_interfaces_max);
	if (client->total >= limit_total.per_client || vm->total >= limit_total.per_vm) {
		return vx_error_set(err, "over the limit of %u objects, or %u for the VM",
			limit_total.per_client, limit_total.per_vm);
	}
	uint32_t *client_count = &client->by_interface[interface->index];
	uint32_t *vm_count = &vm->by_interface[interface->index];
	const struct limit **limit = &vm->limits[interface->index];
	if (*limit == nullptr) {
		*limit = limit_find(interface->name);
	}
	if (*client_count >= (*limit)->per_client || *vm_count >= (*limit)->per_vm) {
		return vx_error_set(err, "over the limit of %u %s, or %u for the VM",
			(*limit)->per_client, interface->name, (*limit)->per_vm);
	}
	(*client_count)++;
	(*vm_count)++;
	client->total++;
	vm->total++;
	return true;
}

void limits_remove(struct limits_counts *client, struct limits_counts *vm,
	const struct wire_interface *interface)
{
	client->by_interface[interface->index]--;
	vm->by_interface[interface->index]--;
	client->total--;
	vm->total--;
}
