/* SPDX-License-Identifier: MIT */
#include "copy/sender.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"
#include "copy/holes.h"
#include "copy/named_path.h"

/* A pipe in the file's place must not block, nor a link lead elsewhere. */
static constexpr int file_flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
static constexpr int folder_flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;

struct sender {
	struct copy_sink *sink;
	struct vx_error *err;
	char *path;              /* owned; of what is being read, for people */
	uint64_t bytes, entries; /* counted at first, then what is left of the claim */
	unsigned depth;
	uint8_t data[copy_data_max];
};

/* What the walk does with an entry; false ends it. */
typedef bool (*sender_visit)(
	struct sender *sender, int folder, const char *name, const struct stat *info);

static bool sender_tell(struct sender *sender, enum copy_problem problem, int errnum)
{
	return copy_tell_problem(sender->sink, problem, errnum, sender->path, sender->err);
}

static bool sender_take(struct sender *sender, const struct copy_frame *frame)
{
	return sender->sink->take(sender->sink->data, frame, sender->err);
}

static void fill_entry(struct copy_entry *entry, const char *name, const struct stat *info)
{
	size_t length = strlen(name);
	*entry = (struct copy_entry){
		.mode = info->st_mode & 0777,
		.uid = info->st_uid,
		.gid = info->st_gid,
		.modified = info->st_mtim,
		.size = S_ISREG(info->st_mode) ? (uint64_t)info->st_size : 0,
	};
	memcpy(entry->name, name, length < copy_name_max ? length : copy_name_max);
}

/* Names of a folder's entries, but for "." and "..". */
struct names {
	char **names; /* owned */
	size_t count;
};

static void names_finish(struct names *names)
{
	for (size_t i = 0; i < names->count; i++) {
		free(names->names[i]);
	}
	free(names->names);
}

/* Takes `fd`. Whole folders are read at once: an open one for each level would be one more fd. */
static int names_read(struct names *names, int fd)
{
	DIR *directory = fdopendir(fd);
	if (directory == nullptr) {
		int errnum = errno;
		close(fd);
		return errnum;
	}
	errno = 0;
	for (struct dirent *entry = readdir(directory); entry != nullptr;
		entry = readdir(directory)) {
		if (copy_name_is_valid(entry->d_name)) {
			names->names = vx_reallocarray(
				names->names, names->count + 1, sizeof(*names->names));
			names->names[names->count++] = vx_strdup(entry->d_name);
		}
		errno = 0;
	}
	int errnum = errno;
	closedir(directory);
	return errnum;
}

/* Gives the length to cut the path back to. */
static size_t path_enter(struct sender *sender, const char *name)
{
	size_t length = strlen(sender->path);
	char *longer = vx_printf("%s/%s", sender->path, name);
	free(sender->path);
	sender->path = longer;
	return length;
}

static bool visit_name(
	struct sender *sender, int folder, const char *name, sender_visit visit, bool tells)
{
	struct stat info;
	size_t length = path_enter(sender, name);
	bool good = true;
	if (fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) == 0) {
		good = visit(sender, folder, name, &info);
	} else if (tells) {
		good = sender_tell(sender, COPY_PROBLEM_READ, errno);
	}
	sender->path[length] = '\0';
	return good;
}

/* `folder` stays the caller's. */
static bool visit_all(struct sender *sender, int folder, sender_visit visit, bool tells)
{
	struct names names = {};
	int again = openat(folder, ".", folder_flags);
	int errnum = again < 0 ? errno : names_read(&names, again);
	bool good = errnum == 0 || !tells || sender_tell(sender, COPY_PROBLEM_READ, errnum);
	for (size_t i = 0; i < names.count && good; i++) {
		good = visit_name(sender, folder, names.names[i], visit, tells);
	}
	names_finish(&names);
	return good;
}

/* Holes */

static uint64_t count_data_of(int folder, const char *name, const struct stat *info)
{
	struct stat again;
	vx_cleanup_close int fd = -1;
	if (holes_may_be_in(info)) {
		fd = openat(folder, name, file_flags);
	}
	return fd >= 0 && fstat(fd, &again) == 0 && S_ISREG(again.st_mode)
		       ? holes_count_data(fd, &again)
		       : (uint64_t)info->st_size;
}

/* The first walk */

static bool count_entry(
	struct sender *sender, int folder, const char *name, const struct stat *info)
{
	sender->entries++;
	if (S_ISREG(info->st_mode)) {
		sender->bytes += count_data_of(folder, name, info);
	}
	if (!S_ISDIR(info->st_mode) || sender->depth >= copy_depth_max ||
		sender->entries > copy_entries_max) {
		return true;
	}
	vx_cleanup_close int fd = openat(folder, name, folder_flags);
	sender->depth++;
	bool good = fd < 0 || visit_all(sender, fd, count_entry, false);
	sender->depth--;
	return good;
}

/* The second walk */

/* Gives the bytes that could not be read, or -1 where the sink wants no more. */
static int64_t send_data(struct sender *sender, int fd, uint64_t left)
{
	struct copy_frame frame = {.type = COPY_DATA, .untrusted_data = sender->data};
	if (left > sender->bytes) {
		return (int64_t)left; /* more than was there when it was counted */
	}
	sender->bytes -= left;
	while (left > 0) {
		size_t wanted = left < sizeof(sender->data) ? (size_t)left : sizeof(sender->data);
		ssize_t size = read(fd, sender->data, wanted);
		if (size < 0 && errno == EINTR) {
			continue;
		}
		if (size <= 0) {
			break;
		}
		frame.data_size = (size_t)size;
		left -= (uint64_t)size;
		if (!sender_take(sender, &frame)) {
			return -1;
		}
	}
	return (int64_t)left;
}

/* As send_data(): a file from where it is now, with its holes as such. */
static int64_t send_parts(struct sender *sender, int fd, uint64_t size)
{
	uint64_t end;
	for (uint64_t offset = 0; offset < size; offset = end) {
		uint64_t begin = holes_next_data(fd, offset, size, &end);
		struct copy_frame hole = {.type = COPY_HOLE, .bytes = begin - offset};
		if (hole.bytes > 0 && !sender_take(sender, &hole)) {
			return -1;
		}
		int64_t unread = lseek(fd, (off_t)begin, SEEK_SET) < 0
					 ? (int64_t)(end - begin)
					 : send_data(sender, fd, end - begin);
		if (unread != 0) {
			return unread;
		}
	}
	return 0;
}

static bool send_opened_file(
	struct sender *sender, int fd, const char *name, const struct stat *info)
{
	struct copy_frame frame = {.type = COPY_FILE};
	fill_entry(&frame.entry, name, info);
	if (holes_count_data(fd, info) > sender->bytes) {
		return sender_tell(sender, COPY_PROBLEM_CHANGED, 0);
	}
	if (!sender_take(sender, &frame)) {
		return false;
	}
	int64_t unread = holes_may_be_in(info) ? send_parts(sender, fd, frame.entry.size)
					       : send_data(sender, fd, frame.entry.size);
	if (unread < 0) {
		return false;
	}
	struct copy_frame end = {.type = COPY_FILE_END, .is_complete = unread == 0};
	return sender_take(sender, &end) &&
	       (end.is_complete || sender_tell(sender, COPY_PROBLEM_CHANGED, 0));
}

static bool send_file(struct sender *sender, int folder, const char *name, const char *sent_name)
{
	struct stat info;
	vx_cleanup_close int fd = openat(folder, name, file_flags);
	if (fd < 0 || fstat(fd, &info) != 0) {
		return sender_tell(sender, COPY_PROBLEM_READ, errno);
	}
	if (!S_ISREG(info.st_mode)) {
		return sender_tell(sender, COPY_PROBLEM_SPECIAL, 0);
	}
	return send_opened_file(sender, fd, sent_name, &info);
}

static bool send_link(struct sender *sender, int folder, const char *name, const struct stat *info)
{
	char target[copy_target_max + 1];
	ssize_t length = readlinkat(folder, name, target, sizeof(target));
	if (length <= 0 || (size_t)length > copy_target_max) {
		return sender_tell(sender, COPY_PROBLEM_READ, length < 0 ? errno : ENAMETOOLONG);
	}
	struct copy_frame frame = {
		.type = COPY_LINK,
		.untrusted_data = (const uint8_t *)target,
		.data_size = (size_t)length,
	};
	fill_entry(&frame.entry, name, info);
	return sender_take(sender, &frame);
}

static bool send_entry(
	struct sender *sender, int folder, const char *name, const struct stat *info);

static bool send_folder(struct sender *sender, int fd, const char *name)
{
	struct copy_frame frame = {.type = COPY_FOLDER};
	struct stat info;
	if (sender->depth >= copy_depth_max) {
		return sender_tell(sender, COPY_PROBLEM_DEPTH, 0);
	}
	if (fstat(fd, &info) != 0) {
		return sender_tell(sender, COPY_PROBLEM_READ, errno);
	}
	fill_entry(&frame.entry, name, &info);
	if (!sender_take(sender, &frame)) {
		return false;
	}
	sender->depth++;
	bool good = visit_all(sender, fd, send_entry, true);
	sender->depth--;
	struct copy_frame leave = {.type = COPY_LEAVE};
	return good && sender_take(sender, &leave);
}

static bool send_entry(struct sender *sender, int folder, const char *name, const struct stat *info)
{
	if (sender->entries == 0) {
		return sender_tell(sender, COPY_PROBLEM_CHANGED, 0);
	}
	sender->entries--;
	if (S_ISREG(info->st_mode)) {
		return send_file(sender, folder, name, name);
	}
	if (S_ISLNK(info->st_mode)) {
		return send_link(sender, folder, name, info);
	}
	if (!S_ISDIR(info->st_mode)) {
		return sender_tell(sender, COPY_PROBLEM_SPECIAL, 0);
	}
	vx_cleanup_close int fd = openat(folder, name, folder_flags);
	return fd < 0 ? sender_tell(sender, COPY_PROBLEM_READ, errno)
		      : send_folder(sender, fd, name);
}

/* The path that was named */

static bool send_top_folder(struct sender *sender, const struct named_path *top)
{
	int flags = top->must_be_folder ? folder_flags & ~O_NOFOLLOW : folder_flags;
	vx_cleanup_close int fd = openat(top->parent, top->name, flags);
	if (fd < 0) {
		return sender_tell(sender, COPY_PROBLEM_READ, errno);
	}
	sender->entries--;
	return send_folder(sender, fd, top->sent_name);
}

/* A file whose link is followed has the link's name there. */
static bool send_top_entry(
	struct sender *sender, const struct named_path *top, const struct stat *info)
{
	if (S_ISDIR(info->st_mode)) {
		return send_top_folder(sender, top);
	}
	return S_ISREG(info->st_mode) ? send_file(sender, top->parent, top->name, top->sent_name)
				      : send_entry(sender, top->parent, top->name, info);
}

static bool send_begin(struct sender *sender, const struct named_path *top)
{
	struct copy_frame begin = {
		.type = COPY_BEGIN,
		.flags = top->is_contents ? COPY_FLAG_CONTENTS : 0u,
		.bytes = sender->bytes,
		.entries = sender->entries,
	};
	return sender_take(sender, &begin);
}

static bool send_top(struct sender *sender, const struct named_path *top, const struct stat *info,
	bool *ret_is_unread)
{
	vx_cleanup_close int fd = -1;
	sender->entries = 1;
	if (S_ISDIR(info->st_mode)) {
		fd = openat(top->parent, top->name,
			top->must_be_folder ? folder_flags & ~O_NOFOLLOW : folder_flags);
		if (fd >= 0) {
			(void)visit_all(sender, fd, count_entry, false);
		}
	} else if (S_ISREG(info->st_mode)) {
		sender->bytes = count_data_of(top->parent, top->name, info);
	}
	if (sender->entries > copy_entries_max) {
		*ret_is_unread = sender_tell(sender, COPY_PROBLEM_TOO_MANY, 0);
		return false;
	}
	if (!send_begin(sender, top)) {
		return false;
	}
	bool good = send_top_entry(sender, top, info);
	struct copy_frame end = {.type = COPY_END};
	return good && sender_take(sender, &end);
}

bool copy_send(const struct copy_source *source, struct copy_sink *sink, bool *ret_is_unread,
	struct vx_error *err)
{
	vx_cleanup_free struct sender *sender = vx_new(sender);
	VX_CLEANUP(named_path_finish) struct named_path top = {.parent = -1};
	struct stat info;
	sender->sink = sink;
	sender->err = err;
	sender->path = vx_strdup(source->path);
	*ret_is_unread = false;
	bool good = false;
	if (named_path_init(&top, source) && named_path_stat(&top, &info)) {
		good = send_top(sender, &top, &info, ret_is_unread);
	} else {
		*ret_is_unread = sender_tell(sender, COPY_PROBLEM_READ, errno);
	}
	free(sender->path);
	return good;
}
