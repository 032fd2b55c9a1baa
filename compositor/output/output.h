/* SPDX-License-Identifier: MIT */
/* Outputs: their life, frames, and what the configuration says of them. */
#ifndef OUTPUT_OUTPUT_H
#define OUTPUT_OUTPUT_H

#include <wayland-server-protocol.h>

struct output_config;
struct server;
struct tree_output;
struct vx_error;
struct wlr_color_transform;
struct wlr_gamma_control_manager_v1;
struct wlr_output;
struct wlr_output_layout;
struct wlr_output_manager_v1;
struct wlr_output_power_manager_v1;
struct wlr_output_state;
struct wlr_scene_output;
struct wlr_scene_output_layout;
struct wlr_scene_rect;

struct output {
	struct server *server;
	struct wl_list link; /* outputs.list */
	struct wlr_output *wlr_output;
	struct wlr_scene_output *scene_output;
	struct tree_output *tree_output;              /* owned until it begins to be destroyed */
	struct wlr_scene_rect *fullscreen_background; /* owned; in the scene */
	bool power_off; /* `output power off`: in the layout, but dark */
	bool allow_tearing;
	bool filters_linearly; /* what is scaled up; else the nearest pixel counts */
	enum wl_output_subpixel detected_subpixel;
	struct wlr_color_transform *color_transform; /* owned; may be NULL */
	int max_render_time;                         /* ms; 0: off */
	int64_t presented_ns, refresh_ns;            /* of the last frame; 0: unknown */
	struct wl_list late_frames;                  /* struct late_frame.link: render.c */
	struct wl_event_source *render_timer;
	struct wl_listener frame, present, destroy, request_state, commit;
};

struct outputs {
	struct server *server;
	struct wl_list list; /* struct output.link */
	struct wlr_output_layout *layout;
	struct wlr_scene_output_layout *scene_layout;
	struct wlr_output_manager_v1 *manager;
	struct wlr_output_power_manager_v1 *power_manager;
	struct wl_event_source *manager_update; /* idle source; may be NULL */
	int headless_made;                      /* for `create_output` */
	struct wl_listener new_output, layout_change;
	struct wl_listener manager_apply, manager_test, power_set_mode;
};

/* Owned by the caller; before the backend is started. Destroyed after the backend. */
struct outputs *outputs_create(struct server *server, struct vx_error *err);
/* Hears nothing new of the backend, which is about to be destroyed. `outputs` may be NULL. */
void outputs_detach(struct outputs *outputs);
void outputs_destroy(struct outputs *outputs);

/* Applies the configuration to every output, or (`name` not NULL or "*") to one. */
void outputs_configure(struct outputs *outputs, const char *name);
/* After a reload: what was turned off since the start counts no longer. */
void outputs_reconfigure(struct outputs *outputs);
/* `create_output`: one more where the backend can. */
bool outputs_add(struct outputs *outputs, struct vx_error *err);

/* May be NULL. */
struct output *outputs_focused(struct outputs *outputs);
struct output *outputs_nearest(struct outputs *outputs, double x, double y);
struct output *output_of_tree(struct outputs *outputs, const struct tree_output *tree_output);

/* The scale that text is drawn at: the highest, so that it is sharp everywhere. */
float outputs_text_scale(struct outputs *outputs);

/* Turns the picture on or off without taking the output out of the layout. */
bool output_set_power(struct output *output, bool on);
/* Applies merged settings; false where the backend refuses. `test_only` changes nothing. */
bool output_apply(struct output *output, const struct output_config *config, bool test_only);

/* Of settings.c. `with_extras`: adaptive sync, bit depth and HDR, which not every mode can. */
void output_settings_fill(struct output *output, struct wlr_output_state *state,
	const struct output_config *config, bool with_extras);
/* In words for people; NULL where HDR works. */
const char *output_why_no_hdr(const struct output *output);

/* Of color_profile.c. Owned by the caller; NULL: the colours stay as they are. */
struct wlr_color_transform *output_color_transform(
	const struct output *output, const struct output_config *config);

/* Of render.c: from now on frames are rendered, until the output goes. */
void output_render_init(struct output *output);
void output_render_finish(struct output *output);

/* Of output_manager.c: wlr-output-management, output-power, gamma-control. */
bool output_manager_init(struct outputs *outputs);
/* Tells wlr-output-management's clients, at the next idle moment. */
void output_manager_schedule_update(struct outputs *outputs);

#endif
