/* SPDX-License-Identifier: MIT */
#include "cli/json.h"

#include <stdio.h>

void json_print(sd_json_variant *value)
{
	(void)sd_json_variant_dump(
		value, SD_JSON_FORMAT_PRETTY | SD_JSON_FORMAT_NEWLINE, stdout, nullptr);
}
