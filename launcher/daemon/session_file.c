/* SPDX-License-Identifier: MIT */
#include "daemon/session_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-json.h>
#include <unistd.h>

#include "common/fd.h"

static constexpr size_t session_file_max = 16 * 1024;

static char *session_format(const struct session_file *session)
{
	sd_json_variant *object = nullptr;
	char *text = nullptr;
	int result = sd_json_buildo(&object,
		SD_JSON_BUILD_PAIR_CONDITION(session->display != nullptr, "display",
			SD_JSON_BUILD_STRING(session->display)),
		SD_JSON_BUILD_PAIR_CONDITION(session->workspace != nullptr, "workspace",
			SD_JSON_BUILD_STRING(session->workspace)),
		SD_JSON_BUILD_PAIR_BOOLEAN("untagged", session->untagged));
	if (result >= 0) {
		(void)sd_json_variant_format(object, SD_JSON_FORMAT_NEWLINE, &text);
	}
	sd_json_variant_unref(object);
	return text;
}

static bool write_file(const char *path, const char *text, struct vx_error *err)
{
	vx_cleanup_close int fd = open(
		path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0) {
		return vx_error_set_errno(err, errno, "cannot write '%s'", path);
	}
	return vx_write_all(fd, text, strlen(text), err);
}

bool session_file_write(
	const char *folder, const struct session_file *session, struct vx_error *err)
{
	vx_cleanup_free char *path = vx_printf("%s/session", folder);
	vx_cleanup_free char *new_path = vx_printf("%s/session.new", folder);
	vx_cleanup_free char *text = session_format(session);
	if (text == nullptr) {
		return vx_error_set(err, "cannot describe the session");
	}
	if (!write_file(new_path, text, err)) {
		return false;
	}
	if (rename(new_path, path) < 0) {
		return vx_error_set_errno(err, errno, "cannot write '%s'", path);
	}
	return true;
}

bool session_file_read(const char *folder, struct session_file *ret_session, struct vx_error *err)
{
	static const sd_json_dispatch_field fields[] = {
		{"display", SD_JSON_VARIANT_STRING, sd_json_dispatch_string,
			offsetof(struct session_file, display), 0},
		{"workspace", SD_JSON_VARIANT_STRING, sd_json_dispatch_string,
			offsetof(struct session_file, workspace), 0},
		{"untagged", SD_JSON_VARIANT_BOOLEAN, sd_json_dispatch_stdbool,
			offsetof(struct session_file, untagged), 0},
		{},
	};
	vx_cleanup_free char *path = vx_printf("%s/session", folder);
	vx_cleanup_free char *text = vx_read_file(path, session_file_max, nullptr, err);
	if (text == nullptr) {
		return false;
	}
	sd_json_variant *object = nullptr;
	struct session_file session = {};
	int result = sd_json_parse(text, SD_JSON_PARSE_MUST_BE_OBJECT, &object, nullptr, nullptr);
	if (result >= 0) {
		result = sd_json_dispatch(object, fields, SD_JSON_ALLOW_EXTENSIONS, &session);
	}
	sd_json_variant_unref(object);
	if (result < 0) {
		session_file_finish(&session);
		return vx_error_set(err, "'%s' can't be understood", path);
	}
	*ret_session = session;
	return true;
}

void session_file_finish(struct session_file *session)
{
	free(session->display);
	free(session->workspace);
	*session = (struct session_file){};
}
