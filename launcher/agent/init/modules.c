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

/* "NN-NAME.ko", see launcher/vm/initramfs_writer.c. */
static bool is_network_module(const char *file)
{
	static const char *const names[] = {"failover", "net_failover", "virtio_net"};
	const char *name = strchr(file, '-');
	for (size_t i = 0; name != nullptr && i < VX_ARRAY_LENGTH(names); i++) {
		size_t length = strlen(names[i]);
		if (strncmp(name + 1, names[i], length) == 0 &&
			strcmp(name + 1 + length, ".ko") == 0) {
			return true;
		}
	}
	return false;
}

static bool take_one(const char *folder, const char *name, bool network, struct vx_error *err)
{
	if (network || !is_network_module(name)) {
		return load_one(folder, name, err);
	}
	vx_cleanup_free char *path = vx_printf("%s/%s", folder, name);
	(void)unlink(path);
	return true;
}

bool modules_load(const char *folder, bool network, struct vx_error *err)
{
	struct dirent **entries = nullptr;
	int count = scandir(folder, &entries, is_module, alphasort);
	if (count < 0) {
		return vx_error_set_errno(err, errno, "can't list '%s'", folder);
	}
	bool loaded = true;
	for (int i = 0; i < count; i++) {
		loaded = loaded && take_one(folder, entries[i]->d_name, network, err);
		free(entries[i]);
	}
	free(entries);
	return loaded;
}
