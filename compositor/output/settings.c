/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "output"

/* What the configuration says of an output, as a state that the backend can take. */
#include <drm_fourcc.h>
#include <math.h>
#include <stdlib.h>
#include <wlr/backend/drm.h>
#include <wlr/config.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_output.h>
#include <wlr/util/box.h>
#if WLR_HAS_DRM_BACKEND
#include <xf86drmMode.h>
#endif

#include "common/log.h"
#include "config/config.h"
#include "output/output.h"
#include "server.h"

/* ---- mode ---- */

static struct wlr_output_mode *find_mode(
	struct wlr_output *output, const struct output_config *config)
{
	struct wlr_output_mode *mode, *best = nullptr;
	int refresh = (int)(config->refresh * 1000);
	wl_list_for_each (mode, &output->modes, link) {
		if (mode->width != config->width || mode->height != config->height) {
			continue;
		}
		if (refresh > 0 && abs(mode->refresh - refresh) < 10) {
			return mode;
		}
		if (best == nullptr || mode->refresh > best->refresh) {
			best = mode;
		}
	}
	return best;
}

#if WLR_HAS_DRM_BACKEND
static struct wlr_output_mode *add_modeline(
	struct wlr_output *output, const struct output_config *config)
{
	if (!wlr_output_is_drm(output)) {
		vx_log_warn("output '%s': a modeline is for real screens only", output->name);
		return nullptr;
	}
	drmModeModeInfo info = {
		.clock = config->modeline.clock,
		.hdisplay = config->modeline.hdisplay,
		.hsync_start = config->modeline.hsync_start,
		.hsync_end = config->modeline.hsync_end,
		.htotal = config->modeline.htotal,
		.vdisplay = config->modeline.vdisplay,
		.vsync_start = config->modeline.vsync_start,
		.vsync_end = config->modeline.vsync_end,
		.vtotal = config->modeline.vtotal,
		.flags = config->modeline.flags,
		.type = DRM_MODE_TYPE_USERDEF,
	};
	if (info.htotal == 0 || info.vtotal == 0) {
		return nullptr;
	}
	info.vrefresh = (uint32_t)(info.clock * 1000ull / info.htotal / info.vtotal);
	snprintf(info.name, sizeof(info.name), "%dx%d", info.hdisplay, info.vdisplay);
	return wlr_drm_connector_add_mode(output, &info);
}
#else
static struct wlr_output_mode *add_modeline(
	struct wlr_output *output, const struct output_config *config)
{
	return nullptr;
}
#endif

static void set_mode(struct wlr_output *wlr_output, struct wlr_output_state *state,
	const struct output_config *config)
{
	bool sized = config->width > 0 && config->height > 0;
	struct wlr_output_mode *mode = nullptr;
	if (config->has_modeline) {
		mode = add_modeline(wlr_output, config);
	} else if (sized && (config->custom_mode == 1 || wl_list_empty(&wlr_output->modes))) {
		int refresh = config->refresh > 0 ? (int)(config->refresh * 1000) : 0;
		wlr_output_state_set_custom_mode(state, config->width, config->height, refresh);
		return;
	} else if (sized) {
		mode = find_mode(wlr_output, config);
	}
	if (mode == nullptr) {
		mode = wlr_output_preferred_mode(wlr_output);
	}
	if (mode != nullptr) {
		wlr_output_state_set_mode(state, mode);
	}
}

/* ---- scale and transform ---- */

static enum wl_output_transform default_transform(struct wlr_output *output)
{
#if WLR_HAS_DRM_BACKEND
	if (wlr_output_is_drm(output)) {
		return wlr_drm_connector_get_panel_orientation(output);
	}
#endif
	return WL_OUTPUT_TRANSFORM_NORMAL;
}

/* Screens that tell the ratio of their sides where their size belongs. */
static bool has_ratio_for_size(const struct wlr_output *output)
{
	static const int ratios[][2] = {
		{1600, 900}, {1600, 1000}, {160, 90}, {160, 100}, {16, 9}, {16, 10}};
	for (size_t i = 0; i < sizeof(ratios) / sizeof(ratios[0]); i++) {
		if (output->phys_width == ratios[i][0] && output->phys_height == ratios[i][1]) {
			return true;
		}
	}
	return false;
}

/* Twice the usual density is what scale 2 was made for. */
static float default_scale(const struct wlr_output *output, const struct wlr_output_state *state)
{
	static constexpr double dense = 2 * 96;
	static constexpr double mm_per_inch = 25.4;
	static constexpr int least_height = 1200;
	struct wlr_box box = {.width = output->width, .height = output->height};
	if (state->committed & WLR_OUTPUT_STATE_MODE) {
		bool custom = state->mode_type == WLR_OUTPUT_STATE_MODE_CUSTOM;
		box.width = custom ? state->custom_mode.width : state->mode->width;
		box.height = custom ? state->custom_mode.height : state->mode->height;
	}
	wlr_box_transform(&box, &box, state->transform, box.width, box.height);
	if (box.height < least_height || output->phys_width <= 0 || output->phys_height <= 0 ||
		has_ratio_for_size(output)) {
		return 1;
	}
	bool is_dense = box.width / (output->phys_width / mm_per_inch) > dense &&
			box.height / (output->phys_height / mm_per_inch) > dense;
	return is_dense ? 2 : 1;
}

static void set_scale(struct wlr_output *wlr_output, struct wlr_output_state *state,
	const struct output_config *config)
{
	/* Clients hear of the scale in steps of 1/120. */
	static constexpr float steps = 120;
	bool is_set = config->scale > 0 && config->scale != unset_float;
	wlr_output_state_set_scale(state,
		is_set ? roundf(config->scale * steps) / steps : default_scale(wlr_output, state));
}

/* ---- colours ---- */

const char *output_why_no_hdr(const struct output *output)
{
	const struct wlr_output *wlr_output = output->wlr_output;
	if (!(wlr_output->supported_primaries & WLR_COLOR_NAMED_PRIMARIES_BT2020)) {
		return "the screen doesn't know the BT.2020 primaries";
	}
	if (!(wlr_output->supported_transfer_functions & WLR_COLOR_TRANSFER_FUNCTION_ST2084_PQ)) {
		return "the screen doesn't know the PQ transfer function";
	}
	return output->server->renderer->features.output_color_transform
		       ? nullptr
		       : "the renderer can't transform colours";
}

static bool wants_hdr(const struct output *output, const struct output_config *config)
{
	if (config->hdr != 1) {
		return false;
	}
	const char *why = config->color_profile > 0 || config->color_profile_device_primaries
				  ? "it has a color_profile"
				  : output_why_no_hdr(output);
	if (why != nullptr) {
		vx_log_warn("output '%s': no HDR, because %s", output->wlr_output->name, why);
	}
	return why == nullptr;
}

static void set_colors(const struct output *output, struct wlr_output_state *state,
	const struct output_config *config)
{
	const struct wlr_output *wlr_output = output->wlr_output;
	bool hdr = wants_hdr(output, config);
	int depth = config->render_bit_depth > 0 ? config->render_bit_depth : hdr ? 10 : 8;
	uint32_t format = depth == 10  ? DRM_FORMAT_XRGB2101010
			  : depth == 6 ? DRM_FORMAT_RGB565
				       : DRM_FORMAT_XRGB8888;
	if (format != wlr_output->render_format) {
		wlr_output_state_set_render_format(state, format);
	}
	if (hdr) {
		wlr_output_state_set_image_description(
			state, &(struct wlr_output_image_description){
				       .primaries = WLR_COLOR_NAMED_PRIMARIES_BT2020,
				       .transfer_function = WLR_COLOR_TRANSFER_FUNCTION_ST2084_PQ,
			       });
	} else if (wlr_output->image_description != nullptr) {
		wlr_output_state_set_image_description(state, nullptr);
	}
}

/* ---- all of it ---- */

static void set_adaptive_sync(const struct wlr_output *wlr_output, struct wlr_output_state *state,
	const struct output_config *config)
{
	if (wlr_output->adaptive_sync_supported) {
		bool is_on = wlr_output->adaptive_sync_status == WLR_OUTPUT_ADAPTIVE_SYNC_ENABLED;
		wlr_output_state_set_adaptive_sync_enabled(
			state, config->adaptive_sync == 2 ? !is_on : config->adaptive_sync == 1);
	}
}

void output_settings_fill(struct output *output, struct wlr_output_state *state,
	const struct output_config *config, bool with_extras)
{
	struct wlr_output *wlr_output = output->wlr_output;
	bool enabled = config->enabled != 0 && !output->power_off;
	wlr_output_state_set_enabled(state, enabled);
	if (!enabled) {
		return;
	}
	set_mode(wlr_output, state, config);
	wlr_output_state_set_transform(state, config->transform != unset
						      ? (enum wl_output_transform)config->transform
						      : default_transform(wlr_output));
	set_scale(wlr_output, state, config);
	wlr_output_state_set_subpixel(state, config->subpixel != unset
						     ? (enum wl_output_subpixel)config->subpixel
						     : output->detected_subpixel);
	if (with_extras) {
		set_adaptive_sync(wlr_output, state, config);
		set_colors(output, state, config);
	}
}
