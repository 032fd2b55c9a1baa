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

static bool load_one(const char *folder, const char *name, struct vx_error *err)
{
	vx_cleanup_free char *path = vx_printf("%s/%s", folder, name);
	vx_cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	/* ENODEV: a driver that finds nothing to drive. */
	if (fd < 0 ||
		(syscall(SYS_finit_module, fd, "", 0) != 0 && errno != EEXIST && errno != ENODEV)) {
		return vx_error_set_errno(err, errno, "can't load the kernel module '%s'", name);
	}
	unlink(path);
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

static bool take_one(const char *folder, const char *name, const struct modules_wanted *wanted,
	struct vx_error *err)
{
	if (!is_unwanted(name, wanted)) {
		return load_one(folder, name, err);
	}
	vx_cleanup_free char *path = vx_printf("%s/%s", folder, name);
	(void)unlink(path);
	return true;
}

bool modules_load(const char *folder, const struct modules_wanted *wanted, struct vx_error *err)
{
	struct dirent **entries = nullptr;
	int count = scandir(folder, &entries, is_module, alphasort);
	if (count < 0) {
		return vx_error_set_errno(err, errno, "can't list '%s'", folder);
	}
	bool loaded = true;
	for (int i = 0; i < count; i++) {
		loaded = loaded && take_one(folder, entries[i]->d_name, wanted, err);
		free(entries[i]);
	}
	free(entries);
	return loaded;
}
