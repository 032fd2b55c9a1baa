/* SPDX-License-Identifier: MIT */
/* vixos stop */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "manager_names.h"

static bool stop_one(struct client *client, const struct cli_options *options, const char *vm,
	struct vx_error *err)
{
	struct progress progress;
	struct client_wait wait = {.progress = &progress};
	sd_json_variant *parameters = nullptr, *reply = nullptr;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", vm),
		SD_JSON_BUILD_PAIR_BOOLEAN("kill", options->kill));
	vx_cleanup_free char *text = vx_printf("stopping '%s'", vm);
	progress_init(&progress, options->quiet);
	progress_set(&progress, text);
	bool is_done = client_observe(
		client, VX_MANAGER_METHOD("Stop"), parameters, &wait, &reply, err);
	progress_finish(&progress);
	if (is_done && !options->quiet) {
		if (client_bool(reply, "stopped")) {
			puts(vm);
		} else {
			fprintf(stderr, "vixos: VM '%s' wasn't running\n", vm);
		}
	}
	sd_json_variant_unref(reply);
	return is_done;
}

/* Stops them all, and reports the first failure in the end. */
static bool stop_each(struct client *client, const struct cli_options *options,
	const char *const *names, struct vx_error *err)
{
	bool all_done = true;
	for (size_t i = 0; names[i] != nullptr; i++) {
		struct vx_error problem = {};
		if (!stop_one(client, options, names[i], &problem)) {
			if (!all_done) {
				fprintf(stderr, "vixos: %s\n", vx_error_message(&problem));
			} else {
				vx_error_move(err, &problem);
			}
			all_done = false;
		}
		vx_error_finish(&problem);
	}
	return all_done;
}

static bool is_alive(sd_json_variant *vm)
{
	const char *state = client_string(vm, "state");
	return state != nullptr && strcmp(state, "stopped") != 0 && strcmp(state, "failed") != 0;
}

static bool stop_all(struct client *client, const struct cli_options *options, struct vx_error *err)
{
	sd_json_variant *reply;
	if (!client_call(client, VX_MANAGER_METHOD("List"), nullptr, &reply, err)) {
		return false;
	}
	sd_json_variant *vms = sd_json_variant_ref(sd_json_variant_by_key(reply, "vms"));
	size_t count = vms != nullptr ? sd_json_variant_elements(vms) : 0;
	vx_cleanup_free const char **names = vx_calloc(count + 1, sizeof(*names));
	size_t used = 0;
	for (size_t i = 0; i < count; i++) {
		sd_json_variant *vm = sd_json_variant_by_index(vms, i);
		if (is_alive(vm)) {
			names[used++] = client_string(vm, "name");
		}
	}
	bool all_done = stop_each(client, options, names, err);
	sd_json_variant_unref(vms);
	return all_done;
}

int cmd_stop(struct command_context *context)
{
	const struct cli_options *options = context->options;
	if (options->all == (context->argc > 0)) {
		vx_error_set_kind(context->err, VX_ERROR_USAGE,
			"say which VMs to stop, or --all: vixos stop VM… | --all");
		return -1;
	}
	struct client client = {};
	bool all_done = client_connect(&client, context->err) &&
			(options->all ? stop_all(&client, options, context->err)
				      : stop_each(&client, options,
						(const char *const *)context->argv, context->err));
	client_finish(&client);
	return all_done ? 0 : -1;
}
