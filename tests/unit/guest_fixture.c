/* SPDX-License-Identifier: MIT */
#include "guest_fixture.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "guest/server.h"
#include "wire/message.h"
#include "wire/opcodes.h"
#include "wire/protocols.h"

static constexpr unsigned turns_max = 2000;

/* --- the host --- */

static void handle_received(
	struct vx_link_channel *channel, const uint8_t *untrusted_data, size_t size, void *data)
{
	struct guest_fixture *fixture = data;
	fixture->received += size;
	if (!fixture->host_is_deaf) {
		vx_link_channel_consume(channel, size);
	}
}

static void handle_writable(struct vx_link_channel *channel, void *data)
{
}

static void handle_finished(struct vx_link_channel *channel, void *data)
{
	vx_link_channel_finish(channel);
}

static void handle_closed(struct vx_link_channel *channel, enum vx_link_reason reason, void *data)
{
	struct guest_fixture *fixture = data;
	fixture->channel = nullptr;
}

static const struct vx_link_channel_listener channel_listener = {
	.received = handle_received,
	.writable = handle_writable,
	.peer_finished = handle_finished,
	.closed = handle_closed,
};

static void handle_ready(struct vx_link *link, uint32_t common_features, void *data)
{
}

static void handle_channel_opened(struct vx_link *link, struct vx_link_channel *channel,
	const char *untrusted_service, void *data)
{
	struct guest_fixture *fixture = data;
	vx_assert(strcmp(untrusted_service, "wayland") == 0 && fixture->channel == nullptr);
	fixture->channel = channel;
	vx_link_channel_set_listener(channel, &channel_listener, fixture);
}

static void handle_lost(struct vx_link *link, const struct vx_error *reason, void *data)
{
}

static const struct vx_link_listener link_listener = {
	.ready = handle_ready,
	.channel_opened = handle_channel_opened,
	.lost = handle_lost,
};

void guest_fixture_host_sends(struct guest_fixture *fixture, const void *bytes, size_t size)
{
	const uint8_t *next = bytes;
	while (size > 0 && fixture->channel != nullptr) {
		size_t sent = vx_link_channel_send(fixture->channel, next, size);
		next += sent;
		size -= sent;
		guest_fixture_run(fixture);
		if (sent == 0) {
			return;
		}
	}
}

/* --- the program --- */

/* Says whether something was there. */
static bool program_read(struct guest_fixture *fixture)
{
	char bytes[4096];
	if (fixture->fd < 0) {
		return false;
	}
	ssize_t size = recv(fixture->fd, bytes, fixture->is_deaf ? 1 : sizeof(bytes),
		MSG_DONTWAIT | (fixture->is_deaf ? MSG_PEEK : 0));
	if (size == 0 || (size < 0 && errno != EAGAIN)) {
		vx_replace_fd(&fixture->fd, -1);
		return true;
	}
	if (size < 0 || fixture->is_deaf) {
		return false;
	}
	return vx_buffer_append(&fixture->events, bytes, (size_t)size);
}

void guest_fixture_send_bytes(struct guest_fixture *fixture, const void *bytes, size_t size,
	const int *fds, size_t fd_count)
{
	const char *next = bytes;
	fixture->is_stopped = false;
	while (size > 0 && fixture->fd >= 0) {
		size_t piece = size < 4096 ? size : 4096;
		if (!vx_send_fds(fixture->fd, next, piece, fds, fd_count)) {
			fixture->is_stopped = errno == EAGAIN;
			guest_fixture_run(fixture);
			return;
		}
		fd_count = 0;
		next += piece;
		size -= piece;
		guest_fixture_run(fixture);
	}
}

void guest_fixture_send(
	struct guest_fixture *fixture, uint32_t id, uint16_t opcode, const char *format, ...)
{
	struct vx_buffer message = {};
	va_list args;
	va_start(args, format);
	bool fits = wire_vwrite(&message, id, opcode, format, args);
	va_end(args);
	vx_assert(fits);
	guest_fixture_send_bytes(fixture, vx_buffer_bytes(&message), message.size, nullptr, 0);
	vx_buffer_finish(&message);
}

bool guest_fixture_got(const struct guest_fixture *fixture, uint32_t id, uint16_t opcode)
{
	const uint8_t *bytes = vx_buffer_bytes(&fixture->events);
	size_t size = fixture->events.size;
	struct wire_header header;
	while (wire_read_header(bytes, size, &header) > 0) {
		if (header.object == id && header.opcode == opcode) {
			return true;
		}
		bytes += header.size;
		size -= header.size;
	}
	return false;
}

/* --- all of it --- */

void guest_fixture_run(struct guest_fixture *fixture)
{
	unsigned idle = 0;
	for (unsigned turn = 0; turn < turns_max && idle < 3; turn++) {
		size_t received = fixture->received;
		guest_server_turn(fixture->server, 0);
		vx_link_dispatch(fixture->link);
		bool busy = program_read(fixture) || fixture->received != received ||
			    vx_link_wants_write(fixture->link);
		idle = busy ? 0 : idle + 1;
	}
}

/* Globals of the guest half's are numbered by their place; those of hosts aren't looked at. */
static uint32_t name_of(const char *interface)
{
	const struct wire_protocol *protocol = wire_protocols_find(interface);
	vx_assert(protocol != nullptr);
	return protocol->side == WIRE_SIDE_GUEST
		       ? 0xf0000000 + (uint32_t)(protocol - wire_protocols_get())
		       : 1;
}

static void bind_global(
	struct guest_fixture *fixture, const char *interface, uint32_t version, uint32_t id)
{
	guest_fixture_send(fixture, GUEST_REGISTRY, WL_REGISTRY_BIND, "usun", name_of(interface),
		interface, version, id);
}

static void make_pool(struct guest_fixture *fixture)
{
	struct vx_buffer message = {};
	int fd = memfd_create("pool", MFD_CLOEXEC);
	int result = ftruncate(fd, guest_fixture_pool_size);
	bool fits = wire_write(&message, GUEST_SHM, WL_SHM_CREATE_POOL, "nhi", GUEST_POOL,
		(int32_t)guest_fixture_pool_size);
	vx_assert(result == 0 && fits);
	guest_fixture_send_bytes(fixture, vx_buffer_bytes(&message), message.size, &fd, 1);
	vx_buffer_finish(&message);
	close(fd);
}

void guest_fixture_prepare(struct guest_fixture *fixture)
{
	guest_fixture_send(fixture, GUEST_DISPLAY, WL_DISPLAY_GET_REGISTRY, "n", GUEST_REGISTRY);
	bind_global(fixture, "wl_shm", 1, GUEST_SHM);
	bind_global(fixture, "wl_data_device_manager", 3, GUEST_DATA_MANAGER);
	bind_global(fixture, "zwp_primary_selection_device_manager_v1", 1, GUEST_PRIMARY_MANAGER);
	bind_global(fixture, "wl_compositor", 6, GUEST_COMPOSITOR);
	bind_global(fixture, "wl_seat", 9, GUEST_SEAT);
	bind_global(fixture, "wp_viewporter", 1, GUEST_VIEWPORTER);
	make_pool(fixture);
	guest_fixture_send(fixture, GUEST_POOL, WL_SHM_POOL_CREATE_BUFFER, "niiiiu", GUEST_BUFFER,
		0, 16, 16, 64, WL_SHM_FORMAT_XRGB8888);
	guest_fixture_send(
		fixture, GUEST_COMPOSITOR, WL_COMPOSITOR_CREATE_SURFACE, "n", GUEST_SURFACE);
	guest_fixture_send(
		fixture, GUEST_COMPOSITOR, WL_COMPOSITOR_CREATE_SURFACE, "n", GUEST_SURFACE_2);
	guest_fixture_send(fixture, GUEST_DATA_MANAGER, WL_DATA_DEVICE_MANAGER_GET_DATA_DEVICE,
		"no", GUEST_DEVICE, GUEST_SEAT);
	guest_fixture_send(fixture, GUEST_DATA_MANAGER, WL_DATA_DEVICE_MANAGER_CREATE_DATA_SOURCE,
		"n", GUEST_SOURCE);
	vx_assert(guest_fixture_is_alive(fixture));
}

struct guest_fixture *guest_fixture_create(void)
{
	struct guest_fixture *fixture = vx_new(fixture);
	*fixture = (struct guest_fixture){.folder = "/tmp/vixos-guest-XXXXXX"};
	char *made = mkdtemp(fixture->folder);
	vx_assert(made != nullptr);
	vx_cleanup_free char *link = vx_printf("%s/link", fixture->folder);
	vx_cleanup_free char *display = vx_printf("%s/display", fixture->folder);
	fixture->loop = wl_event_loop_create();
	fixture->listen_fd = vx_unix_listen(link, SOCK_STREAM, nullptr);
	const struct guest_server_options options = {
		.link_path = link, .region = "none", .display = display};
	fixture->server = guest_server_create(fixture->loop, &options, nullptr);
	vx_assert(fixture->server != nullptr);
	int fd = accept4(fixture->listen_fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
	vx_assert(fd >= 0);
	fixture->link = vx_link_create(
		fd, VX_LINK_HOST, VX_LINK_FEATURE_LZ4, &link_listener, fixture);
	fixture->fd = vx_unix_connect(display, SOCK_STREAM, nullptr);
	vx_assert(fixture->fd >= 0);
	guest_fixture_run(fixture);
	vx_assert(fixture->channel != nullptr);
	return fixture;
}

void guest_fixture_destroy(struct guest_fixture *fixture)
{
	vx_replace_fd(&fixture->fd, -1);
	guest_server_destroy(fixture->server);
	vx_link_destroy(fixture->link);
	wl_event_loop_destroy(fixture->loop);
	close(fixture->listen_fd);
	vx_cleanup_free char *link = vx_printf("%s/link", fixture->folder);
	unlink(link);
	rmdir(fixture->folder);
	vx_buffer_finish(&fixture->events);
	free(fixture);
}
