/* SPDX-License-Identifier: MIT */
#include "cli/copy_tar.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/memory.h"

static constexpr size_t block_size = 64 * 1024;
static constexpr uint32_t implied_mode = 0755; /* of folders that an archive doesn't name */

static bool archive_failed(struct archive *archive, const char *what, struct vx_error *err)
{
	const char *reason = archive_error_string(archive);
	return vx_error_set(err, "%s: %s", what, reason != nullptr ? reason : "unknown error");
}

/* Writing */

struct copy_tar_writer {
	struct archive *archive; /* owned */
	bool keeps_owner;
	char *path; /* owned; of the folders that were entered, with a slash at the end */
	uint64_t file_left;
	bool has_ended;
};

struct copy_tar_writer *copy_tar_writer_create(int fd, bool keeps_owner, struct vx_error *err)
{
	struct archive *archive = archive_write_new();
	/* GNU's format has names as they are, be they valid in any character set or not. */
	if (archive == nullptr || archive_write_set_format_gnutar(archive) != ARCHIVE_OK ||
		archive_write_add_filter_none(archive) != ARCHIVE_OK ||
		archive_write_set_bytes_in_last_block(archive, 1) != ARCHIVE_OK ||
		archive_write_open_fd(archive, fd) != ARCHIVE_OK) {
		archive_failed(archive, "can't write an archive", err);
		archive_write_free(archive);
		return nullptr;
	}
	struct copy_tar_writer *writer = vx_new(writer);
	writer->archive = archive;
	writer->keeps_owner = keeps_owner;
	writer->path = vx_strdup("");
	return writer;
}

bool copy_tar_writer_destroy(struct copy_tar_writer *writer, struct vx_error *err)
{
	if (writer == nullptr) {
		return true;
	}
	bool good = true;
	if (!writer->has_ended) {
		archive_write_fail(writer->archive); /* no end that would make it look whole */
	} else if (archive_write_close(writer->archive) != ARCHIVE_OK) {
		good = archive_failed(writer->archive, "can't write the archive", err);
	}
	archive_write_free(writer->archive);
	free(writer->path);
	free(writer);
	return good;
}

static bool write_header(struct copy_tar_writer *writer, const struct copy_frame *frame,
	mode_t type, const char *target, struct vx_error *err)
{
	const struct copy_entry *entry = &frame->entry;
	struct archive_entry *header = archive_entry_new();
	vx_cleanup_free char *path = vx_printf(
		"%s%s%s", writer->path, entry->name, type == S_IFDIR ? "/" : "");
	archive_entry_copy_pathname(header, path);
	archive_entry_set_mode(header, type | (entry->mode & 0777));
	archive_entry_set_uid(header, writer->keeps_owner ? entry->uid : getuid());
	archive_entry_set_gid(header, writer->keeps_owner ? entry->gid : getgid());
	archive_entry_set_mtime(header, entry->modified.tv_sec, entry->modified.tv_nsec);
	archive_entry_set_size(header, type == S_IFREG ? (int64_t)entry->size : 0);
	if (target != nullptr) {
		archive_entry_copy_symlink(header, target);
	}
	bool good = archive_write_header(writer->archive, header) >= ARCHIVE_WARN ||
		    archive_failed(writer->archive, "can't write the archive", err);
	archive_entry_free(header);
	return good;
}

static bool write_data(
	struct copy_tar_writer *writer, const uint8_t *bytes, size_t size, struct vx_error *err)
{
	writer->file_left -= size;
	return archive_write_data(writer->archive, bytes, size) == (la_ssize_t)size ||
	       archive_failed(writer->archive, "can't write the archive", err);
}

static bool write_zeros(struct copy_tar_writer *writer, uint64_t left, struct vx_error *err)
{
	static const uint8_t zeros[block_size] = {};
	while (left > 0) {
		size_t size = left < block_size ? (size_t)left : block_size;
		if (!write_data(writer, zeros, size, err)) {
			return false;
		}
		left -= size;
	}
	return true;
}

static void enter(struct copy_tar_writer *writer, const char *name)
{
	char *longer = vx_printf("%s%s/", writer->path, name);
	free(writer->path);
	writer->path = longer;
}

static void leave(struct copy_tar_writer *writer)
{
	size_t length = strlen(writer->path);
	do {
		writer->path[--length] = '\0';
	} while (length > 0 && writer->path[length - 1] != '/');
}

bool copy_tar_writer_take(void *data, const struct copy_frame *frame, struct vx_error *err)
{
	struct copy_tar_writer *writer = data;
	vx_cleanup_free char *target = nullptr;
	bool good = true;
	switch (frame->type) {
	case COPY_FOLDER:
		good = write_header(writer, frame, S_IFDIR, nullptr, err);
		enter(writer, frame->entry.name);
		return good;
	case COPY_LEAVE:
		leave(writer);
		return true;
	case COPY_FILE:
		writer->file_left = frame->entry.size;
		return write_header(writer, frame, S_IFREG, nullptr, err);
	case COPY_DATA:
		return write_data(writer, frame->untrusted_data, frame->data_size, err);
	case COPY_HOLE:
		return write_zeros(writer, frame->bytes, err);
	case COPY_FILE_END:
		/* The archive has the size already: what is missing is told as a problem. */
		return write_zeros(writer, writer->file_left, err);
	case COPY_LINK:
		target = vx_strndup((const char *)frame->untrusted_data, frame->data_size);
		return write_header(writer, frame, S_IFLNK, target, err);
	case COPY_END:
		writer->has_ended = true;
		return true;
	case COPY_HARD_LINK: /* VMs don't send any */
	case COPY_BEGIN:
	case COPY_PROBLEM:
	case COPY_FRAME_TYPE_COUNT:
		break;
	}
	return true;
}

/* Reading */

struct tar_reader {
	struct archive *archive; /* owned */
	struct copy_sink *sink;
	struct vx_error *err;
	char *entered[copy_depth_max]; /* owned; the folders that the stream is in */
	unsigned depth;
};

static bool reader_take(struct tar_reader *reader, const struct copy_frame *frame)
{
	return reader->sink->take(reader->sink->data, frame, reader->err);
}

static bool reader_leave_to(struct tar_reader *reader, unsigned depth)
{
	struct copy_frame frame = {.type = COPY_LEAVE};
	while (reader->depth > depth) {
		free(reader->entered[--reader->depth]);
		if (!reader_take(reader, &frame)) {
			return false;
		}
	}
	return true;
}

static void fill_entry(
	struct copy_entry *entry, const char *name, struct archive_entry *header, uint32_t mode)
{
	size_t length = strlen(name);
	*entry = (struct copy_entry){
		.mode = mode,
		.uid = (uint32_t)archive_entry_uid(header),
		.gid = (uint32_t)archive_entry_gid(header),
		.modified = {archive_entry_mtime(header), archive_entry_mtime_nsec(header)},
	};
	memcpy(entry->name, name, length < copy_name_max ? length : copy_name_max);
}

static bool reader_enter(
	struct tar_reader *reader, const char *name, struct archive_entry *header, uint32_t mode)
{
	struct copy_frame frame = {.type = COPY_FOLDER};
	fill_entry(&frame.entry, name, header, mode);
	reader->entered[reader->depth++] = vx_strdup(name);
	return reader_take(reader, &frame);
}

/* A path in parts, without those that say nothing. Borrows from `text`, which it changes. */
struct parts {
	char *names[copy_depth_max];
	unsigned count;
};

static bool parts_split(struct parts *parts, char *text)
{
	char *rest = text;
	for (char *name = strsep(&rest, "/"); name != nullptr; name = strsep(&rest, "/")) {
		if (name[0] == '\0' || strcmp(name, ".") == 0) {
			continue;
		}
		if (!copy_name_is_valid(name) || parts->count == copy_depth_max) {
			return false;
		}
		parts->names[parts->count++] = name;
	}
	return true;
}

/* Into the folder in which the last part is. */
static bool reader_go_to(
	struct tar_reader *reader, const struct parts *parts, struct archive_entry *header)
{
	unsigned wanted = parts->count - 1;
	unsigned common = 0;
	while (common < wanted && common < reader->depth &&
		strcmp(parts->names[common], reader->entered[common]) == 0) {
		common++;
	}
	bool good = reader_leave_to(reader, common);
	while (good && reader->depth < wanted) {
		good = reader_enter(reader, parts->names[reader->depth], header, implied_mode);
	}
	return good;
}

static bool reader_send_block(struct tar_reader *reader, const uint8_t *bytes, size_t size)
{
	struct copy_frame frame = {.type = COPY_DATA};
	for (size_t sent = 0; sent < size; sent += frame.data_size) {
		frame.untrusted_data = bytes + sent;
		frame.data_size = size - sent < copy_data_max ? size - sent : copy_data_max;
		if (!reader_take(reader, &frame)) {
			return false;
		}
	}
	return true;
}

static bool reader_send_hole(struct tar_reader *reader, uint64_t bytes)
{
	const struct copy_frame frame = {.type = COPY_HOLE, .bytes = bytes};
	return bytes == 0 || reader_take(reader, &frame);
}

/* Between the blocks of an archive of sparse files are holes. */
static bool reader_send_data(struct tar_reader *reader, uint64_t size)
{
	uint64_t sent = 0;
	int result;
	const void *bytes;
	size_t length;
	la_int64_t offset;
	while ((result = archive_read_data_block(reader->archive, &bytes, &length, &offset)) ==
		ARCHIVE_OK) {
		if (length == 0) {
			continue; /* where the last hole ends */
		}
		if ((uint64_t)offset < sent || (uint64_t)offset > size ||
			length > size - (uint64_t)offset) {
			return vx_error_set(reader->err, "the archive is damaged");
		}
		if (!reader_send_hole(reader, (uint64_t)offset - sent) ||
			!reader_send_block(reader, bytes, length)) {
			return false;
		}
		sent = (uint64_t)offset + length;
	}
	if (result != ARCHIVE_EOF) {
		return archive_failed(reader->archive, "can't read the archive", reader->err);
	}
	const struct copy_frame end = {.type = COPY_FILE_END, .is_complete = true};
	return reader_send_hole(reader, size - sent) && reader_take(reader, &end);
}

/* The path of a file that the archive had before, as its parts say. */
static bool reader_send_hard_link(
	struct tar_reader *reader, const char *name, struct archive_entry *header)
{
	struct copy_frame frame = {.type = COPY_HARD_LINK};
	vx_cleanup_free char *text = vx_strdup(archive_entry_hardlink(header));
	vx_cleanup_free char *path = vx_strdup("");
	struct parts parts = {};
	if (!parts_split(&parts, text) || parts.count == 0) {
		return copy_tell_problem(reader->sink, COPY_PROBLEM_PATH, 0,
			archive_entry_pathname(header), reader->err);
	}
	for (unsigned i = 0; i < parts.count; i++) {
		char *longer = vx_printf("%s%s%s", path, i > 0 ? "/" : "", parts.names[i]);
		free(path);
		path = longer;
	}
	fill_entry(&frame.entry, name, header, archive_entry_mode(header) & 0777);
	frame.untrusted_data = (const uint8_t *)path;
	frame.data_size = strlen(path);
	return reader_take(reader, &frame);
}

static bool reader_send_entry(
	struct tar_reader *reader, const char *name, struct archive_entry *header)
{
	uint32_t mode = archive_entry_mode(header) & 0777;
	struct copy_frame frame = {.type = COPY_FILE};
	const char *target = archive_entry_symlink(header);
	if (archive_entry_hardlink(header) != nullptr) {
		return reader_send_hard_link(reader, name, header);
	}
	fill_entry(&frame.entry, name, header, mode);
	if (archive_entry_filetype(header) == AE_IFDIR) {
		/* It stays entered: the next entries are likely to be in it. */
		return reader_enter(reader, name, header, mode);
	}
	if (archive_entry_filetype(header) == AE_IFLNK && target != nullptr && target[0] != '\0' &&
		strlen(target) <= copy_target_max) {
		frame.type = COPY_LINK;
		frame.untrusted_data = (const uint8_t *)target;
		frame.data_size = strlen(target);
		return reader_take(reader, &frame);
	}
	frame.entry.size = (uint64_t)archive_entry_size(header);
	return reader_take(reader, &frame) && reader_send_data(reader, frame.entry.size);
}

static bool reader_take_entry(struct tar_reader *reader, struct archive_entry *header)
{
	const char *path = archive_entry_pathname(header);
	vx_cleanup_free char *text = vx_strdup(path != nullptr ? path : "..");
	struct parts parts = {};
	unsigned type = archive_entry_filetype(header);
	enum copy_problem problem = COPY_PROBLEM_COUNT;
	bool is_link = archive_entry_hardlink(header) != nullptr;
	if (!is_link && type != AE_IFREG && type != AE_IFDIR && type != AE_IFLNK) {
		problem = COPY_PROBLEM_SPECIAL;
	} else if (!parts_split(&parts, text)) {
		problem = COPY_PROBLEM_PATH;
	}
	if (problem != COPY_PROBLEM_COUNT) {
		return copy_tell_problem(
			reader->sink, problem, 0, path != nullptr ? path : "", reader->err);
	}
	if (parts.count == 0) {
		return true; /* "./", the destination itself */
	}
	return reader_go_to(reader, &parts, header) &&
	       reader_send_entry(reader, parts.names[parts.count - 1], header);
}

static bool reader_run(struct tar_reader *reader)
{
	struct copy_frame begin = {
		.type = COPY_BEGIN,
		.flags = COPY_FLAG_MULTIPLE,
		.bytes = copy_unknown,
		.entries = copy_unknown,
	};
	struct archive_entry *header;
	if (!reader_take(reader, &begin)) {
		return false;
	}
	for (;;) {
		int result = archive_read_next_header(reader->archive, &header);
		if (result == ARCHIVE_EOF) {
			break;
		}
		if (result < ARCHIVE_WARN) {
			return archive_failed(reader->archive,
				"standard input is no archive that can be read", reader->err);
		}
		if (!reader_take_entry(reader, header)) {
			return false;
		}
	}
	struct copy_frame end = {.type = COPY_END};
	return reader_leave_to(reader, 0) && reader_take(reader, &end);
}

bool copy_tar_send(int fd, struct copy_sink *sink, struct vx_error *err)
{
	/* Names in pax headers are UTF-8, and libarchive turns them into the locale's. */
	(void)setlocale(LC_CTYPE, "C.UTF-8");
	struct tar_reader reader = {.archive = archive_read_new(), .sink = sink, .err = err};
	archive_read_support_format_tar(reader.archive);
	archive_read_support_filter_bzip2(reader.archive);
	archive_read_support_filter_gzip(reader.archive);
	archive_read_support_filter_xz(reader.archive);
	archive_read_support_filter_zstd(reader.archive);
	bool good = archive_read_open_fd(reader.archive, fd, block_size) == ARCHIVE_OK
			    ? reader_run(&reader)
			    : archive_failed(reader.archive,
				      "standard input is no archive that can be read", err);
	while (reader.depth > 0) {
		free(reader.entered[--reader.depth]);
	}
	archive_read_free(reader.archive);
	return good;
}
