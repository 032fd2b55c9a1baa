/* SPDX-License-Identifier: MIT */
/* Outputs, inputs and seats as IPC shows them. */
#include <wlr/types/wlr_output.h>

#include "common/memory.h"
#include "desktop.h"
#include "input/input.h"
#include "input/seat.h"
#include "output/output.h"
#include "server.h"
#include "tree/tree.h"

static const char *transform_name(enum wl_output_transform transform)
{
	/* The protocol turns counter-clockwise, sway's words clockwise. */
	static const char *const names[] = {
		[WL_OUTPUT_TRANSFORM_NORMAL] = "normal",
		[WL_OUTPUT_TRANSFORM_90] = "270",
		[WL_OUTPUT_TRANSFORM_180] = "180",
		[WL_OUTPUT_TRANSFORM_270] = "90",
		[WL_OUTPUT_TRANSFORM_FLIPPED] = "flipped",
		[WL_OUTPUT_TRANSFORM_FLIPPED_90] = "flipped-270",
		[WL_OUTPUT_TRANSFORM_FLIPPED_180] = "flipped-180",
		[WL_OUTPUT_TRANSFORM_FLIPPED_270] = "flipped-90",
	};
	return names[transform];
}

static const char *subpixel_name(enum wl_output_subpixel subpixel)
{
	static const char *const names[] = {
		[WL_OUTPUT_SUBPIXEL_UNKNOWN] = "unknown",
		[WL_OUTPUT_SUBPIXEL_NONE] = "none",
		[WL_OUTPUT_SUBPIXEL_HORIZONTAL_RGB] = "rgb",
		[WL_OUTPUT_SUBPIXEL_HORIZONTAL_BGR] = "bgr",
		[WL_OUTPUT_SUBPIXEL_VERTICAL_RGB] = "vrgb",
		[WL_OUTPUT_SUBPIXEL_VERTICAL_BGR] = "vbgr",
	};
	return names[subpixel];
}

static size_t copy_modes(const struct wlr_output *output, struct desktop_mode **ret_modes)
{
	size_t count = 0;
	*ret_modes = vx_calloc((size_t)wl_list_length(&output->modes) + 1, sizeof(**ret_modes));
	const struct wlr_output_mode *mode;
	wl_list_for_each (mode, &output->modes, link) {
		(*ret_modes)[count++] = (struct desktop_mode){
			.width = mode->width,
			.height = mode->height,
			.refresh = mode->refresh,
			.aspect_ratio = mode->picture_aspect_ratio,
		};
	}
	return count;
}

static const char *or_unknown(const char *text)
{
	return text != nullptr ? text : "Unknown";
}

static void visit_output(const struct output *output,
	void (*visit)(const struct desktop_output *output, void *data), void *data)
{
	const struct wlr_output *wlr_output = output->wlr_output;
	struct desktop_mode *modes = nullptr;
	size_t mode_count = copy_modes(wlr_output, &modes);
	struct desktop_output description = {
		.output = output->tree_output,
		.name = wlr_output->name,
		.make = or_unknown(wlr_output->make),
		.model = or_unknown(wlr_output->model),
		.serial = or_unknown(wlr_output->serial),
		.enabled = output->tree_output->enabled,
		.power = wlr_output->enabled,
		.scale = wlr_output->scale,
		.scale_filter = output->filters_linearly ? "linear" : "nearest",
		.transform = transform_name(wlr_output->transform),
		.subpixel = subpixel_name(wlr_output->subpixel),
		.adaptive_sync_supported = wlr_output->adaptive_sync_supported,
		.adaptive_sync = wlr_output->adaptive_sync_status ==
				 WLR_OUTPUT_ADAPTIVE_SYNC_ENABLED,
		.hdr_supported = output_why_no_hdr(output) == nullptr,
		.hdr = wlr_output->image_description != nullptr,
		.allow_tearing = output->allow_tearing,
		.max_render_time = output->max_render_time,
		.mode = {.width = wlr_output->width,
			.height = wlr_output->height,
			.refresh = wlr_output->refresh},
		.modes = modes,
		.mode_count = mode_count,
	};
	visit(&description, data);
	free(modes);
}

void desktop_for_each_output(struct desktop *desktop,
	void (*visit)(const struct desktop_output *output, void *data), void *data)
{
	struct server *server = server_from_desktop(desktop);
	for (int i = 0; i < server->tree->outputs.length; i++) {
		const struct output *output = output_of_tree(
			server->outputs, server->tree->outputs.items[i]);
		if (output != nullptr) {
			visit_output(output, visit, data);
		}
	}
	const struct output *output;
	wl_list_for_each (output, &server->outputs->list, link) {
		if (!output->tree_output->enabled) {
			visit_output(output, visit, data);
		}
	}
}

void desktop_for_each_input(struct desktop *desktop,
	void (*visit)(const struct desktop_input *input, void *data), void *data)
{
	struct server *server = server_from_desktop(desktop);
	struct device *device;
	wl_list_for_each (device, &server->input->devices, link) {
		struct desktop_input description;
		input_describe(device, &description);
		visit(&description, data);
	}
}

void desktop_for_each_seat(struct desktop *desktop,
	void (*visit)(const struct desktop_seat *seat, void *data), void *data)
{
	struct server *server = server_from_desktop(desktop);
	size_t device_count = (size_t)wl_list_length(&server->input->devices);
	const char **identifiers = vx_calloc(device_count + 1, sizeof(*identifiers));
	struct seat *seat;
	wl_list_for_each (seat, &server->input->seats, link) {
		size_t count = 0;
		const struct device *device;
		wl_list_for_each (device, &server->input->devices, link) {
			if (device->seat == seat) {
				identifiers[count++] = device->identifier;
			}
		}
		struct desktop_seat description = {
			.seat = seat->tree_seat,
			.capabilities = seat->wlr_seat->capabilities,
			.inputs = identifiers,
			.input_count = count,
		};
		visit(&description, data);
	}
	free(identifiers);
}
