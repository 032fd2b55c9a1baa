/* SPDX-License-Identifier: MIT */
#include "commands/rules.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "commands/command.h"
#include "commands/criteria.h"
#include "common/error.h"
#include "config/rules.h"

/* --- The policy --- */

static bool was_executed(const struct view *view, const struct rule *rule)
{
	return list_index(&view->executed_rules, rule) >= 0;
}

static void run_rules(void *data, struct view *view)
{
	struct session *session = data;
	/* A rule may add rules or change what the window matches; only those of now count. */
	LIST(struct rule) matches = {};
	for (int i = 0; i < session->config->rules.length; i++) {
		struct rule *rule = session->config->rules.items[i];
		if (rule->type == RULE_COMMAND && criteria_match_view(rule->criteria, view)) {
			list_append(&matches, rule);
		}
	}
	session->rule_depth++;
	for (int i = 0; i < matches.length && view->container; i++) {
		struct rule *rule = matches.items[i];
		if (!was_executed(view, rule)) {
			list_append(&view->executed_rules, rule);
			commands_run_quiet(session, rule->target, nullptr, view->container);
		}
	}
	session->rule_depth--;
	list_finish(&matches);
}

static bool no_focus(void *data, struct view *view)
{
	struct session *session = data;
	for (int i = 0; i < session->config->rules.length; i++) {
		struct rule *rule = session->config->rules.items[i];
		if (rule->type == RULE_NO_FOCUS && criteria_match_view(rule->criteria, view)) {
			return true;
		}
	}
	return false;
}

static struct workspace *create_workspace(struct session *session, const char *name)
{
	struct tree *tree = session->tree;
	if (strcasecmp(name, "back_and_forth") == 0) {
		name = tree_current_seat(tree)->previous_workspace_name;
	}
	return name ? workspace_create(tree, nullptr, name) : nullptr;
}

static struct workspace *named_workspace(struct session *session, const char *name)
{
	struct tree *tree = session->tree;
	struct workspace *ws = workspace_by_name(tree, tree_current_seat(tree), name);
	return ws ? ws : create_workspace(session, name);
}

static struct workspace *target_workspace(struct session *session, const struct rule *rule)
{
	if (rule->type != RULE_ASSIGN_WORKSPACE_NUMBER) {
		return named_workspace(session, rule->target);
	}
	struct workspace *ws = workspace_by_number(session->tree, rule->target);
	return ws ? ws : create_workspace(session, rule->target);
}

static struct workspace *assigned_workspace(void *data, struct view *view)
{
	struct session *session = data;
	for (int i = 0; i < session->config->rules.length; i++) {
		struct rule *rule = session->config->rules.items[i];
		bool is_output = rule->type == RULE_ASSIGN_OUTPUT;
		if ((!is_output && rule->type != RULE_ASSIGN_WORKSPACE &&
			    rule->type != RULE_ASSIGN_WORKSPACE_NUMBER) ||
			!criteria_match_view(rule->criteria, view)) {
			continue;
		}
		if (!is_output) {
			return target_workspace(session, rule);
		}
		struct tree_output *output = tree_output_by_name(session->tree, rule->target);
		if (output) {
			return tree_output_active_workspace(output);
		}
	}
	struct view_vm vm;
	if (view_get_vm(view, &vm) && vm.workspace) {
		return named_workspace(session, vm.workspace);
	}
	return session->desktop->impl->exec_workspace(session->desktop, view);
}

static void take_if_set(int *to, int from)
{
	if (from != INT_MIN) {
		*to = from;
	}
}

static void configure_workspace(void *data, struct workspace *ws)
{
	struct session *session = data;
	const struct workspace_config *config = config_find_workspace(session->config, ws->name);
	if (!config) {
		return;
	}
	take_if_set(&ws->gaps_inner, config->gaps_inner);
	take_if_set(&ws->gaps_outer.top, config->gaps_outer.top);
	take_if_set(&ws->gaps_outer.right, config->gaps_outer.right);
	take_if_set(&ws->gaps_outer.bottom, config->gaps_outer.bottom);
	take_if_set(&ws->gaps_outer.left, config->gaps_outer.left);
	for (int i = 0; i < config->outputs.length; i++) {
		if (strcmp(config->outputs.items[i], "*") != 0) {
			list_append(&ws->output_priority, vx_strdup(config->outputs.items[i]));
		}
	}
}

/* --- Names for workspaces of new outputs --- */

/* The first connected output that a workspace is assigned to, or NULL. */
static struct tree_output *assigned_output(struct tree *tree, const struct workspace_config *config)
{
	for (int i = 0; i < config->outputs.length; i++) {
		struct tree_output *output = tree_output_by_name(tree, config->outputs.items[i]);
		if (output) {
			return output;
		}
	}
	return nullptr;
}

static bool may_be_on(struct session *session, const char *name, const struct tree_output *output)
{
	const struct workspace_config *config = config_find_workspace(session->config, name);
	return !config || assigned_output(session->tree, config) == output;
}

/* The workspace that a binding's command leads to by name; NULL: none. Owned by the caller. */
static char *workspace_in_binding(struct session *session, const char *command)
{
	vx_cleanup_free char *copy = vx_strdup(command);
	char *rest = copy, separator;
	const char *verb = command_cut_at(&rest, " ", &separator);
	if (strcmp(verb, "workspace") != 0 || !rest) {
		return nullptr;
	}
	char *name = config_expand_variables(
		session->config, command_cut_at(&rest, ",;", &separator));
	word_strip_quotes(name);
	static const char *const special[] = {"next", "prev", "next_on_output", "prev_on_output",
		"number", "back_and_forth", "current", nullptr};
	static const char numbered[] = "number ";
	size_t skip = strncmp(name, numbered, strlen(numbered)) == 0 ? strlen(numbered) : 0;
	bool is_taken = skip && workspace_name_number(name + skip) >= 0 &&
			workspace_by_number(session->tree, name + skip);
	if (word_index(name, special) >= 0 || is_taken) {
		free(name);
		return nullptr;
	}
	char *isolated = vx_strdup(name + skip);
	free(name);
	return isolated;
}

struct name_search {
	int order;
	char *name; /* owned; may be NULL */
};

static void search_bindings(struct session *session, const struct binding_list *bindings,
	const struct tree_output *output, struct name_search *search)
{
	struct tree_seat *seat = tree_current_seat(session->tree);
	for (int i = 0; i < bindings->list.length; i++) {
		const struct binding *binding = bindings->list.items[i];
		char *name = workspace_in_binding(session, binding->command);
		if (name && binding->order < search->order &&
			!(seat && workspace_by_name(session->tree, seat, name)) &&
			may_be_on(session, name, output)) {
			search->order = binding->order;
			free(search->name);
			search->name = name;
		} else {
			free(name);
		}
	}
}

static char *next_workspace_name(void *data, const struct tree_output *output)
{
	struct session *session = data;
	struct config *config = session->config;
	struct tree_seat *seat = tree_current_seat(session->tree);
	for (int i = 0; i < config->workspaces.length; i++) {
		const struct workspace_config *ws = config->workspaces.items[i];
		if (assigned_output(session->tree, ws) == output &&
			!(seat && workspace_by_name(session->tree, seat, ws->name))) {
			return vx_strdup(ws->name);
		}
	}
	struct name_search search = {.order = INT_MAX};
	search_bindings(session, &config->current_mode->keysyms, output, &search);
	search_bindings(session, &config->current_mode->keycodes, output, &search);
	return search.name;
}

struct tree_policy rules_policy(struct session *session)
{
	return (struct tree_policy){
		.data = session,
		.run_rules = run_rules,
		.no_focus = no_focus,
		.assigned_workspace = assigned_workspace,
		.configure_workspace = configure_workspace,
		.next_workspace_name = next_workspace_name,
	};
}

/* --- The commands --- */

void rule_destroy(struct rule *rule)
{
	if (rule) {
		criteria_destroy(rule->criteria);
		free(rule->target);
		free(rule);
	}
}

static struct rule *parse_rule(struct command_context *context, const char *text,
	enum rule_type type, struct vx_error *err)
{
	struct criteria *criteria = criteria_parse(text, context->tree, nullptr, err);
	if (!criteria) {
		return nullptr;
	}
	struct rule *rule = vx_new(rule);
	rule->type = type;
	rule->criteria = criteria;
	return rule;
}

static bool is_same_rule(const struct rule *one, const struct rule *other)
{
	const char *target = one->target ? one->target : "";
	const char *other_target = other->target ? other->target : "";
	return one->type == other->type && strcmp(target, other_target) == 0 &&
	       strcmp(criteria_text(one->criteria), criteria_text(other->criteria)) == 0;
}

static void add_unless_known(struct config *config, struct rule *rule)
{
	for (int i = 0; i < config->rules.length; i++) {
		if (is_same_rule(config->rules.items[i], rule)) {
			rule_destroy(rule);
			return;
		}
	}
	list_append(&config->rules, rule);
}

static struct command_result add_rule(
	struct command_context *context, struct args args, enum rule_type type)
{
	vx_cleanup_error struct vx_error err = {};
	struct rule *rule = parse_rule(context, args.items[0], type, &err);
	if (!rule) {
		return command_invalid("%s", vx_error_message(&err));
	}
	if (type == RULE_COMMAND) {
		rule->target = args_join(args_skip(args, 1));
	}
	add_unless_known(context->config, rule);
	return command_ok();
}

struct command_result cmd_for_window(struct command_context *context, struct args args)
{
	return add_rule(context, args, RULE_COMMAND);
}

struct command_result cmd_no_focus(struct command_context *context, struct args args)
{
	return add_rule(context, args, RULE_NO_FOCUS);
}

/* "output NAME", "[workspace] [number] NAME" */
static bool take_target_type(struct args *args, enum rule_type *ret_type)
{
	*ret_type = RULE_ASSIGN_WORKSPACE;
	if (strcmp(args->items[0], "output") == 0) {
		*ret_type = RULE_ASSIGN_OUTPUT;
		*args = args_skip(*args, 1);
		return args->count > 0;
	}
	if (strcmp(args->items[0], "workspace") == 0) {
		*args = args_skip(*args, 1);
	}
	if (args->count > 0 && strcmp(args->items[0], "number") == 0) {
		*ret_type = RULE_ASSIGN_WORKSPACE_NUMBER;
		*args = args_skip(*args, 1);
	}
	return args->count > 0;
}

struct command_result cmd_assign(struct command_context *context, struct args args)
{
	vx_cleanup_error struct vx_error err = {};
	struct rule *rule = parse_rule(context, args.items[0], RULE_ASSIGN_WORKSPACE, &err);
	if (!rule) {
		return command_invalid("%s", vx_error_message(&err));
	}
	args = args_skip(args, 1);
	if (strncmp(args.items[0], "→", strlen("→")) == 0) {
		args = args_skip(args, 1);
	}
	if (args.count == 0 || !take_target_type(&args, &rule->type)) {
		rule_destroy(rule);
		return command_invalid("Missing workspace");
	}
	if (rule->type == RULE_ASSIGN_WORKSPACE_NUMBER &&
		(args.items[0][0] < '0' || args.items[0][0] > '9')) {
		rule_destroy(rule);
		return command_invalid("Invalid workspace number '%s'", args.items[0]);
	}
	rule->target = args_join(args);
	list_append(&context->config->rules, rule);
	return command_ok();
}
