/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "client"
#include "host/client.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "host/connector.h"
#include "host/globals.h"
#include "host/proxy.h"
#include "wire/interface.h"
#include "wire/opcodes.h"

/* Bytes that one message of ours may add past limit_to_compositor, where reading stops. */
static constexpr size_t out_slack = 2 * wire_message_max;

void host_install_requests(struct wire_interfaces *interfaces,
	const struct host_request_handler *handlers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		wire_set_request_handler(
			interfaces, handlers[i].interface, handlers[i].message, &handlers[i]);
	}
}

void host_install_events(
	struct wire_interfaces *interfaces, const struct host_event_handler *handlers, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		wire_set_event_handler(
			interfaces, handlers[i].interface, handlers[i].message, &handlers[i]);
	}
}

bool host_client_reject(struct host_client *client, const struct vx_error *reason)
{
	if (!client->closing) {
		vx_log_warn(
			"disconnecting client %u: %s", client->number, vx_error_message(reason));
		client->closing = true;
	}
	return false;
}

/* --- to the compositor --- */

static void add_own_bytes(struct host_client *client, uint32_t host_id, uint16_t opcode,
	const char *format, va_list args)
{
	if (!wire_vwrite(&client->connection.out, host_id, opcode, format, args)) {
		client->closing = true;
	}
}

void host_client_request(struct host_client *client, const struct host_object *object,
	uint16_t opcode, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add_own_bytes(client, object->host_id, opcode, format, args);
	va_end(args);
}

struct host_object *host_client_add_own(
	struct host_client *client, const char *interface, uint32_t version)
{
	struct host_object *object = host_objects_add(&client->objects, 0,
		wire_interfaces_find(client->proxy->interfaces, interface), version);
	vx_assert(object != nullptr);
	return object;
}

static bool takes_requests(const struct host_client *client)
{
	return client->connection.fd >= 0 && !client->closing && !client->finishing &&
	       client->connection.out.size < limit_to_compositor;
}

/* Handles whole messages of `bytes` while the compositor takes them; returns how much that was. */
static size_t take_guest_bytes(void *data, const uint8_t *untrusted_bytes, size_t size)
{
	struct host_client *client = data;
	size_t done = 0;
	struct wire_header header;
	vx_cleanup_error struct vx_error err = {};
	while (takes_requests(client)) {
		int got = wire_read_header(untrusted_bytes + done, size - done, &header);
		if (got == 0) {
			break;
		}
		if (got < 0) {
			vx_error_set(&err, "a message has an impossible size");
			host_client_reject(client, &err);
			break;
		}
		if (!requests_handle(client, &header, untrusted_bytes + done, &err)) {
			host_client_reject(client, &err);
			break;
		}
		done += header.size;
	}
	return done;
}

/* --- to the guest --- */

static void send_to_guest(struct host_client *client)
{
	struct vx_buffer *waiting = &client->to_guest;
	if (client->channel != nullptr && waiting->size > 0) {
		vx_buffer_consume(waiting, vx_link_channel_send(client->channel,
						   vx_buffer_bytes(waiting), waiting->size));
	}
	if (client->finishing && waiting->size == 0 && client->channel != nullptr) {
		vx_link_channel_finish(client->channel);
	}
}

void host_client_event(
	struct host_client *client, uint32_t wire_id, uint16_t opcode, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	bool fits = wire_vwrite(&client->to_guest, wire_id, opcode, format, args);
	va_end(args);
	if (!fits) {
		vx_cleanup_error struct vx_error err = {};
		vx_error_set(&err, "the guest reads nothing");
		host_client_reject(client, &err);
	}
}

static void handle_received(
	struct vx_link_channel *channel, const uint8_t *untrusted_data, size_t size, void *data)
{
	struct host_client *client = data;
	if (!vx_link_backlog_receive(&client->from_guest, untrusted_data, size)) {
		client->closing = true;
	}
}

static void handle_writable(struct vx_link_channel *channel, void *data)
{
	send_to_guest(data);
}

static void handle_finished(struct vx_link_channel *channel, void *data)
{
	struct host_client *client = data;
	client->closing = true;
}

static void handle_closed(struct vx_link_channel *channel, enum vx_link_reason reason, void *data)
{
	struct host_client *client = data;
	client->channel = nullptr;
	client->closing = true;
}

static const struct vx_link_channel_listener channel_listener = {
	.received = handle_received,
	.writable = handle_writable,
	.peer_finished = handle_finished,
	.closed = handle_closed,
};

/* --- the connection --- */

static int handle_socket(int fd, uint32_t mask, void *data)
{
	struct host_client *client = data;
	if (client->closing || client->finishing) {
		return 0;
	}
	if (mask & (WL_EVENT_READABLE | WL_EVENT_HANGUP | WL_EVENT_ERROR)) {
		int got = wire_connection_read(&client->connection);
		events_handle(client);
		if (got < 0) {
			client->finishing = true;
		}
	}
	return 0;
}

static void handle_connected(int fd, const struct vx_error *reason, void *data)
{
	struct host_client *client = data;
	client->request = nullptr;
	if (fd < 0) {
		host_client_reject(client, reason);
		return;
	}
	client->connection.fd = fd;
	client->watched = WL_EVENT_READABLE;
	client->source = wl_event_loop_add_fd(
		client->proxy->loop, fd, client->watched, handle_socket, client);
	globals_start(client);
	vx_link_backlog_run(&client->from_guest);
}

void host_client_create(struct proxy *proxy, struct vx_link_channel *channel)
{
	struct host_client *client = vx_new(client);
	client->proxy = proxy;
	client->number = ++proxy->client_count;
	client->channel = channel;
	wire_connection_init(&client->connection, -1, limit_to_compositor + out_slack);
	vx_link_backlog_init(&client->from_guest, &client->channel, take_guest_bytes, client);
	client->to_guest.max_size = limit_to_guest;
	present_init(client);
	struct host_object *display = host_objects_add(
		&client->objects, 1, wire_interfaces_find(proxy->interfaces, "wl_display"), 1);
	vx_assert(display != nullptr && display->host_id == 1);
	wl_list_insert(proxy->clients.prev, &client->link);
	vx_link_channel_set_listener(channel, &channel_listener, client);
	client->request = connector_request(proxy->connector, handle_connected, client);
	if (client->request == nullptr) {
		vx_cleanup_error struct vx_error err = {};
		vx_error_set(&err, "no connection to the compositor is to be had");
		host_client_reject(client, &err);
	}
}

static void uncount_objects(struct host_client *client)
{
	for (uint32_t id = 0; id < client->objects.host_count; id++) {
		const struct host_object *object = client->objects.by_host_id[id];
		if (object != nullptr && object->wire_id > 1) {
			limits_remove(&client->counts, &client->proxy->counts, object->interface);
		}
	}
}

void host_client_destroy(struct host_client *client)
{
	wl_list_remove(&client->link);
	if (client->request != nullptr) {
		connector_request_cancel(client->request);
	}
	if (client->source != nullptr) {
		wl_event_source_remove(client->source);
	}
	if (client->channel != nullptr) {
		vx_link_channel_destroy(client->channel, VX_LINK_REASON_PROTOCOL);
	}
	uncount_objects(client);
	drag_forget_client(client);
	present_finish(client);
	host_objects_finish(&client->objects);
	globals_finish(&client->globals);
	vx_link_backlog_finish(&client->from_guest);
	vx_buffer_finish(&client->to_guest);
	wire_connection_finish(&client->connection);
	free(client);
}

static void check_stall(struct host_client *client)
{
	if (!wire_connection_wants_write(&client->connection)) {
		client->stalled_since = 0;
		return;
	}
	time_t now = proxy_now();
	if (client->stalled_since == 0) {
		client->stalled_since = now;
	} else if (now - client->stalled_since > limit_stall_seconds) {
		vx_cleanup_error struct vx_error err = {};
		vx_error_set(&err, "the compositor reads nothing");
		host_client_reject(client, &err);
	}
}

void host_client_flush(struct host_client *client)
{
	if (client->connection.fd < 0) {
		return;
	}
	size_t before = client->connection.out.size;
	if (!client->finishing && !wire_connection_flush(&client->connection)) {
		/* What it said last, an error perhaps, is still to be read. */
		vx_buffer_consume(&client->connection.out, client->connection.out.size);
	}
	if (client->connection.out.size < before) {
		client->stalled_since = 0;
	}
	check_stall(client);
	vx_link_backlog_run(&client->from_guest);
	send_to_guest(client);
	uint32_t mask = client->finishing ? 0 : WL_EVENT_READABLE;
	mask |= wire_connection_wants_write(&client->connection) ? WL_EVENT_WRITABLE : 0;
	if (mask != client->watched && client->source != nullptr) {
		client->watched = mask;
		wl_event_source_fd_update(client->source, mask);
	}
	if (client->finishing && client->source != nullptr) {
		wl_event_source_remove(vx_take_ptr(client->source));
	}
}
