/* SPDX-License-Identifier: MIT */
#include "copy/confine.h"

#include <errno.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "common/fd.h"

/* Of the first version, but for sockets, pipes and devices; then moving and truncating. */
static constexpr uint64_t needed_rights =
	LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
	LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
	LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SYM;
#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
static constexpr uint64_t kept_rights = 0xc; /* reading: the leak checker looks at /proc/self */
#else
static constexpr uint64_t kept_rights = 0;
#endif
static constexpr uint64_t rights_of_version[] = {0x1fff, 0x2000, 0x4000};

/* All that this kernel can take away; 0: it has no Landlock. */
static uint64_t known_rights(void)
{
	long version = syscall(
		SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
	uint64_t rights = 0;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(rights_of_version) && (long)i < version; i++) {
		rights |= rights_of_version[i];
	}
	return rights & ~kept_rights;
}

static bool add_folder(int ruleset, int fd, uint64_t handled)
{
	const struct landlock_path_beneath_attr rule = {
		.allowed_access = handled & (needed_rights | 0x2000 | 0x4000),
		.parent_fd = fd,
	};
	return fd < 0 ||
	       syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
}

bool copy_confine(int fd, struct vx_error *err)
{
	struct landlock_ruleset_attr handled = {.handled_access_fs = known_rights()};
	if (handled.handled_access_fs == 0) {
		return true;
	}
	/* Older kernels take no longer structure than they know: the first member is all of them's.
	 */
	vx_cleanup_close int ruleset = (int)syscall(
		SYS_landlock_create_ruleset, &handled, sizeof(handled.handled_access_fs), 0);
	if (ruleset < 0 || !add_folder(ruleset, fd, handled.handled_access_fs) ||
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
		syscall(SYS_landlock_restrict_self, ruleset, 0) != 0) {
		return vx_error_set_errno(err, errno, "can't confine the copy to its folder");
	}
	return true;
}
