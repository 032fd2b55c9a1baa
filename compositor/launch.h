/* SPDX-License-Identifier: MIT */
/* Programs of the configuration: exec, bars, wallpaper, and the bar that shows errors. */
#ifndef COMPOSITOR_LAUNCH_H
#define COMPOSITOR_LAUNCH_H

struct bar_config;
struct launches;
struct server;
struct tree_seat;
struct vx_error;

/* Owned by the caller. */
struct launches *launches_create(struct server *server);
/* Ends bars and wallpaper. */
void launches_destroy(struct launches *launches);

bool launches_exec(struct launches *launches, struct tree_seat *seat, const char *command,
	bool no_startup_id, struct vx_error *err);

/* Starts bars and wallpaper as the configuration says, in place of those that run. */
void launches_start_bars(struct launches *launches);
/* Starts one more. */
void launches_start_bar(struct launches *launches, const struct bar_config *bar);
void launches_start_background(struct launches *launches);
void launches_show_errors(struct launches *launches, const char *message, const char *log);

#endif
