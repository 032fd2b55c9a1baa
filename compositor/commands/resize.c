/* SPDX-License-Identifier: MIT */
/* resize set, grow and shrink; the mouse uses container_resize_tiled() too. */
#include "commands/resize.h"

#include <math.h>
#include <string.h>
#include <strings.h>

#include "commands/command.h"
#include "tree/arrange.h"

static bool is_horizontal(unsigned edges)
{
	return edges & (EDGE_LEFT | EDGE_RIGHT);
}

static bool is_axis(unsigned edges)
{
	return edges == RESIZE_HORIZONTAL || edges == RESIZE_VERTICAL;
}

static unsigned parse_edges(const char *word)
{
	static const struct {
		const char *word;
		unsigned edges;
	} words[] = {
		{"width", RESIZE_HORIZONTAL},
		{"horizontal", RESIZE_HORIZONTAL},
		{"height", RESIZE_VERTICAL},
		{"vertical", RESIZE_VERTICAL},
		{"up", EDGE_TOP},
		{"down", EDGE_BOTTOM},
		{"left", EDGE_LEFT},
		{"right", EDGE_RIGHT},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(words); i++) {
		if (strcasecmp(word, words[i].word) == 0) {
			return words[i].edges;
		}
	}
	return EDGE_NONE;
}

struct container *container_find_resize_parent(struct container *con, unsigned edges)
{
	enum container_layout layout = is_horizontal(edges) ? LAYOUT_HORIZ : LAYOUT_VERT;
	bool needs_previous = edges == EDGE_TOP || edges == EDGE_LEFT;
	bool needs_next = edges == EDGE_RIGHT || edges == EDGE_BOTTOM;
	for (; con; con = con->pending.parent) {
		const struct container_list *siblings = container_get_siblings(con);
		int index = container_sibling_index(con);
		if (container_parent_layout(con) == layout && siblings && siblings->length > 1 &&
			(!needs_previous || index > 0) &&
			(!needs_next || index < siblings->length - 1)) {
			return con;
		}
	}
	return nullptr;
}

/* --- Tiling --- */

struct tiled_resize {
	struct container *con;
	struct container_list *siblings;
	int first, last; /* the siblings that take part, `con` among them */
	bool horizontal;
	double amount;
};

static double *fraction_of(const struct tiled_resize *resize, struct container *con)
{
	return resize->horizontal ? &con->width_fraction : &con->height_fraction;
}

static double size_of(const struct tiled_resize *resize, const struct container *con)
{
	return resize->horizontal ? con->pending.width : con->pending.height;
}

/* No window may become smaller than what still makes sense. */
static bool resize_fits(const struct tiled_resize *resize)
{
	int others = resize->last - resize->first;
	double each = ceil(resize->amount / others);
	int min = resize->horizontal ? container_min_width : container_min_height;
	for (int i = resize->first; i <= resize->last; i++) {
		const struct container *con = resize->siblings->items[i];
		double change = con == resize->con ? resize->amount : -each;
		if (size_of(resize, con) + change < min) {
			return false;
		}
	}
	return true;
}

static void resize_apply(const struct tiled_resize *resize, double total)
{
	for (int i = 0; i < resize->siblings->length; i++) {
		/* Snapped to whole pixels first, so that rounding does not add up. */
		struct container *con = resize->siblings->items[i];
		*fraction_of(resize, con) = size_of(resize, con) / total;
	}
	double amount = resize->amount / total;
	double each = amount / (resize->last - resize->first);
	for (int i = resize->first; i <= resize->last; i++) {
		struct container *con = resize->siblings->items[i];
		*fraction_of(resize, con) += con == resize->con ? amount : -each;
	}
}

void container_resize_tiled(struct container *con, unsigned edges, int amount)
{
	con = container_find_resize_parent(con, edges);
	if (!con || container_is_scratchpad_hidden_or_child(con)) {
		return;
	}
	int index = container_sibling_index(con);
	struct tiled_resize resize = {
		.con = con,
		.siblings = container_get_siblings(con),
		.first = index,
		.last = index,
		.horizontal = is_horizontal(edges),
		.amount = amount,
	};
	if (is_axis(edges)) {
		resize.first = 0;
		resize.last = resize.siblings->length - 1;
	} else if (edges == EDGE_TOP || edges == EDGE_LEFT) {
		resize.first--;
	} else {
		resize.last++;
	}
	double total = resize.horizontal ? con->child_total_width : con->child_total_height;
	if (total <= 0 || !resize_fits(&resize)) {
		return;
	}
	resize_apply(&resize, total);
	if (con->pending.parent) {
		arrange_container(con->pending.parent);
	} else {
		arrange_workspace(con->pending.workspace);
	}
}

/* What ppt are of: the nearest parent that is split along this axis, or the workspace. */
static double reference_size(const struct container *con, bool horizontal)
{
	enum container_layout layout = horizontal ? LAYOUT_HORIZ : LAYOUT_VERT;
	const struct container *parent = con->pending.parent;
	while (parent && parent->pending.layout != layout) {
		parent = parent->pending.parent;
	}
	if (parent) {
		return horizontal ? parent->pending.width : parent->pending.height;
	}
	const struct workspace *ws = con->pending.workspace;
	return horizontal ? ws->width : ws->height;
}

static struct command_result adjust_tiled(
	struct container *con, unsigned edges, struct amount amount)
{
	if (container_is_scratchpad_hidden_or_child(con)) {
		return command_fail("Cannot resize a hidden scratchpad container");
	}
	int pixels = amount.value;
	if (amount.unit == AMOUNT_PPT || amount.unit == AMOUNT_DEFAULT) {
		float share = (float)amount.value / 100.0f;
		pixels = pixels_from((float)reference_size(con, is_horizontal(edges)) * share);
	}
	double width = con->width_fraction, height = con->height_fraction;
	container_resize_tiled(con, edges, pixels);
	if (con->width_fraction == width && con->height_fraction == height) {
		return command_invalid("Cannot resize any further");
	}
	return command_ok();
}

static void set_tiled_axis(struct container *con, struct amount amount, bool horizontal)
{
	if (amount.value == 0) {
		return;
	}
	int pixels = amount.value;
	if (amount.unit == AMOUNT_PPT || amount.unit == AMOUNT_DEFAULT) {
		pixels = pixels_from(reference_size(con, horizontal) * amount.value / 100);
	}
	double size = horizontal ? con->pending.width : con->pending.height;
	container_resize_tiled(
		con, horizontal ? RESIZE_HORIZONTAL : RESIZE_VERTICAL, pixels_from(pixels - size));
}

static struct command_result set_tiled(
	struct container *con, struct amount width, struct amount height)
{
	if (container_is_scratchpad_hidden_or_child(con)) {
		return command_fail("Cannot resize a hidden scratchpad container");
	}
	/* The size it has, where none is given: its neighbours' shares are snapped to pixels all
	 * the same. */
	width.value = width.value <= 0 ? (int)con->pending.width : width.value;
	height.value = height.value <= 0 ? (int)con->pending.height : height.value;
	set_tiled_axis(con, width, true);
	set_tiled_axis(con, height, false);
	return command_ok();
}

/* --- Floating --- */

struct size_limits {
	int min_width, max_width, min_height, max_height;
};

static struct size_limits limits_of(struct container *con)
{
	struct size_limits limits;
	container_floating_size_limits(
		con, &limits.min_width, &limits.max_width, &limits.min_height, &limits.max_height);
	return limits;
}

static int limit_growth(double size, int growth, int min, int max)
{
	if (size + growth < min) {
		return pixels_from(min - size);
	}
	return size + growth > max ? pixels_from(max - size) : growth;
}

void container_grow(struct container *con, double x, double y, double width, double height)
{
	struct container_state *state = &con->pending;
	state->x += x;
	state->y += y;
	state->width += width;
	state->height += height;
	state->content_x += x;
	state->content_y += y;
	state->content_width += width;
	state->content_height += height;
	arrange_container(con);
}

static struct command_result adjust_floating(
	struct container *con, unsigned edges, struct amount amount)
{
	struct size_limits limits = limits_of(con);
	bool horizontal = is_horizontal(edges);
	int width = limit_growth(con->pending.width, horizontal ? amount.value : 0,
		limits.min_width, limits.max_width);
	int height = limit_growth(con->pending.height, horizontal ? 0 : amount.value,
		limits.min_height, limits.max_height);
	if (width == 0 && height == 0) {
		return command_invalid("Cannot resize any further");
	}
	int x = edges == RESIZE_HORIZONTAL ? -width / 2 : edges == EDGE_LEFT ? -width : 0;
	int y = edges == RESIZE_VERTICAL ? -height / 2 : edges == EDGE_TOP ? -height : 0;
	container_grow(con, x, y, width, height);
	return command_ok();
}

/* The growth that reaches a size; the size it has, where none is given. */
static int growth_to(struct amount amount, double size, double area, int min, int max)
{
	if (amount.value <= 0 && (int)size == 0) {
		return 0; /* hidden below something fullscreen: it has no size to keep */
	}
	double wanted = amount.value <= 0           ? size
			: amount.unit == AMOUNT_PPT ? trunc(area * amount.value / 100)
						    : amount.value;
	wanted = fmax(min, fmin(trunc(wanted), max));
	return pixels_from(wanted - size);
}

static bool needs_workspace(struct amount amount)
{
	return amount.value > 0 && amount.unit == AMOUNT_PPT;
}

static struct command_result set_floating(
	struct container *con, struct amount width, struct amount height)
{
	if (container_is_scratchpad_hidden(con) &&
		(needs_workspace(width) || needs_workspace(height))) {
		return command_fail("Cannot resize a hidden scratchpad container by ppt");
	}
	struct size_limits limits = limits_of(con);
	const struct workspace *ws = con->pending.workspace;
	int wider = growth_to(
		width, con->pending.width, ws ? ws->width : 0, limits.min_width, limits.max_width);
	int higher = growth_to(height, con->pending.height, ws ? ws->height : 0, limits.min_height,
		limits.max_height);
	container_grow(con, -(wider / 2), -(higher / 2), wider, higher);
	return command_ok();
}

/* --- The words --- */

static struct command_result resize_set(struct command_context *context, struct args args)
{
	static const char usage[] =
		"Expected 'resize set [width] <width> [px|ppt]' or 'resize set height <height> "
		"[px|ppt]' or 'resize set [width] <width> [px|ppt] [height] <height> [px|ppt]'";
	struct amount width = {0, AMOUNT_PX}, height = {0, AMOUNT_PX};
	if (args.count >= 2 && strcmp(args.items[0], "width") == 0 &&
		strcmp(args.items[1], "height") != 0) {
		args = args_skip(args, 1);
	}
	if (strcmp(args.items[0], "height") != 0) {
		width = args_take_amount(&args);
		if (width.unit == AMOUNT_INVALID) {
			return command_invalid("%s", usage);
		}
	}
	if (args.count > 0) {
		if (args.count >= 2 && strcmp(args.items[0], "height") == 0) {
			args = args_skip(args, 1);
		}
		height = args_take_amount(&args);
		if (args.count > 0 || height.unit == AMOUNT_INVALID) {
			return command_invalid("%s", usage);
		}
	}
	struct container *con = context->container;
	return container_is_floating(con) ? set_floating(con, width, height)
					  : set_tiled(con, width, height);
}

/* Of the one or two amounts: in this order of preference, else the first. */
static const struct amount *prefer(
	const struct amount amounts[2], enum amount_unit first, enum amount_unit second)
{
	for (int i = 0; i < 2; i++) {
		if (amounts[i].unit == first) {
			return &amounts[i];
		}
	}
	for (int i = 0; i < 2; i++) {
		if (amounts[i].unit == second) {
			return &amounts[i];
		}
	}
	return nullptr;
}

/* "[AMOUNT [or AMOUNT]]" */
static bool parse_amounts(struct args args, struct amount amounts[2])
{
	amounts[0] = (struct amount){10, AMOUNT_DEFAULT};
	amounts[1] = (struct amount){0, AMOUNT_INVALID};
	if (args.count == 0) {
		return true;
	}
	amounts[0] = args_take_amount(&args);
	if (amounts[0].unit == AMOUNT_INVALID) {
		return false;
	}
	if (args.count == 0) {
		return true;
	}
	if (strcmp(args.items[0], "or") != 0) {
		return false;
	}
	args = args_skip(args, 1);
	if (args.count == 0) {
		return true;
	}
	amounts[1] = args_take_amount(&args);
	return args.count == 0 && amounts[1].unit != AMOUNT_INVALID;
}

static struct command_result resize_adjust(
	struct command_context *context, struct args args, int sign)
{
	static const char usage[] = "Expected 'resize grow|shrink <direction> [<amount> px|ppt "
				    "[or <amount> px|ppt]]'";
	unsigned edges = parse_edges(args.items[0]);
	struct amount amounts[2];
	if (edges == EDGE_NONE || !parse_amounts(args_skip(args, 1), amounts)) {
		return command_invalid("%s", usage);
	}
	amounts[0].value *= sign;
	amounts[1].value *= sign;
	struct container *con = context->container;
	if (container_is_floating(con)) {
		const struct amount *amount = prefer(amounts, AMOUNT_PX, AMOUNT_DEFAULT);
		return amount ? adjust_floating(con, edges, *amount)
			      : command_invalid("Floating containers cannot use ppt measurements");
	}
	const struct amount *amount = prefer(amounts, AMOUNT_PPT, AMOUNT_DEFAULT);
	return adjust_tiled(con, edges, amount ? *amount : amounts[0]);
}

struct command_result cmd_resize(struct command_context *context, struct args args)
{
	if (!context->container) {
		return command_invalid("Cannot resize nothing");
	}
	if (args.count < 2) {
		return command_invalid(
			"Invalid resize command (expected at least 2 arguments, got %d)",
			args.count);
	}
	struct args rest = args_skip(args, 1);
	if (args_is(args, 0, "set")) {
		return resize_set(context, rest);
	}
	if (args_is(args, 0, "grow")) {
		return resize_adjust(context, rest, 1);
	}
	if (args_is(args, 0, "shrink")) {
		return resize_adjust(context, rest, -1);
	}
	return command_invalid("Expected 'resize <shrink|grow> "
			       "<width|height|up|down|left|right> [<amount>] [px|ppt]'");
}
