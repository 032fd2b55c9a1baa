/* SPDX-License-Identifier: MIT */
#include "config/device.h"

#include <stddef.h>
#include <string.h>

/* Which fields of a configuration are what, so that one loop can set, merge and free them. */
enum field_kind : unsigned {
	FIELD_INT,     /* unset: `unset` */
	FIELD_FLOAT,   /* unset: unset_float */
	FIELD_STRING,  /* owned; unset: NULL */
	FIELD_SOURCES, /* uint32_t; unset: UINT32_MAX */
};

struct field {
	enum field_kind kind;
	size_t offset;
};

#define INT(type, name) {FIELD_INT, offsetof(struct type, name)}
#define FLOAT(type, name) {FIELD_FLOAT, offsetof(struct type, name)}
#define STRING(type, name) {FIELD_STRING, offsetof(struct type, name)}

static const struct field input_fields[] = {
	INT(input_config, accel_profile),
	INT(input_config, click_method),
	INT(input_config, clickfinger_button_map),
	INT(input_config, drag),
	INT(input_config, drag_lock),
	INT(input_config, dwt),
	INT(input_config, dwtp),
	INT(input_config, left_handed),
	INT(input_config, middle_emulation),
	INT(input_config, natural_scroll),
	INT(input_config, send_events),
	INT(input_config, tap),
	INT(input_config, tap_button_map),
	INT(input_config, scroll_method),
	INT(input_config, scroll_button),
	INT(input_config, scroll_button_lock),
	FLOAT(input_config, pointer_accel),
	FLOAT(input_config, scroll_factor),
	FLOAT(input_config, rotation_angle),
	INT(input_config, repeat_delay),
	INT(input_config, repeat_rate),
	STRING(input_config, xkb_file),
	STRING(input_config, xkb_layout),
	STRING(input_config, xkb_model),
	STRING(input_config, xkb_options),
	STRING(input_config, xkb_rules),
	STRING(input_config, xkb_variant),
	INT(input_config, xkb_numlock),
	INT(input_config, xkb_capslock),
};

static const struct field output_fields[] = {
	INT(output_config, enabled),
	INT(output_config, power),
	INT(output_config, width),
	INT(output_config, height),
	FLOAT(output_config, refresh),
	INT(output_config, custom_mode),
	INT(output_config, x),
	INT(output_config, y),
	FLOAT(output_config, scale),
	INT(output_config, scale_filter),
	INT(output_config, subpixel),
	INT(output_config, transform),
	INT(output_config, max_render_time),
	INT(output_config, adaptive_sync),
	INT(output_config, allow_tearing),
	INT(output_config, hdr),
	INT(output_config, render_bit_depth),
	INT(output_config, color_profile),
	STRING(output_config, color_profile_file),
	STRING(output_config, background),
	STRING(output_config, background_mode),
	STRING(output_config, background_fallback),
};

static const struct field seat_fields[] = {
	INT(seat_config, fallback),
	INT(seat_config, hide_cursor_timeout),
	INT(seat_config, allow_constrain),
	INT(seat_config, shortcuts_inhibit),
	INT(seat_config, keyboard_grouping),
	{FIELD_SOURCES, offsetof(struct seat_config, idle_inhibit_sources)},
	{FIELD_SOURCES, offsetof(struct seat_config, idle_wake_sources)},
	STRING(seat_config, xcursor_theme),
	INT(seat_config, xcursor_size),
};

static void *field_at(void *object, const struct field *field)
{
	return (char *)object + field->offset;
}

static void fields_unset(void *object, const struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		void *at = field_at(object, &fields[i]);
		switch (fields[i].kind) {
		case FIELD_INT:
			*(int *)at = unset;
			break;
		case FIELD_FLOAT:
			*(float *)at = unset_float;
			break;
		case FIELD_STRING:
			*(char **)at = nullptr;
			break;
		case FIELD_SOURCES:
			*(uint32_t *)at = UINT32_MAX;
			break;
		}
	}
}

static void field_merge(void *to, const void *from, enum field_kind kind)
{
	switch (kind) {
	case FIELD_INT:
		if (*(const int *)from != unset) {
			*(int *)to = *(const int *)from;
		}
		break;
	case FIELD_FLOAT:
		if (*(const float *)from != unset_float) {
			*(float *)to = *(const float *)from;
		}
		break;
	case FIELD_STRING:
		if (*(char *const *)from) {
			vx_replace_string(to, *(char *const *)from);
		}
		break;
	case FIELD_SOURCES:
		if (*(const uint32_t *)from != UINT32_MAX) {
			*(uint32_t *)to = *(const uint32_t *)from;
		}
		break;
	}
}

static void fields_merge(void *to, const void *from, const struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		field_merge(field_at(to, &fields[i]), field_at((void *)from, &fields[i]),
			fields[i].kind);
	}
}

static void fields_free(void *object, const struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (fields[i].kind == FIELD_STRING) {
			free(*(char **)field_at(object, &fields[i]));
		}
	}
}

/* --- Input --- */

struct input_config *input_config_create(const char *identifier)
{
	struct input_config *config = vx_new(config);
	fields_unset(config, input_fields, VX_ARRAY_LENGTH(input_fields));
	config->identifier = vx_strdup(identifier);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(config->tool_mode); i++) {
		config->tool_mode[i] = -1;
	}
	return config;
}

static void merge_mapping(struct input_config *to, const struct input_config *from)
{
	if (from->has_map_target) {
		to->has_map_target = true;
		to->map_target = from->map_target;
		vx_replace_string(&to->map_output, from->map_output);
		memcpy(to->map_region, from->map_region, sizeof(to->map_region));
	}
	if (from->has_map_from_region) {
		to->has_map_from_region = true;
		to->map_from_region_is_mm = from->map_from_region_is_mm;
		memcpy(to->map_from_region, from->map_from_region, sizeof(to->map_from_region));
	}
}

void input_config_merge(struct input_config *to, const struct input_config *from)
{
	fields_merge(to, from, input_fields, VX_ARRAY_LENGTH(input_fields));
	merge_mapping(to, from);
	if (from->has_calibration_matrix) {
		to->has_calibration_matrix = true;
		memcpy(to->calibration_matrix, from->calibration_matrix,
			sizeof(to->calibration_matrix));
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(to->tool_mode); i++) {
		if (from->tool_mode[i] >= 0) {
			to->tool_mode[i] = from->tool_mode[i];
		}
	}
	/* A file replaces names, and names replace a file. */
	if (from->xkb_file) {
		vx_replace_string(&to->xkb_layout, nullptr);
	} else if (from->xkb_layout) {
		vx_replace_string(&to->xkb_file, nullptr);
	}
}

void input_config_destroy(struct input_config *config)
{
	if (config) {
		fields_free(config, input_fields, VX_ARRAY_LENGTH(input_fields));
		free(config->identifier);
		free(config->map_output);
		free(config);
	}
}

/* --- Output --- */

struct output_config *output_config_create(const char *name)
{
	struct output_config *config = vx_new(config);
	fields_unset(config, output_fields, VX_ARRAY_LENGTH(output_fields));
	config->name = vx_strdup(name);
	return config;
}

void output_config_merge(struct output_config *to, const struct output_config *from)
{
	fields_merge(to, from, output_fields, VX_ARRAY_LENGTH(output_fields));
	if (from->has_modeline || from->width != unset) {
		to->has_modeline = from->has_modeline;
		to->modeline = from->modeline;
	}
	if (from->color_profile != unset) {
		to->color_profile_device_primaries = from->color_profile_device_primaries;
	}
	if (from->background && !from->background_fallback) {
		vx_replace_string(&to->background_fallback, nullptr);
	}
}

void output_config_destroy(struct output_config *config)
{
	if (config) {
		fields_free(config, output_fields, VX_ARRAY_LENGTH(output_fields));
		free(config->name);
		free(config);
	}
}

/* --- Seat --- */

struct seat_config *seat_config_create(const char *name)
{
	struct seat_config *config = vx_new(config);
	fields_unset(config, seat_fields, VX_ARRAY_LENGTH(seat_fields));
	config->name = vx_strdup(name);
	return config;
}

static bool has_attachment(const struct seat_config *config, const char *identifier)
{
	for (int i = 0; i < config->attachments.length; i++) {
		if (strcmp(config->attachments.items[i]->identifier, identifier) == 0) {
			return true;
		}
	}
	return false;
}

void seat_config_merge(struct seat_config *to, const struct seat_config *from)
{
	fields_merge(to, from, seat_fields, VX_ARRAY_LENGTH(seat_fields));
	if (from->hide_cursor_when_typing != HIDE_WHEN_TYPING_DEFAULT) {
		to->hide_cursor_when_typing = from->hide_cursor_when_typing;
	}
	for (int i = 0; i < from->attachments.length; i++) {
		const char *identifier = from->attachments.items[i]->identifier;
		if (!has_attachment(to, identifier)) {
			struct seat_attachment *attachment = vx_new(attachment);
			attachment->identifier = vx_strdup(identifier);
			list_append(&to->attachments, attachment);
		}
	}
}

void seat_config_destroy(struct seat_config *config)
{
	if (!config) {
		return;
	}
	for (int i = 0; i < config->attachments.length; i++) {
		free(config->attachments.items[i]->identifier);
		free(config->attachments.items[i]);
	}
	list_finish(&config->attachments);
	fields_free(config, seat_fields, VX_ARRAY_LENGTH(seat_fields));
	free(config->name);
	free(config);
}
