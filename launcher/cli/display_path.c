/* SPDX-License-Identifier: MIT */
#include "cli/display_path.h"

char *display_path_find(const char *name, struct vx_error *err)
{
	if (name == nullptr) {
		name = getenv("WAYLAND_DISPLAY");
	}
	if (name == nullptr || name[0] == '\0') {
		vx_error_set(err, "there is no Wayland display here: WAYLAND_DISPLAY is not set");
		return nullptr;
	}
	if (name[0] == '/') {
		return vx_strdup(name);
	}
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	if (runtime == nullptr || runtime[0] != '/') {
		vx_error_set(
			err, "XDG_RUNTIME_DIR is not set: the display '%s' can't be found", name);
		return nullptr;
	}
	return vx_printf("%s/%s", runtime, name);
}
