/* SPDX-License-Identifier: MIT */
#include "init/modules.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"

static int is_module(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

static bool load_one(int folder, const char *name, struct vx_error *err)
{
	vx_cleanup_close int fd = openat(folder, name, O_RDONLY | O_CLOEXEC);
	/* ENODEV: a driver that finds nothing to drive. */
	if (fd < 0 ||
		(syscall(SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST && errno != ENODEV)) {
		return vx_error_set_errno(err, errno, "can't load the kernel module '%s'", name);
	}
	unlinkat(folder, name, 0);
	return true;
}

/* Is a "NN+GROUP-NAME.ko" (see launcher/vm/initramfs_writer.c) of a group that isn't wanted? */
static bool is_unwanted(const char *file, const struct modules_wanted *wanted)
{
	const struct {
		const char *infix;
		bool is_wanted;
	} groups[] = {
		{"+net-", wanted->network},
		{"+audio-", wanted->audio},
		{"+usb-", wanted->usb},
	};
	const char *group = strchr(file, '+');
	for (size_t i = 0; group != nullptr && i < VX_ARRAY_LENGTH(groups); i++) {
		if (strncmp(group, groups[i].infix, strlen(groups[i].infix)) == 0) {
			return !groups[i].is_wanted;
		}
	}
	return group != nullptr;
}

static bool is_of_network(const char *file)
{
	return strstr(file, "+net-") != nullptr;
}

static bool take_one(
	int folder, const char *name, const struct modules_wanted *wanted, struct vx_error *err)
{
	if (!is_unwanted(name, wanted)) {
		return load_one(folder, name, err);
	}
	if (!is_of_network(name)) {
		(void)unlinkat(folder, name, 0);
	}
	return true;
}

int modules_open(const char *path, struct vx_error *err)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0) {
		vx_error_set_errno(err, errno, "can't open '%s'", path);
	}
	return folder;
}

/* `wanted` may be NULL: those of the network alone. */
static bool load(int folder, const struct modules_wanted *wanted, struct vx_error *err)
{
	struct dirent **entries = nullptr;
	int count = scandirat(folder, ".", &entries, is_module, alphasort);
	if (count < 0) {
		return vx_error_set_errno(err, errno, "can't list the kernel modules");
	}
	bool loaded = true;
	for (int i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		if (wanted != nullptr) {
			loaded = loaded && take_one(folder, name, wanted, err);
		} else if (is_of_network(name)) {
			loaded = loaded && load_one(folder, name, err);
		}
		free(entries[i]);
	}
	free(entries);
	return loaded;
}

bool modules_load(int folder, const struct modules_wanted *wanted, struct vx_error *err)
{
	return load(folder, wanted, err);
}

bool modules_load_network(int folder, struct vx_error *err)
{
	return load(folder, nullptr, err);
}
