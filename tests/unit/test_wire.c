/* SPDX-License-Identifier: MIT */
/* The codec: every kind of argument within and past its bounds; the list of protocols; sockets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-util.h>

#include "common/memory.h"
#include "wire/connection.h"
#include "wire/interface.h"
#include "wire/message.h"
#include "wire/options.h"
#include "wire/protocols.h"

/* One message of each shape. */
static const struct wl_interface thing_interface;
static const struct wl_interface *const thing_types[] = {
	nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr, nullptr};
static const struct wl_message thing_requests[] = {
	{"all", "iufsoa", (const struct wl_interface **)thing_types},
	{"nullable", "3?s?o", (const struct wl_interface **)thing_types},
	{"make", "12n", (const struct wl_interface **)thing_types},
	{"file", "hu", (const struct wl_interface **)thing_types},
	{"nothing", "", (const struct wl_interface **)thing_types},
};
static const struct wl_interface thing_interface = {"thing", 12, 5, thing_requests, 0, nullptr};

static struct wire_interfaces *compile(void)
{
	return wire_interfaces_create((const struct wl_interface *[]){&thing_interface, nullptr});
}

static void test_compile(void **state)
{
	struct wire_interfaces *set = compile();
	const struct wire_interface *thing = wire_interfaces_find(set, "thing");
	assert_non_null(thing);
	assert_null(wire_interfaces_find(set, "other"));
	assert_int_equal(thing->request_count, 5);
	assert_int_equal(thing->requests[0].arg_count, 6);
	assert_int_equal(thing->requests[0].since, 1);
	assert_int_equal(thing->requests[1].since, 3);
	assert_int_equal(thing->requests[2].since, 12);
	assert_true(thing->requests[1].args[0].nullable);
	assert_true(thing->requests[1].args[1].nullable);
	assert_false(thing->requests[0].args[3].nullable);
	assert_true(thing->requests[2].has_untyped_new_id);
	assert_int_equal(thing->requests[3].fd_count, 1);
	assert_false(thing->requests[3].has_ids);
	wire_interfaces_destroy(set);
}

static void test_write_and_decode(void **state)
{
	struct wire_interfaces *set = compile();
	const struct wire_message *all = &wire_interfaces_find(set, "thing")->requests[0];
	struct vx_buffer buffer = {};
	assert_true(
		wire_write(&buffer, 7, 0, "iufsoa", -5, 6u, 256, "hello", 9u, (size_t)3, "abc"));
	struct wire_header header;
	assert_int_equal(wire_read_header(vx_buffer_bytes(&buffer), buffer.size, &header), 1);
	assert_int_equal(header.object, 7);
	assert_int_equal(header.size, buffer.size);
	struct wire_value args[wire_args_max];
	assert_true(wire_decode(all, vx_buffer_bytes(&buffer), buffer.size, args, nullptr));
	assert_int_equal(args[0].i, -5);
	assert_int_equal(args[1].u, 6);
	assert_int_equal(args[2].i, 256);
	assert_string_equal(args[3].s, "hello");
	assert_int_equal(args[3].size, 5);
	assert_int_equal(args[4].u, 9);
	assert_int_equal(args[4].offset, 32);
	assert_int_equal(args[5].size, 3);
	assert_memory_equal(args[5].a, "abc", 3);
	vx_buffer_finish(&buffer);
	wire_interfaces_destroy(set);
}

/* Each byte less than a whole message is malformed, and so is each word more. */
static void test_every_wrong_length(void **state)
{
	struct wire_interfaces *set = compile();
	const struct wire_message *all = &wire_interfaces_find(set, "thing")->requests[0];
	struct vx_buffer buffer = {};
	assert_true(wire_write(&buffer, 7, 0, "iufsoa", 1, 2u, 3, "hello", 4u, (size_t)3, "abc"));
	struct wire_value args[wire_args_max];
	for (size_t size = wire_header_size; size < buffer.size; size++) {
		/* A copy of just that size, so that a read past the end is seen. */
		uint8_t *copy = vx_memdup(vx_buffer_bytes(&buffer), size);
		assert_false(wire_decode(all, copy, size, args, nullptr));
		free(copy);
	}
	size_t exact = buffer.size;
	assert_true(vx_buffer_append(&buffer, "\0\0\0\0", 4));
	assert_true(wire_decode(all, vx_buffer_bytes(&buffer), exact, args, nullptr));
	assert_false(wire_decode(all, vx_buffer_bytes(&buffer), exact + 4, args, nullptr));
	vx_buffer_finish(&buffer);
	wire_interfaces_destroy(set);
}

static void test_strings_and_null(void **state)
{
	static const struct {
		uint32_t words[6];
		size_t size;
		unsigned message;
		bool valid;
	} cases[] = {
		{{1, 0, 0, 0}, 16, 1, true},              /* null string, null object */
		{{1, 0, 1, 0, 0}, 20, 1, true},           /* "" */
		{{1, 0, 4, 0x00616161, 0}, 20, 1, true},  /* "aaa" */
		{{1, 0, 4, 0x61616161, 0}, 20, 1, false}, /* no NUL */
		{{1, 0, 4, 0x00006161, 0}, 20, 1, false}, /* NUL inside */
		{{1, 0, 5, 0x61616161, 0}, 20, 1, false}, /* longer than the message */
		{{1, 0, 0xffffffff, 0, 0}, 20, 1, false}, /* rounds up to 0 */
		{{1, 0, 0xfffffffd, 0, 0}, 20, 1, false}, /* */
		{{1, 0, 0x80000000, 0, 0}, 20, 1, false}, /* */
		{{1, 0, 0}, 12, 2, false},                /* null new id */
		{{1, 0, 5}, 12, 2, true},                 /* */
		{{1, 0, 5}, 12, 3, true},                 /* an fd takes no bytes */
		{{1, 0}, 8, 4, true},                     /* */
	};
	struct wire_interfaces *set = compile();
	struct wire_value args[wire_args_max];
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		const struct wire_message *message =
			&wire_interfaces_find(set, "thing")->requests[cases[i].message];
		assert_int_equal(wire_decode(message, (const uint8_t *)cases[i].words,
					 cases[i].size, args, nullptr),
			cases[i].valid);
	}
	wire_interfaces_destroy(set);
}

static void test_headers(void **state)
{
	struct wire_header header;
	uint32_t words[2] = {1, 8 << 16 | 3};
	for (size_t size = 0; size < 8; size++) {
		assert_int_equal(wire_read_header((const uint8_t *)words, size, &header), 0);
	}
	assert_int_equal(wire_read_header((const uint8_t *)words, 8, &header), 1);
	assert_int_equal(header.opcode, 3);
	for (uint32_t size = 0; size < 65536; size++) {
		words[1] = size << 16;
		int expected = size < 8 || size % 4 != 0 ? -1 : size == 8;
		assert_int_equal(wire_read_header((const uint8_t *)words, 8, &header), expected);
	}
}

static void test_write_bounds(void **state)
{
	static const uint8_t bytes[70000];
	struct vx_buffer buffer = {};
	assert_true(wire_write(&buffer, 1, 0, "u", 5u));
	assert_false(wire_write(&buffer, 1, 0, "a", (size_t)65532, bytes));
	assert_false(wire_write(&buffer, 1, 0, "a", sizeof(bytes), bytes));
	assert_int_equal(buffer.size, 12);
	assert_true(wire_write(&buffer, 1, 0, "a", (size_t)65520, bytes));
	vx_buffer_finish(&buffer);
	struct vx_buffer small = {.max_size = 16};
	assert_true(wire_write(&small, 1, 0, "u", 5u));
	assert_false(wire_write(&small, 1, 0, "u", 5u));
	assert_int_equal(small.size, 12);
	vx_buffer_finish(&small);
}

/* The wall's first stone: what must never be offered, by any name or way. */
static void test_protocols(void **state)
{
	static const char *const forbidden[] = {"layer_shell", "screencopy", "image_copy",
		"image_capture", "data_control", "virtual_", "input_method", "session_lock",
		"foreign", "output_management", "output_power", "gamma", "security_context",
		"drm_lease", "shortcuts_inhibit", "transient_seat", "workspace", "export_dmabuf",
		"linux_dmabuf", "wl_drm", "pointer_warp", "idle_notif", "toplevel_icon"};
	struct wire_interfaces *set = wire_protocols_compile();
	for (unsigned i = 0; i < set->count; i++) {
		for (size_t k = 0; k < VX_ARRAY_LENGTH(forbidden); k++) {
			assert_null(strstr(set->all[i]->name, forbidden[k]));
		}
	}
	for (const struct wire_protocol *p = wire_protocols_get(); p->interface != nullptr; p++) {
		assert_uint_in_range(p->version, 1, p->interface->version);
		assert_ptr_equal(wire_protocols_find(p->interface->name), p);
		/* New objects in events would need ids of the server's range to be translated. */
		const struct wire_interface *interface = wire_interfaces_find(
			set, p->interface->name);
		assert_non_null(interface);
	}
	assert_null(wire_protocols_find("wl_display"));
	assert_null(wire_protocols_find("vixos_forward_v1"));
	assert_null(wire_protocols_find(""));
	wire_interfaces_destroy(set);
}

static void test_connection_fds(void **state)
{
	int pair[2];
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
	struct wire_connection a, b;
	wire_connection_init(&a, pair[0], 4096);
	wire_connection_init(&b, pair[1], 4096);
	for (int i = 0; i < 3; i++) {
		assert_true(wire_connection_add_fd(&a, open("/dev/null", O_RDWR | O_CLOEXEC)));
		assert_true(wire_write(&a.out, 1, 0, "u", (uint32_t)i));
	}
	assert_int_equal(wire_connection_take_fd(&b), -1);
	assert_true(wire_connection_flush(&a));
	assert_int_equal(wire_connection_read(&b), 1);
	assert_int_equal(b.in.size, 36);
	for (int i = 0; i < 3; i++) {
		int fd = wire_connection_take_fd(&b);
		assert_true(fd >= 0);
		close(fd);
	}
	assert_int_equal(wire_connection_take_fd(&b), -1);
	assert_int_equal(wire_connection_read(&b), 0);
	wire_connection_finish(&a);
	assert_int_equal(wire_connection_read(&b), -1);
	wire_connection_finish(&b);
}

static void test_connection_too_many_fds(void **state)
{
	int pair[2];
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
	struct wire_connection a, b;
	wire_connection_init(&a, pair[0], 4096);
	wire_connection_init(&b, pair[1], 4096);
	int got = 0;
	for (int round = 0; round < 4 && got >= 0; round++) {
		for (unsigned i = 0; i < wire_connection_fds_max; i++) {
			assert_true(
				wire_connection_add_fd(&a, open("/dev/null", O_RDWR | O_CLOEXEC)));
		}
		assert_true(wire_write(&a.out, 1, 0, ""));
		assert_true(wire_connection_flush(&a));
		got = wire_connection_read(&b);
	}
	assert_int_equal(got, -1);
	wire_connection_finish(&a);
	wire_connection_finish(&b);
}

static void test_options(void **state)
{
	struct options {
		const char *name;
		bool flag;
	} options = {};
	static const struct wire_option table[] = {
		{"name", "NAME", "a name", offsetof(struct options, name)},
		{"flag", nullptr, "a flag", offsetof(struct options, flag)},
	};
	char *good[] = {"x", "--flag", "--name=y", "--name", "z", nullptr};
	assert_true(wire_options_parse(5, good, table, 2, &options, nullptr));
	assert_true(options.flag);
	assert_string_equal(options.name, "z");
	static char *const bad[][3] = {{"x", "--other", nullptr}, {"x", "--name", nullptr},
		{"x", "--flag=1", nullptr}, {"x", "name", nullptr}, {"x", "", nullptr},
		{"x", "-", nullptr}};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(bad); i++) {
		vx_cleanup_error struct vx_error err = {};
		assert_false(wire_options_parse(2, (char **)bad[i], table, 2, &options, &err));
		assert_int_equal(err.kind, VX_ERROR_USAGE);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_compile),
		cmocka_unit_test(test_write_and_decode),
		cmocka_unit_test(test_every_wrong_length),
		cmocka_unit_test(test_strings_and_null),
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_write_bounds),
		cmocka_unit_test(test_protocols),
		cmocka_unit_test(test_connection_fds),
		cmocka_unit_test(test_connection_too_many_fds),
		cmocka_unit_test(test_options),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
