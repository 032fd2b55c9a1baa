/* SPDX-License-Identifier: MIT */
/*
 * A VM's serial console. QEMU listens on a unix socket; vixosd reads it and keeps the last part in
 * a ring that is a mapped file of fixed size: a guest can't fill the disk, and a new vixosd has
 * what the one before saw. Bytes are the guest's: only vm_console_tail() makes them fit to be
 * shown.
 */
#ifndef VX_LAUNCHER_VM_CONSOLE_H
#define VX_LAUNCHER_VM_CONSOLE_H

#include <stddef.h>
#include <stdint.h>

#include "common/error.h"

struct vm_runtime_dir;
struct vm_console;

static constexpr size_t vm_console_ring_size = 256 * 1024;

/*
 * Opens the ring of a VM whose runtime folder exists, and keeps an earlier content. `socket` is a
 * connection to the console socket, which the console then owns, or -1 to connect here; where
 * nobody listens the ring can be read and vm_console_get_fd() is -1. NULL where there can be no
 * ring.
 */
[[nodiscard]] struct vm_console *vm_console_open(
	const struct vm_runtime_dir *dir, int socket, struct vx_error *err);
void vm_console_close(struct vm_console *console); /* NULL allowed; the file stays */

/* To be watched for input; -1 once the VM has hung up. Borrowed. */
int vm_console_get_fd(const struct vm_console *console);

/*
 * Reads what is there, at most 64 KiB. Returns how many milliseconds the fd must not be watched now
 * because the guest floods its console (it is then held up in QEMU): usually 0.
 */
unsigned vm_console_dispatch(struct vm_console *console);

/* Bytes that the guest has ever written; what a follower compares. */
uint64_t vm_console_position(const struct vm_console *console);

/*
 * Text from byte `*position` on (or from the oldest kept) to the end, without escape sequences and
 * control characters other than newline, valid UTF-8: fit for a terminal. Advances
 * `*position`. Owned by the caller.
 */
[[nodiscard, gnu::returns_nonnull]] char *vm_console_read_from(
	const struct vm_console *console, uint64_t *position);

/* The same for the last `lines` lines. */
[[nodiscard, gnu::returns_nonnull]] char *vm_console_tail(
	const struct vm_console *console, size_t lines);

/* What vm_console_read_from() does to bytes of a guest. Owned by the caller. */
[[nodiscard, gnu::returns_nonnull]] char *vm_console_clean(
	const void *untrusted_bytes, size_t size);

#endif
