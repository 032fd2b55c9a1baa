/* SPDX-License-Identifier: MIT */
/* Settings of real devices, which libinput knows. Nothing happens for other devices. */
#ifndef INPUT_DEVICE_LIBINPUT_H
#define INPUT_DEVICE_LIBINPUT_H

struct desktop_input;
struct device;
struct wlr_input_device;

void device_libinput_ids(
	struct wlr_input_device *wlr_device, unsigned *ret_vendor, unsigned *ret_product);
bool device_libinput_is_touchpad(struct wlr_input_device *wlr_device);
/* Applies the configuration. */
void device_libinput_configure(struct device *device);
void device_libinput_describe(struct device *device, struct desktop_input *ret_input);

#endif
