/* SPDX-License-Identifier: MIT */
/* From the text of criteria to what it asks for. */
#include "commands/criteria.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands/criteria_internal.h"
#include "common/error.h"
#include "tree/tree.h"

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
	for (unsigned i = VIEW_WINDOW_TYPE_NORMAL; i < VIEW_WINDOW_TYPE_COUNT; i++) {
		if (strcasecmp(value, view_window_type_name((enum view_window_type)i)) == 0) {
			criteria->window_type = (enum view_window_type)i;
			criteria->has_window_type = true;
		}
	}
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
	int field = criteria_field_by_name(name);
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
	return criteria_field_by_name(name) >= 0;
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
