/* SPDX-License-Identifier: MIT */
#include "copy/stream.h"

#include <string.h>

#include "common/memory.h"
#include "proxy/link/little_endian.h"

/* Sizes of payloads in front of what is variable. */
static constexpr size_t begin_size = 20;
static constexpr size_t entry_size = 34;
static constexpr size_t problem_size = 8;

static constexpr size_t hole_size = 8;

static constexpr uint32_t mode_max = 0777;
static constexpr uint64_t file_size_max = INT64_MAX;
static constexpr int64_t second_max = INT64_C(1) << 40; /* 34 000 years each way */
static constexpr size_t path_max = 4096;

/* Where in a stream a frame may stand. */
enum place : unsigned {
	AT_START = 1 << 0,
	BETWEEN = 1 << 1, /* entries */
	IN_FILE = 1 << 2,
};

static bool parse_begin(struct copy_frame *frame, const uint8_t *untrusted_payload, size_t size)
{
	frame->flags = vx_get_u32(untrusted_payload);
	frame->bytes = vx_get_u64(untrusted_payload + 4);
	frame->entries = vx_get_u64(untrusted_payload + 12);
	return (frame->flags & ~(uint32_t)COPY_FLAG_ALL) == 0;
}

static bool is_name(const uint8_t *name, size_t length)
{
	return length > 0 && length <= copy_name_max && memchr(name, '/', length) == nullptr &&
	       memchr(name, '\0', length) == nullptr && !(length == 1 && name[0] == '.') &&
	       !(length == 2 && name[0] == '.' && name[1] == '.');
}

bool copy_name_is_valid(const char *name)
{
	return is_name((const uint8_t *)name, strlen(name));
}

static bool parse_entry(struct copy_frame *frame, const uint8_t *untrusted_payload, size_t size)
{
	struct copy_entry *entry = &frame->entry;
	entry->mode = vx_get_u32(untrusted_payload);
	entry->uid = vx_get_u32(untrusted_payload + 4);
	entry->gid = vx_get_u32(untrusted_payload + 8);
	uint32_t nanoseconds = vx_get_u32(untrusted_payload + 12);
	int64_t seconds = (int64_t)vx_get_u64(untrusted_payload + 16);
	entry->size = vx_get_u64(untrusted_payload + 24);
	size_t length = untrusted_payload[32] | (size_t)untrusted_payload[33] << 8;
	if (entry->mode > mode_max || entry->size > file_size_max || nanoseconds >= 1'000'000'000 ||
		seconds > second_max || seconds < -second_max || length > size - entry_size ||
		!is_name(untrusted_payload + entry_size, length)) {
		return false;
	}
	entry->modified = (struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = nanoseconds};
	memcpy(entry->name, untrusted_payload + entry_size, length);
	entry->name[length] = '\0';
	frame->untrusted_data = untrusted_payload + entry_size + length;
	frame->data_size = size - entry_size - length;
	return true;
}

static bool parse_plain_entry(
	struct copy_frame *frame, const uint8_t *untrusted_payload, size_t size)
{
	return parse_entry(frame, untrusted_payload, size) && frame->data_size == 0;
}

static bool parse_link(struct copy_frame *frame, const uint8_t *untrusted_payload, size_t size)
{
	return parse_entry(frame, untrusted_payload, size) && frame->data_size > 0 &&
	       frame->data_size <= copy_target_max &&
	       memchr(frame->untrusted_data, '\0', frame->data_size) == nullptr;
}

/* A path whose parts are names, without "." and "..". */
static bool is_path(const uint8_t *path, size_t size)
{
	unsigned parts = 0;
	for (size_t begin = 0; begin <= size; parts++) {
		const uint8_t *slash = begin < size ? memchr(path + begin, '/', size - begin)
						    : nullptr;
		size_t end = slash != nullptr ? (size_t)(slash - path) : size;
		if (parts > copy_depth_max || !is_name(path + begin, end - begin)) {
			return false;
		}
		begin = end + 1;
	}
	return size <= copy_target_max;
}

static bool parse_hard_link(struct copy_frame *frame, const uint8_t *untrusted_payload, size_t size)
{
	return parse_entry(frame, untrusted_payload, size) &&
	       is_path(frame->untrusted_data, frame->data_size);
}

static bool parse_hole(struct copy_frame *frame, const uint8_t *untrusted_payload, size_t size)
{
	frame->bytes = vx_get_u64(untrusted_payload);
	return frame->bytes > 0;
}

static bool parse_data(struct copy_frame *frame, const uint8_t *untrusted_payload, size_t size)
{
	frame->untrusted_data = untrusted_payload;
	frame->data_size = size;
	return size > 0;
}

static bool parse_file_end(struct copy_frame *frame, const uint8_t *untrusted_payload, size_t size)
{
	frame->is_complete = untrusted_payload[0] == 1;
	return untrusted_payload[0] <= 1;
}

static bool parse_problem(struct copy_frame *frame, const uint8_t *untrusted_payload, size_t size)
{
	uint32_t problem = vx_get_u32(untrusted_payload);
	frame->problem = (enum copy_problem)problem;
	frame->errnum = vx_get_u32(untrusted_payload + 4);
	frame->untrusted_data = untrusted_payload + problem_size;
	frame->data_size = size - problem_size;
	return problem < COPY_PROBLEM_COUNT && frame->data_size <= path_max;
}

static bool parse_nothing(struct copy_frame *frame, const uint8_t *untrusted_payload, size_t size)
{
	return true;
}

static const struct kind {
	bool (*parse)(struct copy_frame *frame, const uint8_t *untrusted_payload, size_t size);
	unsigned places;
	size_t size_min, size_max; /* of the payload */
} kinds[] = {
	[COPY_BEGIN] = {parse_begin, AT_START, begin_size, begin_size},
	[COPY_FOLDER] = {parse_plain_entry, BETWEEN, entry_size, copy_payload_max},
	[COPY_LEAVE] = {parse_nothing, BETWEEN, 0, 0},
	[COPY_FILE] = {parse_plain_entry, BETWEEN, entry_size, copy_payload_max},
	[COPY_DATA] = {parse_data, IN_FILE, 1, copy_data_max},
	[COPY_FILE_END] = {parse_file_end, IN_FILE, 1, 1},
	[COPY_LINK] = {parse_link, BETWEEN, entry_size, copy_payload_max},
	[COPY_PROBLEM] = {parse_problem, AT_START | BETWEEN, problem_size, copy_payload_max},
	[COPY_END] = {parse_nothing, BETWEEN, 0, 0},
	[COPY_HOLE] = {parse_hole, IN_FILE, hole_size, hole_size},
	[COPY_HARD_LINK] = {parse_hard_link, BETWEEN, entry_size, copy_payload_max},
};
static_assert(VX_ARRAY_LENGTH(kinds) == COPY_FRAME_TYPE_COUNT);

static unsigned checker_place(const struct copy_checker *checker)
{
	if (checker->has_ended) {
		return 0;
	}
	if (!checker->has_begun) {
		return AT_START;
	}
	return checker->in_file ? IN_FILE : BETWEEN;
}

static bool check_begin(
	struct copy_checker *checker, const struct copy_frame *frame, struct vx_error *err)
{
	bool has_claim = frame->bytes != copy_unknown && frame->entries != copy_unknown;
	if (checker->needs_claim && !has_claim) {
		return vx_error_set(err, "it doesn't say how much is to come");
	}
	if (frame->entries > copy_entries_max && frame->entries != copy_unknown) {
		return vx_error_set(
			err, "more than %llu files at once", (unsigned long long)copy_entries_max);
	}
	checker->has_begun = true;
	checker->flags = frame->flags;
	checker->bytes_left = frame->bytes;
	checker->entries_left = frame->entries < copy_entries_max ? frame->entries
								  : copy_entries_max;
	return true;
}

static bool check_entry(struct copy_checker *checker, struct vx_error *err)
{
	bool is_second = checker->depth == 0 && checker->top_entries > 0;
	if (checker->entries_left == 0 ||
		(is_second && (checker->flags & COPY_FLAG_MULTIPLE) == 0)) {
		return vx_error_set(err, "more files than were announced");
	}
	checker->entries_left--;
	checker->top_entries += checker->depth == 0 ? 1 : 0;
	return true;
}

static bool check_file(
	struct copy_checker *checker, const struct copy_frame *frame, struct vx_error *err)
{
	if (!check_entry(checker, err)) {
		return false;
	}
	checker->in_file = true;
	checker->after_hole = false;
	checker->file_left = frame->entry.size;
	return true;
}

static bool check_folder(struct copy_checker *checker, struct vx_error *err)
{
	if (checker->depth >= copy_depth_max) {
		return vx_error_set(err, "more than %u folders in folders", copy_depth_max);
	}
	if (!check_entry(checker, err)) {
		return false;
	}
	checker->depth++;
	return true;
}

static bool check_data(
	struct copy_checker *checker, const struct copy_frame *frame, struct vx_error *err)
{
	if (frame->data_size > checker->file_left) {
		return vx_error_set(err, "a file is longer than was announced");
	}
	if (frame->data_size > checker->bytes_left) {
		return vx_error_set(err, "more bytes than were announced");
	}
	if (checker->bytes_left != copy_unknown) {
		checker->bytes_left -= frame->data_size;
	}
	checker->file_left -= frame->data_size;
	checker->after_hole = false;
	return true;
}

/* One at a time: there are no more of them than there is data. */
static bool check_hole(
	struct copy_checker *checker, const struct copy_frame *frame, struct vx_error *err)
{
	if (frame->bytes > checker->file_left) {
		return vx_error_set(err, "a file is longer than was announced");
	}
	if (checker->after_hole) {
		return vx_error_set(err, "a hole after a hole");
	}
	checker->file_left -= frame->bytes;
	checker->after_hole = true;
	return true;
}

/* Only archives have them, which a VM doesn't send. */
static bool check_hard_link(struct copy_checker *checker, struct vx_error *err)
{
	if (checker->needs_claim || (checker->flags & COPY_FLAG_MULTIPLE) == 0) {
		return vx_error_set(err, "a hard link that may not come here");
	}
	return check_entry(checker, err);
}

static bool check_file_end(
	struct copy_checker *checker, const struct copy_frame *frame, struct vx_error *err)
{
	if (frame->is_complete && checker->file_left > 0) {
		return vx_error_set(err, "a file is shorter than was announced");
	}
	checker->in_file = false;
	return true;
}

static bool check_frame(
	struct copy_checker *checker, const struct copy_frame *frame, struct vx_error *err)
{
	switch (frame->type) {
	case COPY_BEGIN:
		return check_begin(checker, frame, err);
	case COPY_FOLDER:
		return check_folder(checker, err);
	case COPY_LEAVE:
		return checker->depth-- > 0 ||
		       vx_error_set(err, "it leaves what it hasn't entered");
	case COPY_FILE:
		return check_file(checker, frame, err);
	case COPY_DATA:
		return check_data(checker, frame, err);
	case COPY_FILE_END:
		return check_file_end(checker, frame, err);
	case COPY_LINK:
		return check_entry(checker, err);
	case COPY_HOLE:
		return check_hole(checker, frame, err);
	case COPY_HARD_LINK:
		return check_hard_link(checker, err);
	case COPY_PROBLEM:
		return checker->problems++ < copy_entries_max ||
		       vx_error_set(err, "no end of what was left out");
	case COPY_END:
		checker->has_ended = true;
		return checker->depth == 0 || vx_error_set(err, "it ends within a folder");
	case COPY_FRAME_TYPE_COUNT:
		break;
	}
	return false;
}

static bool check_header(
	const struct copy_checker *checker, const uint8_t *untrusted_header, struct vx_error *err)
{
	uint8_t type = untrusted_header[0];
	if (type == 0 || type >= COPY_FRAME_TYPE_COUNT || untrusted_header[1] != 0 ||
		untrusted_header[2] != 0 || untrusted_header[3] != 0) {
		return vx_error_set(err, "a frame of no known type");
	}
	uint32_t size = vx_get_u32(untrusted_header + 4);
	if ((kinds[type].places & checker_place(checker)) == 0) {
		return vx_error_set(err, "a frame of type %u that may not come here", type);
	}
	if (size < kinds[type].size_min || size > kinds[type].size_max) {
		return vx_error_set(err, "a frame of type %u with %u bytes", type, size);
	}
	return true;
}

int copy_decode(struct vx_buffer *input, struct copy_checker *checker, struct copy_frame *ret_frame,
	struct vx_error *err)
{
	if (input->size < copy_header_size) {
		return 0;
	}
	const uint8_t *untrusted_header = vx_buffer_bytes(input);
	if (!check_header(checker, untrusted_header, err)) {
		return -1;
	}
	size_t size = vx_get_u32(untrusted_header + 4);
	if (input->size < copy_header_size + size) {
		return 0;
	}
	/* Not the whole structure is cleared: a name's room is larger than most data. */
	ret_frame->type = (enum copy_frame_type)untrusted_header[0];
	ret_frame->untrusted_data = nullptr;
	ret_frame->data_size = 0;
	if (!kinds[ret_frame->type].parse(ret_frame, untrusted_header + copy_header_size, size)) {
		vx_error_set(
			err, "a frame of type %u with values out of range", untrusted_header[0]);
		return -1;
	}
	vx_buffer_consume(input, copy_header_size + size);
	return check_frame(checker, ret_frame, err) ? 1 : -1;
}

/* Writing */

/* The part of the payload in front of untrusted_data; gives its size. */
static size_t format_fixed(const struct copy_frame *frame, uint8_t *fixed)
{
	const struct copy_entry *entry = &frame->entry;
	size_t length;
	switch (frame->type) {
	case COPY_BEGIN:
		vx_put_u32(fixed, frame->flags);
		vx_put_u64(fixed + 4, frame->bytes);
		vx_put_u64(fixed + 12, frame->entries);
		return begin_size;
	case COPY_FOLDER:
	case COPY_FILE:
	case COPY_LINK:
	case COPY_HARD_LINK:
		length = strlen(entry->name);
		vx_put_u32(fixed, entry->mode);
		vx_put_u32(fixed + 4, entry->uid);
		vx_put_u32(fixed + 8, entry->gid);
		vx_put_u32(fixed + 12, (uint32_t)entry->modified.tv_nsec);
		vx_put_u64(fixed + 16, (uint64_t)entry->modified.tv_sec);
		vx_put_u64(fixed + 24, entry->size);
		fixed[32] = (uint8_t)length;
		fixed[33] = (uint8_t)(length >> 8);
		memcpy(fixed + entry_size, entry->name, length);
		return entry_size + length;
	case COPY_FILE_END:
		fixed[0] = frame->is_complete ? 1 : 0;
		return 1;
	case COPY_PROBLEM:
		vx_put_u32(fixed, frame->problem);
		vx_put_u32(fixed + 4, frame->errnum);
		return problem_size;
	case COPY_HOLE:
		vx_put_u64(fixed, frame->bytes);
		return hole_size;
	case COPY_LEAVE:
	case COPY_DATA:
	case COPY_END:
	case COPY_FRAME_TYPE_COUNT:
		break;
	}
	return 0;
}

bool copy_encode(struct vx_buffer *output, const struct copy_frame *frame)
{
	uint8_t head[copy_header_size + entry_size + copy_name_max];
	size_t fixed = format_fixed(frame, head + copy_header_size);
	bool has_bytes = frame->type == COPY_DATA || frame->type == COPY_LINK ||
			 frame->type == COPY_HARD_LINK || frame->type == COPY_PROBLEM;
	size_t rest = has_bytes ? frame->data_size : 0;
	vx_put_u32(head, frame->type);
	vx_put_u32(head + 4, (uint32_t)(fixed + rest));
	uint8_t *room = vx_buffer_reserve(output, copy_header_size + fixed + rest);
	if (room == nullptr) {
		return false;
	}
	memcpy(room, head, copy_header_size + fixed);
	if (rest > 0) {
		memcpy(room + copy_header_size + fixed, frame->untrusted_data, rest);
	}
	vx_buffer_commit(output, copy_header_size + fixed + rest);
	return true;
}

/* Problems */

bool copy_tell_problem(struct copy_sink *sink, enum copy_problem problem, int errnum,
	const char *path, struct vx_error *err)
{
	size_t length = strlen(path);
	struct copy_frame frame = {
		.type = COPY_PROBLEM,
		.problem = problem,
		.errnum = (uint32_t)errnum,
		.untrusted_data = (const uint8_t *)path,
		.data_size = length < path_max ? length : path_max,
	};
	return sink->take(sink->data, &frame, err);
}

static const char *const problem_texts[] = {
	[COPY_PROBLEM_READ] = "can't be read",
	[COPY_PROBLEM_WRITE] = "can't be written",
	[COPY_PROBLEM_SPECIAL] = "is a device, pipe or socket, which isn't copied",
	[COPY_PROBLEM_CHANGED] = "changed while it was being copied, and was left out",
	[COPY_PROBLEM_DEPTH] = "is in too many folders",
	[COPY_PROBLEM_NO_ROOM] = "has no room for what was to be copied there",
	[COPY_PROBLEM_NO_FOLDER] = "is no folder, or is in none that is there; make it first",
	[COPY_PROBLEM_IS_FILE] = "is a file, to which no folder can be copied",
	[COPY_PROBLEM_HARD_LINK] = "is a hard link to what the archive has not brought before",
	[COPY_PROBLEM_TOO_MANY] = "has more than 2000000 files; copy it in parts",
	[COPY_PROBLEM_PATH] = "has a path that leads out of the archive, or one that is too long",
};
static_assert(VX_ARRAY_LENGTH(problem_texts) == COPY_PROBLEM_COUNT);

const char *copy_problem_text(enum copy_problem problem, uint32_t errnum)
{
	bool has_errno = problem == COPY_PROBLEM_READ || problem == COPY_PROBLEM_WRITE;
	return has_errno && errnum > 0 && errnum < 4096 ? strerror((int)errnum)
							: problem_texts[problem];
}
