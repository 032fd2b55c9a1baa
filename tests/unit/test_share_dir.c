/* SPDX-License-Identifier: MIT */
/* Folders for exchange with one run: made, found again, and removed whatever a VM has put there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"
#include "vm/share_dir.h"

static int setup(void **state)
{
	char folder[] = "/tmp/vixos-share-XXXXXX";
	*state = mkdtemp(folder) != nullptr ? vx_strdup(folder) : nullptr;
	return *state == nullptr || setenv("XDG_CACHE_HOME", folder, 1);
}

static int teardown(void **state)
{
	vm_share_dir_sweep(nullptr, 0);
	vx_cleanup_free char *share = vx_printf("%s/vixos/share", (char *)*state);
	vx_cleanup_free char *vixos = vx_printf("%s/vixos", (char *)*state);
	/* All of it must be gone but what is there for ever. */
	int failed = rmdir(share) | rmdir(vixos) | rmdir(*state);
	free(*state);
	return failed;
}

static bool is_there(const char *path)
{
	struct stat info;
	return lstat(path, &info) == 0;
}

static void test_names_and_locks(void **state)
{
	struct vm_share_dir run, other, vm;
	assert_true(vm_share_dir_make(&run, "work", true, nullptr));
	assert_true(vm_share_dir_make(&other, "work", true, nullptr));
	assert_true(vm_share_dir_make(&vm, "work", false, nullptr));
	assert_int_equal(strlen(run.name), 32);
	assert_string_not_equal(run.name, other.name);
	struct stat info;
	assert_int_equal(stat(run.path, &info), 0);
	assert_int_equal(info.st_mode & 07777, 0700);
	assert_true(vm_share_dir_is_one(run.path));
	assert_false(vm_share_dir_is_one("/tmp"));
	assert_false(vm_share_dir_is_one(*state));
	/* As long as somebody has the lock, it is somebody's; that of a VM always is. */
	assert_false(vm_share_dir_is_left(run.path));
	assert_false(vm_share_dir_is_left(vm.path));
	vx_replace_fd(&run.lock, -1);
	assert_true(vm_share_dir_is_left(run.path));
	assert_false(vm_share_dir_is_left(other.path));
	vm_share_dir_remove(run.path);
	assert_false(is_there(run.path));
	assert_true(is_there(other.path));
	vm_share_dir_remove_all("work");
	assert_false(is_there(other.path) || is_there(vm.path));
	vm_share_dir_finish(&run);
	vm_share_dir_finish(&other);
	vm_share_dir_finish(&vm);
}

static void test_a_sweep_spares_what_runs(void **state)
{
	struct vm_share_dir here, gone;
	assert_true(vm_share_dir_make(&here, "here", false, nullptr));
	assert_true(vm_share_dir_make(&gone, "gone", false, nullptr));
	const char *const running[] = {"other", "here"};
	vm_share_dir_sweep(running, 2);
	assert_true(is_there(here.path));
	assert_false(is_there(gone.path));
	vm_share_dir_finish(&here);
	vm_share_dir_finish(&gone);
}

/* Deeper than a path or a process's descriptors allow. */
static void make_depth(const char *path, unsigned depth)
{
	vx_cleanup_close int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	for (unsigned i = 0; i < depth; i++) {
		assert_int_equal(mkdirat(fd, "ddddddddd", 0700), 0);
		int next = openat(fd, "ddddddddd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		int file = openat(next, "file", O_WRONLY | O_CREAT | O_CLOEXEC, 0);
		assert_true(file >= 0);
		close(file);
		vx_replace_fd(&fd, next);
	}
}

static void test_hostile_content_goes(void **state)
{
	struct vm_share_dir dir;
	vx_cleanup_free char *victim = vx_printf("%s/victim", (char *)*state);
	vx_cleanup_free char *kept = vx_printf("%s/victim/kept", (char *)*state);
	assert_int_equal(mkdir(victim, 0755), 0);
	assert_int_equal(mkdir(kept, 0755), 0);
	assert_true(vm_share_dir_make(&dir, "work", false, nullptr));
	make_depth(dir.path, 3000);
	assert_int_equal(chdir(dir.path), 0);
	assert_int_equal(symlink(victim, "link"), 0);
	assert_int_equal(symlink("/", ".removing-0"), 0);
	assert_int_equal(mkdir("closed", 0700), 0);
	assert_int_equal(mkdir("closed/in", 0700), 0);
	assert_int_equal(symlink(victim, "closed/in/link"), 0);
	assert_int_equal(mkfifo("closed/pipe", 0), 0);
	assert_int_equal(chmod("closed/in", 0), 0);
	assert_int_equal(chmod("closed", 0), 0);
	assert_int_equal(chmod(".", 0), 0);
	assert_int_equal(chdir("/"), 0);
	vm_share_dir_remove_all("work");
	assert_false(is_there(dir.path));
	assert_true(is_there(kept));
	/* A folder whose place a link has taken is none. */
	assert_int_equal(symlink(victim, dir.path), -1);
	vm_share_dir_finish(&dir);
	assert_int_equal(rmdir(kept) | rmdir(victim), 0);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names_and_locks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_sweep_spares_what_runs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hostile_content_goes, setup, teardown),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
