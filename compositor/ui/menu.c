/* SPDX-License-Identifier: MIT */
#include "ui/menu.h"

#include <string.h>
#include <wlr/types/wlr_keyboard.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_layout.h>

#include "common/memory.h"
#include "config/config.h"
#include "input/seat.h"
#include "listener.h"
#include "output/output.h"
#include "server.h"
#include "shell/lock.h"
#include "shell/scene.h"
#include "tree/tree.h"
#include "ui/cairo_buffer.h"
#include "ui/menu_draw.h"
#include "ui/menu_rows.h"
#include "ui/modal.h"
#include "vm/domain.h"
#include "vm/manager.h"
#include "vm/vms.h"

static constexpr int width_max = 680;
static constexpr int rows_shown_max = 14;
static constexpr size_t filter_max = 128; /* bytes */
static constexpr int message_ms = 2500;
static constexpr int no_row = -1;

struct menu {
	struct server *server;
	bool open;
	char filter[filter_max + 1];
	struct menu_rows rows;
	int selected, first;
	int rows_room; /* how many are shown at once */
	int pressed_row;
	bool pressed_outside;
	struct wlr_box box; /* in the layout */

	struct scene_owner owner;
	struct wlr_scene_tree *tree;
	struct wlr_scene_rect *shade;
	struct wlr_scene_buffer *panel;
	struct wlr_scene_buffer *message;
	struct wl_event_source *message_timer;
	struct wl_listener vms_changed;
};

bool menu_is_open(const struct menu *menu)
{
	return menu != nullptr && menu->open;
}

/* ---- showing ---- */

static const char *notice(const struct menu *menu)
{
	if (menu->filter[0] != '\0') {
		return "nothing fits";
	}
	return domain_server_has_manager(menu->server->domains)
		       ? "no VMs are defined: vixos(5) tells how, or try 'vixos run foot'"
		       : "starting vixosd…";
}

static void keep_in_view(struct menu *menu)
{
	int last = menu->rows.list.length - 1;
	if (menu->selected > last) {
		menu->selected = last;
	}
	if (menu->selected < 0) {
		menu->selected = 0;
	}
	if (menu->selected < menu->first) {
		menu->first = menu->selected;
	}
	if (menu->selected >= menu->first + menu->rows_room) {
		menu->first = menu->selected - menu->rows_room + 1;
	}
}

static void place_shade(struct menu *menu)
{
	struct wlr_box all;
	wlr_output_layout_get_box(menu->server->outputs->layout, nullptr, &all);
	wlr_scene_node_set_position(&menu->shade->node, all.x, all.y);
	wlr_scene_rect_set_size(menu->shade, all.width, all.height);
}

static void show(struct menu *menu)
{
	struct output *output = outputs_focused(menu->server->outputs);
	if (!menu->open || output == nullptr) {
		return;
	}
	const char *font = server_config(menu->server)->font;
	struct menu_metrics metrics = menu_metrics(font);
	struct wlr_box area;
	wlr_output_layout_get_box(menu->server->outputs->layout, output->wlr_output, &area);
	int frame = metrics.head_height + metrics.foot_height + metrics.padding;
	int room = (area.height - 80 - frame) / metrics.row_height;
	menu->rows_room = room < 1 ? 1 : room > rows_shown_max ? rows_shown_max : room;
	keep_in_view(menu);
	int rows = menu->rows.list.length < 1 ? 1 : menu->rows.list.length;
	rows = rows > menu->rows_room ? menu->rows_room : rows;
	menu->box.width = area.width - 40 < width_max ? area.width - 40 : width_max;
	menu->box.height = frame + rows * metrics.row_height;
	menu->box.x = area.x + (area.width - menu->box.width) / 2;
	menu->box.y = area.y + (area.height - frame - menu->rows_room * metrics.row_height) / 2;
	struct cairo_buffer *buffer = menu_draw(&(struct menu_look){
		.width = menu->box.width,
		.height = menu->box.height,
		.scale = output->wlr_output->scale,
		.font = font,
		.filter = menu->filter,
		.notice = notice(menu),
		.rows = &menu->rows,
		.selected = menu->selected,
		.first = menu->first,
	});
	wlr_scene_buffer_set_buffer(menu->panel, &buffer->base);
	wlr_scene_buffer_set_dest_size(menu->panel, menu->box.width, menu->box.height);
	wlr_scene_node_set_position(&menu->panel->node, menu->box.x, menu->box.y);
	wlr_buffer_drop(&buffer->base);
	place_shade(menu);
}

static void refill(struct menu *menu)
{
	menu_rows_fill(&menu->rows, &menu->server->vms, menu->filter);
	show(menu);
}

static void handle_vms_changed(struct wl_listener *listener, void *data)
{
	struct menu *menu = wl_container_of(listener, menu, vms_changed);
	if (menu->open) {
		refill(menu);
	}
}

/* ---- opening and closing ---- */

void menu_open(struct menu *menu)
{
	if (menu->open) {
		menu_close(menu);
		return;
	}
	if (lock_is_locked(menu->server->lock)) {
		return;
	}
	menu->open = true;
	menu->filter[0] = '\0';
	menu->selected = menu->first = 0;
	menu->pressed_row = no_row;
	menu->pressed_outside = false;
	modal_take_input(menu->server);
	if (!domain_server_menu_opened(menu->server->domains)) {
		manager_ensure(menu->server);
	}
	refill(menu);
	wlr_scene_node_set_enabled(&menu->tree->node, true);
}

void menu_close(struct menu *menu)
{
	if (!menu_is_open(menu)) {
		return;
	}
	menu->open = false;
	wlr_scene_node_set_enabled(&menu->tree->node, false);
	menu_rows_finish(&menu->rows);
	if (!modal_is_open(menu->server)) {
		/* What is held now was not a client's to see, and is not told on entering. */
		seats_update_focus(menu->server);
	}
}

/* ---- choosing ---- */

enum choice : unsigned {
	CHOICE_START,
	CHOICE_SHELL,
	CHOICE_STOP,
};

static void choose(struct menu *menu, int index, enum choice choice)
{
	if (index < 0 || index >= menu->rows.list.length) {
		return;
	}
	const struct menu_row *row = menu->rows.list.items[index];
	struct domain_server *domains = menu->server->domains;
	if (choice != CHOICE_STOP) {
		vm_grant_focus(row->vm);
	}
	switch (choice) {
	case CHOICE_START:
		domain_server_start_app(
			domains, row->vm->name, row->app != nullptr ? row->app->id : "");
		break;
	case CHOICE_SHELL:
		domain_server_open_shell(domains, row->vm->name);
		break;
	case CHOICE_STOP:
		domain_server_stop(domains, row->vm->name);
		return; /* stays open: the state shows what comes of it */
	}
	menu_close(menu);
}

static void move_selection(struct menu *menu, int by)
{
	menu->selected += by;
	keep_in_view(menu);
	show(menu);
}

static void type(struct menu *menu, const char *text)
{
	size_t length = strlen(menu->filter);
	bool printable = (unsigned char)text[0] >= 0x20 && text[0] != 0x7f;
	if (!printable || length + strlen(text) > filter_max) {
		return;
	}
	memcpy(menu->filter + length, text, strlen(text) + 1);
	menu->selected = menu->first = 0;
	refill(menu);
}

/* Takes away one code point. */
static void erase(struct menu *menu)
{
	size_t length = strlen(menu->filter);
	while (length > 0 && ((unsigned char)menu->filter[length - 1] & 0xc0) == 0x80) {
		length--;
	}
	menu->filter[length > 0 ? length - 1 : 0] = '\0';
	menu->selected = menu->first = 0;
	refill(menu);
}

void menu_key(struct menu *menu, xkb_keysym_t sym, uint32_t modifiers, const char *text)
{
	if (!menu->open) {
		return; /* an earlier symbol of the same key closed it */
	}
	bool control = modifiers & WLR_MODIFIER_CTRL;
	switch (sym) {
	case XKB_KEY_Escape:
		menu_close(menu);
		break;
	case XKB_KEY_Return:
	case XKB_KEY_KP_Enter:
		choose(menu, menu->selected, control ? CHOICE_SHELL : CHOICE_START);
		break;
	case XKB_KEY_Delete:
		if (control) {
			choose(menu, menu->selected, CHOICE_STOP);
		}
		break;
	case XKB_KEY_Up:
	case XKB_KEY_ISO_Left_Tab:
		move_selection(menu, -1);
		break;
	case XKB_KEY_Down:
	case XKB_KEY_Tab:
		move_selection(menu, 1);
		break;
	case XKB_KEY_Page_Up:
		move_selection(menu, -menu->rows_room);
		break;
	case XKB_KEY_Page_Down:
		move_selection(menu, menu->rows_room);
		break;
	case XKB_KEY_Home:
		move_selection(menu, -menu->rows.list.length);
		break;
	case XKB_KEY_End:
		move_selection(menu, menu->rows.list.length);
		break;
	case XKB_KEY_BackSpace:
		erase(menu);
		break;
	default:
		type(menu, text);
		break;
	}
}

/* ---- the pointer; it acts on release, so that no client gets the other half of a click ---- */

static int row_at(const struct menu *menu, double x, double y)
{
	struct menu_metrics metrics = menu_metrics(server_config(menu->server)->font);
	if (!wlr_box_contains_point(&menu->box, x, y)) {
		return no_row;
	}
	double inside = y - menu->box.y - metrics.head_height;
	int row = menu->first + (int)(inside / metrics.row_height);
	bool shown = inside >= 0 && row < menu->rows.list.length &&
		     row < menu->first + menu->rows_room;
	return shown ? row : no_row;
}

void menu_pointer_moved(struct menu *menu, double x, double y)
{
	int row = row_at(menu, x, y);
	if (row != no_row && row != menu->selected) {
		menu->selected = row;
		show(menu);
	}
}

void menu_button(struct menu *menu, double x, double y, bool pressed)
{
	int row = row_at(menu, x, y);
	bool outside = !wlr_box_contains_point(&menu->box, x, y);
	if (pressed) {
		menu->pressed_row = row;
		menu->pressed_outside = outside;
	} else if (menu->pressed_outside && outside) {
		menu_close(menu);
	} else if (row != no_row && row == menu->pressed_row) {
		choose(menu, row, CHOICE_START);
	}
}

void menu_scroll(struct menu *menu, double delta)
{
	move_selection(menu, delta < 0 ? -1 : 1);
}

/* ---- a line for a moment ---- */

static int handle_message_timer(void *data)
{
	struct menu *menu = data;
	wlr_scene_buffer_set_buffer(menu->message, nullptr);
	return 0;
}

void menu_show_message(struct menu *menu, const char *text)
{
	struct output *output = outputs_focused(menu->server->outputs);
	if (output == nullptr) {
		return;
	}
	struct wlr_box area;
	wlr_output_layout_get_box(menu->server->outputs->layout, output->wlr_output, &area);
	int width, height;
	struct cairo_buffer *buffer = menu_draw_message(text, server_config(menu->server)->font,
		output->wlr_output->scale, &width, &height);
	wlr_scene_buffer_set_buffer(menu->message, &buffer->base);
	wlr_scene_buffer_set_dest_size(menu->message, width, height);
	wlr_scene_node_set_position(
		&menu->message->node, area.x + (area.width - width) / 2, area.y + 60);
	wlr_buffer_drop(&buffer->base);
	wl_event_source_timer_update(menu->message_timer, message_ms);
}

/* Clicks go through it. */
static bool accepts_no_input(struct wlr_scene_buffer *buffer, double *sx, double *sy)
{
	return false;
}

/* ---- life ---- */

struct menu *menu_create(struct server *server)
{
	struct menu *menu = vx_new(menu);
	menu->server = server;
	menu->owner.kind = SCENE_OWNER_MENU;
	struct wlr_scene_tree *layer = server->scene->layers[SCENE_MENU];
	menu->tree = wlr_scene_tree_create(layer);
	menu->tree->node.data = &menu->owner;
	wlr_scene_node_set_enabled(&menu->tree->node, false);
	menu->shade = wlr_scene_rect_create(menu->tree, 0, 0, (float[4]){0, 0, 0, 0.45F});
	menu->panel = wlr_scene_buffer_create(menu->tree, nullptr);
	menu->message = wlr_scene_buffer_create(layer, nullptr);
	menu->message->point_accepts_input = accepts_no_input;
	menu->message_timer = wl_event_loop_add_timer(server->loop, handle_message_timer, menu);
	listener_add(&menu->vms_changed, &server->vms.events.changed, handle_vms_changed);
	return menu;
}

void menu_destroy(struct menu *menu)
{
	if (menu == nullptr) {
		return;
	}
	listener_remove(&menu->vms_changed);
	wl_event_source_remove(menu->message_timer);
	menu_rows_finish(&menu->rows);
	wlr_scene_node_destroy(&menu->tree->node);
	wlr_scene_node_destroy(&menu->message->node);
	free(menu);
}
