/* SPDX-License-Identifier: MIT */
#include "daemon/describe.h"

#include <stdio.h>
#include <systemd/sd-json.h>

#include "vm/adopt.h"
#include "vm/config.h"

int describe_run(const char *domain)
{
	vx_cleanup_error struct vx_error err = {};
	struct vm_adopted adopted = {};
	sd_json_variant *object = nullptr;
	struct vm_config *config = vm_config_load(&err);
	bool good = config != nullptr && vm_adopt(&adopted, config->uri, domain, &err);
	if (good) {
		(void)sd_json_buildo(&object, SD_JSON_BUILD_PAIR_STRING("disk", adopted.disk),
			SD_JSON_BUILD_PAIR_UNSIGNED("memoryMiB", adopted.memory_mib),
			SD_JSON_BUILD_PAIR_UNSIGNED("vcpus", adopted.vcpus),
			SD_JSON_BUILD_PAIR_BOOLEAN("uefi", adopted.uefi),
			SD_JSON_BUILD_PAIR_BOOLEAN("network", adopted.has_network));
	} else {
		(void)sd_json_buildo(
			&object, SD_JSON_BUILD_PAIR_STRING("error", vx_error_message(&err)));
	}
	(void)sd_json_variant_dump(object, SD_JSON_FORMAT_NEWLINE, stdout, nullptr);
	sd_json_variant_unref(object);
	vm_adopted_finish(&adopted);
	vm_config_destroy(config);
	return good ? 0 : vx_error_exit_status(err.kind);
}
