/* SPDX-License-Identifier: MIT */
/*
 * Copying between a VM and the host's clipboard: what the policy says, the question to the user,
 * reading on one side and putting on the other. Nothing crosses but by clipboard_begin(), which
 * stands for an act of the user; whatever is waited for has a deadline.
 */
#ifndef VX_LAUNCHER_DAEMON_CLIPBOARD_H
#define VX_LAUNCHER_DAEMON_CLIPBOARD_H

#include <wayland-util.h>

#include "proxy/link/clipboard.h"

struct clipboard_transfer;
struct daemon;
struct display;

enum clipboard_direction : unsigned {
	CLIPBOARD_TO_VM,
	CLIPBOARD_FROM_VM,
	CLIPBOARD_DIRECTION_COUNT,
};

/* Everything is copied. */
struct clipboard_options {
	const char *vm;
	enum clipboard_direction direction;
	/* Path of the Wayland socket of the host's side; NULL: that of the VM's windows. */
	const char *display;
	/* TO_VM: text to be put there, instead of the host's clipboard; may be NULL. */
	const struct vx_buffer *content;
	bool wants_content; /* FROM_VM: give it to the handler, not to the host's clipboard */
	bool is_confirmed;  /* the user has said yes to "ask" already */
};

struct clipboard_result {
	bool needs_consent; /* nothing was done: the user must be asked, and nobody can here */
	enum vx_clipboard_kind kind; /* NOTHING: there was nothing to copy */
	size_t size;
	const struct vx_buffer *content; /* with wants_content; borrowed */
};

/* Once, from the event loop; `result` is NULL where there is an error. */
typedef void (*clipboard_handler)(
	void *data, const struct clipboard_result *result, const struct vx_error *err);

/*
 * Begins; the handler follows, unless it is cancelled by clipboard_forget(). False where it can't
 * be begun.
 */
[[nodiscard]] bool clipboard_begin(struct daemon *daemon, const struct clipboard_options *options,
	clipboard_handler handler, void *data, struct vx_error *err);
/* Gives up what was begun with `data`. */
void clipboard_forget(struct daemon *daemon, const void *data);

/* The display has told what it can do. */
void clipboard_display_ready(struct daemon *daemon, const struct display *display);
/* What needs this display (NULL: all that is under way) fails. */
void clipboard_display_gone(struct daemon *daemon, const struct display *display);

/* vm_clipboard of a compositor: transfers, and has the compositor say what came of it. */
void clipboard_of_display(struct daemon *daemon, struct display *display, const char *vm,
	enum clipboard_direction direction);

#endif
