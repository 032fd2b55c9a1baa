/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "output"

#include "output/output.h"

#include <math.h>
#include <wlr/backend/headless.h>
#include <wlr/backend/multi.h>
#include <wlr/backend/wayland.h>
#include <wlr/config.h>
#if WLR_HAS_X11_BACKEND
#include <wlr/backend/x11.h>
#endif
#include <wlr/render/color.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_scene.h>
#include <wlr/types/wlr_xdg_output_v1.h>

#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "config/config.h"
#include "input/input.h"
#include "listener.h"
#include "server.h"
#include "shell/layer.h"
#include "shell/lock.h"
#include "shell/scene.h"
#include "shell/shell.h"
#include "shell/show.h"
#include "shell/transaction.h"
#include "tree/arrange.h"
#include "tree/tree.h"

static constexpr int headless_width = 1920;
static constexpr int headless_height = 1080;

/* ---- looking up ---- */

struct output *output_of_tree(struct outputs *outputs, const struct tree_output *tree_output)
{
	struct output *output;
	wl_list_for_each (output, &outputs->list, link) {
		if (output->tree_output == tree_output) {
			return output;
		}
	}
	return nullptr;
}

struct output *outputs_focused(struct outputs *outputs)
{
	struct tree_seat *seat = tree_default_seat(outputs->server->tree);
	struct workspace *ws = seat != nullptr ? tree_seat_focused_workspace(seat) : nullptr;
	struct output *output = ws != nullptr ? output_of_tree(outputs, ws->output) : nullptr;
	if (output != nullptr) {
		return output;
	}
	wl_list_for_each (output, &outputs->list, link) {
		if (output->tree_output->enabled) {
			return output;
		}
	}
	return nullptr;
}

struct output *outputs_nearest(struct outputs *outputs, double x, double y)
{
	wlr_output_layout_closest_point(outputs->layout, nullptr, x, y, &x, &y);
	struct wlr_output *wlr_output = wlr_output_layout_output_at(outputs->layout, x, y);
	return wlr_output != nullptr ? wlr_output->data : nullptr;
}

float outputs_text_scale(struct outputs *outputs)
{
	float scale = 1;
	struct output *output;
	wl_list_for_each (output, &outputs->list, link) {
		if (output->tree_output->enabled && output->wlr_output->scale > scale) {
			scale = output->wlr_output->scale;
		}
	}
	return scale;
}

/* ---- what the backend says ---- */

static void handle_request_state(struct wl_listener *listener, void *data)
{
	struct output *output = wl_container_of(listener, output, request_state);
	const struct wlr_output_event_request_state *event = data;
	wlr_output_commit_state(output->wlr_output, event->state);
}

static void handle_commit(struct wl_listener *listener, void *data)
{
	struct output *output = wl_container_of(listener, output, commit);
	const struct wlr_output_event_commit *event = data;
	uint32_t geometry = WLR_OUTPUT_STATE_MODE | WLR_OUTPUT_STATE_SCALE |
			    WLR_OUTPUT_STATE_TRANSFORM;
	if (!(event->state->committed & (geometry | WLR_OUTPUT_STATE_ENABLED))) {
		return;
	}
	output->tree_output->scale = output->wlr_output->scale;
	if (event->state->committed & geometry && output->tree_output->enabled) {
		layer_arrange(output);
		shell_update_looks(output->server->shell);
		transactions_commit(output->server->transactions);
		lock_outputs_changed(output->server->lock);
	}
	output_manager_schedule_update(output->server->outputs);
}

/* ---- settings ---- */

static void enable_in_tree(struct output *output, const struct output_config *config)
{
	struct outputs *outputs = output->server->outputs;
	struct wlr_output_layout_output *place;
	if (config->x != unset && config->y != unset) {
		place = wlr_output_layout_add(
			outputs->layout, output->wlr_output, config->x, config->y);
	} else {
		place = wlr_output_layout_get(outputs->layout, output->wlr_output);
		if (place == nullptr) {
			place = wlr_output_layout_add_auto(outputs->layout, output->wlr_output);
		}
	}
	if (output->scene_output == nullptr) {
		output->scene_output = wlr_scene_output_create(
			output->server->scene->root, output->wlr_output);
		wlr_scene_output_layout_add_output(
			outputs->scene_layout, place, output->scene_output);
	}
	bool was_enabled = output->tree_output->enabled;
	output->tree_output->scale = output->wlr_output->scale;
	struct wlr_box box;
	wlr_output_layout_get_box(outputs->layout, output->wlr_output, &box);
	tree_output_set_area(output->tree_output, box.x, box.y, box.width, box.height, nullptr);
	if (!was_enabled) {
		tree_output_enable(output->tree_output);
	}
	layer_arrange(output);
}

static void disable_in_tree(struct output *output)
{
	if (!output->tree_output->enabled) {
		return;
	}
	layer_output_gone(output);
	tree_output_disable(output->tree_output);
	if (output->scene_output != nullptr) {
		wlr_scene_output_destroy(output->scene_output);
		output->scene_output = nullptr;
	}
	wlr_output_layout_remove(output->server->outputs->layout, output->wlr_output);
}

static bool try_state(
	struct output *output, const struct output_config *config, bool with_extras, bool test_only)
{
	struct wlr_output_state state;
	wlr_output_state_init(&state);
	output_settings_fill(output, &state, config, with_extras);
	bool done = test_only ? wlr_output_test_state(output->wlr_output, &state)
			      : wlr_output_commit_state(output->wlr_output, &state);
	wlr_output_state_finish(&state);
	return done;
}

/* Better a picture without deep colours than none. */
static bool commit_state(struct output *output, const struct output_config *config, bool test_only)
{
	return try_state(output, config, true, test_only) ||
	       try_state(output, config, false, test_only);
}

static void take_filter(struct output *output, const struct output_config *config)
{
	enum filter : int {
		LINEAR,
		NEAREST
	};
	float scale = output->wlr_output->scale;
	bool linearly = config->scale_filter == LINEAR ||
			(config->scale_filter != NEAREST && ceilf(scale) != scale);
	if (linearly != output->filters_linearly) {
		output->filters_linearly = linearly;
		wlr_output_schedule_frame(output->wlr_output);
	}
}

static void take_color_transform(struct output *output, const struct output_config *config)
{
	wlr_color_transform_unref(output->color_transform);
	output->color_transform = output_color_transform(output, config);
}

bool output_apply(struct output *output, const struct output_config *config, bool test_only)
{
	bool enabled = config->enabled != 0;
	if (test_only) {
		return commit_state(output, config, true);
	}
	if (config->power != unset) {
		output->power_off = config->power == 0;
	}
	if (!enabled) {
		disable_in_tree(output);
	}
	if (!commit_state(output, config, false)) {
		vx_log_error("output '%s' refuses its settings", output->wlr_output->name);
		return false;
	}
	output->max_render_time = config->max_render_time > 0 ? config->max_render_time : 0;
	output->allow_tearing = config->allow_tearing == 1;
	take_filter(output, config);
	take_color_transform(output, config);
	if (enabled) {
		enable_in_tree(output, config);
	}
	return true;
}

/* Owned by the caller; never NULL. */
static struct output_config *merged_config(struct output *output)
{
	struct output_config *config = config_output_for(server_config(output->server),
		output->wlr_output->name, output->tree_output->identifier);
	return config != nullptr ? config : output_config_create(output->wlr_output->name);
}

static void update_bounds(struct outputs *outputs)
{
	struct wlr_box box;
	wlr_output_layout_get_box(outputs->layout, nullptr, &box);
	tree_set_bounds(outputs->server->tree, (struct box){box.x, box.y, box.width, box.height});
}

/* After any number of outputs have changed. */
static void settle(struct outputs *outputs)
{
	struct server *server = outputs->server;
	update_bounds(outputs);
	struct output *output;
	wl_list_for_each (output, &outputs->list, link) {
		if (output->tree_output->enabled) {
			layer_arrange(output);
		}
	}
	arrange_tree(server->tree);
	transactions_commit(server->transactions);
	input_outputs_changed(server->input);
	lock_outputs_changed(server->lock);
	output_manager_schedule_update(outputs);
	wl_signal_emit_mutable(&server->tree->events.output, nullptr);
}

void outputs_configure(struct outputs *outputs, const char *name)
{
	struct output *output;
	wl_list_for_each (output, &outputs->list, link) {
		if (name == nullptr || strcmp(name, "*") == 0 ||
			tree_output_matches(output->tree_output, name)) {
			struct output_config *config = merged_config(output);
			output_apply(output, config, false);
			output_config_destroy(config);
		}
	}
	settle(outputs);
}

void outputs_reconfigure(struct outputs *outputs)
{
	struct output *output;
	wl_list_for_each (output, &outputs->list, link) {
		output->power_off = false;
	}
	outputs_configure(outputs, nullptr);
}

bool output_set_power(struct output *output, bool on)
{
	output->power_off = !on;
	struct output_config *config = merged_config(output);
	bool done = commit_state(output, config, false);
	output_config_destroy(config);
	wl_signal_emit_mutable(&output->server->tree->events.output, nullptr);
	return done;
}

/* ---- coming and going ---- */

#if WLR_HAS_X11_BACKEND
static bool is_x11_window(struct wlr_output *wlr_output)
{
	return wlr_output_is_x11(wlr_output);
}
#else
static bool is_x11_window(struct wlr_output *wlr_output)
{
	return false;
}
#endif

/* A window on another desktop, which its user can close. */
static bool is_window(struct wlr_output *wlr_output)
{
	return wlr_output_is_wl(wlr_output) || is_x11_window(wlr_output);
}

static void handle_destroy(struct wl_listener *listener, void *data)
{
	struct output *output = wl_container_of(listener, output, destroy);
	struct server *server = output->server;
	struct outputs *outputs = server->outputs;
	output_render_finish(output);
	listener_remove(&output->destroy);
	listener_remove(&output->request_state);
	listener_remove(&output->commit);
	lock_output_gone(server->lock, output);
	/* First out of the list: nobody may start to listen to an output that is being destroyed.
	 */
	wl_list_remove(&output->link);
	if (server->running && is_window(output->wlr_output) && wl_list_empty(&outputs->list)) {
		vx_log_info("the last window was closed, ending");
		server_stop(server);
	}
	disable_in_tree(output);
	output->wlr_output->data = nullptr;
	wlr_color_transform_unref(output->color_transform);
	wlr_scene_node_destroy(&output->fullscreen_background->node);
	tree_output_begin_destroy(output->tree_output);
	settle(outputs);
	free(output);
}

static char *identifier_of(const struct wlr_output *output)
{
	return vx_printf("%s %s %s", output->make != nullptr ? output->make : "Unknown",
		output->model != nullptr ? output->model : "Unknown",
		output->serial != nullptr ? output->serial : "Unknown");
}

static void handle_new_output(struct wl_listener *listener, void *data)
{
	struct outputs *outputs = wl_container_of(listener, outputs, new_output);
	struct server *server = outputs->server;
	struct wlr_output *wlr_output = data;
	if (wlr_output->non_desktop ||
		!wlr_output_init_render(wlr_output, server->allocator, server->renderer)) {
		vx_log_info("output '%s' is not for a desktop, leaving it alone", wlr_output->name);
		return;
	}
	struct output *output = vx_new(output);
	output->server = server;
	output->wlr_output = wlr_output;
	wlr_output->data = output;
	vx_cleanup_free char *identifier = identifier_of(wlr_output);
	output->tree_output = tree_output_create(server->tree, wlr_output->name, identifier);
	output->fullscreen_background = wlr_scene_rect_create(
		server->scene->layers[SCENE_FULLSCREEN], 0, 0, (float[4]){0, 0, 0, 1});
	wlr_scene_node_set_enabled(&output->fullscreen_background->node, false);
	output->detected_subpixel = wlr_output->subpixel;
	output_render_init(output);
	wl_list_insert(outputs->list.prev, &output->link);
	listener_add(&output->destroy, &wlr_output->events.destroy, handle_destroy);
	listener_add(
		&output->request_state, &wlr_output->events.request_state, handle_request_state);
	listener_add(&output->commit, &wlr_output->events.commit, handle_commit);
	struct output_config *config = merged_config(output);
	output_apply(output, config, false);
	output_config_destroy(config);
	settle(outputs);
}

static void handle_layout_change(struct wl_listener *listener, void *data)
{
	struct outputs *outputs = wl_container_of(listener, outputs, layout_change);
	update_bounds(outputs);
	struct output *output;
	wl_list_for_each (output, &outputs->list, link) {
		if (output->tree_output->enabled) {
			layer_arrange(output);
		}
	}
}

static void try_add(struct wlr_backend *backend, void *data)
{
	bool *added = data;
	if (*added) {
		return;
	}
	if (wlr_backend_is_headless(backend)) {
		*added = wlr_headless_add_output(backend, headless_width, headless_height) !=
			 nullptr;
	} else if (wlr_backend_is_wl(backend)) {
		*added = wlr_wl_output_create(backend) != nullptr;
	}
#if WLR_HAS_X11_BACKEND
	else if (wlr_backend_is_x11(backend)) {
		*added = wlr_x11_output_create(backend) != nullptr;
	}
#endif
}

bool outputs_add(struct outputs *outputs, struct vx_error *err)
{
	bool added = false;
	if (wlr_backend_is_multi(outputs->server->backend)) {
		wlr_multi_for_each_backend(outputs->server->backend, try_add, &added);
	} else {
		try_add(outputs->server->backend, &added);
	}
	return added ||
	       vx_error_set(err, "Can only create outputs for Wayland, X11 or headless backends");
}

struct outputs *outputs_create(struct server *server, struct vx_error *err)
{
	struct outputs *outputs = vx_new(outputs);
	outputs->server = server;
	server->outputs = outputs;
	wl_list_init(&outputs->list);
	outputs->layout = wlr_output_layout_create(server->display);
	outputs->scene_layout = wlr_scene_attach_output_layout(
		server->scene->root, outputs->layout);
	if (wlr_xdg_output_manager_v1_create(server->display, outputs->layout) == nullptr ||
		!output_manager_init(outputs)) {
		vx_error_set(err, "the output managers can't be made");
		outputs_destroy(outputs);
		server->outputs = nullptr;
		return nullptr;
	}
	listener_add(&outputs->new_output, &server->backend->events.new_output, handle_new_output);
	listener_add(
		&outputs->layout_change, &outputs->layout->events.change, handle_layout_change);
	return outputs;
}

void outputs_detach(struct outputs *outputs)
{
	if (outputs != nullptr) {
		listener_remove(&outputs->new_output);
	}
}

void outputs_destroy(struct outputs *outputs)
{
	if (outputs == nullptr) {
		return;
	}
	outputs_detach(outputs);
	listener_remove(&outputs->layout_change);
	listener_remove(&outputs->manager_apply);
	listener_remove(&outputs->manager_test);
	listener_remove(&outputs->power_set_mode);
	if (outputs->manager_update != nullptr) {
		wl_event_source_remove(outputs->manager_update);
	}
	free(outputs);
}
