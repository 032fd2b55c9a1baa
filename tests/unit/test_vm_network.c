/* SPDX-License-Identifier: MIT */
/* The passt of a VM: programs in its place that fail in every way, and the real one where there is
 * one. */
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/fd.h"
#include "common/memory.h"
#include "net/plan.h"
#include "vm/definition.h"
#include "vm/network.h"
#include "vm/runtime_dir.h"

static constexpr size_t vast_output = 1024 * 1024;

struct fixture {
	char folder[32]; /* XDG_RUNTIME_DIR, and all that is in PATH where a test says so */
	char *search_path;
	struct vm_runtime_dir dir;
};

static int set_up(void **state)
{
	struct fixture *fixture = vx_new(fixture);
	strcpy(fixture->folder, "/tmp/vixos-network-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	fixture->search_path = vx_strdup(getenv("PATH"));
	setenv("XDG_RUNTIME_DIR", fixture->folder, 1);
	assert_true(vm_runtime_dir_init(&fixture->dir, "work", nullptr));
	assert_true(vm_runtime_dir_make(&fixture->dir, nullptr));
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	setenv("PATH", fixture->search_path, 1);
	vx_cleanup_free char *command = vx_printf("rm -r '%s'", fixture->folder);
	vm_runtime_dir_finish(&fixture->dir);
	free(fixture->search_path);
	free(fixture);
	return system(command);
}

static void install_passt(struct fixture *fixture, const char *commands)
{
	vx_cleanup_free char *path = vx_printf("%s/passt", fixture->folder);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "#!/bin/sh\n%s\n", commands);
	fclose(file);
	assert_int_equal(chmod(path, 0700), 0);
	vx_cleanup_free char *search_path = vx_printf(
		"%s:%s", fixture->folder, fixture->search_path);
	setenv("PATH", search_path, 1);
}

static bool start(struct fixture *fixture, struct vx_error *err)
{
	struct vm_definition *definition = vm_definition_create("work");
	vm_definition_set_network(definition, VM_NETWORK_NAT, nullptr);
	bool good = vm_network_start(&fixture->dir, definition, err);
	vm_definition_destroy(definition);
	return good;
}

static void test_failures_are_one_sentence(void **state)
{
	static const struct {
		const char *commands, *said;
	} cases[] = {
		{"echo one >&2; echo two >&2; exit 1", "newer): two"},
		{"echo 'passt: no such option' >&2; echo usage >&2; exit 1",
			"passt: no such option"},
		{"exit 3", "newer): nothing"},
		{"kill -9 $$", "newer): nothing"},
		{"echo >&2; printf 'no line' >&2; exit 1", "newer): no line"},
		{"exec 2>&-; exit 1", "newer): nothing"},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		struct fixture *fixture = *state;
		vx_cleanup_error struct vx_error err = {};
		install_passt(fixture, cases[i].commands);
		assert_false(start(fixture, &err));
		assert_non_null(strstr(err.message, cases[i].said));
		assert_null(strchr(err.message, '\n'));
	}
}

static void test_much_output_holds_nothing_up(void **state)
{
	struct fixture *fixture = *state;
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *commands = vx_printf(
		"head -c %zu /dev/zero | tr '\\0' x >&2; exit 1", vast_output);
	install_passt(fixture, commands);
	assert_false(start(fixture, &err));
	assert_true(strlen(err.message) < 1024);
}

static void test_a_missing_passt_is_named(void **state)
{
	struct fixture *fixture = *state;
	vx_cleanup_error struct vx_error err = {};
	setenv("PATH", fixture->folder, 1);
	assert_false(start(fixture, &err));
	assert_non_null(strstr(err.message, "is not installed"));
}

static void test_options_close_every_way_to_the_host(void **state)
{
	static const char *const wanted[] = {"\n--vhost-user\n", "\n--one-off\n", "\n--no-map-gw\n",
		"\n--map-host-loopback=none\n", "\n--map-guest-addr=none\n", "\n--tcp-ports=none\n",
		"\n--udp-ports=none\n", "\n--repair-path=none\n"};
	struct fixture *fixture = *state;
	vx_cleanup_free char *list = vx_printf("%s/options", fixture->folder);
	vx_cleanup_free char *commands = vx_printf("printf '%%s\\n' \"$@\" > '%s'", list);
	install_passt(fixture, commands);
	assert_false(start(fixture, nullptr)); /* nobody listens */
	vx_cleanup_free char *options = vx_read_file(list, 4096, nullptr, nullptr);
	assert_non_null(options);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(wanted); i++) {
		assert_non_null(strstr(options, wanted[i]));
	}
}

/* A pipe's end, or a connection, that the other side holds for as long as it lives. */
static bool has_ended(int fd)
{
	char byte;
	struct pollfd polled = {.fd = fd, .events = POLLIN};
	return poll(&polled, 1, 10'000) == 1 && read(fd, &byte, 1) == 0;
}

/* As passt does with --one-off: to the background once it listens, and away after one connection.
 */
static const char one_off[] = "exec python3 -c '\n"
			      "import os, socket, sys\n"
			      "server = socket.socket(socket.AF_UNIX)\n"
			      "server.bind(sys.argv[sys.argv.index(\"--socket\") + 1])\n"
			      "server.listen(1)\n"
			      "if os.fork():\n"
			      "    os._exit(0)\n"
			      "os.close(2)\n"
			      "alive = os.open(os.environ[\"ALIVE\"], os.O_WRONLY)\n"
			      "server.accept()[0].recv(1)\n' \"$@\"";

static int start_one_off(struct fixture *fixture)
{
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *fifo = vx_printf("%s/alive", fixture->folder);
	(void)mkfifo(fifo, 0600);
	setenv("ALIVE", fifo, 1);
	install_passt(fixture, one_off);
	assert_true(start(fixture, &err));
	int fd = open(fifo, O_RDONLY | O_CLOEXEC); /* waits for the one that writes */
	assert_true(fd >= 0);
	assert_int_equal(access(fixture->dir.network_socket, F_OK), 0);
	return fd;
}

static void test_it_ends_without_a_client(void **state)
{
	struct fixture *fixture = *state;
	vx_cleanup_close int alive = start_one_off(fixture);
	vm_network_end(fixture->dir.network_socket);
	assert_true(has_ended(alive));
	assert_int_equal(access(fixture->dir.network_socket, F_OK), -1);
	vm_network_end(fixture->dir.network_socket);
}

static void test_a_start_ends_what_was_left(void **state)
{
	struct fixture *fixture = *state;
	vx_cleanup_close int first = start_one_off(fixture);
	vx_cleanup_free char *fifo = vx_printf("%s/alive", fixture->folder);
	assert_int_equal(unlink(fifo), 0);
	vx_cleanup_close int second = start_one_off(fixture);
	assert_true(has_ended(first));
	vm_network_end(fixture->dir.network_socket);
	assert_true(has_ended(second));
}

/* vixosd was killed after passt came and before QEMU did. */
static void test_a_sweep_ends_it(void **state)
{
	struct fixture *fixture = *state;
	const char *const running[] = {"work"};
	vx_cleanup_close int alive = start_one_off(fixture);
	assert_int_equal(vm_runtime_dir_sweep(running, 1), 0);
	assert_int_equal(access(fixture->dir.network_socket, F_OK), 0);
	assert_int_equal(vm_runtime_dir_sweep(nullptr, 0), 1);
	assert_true(has_ended(alive));
	assert_int_equal(access(fixture->dir.network_socket, F_OK), -1);
}

static void test_the_real_one(void **state)
{
	struct fixture *fixture = *state;
	vx_cleanup_error struct vx_error err = {};
	if (access("/usr/bin/pasta", X_OK) != 0 || access("/dev/net/tun", R_OK | W_OK) != 0) {
		skip();
	}
	assert_true(start(fixture, &err));
	/* The first connection is held by passt; all others are closed at once. */
	vx_cleanup_close int client = vx_unix_connect(
		fixture->dir.network_socket, SOCK_STREAM, &err);
	assert_true(client >= 0);
	/* Rules change as long as it runs. */
	struct vm_firewall firewall;
	assert_true(vm_firewall_parse(&firewall,
		"deny; allow dns; allow tcp localhost:1-9; deny udp lan; allow icmp; deny host:53; "
		"allow 192.0.2.0/24; allow udp any:1-65535; allow 198.51.100.7",
		&err));
	assert_true(vm_network_set_firewall(&fixture->dir, &firewall, &err));
	vm_firewall_finish(&firewall);
	vm_network_cut(&fixture->dir);
	assert_true(has_ended(client));
	assert_int_equal(access(fixture->dir.network_socket, F_OK), -1);
	assert_false(vm_network_set_firewall(&fixture->dir, &firewall, &err));
	vm_network_cut(&fixture->dir);
}

/* Behind another VM: nothing at all until the link is made. */
static void test_a_link(void **state)
{
	struct fixture *fixture = *state;
	vx_cleanup_error struct vx_error err = {};
	struct vm_definition *definition = vm_definition_create("work");
	vm_definition_set_network(definition, VM_NETWORK_VM, "sys-net");
	if (access("/usr/bin/passt", X_OK) != 0 || access("/dev/net/tun", R_OK | W_OK) != 0) {
		skip();
	}
	assert_true(vm_network_start(&fixture->dir, definition, &err));
	vx_cleanup_close int tap = vm_network_make_link(&fixture->dir, 3, &err);
	assert_true(tap >= 0);
	assert_int_equal(vm_network_make_link(&fixture->dir, 3, &err), -1);
	vx_replace_fd(&tap, -1);
	/* It went with who had it open, and can be made again. */
	tap = vm_network_make_link(&fixture->dir, 4, &err);
	assert_true(tap >= 0);
	assert_int_equal(vm_network_make_link(&fixture->dir, vm_links_max, &err), -1);
	vm_network_cut(&fixture->dir);
	vm_definition_destroy(definition);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_failures_are_one_sentence, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_much_output_holds_nothing_up, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_missing_passt_is_named, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_options_close_every_way_to_the_host, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_it_ends_without_a_client, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_start_ends_what_was_left, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_sweep_ends_it, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_the_real_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_link, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
