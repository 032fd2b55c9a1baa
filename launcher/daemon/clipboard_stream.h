/* SPDX-License-Identifier: MIT */
/*
 * One request to a VM's clipboard service, through its vixos-proxy. That has checked what the guest
 * says, but may have been taken over by it: sizes and content are checked here again.
 */
#ifndef VX_LAUNCHER_DAEMON_CLIPBOARD_STREAM_H
#define VX_LAUNCHER_DAEMON_CLIPBOARD_STREAM_H

#include <systemd/sd-event.h>

#include "proxy/link/clipboard.h"

struct clipboard_stream;

/*
 * The answer, or `err`. `content` may be taken; it is empty for a PUT and where the VM has nothing.
 * May destroy the stream, and nothing more is heard from it.
 */
typedef void (*clipboard_stream_handler)(void *data, enum vx_clipboard_kind kind,
	struct vx_buffer *content, const struct vx_error *err);

/*
 * Sends the request (and a PUT's `content`, copied) over `fd`, a non-blocking stream to
 * vixos-proxy, which the stream then owns; on failure too. It has no deadline of its own.
 */
[[nodiscard]] struct clipboard_stream *clipboard_stream_create(sd_event *event, int fd,
	const struct vx_clipboard_request *request, const struct vx_buffer *content,
	clipboard_stream_handler handler, void *data, struct vx_error *err);
void clipboard_stream_destroy(struct clipboard_stream *stream); /* NULL allowed */

#endif
