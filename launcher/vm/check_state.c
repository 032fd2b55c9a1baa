/* SPDX-License-Identifier: MIT */
#include "vm/check_state.h"

#include <errno.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/fd.h"
#include "vm/config.h"
#include "vm/definition.h"
#include "vm/state_dir.h"

static constexpr uint64_t mib = 1024 * 1024;
static constexpr uint64_t space_min_mib = 1024;

/* Memory */

uint64_t vm_check_available_mib(const char *meminfo_path)
{
	static const char key[] = "MemAvailable:";
	FILE *file = fopen(meminfo_path, "re");
	char line[256];
	uint64_t kib = 0;
	while (file != nullptr && fgets(line, sizeof(line), file) != nullptr) {
		if (strncmp(line, key, strlen(key)) == 0) {
			kib = strtoull(line + strlen(key), nullptr, 10);
		}
	}
	if (file != nullptr) {
		fclose(file);
	}
	return kib / 1024;
}

/* What those take that are to be kept ready, and how many they are. */
static uint64_t preloaded_mib(const struct vm_config *config, unsigned *ret_count)
{
	uint64_t sum = (uint64_t)config->preload * config->defaults->memory_min_mib;
	*ret_count = config->preload;
	for (size_t i = 0; i < config->definition_count; i++) {
		const struct vm_definition *definition = config->definitions[i];
		sum += (uint64_t)definition->preload * definition->memory_min_mib;
		*ret_count += definition->preload;
	}
	return sum;
}

char *vm_check_memory(const struct vm_config *config, uint64_t available_mib, struct vx_error *err)
{
	unsigned preloaded = 0;
	uint64_t preload = config != nullptr ? preloaded_mib(config, &preloaded) : 0;
	uint64_t one = config != nullptr ? config->defaults->memory_min_mib : 768;
	if (available_mib < one) {
		vx_error_set(err, "%llu MiB are free, and a VM starts with %llu",
			(unsigned long long)available_mib, (unsigned long long)one);
		return nullptr;
	}
	if (available_mib < preload) {
		vx_error_set(err, "%llu MiB are free, and the %u VMs to be kept ready take %llu",
			(unsigned long long)available_mib, preloaded, (unsigned long long)preload);
		return nullptr;
	}
	return vx_printf("%llu MiB are free, a VM starts with %llu; %u are to be kept ready",
		(unsigned long long)available_mib, (unsigned long long)one, preloaded);
}

/* What VMs keep */

/* The folder itself, or the nearest above it that is there; owned by the caller. */
static char *nearest_folder(const char *path)
{
	char *folder = vx_printf("%s", path);
	while (access(folder, F_OK) != 0 && strcmp(folder, "/") != 0) {
		vx_cleanup_free char *below = folder;
		folder = vx_printf("%s", dirname(below));
	}
	return folder;
}

char *vm_check_state_folder(struct vx_error *err)
{
	vx_cleanup_free char *path = vm_state_dir_path("", nullptr, err);
	struct statvfs info;
	if (path == nullptr) {
		return nullptr;
	}
	path[strlen(path) - 1] = '\0'; /* the slash before no name */
	vx_cleanup_free char *folder = nearest_folder(path);
	if (access(folder, W_OK | X_OK) != 0 || statvfs(folder, &info) != 0) {
		vx_error_set_errno(err, errno, "homes of VMs can't be kept in '%s'", path);
		return nullptr;
	}
	uint64_t space_mib = (uint64_t)info.f_bavail * info.f_frsize / mib;
	if (space_mib < space_min_mib) {
		vx_error_set(err, "'%s' has room for %llu MiB only", path,
			(unsigned long long)space_mib);
		return nullptr;
	}
	return vx_printf("%s, with room for %llu MiB", path, (unsigned long long)space_mib);
}

char *vm_check_nix(const struct vm_config *config, bool has_nix, struct vx_error *err)
{
	for (size_t i = 0; config != nullptr && !has_nix && i < config->definition_count; i++) {
		const struct vm_definition *definition = config->definitions[i];
		if (definition->template == VM_TEMPLATE_NIX || definition->packages != nullptr) {
			vx_error_set(
				err, "there is no nix, and VM '%s' needs it", definition->name);
			return nullptr;
		}
	}
	return vx_printf("%s", has_nix ? "packages can be added to VMs"
				       : "not installed; VMs have what is in /usr");
}

static bool check_disk(const struct vm_definition *definition, struct vx_error *err)
{
	vx_cleanup_free char *copy = vx_strdup(definition->disk);
	const char *folder = dirname(copy);
	if (access(definition->disk, R_OK | (definition->disk_writable ? W_OK : 0)) != 0) {
		return vx_error_set_errno(
			err, errno, "VM '%s' can't use '%s'", definition->name, definition->disk);
	}
	return definition->disk_writable || access(folder, W_OK) == 0 ||
	       vx_error_set_errno(err, errno, "VM '%s' can't put beside '%s' what it writes",
		       definition->name, definition->disk);
}

char *vm_check_disks(const struct vm_config *config, struct vx_error *err)
{
	unsigned count = 0;
	for (size_t i = 0; config != nullptr && i < config->definition_count; i++) {
		const struct vm_definition *definition = config->definitions[i];
		if (definition->template != VM_TEMPLATE_DISK) {
			continue;
		}
		if (!check_disk(definition, err)) {
			return nullptr;
		}
		count++;
	}
	return vx_printf("%u VMs have one, all of which can be used", count);
}
