/* SPDX-License-Identifier: MIT */
/*
 * Does the guest still answer? Asked by a ping some seconds after something was sent to it, so that
 * an idle VM costs no timer.
 */
#ifndef VX_PROXY_HOST_LIVENESS_H
#define VX_PROXY_HOST_LIVENESS_H

struct liveness;
struct vx_link;
struct wl_event_loop;

/*
 * `handle_change` is told when the guest falls silent and when it speaks again. A ping goes out one
 * period after something was sent; silence is one more without a word.
 */
[[nodiscard, gnu::returns_nonnull]] struct liveness *liveness_create(struct wl_event_loop *loop,
	int period_ms, void (*handle_change)(bool is_silent, void *data), void *data);
/* NULL is allowed. */
void liveness_destroy(struct liveness *liveness);

/* Something is on its way to the guest by `link`, which must live as long as this, or until
 * liveness_destroy(). */
void liveness_sent(struct liveness *liveness, struct vx_link *link);
/* The guest said something. */
void liveness_heard(struct liveness *liveness);

#endif
