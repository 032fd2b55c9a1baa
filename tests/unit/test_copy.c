/* SPDX-License-Identifier: MIT */
/* `vixos cp` without a VM: streams, whole and hostile, and what becomes of them in real folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"
#include "copy_fixture.h"

static int copy(const char *from, const char *to)
{
	return copy_between(from, to, false, nullptr);
}

static void test_a_tree(void **state)
{
	static const char name[] = "in/tree/\xff\xfe not utf-8 \n";
	mkdir("in/tree", 0755);
	mkdir("in/tree/closed", 0755);
	put("in/tree/closed/file", "deep");
	put(name, "odd");
	put("in/tree/-rf", "");
	put("in/tree/run", "#!/bin/sh");
	assert_int_equal(symlink("../../etc/passwd", "in/tree/link"), 0);
	assert_int_equal(symlink("nowhere\xff", "in/tree/dead"), 0);
	chmod("in/tree/run", 06755);
	chmod("in/tree/closed", 0500);
	const struct timespec times[] = {{1, 2}, {1234567890, 123456789}};
	utimensat(AT_FDCWD, "in/tree/closed", times, 0);
	utimensat(AT_FDCWD, "in/tree/link", times, AT_SYMLINK_NOFOLLOW);
	utimensat(AT_FDCWD, "in/tree/run", times, 0);
	assert_int_equal(copy("in/tree", "out"), 0);
	assert_file("out/tree/closed/file", "deep");
	assert_file("out/tree/\xff\xfe not utf-8 \n", "odd");
	assert_file("out/tree/-rf", "");
	static const char *const timed[] = {"closed", "link", "run"};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(timed); i++) {
		struct stat info;
		vx_cleanup_free char *path = vx_printf("out/tree/%s", timed[i]);
		assert_int_equal(lstat(path, &info), 0);
		assert_int_equal(info.st_mtim.tv_sec, 1234567890);
		assert_int_equal(info.st_mtim.tv_nsec, 123456789);
	}
	char target[64] = {};
	assert_int_equal(readlink("out/tree/link", target, sizeof(target)), 16);
	assert_string_equal(target, "../../etc/passwd");
	struct stat info;
	assert_int_equal(stat("out/tree/run", &info), 0);
	assert_int_equal(info.st_mode & 07777, 0755); /* and no setuid bit */
	assert_int_equal(stat("out/tree/closed", &info), 0);
	assert_int_equal(info.st_mode & 07777, 0500);
	chmod("in/tree/closed", 0700);
	chmod("out/tree/closed", 0700);
}

static void test_where_dockers_rules_put_it(void **state)
{
	struct wire wire;
	mkdir("in/dir", 0755);
	put("in/file", "text");
	put("in/dir/inner", "inner");
	put("out/old", "old");
	/* files */
	assert_int_equal(copy("in/file", "out/new"), 0);
	assert_file("out/new", "text");
	assert_int_equal(copy("in/file", "out/old"), 0);
	assert_file("out/old", "text");
	assert_int_equal(copy("in/file", "out"), 0);
	assert_int_equal(copy("in/file", "out/"), 0);
	assert_file("out/file", "text");
	assert_int_equal(copy_between("in/file", "out/none/", false, &wire), -1);
	assert_int_equal(wire.last_problem, COPY_PROBLEM_NO_FOLDER);
	mkdir("out/locked", 0555);
	assert_int_equal(copy_between("in/file", "out/locked/x", false, &wire), 1);
	assert_string_equal(wire.last_path, "out/locked/x");
	assert_int_equal(copy_between("in/dir", "out/locked/x", false, &wire), 1);
	assert_string_equal(wire.last_path, "out/locked/x");
	assert_int_equal(copy_between("in/file", "out/none/x", false, &wire), -1);
	assert_int_equal(wire.last_problem, COPY_PROBLEM_NO_FOLDER);
	assert_int_equal(copy_between("in/file", "out/old/", false, &wire), -1);
	assert_int_equal(copy_between("in/file/", "out/x", false, &wire), -1);
	assert_int_equal(wire.last_errno, ENOTDIR);
	/* folders */
	assert_int_equal(copy("in/dir", "out/becomes"), 0);
	assert_file("out/becomes/inner", "inner");
	assert_int_equal(copy("in/dir/", "out/slash/"), 0);
	assert_file("out/slash/inner", "inner");
	assert_int_equal(copy("in/dir", "out/becomes"), 0);
	assert_file("out/becomes/dir/inner", "inner");
	mkdir("out/contents", 0755);
	assert_int_equal(copy("in/dir/.", "out/contents"), 0);
	assert_file("out/contents/inner", "inner");
	assert_int_equal(copy("in/dir/.", "out/fresh"), 0);
	assert_file("out/fresh/inner", "inner");
	assert_int_equal(copy_between("in/dir", "out/old", false, &wire), -1);
	assert_int_equal(wire.last_problem, COPY_PROBLEM_IS_FILE);
	assert_file("out/old", "text");
	/* from and to where one stands */
	assert_int_equal(chdir("in/dir"), 0);
	assert_int_equal(copy("..", "../../out/up"), 0);
	assert_int_equal(copy("inner", "."), 0);
	assert_int_equal(chdir("../.."), 0);
	assert_file("out/up/dir/inner", "inner");
	assert_int_equal(copy_between("in/none", "out", false, &wire), -1);
	assert_int_equal(wire.last_errno, ENOENT);
	assert_int_equal(copy_between("in/none/none", "out", false, &wire), -1);
	assert_int_equal(wire.last_errno, ENOENT);
}

static void test_links(void **state)
{
	mkdir("in/dir", 0755);
	put("in/dir/inner", "inner");
	put("secret", "secret");
	assert_int_equal(symlink("dir", "in/link"), 0);
	assert_int_equal(symlink("dir/inner", "in/file-link"), 0);
	assert_int_equal(copy("in/link", "out"), 0);
	struct stat info;
	assert_int_equal(lstat("out/link", &info), 0);
	assert_true(S_ISLNK(info.st_mode));
	unlink("out/link");
	assert_int_equal(copy_between("in/link", "out", true, nullptr), 0);
	assert_file("out/link/inner", "inner");
	assert_int_equal(copy_between("in/file-link", "out", true, nullptr), 0);
	assert_file("out/file-link", "inner");
	assert_int_equal(lstat("out/file-link", &info), 0);
	assert_true(S_ISREG(info.st_mode));
	assert_int_equal(copy("in/link/", "out/slash"), 0);
	assert_file("out/slash/inner", "inner");
	/* A link in a file's place is replaced, and what it leads to left alone. */
	assert_int_equal(symlink("../secret", "out/inner"), 0);
	assert_int_equal(copy("in/dir/inner", "out/inner"), 0);
	assert_file("secret", "secret");
	assert_file("out/inner", "inner");
}

static void test_what_is_left_out(void **state)
{
	struct wire wire;
	mkdir("in/dir", 0755);
	put("in/dir/a", "a");
	put("in/dir/z", "z");
	assert_int_equal(mkfifo("in/dir/pipe", 0644), 0);
	assert_int_equal(copy_between("in/dir", "out", false, &wire), 1);
	assert_int_equal(wire.last_problem, COPY_PROBLEM_SPECIAL);
	assert_string_equal(wire.last_path, "in/dir/pipe");
	assert_file("out/dir/a", "a");
	assert_file("out/dir/z", "z");
	assert_int_equal(copy_between("in/dir/pipe", "out", false, &wire), 1);
	unlink("in/dir/pipe");
	/* Not even for a moment does a file take a folder's place, or the other way round. */
	mkdir("out/x", 0755);
	mkdir("out/x/dir", 0755);
	mkdir("out/x/dir/a", 0755);
	assert_int_equal(copy_between("in/dir", "out/x", false, &wire), 1);
	assert_int_equal(wire.last_errno, EISDIR);
	assert_string_equal(wire.last_path, "out/x/dir/a");
	assert_file("out/x/dir/z", "z");
	assert_int_equal(count_entries_of("out/x/dir"), 2);
	put("out/y", "");
	mkdir("out/z", 0755);
	put("out/z/dir", "a file");
	assert_int_equal(copy_between("in/dir", "out/z", false, &wire), 1);
	assert_file("out/z/dir", "a file");
	/* A tree that is deeper than what one stream may have. */
	vx_cleanup_free char *path = vx_strdup("in/deep");
	for (unsigned i = 0; i < copy_depth_max + 2; i++) {
		assert_int_equal(mkdir(path, 0755), 0);
		char *longer = vx_printf("%s/d", path);
		free(path);
		path = longer;
	}
	assert_int_equal(copy_between("in/deep", "out", false, &wire), 1);
	assert_int_equal(wire.last_problem, COPY_PROBLEM_DEPTH);
}

/* Streams by hand */

static void test_names_that_are_none(void **state)
{
	static const char *const names[] = {"", ".", "..", "/", "a/b", "/etc/passwd", "../x", "x/"};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(names); i++) {
		struct script script;
		script_begin(&script, "out", 0, 10, 10);
		assert_false(script_entry(&script, COPY_FILE, names[i], 0, nullptr));
		assert_non_null(script.wire.err.message);
		wire_finish(&script.wire);
		script_begin(&script, "out", 0, 10, 10);
		assert_false(script_entry(&script, COPY_FOLDER, names[i], 0, nullptr));
		wire_finish(&script.wire);
		script_begin(&script, "out", 0, 10, 10);
		assert_false(script_entry(&script, COPY_LINK, names[i], 0, "x"));
		wire_finish(&script.wire);
	}
	assert_int_equal(count_entries_of("out"), 0);
}

static void test_no_way_out_by_links(void **state)
{
	struct script script;
	mkdir("outside", 0755);
	/* One that it has made itself. */
	script_begin(&script, "out", COPY_FLAG_MULTIPLE, 10, 10);
	assert_true(script_entry(&script, COPY_LINK, "way", 0, "../outside"));
	assert_true(script_entry(&script, COPY_FOLDER, "way", 0, nullptr));
	assert_true(script_entry(&script, COPY_FILE, "file", 1, nullptr));
	assert_true(script_data(&script, "x"));
	assert_true(script_plain(&script, COPY_FILE_END));
	assert_true(script_entry(&script, COPY_LINK, "link", 0, "/"));
	assert_true(script_plain(&script, COPY_LEAVE));
	/* The stream goes on, and what isn't in that folder arrives. */
	assert_true(script_entry(&script, COPY_FILE, "after", 0, nullptr));
	assert_true(script_plain(&script, COPY_FILE_END));
	assert_true(script_plain(&script, COPY_END));
	assert_int_equal(script.wire.problems, 1);
	assert_string_equal(script.wire.last_path, "out/way");
	wire_finish(&script.wire);
	assert_int_equal(count_entries_of("outside"), 0);
	assert_file("out/after", "");
	/* One that is there, in the place of the folder that is sent. */
	assert_int_equal(symlink("../outside", "out/dir"), 0);
	script_begin(&script, "out", 0, 10, 10);
	assert_true(script_entry(&script, COPY_FOLDER, "dir", 0, nullptr));
	assert_true(script_entry(&script, COPY_FILE, "file", 0, nullptr));
	assert_true(script_plain(&script, COPY_FILE_END));
	assert_int_equal(script.wire.problems, 1);
	wire_finish(&script.wire);
	assert_int_equal(count_entries_of("outside"), 0);
	/* One that takes the folder's place while it is written to. */
	script_begin(&script, "out", 0, 10, 10);
	assert_true(script_entry(&script, COPY_FOLDER, "real", 0, nullptr));
	assert_int_equal(rename("out/real", "moved"), 0);
	assert_int_equal(symlink("../outside", "out/real"), 0);
	assert_true(script_entry(&script, COPY_FILE, "file", 0, nullptr));
	assert_true(script_plain(&script, COPY_FILE_END));
	wire_finish(&script.wire);
	assert_int_equal(count_entries_of("outside"), 0);
	assert_file("moved/file", "");
}

static void test_no_half_files(void **state)
{
	struct script script;
	put("out/file", "before");
	script_begin(&script, "out", 0, 10, 10);
	assert_true(script_entry(&script, COPY_FILE, "file", 5, nullptr));
	assert_true(script_data(&script, "half"));
	assert_file("out/file", "before");
	wire_finish(&script.wire);
	assert_file("out/file", "before");
	assert_int_equal(count_entries_of("out"), 1);
	/* A sender that says itself that the file isn't whole. */
	script_begin(&script, "out", COPY_FLAG_MULTIPLE, 10, 10);
	assert_true(script_entry(&script, COPY_FILE, "file", 5, nullptr));
	assert_true(script_data(&script, "half"));
	const struct copy_frame cut = {.type = COPY_FILE_END, .is_complete = false};
	assert_true(wire_take(&script.wire, &cut, nullptr));
	assert_true(script_plain(&script, COPY_END));
	wire_finish(&script.wire);
	assert_file("out/file", "before");
	assert_int_equal(count_entries_of("out"), 1);
}

static void test_claims_bind(void **state)
{
	struct script script;
	/* more bytes in a file than it has */
	script_begin(&script, "out", 0, 3, 1);
	assert_true(script_entry(&script, COPY_FILE, "a", 3, nullptr));
	assert_false(script_data(&script, "abcd"));
	wire_finish(&script.wire);
	/* fewer */
	script_begin(&script, "out", 0, 3, 1);
	assert_true(script_entry(&script, COPY_FILE, "a", 3, nullptr));
	assert_true(script_data(&script, "ab"));
	assert_false(script_plain(&script, COPY_FILE_END));
	wire_finish(&script.wire);
	/* more than in all */
	script_begin(&script, "out", COPY_FLAG_MULTIPLE, 3, 5);
	assert_true(script_entry(&script, COPY_FILE, "whole", 2, nullptr));
	assert_true(script_data(&script, "ab"));
	assert_true(script_plain(&script, COPY_FILE_END));
	assert_true(script_entry(&script, COPY_FILE, "b", 2, nullptr));
	assert_false(script_data(&script, "cd"));
	wire_finish(&script.wire);
	/* more entries */
	script_begin(&script, "out", COPY_FLAG_MULTIPLE, 3, 2);
	assert_true(script_entry(&script, COPY_LINK, "c", 0, "x"));
	assert_true(script_entry(&script, COPY_LINK, "d", 0, "x"));
	assert_false(script_entry(&script, COPY_LINK, "e", 0, "x"));
	wire_finish(&script.wire);
	/* a second top where one was asked for */
	script_begin(&script, "out", 0, 3, 5);
	assert_true(script_entry(&script, COPY_LINK, "f", 0, "x"));
	assert_false(script_entry(&script, COPY_LINK, "g", 0, "x"));
	wire_finish(&script.wire);
	/* too many folders in folders */
	script_begin(&script, "out", 0, 3, 500);
	for (unsigned i = 0; i < copy_depth_max; i++) {
		assert_true(script_entry(&script, COPY_FOLDER, "d", 0, nullptr));
	}
	assert_false(script_entry(&script, COPY_FOLDER, "d", 0, nullptr));
	wire_finish(&script.wire);
	/* what can't fit isn't begun */
	script_begin(&script, "out", 0, UINT64_C(1) << 60, 1);
	assert_false(script_entry(&script, COPY_FILE, "petabyte", UINT64_C(1) << 60, nullptr));
	assert_int_equal(script.wire.last_problem, COPY_PROBLEM_NO_ROOM);
	wire_finish(&script.wire);
	assert_nothing("out/a");
	assert_nothing("out/b");
	assert_nothing("out/petabyte");
}

static void test_frames_that_may_not_come(void **state)
{
	static const enum copy_frame_type wrong[][4] = {
		{COPY_END, COPY_END},
		{COPY_LEAVE},
		{COPY_DATA},
		{COPY_FILE_END},
		{COPY_BEGIN},
		{COPY_FOLDER, COPY_END},
		{COPY_FILE, COPY_LEAVE},
		{COPY_FILE, COPY_FOLDER},
		{COPY_FILE, COPY_PROBLEM},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(wrong); i++) {
		struct script script;
		script_begin(&script, "out", 0, 3, 5);
		bool good = true;
		for (size_t j = 0; good && j < 4 && wrong[i][j] != 0; j++) {
			struct copy_frame frame = {
				.type = wrong[i][j],
				.entry = {.name = "a", .size = 1},
				.untrusted_data = (const uint8_t *)"abcd",
				.data_size = 1,
			};
			good = wire_take(&script.wire, &frame, nullptr);
		}
		assert_false(good);
		assert_non_null(script.wire.err.message);
		wire_finish(&script.wire);
	}
	/* A VM has to say what is to come. */
	struct script script = {.wire.checker.needs_claim = true};
	const struct copy_frame begin = {
		.type = COPY_BEGIN, .bytes = copy_unknown, .entries = copy_unknown};
	assert_false(wire_take(&script.wire, &begin, nullptr));
	wire_finish(&script.wire);
}

static void test_values_out_of_range(void **state)
{
	static const struct {
		size_t offset;
		uint8_t value;
	} changes[] = {
		{1, 1},                        /* of the header */
		{4, 0},                        /* shorter than an entry */
		{6, 1},                        /* longer than any */
		{copy_header_size + 1, 0x8},   /* setuid */
		{copy_header_size + 15, 0xff}, /* nanoseconds */
		{copy_header_size + 23, 0x7f}, /* seconds */
		{copy_header_size + 32, 9},    /* a name longer than the frame */
		{copy_header_size + 34, 0},    /* NUL in it */
	};
	const struct copy_frame file = {.type = COPY_FILE, .entry = {.name = "abcd", .mode = 0644}};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(changes); i++) {
		struct vx_buffer bytes = {};
		struct copy_checker checker = {};
		struct copy_frame frame;
		const struct copy_frame begin = {.type = COPY_BEGIN, .bytes = 5, .entries = 5};
		vx_cleanup_error struct vx_error err = {};
		assert_true(copy_encode(&bytes, &begin));
		assert_int_equal(copy_decode(&bytes, &checker, &frame, &err), 1);
		assert_true(copy_encode(&bytes, &file));
		((uint8_t *)vx_buffer_bytes(&bytes))[changes[i].offset] = changes[i].value;
		int result = copy_decode(&bytes, &checker, &frame, &err);
		if (result != -1) {
			fail_msg("change %zu is taken", i);
		}
		vx_buffer_finish(&bytes);
	}
}

static void test_cut_anywhere(void **state)
{
	struct vx_buffer whole = {};
	const struct copy_frame frames[] = {
		{.type = COPY_BEGIN, .bytes = 3, .entries = 2},
		{.type = COPY_FOLDER, .entry = {.name = "d", .mode = 0755}},
		{.type = COPY_FILE, .entry = {.name = "f", .size = 3}},
		{.type = COPY_DATA, .untrusted_data = (const uint8_t *)"abc", .data_size = 3},
		{.type = COPY_FILE_END, .is_complete = true},
		{.type = COPY_LEAVE},
		{.type = COPY_END},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(frames); i++) {
		assert_true(copy_encode(&whole, &frames[i]));
	}
	for (size_t cut = 0; cut < whole.size; cut++) {
		struct vx_buffer part = {};
		struct copy_checker checker = {.needs_claim = true};
		struct copy_frame frame;
		unsigned count = 0;
		for (unsigned half = 0; half < 2; half++) {
			const uint8_t *bytes = vx_buffer_bytes(&whole) + (half == 0 ? 0 : cut);
			assert_true(
				vx_buffer_append(&part, bytes, half == 0 ? cut : whole.size - cut));
			int result;
			while ((result = copy_decode(&part, &checker, &frame, nullptr)) == 1) {
				assert_int_equal(frame.type, frames[count++].type);
			}
			assert_int_equal(result, 0);
		}
		assert_int_equal(count, VX_ARRAY_LENGTH(frames));
		assert_true(checker.has_ended);
		vx_buffer_finish(&part);
	}
	vx_buffer_finish(&whole);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		IN_FOLDER(test_a_tree),
		IN_FOLDER(test_where_dockers_rules_put_it),
		IN_FOLDER(test_links),
		IN_FOLDER(test_what_is_left_out),
		IN_FOLDER(test_names_that_are_none),
		IN_FOLDER(test_no_way_out_by_links),
		IN_FOLDER(test_no_half_files),
		IN_FOLDER(test_claims_bind),
		IN_FOLDER(test_frames_that_may_not_come),
		cmocka_unit_test(test_values_out_of_range),
		cmocka_unit_test(test_cut_anywhere),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
