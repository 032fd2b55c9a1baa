/* SPDX-License-Identifier: MIT */
/* The files of VMs: runtime folders, regions, the console's ring, unpacked kernels. */
#include <fcntl.h>
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
#include "vm/console.h"
#include "vm/runtime_dir.h"
#include "vm/vmlinux.h"

static char *make_runtime(void)
{
	char *path = strdup("/tmp/vixos-runtime-XXXXXX");
	assert_non_null(mkdtemp(path));
	setenv("XDG_RUNTIME_DIR", path, 1);
	return path;
}

static void remove_runtime(char *path)
{
	char command[128];
	snprintf(command, sizeof(command), "rm -r %s", path);
	assert_int_equal(system(command), 0);
	free(path);
}

static bool exists(const char *path)
{
	struct stat info;
	return lstat(path, &info) == 0;
}

static void test_folders_come_and_go(void **state)
{
	char *runtime = make_runtime();
	struct vm_runtime_dir dir;
	struct stat info;
	char path[256];
	vx_cleanup_error struct vx_error err = {};
	assert_true(vm_runtime_dir_init(&dir, "work", &err));
	assert_true(vm_runtime_dir_make(&dir, &err));
	assert_int_equal(stat(dir.path, &info), 0);
	assert_int_equal(info.st_mode & 0777, 0700);
	/* A link in it is removed, not followed. */
	snprintf(path, sizeof(path), "%s/victim", runtime);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	char link[256];
	snprintf(link, sizeof(link), "%s/link", dir.path);
	assert_int_equal(symlink(runtime, link), 0);
	snprintf(link, sizeof(link), "%s/sub", dir.path);
	assert_int_equal(mkdir(link, 0700), 0);
	assert_true(vm_runtime_dir_make(&dir, &err));
	assert_false(exists(link));
	assert_true(exists(path));
	assert_true(vm_runtime_dir_remove(&dir, &err));
	assert_false(exists(dir.path));
	assert_true(vm_runtime_dir_remove(&dir, &err));
	vm_runtime_dir_finish(&dir);
	remove_runtime(runtime);
}

static void test_unsafe_runtime_folders_are_refused(void **state)
{
	char *runtime = make_runtime();
	char path[256];
	vx_cleanup_error struct vx_error err = {};
	snprintf(path, sizeof(path), "%s/vixos", runtime);
	assert_int_equal(symlink("/tmp", path), 0);
	assert_null(vm_runtime_base(&err));
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	chmod(path, 0777);
	assert_null(vm_runtime_base(&err));
	chmod(path, 0700);
	vx_cleanup_free char *base = vm_runtime_base(&err);
	assert_string_equal(base, path);
	remove_runtime(runtime);
	setenv("XDG_RUNTIME_DIR", "relative", 1);
	assert_null(vm_runtime_base(&err));
	unsetenv("XDG_RUNTIME_DIR");
	assert_null(vm_runtime_base(&err));
}

static void test_regions_are_private_and_swept(void **state)
{
	char *runtime = make_runtime();
	static const char *const running[] = {"kept"};
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *kept = vm_region_make("kept", 1 << 20, &err);
	vx_cleanup_free char *other = vm_region_make("kept-longer", 1 << 20, &err);
	vx_cleanup_free char *stale = vm_region_make("stale", 1 << 20, &err);
	assert_true(kept != nullptr && other != nullptr && stale != nullptr);
	assert_true(vm_region_name_is_valid(kept, "kept"));
	assert_false(vm_region_name_is_valid(other, "kept"));
	vx_cleanup_free char *kept_path = vm_region_path(kept);
	vx_cleanup_free char *other_path = vm_region_path(other);
	vx_cleanup_free char *stale_path = vm_region_path(stale);
	struct stat info;
	assert_int_equal(stat(kept_path, &info), 0);
	assert_int_equal(info.st_size, 1 << 20);
	assert_int_equal(info.st_mode & 0777, 0600);
	/* Another session's regions are not ours to sweep. */
	char *elsewhere = make_runtime();
	assert_int_equal(vm_region_sweep(nullptr, 0), 0);
	setenv("XDG_RUNTIME_DIR", runtime, 1);
	vm_region_remove("kept-longer");
	assert_false(exists(other_path));
	assert_int_equal(vm_runtime_dir_sweep(running, 1), 1);
	assert_false(exists(stale_path));
	assert_true(exists(kept_path));
	vm_region_remove("kept");
	assert_false(exists(kept_path));
	assert_false(vm_region_check_room(UINT64_C(1) << 60, &err));
	assert_non_null(strstr(vx_error_message(&err), "/dev/shm has room for"));
	remove_runtime(elsewhere);
	remove_runtime(runtime);
}

static void test_the_ring_keeps_the_last_part(void **state)
{
	char *runtime = make_runtime();
	struct vm_runtime_dir dir;
	int pair[2];
	vx_cleanup_error struct vx_error err = {};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_true(vm_runtime_dir_init(&dir, "work", &err) && vm_runtime_dir_make(&dir, &err));
	struct vm_console *console = vm_console_open(&dir, pair[0], &err);
	assert_non_null(console);
	char line[128];
	size_t sent = 0;
	for (unsigned i = 0; i < 10000; i++) {
		int length = snprintf(line, sizeof(line), "line %06u %48s\n", i, "padding");
		assert_int_equal(write(pair[1], line, length), length);
		sent += length;
		assert_int_equal(vm_console_dispatch(console), 0);
	}
	assert_int_equal(vm_console_position(console), sent);
	vx_cleanup_free char *tail = vm_console_tail(console, 2);
	assert_non_null(strstr(tail, "line 009998"));
	assert_non_null(strstr(tail, "line 009999"));
	assert_null(strstr(tail, "line 009997"));
	uint64_t position = 0;
	vx_cleanup_free char *all = vm_console_read_from(console, &position);
	assert_int_equal(strlen(all), vm_console_ring_size);
	assert_int_equal(position, sent);
	position = UINT64_MAX;
	free(vm_console_read_from(console, &position));
	/* Hung up, closed and opened again: all is still there. */
	close(pair[1]);
	vm_console_dispatch(console);
	assert_int_equal(vm_console_get_fd(console), -1);
	vm_console_close(console);
	console = vm_console_open(&dir, -1, &err);
	assert_int_equal(vm_console_get_fd(console), -1);
	assert_int_equal(vm_console_position(console), sent);
	vm_console_close(console);
	vm_runtime_dir_finish(&dir);
	remove_runtime(runtime);
}

static void test_a_flood_is_held_up(void **state)
{
	char *runtime = make_runtime();
	struct vm_runtime_dir dir;
	int pair[2];
	vx_cleanup_error struct vx_error err = {};
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, pair), 0);
	assert_true(vm_runtime_dir_init(&dir, "work", &err) && vm_runtime_dir_make(&dir, &err));
	struct vm_console *console = vm_console_open(&dir, pair[0], &err);
	static const char noise[32 * 1024];
	unsigned pause_ms = 0;
	for (unsigned i = 0; i < 1000 && pause_ms == 0; i++) {
		(void)!write(pair[1], noise, sizeof(noise));
		pause_ms = vm_console_dispatch(console);
	}
	assert_true(pause_ms > 0);
	assert_true(vm_console_position(console) < 4 << 20);
	vm_console_close(console);
	close(pair[1]);
	vm_runtime_dir_finish(&dir);
	remove_runtime(runtime);
}

static void test_console_text_is_fit_for_a_terminal(void **state)
{
	static const struct {
		const char *untrusted, *shown;
	} cases[] = {
		{"plain\r\n", "plain\n"},
		{"\x1b[31mred\x1b[0m", "red"},
		{"\x1b]0;title\x07"
		 "after",
			"after"},
		{"\x1b]52;c;AAAA\x1b\\after", "after"},
		{"\x1b]hides\nnext", "\nnext"},
		{"\x1bPq\x1b\\x\x1b", "x"},
		{"\x1b[", ""},
		{"\x1b"
		 "c"
		 "x",
			"x"},
		{"a\tb\x08\x7f\x01", "a b"},
		{"\xff\xe2\x80\xae", "\ufffd"},
		{"\n\n", "\n\n"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		vx_cleanup_free char *shown = vm_console_clean(
			cases[i].untrusted, strlen(cases[i].untrusted));
		assert_string_equal(shown, cases[i].shown);
	}
	vx_cleanup_free char *zeros = vm_console_clean("a\0b", 3);
	assert_string_equal(zeros, "ab");
	vx_cleanup_free char *nothing = vm_console_clean("", 0);
	assert_string_equal(nothing, "");
}

static void put_le(uint8_t *bytes, uint32_t value, unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		bytes[i] = (uint8_t)(value >> (8 * i));
	}
}

static void test_what_is_no_kernel_is_refused(void **state)
{
	uint8_t image[4096] = {};
	size_t size = 0;
	vx_cleanup_error struct vx_error err = {};
	assert_null(vm_vmlinux_extract("", 0, &size, &err));
	assert_null(vm_vmlinux_extract(image, sizeof(image), &size, &err));
	memcpy(image + 0x202, "HdrS", 4);
	put_le(image + 0x206, 0x20f, 2);
	image[0x1f1] = 1;
	static const uint32_t offsets[] = {0, 100, 3000, 4000, UINT32_MAX};
	static const uint32_t lengths[] = {0, 7, 8, 2048, 4096, UINT32_MAX};
	for (size_t i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
		for (size_t j = 0; j < sizeof(lengths) / sizeof(lengths[0]); j++) {
			put_le(image + 0x248, offsets[i], 4);
			put_le(image + 0x24c, lengths[j], 4);
			memset(image + 1024, 0xff, 1024);
			assert_null(vm_vmlinux_extract(image, sizeof(image), &size, &err));
			memcpy(image + 1024, "\x1f\x8b\x08", 3);
			put_le(image + 1024 + 100 + 2044, 5000, 4);
			assert_null(vm_vmlinux_extract(image, sizeof(image), &size, &err));
		}
	}
	assert_null(vm_vmlinux_ensure("/nonexistent", "/tmp", &err));
	assert_null(vm_vmlinux_ensure("/bin/sh", "/tmp", &err));
	assert_non_null(strstr(vx_error_message(&err), "/bin/sh"));
}

/* libarchive would start `lrzip` for this one. */
static void test_no_image_starts_a_program(void **state)
{
	char folder[] = "/tmp/vixos-programs-XXXXXX", script[64], mark[64], text[128];
	assert_non_null(mkdtemp(folder));
	snprintf(script, sizeof(script), "%s/lrzip", folder);
	snprintf(mark, sizeof(mark), "%s/started", folder);
	snprintf(text, sizeof(text), "#!/bin/sh\n: >%s\n", mark);
	int fd = open(script, O_WRONLY | O_CREAT | O_CLOEXEC, 0700);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	vx_cleanup_free char *path = vx_strdup(getenv("PATH"));
	setenv("PATH", folder, 1);
	uint8_t image[4096] = {};
	size_t size = 0;
	vx_cleanup_error struct vx_error err = {};
	memcpy(image + 0x202, "HdrS", 4);
	put_le(image + 0x206, 0x20f, 2);
	image[0x1f1] = 1;
	put_le(image + 0x24c, 64, 4);
	memcpy(image + 1024, "LRZI\0\6", 6);
	put_le(image + 1024 + 60, 4096, 4);
	assert_null(vm_vmlinux_extract(image, sizeof(image), &size, &err));
	setenv("PATH", path, 1);
	assert_false(exists(mark));
	unlink(script);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folders_come_and_go),
		cmocka_unit_test(test_unsafe_runtime_folders_are_refused),
		cmocka_unit_test(test_regions_are_private_and_swept),
		cmocka_unit_test(test_the_ring_keeps_the_last_part),
		cmocka_unit_test(test_a_flood_is_held_up),
		cmocka_unit_test(test_console_text_is_fit_for_a_terminal),
		cmocka_unit_test(test_what_is_no_kernel_is_refused),
		cmocka_unit_test(test_no_image_starts_a_program),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
