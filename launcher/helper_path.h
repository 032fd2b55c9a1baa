/* SPDX-License-Identifier: MIT */
/* Where vixos and vixosd find the programs that they start. */
#ifndef VX_LAUNCHER_HELPER_PATH_H
#define VX_LAUNCHER_HELPER_PATH_H

#include "common/error.h"

/*
 * The path of a helper: in $VIXOS_LIBEXEC (for developers), at its place in the build tree that
 * this program was started from, beside this program, in libexec beside its bin, or where it was
 * installed. `build_folder` is
 * where a build tree has it. Owned by the caller; NULL with an error where it is nowhere.
 */
[[nodiscard]] char *helper_path_find(
	const char *name, const char *build_folder, struct vx_error *err);

#endif
