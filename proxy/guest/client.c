/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "client"
#include "guest/client.h"

#include <string.h>
#include <wayland-server-core.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "guest/forward.h"
#include "guest/selection.h"
#include "guest/server.h"
#include "link/link.h"
#include "wire/interface.h"
#include "wire/opcodes.h"

static constexpr size_t out_max = 4 * 1024 * 1024;
/* Past this much unread by the client, the host half's events stay in the channel. */
static constexpr size_t out_pause = 256 * 1024;

void guest_install_requests(struct wire_interfaces *interfaces,
	const struct guest_request_handler *handlers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		wire_set_request_handler(
			interfaces, handlers[i].interface, handlers[i].message, &handlers[i]);
	}
}

void guest_install_events(struct wire_interfaces *interfaces,
	const struct guest_event_handler *handlers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		wire_set_event_handler(
			interfaces, handlers[i].interface, handlers[i].message, &handlers[i]);
	}
}

bool guest_client_post_error(
	struct guest_client *client, uint32_t id, uint32_t code, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vx_cleanup_free char *text = vx_vprintf(format, args);
	va_end(args);
	vx_log_info("disconnecting a client: %s", text);
	guest_client_send(client, 1, WL_DISPLAY_ERROR, "ous", id, code, text);
	client->closing = true;
	return false;
}

static void client_vsend(
	struct guest_client *client, uint32_t id, uint16_t opcode, const char *format, va_list args)
{
	if (!client->closing && !wire_vwrite(&client->connection.out, id, opcode, format, args)) {
		vx_log_warn("a client reads nothing, disconnecting it");
		client->closing = true;
	}
}

void guest_client_send(
	struct guest_client *client, uint32_t id, uint16_t opcode, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	client_vsend(client, id, opcode, format, args);
	va_end(args);
}

void guest_client_send_fd(
	struct guest_client *client, int fd, uint32_t id, uint16_t opcode, const char *format, ...)
{
	if (!wire_connection_add_fd(&client->connection, fd)) {
		client->closing = true;
		return;
	}
	va_list args;
	va_start(args, format);
	client_vsend(client, id, opcode, format, args);
	va_end(args);
}

static bool add_new_objects(struct guest_client *client, const struct guest_request *request)
{
	const struct wire_message *message = request->message;
	/* Read first: adding an object may move the others. */
	uint32_t version = request->object->version;
	for (unsigned i = 0; i < message->arg_count; i++) {
		const struct wire_arg *arg = &message->args[i];
		if (arg->kind == 'n' && guest_objects_add(&client->objects, request->args[i].u,
						arg->interface, version) == nullptr) {
			return guest_client_post_error(client, 1, WL_DISPLAY_ERROR_INVALID_OBJECT,
				"new id %u is not free", request->args[i].u);
		}
	}
	return true;
}

static bool check_objects(struct guest_client *client, struct guest_request *request)
{
	const struct wire_message *message = request->message;
	for (unsigned i = 0; i < message->arg_count; i++) {
		const struct wire_arg *arg = &message->args[i];
		uint32_t id = request->args[i].u;
		if (arg->kind != 'o' || id == 0) {
			continue;
		}
		const struct guest_object *object = guest_objects_get(&client->objects, id);
		if (object == nullptr ||
			(arg->interface != nullptr && object->interface != arg->interface)) {
			return guest_client_post_error(client, 1, WL_DISPLAY_ERROR_INVALID_OBJECT,
				"object %u in %s is unknown or of the wrong kind", id,
				message->name);
		}
		request->names_local |= object->local;
	}
	return true;
}

bool guest_client_forward(struct guest_client *client, const struct guest_request *request)
{
	if (request->names_local) {
		return guest_client_post_error(client, request->id, WL_DISPLAY_ERROR_IMPLEMENTATION,
			"%s can't take such an object here", request->message->name);
	}
	if (request->message->has_new_id && !add_new_objects(client, request)) {
		return false;
	}
	guest_outbox_add(client, request->bytes, request->size, false);
	return true;
}

struct guest_object *guest_client_add_local(struct guest_client *client, uint32_t id,
	const struct wire_interface *interface, uint32_t version)
{
	struct guest_object *object = guest_objects_add(&client->objects, id, interface, version);
	if (object == nullptr) {
		guest_client_post_error(
			client, 1, WL_DISPLAY_ERROR_INVALID_OBJECT, "new id %u is not free", id);
		return nullptr;
	}
	object->local = true;
	return object;
}

void guest_client_remove_local(struct guest_client *client, uint32_t id)
{
	guest_objects_remove(&client->objects, id);
	if (id < wire_server_id_min) {
		guest_client_send(client, 1, WL_DISPLAY_DELETE_ID, "u", id);
	}
}

static bool request_run(struct guest_client *client, struct guest_request *request)
{
	if (request->message->fd_count > 0) {
		request->fd = wire_connection_take_fd(&client->connection);
		if (request->fd < 0) {
			return guest_client_post_error(client, request->id,
				WL_DISPLAY_ERROR_INVALID_METHOD,
				"%s came without its file descriptor", request->message->name);
		}
	}
	const struct guest_request_handler *handler = request->message->handler;
	if (handler != nullptr) {
		return handler->handle(client, request);
	}
	if (request->object->local || request->message->fd_count > 0) {
		return guest_client_post_error(client, request->id, WL_DISPLAY_ERROR_IMPLEMENTATION,
			"%s is not supported", request->message->name);
	}
	return guest_client_forward(client, request);
}

/* Decodes it once more: words for what is wrong are made only where something is. */
static bool post_malformed(struct guest_client *client, const struct guest_request *request)
{
	vx_cleanup_error struct vx_error err = {};
	struct wire_value args[wire_args_max];
	(void)wire_decode(request->message, request->bytes, request->size, args, &err);
	return guest_client_post_error(
		client, request->id, WL_DISPLAY_ERROR_INVALID_METHOD, "%s", vx_error_message(&err));
}

static bool handle_request(
	struct guest_client *client, const struct wire_header *header, const uint8_t *bytes)
{
	struct guest_object *object = guest_objects_get(&client->objects, header->object);
	if (object == nullptr) {
		return guest_client_post_error(client, 1, WL_DISPLAY_ERROR_INVALID_OBJECT,
			"object %u is unknown", header->object);
	}
	const struct wire_interface *interface = object->interface;
	if (header->opcode >= interface->request_count ||
		interface->requests[header->opcode].since > object->version) {
		return guest_client_post_error(client, header->object,
			WL_DISPLAY_ERROR_INVALID_METHOD, "%s has no request %u", interface->name,
			header->opcode);
	}
	struct wire_value args[wire_args_max];
	struct guest_request request = {
		.id = header->object,
		.object = object,
		.message = &interface->requests[header->opcode],
		.args = args,
		.bytes = bytes,
		.size = header->size,
		.fd = -1,
	};
	if (!wire_decode(request.message, bytes, header->size, args, nullptr)) {
		return post_malformed(client, &request);
	}
	if (request.message->has_ids && !check_objects(client, &request)) {
		return false;
	}
	bool correct = request_run(client, &request);
	vx_replace_fd(&request.fd, -1);
	return correct;
}

static void handle_requests(struct guest_client *client)
{
	struct vx_buffer *in = &client->connection.in;
	const uint8_t *bytes = vx_buffer_bytes(in);
	size_t done = 0;
	struct wire_header header;
	while (!client->closing && !guest_outbox_is_full(&client->outbox)) {
		int got = wire_read_header(bytes + done, in->size - done, &header);
		if (got == 0) {
			break;
		}
		if (got < 0) {
			guest_client_post_error(client, 1, WL_DISPLAY_ERROR_INVALID_METHOD,
				"a message has an impossible size");
			break;
		}
		if (!handle_request(client, &header, bytes + done)) {
			client->closing = true;
		}
		done += header.size;
	}
	vx_buffer_consume(in, done);
	guest_outbox_pump(client);
}

static int handle_socket(int fd, uint32_t mask, void *data)
{
	struct guest_client *client = data;
	if (client->closing) {
		return 0;
	}
	if (mask & (WL_EVENT_READABLE | WL_EVENT_HANGUP | WL_EVENT_ERROR)) {
		int got = wire_connection_read(&client->connection);
		handle_requests(client);
		/* A client that hung up while it is not being read won't be waited for. */
		if (got < 0 || (got == 0 && (mask & WL_EVENT_HANGUP))) {
			client->closing = true;
		}
	}
	return 0;
}

static bool handle_host_event(
	struct guest_client *client, const struct wire_header *header, const uint8_t *bytes)
{
	struct guest_object *object = guest_objects_get(&client->objects, header->object);
	if (object == nullptr || header->opcode >= object->interface->event_count) {
		return false;
	}
	const struct wire_message *message = &object->interface->events[header->opcode];
	const struct guest_event_handler *handler = message->handler;
	if (handler == nullptr) {
		return true;
	}
	struct wire_value args[wire_args_max];
	struct guest_event event = {header->object, object, message, args, bytes, header->size};
	return wire_decode(message, bytes, header->size, args, nullptr) &&
	       handler->handle(client, &event);
}

static void handle_host_message(
	struct guest_client *client, const struct wire_header *header, const uint8_t *bytes)
{
	if (header->object == 0) {
		forward_handle_event(client, header, bytes);
	} else if (handle_host_event(client, header, bytes) &&
		   !vx_buffer_append(&client->connection.out, bytes, header->size)) {
		client->closing = true;
	}
}

/* Handles whole messages of `bytes` while the client takes events; returns how much that was. */
static size_t take_host_bytes(void *data, const uint8_t *bytes, size_t size)
{
	struct guest_client *client = data;
	size_t done = 0;
	struct wire_header header;
	while (!client->closing && client->connection.out.size < out_pause) {
		int got = wire_read_header(bytes + done, size - done, &header);
		if (got < 0) {
			vx_log_error("the host half sent no Wayland, disconnecting the client");
			client->closing = true;
		}
		if (got <= 0) {
			break;
		}
		handle_host_message(client, &header, bytes + done);
		done += header.size;
	}
	return done;
}

static void handle_received(
	struct vx_link_channel *channel, const uint8_t *untrusted_data, size_t size, void *data)
{
	struct guest_client *client = data;
	if (!vx_link_backlog_receive(&client->from_host, untrusted_data, size)) {
		client->closing = true;
	}
}

static void handle_writable(struct vx_link_channel *channel, void *data)
{
	guest_outbox_pump(data);
}

static void handle_finished(struct vx_link_channel *channel, void *data)
{
	struct guest_client *client = data;
	client->closing = true;
}

static void handle_closed(struct vx_link_channel *channel, enum vx_link_reason reason, void *data)
{
	struct guest_client *client = data;
	client->channel = nullptr;
	client->closing = true;
}

static const struct vx_link_channel_listener channel_listener = {
	.received = handle_received,
	.writable = handle_writable,
	.peer_finished = handle_finished,
	.closed = handle_closed,
};

struct guest_client *guest_client_create(struct guest_server *server, int fd)
{
	struct guest_client *client = vx_new(client);
	client->server = server;
	wire_connection_init(&client->connection, fd, out_max);
	vx_link_backlog_init(&client->from_host, &client->channel, take_host_bytes, client);
	guest_outbox_init(&client->outbox);
	wl_list_init(&client->surfaces);
	wl_list_insert(server->clients.prev, &client->link);
	client->channel = vx_link_channel_open(
		server->link, "wayland", vx_link_window_default, &channel_listener, client);
	client->watched = WL_EVENT_READABLE;
	client->source = wl_event_loop_add_fd(
		server->loop, fd, client->watched, handle_socket, client);
	struct guest_object *display = guest_objects_add(
		&client->objects, 1, wire_interfaces_find(server->interfaces, "wl_display"), 1);
	if (client->channel == nullptr || client->source == nullptr || display == nullptr) {
		guest_client_destroy(client);
		return nullptr;
	}
	return client;
}

void guest_client_destroy(struct guest_client *client)
{
	client->closing = true;
	wl_list_remove(&client->link);
	if (client->source != nullptr) {
		wl_event_source_remove(client->source);
	}
	if (client->channel != nullptr) {
		vx_link_channel_destroy(client->channel, VX_LINK_REASON_CANCELLED);
	}
	selection_forget_client(client);
	guest_outbox_finish(&client->outbox);
	guest_objects_finish(&client->objects);
	vx_link_backlog_finish(&client->from_host);
	/* Last words: an error that was posted. */
	(void)wire_connection_flush(&client->connection);
	wire_connection_finish(&client->connection);
	free(client);
}

void guest_client_flush(struct guest_client *client)
{
	vx_link_backlog_run(&client->from_host);
	if (!client->closing) {
		handle_requests(client);
	}
	if (!wire_connection_flush(&client->connection)) {
		client->closing = true;
	}
	if (client->closing) {
		return;
	}
	uint32_t mask = 0;
	mask |= guest_outbox_is_full(&client->outbox) ? 0 : WL_EVENT_READABLE;
	mask |= wire_connection_wants_write(&client->connection) ? WL_EVENT_WRITABLE : 0;
	if (mask != client->watched) {
		client->watched = mask;
		wl_event_source_fd_update(client->source, mask);
	}
}
