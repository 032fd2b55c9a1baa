/* SPDX-License-Identifier: MIT */
/* vixos usb */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/cmd_usb.h"
#include "cli/commands.h"
#include "cli/definitions.h"
#include "cli/json.h"
#include "manager_names.h"
#include "vm/definition_change.h"

static unsigned number_of(sd_json_variant *object, const char *key)
{
	sd_json_variant *value = sd_json_variant_by_key(object, key);
	return value != nullptr ? (unsigned)sd_json_variant_unsigned(value) : 0;
}

/* The VM that has it; or that it is free; or why not, as far as one line of a table goes. */
static const char *state_of(sd_json_variant *device)
{
	const char *vm = client_string(device, "vm");
	if (vm != nullptr) {
		return vm;
	}
	return client_bool(device, "free") ? "-" : "(host)";
}

static void print_table(sd_json_variant *devices)
{
	size_t count = devices != nullptr ? sd_json_variant_elements(devices) : 0;
	printf("%-8s %-8s %-10s %-13s %-16s %s\n", "PORT", "ADDRESS", "ID", "KIND", "VM", "NAME");
	for (size_t i = 0; i < count; i++) {
		sd_json_variant *device = sd_json_variant_by_index(devices, i);
		printf("%-8s %03u/%03u  %s:%s  %-13s %-16s %s\n", client_string(device, "port"),
			number_of(device, "bus"), number_of(device, "address"),
			client_string(device, "vendor"), client_string(device, "product"),
			client_string(device, "kind"), state_of(device),
			client_string(device, "name"));
	}
}

static int usb_list(struct command_context *context, struct client *client)
{
	sd_json_variant *reply;
	if (!client_call(client, VX_MANAGER_METHOD("UsbList"), nullptr, &reply, context->err)) {
		return -1;
	}
	sd_json_variant *devices = sd_json_variant_by_key(reply, "devices");
	if (context->options->json) {
		json_print(devices);
	} else {
		print_table(devices);
	}
	return 0;
}

/* What a definition calls the device is the caller's then, where that is asked for. */
static bool usb_call(struct client *client, const char *method, const char *vm, const char *device,
	bool force, char **ret_assignment, struct vx_error *err)
{
	sd_json_variant *parameters = nullptr, *reply = nullptr;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", vm),
		SD_JSON_BUILD_PAIR_STRING("device", device),
		SD_JSON_BUILD_PAIR_CONDITION(force, "force", SD_JSON_BUILD_BOOLEAN(true)));
	if (!client_call(client, method, parameters, &reply, err)) {
		return false;
	}
	if (ret_assignment != nullptr) {
		*ret_assignment = vx_strdup(client_string(reply, "assignment"));
	}
	return true;
}

bool cmd_usb_attach(
	struct client *client, const char *vm, const char *device, bool force, struct vx_error *err)
{
	return usb_call(client, VX_MANAGER_METHOD("UsbAttach"), vm, device, force, nullptr, err);
}

/* Before anything is changed: can it be kept? */
static bool check_own(struct command_context *context)
{
	struct own_definition own = {};
	bool is_own = !context->options->persistent ||
		      own_definition_find(&own, context->argv[1], context->err);
	own_definition_finish(&own);
	return is_own;
}

/* The definition has the device, or, with `lines` of "", no such device any more. */
static bool save(struct command_context *context, const char *assignment, const char *lines)
{
	const struct definition_change change = {.key = "usb", .value = assignment, .lines = lines};
	return !context->options->persistent ||
	       definition_change_save(context->argv[1], &change, context->err);
}

static int usb_attach(struct command_context *context, struct client *client)
{
	bool force = context->options->force;
	vx_cleanup_free char *assignment = nullptr;
	if (!check_own(context) ||
		!usb_call(client, VX_MANAGER_METHOD("UsbAttach"), context->argv[1],
			context->argv[2], force, &assignment, context->err)) {
		return -1;
	}
	vx_cleanup_free char *line = vx_printf("\tusb %s%s\n", assignment, force ? " force" : "");
	return save(context, assignment, line) ? 0 : -1;
}

static int usb_detach(struct command_context *context, struct client *client)
{
	vx_cleanup_free char *assignment = nullptr;
	bool is_done = check_own(context) &&
		       usb_call(client, VX_MANAGER_METHOD("UsbDetach"), context->argv[1],
			       context->argv[2], false, &assignment, context->err) &&
		       save(context, assignment, "");
	return is_done ? 0 : -1;
}

static const struct action {
	const char *names[2];
	int operands;
	int (*run)(struct command_context *context, struct client *client);
} actions[] = {
	{{"list", "ls"}, 1, usb_list},
	{{"attach", nullptr}, 3, usb_attach},
	{{"detach", nullptr}, 3, usb_detach},
};

static const struct action *find_action(const char *name)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(actions); i++) {
		for (size_t j = 0; j < VX_ARRAY_LENGTH(actions[i].names); j++) {
			if (actions[i].names[j] != nullptr &&
				strcmp(actions[i].names[j], name) == 0) {
				return &actions[i];
			}
		}
	}
	return nullptr;
}

int cmd_usb(struct command_context *context)
{
	const struct action *action = find_action(context->argv[0]);
	if (action == nullptr || action->operands != context->argc) {
		vx_error_set_kind(context->err, VX_ERROR_USAGE,
			"say what to do: vixos usb list | attach VM DEVICE | detach VM DEVICE");
		return -1;
	}
	struct client client = {};
	int status = client_connect(&client, context->err) ? action->run(context, &client) : -1;
	client_finish(&client);
	return status;
}
