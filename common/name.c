/* SPDX-License-Identifier: MIT */
#include "common/name.h"

#include <string.h>

#include "common/memory.h"

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

char *vx_domain_socket_path(const char *display_path)
{
	const char *slash = strrchr(display_path, '/');
	int folder_length = slash == nullptr ? 0 : (int)(slash - display_path + 1);
	return vx_printf(
		"%.*svixos-domain-%s", folder_length, display_path, display_path + folder_length);
}
