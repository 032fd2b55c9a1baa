/* SPDX-License-Identifier: MIT */
#include "vm/definition_file.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "vm/config.h"
#include "vm/state_dir.h"

char *definition_file_path(const char *name, struct vx_error *err)
{
	vx_cleanup_free char *folder = vm_config_folder(err);
	return folder != nullptr ? vx_printf("%s/%s" VM_DEFINITION_SUFFIX, folder, name) : nullptr;
}

/* Writing words */

static bool is_bare(const char *word)
{
	return word[0] != '\0' && strpbrk(word, " \t\"'{}\\") == nullptr;
}

static bool check_word(const char *word, struct vx_error *err)
{
	for (const char *c = word; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f) {
			return vx_error_set_kind(err, VX_ERROR_USAGE,
				"the configuration can't have control characters, as in '%s'",
				word);
		}
	}
	return true;
}

static bool append_quoted(struct vx_buffer *text, const char *word)
{
	bool fits = vx_buffer_append(text, "\"", 1);
	for (const char *c = word; fits && *c != '\0'; c++) {
		fits = (strchr("\"\\", *c) == nullptr || vx_buffer_append(text, "\\", 1)) &&
		       vx_buffer_append(text, c, 1);
	}
	return fits && vx_buffer_append(text, "\"", 1);
}

static bool append_word(struct vx_buffer *text, const char *word)
{
	return is_bare(word) ? vx_buffer_append(text, word, strlen(word))
			     : append_quoted(text, word);
}

bool definition_file_append(struct vx_buffer *text, unsigned depth, const char *const *words,
	size_t count, struct vx_error *err)
{
	bool fits = true;
	for (unsigned i = 0; i < depth; i++) {
		fits = fits && vx_buffer_append(text, "\t", 1);
	}
	for (size_t i = 0; i < count; i++) {
		if (!check_word(words[i], err)) {
			return false;
		}
		fits = fits && (i == 0 || vx_buffer_append(text, " ", 1)) &&
		       append_word(text, words[i]);
	}
	return (fits && vx_buffer_append(text, "\n", 1)) ||
	       vx_error_set_kind(err, VX_ERROR_USAGE, "the definition is too long");
}

/* Files */

bool definition_file_check(const char *path, const char *text, size_t size, struct vx_error *err)
{
	if (size > vm_config_file_max) {
		return vx_error_set_kind(err, VX_ERROR_USAGE, "'%s' has more than %zu bytes", path,
			vm_config_file_max);
	}
	struct vm_config *config = vm_config_load_with(path, text, size, err);
	bool good = config != nullptr;
	vm_config_destroy(config);
	return good;
}

/* A new file beside `path` with the text, on the disk; its path is owned by the caller. */
static char *write_beside(
	const char *path, const char *text, size_t size, mode_t mode, struct vx_error *err)
{
	vx_cleanup_free char *temporary = vx_printf("%s.XXXXXX", path);
	vx_cleanup_close int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		vx_error_set_errno(err, errno, "can't write beside '%s'", path);
		return nullptr;
	}
	bool good = vx_write_all(fd, text, size, err) &&
		    ((fchmod(fd, mode) == 0 && fsync(fd) == 0) ||
			    vx_error_set_errno(err, errno, "can't write '%s'", temporary));
	if (!good) {
		unlink(temporary);
		return nullptr;
	}
	return vx_take_ptr(temporary);
}

bool vm_replace_file(const char *path, const char *text, size_t size, struct vx_error *err)
{
	/* A link stays one: configurations are often kept elsewhere. */
	vx_cleanup_free char *real = realpath(path, nullptr);
	const char *target = real != nullptr ? real : path;
	struct stat info;
	mode_t mode = stat(target, &info) == 0 ? info.st_mode & 0777 : 0600;
	vx_cleanup_free char *temporary = write_beside(target, text, size, mode, err);
	if (temporary == nullptr) {
		return false;
	}
	if (rename(temporary, target) != 0) {
		vx_error_set_errno(err, errno, "can't write '%s'", target);
		unlink(temporary);
		return false;
	}
	return true;
}

static bool create_file(const char *path, const char *text, size_t size, struct vx_error *err)
{
	vx_cleanup_free char *temporary = write_beside(path, text, size, 0600, err);
	if (temporary == nullptr) {
		return false;
	}
	bool good = renameat2(AT_FDCWD, temporary, AT_FDCWD, path, RENAME_NOREPLACE) == 0;
	if (!good) {
		vx_error_set_errno(err, errno, "can't make '%s'", path);
		unlink(temporary);
	}
	return good;
}

bool definition_file_install(
	const char *path, const char *text, size_t size, bool may_exist, struct vx_error *err)
{
	vx_cleanup_free char *copy = vx_strdup(path);
	if (!definition_file_check(path, text, size, err) || !vm_make_folders(dirname(copy), err)) {
		return false;
	}
	return may_exist ? vm_replace_file(path, text, size, err)
			 : create_file(path, text, size, err);
}

/* Renaming */

/* Behind the word `name`, in quotes or not, at `at`; NULL where it is another. */
static const char *behind_name(const char *at, const char *name)
{
	char quote = *at == '"' || *at == '\'' ? *at++ : '\0';
	size_t length = strlen(name);
	if (strncmp(at, name, length) != 0) {
		return nullptr;
	}
	at += length;
	if (quote != '\0' && *at++ != quote) {
		return nullptr;
	}
	return strchr(" \t\n", *at) != nullptr ? at : nullptr; /* or the end */
}

/* The name in a line `vm NAME`, and what is behind it; NULL where the line is another. */
static const char *name_in_line(const char *line, const char *name, const char **ret_behind)
{
	line += strspn(line, " \t");
	if (strncmp(line, "vm", 2) != 0 || (line[2] != ' ' && line[2] != '\t')) {
		return nullptr;
	}
	line += 2 + strspn(line + 2, " \t");
	*ret_behind = behind_name(line, name);
	return *ret_behind != nullptr ? line : nullptr;
}

char *definition_file_renamed(
	const char *text, const char *from, const char *to, struct vx_error *err)
{
	for (const char *line = text; *line != '\0';) {
		const char *behind;
		const char *name = name_in_line(line, from, &behind);
		if (name != nullptr) {
			return vx_printf("%.*s%s%s", (int)(name - text), text, to, behind);
		}
		const char *end = strchr(line, '\n');
		line = end != nullptr ? end + 1 : line + strlen(line);
	}
	vx_error_set(err, "there is no line 'vm %s' in it", from);
	return nullptr;
}
