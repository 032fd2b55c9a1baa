/* SPDX-License-Identifier: MIT */
/*
 * Domains as libvirt describes them: others may define some that look like ours, or be adopted.
 * What is taken for a definition must be one that could be written again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/memory.h"
#include "common/name.h"
#include "vm/adopt.h"
#include "vm/definition.h"
#include "vm/domain_xml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_ours(const char *xml)
{
	vx_cleanup_error struct vx_error err = {};
	struct vm_definition *definition = nullptr;
	char *region = nullptr;
	if (!vm_domain_xml_parse(xml, &definition, &region, &err)) {
		return;
	}
	vx_assert(vx_vm_name_is_valid(definition->name));
	vx_assert(definition->memory_min_mib <= definition->memory_max_mib);
	vx_assert(region == nullptr || strchr(region, '/') == nullptr);
	vx_cleanup_error struct vx_error problem = {};
	char *metadata = vm_domain_metadata_format(definition, region, &problem);
	vx_assert(metadata != nullptr);
	free(metadata);
	free(region);
	vm_definition_destroy(definition);
}

static void check_adopted(const char *xml)
{
	vx_cleanup_error struct vx_error err = {};
	struct vm_adopted adopted = {};
	bool is_good = vm_adopt_parse(&adopted, xml, &err);
	vx_assert(is_good == (err.message == nullptr));
	vx_assert(!is_good || (adopted.disk != nullptr && adopted.disk[0] == '/'));
	vm_adopted_finish(&adopted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	vx_cleanup_free char *xml = vx_strndup((const char *)data, size);
	check_ours(xml);
	check_adopted(xml);
	return 0;
}
