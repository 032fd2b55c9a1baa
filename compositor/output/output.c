/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "output"

#include "output/output.h"

#include <time.h>
#include <wlr/backend/drm.h>
#include <wlr/backend/headless.h>
#include <wlr/backend/multi.h>
#include <wlr/backend/wayland.h>
#include <wlr/config.h>
#if WLR_HAS_X11_BACKEND
#include <wlr/backend/x11.h>
#endif
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

/* ---- frames ---- */

static void render(struct output *output)
{
	if (!output->wlr_output->enabled) {
		return;
	}
	wlr_scene_output_commit(output->scene_output, nullptr);
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	wlr_scene_output_send_frame_done(output->scene_output, &now);
}

static int handle_render_timer(void *data)
{
	render(data);
	return 0;
}

/* With max_render_time, rendering starts that long before the next refresh. */
static int render_delay_ms(const struct output *output)
{
	int refresh_ms = output->wlr_output->refresh > 0 ? 1000000 / output->wlr_output->refresh
							 : 0;
	int delay = refresh_ms - output->max_render_time;
	return output->max_render_time > 0 && delay > 0 ? delay : 0;
}

static void handle_frame(struct wl_listener *listener, void *data)
{
	struct output *output = wl_container_of(listener, output, frame);
	int delay = render_delay_ms(output);
	if (delay > 0) {
		wl_event_source_timer_update(output->render_timer, delay);
	} else {
		render(output);
	}
}

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
	if (config != nullptr && config->x != unset && config->y != unset) {
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

static void state_set_mode(
	struct output *output, struct wlr_output_state *state, const struct output_config *config)
{
	struct wlr_output *wlr_output = output->wlr_output;
	bool sized = config != nullptr && config->width > 0 && config->height > 0;
	if (sized && (config->custom_mode == 1 || wl_list_empty(&wlr_output->modes))) {
		int refresh = config->refresh > 0 ? (int)(config->refresh * 1000) : 0;
		wlr_output_state_set_custom_mode(state, config->width, config->height, refresh);
		return;
	}
	struct wlr_output_mode *mode = sized ? find_mode(wlr_output, config) : nullptr;
	if (mode == nullptr && !wlr_output->enabled) {
		mode = wlr_output_preferred_mode(wlr_output);
	}
	if (mode != nullptr) {
		wlr_output_state_set_mode(state, mode);
	}
}

static void state_fill(
	struct output *output, struct wlr_output_state *state, const struct output_config *config)
{
	wlr_output_state_set_enabled(state, !output->power_off);
	if (output->power_off) {
		return;
	}
	state_set_mode(output, state, config);
	if (config == nullptr) {
		return;
	}
	if (config->scale > 0 && config->scale != unset_float) {
		wlr_output_state_set_scale(state, config->scale);
	}
	if (config->transform != unset) {
		wlr_output_state_set_transform(state, (enum wl_output_transform)config->transform);
	}
	if (config->subpixel != unset) {
		wlr_output_state_set_subpixel(state, (enum wl_output_subpixel)config->subpixel);
	}
	if (config->adaptive_sync != unset && output->wlr_output->adaptive_sync_supported) {
		bool on = config->adaptive_sync == 2 ? output->wlr_output->adaptive_sync_status !=
							       WLR_OUTPUT_ADAPTIVE_SYNC_ENABLED
						     : config->adaptive_sync == 1;
		wlr_output_state_set_adaptive_sync_enabled(state, on);
	}
}

static bool commit_state(
	struct output *output, const struct output_config *config, bool enabled, bool test_only)
{
	struct wlr_output_state state;
	wlr_output_state_init(&state);
	if (enabled) {
		state_fill(output, &state, config);
	} else {
		wlr_output_state_set_enabled(&state, false);
	}
	bool done = test_only ? wlr_output_test_state(output->wlr_output, &state)
			      : wlr_output_commit_state(output->wlr_output, &state);
	wlr_output_state_finish(&state);
	return done;
}

static void take_flags(struct output *output, const struct output_config *config)
{
	if (config->power != unset) {
		output->power_off = config->power == 2 ? !output->power_off : config->power == 0;
	}
	if (config->max_render_time != unset) {
		output->max_render_time = config->max_render_time;
	}
	if (config->allow_tearing != unset) {
		output->allow_tearing = config->allow_tearing == 1;
	}
}

bool output_apply(struct output *output, const struct output_config *config, bool test_only)
{
	bool enabled = config == nullptr || config->enabled != 0;
	if (config != nullptr && !test_only) {
		take_flags(output, config);
	}
	if (!enabled && !test_only) {
		disable_in_tree(output);
	}
	if (!commit_state(output, config, enabled, test_only)) {
		vx_log_error("output '%s' refuses its settings", output->wlr_output->name);
		return false;
	}
	if (enabled && !test_only) {
		enable_in_tree(output, config);
	}
	return true;
}

static struct output_config *merged_config(struct output *output)
{
	return config_output_for(server_config(output->server), output->wlr_output->name,
		output->tree_output->identifier);
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

bool output_set_power(struct output *output, bool on)
{
	output->power_off = !on;
	struct output_config *config = merged_config(output);
	if (config != nullptr) {
		config->power = on;
	}
	bool done = commit_state(output, config, true, false);
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
	listener_remove(&output->frame);
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
	wl_event_source_remove(output->render_timer);
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
	output->render_timer = wl_event_loop_add_timer(server->loop, handle_render_timer, output);
	wl_list_insert(outputs->list.prev, &output->link);
	listener_add(&output->frame, &wlr_output->events.frame, handle_frame);
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
