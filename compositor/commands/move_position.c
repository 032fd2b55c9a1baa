/* SPDX-License-Identifier: MIT */
/* move: of a floating container to a position. */
#include "commands/move.h"

#include <math.h>
#include <string.h>

static const char expected_position[] =
	"Expected 'move [absolute] position <x> [px] <y> [px]' or 'move [absolute] position "
	"center' or 'move position cursor|mouse|pointer'";

static struct command_result move_to_pointer(struct command_context *context)
{
	struct container *con = context->container;
	double pointer_x, pointer_y;
	if (!context->desktop->impl->cursor_position(
		    context->desktop, context->seat, &pointer_x, &pointer_y)) {
		return command_fail("No cursor device");
	}
	double width = con->pending.width, height = con->pending.height;
	double x = pointer_x - width / 2, y = pointer_y - height / 2;
	const struct tree_output *output = tree_output_at(context->tree, pointer_x, pointer_y);
	if (output) {
		x = fmin(fmax(x, output->x), output->x + output->width - width);
		y = fmin(fmax(y, output->y), output->y + output->height - height);
	}
	container_floating_move_to(con, x, y);
	return command_ok();
}

/* What positions are relative to. */
static struct box position_area(struct command_context *context, bool absolute)
{
	if (absolute) {
		return context->tree->bounds;
	}
	const struct workspace *ws = context->container->pending.workspace;
	if (!ws) {
		ws = tree_seat_focused_workspace(context->seat);
	}
	return ws ? (struct box){ws->x, ws->y, ws->width, ws->height} : context->tree->bounds;
}

static struct command_result move_to_center(struct command_context *context, bool absolute)
{
	struct container *con = context->container;
	struct box area = position_area(context, absolute);
	container_floating_move_to(con, area.x + (area.width - con->pending.width) / 2,
		area.y + (area.height - con->pending.height) / 2);
	return command_ok();
}

static struct command_result check_ppt(
	const struct container *con, struct amount amount, bool absolute)
{
	if (amount.unit != AMOUNT_PPT) {
		return command_ok();
	}
	if (container_is_scratchpad_hidden(con)) {
		return command_fail("Cannot move a hidden scratchpad container by ppt");
	}
	if (absolute) {
		return command_fail("Cannot move to absolute positions by ppt");
	}
	return command_ok();
}

static double in_pixels(struct amount amount, double size)
{
	return amount.unit == AMOUNT_PPT ? trunc(size * amount.value / 100) : amount.value;
}

static struct command_result move_to_coordinates(
	struct command_context *context, struct args args, bool absolute)
{
	if (args.count < 2) {
		return command_fail("%s", expected_position);
	}
	struct amount x = args_take_amount(&args);
	if (x.unit == AMOUNT_INVALID) {
		return command_invalid("Invalid x position specified");
	}
	if (args.count < 1) {
		return command_fail("%s", expected_position);
	}
	struct amount y = args_take_amount(&args);
	if (args.count > 0) {
		return command_invalid("%s", expected_position);
	}
	if (y.unit == AMOUNT_INVALID) {
		return command_invalid("Invalid y position specified");
	}
	struct container *con = context->container;
	struct command_result result = check_ppt(con, x, absolute);
	if (result.status == COMMAND_SUCCESS) {
		result = check_ppt(con, y, absolute);
	}
	if (result.status != COMMAND_SUCCESS) {
		return result;
	}
	struct box area = position_area(context, absolute);
	double left = in_pixels(x, area.width), top = in_pixels(y, area.height);
	if (!absolute) {
		left = trunc(left + area.x);
		top = trunc(top + area.y);
	}
	container_floating_move_to(con, left, top);
	return command_ok();
}

struct command_result move_to_position(struct command_context *context, struct args args)
{
	struct container *con = context->container;
	if (!con || !container_is_floating(con)) {
		return command_fail(
			"Only floating containers can be moved to an absolute position");
	}
	bool absolute = args.count > 0 && strcmp(args.items[0], "absolute") == 0;
	args = args_skip(args, absolute);
	if (args.count > 0 && strcmp(args.items[0], "position") == 0) {
		args = args_skip(args, 1);
	}
	if (args.count == 0) {
		return command_invalid("%s", expected_position);
	}
	const char *word = args.items[0];
	if (strcmp(word, "cursor") == 0 || strcmp(word, "mouse") == 0 ||
		strcmp(word, "pointer") == 0) {
		return absolute ? command_invalid("%s", expected_position)
				: move_to_pointer(context);
	}
	if (strcmp(word, "center") == 0) {
		return move_to_center(context, absolute);
	}
	return move_to_coordinates(context, args, absolute);
}
