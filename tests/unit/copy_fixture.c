/* SPDX-License-Identifier: MIT */
#include "copy_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"

/* A folder for each test, in which the test stands: in/ has what is sent, out/ what arrives. */

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
	return remove(path);
}

int setup(void **state)
{
	char folder[] = "/tmp/vixos-copy-XXXXXX";
	umask(022);
	*state = mkdtemp(folder) != nullptr ? vx_strdup(folder) : nullptr;
	return *state == nullptr || chdir(*state) != 0 || mkdir("in", 0755) != 0 ||
	       mkdir("out", 0755) != 0;
}

int teardown(void **state)
{
	int failed = chdir("/") | nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(*state);
	return failed;
}

void put(const char *path, const char *text)
{
	vx_cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_true(vx_write_all(fd, text, strlen(text), nullptr));
}

void assert_file(const char *path, const char *expected)
{
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *text = vx_read_file(path, 1024 * 1024, nullptr, &err);
	if (text == nullptr) {
		fail_msg("%s", vx_error_message(&err));
	}
	assert_string_equal(text, expected);
}

void assert_nothing(const char *path)
{
	struct stat info;
	assert_int_not_equal(lstat(path, &info), 0);
}

unsigned count_entries_of(const char *folder)
{
	static unsigned count;
	count = 0;
	vx_cleanup_free char *command = vx_printf("ls -A %s | wc -l", folder);
	FILE *pipe = popen(command, "r");
	assert_int_equal(fscanf(pipe, "%u", &count), 1);
	pclose(pipe);
	return count;
}

/* A copy from one folder to another, by way of bytes. */

bool note_problem(void *data, const struct copy_frame *frame, struct vx_error *err)
{
	struct wire *wire = data;
	wire->problems++;
	wire->last_problem = frame->problem;
	wire->last_errno = frame->errnum;
	size_t size = frame->data_size < sizeof(wire->last_path) - 1 ? frame->data_size
								     : sizeof(wire->last_path) - 1;
	memcpy(wire->last_path, frame->untrusted_data, size);
	wire->last_path[size] = '\0';
	return true;
}

/* False where the stream is refused or can't be written. */
static bool wire_deliver(struct wire *wire)
{
	struct copy_frame frame;
	for (;;) {
		int result = copy_decode(&wire->bytes, &wire->checker, &frame, &wire->err);
		if (result <= 0) {
			return result == 0;
		}
		if (frame.type == COPY_PROBLEM) {
			(void)note_problem(wire, &frame, nullptr);
		}
		if (!copy_receiver_take(wire->receiver, &frame, &wire->err)) {
			return false;
		}
	}
}

bool wire_take(void *data, const struct copy_frame *frame, struct vx_error *err)
{
	struct wire *wire = data;
	assert_true(copy_encode(&wire->bytes, frame));
	return wire_deliver(wire);
}

void wire_finish(struct wire *wire)
{
	copy_receiver_destroy(wire->receiver);
	vx_buffer_finish(&wire->bytes);
	vx_error_finish(&wire->err);
}

struct copy_sink problem_sink_of(struct wire *wire)
{
	return (struct copy_sink){note_problem, wire};
}

/* Number of problems, or -1 where it failed as a whole. */
int copy_between(const char *from, const char *to, bool follows, struct wire *ret_wire)
{
	struct wire wire = {.checker.needs_claim = true};
	struct copy_sink problems = problem_sink_of(&wire);
	struct copy_sink sink = {wire_take, &wire};
	const struct copy_source source = {.path = from, .follows_link = follows};
	const struct copy_receiver_options options = {.destination = to};
	bool is_unread = false;
	wire.receiver = copy_receiver_create(&options, &problems);
	bool good = copy_send(&source, &sink, &is_unread, nullptr);
	assert_true(!good || wire.checker.has_ended);
	int result = good ? (int)wire.problems : -1;
	wire_finish(&wire);
	if (ret_wire != nullptr) {
		*ret_wire = wire;
	}
	return result;
}

/* Streams by hand */

void script_begin(struct script *script, const char *destination, uint32_t flags, uint64_t bytes,
	uint64_t entries)
{
	*script = (struct script){.wire.checker.needs_claim = true};
	script->problems = problem_sink_of(&script->wire);
	const struct copy_receiver_options options = {.destination = destination};
	script->wire.receiver = copy_receiver_create(&options, &script->problems);
	const struct copy_frame frame = {
		.type = COPY_BEGIN, .flags = flags, .bytes = bytes, .entries = entries};
	assert_true(wire_take(&script->wire, &frame, nullptr));
}

bool script_entry(struct script *script, enum copy_frame_type type, const char *name, uint64_t size,
	const char *target)
{
	struct copy_frame frame = {
		.type = type,
		.entry = {.mode = 0644, .size = size},
		.untrusted_data = (const uint8_t *)target,
		.data_size = target != nullptr ? strlen(target) : 0,
	};
	memcpy(frame.entry.name, name, strlen(name));
	return wire_take(&script->wire, &frame, nullptr);
}

bool script_data(struct script *script, const char *text)
{
	const struct copy_frame frame = {.type = COPY_DATA,
		.untrusted_data = (const uint8_t *)text,
		.data_size = strlen(text)};
	return wire_take(&script->wire, &frame, nullptr);
}

bool script_plain(struct script *script, enum copy_frame_type type)
{
	const struct copy_frame frame = {.type = type, .is_complete = true};
	return wire_take(&script->wire, &frame, nullptr);
}
