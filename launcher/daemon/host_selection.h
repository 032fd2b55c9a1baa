/* SPDX-License-Identifier: MIT */
/*
 * The clipboard of a host's compositor, by ext-data-control-v1 or, where that is missing,
 * wlr-data-control-unstable-v1: read once when the user says so, or filled with what a VM had. In
 * between nothing is bound, so that vixosd isn't told what the user copies. Never blocks on the
 * program that has the selection.
 */
#ifndef VX_LAUNCHER_DAEMON_HOST_SELECTION_H
#define VX_LAUNCHER_DAEMON_HOST_SELECTION_H

#include <stdint.h>
#include <systemd/sd-event.h>

#include "proxy/link/clipboard.h"

struct host_selection;
struct wl_registry;

/* What was read, or `err`. `content` is borrowed. */
typedef void (*host_selection_handler)(void *data, enum vx_clipboard_kind kind,
	const struct vx_buffer *content, const struct vx_error *err);

/* `flush` writes out the connection's requests. `event` and `data` outlive it. */
[[nodiscard, gnu::returns_nonnull]] struct host_selection *host_selection_create(
	sd_event *event, void (*flush)(void *data), void *data);
/* What it has offered is gone then. Before the connection. NULL allowed. */
void host_selection_destroy(struct host_selection *selection);

/* Takes note of a global that it needs. */
void host_selection_handle_global(struct host_selection *selection, struct wl_registry *registry,
	uint32_t name, const char *interface);

/*
 * Reads what is selected, as one of `kinds`, up to `size_max` bytes. `handler` is called once, from
 * the event loop, unless it is cancelled; there is no deadline here. False where the compositor
 * can't do that, or another read is under way.
 */
bool host_selection_read(struct host_selection *selection, uint8_t kinds, size_t size_max,
	host_selection_handler handler, void *data, struct vx_error *err);
void host_selection_cancel(struct host_selection *selection);

/*
 * Makes `content` (taken) the selection, until another program's replaces it, or for `timeout_s`
 * seconds (0: no limit). False where the compositor can't do that.
 */
bool host_selection_set(struct host_selection *selection, enum vx_clipboard_kind kind,
	struct vx_buffer *content, uint32_t timeout_s, struct vx_error *err);

/* Takes away what host_selection_set() has offered, if it is still there. */
void host_selection_wipe(struct host_selection *selection);

#endif
