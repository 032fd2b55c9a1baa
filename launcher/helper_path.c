/* SPDX-License-Identifier: MIT */
#include "helper_path.h"

#include <libgen.h>
#include <limits.h>
#include <unistd.h>

/* The folder that this program is in; owned by the caller. */
static char *own_folder(void)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	if (length <= 0) {
		return vx_strdup("");
	}
	path[length] = '\0';
	return vx_strdup(dirname(path));
}

/* `path`, which is given away, with links resolved, if it can be executed; owned by the caller. */
static char *take_if_executable(char *path)
{
	char *found = access(path, X_OK) == 0 ? realpath(path, nullptr) : nullptr;
	free(path);
	return found;
}

char *helper_path_find(const char *name, const char *build_folder, struct vx_error *err)
{
	const char *chosen = getenv("VIXOS_LIBEXEC");
	vx_cleanup_free char *own = own_folder();
	vx_cleanup_free char *built = vx_printf("%s/../../%s", own, build_folder);
	vx_cleanup_free char *installed = vx_printf("%s/%s", own, VX_LIBEXEC_FROM_BIN);
	const char *const folders[] = {chosen, built, own, installed, VX_LIBEXEC_DIR};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(folders); i++) {
		char *found = folders[i] != nullptr
				      ? take_if_executable(vx_printf("%s/%s", folders[i], name))
				      : nullptr;
		if (found != nullptr) {
			return found;
		}
	}
	vx_error_set_kind(err, VX_ERROR_VIXOS,
		"the program '%s' can't be found beside this one in '%s' or in '%s'; is VixOS "
		"installed completely?",
		name, own, VX_LIBEXEC_DIR);
	return nullptr;
}
