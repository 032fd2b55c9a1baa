/* SPDX-License-Identifier: MIT */
/*
 * Errors that travel upward with context and are reported once.
 *
 * A function that can fail takes a `struct vx_error *err` last and returns bool or a pointer.
 * On success `err` is untouched; on failure it holds one clear sentence (without a full stop) that
 * says what failed and, where we know, what to do. Callers add context with vx_error_wrap().
 * Library code never logs what it returns.
 */
#ifndef VX_COMMON_ERROR_H
#define VX_COMMON_ERROR_H

#include "common/memory.h"

/* What a failure means to whoever started the program; vx_error_exit_status() maps it. */
enum vx_error_kind : unsigned {
	VX_ERROR_FAILED,         /* exit status 1 */
	VX_ERROR_USAGE,          /* 2: the command line or a config is wrong */
	VX_ERROR_REFUSED,        /* 3: refused by policy */
	VX_ERROR_VIXOS,          /* 125: run, exec, shell: VixOS itself failed */
	VX_ERROR_NOT_EXECUTABLE, /* 126: run, exec, shell: the program can't be executed */
	VX_ERROR_NOT_FOUND,      /* 127: run, exec, shell: no such program or package */
	VX_ERROR_KIND_COUNT,
};

struct vx_error {
	char *message; /* owned; NULL while there is no error */
	enum vx_error_kind kind;
};

/* A local error that is freed when it goes out of scope: `vx_cleanup_error struct vx_error e = {};`
 */
#define vx_cleanup_error VX_CLEANUP(vx_error_finish)

/*
 * Sets the message (replacing any) with kind VX_ERROR_FAILED; `err` may be NULL. Always returns
 * false, so that a failing function can end in `return vx_error_set(err, …)`.
 */
[[gnu::format(printf, 2, 3)]] bool vx_error_set(struct vx_error *err, const char *format, ...);

/* The same with a kind. */
[[gnu::format(printf, 3, 4)]] bool vx_error_set_kind(
	struct vx_error *err, enum vx_error_kind kind, const char *format, ...);

/* The same with ": <strerror(errnum)>" appended. `errnum` is positive. */
[[gnu::format(printf, 3, 4)]] bool vx_error_set_errno(
	struct vx_error *err, int errnum, const char *format, ...);

/* Puts "<context>: " before a message that is set; keeps the kind. Always returns false. */
[[gnu::format(printf, 2, 3)]] bool vx_error_wrap(struct vx_error *err, const char *format, ...);

/* Moves `from` into `to` (which may be NULL) and leaves `from` empty. Always returns false. */
bool vx_error_move(struct vx_error *to, struct vx_error *from);

/* The message, or "unknown error" where none was set; borrowed from `err`. */
const char *vx_error_message(const struct vx_error *err);

/* The process exit status that stands for `kind`. */
int vx_error_exit_status(enum vx_error_kind kind);

/* Frees the message; the error can be used again. */
void vx_error_finish(struct vx_error *err);

#endif
