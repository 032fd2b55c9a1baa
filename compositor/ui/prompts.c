/* SPDX-License-Identifier: MIT */
#include "ui/prompts.h"

#include <wlr/types/wlr_keyboard.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_layout.h>

#include "common/memory.h"
#include "config/config.h"
#include "input/input.h"
#include "input/keyboard.h"
#include "input/seat.h"
#include "output/output.h"
#include "server.h"
#include "shell/lock.h"
#include "shell/scene.h"
#include "ui/cairo_buffer.h"
#include "ui/modal.h"
#include "ui/prompt_draw.h"
#include "vm/vms.h"

static constexpr int waiting_max = 8;
static constexpr int width_max = 560;
static constexpr int quiet_ms = 1000; /* shown, and nothing typed, before it can be accepted */

struct prompt {
	struct wl_list link; /* prompts.list */
	struct prompts *prompts;
	struct vm *vm;       /* borrowed: lives as long as the server */
	char *text, *accept; /* owned */
	void (*answered)(void *data, bool accepted);
	void *data;
};

struct prompts {
	struct server *server;
	struct wl_list list; /* struct prompt.link; the first is shown */
	bool was_quiet;      /* for quiet_ms: only the keys that are held stand in the way */
	bool is_armed;       /* it can be accepted */
	enum prompt_button selected, pressed;
	struct wlr_box box;                          /* in the layout */
	struct wlr_box buttons[PROMPT_BUTTON_COUNT]; /* in the box */

	struct scene_owner owner;
	struct wlr_scene_tree *tree;
	struct wlr_scene_rect *shade;
	struct wlr_scene_buffer *panel;
	struct wl_event_source *quiet_timer;
};

bool prompts_is_open(const struct prompts *prompts)
{
	return prompts != nullptr && !wl_list_empty(&prompts->list);
}

/* ---- showing ---- */

static const char *hint(const struct prompts *prompts)
{
	if (prompts->is_armed) {
		return nullptr;
	}
	return prompts->was_quiet ? "Let go of all keys first" : "Just a moment…";
}

static void place(struct prompts *prompts, const struct wlr_box *area, int width, int height)
{
	struct wlr_box all;
	wlr_output_layout_get_box(prompts->server->outputs->layout, nullptr, &all);
	wlr_scene_node_set_position(&prompts->shade->node, all.x, all.y);
	wlr_scene_rect_set_size(prompts->shade, all.width, all.height);
	prompts->box = (struct wlr_box){
		.x = area->x + (area->width - width) / 2,
		.y = area->y + (area->height - height) / 3,
		.width = width,
		.height = height,
	};
	wlr_scene_buffer_set_dest_size(prompts->panel, width, height);
	wlr_scene_node_set_position(&prompts->panel->node, prompts->box.x, prompts->box.y);
}

static void show(struct prompts *prompts)
{
	struct output *output = outputs_focused(prompts->server->outputs);
	if (!prompts_is_open(prompts) || output == nullptr) {
		return;
	}
	const struct prompt *prompt = wl_container_of(prompts->list.next, prompt, link);
	struct wlr_box area;
	wlr_output_layout_get_box(prompts->server->outputs->layout, output->wlr_output, &area);
	struct prompt_look look = {
		.width = area.width - 40 < width_max ? area.width - 40 : width_max,
		.scale = output->wlr_output->scale,
		.font = server_config(prompts->server)->font,
		.label = prompt->vm->label,
		.color = prompt->vm->color,
		.text = prompt->text,
		.accept = prompt->accept,
		.hint = hint(prompts),
		.selected = prompts->selected,
	};
	int height;
	struct cairo_buffer *buffer = prompt_draw(&look, &height, prompts->buttons);
	wlr_scene_buffer_set_buffer(prompts->panel, &buffer->base);
	place(prompts, &area, look.width, height);
	wlr_buffer_drop(&buffer->base);
}

/* ---- when it can be accepted ---- */

static bool any_key_is_held(const struct prompts *prompts)
{
	const struct device *device;
	wl_list_for_each (device, &prompts->server->input->devices, link) {
		if (device->keyboard != nullptr &&
			device->keyboard->wlr_keyboard->num_keycodes > 0) {
			return true;
		}
	}
	return false;
}

static void wait_for_quiet(struct prompts *prompts)
{
	prompts->was_quiet = false;
	prompts->is_armed = false;
	prompts->pressed = PROMPT_NO_BUTTON;
	wl_event_source_timer_update(prompts->quiet_timer, quiet_ms);
}

static void arm(struct prompts *prompts)
{
	if (prompts->was_quiet && !prompts->is_armed && !any_key_is_held(prompts)) {
		prompts->is_armed = true;
	}
	show(prompts);
}

static int handle_quiet(void *data)
{
	struct prompts *prompts = data;
	prompts->was_quiet = true;
	arm(prompts);
	return 0;
}

/* ---- asking and answering ---- */

/* The first of the list, from the beginning; nothing where the list is empty. */
static void show_first(struct prompts *prompts)
{
	bool is_open = prompts_is_open(prompts);
	wlr_scene_node_set_enabled(&prompts->tree->node, is_open);
	prompts->selected = PROMPT_REFUSE;
	if (is_open) {
		modal_take_input(prompts->server);
		wait_for_quiet(prompts);
		show(prompts);
		return;
	}
	wl_event_source_timer_update(prompts->quiet_timer, 0);
	if (!modal_is_open(prompts->server)) {
		/* What is held now was not a client's to see, and is not told on entering. */
		seats_update_focus(prompts->server);
	}
}

struct prompt *prompts_ask(struct prompts *prompts, struct vm *vm, const char *text,
	const char *accept, void (*answered)(void *data, bool accepted), void *data)
{
	bool is_first = !prompts_is_open(prompts);
	if (lock_is_locked(prompts->server->lock) ||
		wl_list_length(&prompts->list) >= waiting_max) {
		return nullptr;
	}
	struct prompt *prompt = vx_new(prompt);
	prompt->prompts = prompts;
	prompt->vm = vm;
	prompt->text = vx_strdup(text);
	prompt->accept = vx_strdup(accept);
	prompt->answered = answered;
	prompt->data = data;
	wl_list_insert(prompts->list.prev, &prompt->link);
	if (is_first) {
		show_first(prompts);
	}
	return prompt;
}

void prompts_withdraw(struct prompt *prompt)
{
	struct prompts *prompts = prompt->prompts;
	bool is_first = prompts->list.next == &prompt->link;
	wl_list_remove(&prompt->link);
	free(prompt->text);
	free(prompt->accept);
	free(prompt);
	if (is_first) {
		show_first(prompts);
	}
}

static void answer(struct prompts *prompts, bool accepted)
{
	struct prompt *prompt = wl_container_of(prompts->list.next, prompt, link);
	void (*answered)(void *data, bool accepted) = prompt->answered;
	void *data = prompt->data;
	prompts_withdraw(prompt);
	answered(data, accepted);
}

void prompts_refuse_all(struct prompts *prompts)
{
	while (prompts_is_open(prompts)) {
		answer(prompts, false);
	}
}

static void decide(struct prompts *prompts, enum prompt_button button)
{
	if (button == PROMPT_REFUSE) {
		answer(prompts, false);
	} else if (button == PROMPT_ACCEPT && prompts->is_armed) {
		answer(prompts, true);
	}
}

/* ---- input ---- */

static void select_button(struct prompts *prompts, enum prompt_button button)
{
	if (prompts->selected != button) {
		prompts->selected = button;
		show(prompts);
	}
}

void prompts_key(struct prompts *prompts, xkb_keysym_t sym)
{
	if (!prompts_is_open(prompts)) {
		return; /* an earlier symbol of the same key answered it */
	}
	if (sym == XKB_KEY_Escape) {
		answer(prompts, false);
		return;
	}
	if (!prompts->is_armed) {
		wait_for_quiet(prompts);
		show(prompts);
		return;
	}
	switch (sym) {
	case XKB_KEY_Return:
	case XKB_KEY_KP_Enter:
		decide(prompts, prompts->selected);
		break;
	case XKB_KEY_Left:
		select_button(prompts, PROMPT_REFUSE);
		break;
	case XKB_KEY_Right:
		select_button(prompts, PROMPT_ACCEPT);
		break;
	case XKB_KEY_Tab:
	case XKB_KEY_ISO_Left_Tab:
		select_button(prompts,
			prompts->selected == PROMPT_REFUSE ? PROMPT_ACCEPT : PROMPT_REFUSE);
		break;
	default:
		break;
	}
}

void prompts_key_released(struct prompts *prompts)
{
	if (prompts_is_open(prompts) && !prompts->is_armed) {
		arm(prompts);
	}
}

static enum prompt_button button_at(const struct prompts *prompts, double x, double y)
{
	for (enum prompt_button button = 0; button < PROMPT_BUTTON_COUNT; button++) {
		if (wlr_box_contains_point(
			    &prompts->buttons[button], x - prompts->box.x, y - prompts->box.y)) {
			return button;
		}
	}
	return PROMPT_NO_BUTTON;
}

void prompts_pointer_moved(struct prompts *prompts, double x, double y)
{
	enum prompt_button button = button_at(prompts, x, y);
	if (button != PROMPT_NO_BUTTON) {
		select_button(prompts, button);
	}
}

/* It acts on release, so that no client gets the other half of a click. */
void prompts_button(struct prompts *prompts, double x, double y, bool pressed)
{
	enum prompt_button button = button_at(prompts, x, y);
	if (pressed) {
		bool is_alive = button == PROMPT_REFUSE || prompts->is_armed;
		prompts->pressed = is_alive ? button : PROMPT_NO_BUTTON;
	} else if (button == prompts->pressed) {
		decide(prompts, button);
	}
}

/* ---- life ---- */

struct prompts *prompts_create(struct server *server)
{
	struct prompts *prompts = vx_new(prompts);
	prompts->server = server;
	wl_list_init(&prompts->list);
	prompts->owner.kind = SCENE_OWNER_MENU;
	prompts->tree = wlr_scene_tree_create(server->scene->layers[SCENE_MENU]);
	prompts->tree->node.data = &prompts->owner;
	wlr_scene_node_set_enabled(&prompts->tree->node, false);
	prompts->shade = wlr_scene_rect_create(prompts->tree, 0, 0, (float[4]){0, 0, 0, 0.6F});
	prompts->panel = wlr_scene_buffer_create(prompts->tree, nullptr);
	prompts->quiet_timer = wl_event_loop_add_timer(server->loop, handle_quiet, prompts);
	return prompts;
}

void prompts_destroy(struct prompts *prompts)
{
	if (prompts == nullptr) {
		return;
	}
	struct prompt *prompt, *next;
	wl_list_for_each_safe (prompt, next, &prompts->list, link) {
		wl_list_remove(&prompt->link);
		prompt->answered(prompt->data, false);
		free(prompt->text);
		free(prompt->accept);
		free(prompt);
	}
	wl_event_source_remove(prompts->quiet_timer);
	wlr_scene_node_destroy(&prompts->tree->node);
	free(prompts);
}
