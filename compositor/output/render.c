/* SPDX-License-Identifier: MIT */
/* When and how an output's frames are rendered, and when clients hear that they may draw again. */
#include <stdlib.h>
#include <time.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_scene.h>

#include "common/memory.h"
#include "listener.h"
#include "output/output.h"
#include "server.h"
#include "shell/scene.h"
#include "shell/window.h"
#include "tree/tree.h"

static constexpr int64_t ns_per_s = 1000000000;
static constexpr int64_t ns_per_ms = 1000000;

/* ---- rendering ---- */

/* Down, pixels have to be mixed in any case. */
static void set_filter(struct wlr_scene_buffer *buffer, int sx, int sy, void *data)
{
	const struct output *output = data;
	bool shrinks = buffer->buffer != nullptr && buffer->dst_width > 0 &&
		       buffer->dst_height > 0 &&
		       (buffer->dst_width < buffer->buffer->width ||
			       buffer->dst_height < buffer->buffer->height);
	/* Not by wlr_scene_buffer_set_filter_mode(): that damages the other outputs, too. */
	buffer->filter_mode = shrinks || output->filters_linearly ? WLR_SCALE_FILTER_BILINEAR
								  : WLR_SCALE_FILTER_NEAREST;
}

/* Tearing is for what covers the output, where both it and the output allow it. */
static bool may_tear(const struct output *output)
{
	const struct tree *tree = output->server->tree;
	const struct workspace *ws = output->tree_output->current.active_workspace;
	const struct container *con = tree->fullscreen_global;
	if (con == nullptr && ws != nullptr) {
		con = ws->current.fullscreen;
	}
	return output->allow_tearing && con != nullptr && con->view != nullptr &&
	       view_may_tear(con->view);
}

static void commit_tearing(
	struct output *output, const struct wlr_scene_output_state_options *options)
{
	struct wlr_output_state state;
	wlr_output_state_init(&state);
	if (wlr_scene_output_build_state(output->scene_output, &state, options)) {
		state.tearing_page_flip = true;
		state.tearing_page_flip = wlr_output_test_state(output->wlr_output, &state);
		wlr_output_commit_state(output->wlr_output, &state);
	}
	wlr_output_state_finish(&state);
}

static void render(struct output *output)
{
	if (!output->wlr_output->enabled || output->scene_output == nullptr ||
		!wlr_scene_output_needs_frame(output->scene_output)) {
		return;
	}
	wlr_scene_output_for_each_buffer(output->scene_output, set_filter, output);
	struct wlr_scene_output_state_options options = {
		.color_transform = output->color_transform,
	};
	if (may_tear(output)) {
		commit_tearing(output, &options);
	} else {
		wlr_scene_output_commit(output->scene_output, &options);
	}
}

static int handle_render_timer(void *data)
{
	struct output *output = data;
	output->wlr_output->frame_pending = false;
	render(output);
	return 0;
}

/* ---- frame callbacks ---- */

/* A surface that hears of the frame later, so that what it draws is fresh. */
struct late_frame {
	struct wl_list link; /* output.late_frames */
	struct wlr_scene_surface *surface;
	struct wl_event_source *timer;
	struct wl_listener destroy; /* of the scene's node */
};

static int handle_late_timer(void *data)
{
	struct late_frame *late = data;
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	wlr_scene_surface_send_frame_done(late->surface, &now);
	return 0;
}

static void destroy_late(struct late_frame *late)
{
	listener_remove(&late->destroy);
	wl_list_remove(&late->link);
	wl_event_source_remove(late->timer);
	free(late);
}

static void handle_late_destroy(struct wl_listener *listener, void *data)
{
	struct late_frame *late = wl_container_of(listener, late, destroy);
	destroy_late(late);
}

static struct late_frame *late_frame_of(struct output *output, struct wlr_scene_surface *surface)
{
	struct late_frame *late;
	wl_list_for_each (late, &output->late_frames, link) {
		if (late->surface == surface) {
			return late;
		}
	}
	late = vx_new(late);
	late->surface = surface;
	late->timer = wl_event_loop_add_timer(output->server->loop, handle_late_timer, late);
	wl_list_insert(&output->late_frames, &late->link);
	listener_add(&late->destroy, &surface->buffer->node.events.destroy, handle_late_destroy);
	return late;
}

/* The `max_render_time` of the window that a node belongs to. */
static int max_render_time_of(const struct wlr_scene_node *node)
{
	for (; node != nullptr; node = node->parent != nullptr ? &node->parent->node : nullptr) {
		const struct scene_owner *owner = node->data;
		const struct window *window = nullptr;
		if (owner != nullptr && owner->kind == SCENE_OWNER_CONTAINER) {
			window = window_of_container(owner->object);
		} else if (owner != nullptr && owner->kind == SCENE_OWNER_WINDOW) {
			window = owner->object;
		}
		if (window != nullptr) {
			return window->view.max_render_time;
		}
	}
	return 0;
}

struct frame_done {
	struct output *output;
	struct timespec when;
	int until_refresh_ms;
};

static void send_frame_done(struct wlr_scene_buffer *buffer, int sx, int sy, void *data)
{
	const struct frame_done *done = data;
	struct output *output = done->output;
	struct wlr_scene_surface *surface = wlr_scene_surface_try_from_buffer(buffer);
	if (surface == nullptr || buffer->primary_output != output->scene_output) {
		return;
	}
	int own = max_render_time_of(&buffer->node);
	int delay = done->until_refresh_ms - output->max_render_time - own;
	if (own > 0 && delay > 0) {
		wl_event_source_timer_update(late_frame_of(output, surface)->timer, delay);
	} else {
		wlr_scene_surface_send_frame_done(surface, &done->when);
	}
}

/* ---- events ---- */

/* Whole milliseconds, rounded down; 0 or less where nobody knows. */
static int ms_until_refresh(const struct output *output, const struct timespec *now)
{
	int64_t then = output->presented_ns + output->refresh_ns;
	int64_t left = then - (now->tv_sec * ns_per_s + now->tv_nsec);
	return left > 0 && left < ns_per_s ? (int)(left / ns_per_ms) : 0;
}

/* With max_render_time, rendering starts that long before the next refresh. */
static void handle_frame(struct wl_listener *listener, void *data)
{
	struct output *output = wl_container_of(listener, output, frame);
	if (!output->wlr_output->enabled || output->scene_output == nullptr) {
		return;
	}
	struct frame_done done = {.output = output};
	clock_gettime(CLOCK_MONOTONIC, &done.when);
	if (output->max_render_time == 0) {
		render(output);
		clock_gettime(CLOCK_MONOTONIC, &done.when);
		wlr_scene_output_send_frame_done(output->scene_output, &done.when);
		return;
	}
	done.until_refresh_ms = ms_until_refresh(output, &done.when);
	int delay = done.until_refresh_ms - output->max_render_time;
	if (delay > 0) {
		output->wlr_output->frame_pending = true;
		wl_event_source_timer_update(output->render_timer, delay);
	} else {
		render(output);
	}
	wlr_scene_output_for_each_buffer(output->scene_output, send_frame_done, &done);
}

static void handle_present(struct wl_listener *listener, void *data)
{
	struct output *output = wl_container_of(listener, output, present);
	const struct wlr_output_event_present *event = data;
	if (event->presented) {
		output->presented_ns = event->when.tv_sec * ns_per_s + event->when.tv_nsec;
		output->refresh_ns = event->refresh;
	}
}

void output_render_init(struct output *output)
{
	wl_list_init(&output->late_frames);
	output->render_timer = wl_event_loop_add_timer(
		output->server->loop, handle_render_timer, output);
	listener_add(&output->frame, &output->wlr_output->events.frame, handle_frame);
	listener_add(&output->present, &output->wlr_output->events.present, handle_present);
}

void output_render_finish(struct output *output)
{
	struct late_frame *late, *next;
	wl_list_for_each_safe (late, next, &output->late_frames, link) {
		destroy_late(late);
	}
	listener_remove(&output->frame);
	listener_remove(&output->present);
	wl_event_source_remove(output->render_timer);
}
