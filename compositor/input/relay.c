/* SPDX-License-Identifier: MIT */
#include "input/relay.h"

#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_input_method_v2.h>
#include <wlr/types/wlr_seat.h>
#include <wlr/types/wlr_text_input_v3.h>

#include "common/memory.h"
#include "input/input.h"
#include "input/keyboard.h"
#include "input/method_popup.h"
#include "input/seat.h"
#include "listener.h"
#include "server.h"

struct relay {
	struct input *input;
	struct wl_list fields;                          /* struct field.link */
	struct wl_list popups;                          /* struct method_popup.link */
	struct wlr_input_method_v2 *method;             /* one at a time; may be NULL */
	struct wlr_input_method_keyboard_grab_v2 *grab; /* of `method`; may be NULL */
	struct wlr_surface *focused;                    /* may be NULL */
	struct wl_listener focused_destroy;
	struct wl_listener new_field, new_method;
	struct wl_listener method_commit, method_grab, method_popup, method_destroy, grab_destroy;
};

/* One text-input object of some client. */
struct field {
	struct relay *relay;
	struct wl_list link;
	struct wlr_text_input_v3 *text_input;
	struct wl_listener enable, commit, disable, destroy;
};

/* The enabled field of the focused surface, or NULL. */
static struct field *active_field(struct relay *relay)
{
	struct field *field;
	wl_list_for_each (field, &relay->fields, link) {
		if (field->text_input->focused_surface != nullptr &&
			field->text_input->current_enabled) {
			return field;
		}
	}
	return nullptr;
}

void relay_place_popups(struct relay *relay)
{
	if (relay != nullptr) {
		const struct field *field = active_field(relay);
		method_popups_place(&relay->popups, field != nullptr ? field->text_input : nullptr);
	}
}

/* ---- from the field to the method ---- */

static void send_state(struct relay *relay, const struct wlr_text_input_v3 *text_input)
{
	const struct wlr_text_input_v3_state *state = &text_input->current;
	if (text_input->active_features & WLR_TEXT_INPUT_V3_FEATURE_SURROUNDING_TEXT) {
		wlr_input_method_v2_send_surrounding_text(relay->method,
			state->surrounding.text != nullptr ? state->surrounding.text : "",
			state->surrounding.cursor, state->surrounding.anchor);
	}
	wlr_input_method_v2_send_text_change_cause(relay->method, state->text_change_cause);
	if (text_input->active_features & WLR_TEXT_INPUT_V3_FEATURE_CONTENT_TYPE) {
		wlr_input_method_v2_send_content_type(
			relay->method, state->content_type.hint, state->content_type.purpose);
	}
	wlr_input_method_v2_send_done(relay->method);
	relay_place_popups(relay);
}

static void deactivate(struct relay *relay)
{
	if (relay->method != nullptr) {
		wlr_input_method_v2_send_deactivate(relay->method);
		wlr_input_method_v2_send_done(relay->method);
		method_popups_place(&relay->popups, nullptr);
	}
}

static void tell(struct field *field, bool is_enabled_anew)
{
	struct relay *relay = field->relay;
	if (relay->method == nullptr || active_field(relay) != field) {
		return;
	}
	if (is_enabled_anew || !relay->method->active) {
		wlr_input_method_v2_send_activate(relay->method);
	}
	send_state(relay, field->text_input);
}

static void handle_enable(struct wl_listener *listener, void *data)
{
	struct field *field = wl_container_of(listener, field, enable);
	tell(field, true);
}

/* Also a field that was left and entered again: to wlroots it has been enabled all the time. */
static void handle_commit(struct wl_listener *listener, void *data)
{
	struct field *field = wl_container_of(listener, field, commit);
	tell(field, false);
}

static void handle_disable(struct wl_listener *listener, void *data)
{
	struct field *field = wl_container_of(listener, field, disable);
	if (field->text_input->focused_surface != nullptr) {
		deactivate(field->relay);
	}
}

static void handle_field_destroy(struct wl_listener *listener, void *data)
{
	struct field *field = wl_container_of(listener, field, destroy);
	if (field->text_input->current_enabled && field->text_input->focused_surface != nullptr) {
		deactivate(field->relay);
	}
	listener_remove(&field->enable);
	listener_remove(&field->commit);
	listener_remove(&field->disable);
	listener_remove(&field->destroy);
	wl_list_remove(&field->link);
	free(field);
}

static bool is_of_client(const struct field *field, const struct wlr_surface *surface)
{
	return wl_resource_get_client(field->text_input->resource) ==
	       wl_resource_get_client(surface->resource);
}

static void handle_new_field(struct wl_listener *listener, void *data)
{
	struct relay *relay = wl_container_of(listener, relay, new_field);
	struct field *field = vx_new(field);
	field->relay = relay;
	field->text_input = data;
	wl_list_insert(&relay->fields, &field->link);
	listener_add(&field->enable, &field->text_input->events.enable, handle_enable);
	listener_add(&field->commit, &field->text_input->events.commit, handle_commit);
	listener_add(&field->disable, &field->text_input->events.disable, handle_disable);
	listener_add(&field->destroy, &field->text_input->events.destroy, handle_field_destroy);
	if (relay->method != nullptr && relay->focused != nullptr &&
		is_of_client(field, relay->focused)) {
		wlr_text_input_v3_send_enter(field->text_input, relay->focused);
	}
}

/* ---- focus ---- */

static void leave(struct relay *relay)
{
	struct field *field;
	wl_list_for_each (field, &relay->fields, link) {
		if (field->text_input->focused_surface != nullptr) {
			if (field->text_input->current_enabled) {
				deactivate(relay);
			}
			wlr_text_input_v3_send_leave(field->text_input);
		}
	}
}

static void enter(struct relay *relay)
{
	struct field *field;
	wl_list_for_each (field, &relay->fields, link) {
		if (relay->focused != nullptr && relay->method != nullptr &&
			is_of_client(field, relay->focused)) {
			wlr_text_input_v3_send_enter(field->text_input, relay->focused);
		}
	}
}

static void handle_focused_destroy(struct wl_listener *listener, void *data)
{
	struct relay *relay = wl_container_of(listener, relay, focused_destroy);
	leave(relay);
	listener_remove(&relay->focused_destroy);
	relay->focused = nullptr;
}

void relay_focus(struct relay *relay, struct seat *seat, struct wlr_surface *surface)
{
	if (relay == nullptr || seat != input_default_seat(relay->input) ||
		relay->focused == surface) {
		return;
	}
	leave(relay);
	listener_remove(&relay->focused_destroy);
	relay->focused = surface;
	if (surface != nullptr) {
		listener_add(
			&relay->focused_destroy, &surface->events.destroy, handle_focused_destroy);
	}
	enter(relay);
}

/* ---- from the method to the field ---- */

static void handle_method_commit(struct wl_listener *listener, void *data)
{
	struct relay *relay = wl_container_of(listener, relay, method_commit);
	struct field *field = active_field(relay);
	if (field == nullptr) {
		return;
	}
	const struct wlr_input_method_v2_state *state = &relay->method->current;
	if (state->preedit.text != nullptr) {
		wlr_text_input_v3_send_preedit_string(field->text_input, state->preedit.text,
			state->preedit.cursor_begin, state->preedit.cursor_end);
	}
	if (state->commit_text != nullptr) {
		wlr_text_input_v3_send_commit_string(field->text_input, state->commit_text);
	}
	if (state->delete.before_length != 0 || state->delete.after_length != 0) {
		wlr_text_input_v3_send_delete_surrounding_text(
			field->text_input, state->delete.before_length, state->delete.after_length);
	}
	wlr_text_input_v3_send_done(field->text_input);
}

static void handle_grab_destroy(struct wl_listener *listener, void *data)
{
	struct relay *relay = wl_container_of(listener, relay, grab_destroy);
	const struct wlr_input_method_keyboard_grab_v2 *grab = vx_take_ptr(relay->grab);
	listener_remove(&relay->grab_destroy);
	if (grab->keyboard != nullptr) {
		/* Clients have missed changes of the modifiers meanwhile. */
		wlr_seat_keyboard_notify_modifiers(
			grab->input_method->seat, &grab->keyboard->modifiers);
	}
}

static void handle_method_grab(struct wl_listener *listener, void *data)
{
	struct relay *relay = wl_container_of(listener, relay, method_grab);
	struct wlr_input_method_keyboard_grab_v2 *grab = data;
	wlr_input_method_keyboard_grab_v2_set_keyboard(
		grab, wlr_seat_get_keyboard(relay->method->seat));
	listener_remove(&relay->grab_destroy);
	relay->grab = grab;
	listener_add(&relay->grab_destroy, &grab->events.destroy, handle_grab_destroy);
}

static void handle_method_popup(struct wl_listener *listener, void *data)
{
	struct relay *relay = wl_container_of(listener, relay, method_popup);
	method_popup_create(&relay->popups, relay, relay->input->server, data);
}

static void handle_method_destroy(struct wl_listener *listener, void *data)
{
	struct relay *relay = wl_container_of(listener, relay, method_destroy);
	listener_remove(&relay->method_commit);
	listener_remove(&relay->method_grab);
	listener_remove(&relay->method_popup);
	listener_remove(&relay->method_destroy);
	relay->method = nullptr;
	leave(relay);
}

static void handle_new_method(struct wl_listener *listener, void *data)
{
	struct relay *relay = wl_container_of(listener, relay, new_method);
	struct wlr_input_method_v2 *method = data;
	if (relay->method != nullptr) {
		wlr_input_method_v2_send_unavailable(method);
		return;
	}
	relay->method = method;
	listener_add(&relay->method_commit, &method->events.commit, handle_method_commit);
	listener_add(&relay->method_grab, &method->events.grab_keyboard, handle_method_grab);
	listener_add(&relay->method_popup, &method->events.new_popup_surface, handle_method_popup);
	listener_add(&relay->method_destroy, &method->events.destroy, handle_method_destroy);
	enter(relay);
}

struct wlr_input_method_keyboard_grab_v2 *relay_keyboard_grab(
	struct relay *relay, const struct keyboard *keyboard)
{
	if (relay == nullptr || relay->method == nullptr) {
		return nullptr;
	}
	struct wlr_input_method_keyboard_grab_v2 *grab = relay->method->keyboard_grab;
	/* What the input method itself types by a virtual keyboard must not come back to it. */
	bool is_its_own = keyboard->virtual_client != nullptr &&
			  keyboard->virtual_client ==
				  wl_resource_get_client(relay->method->resource);
	return is_its_own ? nullptr : grab;
}

/* ---- life ---- */

struct relay *relay_create(struct input *input)
{
	struct wl_display *display = input->server->display;
	struct wlr_text_input_manager_v3 *fields = wlr_text_input_manager_v3_create(display);
	struct wlr_input_method_manager_v2 *methods = wlr_input_method_manager_v2_create(display);
	if (fields == nullptr || methods == nullptr) {
		return nullptr;
	}
	struct relay *relay = vx_new(relay);
	relay->input = input;
	wl_list_init(&relay->fields);
	wl_list_init(&relay->popups);
	listener_add(&relay->new_field, &fields->events.new_text_input, handle_new_field);
	listener_add(&relay->new_method, &methods->events.new_input_method, handle_new_method);
	return relay;
}

void relay_destroy(struct relay *relay)
{
	if (relay == nullptr) {
		return;
	}
	listener_remove(&relay->new_field);
	listener_remove(&relay->new_method);
	listener_remove(&relay->focused_destroy);
	free(relay);
}
