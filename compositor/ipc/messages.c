/* SPDX-License-Identifier: MIT */
#include "ipc/messages.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/command.h"
#include "config/bar.h"
#include "ipc/client.h"
#include "ipc/describe.h"
#include "ipc/events.h"
#include "ipc/server.h"

/* The sway version whose IPC this is; clients compare it. */
static constexpr int sway_major = 1;
static constexpr int sway_minor = 12;
static constexpr int sway_patch = 0;

struct request {
	struct ipc_client *client;
	struct session *session;
	struct describe describe;
	uint32_t type;
	char *payload;
};

static void reply_text(const struct request *request, const char *text)
{
	ipc_client_send(request->client, request->type, text, strlen(text));
}

static void reply_success(const struct request *request, bool success)
{
	reply_text(request, success ? "{\"success\": true}" : "{\"success\": false}");
}

static void reply(const struct request *request, yyjson_mut_val *value)
{
	yyjson_mut_doc_set_root(request->describe.doc, value);
	size_t length;
	char *text = ipc_write_json(request->describe.doc, &length);
	ipc_client_send(request->client, request->type, text, length);
	free(text);
}

/* --- Commands --- */

static yyjson_mut_val *describe_result(
	struct describe *describe, const struct command_result *result)
{
	yyjson_mut_doc *doc = describe->doc;
	yyjson_mut_val *object = yyjson_mut_obj(doc);
	yyjson_mut_obj_add_bool(doc, object, "success", result->status == COMMAND_SUCCESS);
	if (result->error) {
		yyjson_mut_obj_add_bool(
			doc, object, "parse_error", result->status == COMMAND_INVALID);
		yyjson_mut_obj_add_strcpy(doc, object, "error", result->error);
	}
	return object;
}

static void run_command(struct request *request)
{
	/* A line is a list of its own. */
	for (char *at = request->payload; (at = strchr(at, '\n')); at++) {
		*at = ';';
	}
	struct command_results results;
	commands_run(request->session, request->payload, nullptr, nullptr, &results);
	yyjson_mut_val *array = yyjson_mut_arr(request->describe.doc);
	for (size_t i = 0; i < results.length; i++) {
		yyjson_mut_arr_append(
			array, describe_result(&request->describe, &results.items[i]));
	}
	command_results_finish(&results);
	reply(request, array);
}

static void send_tick(struct request *request)
{
	ipc_event_tick(request->client->ipc, request->payload);
	reply_success(request, true);
}

/* --- Subscriptions --- */

static const struct {
	const char *name;
	enum ipc_event event;
} event_names[] = {
	{"workspace", IPC_EVENT_WORKSPACE},
	{"output", IPC_EVENT_OUTPUT},
	{"mode", IPC_EVENT_MODE},
	{"window", IPC_EVENT_WINDOW},
	{"barconfig_update", IPC_EVENT_BARCONFIG_UPDATE},
	{"binding", IPC_EVENT_BINDING},
	{"shutdown", IPC_EVENT_SHUTDOWN},
	{"tick", IPC_EVENT_TICK},
	{"bar_state_update", IPC_EVENT_BAR_STATE_UPDATE},
	{"input", IPC_EVENT_INPUT},
};

static bool subscribe_to(struct ipc_client *client, const char *name)
{
	for (size_t i = 0; name && i < VX_ARRAY_LENGTH(event_names); i++) {
		if (strcmp(name, event_names[i].name) == 0) {
			client->subscriptions |= 1u << event_names[i].event;
			return true;
		}
	}
	return false;
}

/* Names before a wrong one stay subscribed. */
static bool subscribe_to_all(struct ipc_client *client, yyjson_val *names, bool *ret_has_tick)
{
	size_t index, max;
	yyjson_val *name;
	yyjson_arr_foreach(names, index, max, name)
	{
		if (!subscribe_to(client, yyjson_get_str(name))) {
			return false;
		}
		*ret_has_tick |= strcmp(yyjson_get_str(name), "tick") == 0;
	}
	return true;
}

static void subscribe(struct request *request)
{
	yyjson_doc *doc = yyjson_read(request->payload, strlen(request->payload), 0);
	yyjson_val *names = yyjson_doc_get_root(doc);
	bool has_tick = false;
	bool success = yyjson_is_arr(names) && subscribe_to_all(request->client, names, &has_tick);
	yyjson_doc_free(doc);
	reply_success(request, success);
	if (success && has_tick) {
		static const char first[] = "{\"first\": true, \"payload\": \"\"}";
		ipc_client_send(
			request->client, ipc_event_bit | IPC_EVENT_TICK, first, strlen(first));
	}
}

/* --- Queries --- */

static void get_workspaces(struct request *request)
{
	reply(request, describe_workspaces(&request->describe));
}

static void get_outputs(struct request *request)
{
	reply(request, describe_outputs(&request->describe));
}

static void get_tree(struct request *request)
{
	reply(request, describe_tree(&request->describe));
}

static void get_marks(struct request *request)
{
	reply(request, describe_marks(&request->describe));
}

static void get_inputs(struct request *request)
{
	reply(request, describe_inputs(&request->describe));
}

static void get_seats(struct request *request)
{
	reply(request, describe_seats(&request->describe));
}

static void get_bar_config(struct request *request)
{
	const struct config *config = request->session->config;
	yyjson_mut_doc *doc = request->describe.doc;
	yyjson_mut_val *ids = yyjson_mut_arr(doc);
	for (int i = 0; i < config->bars.length; i++) {
		const struct bar_config *bar = config->bars.items[i];
		if (strcmp(bar->id, request->payload) == 0) {
			reply(request, describe_bar(&request->describe, bar));
			return;
		}
		yyjson_mut_arr_add_strcpy(doc, ids, bar->id);
	}
	if (*request->payload == '\0') {
		reply(request, ids);
	} else {
		reply_text(request, "{ \"success\": false, \"error\": \"No bar with that ID\" }");
	}
}

static void get_version(struct request *request)
{
	yyjson_mut_doc *doc = request->describe.doc;
	yyjson_mut_val *object = yyjson_mut_obj(doc);
	char version[64];
	snprintf(version, sizeof(version), "%d.%d", sway_major, sway_minor);
	yyjson_mut_obj_add_strcpy(doc, object, "human_readable", version);
	yyjson_mut_obj_add_str(doc, object, "variant", "sway");
	yyjson_mut_obj_add_int(doc, object, "major", sway_major);
	yyjson_mut_obj_add_int(doc, object, "minor", sway_minor);
	yyjson_mut_obj_add_int(doc, object, "patch", sway_patch);
	describe_add_string(&request->describe, object, "loaded_config_file_name",
		request->session->config->path);
	reply(request, object);
}

static void get_binding_modes(struct request *request)
{
	const struct config *config = request->session->config;
	yyjson_mut_val *names = yyjson_mut_arr(request->describe.doc);
	for (int i = 0; i < config->modes.length; i++) {
		yyjson_mut_arr_add_strcpy(
			request->describe.doc, names, config->modes.items[i]->name);
	}
	reply(request, names);
}

static void get_binding_state(struct request *request)
{
	yyjson_mut_val *object = yyjson_mut_obj(request->describe.doc);
	describe_add_string(
		&request->describe, object, "name", request->session->config->current_mode->name);
	reply(request, object);
}

static void get_config(struct request *request)
{
	yyjson_mut_val *object = yyjson_mut_obj(request->describe.doc);
	describe_add_string(&request->describe, object, "config", request->session->config->text);
	reply(request, object);
}

/* X11's business. */
static void sync_with_x11(struct request *request)
{
	reply_success(request, false);
}

static const struct {
	uint32_t type;
	void (*handle)(struct request *request);
} messages[] = {
	{0, run_command},
	{1, get_workspaces},
	{2, subscribe},
	{3, get_outputs},
	{4, get_tree},
	{5, get_marks},
	{6, get_bar_config},
	{7, get_version},
	{8, get_binding_modes},
	{9, get_config},
	{10, send_tick},
	{11, sync_with_x11},
	{12, get_binding_state},
	{100, get_inputs},
	{101, get_seats},
};

void ipc_handle_message(struct ipc_client *client, uint32_t type, char *untrusted_payload)
{
	struct session *session = client->ipc->session;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(messages); i++) {
		if (messages[i].type != type) {
			continue;
		}
		struct request request = {
			.client = client,
			.session = session,
			.describe = {yyjson_mut_doc_new(nullptr), session},
			.type = type,
			.payload = untrusted_payload,
		};
		messages[i].handle(&request);
		yyjson_mut_doc_free(request.describe.doc);
		return;
	}
}
