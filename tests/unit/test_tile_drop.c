/* SPDX-License-Identifier: MIT */
/* Where a tile goes that is dragged with the pointer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/error.h"
#include "common/memory.h"
#include "compositor_fixture.h"
#include "tree/tile_drop.h"

/* Three windows of 1280x720 in all: H[a V[b c]]. */
struct fixture {
	struct compositor *compositor;
	struct container *a, *b, *c;
};

static int set_up(void **state)
{
	struct fixture *fixture = vx_new(fixture);
	struct compositor *compositor = compositor_create(nullptr);
	fixture->compositor = compositor;
	fixture->a = compositor_open(compositor, "a")->view.container;
	fixture->b = compositor_open(compositor, "b")->view.container;
	assert_true(compositor_run(compositor, "splitv"));
	fixture->c = compositor_open(compositor, "c")->view.container;
	assert_string_equal(compositor_shape(compositor), "H[a V[b c]]");
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	compositor_destroy(fixture->compositor);
	free(fixture);
	return 0;
}

static struct fake_window *window_of(struct container *con)
{
	struct fake_window *window = wl_container_of(con->view, window, view);
	return window;
}

/* A point in `over`, as shares of its width and height. */
static struct tile_drop find(struct container *con, struct container *over, bool on_content,
	double share_x, double share_y)
{
	struct box box = container_get_box(over);
	return tile_drop_find(con, &over->node, on_content, box.x + box.width * share_x,
		box.y + box.height * share_y);
}

static void apply(struct fixture *fixture, struct container *con, const struct tile_drop *drop,
	const char *shape)
{
	vx_cleanup_error struct vx_error err = {};
	tile_drop_apply(con, drop);
	if (!tree_verify(fixture->compositor->tree, &err)) {
		fail_msg("%s", vx_error_message(&err));
	}
	assert_string_equal(compositor_shape(fixture->compositor), shape);
}

static void test_the_middle_swaps(void **state)
{
	struct fixture *fixture = *state;
	struct tile_drop drop = find(fixture->a, fixture->b, true, 0.5, 0.5);
	assert_ptr_equal(drop.target, &fixture->b->node);
	assert_int_equal(drop.edge, EDGE_NONE);
	assert_false(drop.among_titles);
	apply(fixture, fixture->a, &drop, "H[b V[a c]]");
}

static void test_a_side_is_beside(void **state)
{
	struct fixture *fixture = *state;
	struct tile_drop drop = find(fixture->c, fixture->a, true, 0.15, 0.5);
	assert_ptr_equal(drop.target, &fixture->a->node);
	assert_int_equal(drop.edge, EDGE_LEFT);
	assert_true(drop.shown.x == fixture->a->pending.content_x && drop.shown.width > 0);
	apply(fixture, fixture->c, &drop, "H[c a V[b]]");
}

static void test_a_side_across_the_layout_splits(void **state)
{
	struct fixture *fixture = *state;
	struct tile_drop drop = find(fixture->a, fixture->b, true, 0.85, 0.5);
	assert_int_equal(drop.edge, EDGE_RIGHT);
	apply(fixture, fixture->a, &drop, "H[V[H[b a] c]]");
}

static void test_the_rim_is_beside_all(void **state)
{
	struct fixture *fixture = *state;
	struct box box = container_get_box(fixture->c);
	struct tile_drop drop = tile_drop_find(fixture->c, &fixture->a->node, true,
		fixture->a->pending.x + 100, box.y + box.height - 5);
	assert_int_equal(drop.edge, EDGE_BOTTOM);
	assert_ptr_equal(drop.target, &fixture->a->pending.workspace->node);
	apply(fixture, fixture->c, &drop, "V[H[a V[b]] c]");
}

static void test_a_title_makes_tabs(void **state)
{
	struct fixture *fixture = *state;
	double x = fixture->a->pending.x + 2, y = fixture->a->pending.y + 2;
	struct tile_drop drop = tile_drop_find(fixture->c, &fixture->a->node, false, x, y);
	assert_true(drop.among_titles && !drop.after);
	apply(fixture, fixture->c, &drop, "H[T[c a] V[b]]");
	/* Behind it, now that there are two. */
	struct box row = container_get_box(fixture->a->pending.parent);
	drop = tile_drop_find(
		fixture->b, &fixture->a->node, false, row.x + row.width - 2, row.y + 2);
	assert_true(drop.among_titles && drop.after);
	apply(fixture, fixture->b, &drop, "H[T[c a b]]");
}

static void test_nowhere(void **state)
{
	struct fixture *fixture = *state;
	assert_null(tile_drop_find(fixture->a, nullptr, false, 10, 10).target);
	assert_null(find(fixture->a, fixture->a, true, 0.5, 0.5).target);
	/* A group into itself. */
	struct container *group = fixture->b->pending.parent;
	assert_null(find(group, fixture->b, true, 0.5, 0.5).target);
	compositor_unmap(fixture->compositor, window_of(fixture->b));
	compositor_unmap(fixture->compositor, window_of(fixture->c));
	compositor_settle(fixture->compositor);
	assert_null(find(fixture->a, fixture->a, true, 0.1, 0.5).target); /* alone */
}

static void test_another_workspace(void **state)
{
	struct fixture *fixture = *state;
	struct tree_output *output = compositor_add_output(fixture->compositor, 1280, 800, 600);
	struct workspace *ws = tree_output_active_workspace(output);
	struct tile_drop drop = tile_drop_find(fixture->a, &ws->node, false, 1500, 300);
	assert_ptr_equal(drop.target, &ws->node);
	assert_true(drop.shown.x == 1280 && drop.shown.width == 800);
	apply(fixture, fixture->a, &drop, "H[V[b c]]");
	assert_ptr_equal(fixture->a->pending.workspace, ws);
	assert_true(fixture->a->pending.width == 800);
}

/* Whatever is dragged wherever: the target is never in what is dragged, and the tree stays whole.
 */
static void test_random_drops(void **state)
{
	static const char *const layouts[] = {"layout tabbed", "layout stacking", "layout splith",
		"layout splitv", "splitv", "splith"};
	struct fixture *fixture = *state;
	struct compositor *compositor = fixture->compositor;
	struct container *const windows[] = {fixture->a, fixture->b, fixture->c,
		compositor_open(compositor, "d")->view.container};
	unsigned random = 1, drops = 0;
	for (unsigned i = 0; i < 2000; i++) {
		random = random * 1103515245u + 12345u;
		struct container *con = windows[random >> 16 & 3],
				 *over = windows[random >> 18 & 3];
		if ((random >> 20 & 3) == 0 && con->pending.parent) {
			con = con->pending.parent;
		}
		if ((random >> 22 & 7) == 0) {
			tree_seat_set_focus_container(compositor->seat, over);
			compositor_run(
				compositor, layouts[(random >> 25) % VX_ARRAY_LENGTH(layouts)]);
		}
		double x = (random >> 8) % 1290, y = (random >> 12) % 730;
		struct tile_drop drop = tile_drop_find(
			con, &over->node, (random >> 24 & 1) != 0, x, y);
		if (!drop.target) {
			continue;
		}
		assert_false(
			drop.target == &con->node || node_has_ancestor(drop.target, &con->node));
		vx_cleanup_error struct vx_error err = {};
		tile_drop_apply(con, &drop);
		compositor_settle(compositor);
		if (!tree_verify(compositor->tree, &err)) {
			fail_msg("drop %u: %s", i, vx_error_message(&err));
		}
		drops++;
	}
	assert_true(drops > 500);
}

#define DROP_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		DROP_TEST(test_the_middle_swaps),
		DROP_TEST(test_a_side_is_beside),
		DROP_TEST(test_a_side_across_the_layout_splits),
		DROP_TEST(test_the_rim_is_beside_all),
		DROP_TEST(test_a_title_makes_tabs),
		DROP_TEST(test_nowhere),
		DROP_TEST(test_another_workspace),
		DROP_TEST(test_random_drops),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
