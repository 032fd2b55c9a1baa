/* SPDX-License-Identifier: MIT */
/* Touch screens: fingers for clients that know touch, a pointer for the rest. */
#ifndef INPUT_TOUCH_H
#define INPUT_TOUCH_H

struct cursor;
struct touch;

/* Owned by the caller; goes before `cursor`. */
struct touch *touch_create(struct cursor *cursor);
void touch_destroy(struct touch *touch);

#endif
