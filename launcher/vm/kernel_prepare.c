/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "kernel"
#include "vm/kernel.h"

#include <archive.h>
#include <archive_entry.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "vm/image_cache.h"

static constexpr size_t image_max = 256 * 1024 * 1024;
static constexpr uint32_t unpacked_max = 1024 * 1024 * 1024;

/* x86 boot protocol 2.08: where in a bzImage the compressed kernel is. */
static constexpr size_t setup_sectors_offset = 0x1f1;
static constexpr size_t magic_offset = 0x202;
static constexpr size_t version_offset = 0x206;
static constexpr size_t payload_offset_offset = 0x248;
static constexpr size_t payload_length_offset = 0x24c;
static constexpr size_t header_end = 0x250;
static constexpr uint16_t version_with_payload = 0x208;

static constexpr uint32_t note_pvh_entry = 18; /* XEN_ELFNOTE_PHYS32_ENTRY */
static const char note_owner[] = "Xen";

/* A part of a file in memory. */
struct span {
	const uint8_t *bytes;
	size_t size;
};

static uint32_t read_u32(const uint8_t *bytes)
{
	uint32_t value;
	memcpy(&value, bytes, sizeof(value));
	return value;
}

static bool find_payload(struct span image, struct span *ret_payload)
{
	uint16_t version;
	if (image.size < header_end || memcmp(image.bytes + magic_offset, "HdrS", 4) != 0) {
		return false;
	}
	memcpy(&version, image.bytes + version_offset, sizeof(version));
	size_t start = (size_t)(image.bytes[setup_sectors_offset] + 1) * 512 +
		read_u32(image.bytes + payload_offset_offset);
	size_t length = read_u32(image.bytes + payload_length_offset);
	if (version < version_with_payload || length < 8 || start > image.size ||
			length > image.size - start) {
		return false;
	}
	*ret_payload = (struct span){image.bytes + start, length};
	return true;
}

/* QEMU enters an ELF kernel at the address that this note of it names. */
static bool notes_have_entry(struct span notes)
{
	size_t at = 0;
	while (notes.size - at >= sizeof(Elf64_Nhdr)) {
		Elf64_Nhdr header;
		memcpy(&header, notes.bytes + at, sizeof(header));
		at += sizeof(header);
		size_t name_size = ((size_t)header.n_namesz + 3) & ~(size_t)3;
		size_t value_size = ((size_t)header.n_descsz + 3) & ~(size_t)3;
		if (name_size > notes.size - at || value_size > notes.size - at - name_size) {
			return false;
		}
		if (header.n_type == note_pvh_entry && header.n_namesz == sizeof(note_owner) &&
				memcmp(notes.bytes + at, note_owner, sizeof(note_owner)) == 0) {
			return true;
		}
		at += name_size + value_size;
	}
	return false;
}

static bool kernel_has_entry(struct span kernel)
{
	Elf64_Ehdr header;
	if (kernel.size < sizeof(header)) {
		return false;
	}
	memcpy(&header, kernel.bytes, sizeof(header));
	if (memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 || header.e_ident[EI_CLASS] != ELFCLASS64 ||
			header.e_phentsize != sizeof(Elf64_Phdr)) {
		return false;
	}
	for (size_t i = 0; i < header.e_phnum; i++) {
		Elf64_Phdr segment;
		size_t at = i * sizeof(segment);
		if (header.e_phoff > kernel.size || at > kernel.size - header.e_phoff ||
				sizeof(segment) > kernel.size - header.e_phoff - at) {
			return false;
		}
		memcpy(&segment, kernel.bytes + header.e_phoff + at, sizeof(segment));
		if (segment.p_type == PT_NOTE && segment.p_offset <= kernel.size &&
				segment.p_filesz <= kernel.size - segment.p_offset &&
				notes_have_entry((struct span){
					kernel.bytes + segment.p_offset, segment.p_filesz})) {
			return true;
		}
	}
	return false;
}

static bool decompress(struct span payload, uint8_t *kernel, size_t size)
{
	struct archive *archive = archive_read_new();
	struct archive_entry *entry;
	archive_read_support_filter_all(archive);
	archive_read_support_format_raw(archive);
	size_t used = 0;
	bool good = archive_read_open_memory(archive, payload.bytes, payload.size) == ARCHIVE_OK &&
		archive_read_next_header(archive, &entry) == ARCHIVE_OK;
	while (good && used < size) {
		la_ssize_t got = archive_read_data(archive, kernel + used, size - used);
		good = got > 0;
		used += good ? (size_t)got : 0;
	}
	archive_read_free(archive);
	return good;
}

/* The payload's last four bytes say how large it is when unpacked, whatever it is packed with. */
static bool unpack(int fd, struct span payload, struct vx_error *err)
{
	uint32_t size = read_u32(payload.bytes + payload.size - 4);
	/* gzip's own trailer has the size; the build appends it to all others, whose end it isn't part of. */
	bool is_gzip = payload.bytes[0] == 0x1f && payload.bytes[1] == 0x8b;
	payload.size -= is_gzip ? 0 : 4;
	if (size > unpacked_max || posix_fallocate(fd, 0, size) != 0) {
		return vx_error_set(err, "there is no room for %u bytes", size);
	}
	uint8_t *kernel = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (kernel == MAP_FAILED) {
		return vx_error_set_errno(err, errno, "can't map the unpacked kernel");
	}
	bool unpacked = decompress(payload, kernel, size);
	bool usable = unpacked && kernel_has_entry((struct span){kernel, size});
	munmap(kernel, size);
	return usable || vx_error_set(err, unpacked ? "it has no PVH entry" : "it can't be unpacked");
}

static bool write_kernel(int fd, const void *data, struct vx_error *err)
{
	const char *path = data;
	struct span image = {};
	struct span payload;
	vx_cleanup_free char *bytes = vx_read_file(path, image_max, &image.size, err);
	if (bytes == nullptr) {
		return false;
	}
	image.bytes = (const uint8_t *)bytes;
	if (!find_payload(image, &payload)) {
		return vx_error_set(err, "'%s' holds no compressed kernel", path);
	}
	return unpack(fd, payload, err) || vx_error_wrap(err, "kernel '%s'", path);
}

char *vm_kernel_prepare(const struct vm_kernel *kernel, enum vm_accel accel, const char *cache)
{
	vx_cleanup_error struct vx_error err = {};
	uint64_t key = image_key_start;
	if (accel != VM_ACCEL_TCG || !image_key_add_file(&key, kernel->image, &err)) {
		return vx_strdup(kernel->image);
	}
	char *unpacked = image_cache_ensure(
		cache, "vmlinux", kernel->release, key, write_kernel, kernel->image, &err);
	if (unpacked == nullptr) {
		vx_log_debug("%s; it unpacks itself in the guest", vx_error_message(&err));
		return vx_strdup(kernel->image);
	}
	return unpacked;
}
