/* SPDX-License-Identifier: MIT */
#include "daemon/doctor.h"

#include <stdio.h>
#include <systemd/sd-json.h>

#include "vm/checks.h"
#include "vm/config.h"

static void doctor_print(const struct vm_check_result *result)
{
	sd_json_variant *object = nullptr;
	(void)sd_json_buildo(&object, SD_JSON_BUILD_PAIR_STRING("id", result->id),
		SD_JSON_BUILD_PAIR_STRING("title", result->title),
		SD_JSON_BUILD_PAIR_STRING("verdict", vm_verdict_name(result->verdict)),
		SD_JSON_BUILD_PAIR_CONDITION(
			result->detail != nullptr, "detail", SD_JSON_BUILD_STRING(result->detail)),
		SD_JSON_BUILD_PAIR_CONDITION(
			result->remedy != nullptr, "remedy", SD_JSON_BUILD_STRING(result->remedy)));
	(void)sd_json_variant_dump(
		object, SD_JSON_FORMAT_NEWLINE | SD_JSON_FORMAT_FLUSH, stdout, nullptr);
	sd_json_variant_unref(object);
}

int doctor_run(void)
{
	/* Why there is none is one of the findings. */
	struct vm_config *config = vm_config_load(nullptr);
	for (size_t i = 0; i < vm_check_count(); i++) {
		struct vm_check_result result = vm_check_run(i, config);
		doctor_print(&result);
		vm_check_result_finish(&result);
	}
	vm_config_destroy(config);
	return 0;
}
