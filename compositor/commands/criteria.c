/* SPDX-License-Identifier: MIT */
#include "commands/criteria.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "common/error.h"
#include "tree/tree.h"

/* Against patterns that take for ever on titles that clients choose. */
static constexpr uint32_t match_limit = 100'000;

enum urgent_criterion : unsigned {
	URGENT_ANY,
	URGENT_OLDEST,
	URGENT_LATEST,
};

enum pattern_field : unsigned {
	FIELD_APP_ID,
	FIELD_TITLE,
	FIELD_CLASS,
	FIELD_INSTANCE,
	FIELD_WINDOW_ROLE,
	FIELD_SANDBOX_ENGINE,
	FIELD_SANDBOX_APP_ID,
	FIELD_SANDBOX_INSTANCE_ID,
	FIELD_TAG,
	FIELD_SHELL,
	FIELD_WORKSPACE,
	FIELD_VM,
	FIELD_CON_MARK,
	FIELD_COUNT,
};

struct pattern {
	bool is_set;
	bool is_focused;   /* __focused__: the same as the focused window's */
	pcre2_code *regex; /* owned; NULL with is_focused */
};

struct criteria {
	char *text; /* owned */
	struct pattern patterns[FIELD_COUNT];
	bool all, floating, tiling;
	bool has_con_id, has_window_type;
	size_t con_id;
	uint32_t x11_id;
	pid_t pid;
	enum view_window_type window_type;
	enum urgent_criterion urgent;
};

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

static const char *field_value(const struct field *field, const struct view *view)
{
	const char *value = field->get ? field->get(view) : view_get_string(view, field->string);
	return value || !field->missing_is_empty ? value : "";
}

/* --- Parsing --- */

static bool pattern_parse(
	struct pattern *pattern, const char *value, bool knows_focused, struct vx_error *err)
{
	pcre2_code_free(pattern->regex);
	*pattern = (struct pattern){.is_set = true};
	if (knows_focused && strcmp(value, "__focused__") == 0) {
		pattern->is_focused = true;
		return true;
	}
	int code;
	PCRE2_SIZE offset;
	pattern->regex = pcre2_compile((PCRE2_SPTR)value, PCRE2_ZERO_TERMINATED,
		PCRE2_UTF | PCRE2_UCP, &code, &offset, nullptr);
	if (pattern->regex) {
		return true;
	}
	PCRE2_UCHAR reason[256];
	pcre2_get_error_message(code, reason, sizeof(reason));
	return vx_error_set(
		err, "Regex compilation for '%s' failed: %s", value, (const char *)reason);
}

static bool parse_number(
	const char *name, const char *value, size_t *ret_number, struct vx_error *err)
{
	char *end;
	*ret_number = strtoul(value, &end, 10);
	return *end == '\0' || vx_error_set(err, "The value for '%s' should be numeric", name);
}

static bool parse_con_id(
	struct criteria *criteria, struct tree *tree, const char *value, struct vx_error *err)
{
	criteria->has_con_id = true;
	if (strcmp(value, "__focused__") == 0) {
		struct tree_seat *seat = tree_current_seat(tree);
		struct container *focus = seat ? tree_seat_focused_container(seat) : nullptr;
		criteria->con_id = focus ? focus->node.id : 0;
		criteria->has_con_id = focus;
		return true;
	}
	char *end;
	criteria->con_id = strtoul(value, &end, 10);
	criteria->has_con_id = criteria->con_id != 0;
	return *end == '\0' ||
	       vx_error_set(err, "The value for 'con_id' should be '__focused__' or numeric");
}

static bool parse_urgent(struct criteria *criteria, const char *value, struct vx_error *err)
{
	static const struct {
		const char *word;
		enum urgent_criterion urgent;
	} words[] = {
		{"latest", URGENT_LATEST},
		{"newest", URGENT_LATEST},
		{"last", URGENT_LATEST},
		{"recent", URGENT_LATEST},
		{"oldest", URGENT_OLDEST},
		{"first", URGENT_OLDEST},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(words); i++) {
		if (strcmp(value, words[i].word) == 0) {
			criteria->urgent = words[i].urgent;
			return true;
		}
	}
	return vx_error_set(err, "The value for 'urgent' must be 'first', 'last', 'latest', "
				 "'newest', 'oldest' or 'recent'");
}

static void parse_window_type(struct criteria *criteria, const char *value)
{
	static const char *const names[] = {
		[VIEW_WINDOW_TYPE_NORMAL] = "normal",
		[VIEW_WINDOW_TYPE_DIALOG] = "dialog",
		[VIEW_WINDOW_TYPE_UTILITY] = "utility",
		[VIEW_WINDOW_TYPE_TOOLBAR] = "toolbar",
		[VIEW_WINDOW_TYPE_SPLASH] = "splash",
		[VIEW_WINDOW_TYPE_MENU] = "menu",
		[VIEW_WINDOW_TYPE_DROPDOWN_MENU] = "dropdown_menu",
		[VIEW_WINDOW_TYPE_POPUP_MENU] = "popup_menu",
		[VIEW_WINDOW_TYPE_TOOLTIP] = "tooltip",
		[VIEW_WINDOW_TYPE_NOTIFICATION] = "notification",
	};
	for (unsigned i = 1; i < VX_ARRAY_LENGTH(names); i++) {
		if (strcasecmp(value, names[i]) == 0) {
			criteria->window_type = (enum view_window_type)i;
			criteria->has_window_type = true;
		}
	}
}

static int field_by_name(const char *name)
{
	for (int i = 0; i < (int)FIELD_COUNT; i++) {
		if (strcmp(name, fields[i].name) == 0) {
			return i;
		}
	}
	return -1;
}

static bool *flag_by_name(struct criteria *criteria, const char *name)
{
	return strcmp(name, "all") == 0        ? &criteria->all
	       : strcmp(name, "floating") == 0 ? &criteria->floating
	       : strcmp(name, "tiling") == 0   ? &criteria->tiling
					       : nullptr;
}

static bool parse_valued(struct criteria *criteria, struct tree *tree, const char *name,
	const char *value, struct vx_error *err)
{
	size_t number = 0;
	int field = field_by_name(name);
	if (field >= 0) {
		return pattern_parse(
			&criteria->patterns[field], value, field != FIELD_CON_MARK, err);
	}
	if (strcmp(name, "con_id") == 0) {
		return parse_con_id(criteria, tree, value, err);
	}
	if (strcmp(name, "urgent") == 0) {
		return parse_urgent(criteria, value, err);
	}
	if (strcmp(name, "window_type") == 0) {
		parse_window_type(criteria, value);
		return true;
	}
	if (!parse_number(name, value, &number, err)) {
		return false;
	}
	if (strcmp(name, "pid") == 0) {
		criteria->pid = (pid_t)number;
	} else {
		criteria->x11_id = (uint32_t)number;
	}
	return true;
}

static bool name_is_known(const char *name)
{
	static const char *const others[] = {"con_id", "urgent", "window_type", "pid", "id"};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(others); i++) {
		if (strcmp(name, others[i]) == 0) {
			return true;
		}
	}
	return field_by_name(name) >= 0;
}

/* `value` is NULL where there is no "=". */
static bool parse_token(struct criteria *criteria, struct tree *tree, const char *name,
	const char *value, struct vx_error *err)
{
	bool *flag = flag_by_name(criteria, name);
	if (flag) {
		*flag = true;
		return true;
	}
	if (!name_is_known(name)) {
		return vx_error_set(err, "Token '%s' is not recognized", name);
	}
	if (!value) {
		return vx_error_set(err, "Token '%s' requires a value", name);
	}
	return parse_valued(criteria, tree, name, value, err);
}

static void skip_blanks(const char **head)
{
	*head += strspn(*head, " ");
}

static void unescape_quotes(char *value)
{
	char *to = value;
	for (; *value; value++) {
		if (value[0] == '\\' && value[1] == '"') {
			value++;
		}
		*to++ = *value;
	}
	*to = '\0';
}

/* Behind "=": quoted or up to a blank or the bracket. NULL: the quotes do not end. */
static char *take_value(const char **head)
{
	skip_blanks(head);
	bool is_quoted = **head == '"';
	*head += is_quoted;
	const char *start = *head;
	if (is_quoted) {
		while (**head && (**head != '"' || (*head)[-1] == '\\')) {
			(*head)++;
		}
		if (!**head) {
			return nullptr;
		}
	} else {
		*head += strcspn(*head, " ]");
	}
	char *value = vx_strndup(start, (size_t)(*head - start));
	*head += is_quoted;
	unescape_quotes(value);
	return value;
}

static bool take_token(
	struct criteria *criteria, struct tree *tree, const char **head, struct vx_error *err)
{
	skip_blanks(head);
	size_t length = strspn(*head, "abcdefghijklmnopqrstuvwxyz_");
	vx_cleanup_free char *name = vx_strndup(*head, length);
	vx_cleanup_free char *value = nullptr;
	*head += length;
	skip_blanks(head);
	if (**head == '=') {
		(*head)++;
		value = take_value(head);
		if (!value) {
			return vx_error_set(err, "Quote mismatch in criteria");
		}
	}
	bool success = parse_token(criteria, tree, name, value, err);
	skip_blanks(head);
	return success;
}

static bool is_empty(const struct criteria *criteria)
{
	for (int i = 0; i < (int)FIELD_COUNT; i++) {
		if (criteria->patterns[i].is_set) {
			return false;
		}
	}
	return !criteria->all && !criteria->floating && !criteria->tiling &&
	       !criteria->has_con_id && !criteria->has_window_type && !criteria->x11_id &&
	       !criteria->pid && criteria->urgent == URGENT_ANY;
}

static bool parse_all(
	struct criteria *criteria, struct tree *tree, const char **head, struct vx_error *err)
{
	while (**head && **head != ']') {
		if (!take_token(criteria, tree, head, err)) {
			return false;
		}
	}
	if (**head != ']') {
		return vx_error_set(err, "No closing brace found in criteria");
	}
	(*head)++;
	return !is_empty(criteria) || vx_error_set(err, "Criteria is empty");
}

struct criteria *criteria_parse(
	const char *text, struct tree *tree, size_t *ret_length, struct vx_error *err)
{
	const char *head = text;
	skip_blanks(&head);
	if (*head != '[') {
		vx_error_set(err, "No criteria");
		return nullptr;
	}
	head++;
	struct criteria *criteria = vx_new(criteria);
	if (!parse_all(criteria, tree, &head, err)) {
		criteria_destroy(criteria);
		return nullptr;
	}
	criteria->text = vx_strndup(text, (size_t)(head - text));
	if (ret_length) {
		*ret_length = (size_t)(head - text);
	}
	return criteria;
}

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
