/* SPDX-License-Identifier: MIT */
/*
 * Definitions that vixos(1) makes: a file of the configuration's folder for each VM, so that what
 * the user has written elsewhere is never written by a program. Everything is checked, together
 * with the rest of the configuration, before it takes a file's place, and takes it as a whole.
 */
#ifndef VX_LAUNCHER_VM_DEFINITION_FILE_H
#define VX_LAUNCHER_VM_DEFINITION_FILE_H

#include <stddef.h>

#include "common/buffer.h"
#include "common/error.h"

/* The file of the VM `name`; owned by the caller. NULL as for vm_config_folder(). */
[[nodiscard]] char *definition_file_path(const char *name, struct vx_error *err);

/*
 * Appends a line of scfg: a tab for each of `depth`, and the words, in quotes where they need them.
 * False where a word can't be written (control characters) or there is no room.
 */
[[nodiscard]] bool definition_file_append(struct vx_buffer *text, unsigned depth,
	const char *const *words, size_t count, struct vx_error *err);

/* Would the configuration be right with this text in the file at `path`? */
[[nodiscard]] bool definition_file_check(
	const char *path, const char *text, size_t size, struct vx_error *err);

/* The text takes the place of what is at `path`, through a link, as a whole. Nothing is checked. */
bool vm_replace_file(const char *path, const char *text, size_t size, struct vx_error *err);

/*
 * Checks the text and puts it at `path`, through links and with the mode of what was there. Where
 * not `may_exist`, fails if there is a file.
 */
bool definition_file_install(
	const char *path, const char *text, size_t size, bool may_exist, struct vx_error *err);

/*
 * The text with the name of its one VM replaced and all else as it was; owned by the caller, NULL
 * where there is no such line.
 */
[[nodiscard]] char *definition_file_renamed(
	const char *text, const char *from, const char *to, struct vx_error *err);

#endif
