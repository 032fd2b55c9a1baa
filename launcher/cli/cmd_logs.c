/* SPDX-License-Identifier: MIT */
/* vixos logs, vixos attach */
#include <stdio.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/display_path.h"
#include "manager_names.h"

/* vixosd has made it fit for a terminal. */
static void handle_text(void *data, sd_json_variant *reply)
{
	const char *text = client_string(reply, "text");
	if (text != nullptr) {
		fputs(text, stdout);
		fflush(stdout);
	}
}

int cmd_logs(struct command_context *context)
{
	struct client client = {};
	struct client_wait wait = {.handle_reply = handle_text};
	sd_json_variant *parameters = nullptr, *reply = nullptr;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", context->argv[0]),
		SD_JSON_BUILD_PAIR_BOOLEAN("follow", context->options->follow));
	bool is_done = client_connect(&client, context->err) &&
		       client_observe(&client, VX_MANAGER_METHOD("Logs"), vx_take_ptr(parameters),
			       &wait, &reply, context->err);
	if (is_done) {
		handle_text(nullptr, reply);
	}
	sd_json_variant_unref(parameters);
	sd_json_variant_unref(reply);
	client_finish(&client);
	return is_done ? 0 : -1;
}

int cmd_attach(struct command_context *context)
{
	vx_cleanup_free char *display = display_path_find(context->argv[0], context->err);
	if (display == nullptr) {
		return -1;
	}
	struct client client = {};
	sd_json_variant *parameters = nullptr, *reply;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("display", display));
	bool is_done = client_connect(&client, context->err) &&
		       client_call(&client, VX_MANAGER_METHOD("AttachDisplay"),
			       vx_take_ptr(parameters), &reply, context->err);
	if (is_done && !client_bool(reply, "menu")) {
		vx_error_set(context->err,
			"the compositor at '%s' has no menu for VMs (vixos-domain-v1)", display);
		is_done = false;
	}
	sd_json_variant_unref(parameters);
	client_finish(&client);
	return is_done ? 0 : -1;
}
