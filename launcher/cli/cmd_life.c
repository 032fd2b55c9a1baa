/* SPDX-License-Identifier: MIT */
/* vixos start, restart, kill, pause, unpause, wait, events */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/definitions.h"
#include "cli/display_path.h"
#include "cli/progress.h"
#include "cli/vms.h"
#include "manager_names.h"

/* One verb for each of several VMs. */
typedef bool (*life_verb)(struct client *client, const struct cli_options *options,
	const char *name, struct vx_error *err);

/* All of them, whatever becomes of one; each failure is a sentence. */
static int for_each_vm(struct command_context *context, life_verb verb)
{
	struct client client = {};
	if (!client_connect(&client, context->err)) {
		return -1;
	}
	bool all_done = true;
	for (int i = 0; i < context->argc; i++) {
		struct vx_error problem = {};
		if (verb(&client, context->options, context->argv[i], &problem)) {
			continue;
		}
		if (all_done) {
			vx_error_move(context->err, &problem);
		} else {
			fprintf(stderr, "vixos: %s\n", vx_error_message(&problem));
		}
		all_done = false;
		vx_error_finish(&problem);
	}
	client_finish(&client);
	return all_done ? 0 : -1;
}

static void tell_name(const struct cli_options *options, const char *name)
{
	if (!options->quiet) {
		puts(name);
	}
}

/* Start and restart */

static void handle_progress(void *data, sd_json_variant *reply)
{
	struct progress *progress = data;
	const char *message = client_string(reply, "message");
	if (message != nullptr) {
		progress_set(progress, message);
	}
}

/* `display` may be NULL. */
static bool start(struct client *client, const struct cli_options *options, const char *name,
	const char *display, bool untagged, struct vx_error *err)
{
	struct progress progress;
	struct client_wait wait = {
		.progress = &progress, .handle_reply = handle_progress, .data = &progress};
	sd_json_variant *parameters = nullptr, *reply = nullptr;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", name),
		SD_JSON_BUILD_PAIR_CONDITION(
			display != nullptr, "display", SD_JSON_BUILD_STRING(display)),
		SD_JSON_BUILD_PAIR_BOOLEAN("untagged", untagged));
	progress_init(&progress, options->quiet);
	progress_set(&progress, "asking vixosd for the VM");
	bool is_up = client_observe(
		client, VX_MANAGER_METHOD("Start"), parameters, &wait, &reply, err);
	progress_finish(&progress);
	if (is_up && !client_bool(reply, "started") && !options->quiet) {
		fprintf(stderr, "vixos: VM '%s' runs already\n", name);
	}
	sd_json_variant_unref(reply);
	return is_up;
}

static bool start_one(struct client *client, const struct cli_options *options, const char *name,
	struct vx_error *err)
{
	/* Without a display it runs as well, but has no windows. */
	vx_cleanup_free char *display = display_path_find(nullptr, nullptr);
	if (vms_find(client, name, err) == nullptr || !definitions_build_packages(name, err) ||
		!start(client, options, name, display, options->untagged, err)) {
		return false;
	}
	tell_name(options, name);
	return true;
}

int cmd_start(struct command_context *context)
{
	return for_each_vm(context, start_one);
}

/* Windows go where they went before, else to where we are. */
static bool restart_one(struct client *client, const struct cli_options *options, const char *name,
	struct vx_error *err)
{
	sd_json_variant *vm = vms_find(client, name, err);
	if (vm == nullptr) {
		return false;
	}
	bool is_alive = vms_state_is_alive(client_string(vm, "state"));
	bool untagged = is_alive ? client_bool(vm, "untagged") : options->untagged;
	vx_cleanup_free char *display = is_alive ? vx_strdup(client_string(vm, "display"))
						 : display_path_find(nullptr, nullptr);
	if ((is_alive && !vms_stop(client, name, options->kill, err)) ||
		!start(client, options, name, display, untagged, err)) {
		return false;
	}
	tell_name(options, name);
	return true;
}

int cmd_restart(struct command_context *context)
{
	return for_each_vm(context, restart_one);
}

/* Kill, pause, unpause */

static bool kill_one(struct client *client, const struct cli_options *options, const char *name,
	struct vx_error *err)
{
	sd_json_variant *vm = vms_find(client, name, err);
	if (vm == nullptr) {
		return false;
	}
	if (!vms_state_is_alive(client_string(vm, "state"))) {
		return vx_error_set(err, "VM '%s' isn't running", name);
	}
	if (!vms_stop(client, name, true, err)) {
		return false;
	}
	tell_name(options, name);
	return true;
}

int cmd_kill(struct command_context *context)
{
	return for_each_vm(context, kill_one);
}

static bool call_by_name(struct client *client, const char *method, const char *name,
	sd_json_variant **ret_reply, struct vx_error *err)
{
	sd_json_variant *parameters = nullptr;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", name));
	return client_call(client, method, parameters, ret_reply, err);
}

static bool pause_one(struct client *client, const struct cli_options *options, const char *name,
	struct vx_error *err)
{
	if (!call_by_name(client, VX_MANAGER_METHOD("Pause"), name, nullptr, err)) {
		return false;
	}
	tell_name(options, name);
	return true;
}

int cmd_pause(struct command_context *context)
{
	return for_each_vm(context, pause_one);
}

static bool unpause_one(struct client *client, const struct cli_options *options, const char *name,
	struct vx_error *err)
{
	if (!call_by_name(client, VX_MANAGER_METHOD("Resume"), name, nullptr, err)) {
		return false;
	}
	tell_name(options, name);
	return true;
}

int cmd_unpause(struct command_context *context)
{
	return for_each_vm(context, unpause_one);
}

/* Wait and events */

/* As docker wait: a number a line, 0 for a VM that was stopped and 1 for one that failed. */
static bool wait_one(struct client *client, const struct cli_options *options, const char *name,
	struct vx_error *err)
{
	sd_json_variant *reply;
	if (!call_by_name(client, VX_MANAGER_METHOD("Wait"), name, &reply, err)) {
		return false;
	}
	const char *message = client_string(reply, "message");
	printf("%d\n", message != nullptr ? 1 : 0);
	if (message != nullptr && !options->quiet) {
		fprintf(stderr, "vixos: %s\n", message);
	}
	return true;
}

int cmd_wait(struct command_context *context)
{
	return for_each_vm(context, wait_one);
}

static void print_event(sd_json_variant *event)
{
	sd_json_variant *time_us = sd_json_variant_by_key(event, "timeUs");
	const char *message = client_string(event, "message");
	uint64_t stamp = time_us != nullptr ? sd_json_variant_unsigned(time_us) : 0;
	time_t seconds = (time_t)(stamp / 1'000'000);
	struct tm broken_down;
	char text[32] = "";
	if (localtime_r(&seconds, &broken_down) != nullptr) {
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &broken_down);
	}
	printf("%s.%06u %s %s%s%.*s\n", text, (unsigned)(stamp % 1'000'000),
		client_string(event, "name"), client_string(event, "state"),
		message != nullptr ? " " : "", message != nullptr ? (int)strcspn(message, "\n") : 0,
		message != nullptr ? message : "");
}

static void handle_event(void *data, sd_json_variant *event)
{
	const struct cli_options *options = data;
	if (options->json) {
		(void)sd_json_variant_dump(event, SD_JSON_FORMAT_NEWLINE, stdout, nullptr);
	} else {
		print_event(event);
	}
	fflush(stdout);
}

int cmd_events(struct command_context *context)
{
	struct client client = {};
	struct client_wait wait = {.handle_reply = handle_event, .data = (void *)context->options};
	bool is_done = client_connect(&client, context->err) &&
		       client_observe(&client, VX_MANAGER_METHOD("Events"), nullptr, &wait, nullptr,
			       context->err);
	client_finish(&client);
	return is_done ? 0 : -1;
}
