/* SPDX-License-Identifier: MIT */
/* What title bars say: titles, shapes of splits, marks. */
#include <string.h>

#include "tree/container.h"
#include "tree/text.h"
#include "tree/tree.h"

char *container_build_representation(
	enum container_layout layout, const struct container_list *children)
{
	static const char letters[] = {
		[LAYOUT_NONE] = 'D',
		[LAYOUT_HORIZ] = 'H',
		[LAYOUT_VERT] = 'V',
		[LAYOUT_STACKED] = 'S',
		[LAYOUT_TABBED] = 'T',
	};
	struct text text = {};
	text_append_char(&text, letters[layout]);
	text_append_char(&text, '[');
	for (int i = 0; i < children->length; i++) {
		const struct container *child = children->items[i];
		const char *name = child->formatted_title;
		if (child->view) {
			name = view_get_string(child->view, VIEW_CLASS);
			name = name ? name : view_get_string(child->view, VIEW_APP_ID);
		}
		if (i > 0) {
			text_append_char(&text, ' ');
		}
		text_append(&text, name ? name : "(null)");
	}
	text_append_char(&text, ']');
	return text_take(&text);
}

static void append_representation(struct text *text, const struct container *con)
{
	char *shape = container_build_representation(con->pending.layout, &con->pending.children);
	text_append(text, shape);
	free(shape);
}

static void append_value(struct text *text, const struct container *con, const char *value)
{
	if (!value) {
		return;
	}
	if (con->node.tree->options->pango_markup) {
		text_append_escaped(text, value);
	} else {
		text_append(text, value);
	}
}

/* No name is a prefix of an earlier one. */
static const struct {
	const char *name;
	enum view_string value;
} title_fields[] = {
	{"%title", VIEW_TITLE},
	{"%app_id", VIEW_APP_ID},
	{"%class", VIEW_CLASS},
	{"%instance", VIEW_INSTANCE},
	{"%sandbox_engine", VIEW_SANDBOX_ENGINE},
	{"%sandbox_app_id", VIEW_SANDBOX_APP_ID},
	{"%sandbox_instance_id", VIEW_SANDBOX_INSTANCE_ID},
};

static bool take_prefix(const char **text, const char *prefix)
{
	size_t length = strlen(prefix);
	if (strncmp(*text, prefix, length) != 0) {
		return false;
	}
	*text += length;
	return true;
}

static bool append_field(struct text *text, const struct container *con, const char **format)
{
	if (!con->view) {
		if (!take_prefix(format, "%title")) {
			return false;
		}
		append_representation(text, con);
		return true;
	}
	if (take_prefix(format, "%shell")) {
		append_value(text, con, view_shell_name(con->view));
		return true;
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(title_fields); i++) {
		if (take_prefix(format, title_fields[i].name)) {
			append_value(text, con, view_get_string(con->view, title_fields[i].value));
			return true;
		}
	}
	return false;
}

/* NULL where there is nothing to show. */
static char *format_title(const struct container *con)
{
	struct text text = {};
	const char *format = con->title_format ? con->title_format : "%title";
	while (*format) {
		if (*format != '%' || !append_field(&text, con, &format)) {
			text_append_char(&text, *format++);
		}
	}
	return text_take(&text);
}

static void set_formatted_title(struct container *con)
{
	free(con->formatted_title);
	con->formatted_title = format_title(con);
	wl_signal_emit_mutable(&con->node.tree->events.look, con);
}

void container_update_title(struct container *con)
{
	if (!con->view) {
		container_update_representation(con);
		return;
	}
	vx_replace_string(&con->title, view_get_string(con->view, VIEW_TITLE));
	set_formatted_title(con);
}

void container_update_representation(struct container *con)
{
	for (; con; con = con->pending.parent) {
		if (!con->view) {
			set_formatted_title(con);
		}
		if (!con->pending.parent && con->pending.workspace) {
			workspace_update_representation(con->pending.workspace);
		}
	}
}

/* --- Marks --- */

static void marks_changed(struct container *con)
{
	tree_emit_window(con, WINDOW_MARK);
	wl_signal_emit_mutable(&con->node.tree->events.look, con);
}

void container_drop_marks(struct container *con)
{
	for (int i = 0; i < con->marks.length; i++) {
		free(con->marks.items[i]);
	}
	con->marks.length = 0;
}

void container_clear_marks(struct container *con)
{
	container_drop_marks(con);
	marks_changed(con);
}

void container_add_mark(struct container *con, const char *mark)
{
	list_append(&con->marks, vx_strdup(mark));
	marks_changed(con);
}

static int mark_index(const struct container *con, const char *mark)
{
	for (int i = 0; i < con->marks.length; i++) {
		if (strcmp(con->marks.items[i], mark) == 0) {
			return i;
		}
	}
	return -1;
}

bool container_has_mark(const struct container *con, const char *mark)
{
	return mark_index(con, mark) >= 0;
}

static bool test_mark(struct container *con, void *data)
{
	return container_has_mark(con, data);
}

struct container *container_find_mark(struct tree *tree, const char *mark)
{
	return tree_find_container(tree, test_mark, (void *)mark);
}

bool container_find_and_unmark(struct tree *tree, const char *mark)
{
	struct container *con = container_find_mark(tree, mark);
	if (!con) {
		return false;
	}
	int index = mark_index(con, mark);
	free(con->marks.items[index]);
	list_remove_at(&con->marks, index);
	marks_changed(con);
	return true;
}
