/* SPDX-License-Identifier: MIT */
#include "vm/config_paths.h"

#include <dirent.h>
#include <string.h>

#include "common/memory.h"
#include "common/name.h"
#include "vm/definition.h"

static constexpr size_t files_max = config_paths_max - 2; /* own, and one more, come behind */

struct path_list {
	char **paths; /* owned, NULL-terminated once there is one */
	size_t count;
};

static void path_list_add(struct path_list *list, char *path)
{
	list->paths = vx_reallocarray(list->paths, list->count + 2, sizeof(*list->paths));
	list->paths[list->count++] = path;
	list->paths[list->count] = nullptr;
}

/* XDG_CONFIG_DIRS names the most important first; what is read last wins. */
static void path_list_add_system(struct path_list *list)
{
	const char *value = getenv("XDG_CONFIG_DIRS");
	const char *dirs = value != nullptr && value[0] != '\0' ? value : "/etc/xdg";
	const char *end = dirs + strlen(dirs);
	while (end > dirs && list->count < files_max) {
		const char *start = end;
		while (start > dirs && start[-1] != ':') {
			start--;
		}
		/* The specification says to ignore relative paths. */
		if (*start == '/' && start < end) {
			path_list_add(
				list, vx_printf("%.*s/vixos/config", (int)(end - start), start));
		}
		end = start > dirs ? start - 1 : dirs;
	}
}

/* $XDG_CONFIG_HOME/vixos/NAME; NULL where there is no home. Owned by the caller. */
static char *path_in_home(const char *name)
{
	const char *config_home = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	if (config_home != nullptr && config_home[0] == '/') {
		return vx_printf("%s/vixos/%s", config_home, name);
	}
	return home != nullptr && home[0] == '/' ? vx_printf("%s/.config/vixos/%s", home, name)
						 : nullptr;
}

static const char *path_override(void)
{
	const char *override = getenv("VIXOS_CONFIG");
	return override != nullptr && override[0] != '\0' ? override : nullptr;
}

bool config_paths_are_overridden(void)
{
	return path_override() != nullptr;
}

char *vm_config_folder(struct vx_error *err)
{
	if (path_override() != nullptr) {
		vx_error_set_kind(err, VX_ERROR_USAGE,
			"VIXOS_CONFIG names the only file that is read: '%s' is where VMs are to be "
			"defined",
			path_override());
		return nullptr;
	}
	char *folder = path_in_home("vms");
	if (folder == nullptr) {
		vx_error_set(err, "there is no place for definitions: HOME is not set");
	}
	return folder;
}

/* The name of the VM that a file of the folder defines; NULL for other files. Owned by the caller.
 */
static char *file_name_vm(const char *file_name)
{
	size_t length = strlen(file_name);
	size_t suffix = strlen(VM_DEFINITION_SUFFIX);
	if (length <= suffix || strcmp(file_name + length - suffix, VM_DEFINITION_SUFFIX) != 0) {
		return nullptr;
	}
	vx_cleanup_free char *name = vx_strndup(file_name, length - suffix);
	return vx_vm_name_is_valid(name) ? vx_take_ptr(name) : nullptr;
}

static int is_definition(const struct dirent *entry)
{
	vx_cleanup_free char *name = file_name_vm(entry->d_name);
	return name != nullptr;
}

static void path_list_add_folder(struct path_list *list, const char *folder)
{
	struct dirent **entries = nullptr;
	int count = scandir(folder, &entries, is_definition, alphasort);
	for (int i = 0; i < count; i++) {
		if (list->count < files_max) {
			path_list_add(list, vx_printf("%s/%s", folder, entries[i]->d_name));
		}
		free(entries[i]);
	}
	free(entries);
}

static char **list_paths(void)
{
	struct path_list list = {};
	if (path_override() != nullptr) {
		path_list_add(&list, vx_strdup(path_override()));
		return list.paths;
	}
	path_list_add_system(&list);
	char *own = path_in_home("config");
	if (own != nullptr) {
		path_list_add(&list, own);
	}
	vx_cleanup_free char *folder = vm_config_folder(nullptr);
	if (folder != nullptr) {
		path_list_add_folder(&list, folder);
	}
	return list.paths != nullptr ? list.paths : vx_calloc(1, sizeof(*list.paths));
}

char *vm_config_main_path(struct vx_error *err)
{
	char *path = path_override() != nullptr ? vx_strdup(path_override())
						: path_in_home("config");
	if (path == nullptr) {
		vx_error_set(err, "there is no place for a configuration: HOME is not set");
	}
	return path;
}

void config_paths_free(char **paths)
{
	for (size_t i = 0; paths[i] != nullptr; i++) {
		free(paths[i]);
	}
	free(paths);
}

char **config_paths(const char *also)
{
	char **paths = list_paths();
	size_t count = 0;
	for (; paths[count] != nullptr; count++) {
		if (also != nullptr && strcmp(paths[count], also) == 0) {
			return paths;
		}
	}
	if (also != nullptr) {
		paths = vx_reallocarray(paths, count + 2, sizeof(*paths));
		paths[count] = vx_strdup(also);
		paths[count + 1] = nullptr;
	}
	return paths;
}

char *config_path_vm(const char *path)
{
	vx_cleanup_free char *folder = vm_config_folder(nullptr);
	size_t length = folder != nullptr ? strlen(folder) : 0;
	if (length == 0 || strncmp(path, folder, length) != 0 || path[length] != '/') {
		return nullptr;
	}
	return file_name_vm(path + length + 1);
}
