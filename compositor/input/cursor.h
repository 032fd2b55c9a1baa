/* SPDX-License-Identifier: MIT */
/* The pointer, touch and tablet positions of a seat, and the cursor's image. */
#ifndef INPUT_CURSOR_H
#define INPUT_CURSOR_H

#include <wlr/types/wlr_cursor.h>

struct device;
struct gestures;
struct seat;
struct server;
struct tablets;
struct touch;
struct wlr_pointer_constraint_v1;
struct wlr_surface;

static constexpr size_t cursor_buttons_max = 16;

struct cursor {
	struct seat *seat;
	struct wlr_cursor *wlr_cursor;
	struct wlr_xcursor_manager *theme; /* owned; NULL until an image of it is shown */
	const char *image; /* name of the xcursor image shown now; NULL: a client's or none */
	struct wlr_surface *image_surface; /* a client's; may be NULL */
	struct wl_listener image_surface_destroy, image_surface_commit;
	uint32_t buttons[cursor_buttons_max]; /* held, sorted */
	size_t button_count;
	size_t sent_count; /* presses that a client saw */
	double previous_x, previous_y;
	struct wlr_pointer_constraint_v1 *constraint; /* active; may be NULL */
	struct wl_listener constraint_destroy;
	struct wl_event_source *hide_timer;
	bool hidden;
	struct gestures *gestures; /* owned, as the next two */
	struct touch *touch;
	struct tablets *tablets;
	struct wl_listener motion, motion_absolute, button, axis, frame;
	struct wl_listener request_set_cursor;
};

struct cursor *cursor_create(struct seat *seat);
void cursor_destroy(struct cursor *cursor);

void cursor_attach(struct cursor *cursor, struct device *device);
void cursor_detach(struct cursor *cursor, struct device *device);
/* Has the theme of the configuration in force used from now on. */
void cursor_reload_theme(struct cursor *cursor);

/* An image of the theme; `name` lives for ever. */
void cursor_set_image(struct cursor *cursor, const char *name);
void cursor_show_default(struct cursor *cursor);
/* A client's, which may be NULL for none; a VM's must be there and be of a modest size. */
void cursor_set_client_image(struct cursor *cursor, struct wlr_surface *surface, int hotspot_x,
	int hotspot_y, bool is_vm);
bool cursor_is_of_vm(const struct cursor *cursor, const struct wl_client *client);
void cursor_forget_image_surface(struct cursor *cursor);
/* Shows a pointer that was hidden, and has it hidden again after the configured time. */
void cursor_unhide(struct cursor *cursor);
/* Hides it. `data` is the cursor. */
int cursor_handle_hide_timer(void *data);

/* Looks again at what is under the pointer, after the scene has changed. */
void cursor_rebase(struct cursor *cursor);
void cursors_rebase(struct server *server);

/* The position of `wlr_cursor` has changed: whoever is there now hears of it. */
void cursor_moved(struct cursor *cursor, uint32_t time_ms);
/* A moved pointer or a button, from a device or from a `seat … cursor` command. */
void cursor_move_by(struct cursor *cursor, double dx, double dy);
void cursor_move_to(struct cursor *cursor, double x, double y);
void cursor_press(struct cursor *cursor, struct device *device, uint32_t time_ms, uint32_t button,
	bool pressed);

/* Activates the constraint of the focused surface, if it has one. */
void cursor_update_constraint(struct cursor *cursor);

#endif
