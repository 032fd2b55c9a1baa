/* SPDX-License-Identifier: MIT */
/* vixos net, vixos firewall */
#include <stdio.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "manager_names.h"

static void print_network(sd_json_variant *reply)
{
	puts(client_string(reply, "network"));
}

static void print_firewall(sd_json_variant *reply)
{
	sd_json_variant *rules = sd_json_variant_by_key(reply, "rules");
	size_t count = rules != nullptr ? sd_json_variant_elements(rules) : 0;
	for (size_t i = 0; i < count; i++) {
		printf("%3zu  %s\n", i + 1,
			sd_json_variant_string(sd_json_variant_by_index(rules, i)));
	}
	printf("     %s all else\n", client_string(reply, "policy"));
}

/* The first operand is the VM; the others, if there are any, are a change. */
static sd_json_variant *make_parameters(struct command_context *context)
{
	sd_json_variant *parameters = nullptr;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", context->argv[0]),
		SD_JSON_BUILD_PAIR_CONDITION(
			context->argc > 1, "change", SD_JSON_BUILD_STRV(context->argv + 1)));
	return parameters;
}

static int run(
	struct command_context *context, const char *method, void (*print)(sd_json_variant *reply))
{
	const struct cli_options *options = context->options;
	struct client client = {};
	struct progress progress;
	struct client_wait wait = {.progress = &progress};
	sd_json_variant *reply = nullptr;
	bool is_change = context->argc > 1;
	if (!client_connect(&client, context->err)) {
		return -1;
	}
	progress_init(&progress, options->quiet || !is_change);
	progress_set(&progress, "changing the network");
	bool is_done = client_observe(
		&client, method, make_parameters(context), &wait, &reply, context->err);
	progress_finish(&progress);
	if (is_done && options->json) {
		(void)sd_json_variant_dump(
			reply, SD_JSON_FORMAT_PRETTY | SD_JSON_FORMAT_NEWLINE, stdout, nullptr);
	} else if (is_done && !(is_change && options->quiet)) {
		print(reply);
	}
	sd_json_variant_unref(reply);
	client_finish(&client);
	return is_done ? 0 : -1;
}

int cmd_network(struct command_context *context)
{
	return run(context, VX_MANAGER_METHOD("Network"), print_network);
}

int cmd_firewall(struct command_context *context)
{
	return run(context, VX_MANAGER_METHOD("Firewall"), print_firewall);
}
