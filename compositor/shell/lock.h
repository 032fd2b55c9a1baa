/* SPDX-License-Identifier: MIT */
/*
 * The session lock. While locked nothing but the locker's surfaces is shown or gets input; when the
 * locker dies the screen stays black until another one takes over.
 */
#ifndef SHELL_LOCK_H
#define SHELL_LOCK_H

struct lock;
struct output;
struct server;
struct wlr_surface;

/* Owned by the caller; NULL on failure. */
struct lock *lock_create(struct server *server);
void lock_destroy(struct lock *lock);

/* `lock` may be NULL in all of these. */
bool lock_is_locked(const struct lock *lock);
/* The surface that gets the keyboard, or NULL. */
struct wlr_surface *lock_focus(const struct lock *lock);
void lock_outputs_changed(struct lock *lock);
void lock_output_gone(struct lock *lock, struct output *output);

#endif
