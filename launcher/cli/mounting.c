/* SPDX-License-Identifier: MIT */
#include "cli/mounting.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/progress.h"
#include "manager_names.h"

char *mounting_absolute(const char *path)
{
	if (path[0] == '/') {
		return vx_strdup(path);
	}
	char *real = realpath(path, nullptr);
	char folder[PATH_MAX];
	if (real != nullptr) {
		return real;
	}
	return vx_printf("%s/%s", getcwd(folder, sizeof(folder)) != nullptr ? folder : "", path);
}

/* Takes :ro or :rw off the end of `text`; without it a folder is read-only. */
static bool take_mode(char *text)
{
	char *colon = strrchr(text, ':');
	if (colon == nullptr || (strcmp(colon, ":ro") != 0 && strcmp(colon, ":rw") != 0)) {
		return false;
	}
	*colon = '\0';
	return colon[2] == 'w';
}

bool mounting_parse(struct mounting *mounting, const char *text, struct vx_error *err)
{
	*mounting = (struct mounting){.source = vx_strdup(text)};
	mounting->writable = take_mode(mounting->source);
	char *colon = strchr(mounting->source, ':');
	if (colon != nullptr) {
		*colon = '\0';
		mounting->target = colon + 1;
	}
	const char *target = mounting->target;
	bool is_good = mounting->source[0] != '\0' &&
		       (target == nullptr || (target[0] == '/' && strchr(target, ':') == nullptr));
	if (!is_good) {
		mounting_finish(mounting);
		return vx_error_set_kind(err, VX_ERROR_USAGE,
			"--volume takes SRC[:DST][:ro|rw] with an absolute DST, not '%s'", text);
	}
	return true;
}

void mounting_finish(struct mounting *mounting)
{
	free(mounting->source);
	*mounting = (struct mounting){};
}

bool mounting_add(struct client *client, const char *vm, const struct mounting *mounting,
	struct vx_error *err)
{
	vx_cleanup_free char *source = mounting_absolute(mounting->source);
	struct progress progress;
	struct client_wait wait = {.progress = &progress};
	sd_json_variant *parameters = nullptr;
	int result = sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", vm),
		SD_JSON_BUILD_PAIR_STRING("source", source),
		SD_JSON_BUILD_PAIR_CONDITION(mounting->target != nullptr, "target",
			SD_JSON_BUILD_STRING(mounting->target)),
		SD_JSON_BUILD_PAIR_BOOLEAN("writable", mounting->writable),
		SD_JSON_BUILD_PAIR_BOOLEAN("force", mounting->force));
	if (result < 0) {
		return vx_error_set_kind(err, VX_ERROR_USAGE,
			"libvirt mounts no folders whose path isn't valid UTF-8");
	}
	progress_init(&progress, mounting->is_quiet);
	progress_set(&progress, "mounting the folder");
	bool is_done = client_observe(
		client, VX_MANAGER_METHOD("Mount"), parameters, &wait, nullptr, err);
	progress_finish(&progress);
	return is_done;
}
