/* SPDX-License-Identifier: MIT */
/* What `input`, `output` and `seat` lines say. Unset fields are INT_MIN, FLT_MIN or NULL. */
#ifndef CONFIG_DEVICE_H
#define CONFIG_DEVICE_H

#include <float.h>
#include <limits.h>
#include <stdint.h>

#include "tree/list.h"

static constexpr int unset = INT_MIN;
static constexpr float unset_float = FLT_MIN;

enum input_map_target : unsigned {
	INPUT_MAP_DEFAULT,
	INPUT_MAP_OUTPUT,
	INPUT_MAP_REGION,
};

/* Integers are libinput's enum values (LIBINPUT_CONFIG_…) unless said otherwise. */
struct input_config {
	char *identifier; /* owned; "*", "type:keyboard", "1:2:Name" */
	int accel_profile, click_method, clickfinger_button_map, drag, drag_lock, dwt, dwtp;
	int left_handed, middle_emulation, natural_scroll, send_events, tap, tap_button_map;
	int scroll_method, scroll_button, scroll_button_lock;
	float pointer_accel, scroll_factor, rotation_angle;
	float calibration_matrix[6];
	bool has_calibration_matrix;

	int repeat_delay, repeat_rate;
	char *xkb_file, *xkb_layout, *xkb_model, *xkb_options, *xkb_rules, *xkb_variant; /* owned */
	int xkb_numlock, xkb_capslock;                                                   /* bool */

	enum input_map_target map_target;
	bool has_map_target;
	char *map_output;  /* owned */
	int map_region[4]; /* x, y, width, height: layout coordinates */
	bool has_map_from_region;
	double map_from_region[4]; /* x1, y1, x2, y2 */
	bool map_from_region_is_mm;
	/* `tool_mode TOOL MODE`: index by wlr_tablet_tool type; -1 unset, 0 absolute, 1 relative */
	int tool_mode[16];
};

struct output_config {
	char *name;  /* owned; name, identifier or "*" */
	int enabled; /* bool */
	int power;   /* bool; 2: toggle */
	int width, height;
	float refresh;   /* Hz */
	int custom_mode; /* bool */
	bool has_modeline;
	struct {
		uint32_t clock; /* kHz */
		uint16_t hdisplay, hsync_start, hsync_end, htotal;
		uint16_t vdisplay, vsync_start, vsync_end, vtotal;
		uint32_t flags;
	} modeline;
	int x, y;
	float scale;
	int scale_filter; /* 0 linear, 1 nearest, 2 smart */
	int subpixel;     /* enum wl_output_subpixel */
	int transform;    /* enum wl_output_transform, already combined where relative */
	int max_render_time;
	int adaptive_sync, allow_tearing, hdr; /* bool; adaptive_sync 2: toggle */
	int render_bit_depth;                  /* 6, 8, 10 */
	int color_profile;                     /* 0 gamma22, 1 srgb, 2 ICC file */
	bool color_profile_device_primaries;
	char *color_profile_file;                                 /* owned */
	char *background, *background_mode, *background_fallback; /* owned */
};

enum hide_cursor_when_typing : unsigned {
	HIDE_WHEN_TYPING_DEFAULT,
	HIDE_WHEN_TYPING_ENABLE,
	HIDE_WHEN_TYPING_DISABLE,
};

struct seat_attachment {
	char *identifier; /* owned */
};

struct seat_config {
	char *name;   /* owned */
	int fallback; /* bool */
	LIST(struct seat_attachment) attachments;
	int hide_cursor_timeout; /* ms */
	enum hide_cursor_when_typing hide_cursor_when_typing;
	bool escape_constraint; /* end the active pointer constraint now; not stored */
	int allow_constrain;    /* bool */
	int shortcuts_inhibit;  /* bool */
	int keyboard_grouping;  /* 0 none, 1 smart */
	uint32_t idle_inhibit_sources, idle_wake_sources; /* bits below; UINT32_MAX: unset */
	char *xcursor_theme;                              /* owned */
	int xcursor_size;
};

enum seat_idle_source : unsigned {
	SEAT_IDLE_KEYBOARD = 1 << 0,
	SEAT_IDLE_POINTER = 1 << 1,
	SEAT_IDLE_TOUCH = 1 << 2,
	SEAT_IDLE_TABLET_PAD = 1 << 3,
	SEAT_IDLE_TABLET_TOOL = 1 << 4,
	SEAT_IDLE_SWITCH = 1 << 5,
};

struct input_config *input_config_create(const char *identifier);
void input_config_merge(struct input_config *to, const struct input_config *from);
void input_config_destroy(struct input_config *config);

struct output_config *output_config_create(const char *name);
void output_config_merge(struct output_config *to, const struct output_config *from);
void output_config_destroy(struct output_config *config);

struct seat_config *seat_config_create(const char *name);
void seat_config_merge(struct seat_config *to, const struct seat_config *from);
void seat_config_destroy(struct seat_config *config);

#endif
