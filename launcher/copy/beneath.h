/* SPDX-License-Identifier: MIT */
/* Ways below a folder that somebody else may change meanwhile. */
#ifndef VX_LAUNCHER_COPY_BENEATH_H
#define VX_LAUNCHER_COPY_BENEATH_H

#include <stddef.h>
#include <sys/types.h>

static constexpr size_t beneath_temporary_size = 32;

/* No way leads out of `folder`, nor through a link, whatever is made there. -1 with errno. */
[[nodiscard]] int beneath_open(int folder, const char *path, int flags, mode_t mode);

/* A name that nothing has. */
void beneath_name_temporary(char name[static beneath_temporary_size]);

/* A new file of such a name, open for writing; -1 with errno. */
[[nodiscard]] int beneath_make_temporary(int folder, char temporary[static beneath_temporary_size]);

#endif
