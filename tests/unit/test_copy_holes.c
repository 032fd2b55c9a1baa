/* SPDX-License-Identifier: MIT */
/* Holes of files stay holes, and hard links of an archive lead to nothing but what it has brought.
 */
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
#include "copy_fixture.h"

static constexpr uint64_t mib = 1024 * 1024;

static struct stat info_of(const char *path)
{
	struct stat info;
	assert_int_equal(lstat(path, &info), 0);
	return info;
}

/* A megabyte of data in the middle, and four bytes at the end where `has_end`. */
static void put_sparse(const char *path, uint64_t size, bool has_end)
{
	vx_cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	vx_cleanup_free char *data = vx_calloc(1, mib);
	memset(data, 'x', mib);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(pwrite(fd, data, mib, (off_t)(size / 2)), mib);
	assert_true(!has_end || pwrite(fd, "end!", 4, (off_t)size - 4) == 4);
}

static void assert_sparse(const char *path, uint64_t size, bool has_end)
{
	struct stat info = info_of(path);
	char data[5] = {};
	vx_cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(info.st_size, size);
	assert_true((uint64_t)info.st_blocks * 512 < 2 * mib);
	assert_int_equal(pread(fd, data, 4, (off_t)(size / 2 + mib - 2)), 4);
	assert_memory_equal(data, "xx\0\0", 4);
	assert_int_equal(pread(fd, data, 4, (off_t)size - 4), 4);
	assert_memory_equal(data, has_end ? "end!" : "\0\0\0\0", 4);
}

static void test_holes_stay_holes(void **state)
{
	mkdir("in/dir", 0755);
	put_sparse("in/dir/a", 64 * mib, false);
	put_sparse("in/dir/b", 64 * mib, true);
	vx_cleanup_close int fd = open("in/dir/c", O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_int_equal(ftruncate(fd, 5 * (off_t)mib), 0);
	/* More than there is room for, if it were all data. */
	put_sparse("in/dir/d", 1024 * 1024 * mib, true);
	assert_int_equal(copy_between("in/dir", "out", false, nullptr), 0);
	assert_sparse("out/dir/a", 64 * mib, false);
	assert_sparse("out/dir/b", 64 * mib, true);
	assert_int_equal(info_of("out/dir/c").st_size, 5 * mib);
	assert_int_equal(info_of("out/dir/c").st_blocks, 0);
	assert_sparse("out/dir/d", 1024 * 1024 * mib, true);
	/* The one file that was named, and over one that is there. */
	put("out/file", "old");
	assert_int_equal(copy_between("in/dir/b", "out/file", false, nullptr), 0);
	assert_sparse("out/file", 64 * mib, true);
}

static bool script_hole(struct script *script, uint64_t bytes)
{
	const struct copy_frame frame = {.type = COPY_HOLE, .bytes = bytes};
	return wire_take(&script->wire, &frame, nullptr);
}

static void test_holes_that_may_not_come(void **state)
{
	struct script script;
	script_begin(&script, "out", 0, 10, 10);
	assert_false(script_hole(&script, 1)); /* of no file */
	wire_finish(&script.wire);
	static const struct {
		uint64_t size, first, second;
	} cases[] = {
		{4, 0, 0},
		{4, 5, 0},
		{4, UINT64_MAX, 0},
		{4, 2, 2}, /* two in a row, of which there could be no end */
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(cases); i++) {
		script_begin(&script, "out", 0, 10, 10);
		assert_true(script_entry(&script, COPY_FILE, "f", cases[i].size, nullptr));
		assert_false(script_hole(&script, cases[i].first) &&
			     script_hole(&script, cases[i].second));
		assert_non_null(script.wire.err.message);
		wire_finish(&script.wire);
		assert_nothing("out/f");
	}
	/* Data after a hole is counted on. */
	script_begin(&script, "out", 0, 3, 10);
	assert_true(script_entry(&script, COPY_FILE, "f", 10, nullptr));
	assert_true(script_hole(&script, 6));
	assert_true(script_data(&script, "abc"));
	assert_false(script_data(&script, "d"));
	wire_finish(&script.wire);
	script_begin(&script, "out", 0, 10, 10);
	assert_true(script_entry(&script, COPY_FILE, "f", 10, nullptr));
	assert_true(script_hole(&script, 8));
	assert_false(script_data(&script, "abc"));
	wire_finish(&script.wire);
	/* No file system has files of that size, or few. */
	script_begin(&script, "out", 0, 10, 10);
	assert_false(script_entry(&script, COPY_FILE, "f", (uint64_t)INT64_MAX + 1, nullptr));
	wire_finish(&script.wire);
	script_begin(&script, "out", 0, 10, 10);
	assert_true(script_entry(&script, COPY_FILE, "f", INT64_MAX, nullptr));
	assert_true(script_hole(&script, INT64_MAX));
	assert_true(script_plain(&script, COPY_FILE_END));
	assert_true(script_entry(&script, COPY_FILE, "g", 1, nullptr) == false);
	wire_finish(&script.wire);
	assert_int_equal(count_entries_of("out") > 1, false);
}

/* An archive's stream. */
static void script_archive(struct script *script)
{
	script_begin(script, "out", COPY_FLAG_MULTIPLE, 100, 100);
	script->wire.checker.needs_claim = false;
}

static void script_file(struct script *script, const char *name)
{
	assert_true(script_entry(script, COPY_FILE, name, 1, nullptr));
	assert_true(script_data(script, "x"));
	assert_true(script_plain(script, COPY_FILE_END));
}

static void test_hard_links_to_what_came_before(void **state)
{
	struct script script;
	const struct copy_frame folder = {
		.type = COPY_FOLDER, .entry = {.name = "d", .mode = 0755}};
	script_archive(&script);
	assert_true(wire_take(&script.wire, &folder, nullptr));
	script_file(&script, "file");
	assert_true(script_entry(&script, COPY_HARD_LINK, "twin", 0, "d/file"));
	assert_true(script_plain(&script, COPY_LEAVE));
	put("out/old", "old");
	assert_true(script_entry(&script, COPY_HARD_LINK, "old", 0, "d/file"));
	assert_true(script_entry(&script, COPY_HARD_LINK, "old", 0, "d/twin"));
	assert_true(script_plain(&script, COPY_END));
	assert_int_equal(script.wire.problems, 0);
	wire_finish(&script.wire);
	assert_file("out/old", "x");
	assert_int_equal(info_of("out/d/file").st_nlink, 3);
	assert_int_equal(info_of("out/d/file").st_ino, info_of("out/old").st_ino);
	assert_int_equal(count_entries_of("out"), 2); /* nothing of a name for the moment is left */
}

static void test_hard_links_to_anything_else(void **state)
{
	mkdir("outside", 0755);
	put("outside/secret", "secret");
	put("out/mine", "mine");
	assert_int_equal(symlink("../outside", "out/way"), 0);
	assert_int_equal(link("outside/secret", "out/in-disguise"), 0);
	static const char *const targets[] = {"mine", "in-disguise", "way", "way/secret", "none",
		"d", "none/none", "own-way/secret"};
	struct script script;
	script_archive(&script);
	assert_true(script_entry(&script, COPY_LINK, "own-way", 0, "../outside"));
	assert_true(script_entry(&script, COPY_FOLDER, "d", 0, nullptr));
	assert_true(script_plain(&script, COPY_LEAVE));
	for (size_t i = 0; i < VX_ARRAY_LENGTH(targets); i++) {
		assert_true(script_entry(&script, COPY_HARD_LINK, "link", 0, targets[i]));
		assert_int_equal(script.wire.problems, i + 1);
		assert_int_equal(script.wire.last_problem, COPY_PROBLEM_HARD_LINK);
		assert_string_equal(script.wire.last_path, "out/link");
		assert_nothing("out/link");
	}
	script_file(&script, "after");
	assert_true(script_plain(&script, COPY_END));
	wire_finish(&script.wire);
	assert_int_equal(info_of("outside/secret").st_nlink, 2);
	assert_int_equal(count_entries_of("out"), 6);
	/* Paths that are none end the stream. */
	static const char *const paths[] = {"", "/", "/outside/secret", "..", "../outside/secret",
		"d/..", "d//f", "d/", "./d", "d/../../outside/secret"};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(paths); i++) {
		script_archive(&script);
		assert_false(script_entry(&script, COPY_HARD_LINK, "link", 0, paths[i]));
		wire_finish(&script.wire);
	}
	/* And a VM may send none at all, nor may there be one in a tree. */
	script_begin(&script, "out", COPY_FLAG_MULTIPLE, 10, 10);
	script_file(&script, "file");
	assert_false(script_entry(&script, COPY_HARD_LINK, "link", 0, "file"));
	wire_finish(&script.wire);
	script_begin(&script, "out", 0, 10, 10);
	script.wire.checker.needs_claim = false;
	assert_false(script_entry(&script, COPY_HARD_LINK, "link", 0, "file"));
	wire_finish(&script.wire);
	assert_nothing("out/link");
}

static void test_many_hard_links(void **state)
{
	struct script script;
	char name[16], target[16];
	script_begin(&script, "out", COPY_FLAG_MULTIPLE, 1000, 10'000);
	script.wire.checker.needs_claim = false;
	for (unsigned i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "f%u", i);
		script_file(&script, name);
	}
	for (unsigned i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "l%u", i);
		snprintf(target, sizeof(target), "f%u", i);
		assert_true(script_entry(&script, COPY_HARD_LINK, name, 0, target));
	}
	assert_int_equal(script.wire.problems, 0);
	wire_finish(&script.wire);
	assert_int_equal(count_entries_of("out"), 1000);
	assert_int_equal(info_of("out/l499").st_nlink, 2);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		IN_FOLDER(test_holes_stay_holes),
		IN_FOLDER(test_holes_that_may_not_come),
		IN_FOLDER(test_hard_links_to_what_came_before),
		IN_FOLDER(test_hard_links_to_anything_else),
		IN_FOLDER(test_many_hard_links),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
