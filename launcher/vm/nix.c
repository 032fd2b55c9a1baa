/* SPDX-License-Identifier: MIT */
#include "vm/nix.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "common/memory.h"

#define LETTERS_AND_DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

static constexpr int links_max = 256;

bool vm_nix_package_is_valid(const char *text)
{
	size_t length = strlen(text);
	return length > 0 && length <= vm_nix_package_max && text[0] != '-' && text[0] != '#' &&
	       strspn(text, LETTERS_AND_DIGITS "._+-/:#@?=&~^") == length;
}

char *vm_nix_installable(const char *package)
{
	bool is_whole = strchr(package, '#') != nullptr || package[0] == '/';
	return is_whole ? vx_printf("%s", package) : vx_printf("nixpkgs#%s", package);
}

char *vm_nix_link_name(const char *package)
{
	char *name = vx_printf("%s", package);
	for (char *c = name; *c != '\0'; c++) {
		if (strchr(LETTERS_AND_DIGITS, *c) == nullptr) {
			*c = '-';
		}
	}
	return name;
}

/* "/nix/store/NAME/bin" for a link to "/nix/store/NAME", or NULL. */
static char *bin_folder(const char *folder, const char *name)
{
	char target[PATH_MAX];
	vx_cleanup_free char *path = vx_printf("%s/%s", folder, name);
	ssize_t length = readlink(path, target, sizeof(target) - 1);
	size_t store_length = strlen(VM_NIX_STORE "/");
	if (length <= 0) {
		return nullptr;
	}
	target[length] = '\0';
	if (strncmp(target, VM_NIX_STORE "/", store_length) != 0 ||
		strchr(target + store_length, '/') != nullptr || target[store_length] == '.' ||
		strchr(target, ':') != nullptr) {
		return nullptr;
	}
	vx_cleanup_free char *bin = vx_printf("%s/bin", target);
	return access(bin, X_OK) == 0 ? vx_take_ptr(bin) : nullptr;
}

char *vm_nix_search_path(const char *folder)
{
	struct dirent **entries = nullptr;
	int count = scandir(folder, &entries, nullptr, alphasort);
	vx_cleanup_free char *path = nullptr;
	for (int i = 0; i < count; i++) {
		vx_cleanup_free char *bin = i < links_max ? bin_folder(folder, entries[i]->d_name)
							  : nullptr;
		if (bin != nullptr) {
			char *longer = path != nullptr ? vx_printf("%s:%s", path, bin)
						       : vx_strdup(bin);
			free(path);
			path = longer;
		}
		free(entries[i]);
	}
	free(entries);
	return vx_take_ptr(path);
}

char *vm_nix_find_program(const char *folder, const char *name)
{
	vx_cleanup_free char *path = vm_nix_search_path(folder);
	char *rest = path;
	if (strchr(name, '/') != nullptr || name[0] == '\0') {
		return nullptr;
	}
	for (char *bin; (bin = strsep(&rest, ":")) != nullptr;) {
		vx_cleanup_free char *program = vx_printf("%s/%s", bin, name);
		if (access(program, X_OK) == 0) {
			return vx_take_ptr(program);
		}
	}
	return nullptr;
}

static int is_shown(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

char *vm_nix_only_program(const char *folder, const char *link)
{
	vx_cleanup_free char *bin = bin_folder(folder, link);
	struct dirent **entries = nullptr;
	int count = bin != nullptr ? scandir(bin, &entries, is_shown, alphasort) : 0;
	char *program = count == 1 ? vx_printf("%s/%s", bin, entries[0]->d_name) : nullptr;
	for (int i = 0; i < count; i++) {
		free(entries[i]);
	}
	free(entries);
	return program;
}
