/* SPDX-License-Identifier: MIT */
/*
 * Between vixosd and the guest's `clipboard` service (proxy/link/clipboard.h). What comes from the
 * guest is collected up to the size that vixosd asked for, whatever the guest says of it, checked
 * and cleaned, and only then passed on; vixosd closes the stream where that takes too long.
 *
 * On the stream: vixosd's request and content, then the answer: u8 kind and content, or
 * clipboard_relay_refused and a reason in ASCII, and the end of file.
 */
#ifndef VX_PROXY_HOST_CLIPBOARD_RELAY_H
#define VX_PROXY_HOST_CLIPBOARD_RELAY_H

#include <stdint.h>

#include "common/error.h"

struct clipboard_relays;
struct vx_link;
struct wl_event_loop;

static constexpr unsigned clipboard_relays_max = 4; /* at once */
static constexpr uint8_t clipboard_relay_refused = 255;

[[nodiscard, gnu::returns_nonnull]] struct clipboard_relays *clipboard_relays_create(
	struct wl_event_loop *loop);
/* Closes all streams and resets their channels. NULL is allowed. Before vx_link_destroy(). */
void clipboard_relays_destroy(struct clipboard_relays *relays);

/*
 * Serves `fd` (a stream socket; taken, and closed on failure too). False where
 * clipboard_relays_max are busy, or the link isn't ready or has no channel left.
 */
bool clipboard_relays_open(
	struct clipboard_relays *relays, struct vx_link *link, int fd, struct vx_error *err);

#endif
