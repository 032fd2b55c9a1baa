/* SPDX-License-Identifier: MIT */
/* Finding workspaces by name, number and neighbourhood, and things in workspaces. */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tree/tree.h"
#include "tree/workspace.h"

int workspace_name_number(const char *name)
{
	char *end = nullptr;
	errno = 0;
	long long number = strtoll(name, &end, 10);
	return errno == 0 && end != name && number >= 0 && number <= INT32_MAX ? (int)number : -1;
}

static bool test_name(struct workspace *ws, void *data)
{
	return strcasecmp(ws->name, data) == 0;
}

static bool test_number(struct workspace *ws, void *data)
{
	const char *digits = data, *name = ws->name;
	for (; isdigit((unsigned char)*digits); digits++, name++) {
		if (*digits != *name) {
			return false;
		}
	}
	return !isdigit((unsigned char)*name);
}

struct workspace *workspace_by_number(struct tree *tree, const char *name)
{
	return tree_find_workspace(tree, test_number, (void *)name);
}

static const struct {
	const char *word;
	struct workspace *(*find)(struct workspace *current);
} neighbours[] = {
	{"prev", workspace_prev},
	{"next", workspace_next},
	{"prev_on_output", workspace_output_prev},
	{"next_on_output", workspace_output_next},
};

struct workspace *workspace_by_name(struct tree *tree, struct tree_seat *seat, const char *name)
{
	struct workspace *current = tree_seat_focused_workspace(seat);
	for (size_t i = 0; current && i < VX_ARRAY_LENGTH(neighbours); i++) {
		if (strcmp(name, neighbours[i].word) == 0) {
			return neighbours[i].find(current);
		}
	}
	if (strcmp(name, "current") == 0) {
		return current;
	}
	if (strcasecmp(name, "back_and_forth") == 0) {
		name = seat->previous_workspace_name;
	}
	return name ? tree_find_workspace(tree, test_name, (void *)name) : nullptr;
}

struct workspace *workspace_auto_back_and_forth(struct tree_seat *seat, struct workspace *ws)
{
	const char *previous = seat->previous_workspace_name;
	if (!seat->tree->options->auto_back_and_forth || !previous ||
		tree_seat_focused_workspace(seat) != ws) {
		return ws;
	}
	struct workspace *found = workspace_by_name(seat->tree, seat, previous);
	return found ? found : workspace_create(seat->tree, nullptr, previous);
}

char *workspace_next_name(struct tree *tree, const struct tree_output *output)
{
	if (tree->policy.next_workspace_name) {
		char *name = tree->policy.next_workspace_name(tree->policy.data, output);
		if (name) {
			return name;
		}
	}
	for (unsigned number = 1;; number++) {
		char name[16];
		snprintf(name, sizeof(name), "%u", number);
		if (!workspace_by_number(tree, name)) {
			return vx_strdup(name);
		}
	}
}

/* --- Neighbours --- */

struct scan {
	const struct workspace *current;
	int number;
	bool is_past_current;
	struct workspace *same_kind; /* the neighbour among numbered or among named ones */
	int same_number;
	struct workspace *other_kind, *end; /* where to go when there is none */
	int end_number;
};

static void scan_next(struct workspace *ws, void *data)
{
	struct scan *scan = data;
	int number = workspace_name_number(ws->name);
	if (!scan->end || (number >= 0 && number < scan->end_number)) {
		scan->end = ws;
		scan->end_number = number;
	}
	if (scan->number < 0) {
		if (number < 0 && scan->is_past_current && !scan->same_kind) {
			scan->same_kind = ws;
		}
		scan->is_past_current |= ws == scan->current;
	} else if (number < 0) {
		scan->other_kind = scan->other_kind ? scan->other_kind : ws;
	} else if (number > scan->number && (!scan->same_kind || number < scan->same_number)) {
		scan->same_kind = ws;
		scan->same_number = number;
	}
}

static void scan_previous(struct workspace *ws, void *data)
{
	struct scan *scan = data;
	int number = workspace_name_number(ws->name);
	if (!scan->end || (number >= 0 && number >= scan->end_number) ||
		(number < 0 && scan->end_number < 0)) {
		scan->end = ws;
		scan->end_number = number;
	}
	if (scan->number < 0) {
		scan->is_past_current |= ws == scan->current;
		if (number < 0 && !scan->is_past_current) {
			scan->same_kind = ws;
		}
	} else if (number < 0) {
		scan->other_kind = ws;
	} else if (number < scan->number && (!scan->same_kind || number >= scan->same_number)) {
		scan->same_kind = ws;
		scan->same_number = number;
	}
}

static struct workspace *neighbour(
	struct workspace *current, void (*visit)(struct workspace *ws, void *data))
{
	struct scan scan = {
		.current = current,
		.number = workspace_name_number(current->name),
		.end_number = -1,
	};
	tree_for_each_workspace(current->node.tree, visit, &scan);
	if (scan.same_kind) {
		return scan.same_kind;
	}
	return scan.other_kind ? scan.other_kind : scan.end;
}

struct workspace *workspace_next(struct workspace *current)
{
	return neighbour(current, scan_next);
}

struct workspace *workspace_prev(struct workspace *current)
{
	return neighbour(current, scan_previous);
}

/* Relative to the focused workspace, which may be on another output: its index is then -1. */
static struct workspace *step_on_output(struct workspace *current, int step)
{
	struct tree_seat *seat = tree_current_seat(current->node.tree);
	struct workspace *focused = tree_seat_focused_workspace(seat);
	struct tree_output *output = current->output;
	if (!focused || !output) {
		return nullptr;
	}
	int count = output->workspaces.length;
	int index = (list_index(&output->workspaces, focused) + step) % count;
	return output->workspaces.items[(index + count) % count];
}

struct workspace *workspace_output_next(struct workspace *current)
{
	return step_on_output(current, 1);
}

struct workspace *workspace_output_prev(struct workspace *current)
{
	return step_on_output(current, -1);
}

/* --- Contents --- */

static void visit_all(const struct container_list *list,
	void (*visit)(struct container *con, void *data), void *data)
{
	for (int i = 0; i < list->length; i++) {
		struct container *con = list->items[i];
		visit(con, data);
		container_for_each_child(con, visit, data);
	}
}

void workspace_for_each_container(
	struct workspace *ws, void (*visit)(struct container *con, void *data), void *data)
{
	visit_all(&ws->tiling, visit, data);
	visit_all(&ws->floating, visit, data);
}

static struct container *find_in(const struct container_list *list,
	bool (*test)(struct container *con, void *data), void *data)
{
	for (int i = 0; i < list->length; i++) {
		struct container *con = list->items[i];
		struct container *found = test(con, data) ? con
							  : container_find_child(con, test, data);
		if (found) {
			return found;
		}
	}
	return nullptr;
}

struct container *workspace_find_container(
	struct workspace *ws, bool (*test)(struct container *con, void *data), void *data)
{
	struct container *found = find_in(&ws->tiling, test, data);
	return found ? found : find_in(&ws->floating, test, data);
}

static bool test_urgent(struct container *con, void *data)
{
	return con->view && view_is_urgent(con->view);
}

void workspace_detect_urgent(struct workspace *ws)
{
	bool is_urgent = workspace_find_container(ws, test_urgent, nullptr);
	if (ws->urgent != is_urgent) {
		ws->urgent = is_urgent;
		tree_emit_workspace(ws->node.tree, nullptr, ws, WORKSPACE_URGENT);
	}
}

static void count_tiling_view(struct container *con, void *data)
{
	size_t *count = data;
	*count += con->view && !container_is_floating_or_child(con);
}

size_t workspace_count_tiling_views(const struct workspace *ws)
{
	size_t count = 0;
	workspace_for_each_container((struct workspace *)ws, count_tiling_view, &count);
	return count;
}
