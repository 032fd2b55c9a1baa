/* SPDX-License-Identifier: MIT */
#include "copy/named_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "common/memory.h"
#include "copy/sender.h"
#include "copy/stream.h"

void named_path_finish(struct named_path *path)
{
	vx_replace_fd(&path->parent, -1);
	free(path->name);
	free(path->sent_name);
}

/* What a folder that was named by "." or ".." or "/" is called. */
static char *real_name(const char *path)
{
	char *real = realpath(path, nullptr);
	const char *slash = real != nullptr ? strrchr(real, '/') : nullptr;
	char *name = vx_strdup(slash != nullptr && slash[1] != '\0' ? slash + 1 : "root");
	free(real);
	return name;
}

/* False with errno. */
static bool split(struct named_path *top, const char *path)
{
	size_t length = strlen(path);
	while (length > 1 && path[length - 1] == '/') {
		length--;
		top->must_be_folder = true;
	}
	vx_cleanup_free char *trimmed = vx_strndup(path, length);
	char *slash = strrchr(trimmed, '/');
	const char *name = slash != nullptr && slash[1] != '\0' ? slash + 1 : trimmed;
	top->is_contents = strcmp(name, ".") == 0;
	bool is_plain = copy_name_is_valid(name);
	top->sent_name = is_plain ? vx_strdup(name) : real_name(path);
	top->name = vx_strdup(is_plain ? name : ".");
	top->must_be_folder = top->must_be_folder || !is_plain;
	if (is_plain && slash != nullptr) {
		slash[slash == trimmed ? 1 : 0] = '\0';
	}
	const char *parent = !is_plain ? path : slash != nullptr ? trimmed : ".";
	top->parent = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return top->parent >= 0;
}

bool named_path_init(struct named_path *path, const struct copy_source *source)
{
	vx_cleanup_free char *real = source->follows_link ? realpath(source->path, nullptr)
							  : nullptr;
	if (real == nullptr) {
		return split(path, source->path);
	}
	VX_CLEANUP(named_path_finish) struct named_path link = {.parent = -1};
	if (!split(&link, source->path) || !split(path, real)) {
		return false;
	}
	free(path->sent_name);
	path->sent_name = vx_take_ptr(link.sent_name);
	path->is_contents = link.is_contents;
	return true;
}

bool named_path_stat(const struct named_path *path, struct stat *ret_info)
{
	/* A slash at the end follows a link, as everywhere. */
	int flags = path->must_be_folder ? 0 : AT_SYMLINK_NOFOLLOW;
	if (fstatat(path->parent, path->name, ret_info, flags) != 0) {
		return false;
	}
	if (path->must_be_folder && !S_ISDIR(ret_info->st_mode)) {
		errno = ENOTDIR;
		return false;
	}
	return true;
}
