/* SPDX-License-Identifier: MIT */
#include "init/root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "init/boot_options.h"
#include "init/user.h"

#define NEW_ROOT "/root"
#define HOME "/home/user"

static const struct kernel_mount {
	const char *type, *target, *data;
	unsigned long flags;
} kernel_mounts[] = {
	{"proc", "/proc", "", MS_NOSUID | MS_NODEV | MS_NOEXEC},
	{"sysfs", "/sys", "", MS_NOSUID | MS_NODEV | MS_NOEXEC},
	{"devtmpfs", "/dev", "mode=0755", MS_NOSUID | MS_NOEXEC},
};

static const struct kernel_mount device_mounts[] = {
	{"devpts", "/dev/pts", "mode=0620,ptmxmode=0666,gid=5", MS_NOSUID | MS_NOEXEC},
	{"tmpfs", "/dev/shm", "mode=1777", MS_NOSUID | MS_NODEV},
};

static const struct device_link {
	const char *target, *path;
} device_links[] = {
	{"/proc/self/fd", "/dev/fd"},
	{"/proc/self/fd/0", "/dev/stdin"},
	{"/proc/self/fd/1", "/dev/stdout"},
	{"/proc/self/fd/2", "/dev/stderr"},
};

/* Made in the new root and given to the user. */
static const struct user_folder {
	const char *path;
	mode_t mode;
} user_folders[] = {
	{HOME, 0755},
	{"/run/user/1000", 0700},
};

static bool mount_one(const struct kernel_mount *mount_point, struct vx_error *err)
{
	if ((mkdir(mount_point->target, 0755) != 0 && errno != EEXIST) ||
		mount(mount_point->type, mount_point->target, mount_point->type, mount_point->flags,
			mount_point->data) != 0) {
		return vx_error_set_errno(err, errno, "can't mount %s", mount_point->target);
	}
	return true;
}

bool root_mount_kernel(struct vx_error *err)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(kernel_mounts); i++) {
		if (!mount_one(&kernel_mounts[i], err)) {
			return false;
		}
	}
	return true;
}

static bool mount_devices(struct vx_error *err)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(device_mounts); i++) {
		if (!mount_one(&device_mounts[i], err)) {
			return false;
		}
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(device_links); i++) {
		if (symlink(device_links[i].target, device_links[i].path) != 0 && errno != EEXIST) {
			return vx_error_set_errno(
				err, errno, "can't make %s", device_links[i].path);
		}
	}
	/* Terminals are made by whoever opens /dev/ptmx; devtmpfs gives that to root alone. */
	return chmod("/dev/ptmx", 0666) == 0 ||
	       vx_error_set_errno(err, errno, "can't open /dev/ptmx to the user");
}

bool root_make_folders(const char *path, struct vx_error *err)
{
	vx_cleanup_free char *partial = vx_strdup(path);
	for (char *slash = strchr(partial + 1, '/'); slash != nullptr;
		slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(partial, 0755) != 0 && errno != EEXIST) {
			return vx_error_set_errno(err, errno, "can't make folder '%s'", partial);
		}
		*slash = '/';
	}
	if (mkdir(partial, 0755) != 0 && errno != EEXIST) {
		return vx_error_set_errno(err, errno, "can't make folder '%s'", partial);
	}
	return true;
}

static bool mount_share(const char *tag, const char *target, bool writable, struct vx_error *err)
{
	unsigned long flags = MS_NOSUID | MS_NODEV | (writable ? 0 : MS_RDONLY);
	if (!root_make_folders(target, err)) {
		return false;
	}
	if (mount(tag, target, "virtiofs", flags, nullptr) != 0) {
		return vx_error_set_errno(
			err, errno, "can't mount the host's folder '%s' at '%s'", tag, target);
	}
	return true;
}

static bool mount_shares(const struct boot_options *options, struct vx_error *err)
{
	if (!mount_share("usr", "/usr", false, err)) {
		return false;
	}
	for (size_t i = 0; i < options->mount_count; i++) {
		const struct boot_mount *share = &options->mounts[i];
		if (!mount_share(share->tag, share->target, share->writable, err)) {
			return false;
		}
	}
	return true;
}

static bool write_file(const char *path, const char *text, struct vx_error *err)
{
	vx_cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0) {
		return vx_error_set_errno(err, errno, "can't write '%s'", path);
	}
	return vx_write_all(fd, text, strlen(text), err);
}

/* A machine-id that tells nothing about the host and is another one at each start. */
static bool make_machine_id(struct vx_error *err)
{
	uint64_t random[2];
	if (getrandom(random, sizeof(random), 0) != sizeof(random)) {
		return vx_error_set_errno(err, errno, "no random numbers");
	}
	random[0] = (random[0] & ~UINT64_C(0xf000)) | 0x4000; /* UUID version 4 */
	random[1] = (random[1] >> 2) | UINT64_C(1) << 63;
	vx_cleanup_free char *text = vx_printf(
		"%016llx%016llx\n", (unsigned long long)random[0], (unsigned long long)random[1]);
	return write_file("/etc/machine-id", text, err);
}

static bool write_machine_id(const char *machine_id, struct vx_error *err)
{
	if (machine_id == nullptr) {
		return make_machine_id(err);
	}
	vx_cleanup_free char *text = vx_printf("%s\n", machine_id);
	return write_file("/etc/machine-id", text, err);
}

bool root_set_identity(const struct boot_options *options, struct vx_error *err)
{
	const char *name = options->name;
	vx_cleanup_free char *host_name = vx_printf("%s\n", name);
	vx_cleanup_free char *hosts = vx_printf(
		"127.0.0.1 localhost %s\n::1 localhost %s\n", name, name);
	if (sethostname(name, strlen(name)) != 0) {
		return vx_error_set_errno(err, errno, "can't set the host name");
	}
	return write_file("/etc/hostname", host_name, err) &&
	       write_file("/etc/hosts", hosts, err) && write_machine_id(options->machine_id, err);
}

static bool make_user_folders(enum boot_home home, struct vx_error *err)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(user_folders); i++) {
		const struct user_folder *folder = &user_folders[i];
		if (!root_make_folders(folder->path, err)) {
			return false;
		}
		if (home == BOOT_HOME_SHARE && strcmp(folder->path, HOME) == 0) {
			continue; /* it is the user's, with the mode that it has on the host */
		}
		if (chmod(folder->path, folder->mode) != 0 ||
			chown(folder->path, user_id, user_id) != 0) {
			return vx_error_set_errno(
				err, errno, "can't give '%s' to the user", folder->path);
		}
	}
	/* The host's cache of fonts was copied here; programs of the user may add to it. */
	if (chown("/var/cache/fontconfig", user_id, user_id) != 0 && errno != ENOENT) {
		return vx_error_set_errno(
			err, errno, "can't give /var/cache/fontconfig to the user");
	}
	return true;
}

/*
 * The image's own files stay where they are: a bind mount makes a folder of it a mount of its own,
 * so that nothing is copied and pivot_root(2) works for the guest's sandboxes, as it would not on
 * rootfs.
 */
static bool switch_root(struct vx_error *err)
{
	if (mount(NEW_ROOT, NEW_ROOT, nullptr, MS_BIND, nullptr) != 0 ||
		mount(nullptr, NEW_ROOT, nullptr, MS_REMOUNT | MS_BIND | MS_NOSUID | MS_NODEV,
			nullptr) != 0) {
		return vx_error_set_errno(err, errno, "can't mount the root");
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(kernel_mounts); i++) {
		vx_cleanup_free char *target = vx_printf(NEW_ROOT "%s", kernel_mounts[i].target);
		if (mount(kernel_mounts[i].target, target, nullptr, MS_MOVE, nullptr) != 0) {
			return vx_error_set_errno(
				err, errno, "can't move %s", kernel_mounts[i].target);
		}
	}
	unlink("/init");
	if (chdir(NEW_ROOT) != 0 || mount(".", "/", nullptr, MS_MOVE, nullptr) != 0 ||
		chroot(".") != 0 || chdir("/") != 0) {
		return vx_error_set_errno(err, errno, "can't change to the root");
	}
	return true;
}

/* Before the user's folders are made: theirs is then the one that is mounted. */
static bool mount_home(enum boot_home home, struct vx_error *err)
{
	static const char data[] = "mode=0755,size=50%";
	switch (home) {
	case BOOT_HOME_SHARE:
		return mount_share("home", HOME, true, err);
	case BOOT_HOME_TMPFS:
		return (root_make_folders(HOME, err) &&
			       mount("tmpfs", HOME, "tmpfs", MS_NOSUID | MS_NODEV, data) == 0) ||
		       vx_error_set_errno(err, errno, "can't mount %s", HOME);
	case BOOT_HOME_NONE:
		break;
	}
	return true;
}

bool root_enter(const struct boot_options *options, struct vx_error *err)
{
	return switch_root(err) && mount_devices(err) && mount_home(options->home, err) &&
	       make_user_folders(options->home, err) && mount_shares(options, err) &&
	       (options->preloaded || root_set_identity(options, err));
}
