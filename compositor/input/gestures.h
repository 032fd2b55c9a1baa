/* SPDX-License-Identifier: MIT */
/* Gestures on touchpads: each runs a bindgesture, or goes to the client under the pointer. */
#ifndef INPUT_GESTURES_H
#define INPUT_GESTURES_H

struct gestures;
struct seat;
struct wlr_cursor;

/* Owned by the caller; goes before `cursor`. */
struct gestures *gestures_create(struct seat *seat, struct wlr_cursor *cursor);
void gestures_destroy(struct gestures *gestures);

#endif
