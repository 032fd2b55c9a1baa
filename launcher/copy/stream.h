/* SPDX-License-Identifier: MIT */
/*
 * The stream of `vixos cp`: one file, or one tree, from where it is read (copy/sender.h) to where
 * it is written (copy/receiver.h). One of the two is vixos-tool in a VM, at the other end of an
 * exec channel, and not believed. The format is docs/copy.md: frames of u8 type, u8[3] zero, u32
 * length, payload.
 *
 * Names are single components, and the place of an entry follows from the FOLDER and LEAVE frames
 * before it: no path is ever put together from what the peer says.
 */
#ifndef VX_LAUNCHER_COPY_STREAM_H
#define VX_LAUNCHER_COPY_STREAM_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "common/buffer.h"
#include "common/error.h"

static constexpr size_t copy_header_size = 8;
static constexpr size_t copy_data_max = 32 * 1024 - copy_header_size; /* bytes of one DATA */
static constexpr size_t copy_payload_max = copy_data_max;
static constexpr size_t copy_name_max = 255;
static constexpr size_t copy_target_max = PATH_MAX - 1; /* of a symbolic link */
static constexpr unsigned copy_depth_max = 128;         /* folders in folders */
static constexpr uint64_t copy_entries_max = 2'000'000; /* in one stream */
static constexpr uint64_t copy_unknown = UINT64_MAX;    /* a claim that can't be made */

enum copy_frame_type : uint8_t {
	COPY_BEGIN = 1,      /* once, first: flags, and what is to come */
	COPY_FOLDER = 2,     /* an entry; what follows until its LEAVE is in it */
	COPY_LEAVE = 3,      /* empty */
	COPY_FILE = 4,       /* an entry; DATA frames and one FILE_END follow */
	COPY_DATA = 5,       /* bytes */
	COPY_FILE_END = 6,   /* u8: 1 where these were all, 0 where the file changed meanwhile */
	COPY_LINK = 7,       /* an entry with a target */
	COPY_PROBLEM = 8,    /* something was left out; the only frame that goes both ways */
	COPY_END = 9,        /* once, last; empty */
	COPY_HOLE = 10,      /* u64: so many bytes of a file are zero, and take no room */
	COPY_HARD_LINK = 11, /* an entry, with the path of a file that came before */
	COPY_FRAME_TYPE_COUNT,
};

enum copy_flag : uint32_t {
	COPY_FLAG_CONTENTS = 1 << 0, /* of the folder that follows, not the folder itself */
	COPY_FLAG_MULTIPLE = 1 << 1, /* any number of entries, for a folder that is there */
	COPY_FLAG_ALL = COPY_FLAG_CONTENTS | COPY_FLAG_MULTIPLE,
};

/* Why something was left out. On the wire, so numbers are fixed. */
enum copy_problem : uint32_t {
	COPY_PROBLEM_READ = 0,      /* with an errno */
	COPY_PROBLEM_WRITE = 1,     /* with an errno */
	COPY_PROBLEM_SPECIAL = 2,   /* a device, pipe or socket */
	COPY_PROBLEM_CHANGED = 3,   /* another size than at first */
	COPY_PROBLEM_DEPTH = 4,     /* too many folders in folders */
	COPY_PROBLEM_NO_ROOM = 5,   /* what is to come is more than is free */
	COPY_PROBLEM_NO_FOLDER = 6, /* the destination must be a folder that is there */
	COPY_PROBLEM_IS_FILE = 7,   /* a folder can't be copied to a file */
	COPY_PROBLEM_HARD_LINK = 8, /* of an archive, to what it hasn't brought before */
	COPY_PROBLEM_PATH = 9,      /* of an archive: with ".." or a component too long */
	COPY_PROBLEM_TOO_MANY = 10, /* more entries than one stream may have */
	COPY_PROBLEM_COUNT,
};

struct copy_entry {
	uint32_t mode; /* 0777 at most: no setuid, setgid or sticky bit travels */
	uint32_t uid, gid;
	struct timespec modified;
	uint64_t size; /* of a file */
	char name[copy_name_max + 1];
};

/* One frame; what has no meaning for its type is unset. */
struct copy_frame {
	enum copy_frame_type type;
	uint32_t flags; /* BEGIN */
	/* BEGIN: the sum of the DATA of all files, and of all kinds; or copy_unknown. HOLE: bytes.
	 */
	uint64_t bytes, entries;
	struct copy_entry entry;   /* FOLDER, FILE, LINK, HARD_LINK */
	bool is_complete;          /* FILE_END */
	enum copy_problem problem; /* PROBLEM */
	uint32_t errnum;           /* PROBLEM */
	/* DATA; the target of LINK; the path of HARD_LINK, from the top; the path of PROBLEM, for
	 * people: not NUL-terminated, borrowed.
	 */
	const uint8_t *untrusted_data;
	size_t data_size;
};

/* Checks a stream as it comes; zeroed to begin with, but for the first field. */
struct copy_checker {
	bool needs_claim; /* refuse streams that don't say what is to come */
	bool has_begun, has_ended, in_file, after_hole;
	uint32_t flags;
	unsigned depth;
	uint64_t top_entries; /* outside of any folder */
	uint64_t problems;
	uint64_t entries_left, bytes_left;
	uint64_t file_left; /* of the file that is being sent */
};

/*
 * Takes the next whole frame off the front of `input`. Returns 1 and fills `ret_frame` (what it
 * borrows is valid until the buffer is next appended to), 0 when more bytes are needed, -1 when the
 * bytes are no frame, or none that may come here: names that are none, modes and times out of
 * range, data or entries beyond what was claimed, too many folders in folders.
 */
int copy_decode(struct vx_buffer *input, struct copy_checker *checker, struct copy_frame *ret_frame,
	struct vx_error *err);

/* Appends a frame; false where the buffer's bound would be exceeded. */
[[nodiscard]] bool copy_encode(struct vx_buffer *output, const struct copy_frame *frame);

/* Is it a name that an entry may have? */
[[nodiscard]] bool copy_name_is_valid(const char *name);

/* Where frames go. False with an error: nothing more is wanted. */
struct copy_sink {
	bool (*take)(void *data, const struct copy_frame *frame, struct vx_error *err);
	void *data;
};

/* Tells of something that was left out; `path` is for people. */
bool copy_tell_problem(struct copy_sink *sink, enum copy_problem problem, int errnum,
	const char *path, struct vx_error *err);

/* What to say of a problem, after the path; borrowed. */
const char *copy_problem_text(enum copy_problem problem, uint32_t errnum);

#endif
