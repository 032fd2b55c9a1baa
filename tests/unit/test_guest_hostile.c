/* SPDX-License-Identifier: MIT */
/*
 * vixos-guest against a program in its VM: whatever that says, the others' windows stay. What of it
 * crosses to the host is for vixos-proxy to judge (test_host_hostile.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/memory.h"
#include "guest/client.h"
#include "guest/server.h"
#include "guest_fixture.h"
#include "wire/message.h"
#include "wire/opcodes.h"

static int set_up(void **state)
{
	struct guest_fixture *fixture = guest_fixture_create();
	guest_fixture_prepare(fixture);
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	guest_fixture_destroy(*state);
	return 0;
}

static struct guest_client *client_of(struct guest_fixture *fixture)
{
	struct guest_client *client = nullptr;
	return wl_container_of(fixture->server->clients.next, client, link);
}

static void assert_ended(struct guest_fixture *fixture)
{
	guest_fixture_run(fixture);
	assert_false(guest_fixture_is_alive(fixture));
	assert_true(wl_list_empty(&fixture->server->clients));
	assert_true(guest_fixture_got(fixture, GUEST_DISPLAY, WL_DISPLAY_ERROR));
	assert_false(fixture->server->quit);
}

/* --- words --- */

static void send_words(struct guest_fixture *fixture, const uint32_t *words, size_t count)
{
	guest_fixture_send_bytes(fixture, words, count * sizeof(*words), nullptr, 0);
}

static uint32_t second_word(uint32_t size, uint32_t opcode)
{
	return size << 16 | opcode;
}

static void test_malformed(void **state)
{
	const struct {
		uint32_t words[5];
		size_t count;
	} cases[] = {
		{{GUEST_SURFACE, 0}, 2},                          /* no size */
		{{GUEST_SURFACE, 7 << 16}, 2},                    /* an odd one */
		{{GUEST_SURFACE, 12 << 16 | 0, 1}, 3},            /* destroy, with an argument */
		{{GUEST_SURFACE, 12 << 16 | 1, 1}, 3},            /* attach, without two */
		{{GUEST_SURFACE, 8 << 16 | 99}, 2},               /* no such request */
		{{4000, 8 << 16}, 2},                             /* no such object */
		{{0, 8 << 16}, 2},                                /* the host's and ours */
		{{0xff000000, 8 << 16}, 2},                       /* an id of servers */
		{{GUEST_COMPOSITOR, 12 << 16, 0}, 3},             /* an object without an id */
		{{GUEST_COMPOSITOR, 12 << 16, GUEST_POOL}, 3},    /* an id that is taken */
		{{GUEST_COMPOSITOR, 12 << 16, 0xff000000}, 3},    /* an id of servers */
		{{GUEST_COMPOSITOR, 12 << 16, 0x00ffffff}, 3},    /* an id that is too high */
		{{GUEST_SOURCE, 16 << 16, 0xffffffff, 0}, 4},     /* a string without end */
		{{GUEST_SOURCE, 16 << 16, 4, 0x61616161}, 4},     /* without NUL */
		{{GUEST_SOURCE, 16 << 16, 4, 0x00610061}, 4},     /* with two */
		{{GUEST_SOURCE, 12 << 16, 0}, 3},                 /* no string at all */
		{{GUEST_DEVICE, 16 << 16 | 1, GUEST_POOL, 1}, 4}, /* an object of another kind */
		{{GUEST_SHM, 16 << 16, GUEST_FREE, 4096}, 4},     /* without its descriptor */
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		struct guest_fixture *fixture = guest_fixture_create();
		guest_fixture_prepare(fixture);
		send_words(fixture, cases[i].words, cases[i].count);
		assert_ended(fixture);
		guest_fixture_destroy(fixture);
	}
}

static void test_globals_that_are_not_offered(void **state)
{
	static const struct {
		uint32_t name;
		const char *interface;
		uint32_t version;
	} cases[] = {
		{1, "zwlr_layer_shell_v1", 1},
		{1, "vixos_forward_v1", 1},
		{1, "wl_display", 1},
		{1, "wl_compositor", 0},
		{1, "wl_compositor", 0xffffffff},
		{1, "wl_shm", 1}, /* of ours by a name of the host's */
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		struct guest_fixture *fixture = guest_fixture_create();
		guest_fixture_prepare(fixture);
		guest_fixture_send(fixture, GUEST_REGISTRY, WL_REGISTRY_BIND, "usun", cases[i].name,
			cases[i].interface, cases[i].version, GUEST_FREE);
		assert_ended(fixture);
		guest_fixture_destroy(fixture);
	}
}

/* --- memory of its own that it shows --- */

static void create_pool(struct guest_fixture *fixture, int fd, int32_t size)
{
	struct vx_buffer message = {};
	assert_true(wire_write(&message, GUEST_SHM, WL_SHM_CREATE_POOL, "nhi", GUEST_FREE, size));
	guest_fixture_send_bytes(fixture, vx_buffer_bytes(&message), message.size, &fd, 1);
	vx_buffer_finish(&message);
}

static void show_buffer(struct guest_fixture *fixture, uint32_t buffer)
{
	guest_fixture_send(fixture, GUEST_SURFACE, WL_SURFACE_ATTACH, "oii", buffer, 0, 0);
	guest_fixture_send(
		fixture, GUEST_SURFACE, WL_SURFACE_DAMAGE_BUFFER, "iiii", 0, 0, 4096, 4096);
	guest_fixture_send(fixture, GUEST_SURFACE, WL_SURFACE_COMMIT, "");
}

/* Its descriptor is nothing that could be mapped. */
static void test_pool_of_a_pipe(void **state)
{
	struct guest_fixture *fixture = *state;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	create_pool(fixture, ends[0], 4096);
	close(ends[0]);
	close(ends[1]);
	assert_ended(fixture);
}

/* The file is shorter than what is said of it, or becomes so. */
static void test_pool_that_shrinks(void **state)
{
	/* Made here: cmocka has a handler of SIGBUS of its own while a test runs. */
	struct guest_fixture *fixture = guest_fixture_create();
	guest_fixture_prepare(fixture);
	int fd = memfd_create("pool", MFD_CLOEXEC);
	assert_int_equal(ftruncate(fd, 64 * 1024), 0);
	create_pool(fixture, fd, 64 * 1024);
	guest_fixture_send(fixture, GUEST_FREE, WL_SHM_POOL_CREATE_BUFFER, "niiiiu", GUEST_FREE + 1,
		0, 128, 128, 512, WL_SHM_FORMAT_XRGB8888);
	show_buffer(fixture, GUEST_FREE + 1);
	assert_true(guest_fixture_is_alive(fixture));
	assert_int_equal(ftruncate(fd, 0), 0);
	close(fd);
	show_buffer(fixture, GUEST_FREE + 1);
	assert_ended(fixture);
	guest_fixture_destroy(fixture);
}

static void test_buffers_outside_their_pool(void **state)
{
	static const int32_t cases[][5] = {
		/* offset, width, height, stride, format */
		{-1, 16, 16, 64, 1},
		{0, 0, 16, 64, 1},
		{0, 16, -1, 64, 1},
		{0, 16, 16, 63, 1},
		{0, 16, 1025, 64, 1},
		{1, 16, 1024, 64, 1},
		{0, 0x40000001, 1, 4, 1},   /* width * 4 is 4 in 32 bits */
		{0, 16, 0x04000001, 64, 1}, /* stride * height is 64 there */
		{0x7fffffff, 16, 16, 64, 1},
		{0, 16, 16, 64, 0x12345678},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		struct guest_fixture *fixture = guest_fixture_create();
		guest_fixture_prepare(fixture);
		guest_fixture_send(fixture, GUEST_POOL, WL_SHM_POOL_CREATE_BUFFER, "niiiiu",
			GUEST_FREE, cases[i][0], cases[i][1], cases[i][2], cases[i][3],
			(uint32_t)cases[i][4]);
		assert_ended(fixture);
		guest_fixture_destroy(fixture);
	}
}

/* --- what would be kept for it --- */

/* Frames of two surfaces in turn can't be merged, and nothing else is said meanwhile. */
static void test_frames_that_wait(void **state)
{
	struct guest_fixture *fixture = *state;
	fixture->host_is_deaf = true;
	const uint32_t turn[] = {GUEST_SURFACE, second_word(20, WL_SURFACE_ATTACH), GUEST_BUFFER, 0,
		0, GUEST_SURFACE, second_word(8, WL_SURFACE_COMMIT), GUEST_SURFACE_2,
		second_word(20, WL_SURFACE_ATTACH), GUEST_BUFFER, 0, 0, GUEST_SURFACE_2,
		second_word(8, WL_SURFACE_COMMIT)};
	for (unsigned i = 0; i < 4000 && !fixture->is_stopped; i++) {
		send_words(fixture, turn, VX_ARRAY_LENGTH(turn));
	}
	/* It isn't read any more, and waits as a program does. */
	assert_true(guest_fixture_is_alive(fixture));
	assert_true(fixture->is_stopped);
	assert_true(guest_outbox_is_full(&client_of(fixture)->outbox));
	assert_true(wl_list_length(&client_of(fixture)->outbox.waiting) <= 128);
}

/* A selection of so many types that nobody could be told them. */
static void test_types_flood(void **state)
{
	struct guest_fixture *fixture = *state;
	char type[4000];
	memset(type, 'x', sizeof(type) - 1);
	type[sizeof(type) - 1] = '\0';
	for (unsigned i = 0; i < 2000; i++) {
		guest_fixture_send(fixture, GUEST_SOURCE, WL_DATA_SOURCE_OFFER, "s", type);
	}
	guest_fixture_send(fixture, GUEST_SEAT, WL_SEAT_GET_KEYBOARD, "n", GUEST_FREE);
	guest_fixture_send(
		fixture, GUEST_DEVICE, WL_DATA_DEVICE_SET_SELECTION, "ou", GUEST_SOURCE, 1u);
	struct vx_buffer enter = {};
	assert_true(wire_write(&enter, GUEST_FREE, WL_KEYBOARD_ENTER, "uoa", 1u, GUEST_SURFACE,
		(size_t)0, (const void *)nullptr));
	fixture->is_deaf = true;
	guest_fixture_host_sends(fixture, vx_buffer_bytes(&enter), enter.size);
	vx_buffer_finish(&enter);
	/* Who gets the focus isn't thrown out for not having read all of it at once. */
	assert_true(guest_fixture_is_alive(fixture));
	assert_true(client_of(fixture)->connection.out.size < 128 * 1024);
}

static void test_reads_nothing(void **state)
{
	struct guest_fixture *fixture = *state;
	fixture->is_deaf = true;
	for (unsigned i = 0; i < 100000 && guest_fixture_is_alive(fixture); i++) {
		guest_fixture_send(
			fixture, GUEST_DISPLAY, WL_DISPLAY_GET_REGISTRY, "n", GUEST_FREE + i);
		if (fixture->is_stopped || wl_list_empty(&fixture->server->clients)) {
			break;
		}
		assert_true(client_of(fixture)->connection.out.size <= 4 * 1024 * 1024);
	}
	assert_false(fixture->server->quit);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_malformed),
		cmocka_unit_test(test_globals_that_are_not_offered),
		cmocka_unit_test_setup_teardown(test_pool_of_a_pipe, set_up, tear_down),
		cmocka_unit_test(test_pool_that_shrinks),
		cmocka_unit_test(test_buffers_outside_their_pool),
		cmocka_unit_test_setup_teardown(test_frames_that_wait, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_types_flood, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_reads_nothing, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
