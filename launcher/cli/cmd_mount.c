/* SPDX-License-Identifier: MIT */
/* vixos mount, vixos umount */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/mounting.h"
#include "cli/progress.h"
#include "common/display_string.h"
#include "manager_names.h"

static constexpr size_t path_code_points_max = 4096;

static void print_mount(sd_json_variant *mount)
{
	vx_cleanup_free char *source = vx_display_string(
		client_string(mount, "source"), path_code_points_max);
	vx_cleanup_free char *target = vx_display_string(
		client_string(mount, "target"), path_code_points_max);
	printf("%-5s %-5s %-32s %s\n", client_bool(mount, "writable") ? "rw" : "ro",
		client_bool(mount, "live") ? "yes" : "no", target, source);
}

static void print_mounts(sd_json_variant *mounts, bool is_json)
{
	if (is_json) {
		json_print(mounts);
		return;
	}
	printf("%-5s %-5s %-32s %s\n", "MODE", "LIVE", "IN THE VM", "HERE");
	for (size_t i = 0; i < sd_json_variant_elements(mounts); i++) {
		print_mount(sd_json_variant_by_index(mounts, i));
	}
}

static bool list_mounts(struct client *client, const char *vm, bool is_json, struct vx_error *err)
{
	sd_json_variant *parameters = nullptr, *reply;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", vm));
	if (!client_call(client, VX_MANAGER_METHOD("Inspect"), parameters, &reply, err)) {
		return false;
	}
	sd_json_variant *definition = sd_json_variant_by_key(reply, "definition");
	sd_json_variant *mounts = sd_json_variant_by_key(definition, "mounts");
	if (mounts != nullptr) {
		print_mounts(mounts, is_json);
	}
	return mounts != nullptr || vx_error_set(err, "vixosd did not list the folders");
}

int cmd_mount(struct command_context *context)
{
	const struct cli_options *options = context->options;
	struct client client = {};
	bool is_done = client_connect(&client, context->err);
	if (context->argc == 1) {
		is_done = is_done &&
			  list_mounts(&client, context->argv[0], options->json, context->err);
	} else {
		const struct mounting mounting = {
			.source = context->argv[1],
			.target = context->argc > 2 ? context->argv[2] : nullptr,
			.writable = options->writable,
			.force = options->force,
		};
		is_done = is_done &&
			  mounting_add(&client, context->argv[0], &mounting, context->err);
	}
	client_finish(&client);
	return is_done ? 0 : -1;
}

int cmd_umount(struct command_context *context)
{
	struct client client = {};
	struct progress progress;
	struct client_wait wait = {.progress = &progress};
	sd_json_variant *parameters = nullptr;
	vx_cleanup_free char *path = mounting_absolute(context->argv[1]);
	int result = sd_json_buildo(&parameters,
		SD_JSON_BUILD_PAIR_STRING("name", context->argv[0]),
		SD_JSON_BUILD_PAIR_STRING("path", path),
		SD_JSON_BUILD_PAIR_BOOLEAN("force", context->options->force));
	if (result < 0) {
		vx_error_set_kind(context->err, VX_ERROR_USAGE,
			"no folder whose path isn't valid UTF-8 is mounted");
		return -1;
	}
	progress_init(&progress, false);
	progress_set(&progress, "unmounting the folder");
	bool is_done = client_connect(&client, context->err) &&
		       client_observe(&client, VX_MANAGER_METHOD("Unmount"),
			       vx_take_ptr(parameters), &wait, nullptr, context->err);
	progress_finish(&progress);
	sd_json_variant_unref(parameters);
	client_finish(&client);
	return is_done ? 0 : -1;
}
