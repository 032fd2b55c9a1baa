/* SPDX-License-Identifier: MIT */
/*
 * A malicious guest: speaks the link to a running vixos-proxy and does one thing that no honest
 * guest does. "hostile-guest --list" names the attacks; "hostile-guest SOCKET ATTACK [--hold]" runs
 * one, prints what became of it (alive, closed or lost) and fails where that is not what the table
 * says. With --hold it then keeps the connection until its standard input ends.
 */
#include "hostile_guest.h"

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
#include "wire/message.h"

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

static const char *const outcome_names[] = {"alive", "closed", "lost"};

/* --- events --- */

static void handle_global(struct guest *guest, const uint8_t *message, uint16_t size)
{
	uint32_t length = wire_get_u32(message + 12);
	if (guest->global_count < guest_globals_max && length > 0 &&
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

const struct vx_link_channel_listener guest_channel_listener = {
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

int64_t guest_now_ms(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1'000'000;
}

bool guest_is_over(const struct guest *guest)
{
	return guest->closed || guest->lost;
}

void guest_turn(struct guest *guest, int timeout_ms)
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

void guest_send(struct guest *guest, const void *bytes, size_t size)
{
	int64_t end = guest_now_ms() + guest_deadline_ms;
	for (size_t done = 0; done < size && !guest_is_over(guest) && guest_now_ms() < end;) {
		size_t sent = vx_link_channel_send(
			guest->channel, (const uint8_t *)bytes + done, size - done);
		done += sent;
		if (sent == 0 || vx_link_wants_write(guest->link)) {
			guest_turn(guest, sent == 0 ? 100 : 0);
		}
	}
}

void guest_request(struct guest *guest, uint32_t object, uint16_t opcode, const char *format, ...)
{
	struct vx_buffer message = {};
	va_list args;
	va_start(args, format);
	vx_assert(wire_vwrite(&message, object, opcode, format, args));
	va_end(args);
	guest_send(guest, vx_buffer_bytes(&message), message.size);
	vx_buffer_finish(&message);
}

void guest_raw(struct guest *guest, uint32_t object, uint16_t opcode, uint16_t size,
	const void *body, size_t body_size)
{
	uint32_t header[] = {object, (uint32_t)size << 16 | opcode};
	guest_send(guest, header, sizeof(header));
	guest_send(guest, body, body_size);
}

bool guest_sync(struct guest *guest)
{
	uint32_t before = guest->answered;
	int64_t end = guest_now_ms() + guest_deadline_ms;
	guest_request(guest, DISPLAY, 0, "n", (uint32_t)CALLBACK);
	while (guest->answered == before && !guest_is_over(guest) && guest_now_ms() < end) {
		guest_turn(guest, 100);
	}
	return guest->answered != before;
}

static void bind_globals(struct guest *guest)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(binds); i++) {
		for (size_t j = 0; j < guest->global_count; j++) {
			if (strcmp(guest->interfaces[j], binds[i].interface) == 0) {
				guest_request(guest, REGISTRY, 0, "usun", guest->names[j],
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
	int64_t end = guest_now_ms() + guest_deadline_ms;
	while (!guest->ready && !guest->lost && guest_now_ms() < end) {
		guest_turn(guest, 100);
	}
	guest->channel = vx_link_channel_open(
		guest->link, "wayland", vx_link_window_default, &guest_channel_listener, guest);
	if (guest->channel == nullptr) {
		return false;
	}
	guest_request(guest, DISPLAY, 1, "n", (uint32_t)REGISTRY);
	bool answered = guest_sync(guest);
	bind_globals(guest);
	return answered && guest_sync(guest);
}

/* --- parts of windows --- */

uint32_t guest_make_surface(struct guest *guest, uint32_t id)
{
	guest_request(guest, COMPOSITOR, 0, "n", id);
	return id;
}

void guest_make_toplevel(struct guest *guest, uint32_t id)
{
	guest_make_surface(guest, id);
	guest_request(guest, WM_BASE, 2, "no", id + 1, id);
	guest_request(guest, id + 1, 1, "n", id + 2);
}

void guest_paint(struct guest *guest, uint32_t surface, uint32_t id, int32_t width, int32_t height)
{
	guest_request(guest, VIEWPORTER, 1, "no", id, surface);
	guest_request(guest, id, 2, "ii", width, height);
	guest_request(
		guest, SINGLE_PIXEL, 1, "nuuuu", id + 1, UINT32_MAX, 0u, UINT32_MAX, UINT32_MAX);
	guest_request(guest, surface, 1, "oii", id + 1, 0, 0);
	guest_request(guest, surface, 9, "iiii", 0, 0, INT32_MAX, INT32_MAX);
}

void guest_show_window(struct guest *guest)
{
	guest_make_toplevel(guest, FREE_ID);
	guest_request(guest, FREE_ID + 2, 2, "s", "evil");
	guest_request(guest, FREE_ID + 2, 3, "s", "evil");
	guest_request(guest, FREE_ID, 6, "");
	guest_sync(guest);
	guest_request(guest, FREE_ID + 1, 4, "u", guest->serial);
	guest_paint(guest, FREE_ID, FREE_ID + 3, 300, 200);
	guest_request(guest, FREE_ID, 6, "");
	guest_sync(guest);
}

/* --- running one --- */

static enum outcome find_outcome(struct guest *guest)
{
	if (!guest_is_over(guest)) {
		guest_sync(guest);
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

static const struct attack *find_attack(const char *name)
{
	static const struct attack *const tables[] = {
		hostile_messages, hostile_windows, hostile_floods};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(tables); i++) {
		for (const struct attack *attack = tables[i]; attack->name != nullptr; attack++) {
			if (name == nullptr) {
				printf("%s\n", attack->name);
			} else if (strcmp(name, attack->name) == 0) {
				return attack;
			}
		}
	}
	return nullptr;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		find_attack(nullptr);
		return 0;
	}
	const struct attack *attack = argc >= 3 ? find_attack(argv[2]) : nullptr;
	if (attack == nullptr) {
		return 64;
	}
	struct guest guest = {.path = argv[1]};
	int status = run(attack, &guest, argc > 3);
	vx_link_destroy(guest.link);
	vx_buffer_finish(&guest.in);
	return status;
}
