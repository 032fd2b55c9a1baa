/* SPDX-License-Identifier: MIT */
#include "commands/criteria.h"

#include <stdlib.h>
#include <string.h>

#include "commands/criteria_internal.h"
#include "tree/tree.h"

/* Against patterns that take for ever on titles that clients choose. */
static constexpr uint32_t match_limit = 100'000;

/* --- Values of a view --- */

static const char *workspace_name(const struct view *view)
{
	const struct workspace *ws = view->container->pending.workspace;
	return ws ? ws->name : nullptr;
}

static const char *vm_name(const struct view *view)
{
	struct view_vm vm;
	return view_get_vm(view, &vm) ? vm.name : nullptr;
}

/* How a field of a view is read. Where it is NULL it is "" or never matches. */
static const struct field {
	const char *name;
	bool missing_is_empty;
	enum view_string string; /* where `get` is NULL */
	const char *(*get)(const struct view *view);
} fields[FIELD_COUNT] = {
	[FIELD_APP_ID] = {"app_id", true, VIEW_APP_ID},
	[FIELD_TITLE] = {"title", true, VIEW_TITLE},
	[FIELD_CLASS] = {"class", true, VIEW_CLASS},
	[FIELD_INSTANCE] = {"instance", true, VIEW_INSTANCE},
	[FIELD_WINDOW_ROLE] = {"window_role", true, VIEW_WINDOW_ROLE},
	[FIELD_SANDBOX_ENGINE] = {"sandbox_engine", false, VIEW_SANDBOX_ENGINE},
	[FIELD_SANDBOX_APP_ID] = {"sandbox_app_id", false, VIEW_SANDBOX_APP_ID},
	[FIELD_SANDBOX_INSTANCE_ID] = {"sandbox_instance_id", false, VIEW_SANDBOX_INSTANCE_ID},
	[FIELD_TAG] = {"tag", false, VIEW_TAG},
	[FIELD_SHELL] = {"shell", true, .get = view_shell_name},
	[FIELD_WORKSPACE] = {"workspace", false, .get = workspace_name},
	[FIELD_VM] = {"vm", false, .get = vm_name},
	[FIELD_CON_MARK] = {"con_mark", false},
};

int criteria_field_by_name(const char *name)
{
	for (int i = 0; i < (int)FIELD_COUNT; i++) {
		if (strcmp(name, fields[i].name) == 0) {
			return i;
		}
	}
	return -1;
}

static const char *field_value(const struct field *field, const struct view *view)
{
	const char *value = field->get ? field->get(view) : view_get_string(view, field->string);
	return value || !field->missing_is_empty ? value : "";
}

/* --- Life --- */

void criteria_destroy(struct criteria *criteria)
{
	if (!criteria) {
		return;
	}
	for (int i = 0; i < (int)FIELD_COUNT; i++) {
		pcre2_code_free(criteria->patterns[i].regex);
	}
	free(criteria->text);
	free(criteria);
}

const char *criteria_text(const struct criteria *criteria)
{
	return criteria->text;
}

/* --- Matching --- */

static bool regex_matches(const pcre2_code *regex, const char *subject)
{
	pcre2_match_data *match = pcre2_match_data_create_from_pattern(regex, nullptr);
	pcre2_match_context *limits = pcre2_match_context_create(nullptr);
	if (!match || !limits) {
		abort();
	}
	pcre2_set_match_limit(limits, match_limit);
	int result = pcre2_match(regex, (PCRE2_SPTR)subject, strlen(subject), 0, 0, match, limits);
	pcre2_match_context_free(limits);
	pcre2_match_data_free(match);
	return result >= 0;
}

static bool match_field(const struct pattern *pattern, const struct field *field,
	const struct view *view, const struct view *focused)
{
	if (!pattern->is_set) {
		return true;
	}
	const char *value = field_value(field, view);
	if (!value) {
		return false;
	}
	if (!pattern->is_focused) {
		return regex_matches(pattern->regex, value);
	}
	const char *wanted = focused ? field_value(field, focused) : nullptr;
	return wanted && strcmp(value, wanted) == 0;
}

static bool match_marks(const struct pattern *pattern, const struct container *con)
{
	if (!pattern->is_set) {
		return true;
	}
	for (int i = 0; i < con->marks.length; i++) {
		if (regex_matches(pattern->regex, con->marks.items[i])) {
			return true;
		}
	}
	return false;
}

static bool match_container(const struct criteria *criteria, const struct container *con)
{
	return match_marks(&criteria->patterns[FIELD_CON_MARK], con) &&
	       (!criteria->has_con_id || con->node.id == criteria->con_id);
}

struct urgent_search {
	enum urgent_criterion which;
	struct view *found;
};

static void find_urgent(struct container *con, void *data)
{
	struct urgent_search *search = data;
	struct view *view = con->view;
	if (!view || !view_is_urgent(view)) {
		return;
	}
	struct view *found = search->found;
	bool is_better = !found || (search->which == URGENT_OLDEST
						   ? view->urgent_since < found->urgent_since
						   : view->urgent_since >= found->urgent_since);
	if (is_better) {
		search->found = view;
	}
}

static bool match_urgent(const struct criteria *criteria, const struct view *view)
{
	if (criteria->urgent == URGENT_ANY) {
		return true;
	}
	struct urgent_search search = {.which = criteria->urgent};
	tree_for_each_container(view->tree, find_urgent, &search);
	return search.found == view;
}

static bool match_x11(const struct criteria *criteria, struct view *view)
{
	if (criteria->x11_id && (!view->impl->get_x11_window ||
					view->impl->get_x11_window(view) != criteria->x11_id)) {
		return false;
	}
	return !criteria->has_window_type ||
	       (view->impl->get_window_type &&
		       view->impl->get_window_type(view) == criteria->window_type);
}

bool criteria_match_view(const struct criteria *criteria, struct view *view)
{
	const struct container *con = view->container;
	if (!con) {
		return false;
	}
	struct tree_seat *seat = tree_current_seat(view->tree);
	const struct container *focus = seat ? tree_seat_focused_container(seat) : nullptr;
	const struct view *focused = focus ? focus->view : nullptr;
	for (int i = 0; i < (int)FIELD_COUNT; i++) {
		if (i != FIELD_CON_MARK &&
			!match_field(&criteria->patterns[i], &fields[i], view, focused)) {
			return false;
		}
	}
	if ((criteria->floating && !container_is_floating(con)) ||
		(criteria->tiling && container_is_floating(con)) ||
		(criteria->pid && criteria->pid != view->pid)) {
		return false;
	}
	return match_container(criteria, con) && match_x11(criteria, view) &&
	       match_urgent(criteria, view);
}

struct match_visit {
	const struct criteria *criteria;
	void (*visit)(struct container *con, void *data);
	void *data;
};

static void visit_match(struct container *con, void *data)
{
	const struct match_visit *match = data;
	const struct criteria *criteria = match->criteria;
	bool names_containers = criteria->has_con_id || criteria->patterns[FIELD_CON_MARK].is_set;
	bool is_match = con->view ? criteria_match_view(criteria, con->view)
				  : names_containers && match_container(criteria, con);
	if (is_match) {
		match->visit(con, match->data);
	}
}

void criteria_for_each_match(const struct criteria *criteria, struct tree *tree,
	void (*visit)(struct container *con, void *data), void *data)
{
	struct match_visit match = {criteria, visit, data};
	tree_for_each_container(tree, visit_match, &match);
}
