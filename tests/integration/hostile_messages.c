/* SPDX-License-Identifier: MIT */
/* Attacks on the link, by messages that make no sense, and by buffers. */
#include "hostile_guest.h"

#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "common/memory.h"
#include "wire/opcodes.h"

static void present(struct guest *guest, uint32_t slot, uint32_t offset, uint32_t width,
	uint32_t height, uint32_t stride, uint32_t format)
{
	guest_make_surface(guest, FREE_ID);
	guest_request(guest, 0, 1, "ouuuuuuii", (uint32_t)FREE_ID, slot, offset, width, height,
		stride, format, 0, 0);
	guest_request(guest, FREE_ID, 6, "");
}

/* --- transport --- */

static void link_bytes(struct guest *guest, const void *bytes, size_t size)
{
	(void)!write(vx_link_get_fd(guest->link), bytes, size);
	for (int64_t end = guest_now_ms() + guest_deadline_ms;
		!guest->lost && guest_now_ms() < end;) {
		guest_turn(guest, 100);
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
		guest->link, "exec", vx_link_window_default, &guest_channel_listener, guest);
	vx_assert(channel != nullptr);
	guest_turn(guest, 0);
	for (int64_t end = guest_now_ms() + guest_deadline_ms;
		!guest_is_over(guest) && guest_now_ms() < end;) {
		guest_turn(guest, 100);
	}
}

/* More programs than a VM may have; the honest first one stays. */
static void channels_500(struct guest *guest)
{
	static struct guest others;
	for (int i = 0; i < 500; i++) {
		(void)!vx_link_channel_open(guest->link, "wayland", vx_link_window_default,
			&guest_channel_listener, &others);
		guest_turn(guest, 0);
	}
}

static void channels_reopened(struct guest *guest)
{
	static struct guest others;
	for (int i = 0; i < 1000; i++) {
		struct vx_link_channel *channel = vx_link_channel_open(guest->link, "wayland",
			vx_link_window_default, &guest_channel_listener, &others);
		others.closed = false;
		guest_turn(guest, 0);
		/* The proxy may have been faster. */
		if (channel != nullptr && !others.closed) {
			vx_link_channel_destroy(channel, VX_LINK_REASON_CANCELLED);
		}
		guest_turn(guest, 0);
	}
}

/* --- messages --- */

static void size_0(struct guest *guest)
{
	guest_raw(guest, DISPLAY, 0, 0, "", 0);
}

static void size_7(struct guest *guest)
{
	guest_raw(guest, DISPLAY, 0, 7, "", 0);
}

static void size_not_of_words(struct guest *guest)
{
	guest_raw(guest, DISPLAY, 0, 65535, "", 0);
}

static void half_message(struct guest *guest)
{
	guest_raw(guest, COMPOSITOR, 0, 12, "", 0);
	guest_send(guest, "\x0b", 1); /* and silence: the sync that follows is part of it */
	guest_turn(guest, 100);
	guest->closed = true;
}

static void unknown_object(struct guest *guest)
{
	guest_request(guest, 60000, 0, "");
}

static void unknown_opcode(struct guest *guest)
{
	guest_request(guest, COMPOSITOR, 999, "");
}

static void server_id(struct guest *guest)
{
	guest_request(guest, COMPOSITOR, 0, "n", 0xff000001u);
}

static void id_in_use(struct guest *guest)
{
	guest_request(guest, COMPOSITOR, 0, "n", (uint32_t)SEAT);
}

static void id_0(struct guest *guest)
{
	guest_request(guest, COMPOSITOR, 0, "n", 0u);
}

static void wrong_kind(struct guest *guest)
{
	guest_request(guest, WM_BASE, 2, "no", (uint32_t)FREE_ID, (uint32_t)SEAT);
}

static void newer_request(struct guest *guest)
{
	guest_request(guest, REGISTRY, 0, "usun", guest->names[0], "wl_compositor", UINT32_MAX,
		(uint32_t)FREE_ID);
}

static void bind_hidden(struct guest *guest)
{
	for (uint32_t name = 1; name < 100 && !guest_is_over(guest); name++) {
		guest_request(guest, REGISTRY, 0, "usun", name, "zwlr_layer_shell_v1", 1u,
			FREE_ID + name);
	}
}

static void string_without_nul(struct guest *guest)
{
	guest_show_window(guest);
	guest_raw(guest, FREE_ID + 2, 2, 16, "\4\0\0\0abcd", 8);
}

static void string_with_nul(struct guest *guest)
{
	guest_show_window(guest);
	guest_raw(guest, FREE_ID + 2, 2, 16, "\4\0\0\0a\0b\0", 8);
}

static void string_of_4g(struct guest *guest)
{
	guest_show_window(guest);
	guest_raw(guest, FREE_ID + 2, 2, 16,
		"\xff\xff\xff\xff"
		"abc\0",
		8);
}

static void string_null(struct guest *guest)
{
	guest_show_window(guest);
	guest_raw(guest, FREE_ID + 2, 2, 12, "\0\0\0\0", 4);
}

static void fd_is_due(struct guest *guest)
{
	guest_request(guest, REGISTRY, 0, "usun", 1u, "wl_shm", 1u, (uint32_t)FREE_ID);
	guest_request(guest, FREE_ID, 0, "nhi", FREE_ID + 1, 0, 4096);
}

static void registry_flood(struct guest *guest)
{
	for (uint32_t i = 0; i < 100000 && !guest_is_over(guest); i++) {
		guest_request(guest, DISPLAY, 1, "n", FREE_ID + i);
	}
}

static void region_flood(struct guest *guest)
{
	for (uint32_t i = 0; i < 100000 && !guest_is_over(guest); i++) {
		guest_request(guest, COMPOSITOR, 1, "n", FREE_ID + i);
	}
}

static void surface_flood(struct guest *guest)
{
	for (uint32_t i = 0; i < 100000 && !guest_is_over(guest); i++) {
		guest_make_surface(guest, FREE_ID + i);
	}
}

static void toplevel_flood(struct guest *guest)
{
	for (uint32_t i = 0; i < 10000 && !guest_is_over(guest); i++) {
		guest_make_toplevel(guest, FREE_ID + 3 * i);
		guest_request(guest, FREE_ID + 3 * i, 6, "");
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
	guest_request(guest, 0, 1, "ouuuuuuii", (uint32_t)FREE_ID, 0u, 0u, 16u, 16u, 64u, 1u, 0, 0);
}

static void pixels_bomb(struct guest *guest)
{
	/* 120 x 120 pixels announced, LZ4 data of a few bytes that claims far more. */
	uint8_t chunk[32] = {0, 0, 0, 0, 120, 0, 120, 0, 1, 0, 0, 0, 0x1f, 0, 1, 0, 255, 255, 255,
		255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
	guest_request(guest, 0, 0, "uuuuua", 0u, 120u, 120u, 480u, 1u, sizeof(chunk), chunk);
}

static void pixels_outside(struct guest *guest)
{
	uint8_t chunk[16] = {255, 255, 255, 255, 1, 0, 1};
	guest_request(guest, 0, 0, "uuuuua", 0u, 16u, 16u, 64u, 1u, sizeof(chunk), chunk);
}

static void scale_0(struct guest *guest)
{
	guest_request(guest, guest_make_surface(guest, FREE_ID), 8, "i", 0);
}

static void transform_99(struct guest *guest)
{
	guest_request(guest, guest_make_surface(guest, FREE_ID), 7, "i", 99);
}

static void destination_huge(struct guest *guest)
{
	guest_paint(guest, guest_make_surface(guest, FREE_ID), FREE_ID + 1, INT32_MAX, INT32_MAX);
}

static void viewport_source(struct guest *guest)
{
	guest_show_window(guest);
	guest_request(guest, FREE_ID + 3, 1, "ffff", -256, INT32_MIN, INT32_MAX, 256);
	guest_request(guest, FREE_ID, 6, "");
}

static void damage_flood(struct guest *guest)
{
	guest_show_window(guest);
	for (int i = 0; i < 100000 && !guest_is_over(guest); i++) {
		guest_request(
			guest, FREE_ID, 9, "iiii", INT32_MAX - i, INT32_MIN + i, INT32_MAX, -i);
	}
	guest_request(guest, FREE_ID, 6, "");
}

const struct attack hostile_messages[] = {
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
	{},
};
