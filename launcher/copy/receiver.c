/* SPDX-License-Identifier: MIT */
#include "copy/receiver.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"
#include "copy/beneath.h"
#include "copy/made_files.h"

/* A folder that frames have entered. */
struct level {
	int fd;             /* owned; -1: it couldn't be made, and what is in it is passed over */
	bool is_ours;       /* made by us: mode and time are set when it is left */
	size_t path_length; /* of the receiver's path, without it */
	struct copy_entry entry;
};

struct copy_receiver {
	struct copy_receiver_options options;
	char *destination;          /* owned */
	struct copy_sink *problems; /* borrowed */
	uint32_t flags;
	uint64_t bytes_claimed;
	int base;         /* owned; the folder in which the top entries are made; -1: not yet */
	char *base_name;  /* owned; what the one top entry is called there; NULL: its own name */
	bool base_is_top; /* the top folder's content goes right into `base` */
	bool is_unwritable;
	struct level *levels; /* owned; copy_depth_max + 1 */
	unsigned depth;
	char *path; /* owned; of what is being written, for people */
	/* The file that is being written. */
	int file; /* owned; -1: none, or one that is passed over */
	bool has_hole;
	struct copy_entry file_entry;
	char temporary[beneath_temporary_size];
	struct made_files made; /* those of an archive, to which hard links may lead */
};

struct copy_receiver *copy_receiver_create(
	const struct copy_receiver_options *options, struct copy_sink *problems)
{
	struct copy_receiver *receiver = vx_new(receiver);
	receiver->options = *options;
	receiver->destination = vx_strdup(options->destination);
	receiver->path = vx_strdup(options->destination);
	receiver->problems = problems;
	receiver->levels = vx_calloc(copy_depth_max + 1, sizeof(*receiver->levels));
	receiver->base = -1;
	receiver->file = -1;
	return receiver;
}

static int receiver_folder(const struct copy_receiver *receiver)
{
	return receiver->depth > 0 ? receiver->levels[receiver->depth - 1].fd : receiver->base;
}

static void drop_file(struct copy_receiver *receiver)
{
	if (receiver->file >= 0) {
		(void)unlinkat(receiver_folder(receiver), receiver->temporary, 0);
		vx_replace_fd(&receiver->file, -1);
	}
}

void copy_receiver_destroy(struct copy_receiver *receiver)
{
	if (receiver == nullptr) {
		return;
	}
	drop_file(receiver);
	while (receiver->depth > 0) {
		vx_replace_fd(&receiver->levels[--receiver->depth].fd, -1);
	}
	vx_replace_fd(&receiver->base, -1);
	made_files_finish(&receiver->made);
	free(receiver->levels);
	free(receiver->base_name);
	free(receiver->destination);
	free(receiver->path);
	free(receiver);
}

/* Problems */

static bool tell(
	struct copy_receiver *receiver, enum copy_problem problem, int errnum, struct vx_error *err)
{
	return copy_tell_problem(receiver->problems, problem, errnum, receiver->path, err);
}

/* The one top entry that has the destination's name is the destination. */
static bool is_destination(const struct copy_receiver *receiver)
{
	return receiver->depth == 0 && receiver->base_name != nullptr;
}

static bool tell_entry(
	struct copy_receiver *receiver, const char *name, int errnum, struct vx_error *err)
{
	if (is_destination(receiver)) {
		return tell(receiver, COPY_PROBLEM_WRITE, errnum, err);
	}
	vx_cleanup_free char *path = vx_printf("%s/%s", receiver->path, name);
	return copy_tell_problem(receiver->problems, COPY_PROBLEM_WRITE, errnum, path, err);
}

/* Nothing can be written. */
static bool give_up(
	struct copy_receiver *receiver, enum copy_problem problem, int errnum, struct vx_error *err)
{
	receiver->is_unwritable = true;
	(void)tell(receiver, problem, errnum, err);
	return false;
}

/* Attributes */

static void set_owner(const struct copy_receiver *receiver, int fd, const struct copy_entry *entry)
{
	if (receiver->options.keeps_owner) {
		(void)!fchown(fd, entry->uid, entry->gid); /* as far as one may */
	}
}

static bool set_attributes(
	const struct copy_receiver *receiver, int fd, const struct copy_entry *entry)
{
	const struct timespec times[] = {{.tv_nsec = UTIME_OMIT}, entry->modified};
	set_owner(receiver, fd, entry);
	return fchmod(fd, entry->mode & 0777) == 0 && futimens(fd, times) == 0;
}

/* Where the top entry goes */

static bool open_base(struct copy_receiver *receiver, const char *path, struct vx_error *err)
{
	struct statvfs space;
	receiver->base = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (receiver->base < 0) {
		return give_up(receiver,
			errno == ENOTDIR || errno == ENOENT ? COPY_PROBLEM_NO_FOLDER
							    : COPY_PROBLEM_WRITE,
			errno, err);
	}
	/* What can't fit isn't begun, be it honest or a file of holes that claims a petabyte. */
	if (receiver->bytes_claimed != copy_unknown && fstatvfs(receiver->base, &space) == 0 &&
		space.f_blocks > 0 && receiver->bytes_claimed / space.f_frsize > space.f_bavail) {
		return give_up(receiver, COPY_PROBLEM_NO_ROOM, 0, err);
	}
	return receiver->options.confine == nullptr ||
	       receiver->options.confine(receiver->base, err);
}

/* The destination isn't there, or is to be replaced: its parent is the base. */
static bool open_parent(struct copy_receiver *receiver, struct vx_error *err)
{
	vx_cleanup_free char *parent = vx_strdup(receiver->destination);
	size_t length = strlen(parent);
	while (length > 1 && parent[length - 1] == '/') {
		parent[--length] = '\0';
	}
	char *slash = strrchr(parent, '/');
	const char *name = slash != nullptr ? slash + 1 : parent;
	if (!copy_name_is_valid(name)) {
		return give_up(receiver, COPY_PROBLEM_NO_FOLDER, ENOENT, err);
	}
	receiver->base_name = vx_strdup(name);
	if (slash == nullptr) {
		return open_base(receiver, ".", err);
	}
	slash[slash == parent ? 1 : 0] = '\0';
	return open_base(receiver, parent, err);
}

/* By docker's rules. */
static bool choose_base(
	struct copy_receiver *receiver, const struct copy_frame *frame, struct vx_error *err)
{
	struct stat info;
	size_t length = strlen(receiver->destination);
	bool ends_in_slash = length > 0 && receiver->destination[length - 1] == '/';
	bool is_there = stat(receiver->destination, &info) == 0;
	bool is_folder = frame->type == COPY_FOLDER;
	if (is_there && S_ISDIR(info.st_mode)) {
		receiver->base_is_top = is_folder && (receiver->flags & COPY_FLAG_CONTENTS) != 0;
		return open_base(receiver, receiver->destination, err);
	}
	if ((receiver->flags & COPY_FLAG_MULTIPLE) != 0) {
		return give_up(receiver, COPY_PROBLEM_NO_FOLDER, 0, err);
	}
	if (is_there && is_folder) {
		return give_up(receiver, COPY_PROBLEM_IS_FILE, 0, err);
	}
	if (!is_folder && ends_in_slash) {
		return give_up(receiver, COPY_PROBLEM_NO_FOLDER, 0, err);
	}
	return open_parent(receiver, err);
}

/* What the entry is called where it is made; borrowed. */
static const char *entry_name(const struct copy_receiver *receiver, const struct copy_entry *entry)
{
	return is_destination(receiver) ? receiver->base_name : entry->name;
}

/* Before each entry. False where there is nothing to write into. */
static bool prepare(
	struct copy_receiver *receiver, const struct copy_frame *frame, struct vx_error *err)
{
	return receiver->base >= 0 || choose_base(receiver, frame, err);
}

/* Folders */

static void push_level(struct copy_receiver *receiver, int fd, bool is_ours,
	const struct copy_entry *entry, const char *name)
{
	struct level *level = &receiver->levels[receiver->depth++];
	*level = (struct level){
		.fd = fd,
		.is_ours = is_ours,
		.path_length = strlen(receiver->path),
		.entry = *entry,
	};
	if (name != nullptr) {
		char *longer = vx_printf("%s/%s", receiver->path, name);
		free(receiver->path);
		receiver->path = longer;
	}
}

static bool take_folder(
	struct copy_receiver *receiver, const struct copy_frame *frame, struct vx_error *err)
{
	int folder = receiver_folder(receiver);
	if (receiver->depth == 0 && receiver->base_is_top) {
		int again = fcntl(receiver->base, F_DUPFD_CLOEXEC, 3);
		push_level(receiver, again, false, &frame->entry, nullptr);
		return true;
	}
	const char *name = entry_name(receiver, &frame->entry);
	int fd = -1;
	int errnum = 0;
	bool is_ours = folder >= 0 && mkdirat(folder, name, 0700) == 0;
	if (folder >= 0 && !is_ours && errno != EEXIST) {
		errnum = errno;
	} else if (folder >= 0) {
		fd = beneath_open(folder, name, O_RDONLY | O_DIRECTORY, 0);
		errnum = fd < 0 ? errno : 0;
	}
	bool good = errnum == 0 || tell_entry(receiver, name, errnum, err);
	push_level(receiver, fd, is_ours, &frame->entry, is_destination(receiver) ? nullptr : name);
	return good;
}

static bool take_leave(struct copy_receiver *receiver, struct vx_error *err)
{
	struct level *level = &receiver->levels[--receiver->depth];
	bool good = true;
	if (level->fd >= 0 && level->is_ours &&
		!set_attributes(receiver, level->fd, &level->entry)) {
		good = tell(receiver, COPY_PROBLEM_WRITE, errno, err);
	}
	vx_replace_fd(&level->fd, -1);
	receiver->path[level->path_length] = '\0';
	return good;
}

/* Files */

static bool take_file(
	struct copy_receiver *receiver, const struct copy_frame *frame, struct vx_error *err)
{
	int folder = receiver_folder(receiver);
	receiver->file_entry = frame->entry;
	receiver->has_hole = false;
	if (folder < 0) {
		return true;
	}
	receiver->file = beneath_make_temporary(folder, receiver->temporary);
	return receiver->file >= 0 ||
	       tell_entry(receiver, entry_name(receiver, &frame->entry), errno, err);
}

static bool take_data(
	struct copy_receiver *receiver, const struct copy_frame *frame, struct vx_error *err)
{
	const uint8_t *bytes = frame->untrusted_data;
	size_t left = receiver->file >= 0 ? frame->data_size : 0;
	while (left > 0) {
		ssize_t written = write(receiver->file, bytes, left);
		if (written < 0 && errno == EINTR) {
			continue;
		}
		if (written < 0) {
			int errnum = errno;
			drop_file(receiver);
			return tell_entry(
				receiver, entry_name(receiver, &receiver->file_entry), errnum, err);
		}
		bytes += written;
		left -= (size_t)written;
	}
	return true;
}

/* Nothing is written: the file is new, and ends where it is said to. */
static bool take_hole(
	struct copy_receiver *receiver, const struct copy_frame *frame, struct vx_error *err)
{
	receiver->has_hole = true;
	if (receiver->file < 0 || lseek(receiver->file, (off_t)frame->bytes, SEEK_CUR) >= 0) {
		return true;
	}
	int errnum = errno;
	drop_file(receiver);
	return tell_entry(receiver, entry_name(receiver, &receiver->file_entry), errnum, err);
}

static bool end_hole(const struct copy_receiver *receiver)
{
	return !receiver->has_hole ||
	       ftruncate(receiver->file, (off_t)receiver->file_entry.size) == 0;
}

/* The file can be the end of a hard link from now on. */
static void remember_file(struct copy_receiver *receiver)
{
	struct stat info;
	if ((receiver->flags & COPY_FLAG_MULTIPLE) != 0 && fstat(receiver->file, &info) == 0) {
		made_files_add(&receiver->made, &info);
	}
}

/* The file gets its name, in the place of another file or link but of no folder. */
static bool take_file_end(
	struct copy_receiver *receiver, const struct copy_frame *frame, struct vx_error *err)
{
	if (receiver->file < 0 || !frame->is_complete) {
		drop_file(receiver);
		return true;
	}
	int folder = receiver_folder(receiver);
	const char *name = entry_name(receiver, &receiver->file_entry);
	if (end_hole(receiver) && set_attributes(receiver, receiver->file, &receiver->file_entry) &&
		renameat(folder, receiver->temporary, folder, name) == 0) {
		remember_file(receiver);
		vx_replace_fd(&receiver->file, -1);
		return true;
	}
	int errnum = errno;
	drop_file(receiver);
	return tell_entry(receiver, name, errnum, err);
}

/* Links */

static bool make_link(struct copy_receiver *receiver, int folder, const char *name,
	const char *target, const struct copy_entry *entry)
{
	const struct timespec times[] = {{.tv_nsec = UTIME_OMIT}, entry->modified};
	char temporary[beneath_temporary_size];
	beneath_name_temporary(temporary);
	if (symlinkat(target, folder, temporary) != 0) {
		return false;
	}
	(void)utimensat(folder, temporary, times, AT_SYMLINK_NOFOLLOW);
	if (receiver->options.keeps_owner) {
		(void)!fchownat(folder, temporary, entry->uid, entry->gid, AT_SYMLINK_NOFOLLOW);
	}
	if (renameat(folder, temporary, folder, name) == 0) {
		return true;
	}
	int errnum = errno;
	(void)unlinkat(folder, temporary, 0);
	errno = errnum;
	return false;
}

static bool take_link(
	struct copy_receiver *receiver, const struct copy_frame *frame, struct vx_error *err)
{
	int folder = receiver_folder(receiver);
	const char *name = entry_name(receiver, &frame->entry);
	vx_cleanup_free char *target = vx_strndup(
		(const char *)frame->untrusted_data, frame->data_size);
	return folder < 0 || make_link(receiver, folder, name, target, &frame->entry) ||
	       tell_entry(receiver, name, errno, err);
}

/* Makes `temporary` another name of a file that is below the base and was made by this stream. */
static bool link_made_file(
	struct copy_receiver *receiver, int folder, char *path, const char *temporary)
{
	char *slash = strrchr(path, '/');
	const char *name = slash != nullptr ? slash + 1 : path;
	if (slash != nullptr) {
		*slash = '\0';
	}
	vx_cleanup_close int parent = beneath_open(
		receiver->base, slash != nullptr ? path : ".", O_RDONLY | O_DIRECTORY, 0);
	struct stat info;
	if (parent < 0 || linkat(parent, name, folder, temporary, 0) != 0) {
		return false;
	}
	/* Only now is it sure which file it is. */
	if (fstatat(folder, temporary, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
		made_files_has(&receiver->made, &info)) {
		return true;
	}
	(void)unlinkat(folder, temporary, 0);
	return false;
}

static bool take_hard_link(
	struct copy_receiver *receiver, const struct copy_frame *frame, struct vx_error *err)
{
	int folder = receiver_folder(receiver);
	const char *name = frame->entry.name;
	vx_cleanup_free char *path = vx_strndup(
		(const char *)frame->untrusted_data, frame->data_size);
	char temporary[beneath_temporary_size];
	beneath_name_temporary(temporary);
	if (folder < 0) {
		return true;
	}
	if (!link_made_file(receiver, folder, path, temporary)) {
		vx_cleanup_free char *whole = vx_printf("%s/%s", receiver->path, name);
		return copy_tell_problem(receiver->problems, COPY_PROBLEM_HARD_LINK, 0, whole, err);
	}
	int errnum = renameat(folder, temporary, folder, name) == 0 ? 0 : errno;
	/* Where both are the same file already, it has stayed. */
	(void)unlinkat(folder, temporary, 0);
	return errnum == 0 || tell_entry(receiver, name, errnum, err);
}

bool copy_receiver_take(
	struct copy_receiver *receiver, const struct copy_frame *frame, struct vx_error *err)
{
	switch (frame->type) {
	case COPY_BEGIN:
		receiver->flags = frame->flags;
		receiver->bytes_claimed = frame->bytes;
		return true;
	case COPY_FOLDER:
		return prepare(receiver, frame, err) && take_folder(receiver, frame, err);
	case COPY_LEAVE:
		return take_leave(receiver, err);
	case COPY_FILE:
		return prepare(receiver, frame, err) && take_file(receiver, frame, err);
	case COPY_DATA:
		return take_data(receiver, frame, err);
	case COPY_FILE_END:
		return take_file_end(receiver, frame, err);
	case COPY_LINK:
		return prepare(receiver, frame, err) && take_link(receiver, frame, err);
	case COPY_HOLE:
		return take_hole(receiver, frame, err);
	case COPY_HARD_LINK:
		return prepare(receiver, frame, err) && take_hard_link(receiver, frame, err);
	case COPY_PROBLEM: /* the sender's own; for the user and not for us */
	case COPY_END:
	case COPY_FRAME_TYPE_COUNT:
		break;
	}
	return true;
}
