/* SPDX-License-Identifier: MIT */
/* Reading configuration files: lines, continuations, blocks. Each line is a command. */
#define VX_LOG_MODULE "config"

#include "commands/config_reader.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wordexp.h>

#include "commands/command.h"
#include "common/error.h"
#include "common/fd.h"
#include "common/log.h"
#include "config/config.h"
#include "tree/text.h"

static constexpr size_t max_file_size = 4 * 1024 * 1024;
static constexpr int max_include_depth = 32;
static constexpr int max_block_depth = 32;

/* Where in a file we are. */
struct reader {
	struct session *session;
	const char *path;
	const char *rest; /* what is still to be read */
	int line;
	LIST(char) blocks; /* owned prefixes, innermost last */
};

static void add_error(struct config *config, const char *text, const char *message)
{
	struct config_error *error = vx_new(error);
	*error = (struct config_error){
		.path = vx_strdup(config->reading_path),
		.line = config->reading_line,
		.text = vx_strdup(text),
		.message = vx_strdup(message ? message : "not understood"),
	};
	list_append(&config->errors, error);
	if (!config->validating) { /* then the caller reports them all */
		vx_log_error(
			"%s:%d: %s: '%s'", error->path, error->line, error->message, error->text);
	}
}

/* --- One line --- */

static struct command_context reading_context(struct session *session)
{
	return (struct command_context){
		.session = session,
		.tree = session->tree,
		.config = session->config,
		.desktop = session->desktop,
		.seat = tree_current_seat(session->tree),
		.is_reading = true,
	};
}

/* A command whose name is in a variable. */
static struct words expand_first_word(const struct config *config, struct words words)
{
	if (words.count == 0 || words.items[0][0] != '$') {
		return words;
	}
	words_set(&words, 0, config_expand_variables(config, words.items[0]));
	vx_cleanup_free char *joined = args_join((struct args){words.items, words.count});
	words_finish(&words);
	return words_split(joined);
}

/* Variables are replaced in the whole line (except the name that `set` sets), then it is split
 * anew. */
static struct words prepare_words(
	const struct config *config, const struct command *command, struct words words)
{
	bool keeps_first = command->flags & COMMAND_KEEPS_FIRST_WORD;
	if (keeps_first && words.count > 1 && words.items[1][0] == '$') {
		words_set(&words, 1, vx_printf("$%s", words.items[1]));
	}
	vx_cleanup_free char *joined = args_join((struct args){words.items, words.count});
	vx_cleanup_free char *expanded = config_expand_variables(config, joined);
	words_finish(&words);
	words = words_split(expanded);
	bool keeps_quotes = command->flags & (COMMAND_KEEPS_QUOTES | COMMAND_KEEPS_QUOTES_IN_FILE);
	for (int i = keeps_first ? 2 : 1; i < words.count; i++) {
		char first = words.items[i][0];
		if (!keeps_quotes && (first == '"' || first == '\'')) {
			word_strip_quotes(words.items[i]);
		}
		word_unescape(words.items[i]);
	}
	return words;
}

static struct command_result run_line(struct session *session, const char *line)
{
	struct words words = expand_first_word(session->config, words_split(line));
	if (words.count == 0) {
		words_finish(&words);
		return command_ok();
	}
	const struct command *command = command_find(words.items[0], true);
	struct command_result result;
	if (!command) {
		result = command_invalid("Unknown/invalid command '%s'", words.items[0]);
	} else {
		words = prepare_words(session->config, command, words);
		struct command_context context = reading_context(session);
		result = command_call(
			command, &context, (struct args){words.items + 1, words.count - 1});
	}
	words_finish(&words);
	return result;
}

static void defer(struct config *config, const char *line)
{
	struct config_deferred *deferred = vx_new(deferred);
	deferred->command = vx_strdup(line);
	list_append(&config->deferred, deferred);
}

static void read_command(struct reader *reader, const char *line, const char *text)
{
	struct config *config = reader->session->config;
	struct command_result result = run_line(reader->session, line);
	switch (result.status) {
	case COMMAND_SUCCESS:
	case COMMAND_BLOCK:
	case COMMAND_BLOCK_COMMANDS:
		break;
	case COMMAND_DEFER:
		defer(config, line);
		break;
	case COMMAND_FAILURE:
	case COMMAND_INVALID:
		add_error(config, text, result.error);
		break;
	}
	free(result.error);
}

/* --- Lines and blocks --- */

/* The next line with its continuations; NULL at the end. Owned by the caller. */
static char *next_line(struct reader *reader)
{
	if (*reader->rest == '\0') {
		return nullptr;
	}
	struct text line = {};
	bool is_comment = *reader->rest == '#';
	while (*reader->rest) {
		size_t length = strcspn(reader->rest, "\n");
		bool has_newline = reader->rest[length] == '\n';
		bool goes_on = !is_comment && has_newline && length > 0 &&
			       reader->rest[length - 1] == '\\';
		text_append_bytes(&line, reader->rest, goes_on ? length - 1 : length);
		reader->rest += length + has_newline;
		reader->line++;
		if (!goes_on) {
			break;
		}
	}
	return text_take_string(&line);
}

/* Takes a brace that stands alone on one of the next lines that are not empty. */
static bool take_lone_brace(struct reader *reader)
{
	const char *at = reader->rest;
	int lines = 0;
	while (*at) {
		size_t length = strcspn(at, "\n");
		vx_cleanup_free char *line = vx_strndup(at, length);
		at += length + (at[length] == '\n');
		lines++;
		word_strip_space(line);
		if (strcmp(line, "{") == 0) {
			reader->rest = at;
			reader->line += lines;
			return true;
		}
		if (*line) {
			return false;
		}
	}
	return false;
}

static const char *current_block(const struct reader *reader)
{
	return reader->blocks.length > 0 ? reader->blocks.items[reader->blocks.length - 1]
					 : nullptr;
}

static bool is_bar_block(const char *block)
{
	return block && strcmp(block, "bar") == 0;
}

static void leave_block(struct reader *reader, const char *text)
{
	struct config *config = reader->session->config;
	if (reader->blocks.length == 0) {
		add_error(config, text, "Unmatched '}'");
		return;
	}
	char *block = reader->blocks.items[reader->blocks.length - 1];
	if (is_bar_block(block)) {
		config->current_bar = nullptr;
	}
	free(block);
	reader->blocks.length--;
}

static void enter_block(struct reader *reader, char *expanded, const char *text)
{
	struct config *config = reader->session->config;
	expanded[strlen(expanded) - 1] = '\0';
	word_strip_space(expanded);
	if (reader->blocks.length >= max_block_depth) {
		add_error(config, text, "Blocks are nested too deeply");
		return;
	}
	/* Blanks between words are as good as one. */
	struct words words = words_split(expanded);
	char *block = args_join((struct args){words.items, words.count});
	words_finish(&words);
	if (is_bar_block(block)) {
		config->current_bar = nullptr;
	}
	list_append(&reader->blocks, block);
}

static bool last_word_is(const char *text, const char *word)
{
	size_t length = strlen(text), word_length = strlen(word);
	if (length < word_length || strcmp(text + length - word_length, word) != 0) {
		return false;
	}
	return length == word_length || strchr(" \t", text[length - word_length - 1]);
}

static void read_line(struct reader *reader, char *line)
{
	struct config *config = reader->session->config;
	word_strip_space(line);
	if (*line == '\0' || *line == '#') {
		return;
	}
	char last = line[strlen(line) - 1];
	bool has_brace = last != '{' && last != '}' && take_lone_brace(reader);
	config->reading_line = reader->line;
	config->reading_text = line;
	const char *block = current_block(reader);
	vx_cleanup_free char *expanded = vx_printf(
		"%s%s%s%s", block ? block : "", block ? " " : "", line, has_brace ? " {" : "");
	if (last_word_is(line, "}")) {
		leave_block(reader, line);
	} else if (last_word_is(expanded, "{") && strcmp(expanded, "{") != 0) {
		enter_block(reader, expanded, line);
	} else {
		read_command(reader, expanded, line);
	}
}

static void read_lines(struct reader *reader)
{
	char *line;
	while ((line = next_line(reader))) {
		read_line(reader, line);
		free(line);
	}
	struct config *config = reader->session->config;
	if (reader->blocks.length > 0) {
		add_error(config, current_block(reader), "The block is not closed");
		config->current_bar = nullptr;
	}
	for (int i = 0; i < reader->blocks.length; i++) {
		free(reader->blocks.items[i]);
	}
	list_finish(&reader->blocks);
}

void config_read_text(struct session *session, const char *path, const char *text)
{
	struct config *config = session->config;
	const char *outer_path = config->reading_path, *outer_text = config->reading_text;
	int outer_line = config->reading_line;
	config->reading_path = path;
	struct reader reader = {.session = session, .path = path, .rest = text};
	read_lines(&reader);
	config->reading_path = outer_path;
	config->reading_text = outer_text;
	config->reading_line = outer_line;
}

/* --- Files --- */

/* What is told of a file over IPC: its lines as they were read, without continuations. */
static char *join_lines(const char *file)
{
	struct text joined = {};
	struct reader reader = {.rest = file};
	char *line;
	while ((line = next_line(&reader))) {
		text_append(&joined, line);
		text_append(&joined, reader.rest[-1] == '\n' ? "\n" : "");
		free(line);
	}
	return text_take_string(&joined);
}

bool config_read(struct session *session, const char *path, struct vx_error *err)
{
	struct config *config = session->config;
	if (!config_is_readable(path, err)) {
		return false;
	}
	vx_cleanup_free char *text = vx_read_file(path, max_file_size, nullptr, err);
	if (!text) {
		return false;
	}
	char *real_path = realpath(path, nullptr);
	list_append(&config->files, real_path ? real_path : vx_strdup(path));
	vx_replace_string(&config->path, path);
	free(config->text);
	config->text = join_lines(text);
	config_read_text(session, config->path, text);
	return true;
}

static bool was_read(const struct config *config, const char *path)
{
	for (int i = 0; i < config->files.length; i++) {
		if (strcmp(config->files.items[i], path) == 0) {
			return true;
		}
	}
	return false;
}

static void include_file(struct session *session, const char *path)
{
	struct config *config = session->config;
	char *real_path = realpath(path, nullptr);
	if (!real_path || was_read(config, real_path)) {
		free(real_path);
		return;
	}
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *text = nullptr;
	if (config_is_readable(real_path, &err)) {
		text = vx_read_file(real_path, max_file_size, nullptr, &err);
	}
	if (!text) {
		vx_log_warn("%s, going on without it", vx_error_message(&err));
		free(real_path);
		return;
	}
	list_append(&config->files, real_path);
	struct bar_config *bar = config->current_bar;
	config->current_bar = nullptr;
	config->reading_depth++;
	config_read_text(session, real_path, text);
	config->reading_depth--;
	config->current_bar = bar;
}

/* Patterns are relative to the file that includes. */
static bool expand_relative(const char *directory, const char *pattern, wordexp_t *ret_words)
{
	vx_cleanup_free char *before = getcwd(nullptr, 0);
	if (chdir(directory) < 0) {
		return false;
	}
	/* As in sway: programs in $(…) may run, the file is the user's own. */
	bool success = wordexp(pattern, ret_words, 0) == 0;
	if (success) {
		for (size_t i = 0; i < ret_words->we_wordc; i++) {
			char *absolute = realpath(ret_words->we_wordv[i], nullptr);
			if (absolute) {
				free(ret_words->we_wordv[i]);
				ret_words->we_wordv[i] = absolute;
			}
		}
	}
	if (before && chdir(before) < 0) {
		vx_log_warn("cannot return to '%s' after an include, staying in '%s'", before,
			directory);
	}
	return success;
}

void config_include(struct session *session, const char *pattern)
{
	struct config *config = session->config;
	if (config->reading_depth >= max_include_depth) {
		vx_log_warn("'%s' is included too deeply, going on without it", pattern);
		return;
	}
	vx_cleanup_free char *path = vx_strdup(config->reading_path ? config->reading_path : ".");
	wordexp_t words;
	if (!expand_relative(dirname(path), pattern, &words)) {
		return;
	}
	for (size_t i = 0; i < words.we_wordc; i++) {
		include_file(session, words.we_wordv[i]);
	}
	wordfree(&words);
}
