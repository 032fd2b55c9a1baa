/* SPDX-License-Identifier: MIT */
#include "common/name.h"

#include <string.h>

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_name_char(char c)
{
	return is_lower(c) || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

bool vx_vm_name_is_valid(const char *name)
{
	if (name == nullptr || !is_lower(name[0]) || strstr(name, "..") != nullptr) {
		return false;
	}
	size_t length = 0;
	while (length <= vx_vm_name_max && name[length] != '\0') {
		if (!is_name_char(name[length])) {
			return false;
		}
		length++;
	}
	return length <= vx_vm_name_max;
}
