/* SPDX-License-Identifier: MIT */
/* What tests of copies share: a folder for each, copies by way of bytes, and streams by hand. */
#ifndef VX_TESTS_UNIT_COPY_FIXTURE_H
#define VX_TESTS_UNIT_COPY_FIXTURE_H

#include "copy/receiver.h"
#include "copy/sender.h"

/* The stream and what has been told of it. */
struct wire {
	struct vx_buffer bytes;
	struct copy_checker checker;
	struct copy_receiver *receiver;
	unsigned problems;
	enum copy_problem last_problem;
	uint32_t last_errno;
	char last_path[256];
	struct vx_error err;
};

struct script {
	struct wire wire;
	struct copy_sink problems;
};

int setup(void **state);
int teardown(void **state);
void put(const char *path, const char *text);
void assert_file(const char *path, const char *expected);
void assert_nothing(const char *path);
unsigned count_entries_of(const char *folder);
bool note_problem(void *data, const struct copy_frame *frame, struct vx_error *err);
bool wire_take(void *data, const struct copy_frame *frame, struct vx_error *err);
void wire_finish(struct wire *wire);
struct copy_sink problem_sink_of(struct wire *wire);
int copy_between(const char *from, const char *to, bool follows, struct wire *ret_wire);
void script_begin(struct script *script, const char *destination, uint32_t flags, uint64_t bytes,
	uint64_t entries);
bool script_entry(struct script *script, enum copy_frame_type type, const char *name, uint64_t size,
	const char *target);
bool script_data(struct script *script, const char *text);
bool script_plain(struct script *script, enum copy_frame_type type);

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

#endif
