/* SPDX-License-Identifier: MIT */
#include "daemon/doctor.h"

#include <stdio.h>
#include <systemd/sd-json.h>

#include "common/error.h"
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

static void doctor_print_config(struct vm_config **ret_config)
{
	vx_cleanup_error struct vx_error err = {};
	*ret_config = vm_config_load(&err);
	struct vm_check_result result = {
		.id = "config",
		.title = "configuration",
		.verdict = *ret_config != nullptr ? VM_VERDICT_OK : VM_VERDICT_FAIL,
		.detail = *ret_config != nullptr ? vx_strdup("can be read")
						 : vx_take_ptr(err.message),
		.remedy = *ret_config != nullptr ? nullptr
						 : vx_strdup("correct the file; see vixos(5)"),
	};
	doctor_print(&result);
	vm_check_result_finish(&result);
}

int doctor_run(void)
{
	struct vm_config *config;
	doctor_print_config(&config);
	for (size_t i = 0; i < vm_check_count(); i++) {
		struct vm_check_result result = vm_check_run(i, config);
		doctor_print(&result);
		vm_check_result_finish(&result);
	}
	vm_config_destroy(config);
	return 0;
}
