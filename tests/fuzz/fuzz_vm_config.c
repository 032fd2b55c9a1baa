/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>

#include "common/error.h"
#include "common/log.h"
#include "vm/config.h"
#include "vm/definition.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	vx_cleanup_error struct vx_error err = {};
	struct vm_config *config = vm_config_parse((const char *)data, size, "fuzz", &err);
	vx_assert((config == nullptr) == (err.message != nullptr));
	if (config != nullptr) {
		struct vm_definition *definition = vm_definition_for_package(
			config, "work", nullptr);
		vx_assert(definition->memory_max_mib >= definition->memory_min_mib);
		vm_definition_destroy(definition);
	}
	vm_config_destroy(config);
	return 0;
}
