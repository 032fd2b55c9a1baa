/* SPDX-License-Identifier: MIT */
/* Private to seatop.c: what a button does while no mode of its own is in force. */
#ifndef INPUT_SEATOP_DEFAULT_H
#define INPUT_SEATOP_DEFAULT_H

#include <stddef.h>
#include <stdint.h>

struct device;
struct seat;
struct spot;

void seatop_default_button(
	struct seat *seat, struct device *device, uint32_t time_ms, uint32_t button, bool pressed);

/* Runs the binding of these buttons (sorted), if there is one. `device` may be NULL: any. */
bool seatop_run_mouse_binding(struct seat *seat, struct device *device, const struct spot *spot,
	const uint32_t *buttons, size_t count, bool released);

#endif
