/* SPDX-License-Identifier: MIT */
#include "input/device_libinput.h"

#include <libinput.h>
#include <wlr/backend/libinput.h>
#include <wlr/config.h>
#include <wlr/types/wlr_input_device.h>

#include "commands/desktop.h"
#include "config/config.h"
#include "input/input.h"
#include "server.h"

static struct libinput_device *handle_of(struct wlr_input_device *wlr_device)
{
#if WLR_HAS_LIBINPUT_BACKEND
	if (wlr_input_device_is_libinput(wlr_device)) {
		return wlr_libinput_get_device_handle(wlr_device);
	}
#endif
	return nullptr;
}

void device_libinput_ids(
	struct wlr_input_device *wlr_device, unsigned *ret_vendor, unsigned *ret_product)
{
	struct libinput_device *handle = handle_of(wlr_device);
	if (handle != nullptr) {
		*ret_vendor = libinput_device_get_id_vendor(handle);
		*ret_product = libinput_device_get_id_product(handle);
	}
}

bool device_libinput_is_touchpad(struct wlr_input_device *wlr_device)
{
	struct libinput_device *handle = handle_of(wlr_device);
	return handle != nullptr && libinput_device_config_tap_get_finger_count(handle) > 0;
}

/* One line a setting that is an enum value: the config's field and libinput's setter. */
#define SETTINGS(X)                                                                   \
	X(accel_profile, accel_set_profile, enum libinput_config_accel_profile)       \
	X(click_method, click_set_method, enum libinput_config_click_method)          \
	X(drag, tap_set_drag_enabled, enum libinput_config_drag_state)                \
	X(drag_lock, tap_set_drag_lock_enabled, enum libinput_config_drag_lock_state) \
	X(dwt, dwt_set_enabled, enum libinput_config_dwt_state)                       \
	X(dwtp, dwtp_set_enabled, enum libinput_config_dwtp_state)                    \
	X(left_handed, left_handed_set, int)                                          \
	X(middle_emulation, middle_emulation_set_enabled,                             \
		enum libinput_config_middle_emulation_state)                          \
	X(natural_scroll, scroll_set_natural_scroll_enabled, int)                     \
	X(send_events, send_events_set_mode, uint32_t)                                \
	X(tap, tap_set_enabled, enum libinput_config_tap_state)                       \
	X(tap_button_map, tap_set_button_map, enum libinput_config_tap_button_map)    \
	X(scroll_method, scroll_set_method, enum libinput_config_scroll_method)       \
	X(scroll_button, scroll_set_button, uint32_t)                                 \
	X(scroll_button_lock, scroll_set_button_lock,                                 \
		enum libinput_config_scroll_button_lock_state)                        \
	X(clickfinger_button_map, click_set_clickfinger_button_map,                   \
		enum libinput_config_clickfinger_button_map)

void device_libinput_configure(struct device *device)
{
	struct libinput_device *handle = handle_of(device->wlr_device);
	struct input_config *config = handle != nullptr
					      ? config_input_for(
							server_config(device->input->server),
							device->identifier, device->type)
					      : nullptr;
	if (config == nullptr) {
		return;
	}
#define APPLY(field, setter, type)                                            \
	if (config->field != unset) {                                         \
		libinput_device_config_##setter(handle, (type)config->field); \
	}
	SETTINGS(APPLY)
#undef APPLY
	if (config->pointer_accel != unset_float) {
		libinput_device_config_accel_set_speed(handle, (double)config->pointer_accel);
	}
	if (config->rotation_angle != unset_float) {
		libinput_device_config_rotation_set_angle(handle, (unsigned)config->rotation_angle);
	}
	if (config->has_calibration_matrix) {
		libinput_device_config_calibration_set_matrix(handle, config->calibration_matrix);
	}
	input_config_destroy(config);
}

static const char *on_off(int on)
{
	return on ? "enabled" : "disabled";
}

static void describe_tap(struct libinput_device *handle, struct desktop_libinput *ret)
{
	if (libinput_device_config_tap_get_finger_count(handle) <= 0) {
		return;
	}
	ret->tap = on_off(libinput_device_config_tap_get_enabled(handle));
	ret->tap_button_map = libinput_device_config_tap_get_button_map(handle) ==
					      LIBINPUT_CONFIG_TAP_MAP_LMR
				      ? "lmr"
				      : "lrm";
	ret->tap_drag = on_off(libinput_device_config_tap_get_drag_enabled(handle));
	ret->tap_drag_lock = on_off(libinput_device_config_tap_get_drag_lock_enabled(handle));
}

static void describe_scroll(struct libinput_device *handle, struct desktop_libinput *ret)
{
	uint32_t methods = libinput_device_config_scroll_get_methods(handle);
	if (methods == LIBINPUT_CONFIG_SCROLL_NO_SCROLL) {
		return;
	}
	enum libinput_config_scroll_method method = libinput_device_config_scroll_get_method(
		handle);
	ret->scroll_method = method == LIBINPUT_CONFIG_SCROLL_2FG              ? "two_finger"
			     : method == LIBINPUT_CONFIG_SCROLL_EDGE           ? "edge"
			     : method == LIBINPUT_CONFIG_SCROLL_ON_BUTTON_DOWN ? "on_button_down"
									       : "none";
	if (methods & LIBINPUT_CONFIG_SCROLL_ON_BUTTON_DOWN) {
		ret->has_scroll_button = true;
		ret->scroll_button = libinput_device_config_scroll_get_button(handle);
		ret->scroll_button_lock = on_off(
			libinput_device_config_scroll_get_button_lock(handle));
	}
}

static void describe_accel(struct libinput_device *handle, struct desktop_libinput *ret)
{
	if (!libinput_device_config_accel_is_available(handle)) {
		return;
	}
	enum libinput_config_accel_profile profile = libinput_device_config_accel_get_profile(
		handle);
	ret->has_accel_speed = true;
	ret->accel_speed = libinput_device_config_accel_get_speed(handle);
	ret->accel_profile = profile == LIBINPUT_CONFIG_ACCEL_PROFILE_FLAT       ? "flat"
			     : profile == LIBINPUT_CONFIG_ACCEL_PROFILE_ADAPTIVE ? "adaptive"
										 : "none";
}

static void describe_rest(struct libinput_device *handle, struct desktop_libinput *ret)
{
	uint32_t mode = libinput_device_config_send_events_get_mode(handle);
	ret->send_events = mode == LIBINPUT_CONFIG_SEND_EVENTS_ENABLED ? "enabled"
			   : mode == LIBINPUT_CONFIG_SEND_EVENTS_DISABLED
				   ? "disabled"
				   : "disabled_on_external_mouse";
	ret->can_be_off_by_mouse = libinput_device_config_send_events_get_modes(handle) &
				   LIBINPUT_CONFIG_SEND_EVENTS_DISABLED_ON_EXTERNAL_MOUSE;
	if (libinput_device_config_scroll_has_natural_scroll(handle)) {
		ret->natural_scroll = on_off(
			libinput_device_config_scroll_get_natural_scroll_enabled(handle));
	}
	if (libinput_device_config_left_handed_is_available(handle)) {
		ret->left_handed = on_off(libinput_device_config_left_handed_get(handle));
	}
	if (libinput_device_config_click_get_methods(handle) != 0) {
		enum libinput_config_click_method method = libinput_device_config_click_get_method(
			handle);
		ret->click_method = method == LIBINPUT_CONFIG_CLICK_METHOD_BUTTON_AREAS
					    ? "button_areas"
				    : method == LIBINPUT_CONFIG_CLICK_METHOD_CLICKFINGER
					    ? "clickfinger"
					    : "none";
	}
	if (libinput_device_config_middle_emulation_is_available(handle)) {
		ret->middle_emulation = on_off(
			libinput_device_config_middle_emulation_get_enabled(handle));
	}
	if (libinput_device_config_dwt_is_available(handle)) {
		ret->dwt = on_off(libinput_device_config_dwt_get_enabled(handle));
	}
	if (libinput_device_config_dwtp_is_available(handle)) {
		ret->dwtp = on_off(libinput_device_config_dwtp_get_enabled(handle));
	}
	if (libinput_device_config_calibration_has_matrix(handle)) {
		ret->has_calibration_matrix = true;
		libinput_device_config_calibration_get_matrix(handle, ret->calibration_matrix);
	}
}

void device_libinput_describe(struct device *device, struct desktop_input *ret_input)
{
	struct libinput_device *handle = handle_of(device->wlr_device);
	if (handle == nullptr) {
		return;
	}
	ret_input->has_libinput = true;
	device_libinput_ids(device->wlr_device, &ret_input->vendor, &ret_input->product);
	describe_tap(handle, &ret_input->libinput);
	describe_scroll(handle, &ret_input->libinput);
	describe_accel(handle, &ret_input->libinput);
	describe_rest(handle, &ret_input->libinput);
}
