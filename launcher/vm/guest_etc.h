/* SPDX-License-Identifier: MIT */
/*
 * The guest's /etc and the links at the top of its root. A few files are written anew; from the
 * host's /etc comes only what a short list of names allows (fonts, certificates, the linker's
 * cache, alternatives, …), and of that only what everyone may read. Nothing secret can pass: what
 * isn't listed, what isn't readable by all, special files and links out of what is shared stay out.
 */
#ifndef VX_LAUNCHER_VM_GUEST_ETC_H
#define VX_LAUNCHER_VM_GUEST_ETC_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/error.h"

enum vm_etc_type : unsigned {
	VM_ETC_DIRECTORY,
	VM_ETC_FILE,
	VM_ETC_LINK,
};

struct vm_etc_entry {
	enum vm_etc_type type;
	mode_t mode;    /* permission bits */
	char *path;     /* owned; relative to the guest's root: "etc/fonts/fonts.conf" */
	char *source;   /* owned; host file whose bytes these are; NULL: `text` */
	char *text;     /* owned; content of a written file, or a link's target */
	uint64_t stamp; /* changes when the host file does; 0 for written ones */
};

/* In order of paths, parents before children. */
struct vm_etc {
	struct vm_etc_entry *entries; /* owned */
	size_t count;
};

static constexpr size_t vm_etc_entries_max = 8192;
static constexpr size_t vm_etc_file_max = 8 * 1024 * 1024; /* bytes in one file */

/*
 * Lists what the guest's root begins with. `host_root` stands for "/" in tests; NULL means "/".
 * Only names and stamps are read, not contents. Owned by the caller; NULL on failure.
 */
[[nodiscard]] struct vm_etc *vm_etc_collect(const char *host_root, struct vx_error *err);
void vm_etc_destroy(struct vm_etc *etc); /* NULL allowed */

#endif
