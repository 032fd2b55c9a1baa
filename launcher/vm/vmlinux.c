/* SPDX-License-Identifier: MIT */
#include "vm/vmlinux.h"

#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdckdint.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/memory.h"

static constexpr size_t image_max = 256 * 1024 * 1024;
static constexpr size_t vmlinux_max = 512 * 1024 * 1024;
static constexpr size_t kept_max = 3; /* unpacked kernels in the cache */

/* The boot protocol's header: Documentation/arch/x86/boot.rst of the kernel. */
static constexpr size_t header_end = 0x250;
static constexpr size_t offset_setup_sectors = 0x1f1;
static constexpr size_t offset_magic = 0x202;
static constexpr size_t offset_version = 0x206;
static constexpr size_t offset_payload_offset = 0x248;
static constexpr size_t offset_payload_length = 0x24c;
static constexpr uint32_t version_with_payload = 0x208;

/* The note by which QEMU finds the PVH entry. */
static constexpr uint32_t note_phys32_entry = 18;

static uint32_t read_le(const uint8_t *bytes, size_t count)
{
	uint32_t value = 0;
	for (size_t i = 0; i < count; i++) {
		value |= (uint32_t)bytes[i] << (8 * i);
	}
	return value;
}

/* The compressed kernel in the image; false where there is none. */
static bool find_payload(const uint8_t *image, size_t size, const uint8_t **ret_payload,
	size_t *ret_size, struct vx_error *err)
{
	if (size < header_end || memcmp(image + offset_magic, "HdrS", 4) != 0 ||
		read_le(image + offset_version, 2) < version_with_payload) {
		return vx_error_set(err, "not a bzImage");
	}
	size_t setup_sectors = image[offset_setup_sectors] != 0 ? image[offset_setup_sectors] : 4;
	size_t start = (setup_sectors + 1) * 512 + read_le(image + offset_payload_offset, 4);
	size_t length = read_le(image + offset_payload_length, 4);
	if (start > size || length > size - start || length < 8) {
		return vx_error_set(err, "the bzImage's payload lies outside of it");
	}
	*ret_payload = image + start;
	*ret_size = length;
	return true;
}

struct output {
	uint8_t *data; /* owned */
	size_t size, capacity;
};

static bool read_archive(struct archive *archive, struct output *output, struct vx_error *err)
{
	struct archive_entry *entry;
	if (archive_read_next_header(archive, &entry) < ARCHIVE_WARN) {
		return vx_error_set(err, "unknown compression: %s", archive_error_string(archive));
	}
	while (output->size < output->capacity) {
		la_ssize_t count = archive_read_data(
			archive, output->data + output->size, output->capacity - output->size);
		if (count < 0) {
			return vx_error_set(
				err, "broken compression: %s", archive_error_string(archive));
		}
		if (count == 0) {
			break;
		}
		output->size += (size_t)count;
	}
	return true;
}

/* Not all that there are: some would start programs. */
static void support_filters(struct archive *archive)
{
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_lz4(archive);
	archive_read_support_filter_lzma(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_zstd(archive);
}

static bool decompress(
	const uint8_t *payload, size_t size, struct output *output, struct vx_error *err)
{
	/* All but gzip, which ends in one of its own, have the unpacked size behind them. */
	bool is_gzip = payload[0] == 0x1f && payload[1] == 0x8b;
	output->capacity = read_le(payload + size - 4, 4);
	if (output->capacity < sizeof(Elf64_Ehdr) || output->capacity > vmlinux_max) {
		return vx_error_set(
			err, "the unpacked kernel would have %zu bytes", output->capacity);
	}
	struct archive *archive = archive_read_new();
	output->data = vx_calloc(output->capacity, 1);
	support_filters(archive);
	archive_read_support_format_raw(archive);
	bool good = archive_read_open_memory(archive, payload, is_gzip ? size : size - 4) ==
		    ARCHIVE_OK;
	good = good ? read_archive(archive, output, err) : vx_error_set(err, "unknown compression");
	archive_read_free(archive);
	return good;
}

static bool note_is_pvh(const Elf64_Nhdr *note, const uint8_t *name)
{
	return note->n_type == note_phys32_entry && note->n_namesz == 4 &&
	       memcmp(name, "Xen", 4) == 0;
}

static bool notes_have_pvh(const uint8_t *notes, size_t size)
{
	size_t position = 0;
	while (size - position >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr note;
		memcpy(&note, notes + position, sizeof(note));
		size_t name_size = ((size_t)note.n_namesz + 3) & ~(size_t)3;
		size_t body_size = name_size + (((size_t)note.n_descsz + 3) & ~(size_t)3);
		position += sizeof(note);
		if (body_size > size - position) {
			return false;
		}
		if (note_is_pvh(&note, notes + position)) {
			return true;
		}
		position += body_size;
	}
	return false;
}

static bool elf_has_pvh(const uint8_t *elf, size_t size)
{
	Elf64_Ehdr header;
	memcpy(&header, elf, sizeof(header));
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
		header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64 ||
		header.e_phentsize != sizeof(Elf64_Phdr)) {
		return false;
	}
	for (size_t i = 0; i < header.e_phnum; i++) {
		size_t offset, end;
		Elf64_Phdr segment;
		if (ckd_add(&offset, header.e_phoff, i * sizeof(segment)) ||
			ckd_add(&end, offset, sizeof(segment)) || end > size) {
			return false;
		}
		memcpy(&segment, elf + offset, sizeof(segment));
		if (segment.p_type == PT_NOTE && segment.p_offset <= size &&
			segment.p_filesz <= size - segment.p_offset &&
			notes_have_pvh(elf + segment.p_offset, segment.p_filesz)) {
			return true;
		}
	}
	return false;
}

void *vm_vmlinux_extract(const void *image, size_t size, size_t *ret_size, struct vx_error *err)
{
	const uint8_t *payload = nullptr;
	size_t payload_size = 0;
	struct output output = {};
	bool good = find_payload(image, size, &payload, &payload_size, err) &&
		    decompress(payload, payload_size, &output, err);
	if (good && (output.size != output.capacity || !elf_has_pvh(output.data, output.size))) {
		good = vx_error_set(err, "the kernel has no PVH entry");
	}
	if (!good) {
		free(output.data);
		return nullptr;
	}
	*ret_size = output.size;
	return output.data;
}

/* $XDG_CACHE_HOME/vixos, made if need be; owned by the caller. */
static char *cache_folder(struct vx_error *err)
{
	const char *cache = getenv("XDG_CACHE_HOME");
	const char *home = getenv("HOME");
	vx_cleanup_free char *parent = nullptr;
	if (cache != nullptr && cache[0] == '/') {
		parent = vx_strdup(cache);
	} else if (home != nullptr && home[0] == '/') {
		parent = vx_printf("%s/.cache", home);
	} else {
		vx_error_set(err, "neither XDG_CACHE_HOME nor HOME is set");
		return nullptr;
	}
	vx_cleanup_free char *folder = vx_printf("%s/vixos", parent);
	mkdir(parent, 0700);
	if (mkdir(folder, 0700) < 0 && errno != EEXIST) {
		vx_error_set_errno(err, errno, "can't make the folder '%s'", folder);
		return nullptr;
	}
	return vx_take_ptr(folder);
}

/* Whole or not at all, however many do it at once. */
static bool write_file(const char *path, const void *data, size_t size, struct vx_error *err)
{
	vx_cleanup_free char *draft = vx_printf("%s.XXXXXX", path);
	vx_cleanup_close int fd = mkostemp(draft, O_CLOEXEC);
	if (fd < 0) {
		return vx_error_set_errno(err, errno, "can't make '%s'", draft);
	}
	if (!vx_write_all(fd, data, size, err) || rename(draft, path) < 0) {
		unlink(draft);
		return vx_error_wrap(err, "can't write '%s'", path);
	}
	return true;
}

struct cached {
	char *name; /* owned */
	struct timespec used;
};

static int compare_use(const void *a, const void *b)
{
	const struct cached *first = a;
	const struct cached *second = b;
	return first->used.tv_sec < second->used.tv_sec   ? 1
	       : first->used.tv_sec > second->used.tv_sec ? -1
							  : 0;
}

/* Keeps those used last; a VM that boots just now has its file open. */
static void remove_old(const char *folder_path)
{
	DIR *folder = opendir(folder_path);
	struct cached *files = nullptr;
	size_t count = 0;
	if (folder == nullptr) {
		return;
	}
	for (struct dirent *entry; (entry = readdir(folder)) != nullptr;) {
		struct stat info;
		if (strncmp(entry->d_name, "vmlinux-", strlen("vmlinux-")) != 0 ||
			fstatat(dirfd(folder), entry->d_name, &info, AT_SYMLINK_NOFOLLOW) < 0) {
			continue;
		}
		files = vx_reallocarray(files, count + 1, sizeof(*files));
		files[count++] = (struct cached){vx_strdup(entry->d_name), info.st_mtim};
	}
	if (count > 0) {
		qsort(files, count, sizeof(*files), compare_use);
	}
	for (size_t i = 0; i < count; i++) {
		if (i >= kept_max) {
			unlinkat(dirfd(folder), files[i].name, 0);
		}
		free(files[i].name);
	}
	free(files);
	closedir(folder);
}

static bool unpack(const char *image, const char *path, const char *folder, struct vx_error *err)
{
	size_t image_size = 0, size = 0;
	vx_cleanup_free char *content = vx_read_file(image, image_max, &image_size, err);
	vx_cleanup_free void *elf = content != nullptr
					    ? vm_vmlinux_extract(content, image_size, &size, err)
					    : nullptr;
	if (elf == nullptr || !write_file(path, elf, size, err)) {
		return vx_error_wrap(err, "'%s'", image);
	}
	remove_old(folder);
	return true;
}

char *vm_vmlinux_ensure(const char *image, const char *cache, struct vx_error *err)
{
	struct stat info;
	vx_cleanup_free char *folder = cache != nullptr ? vx_strdup(cache) : cache_folder(err);
	if (folder == nullptr) {
		return nullptr;
	}
	if (stat(image, &info) < 0) {
		vx_error_set_errno(err, errno, "can't look at '%s'", image);
		return nullptr;
	}
	/* What identifies the image's content without reading it. */
	vx_cleanup_free char *path = vx_printf("%s/vmlinux-%llx-%llx-%llx.%09ld", folder,
		(unsigned long long)info.st_ino, (unsigned long long)info.st_size,
		(unsigned long long)info.st_ctim.tv_sec, info.st_ctim.tv_nsec);
	if (utimensat(AT_FDCWD, path, nullptr, AT_SYMLINK_NOFOLLOW) == 0) {
		return vx_take_ptr(path);
	}
	return unpack(image, path, folder, err) ? vx_take_ptr(path) : nullptr;
}
