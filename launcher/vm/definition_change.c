/* SPDX-License-Identifier: MIT */
#include "vm/definition_change.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/fd.h"
#include "vm/config.h"
#include "vm/definition_file.h"
#include "vm/scfg_syntax.h"

/* A line's beginning: its first two words without quotes, and whether it opens or closes a block.
 */
struct line {
	char *words[2]; /* owned; NULL: not so many */
	bool opens, closes;
};

static void line_finish(struct line *line)
{
	free(line->words[0]);
	free(line->words[1]);
}

/* The word at `*at`, which is moved behind it; owned by the caller. */
static char *take_word(const char **at, const char *end)
{
	const char *from = *at;
	char quote = *from == '"' || *from == '\'' ? *from++ : '\0';
	vx_cleanup_free char *word = vx_calloc((size_t)(end - from) + 1, 1);
	size_t length = 0;
	while (from < end && *from != quote && (quote != '\0' || (*from != ' ' && *from != '\t'))) {
		if (quote == '"' && *from == '\\' && from + 1 < end) {
			from++;
		}
		word[length++] = *from++;
	}
	*at = from < end && quote != '\0' ? from + 1 : from;
	return vx_take_ptr(word);
}

static void line_parse(struct line *line, const char *text, const char *end)
{
	*line = (struct line){};
	for (size_t count = 0;; count++) {
		while (text < end && (*text == ' ' || *text == '\t')) {
			text++;
		}
		if (text == end || (count == 0 && *text == '#')) {
			return;
		}
		if (*text == '{' || *text == '}') {
			line->opens = *text == '{';
			line->closes = *text == '}';
			return;
		}
		char *word = take_word(&text, end);
		if (count < VX_ARRAY_LENGTH(line->words)) {
			line->words[count] = word;
		} else {
			free(word);
		}
	}
}

struct editor {
	const char *name;
	const struct definition_change *change;
	struct vx_buffer *output;
	unsigned depth;
	bool is_inside;   /* the VM's block */
	bool is_dropping; /* a block within it */
	bool is_made;     /* the new lines are in place */
	bool fits;
};

static bool is_word(const char *word, const char *wanted)
{
	return word != nullptr && strcmp(word, wanted) == 0;
}

static void put(struct editor *editor, const char *text, size_t size)
{
	editor->fits = editor->fits && vx_buffer_append(editor->output, text, size);
}

static void put_lines(struct editor *editor)
{
	if (!editor->is_made) {
		put(editor, editor->change->lines, strlen(editor->change->lines));
		editor->is_made = true;
	}
}

static bool is_meant(const struct editor *editor, const struct line *line)
{
	return editor->is_inside && editor->depth == 1 &&
	       is_word(line->words[0], editor->change->key) &&
	       (editor->change->value == nullptr || is_word(line->words[1], editor->change->value));
}

/* Is the line to stay? */
static bool keep_line(struct editor *editor, const struct line *line)
{
	bool was_dropping = editor->is_dropping;
	if (line->closes && --editor->depth == 0 && editor->is_inside) {
		put_lines(editor); /* at the end of the block, where nothing was replaced */
		editor->is_inside = false;
	}
	if (editor->depth <= 1 && line->closes) {
		editor->is_dropping = false;
	}
	bool is_dropped = was_dropping || is_meant(editor, line);
	if (is_dropped && !was_dropping) {
		put_lines(editor);
		editor->is_dropping = line->opens;
	}
	if (line->opens && editor->depth++ == 0) {
		editor->is_inside = is_word(line->words[0], "vm") &&
				    is_word(line->words[1], editor->name) && !editor->is_made;
	}
	return !is_dropped;
}

char *definition_change_apply(const char *text, const char *name,
	const struct definition_change *change, struct vx_error *err)
{
	struct vx_buffer output = {.max_size = vm_config_file_max};
	struct editor editor = {.name = name, .change = change, .output = &output, .fits = true};
	for (const char *at = text; *at != '\0';) {
		const char *end = strchrnul(at, '\n');
		const char *next = *end == '\n' ? end + 1 : end;
		struct line line;
		line_parse(&line, at, end);
		if (keep_line(&editor, &line)) {
			put(&editor, at, (size_t)(next - at));
		}
		line_finish(&line);
		at = next;
	}
	char *result = nullptr;
	if (!editor.is_made) {
		vx_error_set(err, "there is no block 'vm %s' in it", name);
	} else if (!editor.fits) {
		vx_error_set(err, "the definition is too long");
	} else {
		result = vx_strndup((const char *)vx_buffer_bytes(&output), output.size);
	}
	vx_buffer_finish(&output);
	return result;
}

/* Changes by several commands at once go in one after the other. */
static int lock_folder(const char *path, struct vx_error *err)
{
	vx_cleanup_free char *copy = vx_strdup(path);
	vx_cleanup_close int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX) != 0) {
		vx_error_set_errno(err, errno, "can't lock the folder of '%s'", path);
		return -1;
	}
	return vx_take_fd(fd);
}

bool definition_change_save(
	const char *name, const struct definition_change *change, struct vx_error *err)
{
	vx_cleanup_free char *path = definition_file_path(name, err);
	vx_cleanup_close int lock = path != nullptr ? lock_folder(path, err) : -1;
	size_t size = 0;
	vx_cleanup_free char *text = lock >= 0 ? vx_read_file(path, vm_config_file_max, &size, err)
					       : nullptr;
	if (text == nullptr || !vm_scfg_check(text, size, path, err)) {
		return false;
	}
	vx_cleanup_free char *changed = definition_change_apply(text, name, change, err);
	return changed != nullptr &&
	       definition_file_install(path, changed, strlen(changed), true, err);
}
