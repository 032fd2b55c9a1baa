/* SPDX-License-Identifier: MIT */
/* The tree and the commands on it, without a display; and random commands, with the invariants
 * after each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "compositor_fixture.h"

static int setup(void **state)
{
	*state = compositor_create(nullptr);
	return 0;
}

static int teardown(void **state)
{
	compositor_destroy(*state);
	return 0;
}

static void assert_sound(struct compositor *compositor, const char *after)
{
	vx_cleanup_error struct vx_error err = {};
	if (!tree_verify(compositor->tree, &err)) {
		fail_msg("after '%s': %s", after, vx_error_message(&err));
	}
}

static void run(struct compositor *compositor, const char *command)
{
	assert_true(compositor_run(compositor, command));
	assert_sound(compositor, command);
}

static void assert_box(const struct container *con, double x, double y, double width, double height)
{
	assert_true(con->pending.x == x && con->pending.y == y);
	assert_true(con->pending.width == width && con->pending.height == height);
}

static void windows_tile_in_a_row(void **state)
{
	struct compositor *compositor = *state;
	struct fake_window *a = compositor_open(compositor, "a");
	struct fake_window *b = compositor_open(compositor, "b");
	assert_string_equal(compositor_shape(compositor), "H[a b]");
	assert_box(a->view.container, 0, 0, 640, 720);
	assert_box(b->view.container, 640, 0, 640, 720);
	assert_ptr_equal(tree_seat_focused_container(compositor->seat), b->view.container);
	assert_true(b->is_activated && !a->is_activated);
}

static void splits_nest(void **state)
{
	struct compositor *compositor = *state;
	compositor_open(compositor, "a");
	compositor_open(compositor, "b");
	run(compositor, "splitv");
	compositor_open(compositor, "c");
	assert_string_equal(compositor_shape(compositor), "H[a V[b c]]");
	run(compositor, "layout tabbed");
	assert_string_equal(compositor_shape(compositor), "H[a T[b c]]");
	run(compositor, "move left");
	assert_string_equal(compositor_shape(compositor), "H[a T[c b]]");
	run(compositor, "move left");
	assert_string_equal(compositor_shape(compositor), "H[a c T[b]]");
}

static void closing_keeps_a_focus(void **state)
{
	struct compositor *compositor = *state;
	struct fake_window *a = compositor_open(compositor, "a");
	struct fake_window *b = compositor_open(compositor, "b");
	compositor_unmap(compositor, b);
	assert_ptr_equal(tree_seat_focused_container(compositor->seat), a->view.container);
	compositor_unmap(compositor, a);
	assert_null(tree_seat_focused_container(compositor->seat));
	assert_non_null(tree_seat_focused_workspace(compositor->seat));
	compositor_settle(compositor);
	assert_int_equal(compositor->windows.length, 0);
}

static void empty_workspaces_go(void **state)
{
	struct compositor *compositor = *state;
	run(compositor, "workspace 5");
	assert_null(workspace_by_number(compositor->tree, "1"));
	compositor_open(compositor, "a");
	run(compositor, "workspace 6");
	assert_non_null(workspace_by_number(compositor->tree, "5"));
	run(compositor, "workspace back_and_forth");
	assert_string_equal(tree_seat_focused_workspace(compositor->seat)->name, "5");
}

static void floating_windows_are_centred_at_their_size(void **state)
{
	struct compositor *compositor = *state;
	struct fake_window *a = compositor_open(compositor, "a");
	run(compositor, "floating enable");
	const struct container_state *pending = &a->view.container->pending;
	assert_true(pending->content_width == 400 && pending->content_height == 300);
	assert_true(pending->content_x == 440 && pending->content_y == 210);
	run(compositor, "move position 10 20");
	assert_true(pending->x == 10 && pending->y == 20);
	run(compositor, "floating disable");
	assert_box(a->view.container, 0, 0, 1280, 720);
}

static void dialogs_float_over_fullscreen(void **state)
{
	struct compositor *compositor = *state;
	struct fake_window *a = compositor_open(compositor, "a");
	run(compositor, "fullscreen enable");
	assert_true(a->is_fullscreen);
	struct fake_window *other = compositor_open(compositor, "b");
	struct fake_window *dialog = compositor_open_dialog(compositor, "dialog", a);
	assert_true(container_is_floating(dialog->view.container));
	assert_true(view_is_visible(&dialog->view));
	assert_false(view_is_visible(&other->view));
	assert_ptr_equal(tree_seat_focused_container(compositor->seat), a->view.container);
	dialog->parent = nullptr;
}

/* sway 1.12 ends here. */
static void the_last_window_leaves_a_fullscreen_split(void **state)
{
	struct compositor *compositor = *state;
	compositor_open(compositor, "a");
	run(compositor, "mark x");
	compositor_open(compositor, "b");
	run(compositor, "splitv; focus parent; fullscreen enable");
	run(compositor, "[app_id=b] move to mark x");
	run(compositor, "[app_id=b] focus");
	assert_true(compositor_run(compositor, "kill"));
}

static void scratchpad_cycles(void **state)
{
	struct compositor *compositor = *state;
	struct fake_window *a = compositor_open(compositor, "a");
	run(compositor, "move scratchpad");
	assert_false(view_is_visible(&a->view));
	assert_true(container_is_scratchpad_hidden(a->view.container));
	run(compositor, "scratchpad show");
	assert_true(view_is_visible(&a->view));
	run(compositor, "scratchpad show");
	assert_false(view_is_visible(&a->view));
}

/* Neither the window nor the focus goes anywhere: its workspace would be left empty. */
static void a_scratchpad_window_is_split_from_another_workspace(void **state)
{
	struct compositor *compositor = *state;
	struct fake_window *a = compositor_open(compositor, "a");
	run(compositor, "mark x; move scratchpad; scratchpad show");
	run(compositor, "workspace 2");
	run(compositor, "[con_mark=x] split vertical");
	assert_non_null(a->view.container->pending.parent);
	assert_string_equal(a->view.container->pending.workspace->name, "1");
	assert_string_equal(tree_seat_focused_workspace(compositor->seat)->name, "2");
	assert_null(tree_seat_focused_container(compositor->seat));
}

/* Each keeps the focus from the other while the group that splitting makes takes its place. */
static void a_split_of_what_is_fullscreen_for_all_beside_a_fullscreen_window(void **state)
{
	struct compositor *compositor = *state;
	compositor_open(compositor, "a");
	run(compositor, "fullscreen enable; workspace 2");
	struct fake_window *b = compositor_open(compositor, "b");
	run(compositor,
		"fullscreen enable global; [app_id=a] move container to workspace 2; splith");
	assert_ptr_equal(tree_seat_focused_container(compositor->seat), b->view.container);
}

static void marks_are_unique(void **state)
{
	struct compositor *compositor = *state;
	struct fake_window *a = compositor_open(compositor, "a");
	run(compositor, "mark x");
	struct fake_window *b = compositor_open(compositor, "b");
	run(compositor, "mark --add x");
	assert_false(container_has_mark(a->view.container, "x"));
	assert_true(container_has_mark(b->view.container, "x"));
	run(compositor, "[con_mark=x] unmark");
	assert_null(container_find_mark(compositor->tree, "x"));
}

static void outputs_come_and_go_with_windows_on_them(void **state)
{
	struct compositor *compositor = *state;
	run(compositor, "create_output");
	run(compositor, "focus output OUT-2");
	struct fake_window *a = compositor_open(compositor, "a");
	assert_string_equal(a->view.container->pending.workspace->output->name, "OUT-2");
	run(compositor, "output OUT-2 unplug");
	assert_string_equal(a->view.container->pending.workspace->output->name, "OUT-1");
	run(compositor, "output OUT-1 unplug");
	assert_ptr_equal(
		a->view.container->pending.workspace->output, compositor->tree->fallback_output);
	compositor_add_output(compositor, 0, 800, 600);
	assert_string_equal(a->view.container->pending.workspace->output->name, "OUT-3");
	assert_sound(compositor, "a new output");
}

/* i3's test 309, on which sway 1.12 ends: a moved group that is dissolved by its own move. */
static void a_group_that_dissolves_while_moving(void **state)
{
	struct compositor *compositor = *state;
	compositor_open(compositor, "a");
	run(compositor, "splitv");
	compositor_open(compositor, "b");
	run(compositor, "splith");
	compositor_open(compositor, "c");
	run(compositor, "focus parent");
	compositor_run(compositor, "move down; move down; move right; move up");
	assert_sound(compositor, "moves of a group");
}

static void sway_calls_gaps_and_titles(void **state)
{
	struct compositor *compositor = *state;
	struct fake_window *a = compositor_open(compositor, "a");
	run(compositor, "gaps inner current set 10; gaps outer current set 5");
	assert_box(a->view.container, 15, 15, 1250, 690);
	assert_true(a->view.container->pending.content_y == 40);
	run(compositor, "title_format '%app_id: %title'");
	assert_string_equal(a->view.container->formatted_title, "a: title of a");
}

/* --- Random commands --- */

static const char *const pool[] = {
	"focus left",
	"focus right",
	"focus up",
	"focus down",
	"focus parent",
	"focus child",
	"focus mode_toggle",
	"focus next",
	"focus prev sibling",
	"move left",
	"move right",
	"move up",
	"move down",
	"splith",
	"splitv",
	"split none",
	"layout tabbed",
	"layout stacking",
	"layout splith",
	"layout toggle all",
	"layout default",
	"resize grow width 75 px",
	"resize shrink height 10 ppt",
	"resize set 300 px 200 px",
	"floating toggle",
	"fullscreen toggle",
	"fullscreen toggle global",
	"sticky toggle",
	"move scratchpad",
	"scratchpad show",
	"workspace 1",
	"workspace 2",
	"workspace next",
	"workspace back_and_forth",
	"move container to workspace 1",
	"move container to workspace 3",
	"move workspace to output right",
	"move container to output left",
	"mark --add x",
	"mark y",
	"move to mark x",
	"move to mark y",
	"swap container with mark x",
	"swap container with mark y",
	"border toggle",
	"gaps inner all plus 3",
	"gaps outer current toggle 9",
	"unmark",
	"rename workspace to seven",
	"kill",
	"create_output",
	"output OUT-2 unplug",
	"[all] focus",
	"[floating] move scratchpad",
	"[tiling] floating enable",
	"move position 9000 -40",
	"urgent enable",
	"[con_mark=x] kill",
	"[con_mark=x] fullscreen toggle",
	"[con_mark=y] fullscreen enable",
	"[app_id=odd] fullscreen enable",
	"[con_mark=x] split toggle",
	"[con_mark=y] split none",
	"[con_mark=y] floating toggle",
	"[con_mark=y] scratchpad show",
	"[app_id=even] move container to workspace 3",
	"opacity 0.5",
};

static void open_or_run(struct compositor *compositor, unsigned *seed)
{
	unsigned choice = (unsigned)rand_r(seed) % 100;
	if (choice < 12 && compositor->windows.length < 24) {
		struct fake_window *parent = choice == 0 && compositor->windows.length > 0
						     ? compositor->windows.items[0]
						     : nullptr;
		compositor_open_dialog(compositor, choice % 2 ? "odd" : "even", parent);
		assert_sound(compositor, "open");
		return;
	}
	const char *command = pool[(unsigned)rand_r(seed) % VX_ARRAY_LENGTH(pool)];
	if (strcmp(command, "create_output") == 0 && compositor->outputs.length > 3) {
		return;
	}
	compositor_run(compositor, command);
	assert_sound(compositor, command);
	compositor_close_requested(compositor);
	assert_sound(compositor, "closing");
}

static void run_random_commands(unsigned seed)
{
	unsigned random = seed;
	struct compositor *compositor = compositor_create(
		seed % 3 == 0 ? "workspace_layout tabbed\nsmart_gaps on" : nullptr);
	for (int step = 0; step < 250; step++) {
		open_or_run(compositor, &random);
		if (step % 7 == 0) {
			compositor_settle(compositor);
		}
	}
	compositor_destroy(compositor);
}

static void random_commands_leave_the_tree_sound(void **state)
{
	(void)state;
	for (unsigned seed = 1; seed <= 200; seed++) {
		run_random_commands(seed);
	}
	/* A window of the scratchpad is moved beside an empty workspace, which goes. */
	run_random_commands(3856);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(windows_tile_in_a_row, setup, teardown),
		cmocka_unit_test_setup_teardown(splits_nest, setup, teardown),
		cmocka_unit_test_setup_teardown(closing_keeps_a_focus, setup, teardown),
		cmocka_unit_test_setup_teardown(empty_workspaces_go, setup, teardown),
		cmocka_unit_test_setup_teardown(
			floating_windows_are_centred_at_their_size, setup, teardown),
		cmocka_unit_test_setup_teardown(dialogs_float_over_fullscreen, setup, teardown),
		cmocka_unit_test_setup_teardown(
			the_last_window_leaves_a_fullscreen_split, setup, teardown),
		cmocka_unit_test_setup_teardown(scratchpad_cycles, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_scratchpad_window_is_split_from_another_workspace, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_split_of_what_is_fullscreen_for_all_beside_a_fullscreen_window, setup,
			teardown),
		cmocka_unit_test_setup_teardown(marks_are_unique, setup, teardown),
		cmocka_unit_test_setup_teardown(
			outputs_come_and_go_with_windows_on_them, setup, teardown),
		cmocka_unit_test_setup_teardown(
			a_group_that_dissolves_while_moving, setup, teardown),
		cmocka_unit_test_setup_teardown(sway_calls_gaps_and_titles, setup, teardown),
		cmocka_unit_test(random_commands_leave_the_tree_sound),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
