/* SPDX-License-Identifier: MIT */
#include "host_fixture.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "host/client.h"
#include "host/connector.h"
#include "host/proxy.h"
#include "wire/interface.h"
#include "wire/opcodes.h"
#include "wire/protocols.h"

static constexpr size_t region_size = 16 * 1024 * 1024;

/* --- instead of host/connector.c: connections lead to the fixture --- */

struct connector {
	struct host_fixture *fixture;
	struct proxy *proxy;
};

struct connector_request {
	struct connector *connector;
	connector_callback callback;
	void *data;
	struct wl_event_source *idle;
};

static void connect_now(void *data)
{
	struct connector_request *request = data;
	struct host_fixture *fixture = request->connector->fixture;
	int pair[2];
	int result = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair);
	vx_assert(result == 0);
	wire_connection_finish(&fixture->compositor);
	wire_connection_init(&fixture->compositor, pair[1], 4 * 1024 * 1024);
	memset(fixture->types, 0, sizeof(fixture->types));
	fixture->types[1] = wire_interfaces_find(fixture->interfaces, "wl_display");
	request->callback(pair[0], nullptr, request->data);
	free(request);
}

struct connector *connector_create(const struct connector_options *options,
	struct wl_event_loop *loop, const struct connector_listener *listener, void *data,
	struct vx_error *err)
{
	return nullptr;
}

void connector_destroy(struct connector *connector)
{
	free(connector);
}

struct connector_request *connector_request(
	struct connector *connector, connector_callback callback, void *data)
{
	struct connector_request *request = vx_new(request);
	*request = (struct connector_request){connector, callback, data, nullptr};
	request->idle = wl_event_loop_add_idle(connector->proxy->loop, connect_now, request);
	return request;
}

void connector_request_cancel(struct connector_request *request)
{
	wl_event_source_remove(request->idle);
	free(request);
}

pid_t connector_get_pid(const struct connector *connector)
{
	return 0;
}

/* --- the compositor --- */

static const struct {
	const char *interface;
	uint32_t version;
} globals[] = {
	{"wl_compositor", 7},
	{"wl_shm", 2},
	{"wl_subcompositor", 1},
	{"xdg_wm_base", 7},
	{"wl_seat", 10},
	{"wp_viewporter", 1},
	{"zxdg_decoration_manager_v1", 1},
	{"zwlr_layer_shell_v1", 4},
	{"zwlr_screencopy_manager_v1", 3},
	{"wp_security_context_manager_v1", 1},
	{"wl_data_device_manager", 3},
};

void fixture_event(
	struct host_fixture *fixture, uint32_t id, uint16_t opcode, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	bool fits = wire_vwrite(&fixture->compositor.out, id, opcode, format, args);
	va_end(args);
	vx_assert(fits);
}

static void note_request(struct host_fixture *fixture, const struct wire_interface *interface,
	const struct wire_message *message, const struct wire_header *header, const uint8_t *bytes,
	const struct wire_value *args)
{
	if (fixture->request_count == fixture_requests_max) {
		return;
	}
	struct fixture_request *request = &fixture->requests[fixture->request_count++];
	*request = (struct fixture_request){.id = header->object};
	snprintf(request->name, sizeof(request->name), "%s.%s", interface->name, message->name);
	for (unsigned i = 0; i < 8 && 8 + 4 * i + 4 <= header->size; i++) {
		request->args[i] = wire_get_u32(bytes + 8 + 4 * i);
	}
	for (unsigned i = 0; i < message->arg_count; i++) {
		if (message->args[i].kind == 's' && args[i].s != nullptr) {
			snprintf(request->text, sizeof(request->text), "%s", args[i].s);
			break;
		}
	}
}

static void answer(struct host_fixture *fixture, const char *name, uint32_t id, uint32_t new_id)
{
	if (strcmp(name, "wl_data_offer.destroy") == 0) {
		fixture->offers[id - wire_server_id_min] = false;
	} else if (strcmp(name, "wl_display.get_registry") == 0) {
		for (uint32_t i = 0; i < VX_ARRAY_LENGTH(globals); i++) {
			fixture_event(fixture, new_id, WL_REGISTRY_GLOBAL, "usu", i + 1,
				globals[i].interface, globals[i].version);
		}
	} else if (strcmp(name, "wl_display.sync") == 0) {
		fixture_event(fixture, new_id, WL_CALLBACK_DONE, "u", 0u);
		fixture_event(fixture, 1, WL_DISPLAY_DELETE_ID, "u", new_id);
		fixture->types[new_id] = nullptr;
	} else if ((strstr(name, ".destroy") != nullptr || strstr(name, ".release") != nullptr) &&
		   !fixture->keeps_ids) {
		fixture_event(fixture, 1, WL_DISPLAY_DELETE_ID, "u", id);
		fixture->types[id] = nullptr;
	}
}

uint32_t fixture_offer(struct host_fixture *fixture, uint32_t device)
{
	unsigned index = 0;
	while (fixture->offers[index]) {
		index++;
		vx_assert(index < fixture_offers_max);
	}
	fixture->offers[index] = true;
	fixture_event(fixture, device, WL_DATA_DEVICE_DATA_OFFER, "n", wire_server_id_min + index);
	return wire_server_id_min + index;
}

void fixture_press(struct host_fixture *fixture, uint32_t serial)
{
	const struct fixture_request *pointer = fixture_find(fixture, "wl_seat.get_pointer");
	fixture_event(fixture, pointer->args[0], WL_POINTER_BUTTON, "uuuu", serial, 0u, 0x110u, 1u);
	fixture_run(fixture);
}

static const struct wire_interface *find_type(const struct host_fixture *fixture, uint32_t id)
{
	if (id >= wire_server_id_min) {
		vx_assert(id - wire_server_id_min < fixture_offers_max &&
			  fixture->offers[id - wire_server_id_min]);
		return wire_interfaces_find(fixture->interfaces, "wl_data_offer");
	}
	vx_assert(id < fixture_ids_max && fixture->types[id] != nullptr);
	return fixture->types[id];
}

/* A host half that sends what this refuses is broken: the compositor trusts nobody either. */
static void compositor_handle(
	struct host_fixture *fixture, const struct wire_header *header, const uint8_t *bytes)
{
	const struct wire_interface *interface = find_type(fixture, header->object);
	vx_assert(header->opcode < interface->request_count);
	const struct wire_message *message = &interface->requests[header->opcode];
	struct wire_value args[wire_args_max];
	bool correct = wire_decode(message, bytes, header->size, args, nullptr);
	vx_assert(correct);
	uint32_t new_id = 0;
	for (unsigned i = 0; i < message->arg_count; i++) {
		const struct wire_interface *of = message->args[i].interface;
		if (message->args[i].kind == 'n') {
			new_id = args[i].u;
			vx_assert(new_id < fixture_ids_max && fixture->types[new_id] == nullptr);
			fixture->types[new_id] = of != nullptr
							 ? of
							 : wire_interfaces_find(
								   fixture->interfaces, args[1].s);
		} else if (message->args[i].kind == 'o' && args[i].u != 0) {
			vx_assert(args[i].u < fixture_ids_max &&
				  fixture->types[args[i].u] != nullptr);
			vx_assert(of == nullptr || fixture->types[args[i].u] == of);
		} else if (message->args[i].kind == 'h') {
			int fd = wire_connection_take_fd(&fixture->compositor);
			vx_assert(fd >= 0);
			close(fd);
		}
	}
	note_request(fixture, interface, message, header, bytes, args);
	char name[64];
	snprintf(name, sizeof(name), "%s.%s", interface->name, message->name);
	answer(fixture, name, header->object, new_id);
}

static bool compositor_turn(struct host_fixture *fixture)
{
	struct wire_connection *connection = &fixture->compositor;
	if (connection->fd < 0 || fixture->silent) {
		return false;
	}
	int got = wire_connection_read(connection);
	struct wire_header header;
	while (wire_read_header(vx_buffer_bytes(&connection->in), connection->in.size, &header) >
		0) {
		compositor_handle(fixture, &header, vx_buffer_bytes(&connection->in));
		vx_buffer_consume(&connection->in, header.size);
	}
	size_t waiting = connection->out.size;
	if (!wire_connection_flush(connection)) {
		vx_buffer_consume(&connection->out, connection->out.size);
	}
	return got > 0 || connection->out.size < waiting;
}

/* --- the guest --- */

static void handle_received(
	struct vx_link_channel *channel, const uint8_t *untrusted_data, size_t size, void *data)
{
	struct host_fixture *fixture = data;
	bool fits = vx_buffer_append(&fixture->events, untrusted_data, size);
	vx_assert(fits);
	if (!fixture->deaf) {
		vx_link_channel_consume(channel, size);
	}
}

static void handle_finished(struct vx_link_channel *channel, void *data)
{
	vx_link_channel_finish(channel);
}

static void handle_closed(struct vx_link_channel *channel, enum vx_link_reason reason, void *data)
{
	struct host_fixture *fixture = data;
	fixture->channel = nullptr;
	fixture->closed = reason;
}

static void handle_writable(struct vx_link_channel *channel, void *data)
{
}

static const struct vx_link_channel_listener channel_listener = {
	.received = handle_received,
	.writable = handle_writable,
	.peer_finished = handle_finished,
	.closed = handle_closed,
};

static void handle_ready(struct vx_link *link, uint32_t common_features, void *data)
{
	struct host_fixture *fixture = data;
	fixture->channel = vx_link_channel_open(
		link, "wayland", vx_link_window_default, &channel_listener, fixture);
}

static void handle_channel_opened(struct vx_link *link, struct vx_link_channel *channel,
	const char *untrusted_service, void *data)
{
	vx_link_channel_destroy(channel, VX_LINK_REASON_NO_SERVICE);
}

static void handle_lost(struct vx_link *link, const struct vx_error *reason, void *data)
{
}

static const struct vx_link_listener link_listener = {
	.ready = handle_ready,
	.channel_opened = handle_channel_opened,
	.lost = handle_lost,
};

void fixture_send_bytes(struct host_fixture *fixture, const void *bytes, size_t size)
{
	const uint8_t *next = bytes;
	while (size > 0 && fixture->channel != nullptr) {
		size_t sent = vx_link_channel_send(fixture->channel, next, size);
		next += sent;
		size -= sent;
		if (size > 0) {
			fixture_run(fixture);
		}
		if (sent == 0) {
			return; /* the host half stopped reading, as it may */
		}
	}
}

void fixture_send(
	struct host_fixture *fixture, uint32_t id, uint16_t opcode, const char *format, ...)
{
	struct vx_buffer message = {};
	va_list args;
	va_start(args, format);
	bool fits = wire_vwrite(&message, id, opcode, format, args);
	va_end(args);
	vx_assert(fits);
	fixture_send_bytes(fixture, vx_buffer_bytes(&message), message.size);
	vx_buffer_finish(&message);
}

/* --- all of it --- */

void fixture_run(struct host_fixture *fixture)
{
	unsigned idle = 0;
	for (unsigned turn = 0; turn < 10000 && idle < 4; turn++) {
		size_t events = fixture->events.size;
		unsigned requests = fixture->request_count;
		vx_link_dispatch(fixture->link);
		proxy_turn(fixture->proxy, 0);
		bool busy = compositor_turn(fixture);
		busy |= vx_link_wants_write(fixture->link);
		busy |= fixture->events.size != events || fixture->request_count != requests;
		idle = busy ? 0 : idle + 1;
	}
}

static void bind_global(
	struct host_fixture *fixture, const char *interface, uint32_t version, uint32_t id)
{
	for (uint32_t i = 0; i < VX_ARRAY_LENGTH(globals); i++) {
		if (strcmp(globals[i].interface, interface) == 0) {
			fixture_send(fixture, ID_REGISTRY, WL_REGISTRY_BIND, "usun", i + 1,
				interface, version, id);
		}
	}
}

static void bind_all(struct host_fixture *fixture)
{
	fixture_send(fixture, ID_DISPLAY, WL_DISPLAY_GET_REGISTRY, "n", ID_REGISTRY);
	fixture_run(fixture);
	bind_global(fixture, "wl_compositor", 6, ID_COMPOSITOR);
	bind_global(fixture, "wl_subcompositor", 1, ID_SUBCOMPOSITOR);
	bind_global(fixture, "xdg_wm_base", 6, ID_SHELL);
	bind_global(fixture, "wl_seat", 9, ID_SEAT);
	bind_global(fixture, "wp_viewporter", 1, ID_VIEWPORTER);
	bind_global(fixture, "zxdg_decoration_manager_v1", 1, ID_DECORATION);
	fixture_send(fixture, ID_SEAT, WL_SEAT_GET_POINTER, "n", ID_POINTER);
	fixture_send(fixture, ID_SEAT, WL_SEAT_GET_KEYBOARD, "n", ID_KEYBOARD);
	fixture_run(fixture);
}

static void give_region(struct proxy *proxy)
{
	proxy->shared_region.fd = memfd_create("region", MFD_CLOEXEC);
	proxy->shared_region.size = region_size;
	int result = ftruncate(proxy->shared_region.fd, region_size);
	vx_assert(result == 0);
}

struct host_fixture *fixture_create(bool shared)
{
	struct host_fixture *fixture = vx_new(fixture);
	fixture->interfaces = wire_protocols_compile();
	fixture->compositor.fd = -1;
	fixture->proxy = proxy_create_alone();
	fixture->proxy->connector = vx_new(fixture->proxy->connector);
	*fixture->proxy->connector = (struct connector){fixture, fixture->proxy};
	if (shared) {
		give_region(fixture->proxy);
	}
	int pair[2];
	int result = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair);
	vx_assert(result == 0);
	proxy_start_link(fixture->proxy, pair[0]);
	fixture->link = vx_link_create(pair[1], VX_LINK_GUEST,
		VX_LINK_FEATURE_LZ4 | (shared ? VX_LINK_FEATURE_REGION : 0), &link_listener,
		fixture);
	fixture_run(fixture);
	bind_all(fixture);
	return fixture;
}

void fixture_destroy(struct host_fixture *fixture)
{
	proxy_destroy(fixture->proxy);
	vx_link_destroy(fixture->link);
	wire_connection_finish(&fixture->compositor);
	wire_interfaces_destroy(fixture->interfaces);
	vx_buffer_finish(&fixture->events);
	free(fixture);
}

const struct fixture_request *fixture_find(const struct host_fixture *fixture, const char *name)
{
	for (unsigned i = fixture->request_count; i-- > 0;) {
		if (strcmp(fixture->requests[i].name, name) == 0) {
			return &fixture->requests[i];
		}
	}
	return nullptr;
}

unsigned fixture_count(const struct host_fixture *fixture, const char *name)
{
	unsigned count = 0;
	for (unsigned i = 0; i < fixture->request_count; i++) {
		count += strcmp(fixture->requests[i].name, name) == 0;
	}
	return count;
}

bool fixture_guest_got(
	const struct host_fixture *fixture, uint32_t id, uint16_t opcode, uint32_t ret_args[8])
{
	const uint8_t *bytes = vx_buffer_bytes(&fixture->events);
	size_t size = fixture->events.size;
	struct wire_header header;
	while (wire_read_header(bytes, size, &header) > 0) {
		if (header.object == id && header.opcode == opcode) {
			for (unsigned i = 0;
				ret_args != nullptr && i < 8 && 12 + 4 * i <= header.size; i++) {
				ret_args[i] = wire_get_u32(bytes + 8 + 4 * i);
			}
			return true;
		}
		bytes += header.size;
		size -= header.size;
	}
	return false;
}
