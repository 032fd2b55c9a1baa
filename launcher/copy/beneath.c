/* SPDX-License-Identifier: MIT */
#include "copy/beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <unistd.h>

static constexpr unsigned name_attempts_max = 8;

int beneath_open(int folder, const char *path, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (uint32_t)(flags | O_NOFOLLOW | O_CLOEXEC),
		.mode = mode,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	return (int)syscall(SYS_openat2, folder, path, &how, sizeof(how));
}

void beneath_name_temporary(char name[static beneath_temporary_size])
{
	uint64_t random[1] = {};
	(void)!getrandom(random, sizeof(random), 0);
	(void)snprintf(
		name, beneath_temporary_size, ".vixos-cp-%016llx", (unsigned long long)random[0]);
}

int beneath_make_temporary(int folder, char temporary[static beneath_temporary_size])
{
	for (unsigned i = 0; i < name_attempts_max; i++) {
		beneath_name_temporary(temporary);
		int fd = beneath_open(folder, temporary, O_WRONLY | O_CREAT | O_EXCL, 0600);
		if (fd >= 0 || errno != EEXIST) {
			return fd;
		}
	}
	return -1;
}
