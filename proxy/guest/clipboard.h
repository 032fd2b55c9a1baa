/* SPDX-License-Identifier: MIT */
/*
 * The guest's end of the `clipboard` service (proxy/link/clipboard.h): tells the host what a
 * program of this VM has copied, and offers the programs what the user has put here from outside.
 * Both happen only when the host asks, which it does when its user does.
 */
#ifndef VX_PROXY_GUEST_CLIPBOARD_H
#define VX_PROXY_GUEST_CLIPBOARD_H

struct guest_clipboard;
struct guest_server;
struct vx_link_channel;

/* Owned by the server, which outlives it. */
[[nodiscard, gnu::returns_nonnull]] struct guest_clipboard *guest_clipboard_create(
	struct guest_server *server);
/* NULL is allowed. */
void guest_clipboard_destroy(struct guest_clipboard *clipboard);

/* Takes over a channel that the host opened for the service, or refuses it over a cap. */
void guest_clipboard_accept(struct guest_clipboard *clipboard, struct vx_link_channel *channel);

#endif
