/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "commands"

#include "commands/commands.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>
#include <strings.h>

#include "commands/command.h"
#include "commands/criteria.h"
#include "common/error.h"
#include "common/log.h"
#include "tree/arrange.h"

/* --- Results --- */

struct command_result command_ok(void)
{
	return (struct command_result){.status = COMMAND_SUCCESS};
}

struct command_result command_defer(void)
{
	return (struct command_result){.status = COMMAND_DEFER};
}

struct command_result command_invalid(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	struct command_result result = {COMMAND_INVALID, vx_vprintf(format, args)};
	va_end(args);
	return result;
}

struct command_result command_fail(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	struct command_result result = {COMMAND_FAILURE, vx_vprintf(format, args)};
	va_end(args);
	return result;
}

struct command_result command_from_error(bool success, struct vx_error *err)
{
	struct command_result result = success ? command_ok()
					       : command_fail("%s", vx_error_message(err));
	vx_error_finish(err);
	return result;
}

void command_results_finish(struct command_results *results)
{
	for (size_t i = 0; i < results->length; i++) {
		free(results->items[i].error);
	}
	free(results->items);
	*results = (struct command_results){};
}

static void add_result(struct command_results *results, struct command_result result)
{
	results->items = vx_reallocarray(
		results->items, results->length + 1, sizeof(results->items[0]));
	results->items[results->length++] = result;
}

/* --- Running a list --- */

struct run {
	struct session *session;
	struct tree_seat *seat;
	struct container *con; /* the explicit target, or NULL */
	bool has_criteria;
	LIST(struct node) matches; /* what the criteria gave; retained */
	struct command_results *results;
};

static struct command_context make_context(struct run *run, struct node *target, bool is_explicit)
{
	struct container *con = node_as_container(target);
	return (struct command_context){
		.session = run->session,
		.tree = run->session->tree,
		.config = run->session->config,
		.desktop = run->session->desktop,
		.seat = run->seat,
		.node = target,
		.container = con,
		.workspace = node_get_workspace(target),
		.has_explicit_target = is_explicit,
	};
}

static void forget_matches(struct run *run)
{
	for (int i = 0; i < run->matches.length; i++) {
		node_release(run->matches.items[i]);
	}
	run->matches.length = 0;
}

static void collect_match(struct container *con, void *data)
{
	struct run *run = data;
	node_retain(&con->node);
	list_append(&run->matches, &con->node);
}

/* Takes criteria off `*text`; false: they are wrong, which ends the list. */
static bool take_criteria(struct run *run, char **text)
{
	run->has_criteria = false;
	forget_matches(run);
	if (**text != '[') {
		return true;
	}
	vx_cleanup_error struct vx_error err = {};
	size_t length = 0;
	struct criteria *criteria = criteria_parse(*text, run->session->tree, &length, &err);
	if (!criteria) {
		add_result(run->results, command_invalid("%s", vx_error_message(&err)));
		return false;
	}
	criteria_for_each_match(criteria, run->session->tree, collect_match, run);
	criteria_destroy(criteria);
	*text += length;
	*text += strspn(*text, " \f\n\r\t\v");
	run->has_criteria = true;
	return true;
}

static struct command_result call_on(
	struct run *run, const struct command *command, struct args args, struct node *target)
{
	bool is_explicit = run->has_criteria || run->con;
	struct command_context context = make_context(run, target, is_explicit);
	return command_call(command, &context, args);
}

/* One result for all matches: the last failure, or success. */
static struct command_result call_on_matches(
	struct run *run, const struct command *command, struct args args)
{
	if (run->matches.length == 0) {
		return command_fail("No matching node.");
	}
	struct command_result failure = command_ok();
	for (int i = 0; i < run->matches.length; i++) {
		if (run->matches.items[i]->destroying) {
			continue;
		}
		struct command_result result = call_on(run, command, args, run->matches.items[i]);
		if (result.status == COMMAND_SUCCESS) {
			continue;
		}
		free(failure.error);
		failure = result;
		if (result.status == COMMAND_INVALID) {
			break;
		}
	}
	return failure;
}

static struct node *default_target(struct run *run)
{
	if (run->con) {
		return &run->con->node;
	}
	return run->seat ? tree_seat_focus_inactive(run->seat, &run->session->tree->node) : nullptr;
}

static void prepare_words(
	const struct config *config, const struct command *command, struct words *words)
{
	for (int i = 1; i < words->count; i++) {
		char first = words->items[i][0];
		if (!(command->flags & COMMAND_KEEPS_QUOTES) && (first == '"' || first == '\'')) {
			word_strip_quotes(words->items[i]);
		}
		if (i > 1 || !(command->flags & COMMAND_KEEPS_FIRST_WORD)) {
			words_set(words, i, config_expand_variables(config, words->items[i]));
		}
	}
}

/* False: a parse error, which ends the list. */
static bool run_one(struct run *run, const char *text)
{
	struct words words = words_split(text);
	if (words.count == 0) {
		words_finish(&words);
		return true;
	}
	const struct command *command = command_find(words.items[0], false);
	struct command_result result;
	if (!command) {
		result = command_invalid("Unknown/invalid command '%s'", words.items[0]);
	} else {
		prepare_words(run->session->config, command, &words);
		struct args args = {words.items + 1, words.count - 1};
		struct node *target = default_target(run);
		result = run->has_criteria ? call_on_matches(run, command, args)
			 : target          ? call_on(run, command, args, target)
					   : command_fail("There is nothing to run commands on.");
	}
	words_finish(&words);
	bool is_invalid = result.status == COMMAND_INVALID;
	add_result(run->results, result);
	return !is_invalid;
}

static void run_list(struct run *run, const char *list)
{
	vx_cleanup_free char *copy = vx_strdup(list);
	char *head = copy, separator = ';';
	while (head) {
		head += strspn(head, " \f\n\r\t\v");
		if (separator == ';' && !take_criteria(run, &head)) {
			return;
		}
		char *command = command_cut(&head, &separator);
		if (!run_one(run, command)) {
			return;
		}
	}
}

void commands_run(struct session *session, const char *list, struct tree_seat *seat,
	struct container *con, struct command_results *ret_results)
{
	struct tree *tree = session->tree;
	*ret_results = (struct command_results){};
	struct run run = {
		.session = session,
		.seat = seat ? seat : tree_default_seat(tree),
		.con = con,
		.results = ret_results,
	};
	struct tree_seat *acting = tree->acting_seat;
	tree->acting_seat = run.seat;
	if (con) {
		node_retain(&con->node);
	}
	run_list(&run, list);
	forget_matches(&run);
	list_finish(&run.matches);
	if (con) {
		node_release(&con->node);
	}
	tree->acting_seat = acting;
	/* Rules run in the middle of something that commits by itself. */
	if (session->rule_depth == 0) {
		session->desktop->impl->commit(session->desktop);
	}
}

void commands_run_quiet(
	struct session *session, const char *list, struct tree_seat *seat, struct container *con)
{
	struct command_results results;
	commands_run(session, list, seat, con, &results);
	for (size_t i = 0; i < results.length; i++) {
		if (results.items[i].status != COMMAND_SUCCESS) {
			vx_log_info("command '%s' failed: %s", list,
				results.items[i].error ? results.items[i].error : "");
		}
	}
	command_results_finish(&results);
}

/* --- What many commands do --- */

void command_arrange(struct command_context *context, struct workspace *ws)
{
	if (context->tree->fullscreen_global) {
		arrange_tree(context->tree);
	} else if (ws && !ws->node.destroying) {
		arrange_workspace(ws);
	}
}

void command_warp(struct command_context *context, bool force)
{
	struct tree_seat_warp warp = {
		.seat = context->seat,
		.node = tree_seat_get_focus(context->seat),
		.force = force,
	};
	wl_signal_emit_mutable(&context->tree->events.warp, &warp);
}

bool direction_parse(const char *word, enum direction *ret_direction)
{
	static const char *const names[] = {
		[DIRECTION_LEFT] = "left",
		[DIRECTION_RIGHT] = "right",
		[DIRECTION_UP] = "up",
		[DIRECTION_DOWN] = "down",
		nullptr,
	};
	int index = word_index(word, names);
	if (index >= 0) {
		*ret_direction = (enum direction)index;
	}
	return index >= 0;
}

enum direction direction_opposite(enum direction direction)
{
	static const enum direction opposites[] = {
		[DIRECTION_LEFT] = DIRECTION_RIGHT,
		[DIRECTION_RIGHT] = DIRECTION_LEFT,
		[DIRECTION_UP] = DIRECTION_DOWN,
		[DIRECTION_DOWN] = DIRECTION_UP,
	};
	return opposites[direction];
}

struct tree_output *command_wrap_output(
	struct tree *tree, struct tree_output *from, enum direction direction, int x, int y)
{
	return tree_output_farthest(tree, from, direction_opposite(direction), x, y);
}

struct tree_output *command_output_in_direction(
	struct command_context *context, const char *word, struct tree_output *from, int x, int y)
{
	if (strcasecmp(word, "current") == 0) {
		struct workspace *ws = tree_seat_focused_workspace(context->seat);
		return ws ? ws->output : nullptr;
	}
	enum direction direction;
	if (from && direction_parse(word, &direction)) {
		struct tree_output *output = tree_output_in_direction(
			context->tree, from, direction, x, y);
		if (!output) {
			output = command_wrap_output(context->tree, from, direction, x, y);
		}
		if (output) {
			return output;
		}
	}
	return tree_output_by_name(context->tree, word);
}
