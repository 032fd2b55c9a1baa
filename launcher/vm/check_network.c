/* SPDX-License-Identifier: MIT */
#include "vm/check_network.h"

#include "vm/definition.h"
#include "vm/network.h"
#include "vm/runtime_dir.h"

/* A name that no VM is likely to have: what runs under it would be ended. */
static const char name[] = "vixos-doctor.check";

bool vm_check_network(struct vx_error *err)
{
	struct vm_runtime_dir dir;
	bool good = vm_runtime_dir_init(&dir, name, err) && vm_runtime_dir_make(&dir, err);
	if (good) {
		struct vm_definition *definition = vm_definition_create(name);
		vm_definition_set_network(definition, VM_NETWORK_NAT, nullptr);
		good = vm_network_start(&dir, definition, err);
		vm_network_cut(&dir);
		vm_definition_destroy(definition);
	}
	(void)vm_runtime_dir_remove(&dir, nullptr);
	vm_runtime_dir_finish(&dir);
	return good;
}
