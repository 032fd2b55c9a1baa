/* SPDX-License-Identifier: MIT */
/* vixos list, vixos inspect */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "common/display_string.h"
#include "manager_names.h"

static constexpr size_t message_code_points_max = 60;

static bool is_running(sd_json_variant *vm)
{
	const char *state = client_string(vm, "state");
	return state != nullptr && strcmp(state, "stopped") != 0 && strcmp(state, "failed") != 0;
}

/* Without those that aren't wanted; a new reference. */
static sd_json_variant *select_vms(sd_json_variant *vms, bool running_only)
{
	sd_json_variant *selected = nullptr;
	(void)sd_json_variant_new_array(&selected, nullptr, 0);
	for (size_t i = 0; vms != nullptr && i < sd_json_variant_elements(vms); i++) {
		sd_json_variant *vm = sd_json_variant_by_index(vms, i);
		if (!running_only || is_running(vm)) {
			(void)sd_json_variant_append_array(&selected, vm);
		}
	}
	return selected;
}

/* A patch of the VM's colour where the terminal can show it. */
static void print_color(const char *color)
{
	unsigned red, green, blue;
	if (isatty(STDOUT_FILENO) && getenv("NO_COLOR") == nullptr &&
		sscanf(color, "#%2x%2x%2x", &red, &green, &blue) == 3) {
		printf("\033[48;2;%u;%u;%um  \033[0m ", red, green, blue);
	}
	printf("%-8s ", color);
}

static void print_row(sd_json_variant *vm)
{
	const char *color = client_string(vm, "color");
	const char *message = client_string(vm, "message");
	sd_json_variant *windows = sd_json_variant_by_key(vm, "windows");
	vx_cleanup_free char *line = vx_strndup(
		message != nullptr ? message : "", message != nullptr ? strcspn(message, "\n") : 0);
	vx_cleanup_free char *shown = vx_display_string(line, message_code_points_max);
	printf("%-24s %-10s ", client_string(vm, "name"), client_string(vm, "state"));
	print_color(color != nullptr ? color : "");
	printf("%7u  %s\n", windows != nullptr ? (unsigned)sd_json_variant_unsigned(windows) : 0u,
		shown);
}

static void print_table(sd_json_variant *vms)
{
	size_t count = sd_json_variant_elements(vms);
	printf("%-24s %-10s %s%-8s %7s  %s\n", "NAME", "STATE",
		isatty(STDOUT_FILENO) && getenv("NO_COLOR") == nullptr ? "   " : "", "COLOUR",
		"WINDOWS", "MESSAGE");
	for (size_t i = 0; i < count; i++) {
		print_row(sd_json_variant_by_index(vms, i));
	}
}

static void print_names(sd_json_variant *vms)
{
	for (size_t i = 0; i < sd_json_variant_elements(vms); i++) {
		puts(client_string(sd_json_variant_by_index(vms, i), "name"));
	}
}

int cmd_list(struct command_context *context)
{
	struct client client = {};
	sd_json_variant *parameters = nullptr, *reply;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_BOOLEAN("all", context->options->all));
	bool is_done = client_connect(&client, context->err) &&
		       client_call(&client, VX_MANAGER_METHOD("List"), vx_take_ptr(parameters),
			       &reply, context->err);
	if (is_done) {
		sd_json_variant *vms = select_vms(
			sd_json_variant_by_key(reply, "vms"), context->options->running);
		if (context->options->json) {
			json_print(vms);
		} else if (context->options->quiet) {
			print_names(vms);
		} else {
			print_table(vms);
		}
		sd_json_variant_unref(vms);
	}
	sd_json_variant_unref(parameters);
	client_finish(&client);
	return is_done ? 0 : -1;
}

int cmd_inspect(struct command_context *context)
{
	struct client client = {};
	sd_json_variant *parameters = nullptr, *reply;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", context->argv[0]));
	bool is_done = client_connect(&client, context->err) &&
		       client_call(&client, VX_MANAGER_METHOD("Inspect"), vx_take_ptr(parameters),
			       &reply, context->err);
	if (is_done) {
		json_print(reply);
	}
	sd_json_variant_unref(parameters);
	client_finish(&client);
	return is_done ? 0 : -1;
}
