/* SPDX-License-Identifier: MIT */
/*
 * A malicious guest: speaks the link to a running vixos-proxy and does one thing that no honest
 * guest does. "hostile-guest --list" names the attacks; "hostile-guest SOCKET ATTACK [--hold]" runs
 * one, prints what became of it (alive, closed or lost) and fails where that is not what the table
 * says. With --hold it then keeps the connection until its standard input ends.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/error.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "proxy/link/link.h"
#include "wire/message.h"
#include "wire/opcodes.h"

static constexpr int deadline_ms = 8000;
static constexpr size_t globals_max = 32;

/* Ids that every attack finds. */
enum id : uint32_t {
	DISPLAY = 1,
	REGISTRY,
	CALLBACK,
	COMPOSITOR,
	SUBCOMPOSITOR,
	WM_BASE,
	VIEWPORTER,
	SINGLE_PIXEL,
	SEAT,
	FREE_ID, /* from here on they are the attack's */
};

static const struct {
	const char *interface;
	uint32_t version;
	enum id id;
} binds[] = {
	{"wl_compositor", 6, COMPOSITOR},
	{"wl_subcompositor", 1, SUBCOMPOSITOR},
	{"xdg_wm_base", 5, WM_BASE},
	{"wp_viewporter", 1, VIEWPORTER},
	{"wp_single_pixel_buffer_manager_v1", 1, SINGLE_PIXEL},
	{"wl_seat", 5, SEAT},
};

enum outcome : unsigned {
	ALIVE,
	CLOSED,
	LOST
};

static const char *const outcome_names[] = {"alive", "closed", "lost"};

struct guest {
	const char *path;
	struct vx_link *link;
	struct vx_link_channel *channel;
	struct vx_buffer in;
	bool ready, closed, lost;
	uint32_t answered, serial; /* callbacks done; the last xdg_surface.configure */
	uint32_t names[globals_max];
	char interfaces[globals_max][64];
	size_t global_count;
};

/* --- events --- */

static void handle_global(struct guest *guest, const uint8_t *message, uint16_t size)
{
	uint32_t length = wire_get_u32(message + 12);
	if (guest->global_count < globals_max && length > 0 &&
		length < sizeof(guest->interfaces[0]) && 16 + length <= size) {
		guest->names[guest->global_count] = wire_get_u32(message + 8);
		memcpy(guest->interfaces[guest->global_count++], message + 16, length);
	}
}

static void handle_event(
	struct guest *guest, const struct wire_header *header, const uint8_t *message)
{
	if (header->object == REGISTRY && header->opcode == 0) {
		handle_global(guest, message, header->size);
	} else if (header->object == CALLBACK) {
		guest->answered++;
	} else if (header->object >= FREE_ID && header->opcode == 0 && header->size == 12) {
		guest->serial = wire_get_u32(message + 8);
	}
}

static void handle_received(
	struct vx_link_channel *channel, const uint8_t *data, size_t size, void *user)
{
	struct guest *guest = user;
	vx_assert(vx_buffer_append(&guest->in, data, size));
	vx_link_channel_consume(channel, size);
	struct wire_header header;
	while (wire_read_header(vx_buffer_bytes(&guest->in), guest->in.size, &header) > 0 &&
		guest->in.size >= header.size) {
		handle_event(guest, &header, vx_buffer_bytes(&guest->in));
		vx_buffer_consume(&guest->in, header.size);
	}
}

static void handle_writable(struct vx_link_channel *channel, void *user)
{
}

static void handle_finished(struct vx_link_channel *channel, void *user)
{
	struct guest *guest = user;
	guest->closed = true;
}

static void handle_closed(struct vx_link_channel *channel, enum vx_link_reason reason, void *user)
{
	struct guest *guest = user;
	guest->closed = true;
	guest->channel = nullptr;
}

static const struct vx_link_channel_listener channel_listener = {
	.received = handle_received,
	.writable = handle_writable,
	.peer_finished = handle_finished,
	.closed = handle_closed,
};

static void handle_ready(struct vx_link *link, uint32_t features, void *user)
{
	struct guest *guest = user;
	guest->ready = true;
}

static void handle_opened(
	struct vx_link *link, struct vx_link_channel *channel, const char *service, void *user)
{
	vx_link_channel_destroy(channel, VX_LINK_REASON_NO_SERVICE);
}

static void handle_lost(struct vx_link *link, const struct vx_error *reason, void *user)
{
	struct guest *guest = user;
	guest->lost = true;
}

static const struct vx_link_listener link_listener = {
	.ready = handle_ready,
	.channel_opened = handle_opened,
	.lost = handle_lost,
};

/* --- the connection --- */

static int64_t now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

static bool is_over(const struct guest *guest)
{
	return guest->closed || guest->lost;
}

static void turn(struct guest *guest, int timeout_ms)
{
	vx_link_flush(guest->link);
	if (guest->lost) {
		return;
	}
	struct pollfd pollfd = {.fd = vx_link_get_fd(guest->link), .events = POLLIN};
	pollfd.events |= vx_link_wants_write(guest->link) ? POLLOUT : 0;
	if (poll(&pollfd, 1, timeout_ms) > 0) {
		vx_link_dispatch(guest->link);
	}
}

static void send_bytes(struct guest *guest, const void *bytes, size_t size)
{
	int64_t end = now_ms() + deadline_ms;
	for (size_t done = 0; done < size && !is_over(guest) && now_ms() < end;) {
		size_t sent = vx_link_channel_send(
			guest->channel, (const uint8_t *)bytes + done, size - done);
		done += sent;
		if (sent == 0 || vx_link_wants_write(guest->link)) {
			turn(guest, sent == 0 ? 100 : 0);
		}
	}
}

static void request(struct guest *guest, uint32_t object, uint16_t opcode, const char *format, ...)
{
	struct vx_buffer message = {};
	va_list args;
	va_start(args, format);
	vx_assert(wire_vwrite(&message, object, opcode, format, args));
	va_end(args);
	send_bytes(guest, vx_buffer_bytes(&message), message.size);
	vx_buffer_finish(&message);
}

/* A message with a header of the attack's own making. */
static void raw(struct guest *guest, uint32_t object, uint16_t opcode, uint16_t size,
	const void *body, size_t body_size)
{
	uint32_t header[] = {object, (uint32_t)size << 16 | opcode};
	send_bytes(guest, header, sizeof(header));
	send_bytes(guest, body, body_size);
}

/* True once everything sent so far was answered; false where the channel ended instead. */
static bool sync_up(struct guest *guest)
{
	uint32_t before = guest->answered;
	int64_t end = now_ms() + deadline_ms;
	request(guest, DISPLAY, 0, "n", (uint32_t)CALLBACK);
	while (guest->answered == before && !is_over(guest) && now_ms() < end) {
		turn(guest, 100);
	}
	return guest->answered != before;
}

static void bind_globals(struct guest *guest)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(binds); i++) {
		for (size_t j = 0; j < guest->global_count; j++) {
			if (strcmp(guest->interfaces[j], binds[i].interface) == 0) {
				request(guest, REGISTRY, 0, "usun", guest->names[j],
					binds[i].interface, binds[i].version,
					(uint32_t)binds[i].id);
			}
		}
	}
}

static bool guest_start(struct guest *guest)
{
	vx_cleanup_error struct vx_error err = {};
	int fd = vx_unix_connect(guest->path, SOCK_STREAM, &err);
	if (fd < 0) {
		fprintf(stderr, "%s\n", vx_error_message(&err));
		return false;
	}
	guest->link = vx_link_create(fd, VX_LINK_GUEST, VX_LINK_FEATURE_LZ4, &link_listener, guest);
	int64_t end = now_ms() + deadline_ms;
	while (!guest->ready && !guest->lost && now_ms() < end) {
		turn(guest, 100);
	}
	guest->channel = vx_link_channel_open(
		guest->link, "wayland", vx_link_window_default, &channel_listener, guest);
	if (guest->channel == nullptr) {
		return false;
	}
	request(guest, DISPLAY, 1, "n", (uint32_t)REGISTRY);
	bool answered = sync_up(guest);
	bind_globals(guest);
	return answered && sync_up(guest);
}

/* --- parts of windows --- */

static uint32_t make_surface(struct guest *guest, uint32_t id)
{
	request(guest, COMPOSITOR, 0, "n", id);
	return id;
}

/* Ids id to id + 2: surface, xdg_surface, xdg_toplevel. */
static void make_toplevel(struct guest *guest, uint32_t id)
{
	make_surface(guest, id);
	request(guest, WM_BASE, 2, "no", id + 1, id);
	request(guest, id + 1, 1, "n", id + 2);
}

/* One magenta pixel, stretched. Ids id and id + 1: viewport, buffer. */
static void paint(struct guest *guest, uint32_t surface, uint32_t id, int32_t width, int32_t height)
{
	request(guest, VIEWPORTER, 1, "no", id, surface);
	request(guest, id, 2, "ii", width, height);
	request(guest, SINGLE_PIXEL, 1, "nuuuu", id + 1, UINT32_MAX, 0u, UINT32_MAX, UINT32_MAX);
	request(guest, surface, 1, "oii", id + 1, 0, 0);
	request(guest, surface, 9, "iiii", 0, 0, INT32_MAX, INT32_MAX);
}

/* A shown window at FREE_ID with ids up to FREE_ID + 9. */
static void show_window(struct guest *guest)
{
	make_toplevel(guest, FREE_ID);
	request(guest, FREE_ID + 2, 2, "s", "evil");
	request(guest, FREE_ID + 2, 3, "s", "evil");
	request(guest, FREE_ID, 6, "");
	sync_up(guest);
	request(guest, FREE_ID + 1, 4, "u", guest->serial);
	paint(guest, FREE_ID, FREE_ID + 3, 300, 200);
	request(guest, FREE_ID, 6, "");
	sync_up(guest);
}

static constexpr uint32_t NEXT_ID = FREE_ID + 10;

static void present(struct guest *guest, uint32_t slot, uint32_t offset, uint32_t width,
	uint32_t height, uint32_t stride, uint32_t format)
{
	make_surface(guest, FREE_ID);
	request(guest, 0, 1, "ouuuuuuii", (uint32_t)FREE_ID, slot, offset, width, height, stride,
		format, 0, 0);
	request(guest, FREE_ID, 6, "");
}

/* --- transport --- */

static void link_bytes(struct guest *guest, const void *bytes, size_t size)
{
	(void)!write(vx_link_get_fd(guest->link), bytes, size);
	for (int64_t end = now_ms() + deadline_ms; !guest->lost && now_ms() < end;) {
		turn(guest, 100);
	}
}

static void link_type_unknown(struct guest *guest)
{
	link_bytes(guest, (const uint8_t[12]){99}, 12);
}

static void link_length_4g(struct guest *guest)
{
	link_bytes(guest, (const uint8_t[12]){3, 0, 0, 0, 1, 0, 0, 0, 255, 255, 255, 255}, 12);
}

static void link_hello_twice(struct guest *guest)
{
	uint8_t hello[28] = {1, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 'V', 'X', 'L', 'K', 1};
	hello[24] = 1;
	link_bytes(guest, hello, sizeof(hello));
}

static void link_credit_too_much(struct guest *guest)
{
	link_bytes(guest,
		(const uint8_t[16]){4, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 255, 255, 255, 255}, 16);
}

static void open_exec(struct guest *guest)
{
	struct vx_link_channel *channel = vx_link_channel_open(
		guest->link, "exec", vx_link_window_default, &channel_listener, guest);
	vx_assert(channel != nullptr);
	turn(guest, 0);
	for (int64_t end = now_ms() + deadline_ms; !is_over(guest) && now_ms() < end;) {
		turn(guest, 100);
	}
}

/* More programs than a VM may have; the honest first one stays. */
static void channels_500(struct guest *guest)
{
	static struct guest others;
	for (int i = 0; i < 500; i++) {
		(void)!vx_link_channel_open(
			guest->link, "wayland", vx_link_window_default, &channel_listener, &others);
		turn(guest, 0);
	}
}

static void channels_reopened(struct guest *guest)
{
	static struct guest others;
	for (int i = 0; i < 1000; i++) {
		struct vx_link_channel *channel = vx_link_channel_open(
			guest->link, "wayland", vx_link_window_default, &channel_listener, &others);
		others.closed = false;
		turn(guest, 0);
		/* The proxy may have been faster. */
		if (channel != nullptr && !others.closed) {
			vx_link_channel_destroy(channel, VX_LINK_REASON_CANCELLED);
		}
		turn(guest, 0);
	}
}

/* --- messages --- */

static void size_0(struct guest *guest)
{
	raw(guest, DISPLAY, 0, 0, "", 0);
}

static void size_7(struct guest *guest)
{
	raw(guest, DISPLAY, 0, 7, "", 0);
}

static void size_not_of_words(struct guest *guest)
{
	raw(guest, DISPLAY, 0, 65535, "", 0);
}

static void half_message(struct guest *guest)
{
	raw(guest, COMPOSITOR, 0, 12, "", 0);
	send_bytes(guest, "\x0b", 1); /* and silence: the sync that follows is part of it */
	turn(guest, 100);
	guest->closed = true;
}

static void unknown_object(struct guest *guest)
{
	request(guest, 60000, 0, "");
}

static void unknown_opcode(struct guest *guest)
{
	request(guest, COMPOSITOR, 999, "");
}

static void server_id(struct guest *guest)
{
	request(guest, COMPOSITOR, 0, "n", 0xff000001u);
}

static void id_in_use(struct guest *guest)
{
	request(guest, COMPOSITOR, 0, "n", (uint32_t)SEAT);
}

static void id_0(struct guest *guest)
{
	request(guest, COMPOSITOR, 0, "n", 0u);
}

static void wrong_kind(struct guest *guest)
{
	request(guest, WM_BASE, 2, "no", (uint32_t)FREE_ID, (uint32_t)SEAT);
}

static void newer_request(struct guest *guest)
{
	request(guest, REGISTRY, 0, "usun", guest->names[0], "wl_compositor", UINT32_MAX,
		(uint32_t)FREE_ID);
}

static void bind_hidden(struct guest *guest)
{
	for (uint32_t name = 1; name < 100 && !is_over(guest); name++) {
		request(guest, REGISTRY, 0, "usun", name, "zwlr_layer_shell_v1", 1u,
			FREE_ID + name);
	}
}

static void string_without_nul(struct guest *guest)
{
	show_window(guest);
	raw(guest, FREE_ID + 2, 2, 16, "\4\0\0\0abcd", 8);
}

static void string_with_nul(struct guest *guest)
{
	show_window(guest);
	raw(guest, FREE_ID + 2, 2, 16, "\4\0\0\0a\0b\0", 8);
}

static void string_of_4g(struct guest *guest)
{
	show_window(guest);
	raw(guest, FREE_ID + 2, 2, 16,
		"\xff\xff\xff\xff"
		"abc\0",
		8);
}

static void string_null(struct guest *guest)
{
	show_window(guest);
	raw(guest, FREE_ID + 2, 2, 12, "\0\0\0\0", 4);
}

static void fd_is_due(struct guest *guest)
{
	request(guest, REGISTRY, 0, "usun", 1u, "wl_shm", 1u, (uint32_t)FREE_ID);
	request(guest, FREE_ID, 0, "nhi", FREE_ID + 1, 0, 4096);
}

static void registry_flood(struct guest *guest)
{
	for (uint32_t i = 0; i < 100000 && !is_over(guest); i++) {
		request(guest, DISPLAY, 1, "n", FREE_ID + i);
	}
}

static void region_flood(struct guest *guest)
{
	for (uint32_t i = 0; i < 100000 && !is_over(guest); i++) {
		request(guest, COMPOSITOR, 1, "n", FREE_ID + i);
	}
}

static void surface_flood(struct guest *guest)
{
	for (uint32_t i = 0; i < 100000 && !is_over(guest); i++) {
		make_surface(guest, FREE_ID + i);
	}
}

static void toplevel_flood(struct guest *guest)
{
	for (uint32_t i = 0; i < 10000 && !is_over(guest); i++) {
		make_toplevel(guest, FREE_ID + 3 * i);
		request(guest, FREE_ID + 3 * i, 6, "");
	}
}

/* --- buffers --- */

static void present_past_the_end(struct guest *guest)
{
	present(guest, 0, 256 << 20, 16, 16, 64, 1);
}

static void present_stride_small(struct guest *guest)
{
	present(guest, 0, 0, 256, 16, 64, 1);
}

static void present_size_0(struct guest *guest)
{
	present(guest, 0, 0, 0, 16, 64, 1);
}

static void present_overflow(struct guest *guest)
{
	present(guest, 0, 0xfffff000, 16384, 16384, 0xfffffffc, 1);
}

static void present_format(struct guest *guest)
{
	present(guest, 0, 0, 16, 16, 64, 0x12345678);
}

static void present_slot(struct guest *guest)
{
	present(guest, UINT32_MAX, 0, 16, 16, 64, 1);
}

static void present_twice(struct guest *guest)
{
	present(guest, 0, 0, 16, 16, 64, 1);
	request(guest, 0, 1, "ouuuuuuii", (uint32_t)FREE_ID, 0u, 0u, 16u, 16u, 64u, 1u, 0, 0);
}

static void pixels_bomb(struct guest *guest)
{
	/* 120 x 120 pixels announced, LZ4 data of a few bytes that claims far more. */
	uint8_t chunk[32] = {0, 0, 0, 0, 120, 0, 120, 0, 1, 0, 0, 0, 0x1f, 0, 1, 0, 255, 255, 255,
		255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
	request(guest, 0, 0, "uuuuua", 0u, 120u, 120u, 480u, 1u, sizeof(chunk), chunk);
}

static void pixels_outside(struct guest *guest)
{
	uint8_t chunk[16] = {255, 255, 255, 255, 1, 0, 1};
	request(guest, 0, 0, "uuuuua", 0u, 16u, 16u, 64u, 1u, sizeof(chunk), chunk);
}

static void scale_0(struct guest *guest)
{
	request(guest, make_surface(guest, FREE_ID), 8, "i", 0);
}

static void transform_99(struct guest *guest)
{
	request(guest, make_surface(guest, FREE_ID), 7, "i", 99);
}

static void destination_huge(struct guest *guest)
{
	paint(guest, make_surface(guest, FREE_ID), FREE_ID + 1, INT32_MAX, INT32_MAX);
}

static void viewport_source(struct guest *guest)
{
	show_window(guest);
	request(guest, FREE_ID + 3, 1, "ffff", -256, INT32_MIN, INT32_MAX, 256);
	request(guest, FREE_ID, 6, "");
}

static void damage_flood(struct guest *guest)
{
	show_window(guest);
	for (int i = 0; i < 100000 && !is_over(guest); i++) {
		request(guest, FREE_ID, 9, "iiii", INT32_MAX - i, INT32_MIN + i, INT32_MAX, -i);
	}
	request(guest, FREE_ID, 6, "");
}

/* --- surfaces and windows --- */

static void commit_flood(struct guest *guest)
{
	show_window(guest);
	for (int i = 0; i < 100000 && !is_over(guest); i++) {
		request(guest, FREE_ID, 6, "");
	}
}

static void subsurfaces_deep(struct guest *guest)
{
	make_surface(guest, FREE_ID);
	for (uint32_t i = 1; i < 20000 && !is_over(guest); i++) {
		make_surface(guest, FREE_ID + 2 * i);
		request(guest, SUBCOMPOSITOR, 1, "noo", FREE_ID + 2 * i + 1, FREE_ID + 2 * i,
			FREE_ID + 2 * i - 2);
	}
}

static void subsurface_cycle(struct guest *guest)
{
	make_surface(guest, FREE_ID);
	make_surface(guest, FREE_ID + 1);
	request(guest, SUBCOMPOSITOR, 1, "noo", FREE_ID + 2, (uint32_t)FREE_ID, FREE_ID + 1);
	request(guest, SUBCOMPOSITOR, 1, "noo", FREE_ID + 3, FREE_ID + 1, (uint32_t)FREE_ID);
}

static void subsurface_outside(struct guest *guest)
{
	show_window(guest);
	make_surface(guest, NEXT_ID);
	request(guest, SUBCOMPOSITOR, 1, "noo", NEXT_ID + 1, NEXT_ID, (uint32_t)FREE_ID);
	request(guest, NEXT_ID + 1, 1, "ii", -4000, -4000);
	request(guest, NEXT_ID + 1, 5, "");
	paint(guest, NEXT_ID, NEXT_ID + 2, 9000, 9000);
	request(guest, NEXT_ID, 6, "");
	request(guest, FREE_ID, 6, "");
}

static void popup_without_parent(struct guest *guest)
{
	make_surface(guest, FREE_ID);
	request(guest, WM_BASE, 2, "no", FREE_ID + 1, (uint32_t)FREE_ID);
	request(guest, WM_BASE, 1, "n", FREE_ID + 2);
	request(guest, FREE_ID + 1, 2, "noo", FREE_ID + 3, 0u, FREE_ID + 2);
}

static void positioner_far(struct guest *guest)
{
	request(guest, WM_BASE, 1, "n", (uint32_t)FREE_ID);
	request(guest, FREE_ID, 2, "iiii", INT32_MIN, INT32_MAX, 1, 1);
}

static void positioner_size_0(struct guest *guest)
{
	request(guest, WM_BASE, 1, "n", (uint32_t)FREE_ID);
	request(guest, FREE_ID, 1, "ii", 0, 0);
}

static void role_change(struct guest *guest)
{
	make_toplevel(guest, FREE_ID);
	request(guest, FREE_ID + 1, 1, "n", FREE_ID + 3);
}

static void ack_unknown(struct guest *guest)
{
	show_window(guest);
	request(guest, FREE_ID + 1, 4, "u", guest->serial + 12345);
}

static void commit_before_configure(struct guest *guest)
{
	make_toplevel(guest, FREE_ID);
	paint(guest, FREE_ID, FREE_ID + 3, 100, 100);
	request(guest, FREE_ID, 6, "");
}

static void bounds_crossed(struct guest *guest)
{
	show_window(guest);
	request(guest, FREE_ID + 2, 8, "ii", 100000, 100000);
	request(guest, FREE_ID + 2, 7, "ii", 1, 1);
	request(guest, FREE_ID, 6, "");
}

static void geometry_negative(struct guest *guest)
{
	show_window(guest);
	request(guest, FREE_ID + 1, 3, "iiii", 0, 0, -1, -1);
}

/* The surface is larger than what it says is the window. */
static void geometry_1x1(struct guest *guest)
{
	show_window(guest);
	request(guest, FREE_ID + 3, 2, "ii", 9000, 9000);
	request(guest, FREE_ID + 1, 3, "iiii", 4000, 4000, 1, 1);
	request(guest, FREE_ID, 6, "");
}

static void parent_loop(struct guest *guest)
{
	make_toplevel(guest, FREE_ID);
	make_toplevel(guest, FREE_ID + 3);
	request(guest, FREE_ID + 2, 1, "o", FREE_ID + 5);
	request(guest, FREE_ID + 5, 1, "o", FREE_ID + 2);
}

static void state_toggled(struct guest *guest)
{
	show_window(guest);
	for (int i = 0; i < 2000 && !is_over(guest); i++) {
		request(guest, FREE_ID + 2, i % 2 == 0 ? 9 : 10, "");
		request(guest, FREE_ID + 2, 13, "");
	}
}

/* --- drags --- */

static void make_drag_device(struct guest *guest)
{
	show_window(guest);
	request(guest, 0, VIXOS_FORWARD_V1_DRAG_DEVICE, "uo", 1u, (uint32_t)SEAT);
}

static void drag_serials_guessed(struct guest *guest)
{
	make_drag_device(guest);
	for (uint32_t serial = 0; serial < 5000 && !is_over(guest); serial++) {
		request(guest, 0, VIXOS_FORWARD_V1_DRAG_START, "uuuoou", 1u, serial % 2, 1u,
			(uint32_t)FREE_ID, 0u, serial);
	}
}

static void drag_icon_is_a_window(struct guest *guest)
{
	make_drag_device(guest);
	request(guest, 0, VIXOS_FORWARD_V1_DRAG_START, "uuuoou", 1u, 1u, 1u, (uint32_t)FREE_ID,
		(uint32_t)FREE_ID, guest->serial);
}

static void drag_actions_unknown(struct guest *guest)
{
	make_drag_device(guest);
	request(guest, 0, VIXOS_FORWARD_V1_DRAG_START, "uuuoou", 1u, 1u, 0x80000001u,
		(uint32_t)FREE_ID, 0u, guest->serial);
}

static void drag_offer_invented(struct guest *guest)
{
	make_drag_device(guest);
	request(guest, 0, VIXOS_FORWARD_V1_DRAG_ACCEPT, "uuu", 1u, 1u, 1u);
}

static void drag_devices_without_end(struct guest *guest)
{
	for (uint32_t i = 0; i < 1000 && !is_over(guest); i++) {
		request(guest, 0, VIXOS_FORWARD_V1_DRAG_DEVICE, "uo", i, (uint32_t)SEAT);
	}
}

/* --- strings --- */

static void set_title(struct guest *guest, const char *title)
{
	show_window(guest);
	request(guest, FREE_ID + 2, 2, "s", title);
	request(guest, FREE_ID + 2, 3, "s", "../%s<b>&\"'/\x1b]52;c;eA==\x07");
	request(guest, FREE_ID, 6, "");
}

static void title_bidi(struct guest *guest)
{
	set_title(guest, "\u202e[work] \u2066\u200dx\n\x1b[31m\x07\xff\xc0\x80\xed\xa0\x80");
}

static void title_long(struct guest *guest)
{
	char title[4097];
	memset(title, 'x', sizeof(title) - 1);
	title[sizeof(title) - 1] = '\0';
	set_title(guest, title);
}

static void title_too_long(struct guest *guest)
{
	static char title[60001];
	memset(title, '\x1b', sizeof(title) - 1);
	set_title(guest, title);
}

struct attack {
	const char *name;
	enum outcome expected;
	void (*run)(struct guest *guest);
};

#define ATTACK(function, outcome) {#function, outcome, function}

static const struct attack attacks[] = {
	ATTACK(link_type_unknown, LOST),
	ATTACK(link_length_4g, LOST),
	ATTACK(link_hello_twice, LOST),
	ATTACK(link_credit_too_much, LOST),
	ATTACK(open_exec, CLOSED),
	ATTACK(channels_500, ALIVE),
	ATTACK(channels_reopened, ALIVE),
	ATTACK(size_0, CLOSED),
	ATTACK(size_7, CLOSED),
	ATTACK(size_not_of_words, CLOSED),
	ATTACK(half_message, CLOSED),
	ATTACK(unknown_object, CLOSED),
	ATTACK(unknown_opcode, CLOSED),
	ATTACK(server_id, CLOSED),
	ATTACK(id_in_use, CLOSED),
	ATTACK(id_0, CLOSED),
	ATTACK(wrong_kind, CLOSED),
	ATTACK(newer_request, CLOSED),
	ATTACK(bind_hidden, CLOSED),
	ATTACK(string_without_nul, CLOSED),
	ATTACK(string_with_nul, CLOSED),
	ATTACK(string_of_4g, CLOSED),
	ATTACK(string_null, CLOSED),
	ATTACK(fd_is_due, CLOSED),
	ATTACK(registry_flood, CLOSED),
	ATTACK(region_flood, CLOSED),
	ATTACK(surface_flood, CLOSED),
	ATTACK(toplevel_flood, CLOSED),
	ATTACK(present_past_the_end, CLOSED),
	ATTACK(present_stride_small, CLOSED),
	ATTACK(present_size_0, CLOSED),
	ATTACK(present_overflow, CLOSED),
	ATTACK(present_format, CLOSED),
	ATTACK(present_slot, CLOSED),
	ATTACK(present_twice, CLOSED),
	ATTACK(pixels_bomb, CLOSED),
	ATTACK(pixels_outside, CLOSED),
	ATTACK(scale_0, CLOSED),
	ATTACK(transform_99, CLOSED),
	ATTACK(destination_huge, CLOSED),
	ATTACK(viewport_source, CLOSED),
	ATTACK(damage_flood, ALIVE),
	ATTACK(commit_flood, ALIVE),
	ATTACK(subsurfaces_deep, CLOSED),
	ATTACK(subsurface_cycle, CLOSED),
	ATTACK(subsurface_outside, ALIVE),
	ATTACK(popup_without_parent, CLOSED),
	ATTACK(positioner_far, CLOSED),
	ATTACK(positioner_size_0, CLOSED),
	ATTACK(role_change, CLOSED),
	ATTACK(ack_unknown, CLOSED),
	ATTACK(commit_before_configure, CLOSED),
	ATTACK(bounds_crossed, CLOSED),
	ATTACK(geometry_negative, CLOSED),
	ATTACK(geometry_1x1, ALIVE),
	ATTACK(parent_loop, ALIVE),
	ATTACK(state_toggled, ALIVE),
	ATTACK(drag_serials_guessed, ALIVE),
	ATTACK(drag_icon_is_a_window, CLOSED),
	ATTACK(drag_actions_unknown, CLOSED),
	ATTACK(drag_offer_invented, CLOSED),
	ATTACK(drag_devices_without_end, CLOSED),
	ATTACK(title_bidi, ALIVE),
	ATTACK(title_long, ALIVE),
	ATTACK(title_too_long, CLOSED),
};

/* --- running one --- */

static enum outcome find_outcome(struct guest *guest)
{
	if (!is_over(guest)) {
		sync_up(guest);
	}
	return guest->lost ? LOST : guest->closed ? CLOSED : ALIVE;
}

static int run(const struct attack *attack, struct guest *guest, bool hold)
{
	if (!guest_start(guest)) {
		fprintf(stderr, "no honest start\n");
		return 2;
	}
	attack->run(guest);
	enum outcome outcome = find_outcome(guest);
	printf("%s\n", outcome_names[outcome]);
	fflush(stdout);
	if (hold) {
		while (getchar() != EOF) {
		}
	}
	return outcome == attack->expected ? 0 : 1;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(attacks); i++) {
		if (argc == 2 && strcmp(argv[1], "--list") == 0) {
			printf("%s\n", attacks[i].name);
		} else if (argc >= 3 && strcmp(argv[2], attacks[i].name) == 0) {
			struct guest guest = {.path = argv[1]};
			int status = run(&attacks[i], &guest, argc > 3);
			vx_link_destroy(guest.link);
			vx_buffer_finish(&guest.in);
			return status;
		}
	}
	return argc == 2 ? 0 : 64;
}
