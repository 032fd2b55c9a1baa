/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "events"
#include "host/client.h"

#include <string.h>
#include <time.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "host/proxy.h"
#include "wire/interface.h"
#include "wire/opcodes.h"

/* Translates the ids of an event in place. False where it names an object that the guest can't
 * know. */
static bool translate_ids(
	const struct host_client *client, const struct host_event *event, uint8_t *copy)
{
	const struct wire_message *message = event->message;
	for (unsigned i = 0; i < message->arg_count; i++) {
		uint32_t id = event->args[i].u;
		if (message->args[i].kind == 'n') {
			return false;
		}
		if (message->args[i].kind != 'o' || id == 0) {
			continue;
		}
		const struct host_object *object = host_objects_get_by_host_id(
			&client->objects, id);
		if (object == nullptr || object->wire_id == 0) {
			return false;
		}
		wire_put_u32(copy + event->args[i].offset, object->wire_id);
	}
	return true;
}

static void event_pass(struct host_client *client, const struct host_event *event)
{
	uint8_t *copy = vx_buffer_reserve(&client->to_guest, event->size);
	if (copy == nullptr) {
		vx_cleanup_error struct vx_error err = {};
		vx_error_set(&err, "the guest reads nothing");
		host_client_reject(client, &err);
		return;
	}
	memcpy(copy, event->bytes, event->size);
	wire_put_u32(copy, event->object->wire_id);
	if (!event->message->has_ids || translate_ids(client, event, copy)) {
		vx_buffer_commit(&client->to_guest, event->size);
	}
}

static void handle_event(
	struct host_client *client, const struct wire_header *header, const uint8_t *bytes)
{
	if (header->object >= wire_server_id_min) {
		drag_offer_handle_event(client, header, bytes);
		return;
	}
	struct host_object *object = host_objects_get_by_host_id(&client->objects, header->object);
	if (object == nullptr || header->opcode >= object->interface->event_count) {
		vx_log_warn("the compositor sent an event for object %u, which isn't there",
			header->object);
		return;
	}
	const struct wire_message *message = &object->interface->events[header->opcode];
	struct wire_value args[wire_args_max];
	struct host_event event = {object, message, args, bytes, header->size, -1};
	if (message->fd_count > 0) {
		event.fd = wire_connection_take_fd(&client->connection);
	}
	if (wire_decode(message, bytes, header->size, args, nullptr)) {
		const struct host_event_handler *handler = message->handler;
		bool pass = handler == nullptr || handler->handle(client, &event);
		if (pass && object->wire_id != 0 && message->fd_count == 0) {
			event_pass(client, &event);
		}
	}
	vx_replace_fd(&event.fd, -1);
}

void events_handle(struct host_client *client)
{
	struct vx_buffer *in = &client->connection.in;
	const uint8_t *bytes = vx_buffer_bytes(in);
	size_t done = 0;
	struct wire_header header;
	client->congested = client->to_guest.size > 0;
	while (!client->closing) {
		int got = wire_read_header(bytes + done, in->size - done, &header);
		if (got < 0) {
			client->closing = true;
		}
		if (got <= 0) {
			break;
		}
		handle_event(client, &header, bytes + done);
		done += header.size;
	}
	vx_buffer_consume(in, done);
}

/* --- wl_display --- */

static bool handle_delete_id(struct host_client *client, struct host_event *event)
{
	struct host_object *object = host_objects_get_by_host_id(
		&client->objects, event->args[0].u);
	if (object == nullptr || object->host_id == 1) {
		return false;
	}
	if (object->wire_id != 0) {
		host_client_event(client, 1, WL_DISPLAY_DELETE_ID, "u", object->wire_id);
		limits_remove(&client->counts, &client->proxy->counts, object->interface);
	}
	host_objects_remove(&client->objects, object);
	return false;
}

/* The compositor hangs up next. Its text may quote the guest. */
static bool handle_error(struct host_client *client, struct host_event *event)
{
	const struct host_object *object = host_objects_get_by_host_id(
		&client->objects, event->args[0].u);
	const char *text = event->args[2].s;
	vx_log_warn("client %u: the compositor ends its connection, error %u of a %s",
		client->number, event->args[1].u,
		object == nullptr ? "lost object" : object->interface->name);
	vx_log_untrusted(VX_LOG_WARN, "the compositor says", text, strlen(text));
	uint32_t wire_id = object == nullptr || object->wire_id == 0 ? 1 : object->wire_id;
	host_client_event(client, 1, WL_DISPLAY_ERROR, "ous", wire_id, event->args[1].u, text);
	return false;
}

/* --- what a guest that stopped reading can do without --- */

static bool handle_motion(struct host_client *client, struct host_event *event)
{
	event->object->unframed |= !client->congested;
	return !client->congested;
}

static bool handle_pointer(struct host_client *client, struct host_event *event)
{
	event->object->unframed = true;
	return true;
}

static bool handle_button(struct host_client *client, struct host_event *event)
{
	if (event->args[3].u == WL_POINTER_BUTTON_STATE_PRESSED) {
		drag_note_press(client, event->args[0].u);
	}
	return handle_pointer(client, event);
}

static bool handle_touch_down(struct host_client *client, struct host_event *event)
{
	drag_note_press(client, event->args[0].u);
	return true;
}

static bool handle_frame(struct host_client *client, struct host_event *event)
{
	bool pass = event->object->unframed;
	event->object->unframed = false;
	return pass;
}

/* --- wp_presentation --- */

static bool handle_clock_id(struct host_client *client, struct host_event *event)
{
	client->presentation_clock = event->args[0].u;
	return true;
}

static bool handle_presented(struct host_client *client, struct host_event *event)
{
	struct timespec now = {};
	clock_gettime((clockid_t)client->presentation_clock, &now);
	uint64_t seconds = (uint64_t)now.tv_sec;
	host_client_event(client, 0, VIXOS_FORWARD_V1_CLOCK, "uuu", (uint32_t)(seconds >> 32),
		(uint32_t)seconds, (uint32_t)now.tv_nsec);
	return true;
}

static const struct host_event_handler handlers[] = {
	{"wl_display", "delete_id", handle_delete_id},
	{"wl_display", "error", handle_error},
	{"wl_pointer", "enter", handle_pointer},
	{"wl_pointer", "leave", handle_pointer},
	{"wl_pointer", "motion", handle_motion},
	{"wl_pointer", "button", handle_button},
	{"wl_pointer", "axis", handle_motion},
	{"wl_pointer", "axis_source", handle_motion},
	{"wl_pointer", "axis_stop", handle_pointer},
	{"wl_pointer", "axis_discrete", handle_motion},
	{"wl_pointer", "axis_value120", handle_motion},
	{"wl_pointer", "axis_relative_direction", handle_motion},
	{"wl_pointer", "frame", handle_frame},
	{"wl_touch", "down", handle_touch_down},
	{"wl_touch", "motion", handle_motion},
	{"wp_presentation", "clock_id", handle_clock_id},
	{"wp_presentation_feedback", "presented", handle_presented},
};

void events_install(struct wire_interfaces *interfaces)
{
	host_install_events(interfaces, handlers, VX_ARRAY_LENGTH(handlers));
}
