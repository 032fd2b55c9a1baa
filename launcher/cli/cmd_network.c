/* SPDX-License-Identifier: MIT */
/* vixos net, vixos firewall */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/definitions.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "cli/vms.h"
#include "manager_names.h"
#include "vm/config.h"
#include "vm/definition.h"
#include "vm/definition_change.h"
#include "vm/firewall_edit.h"

/* One of the two verbs. */
struct verb {
	const char *key; /* in definitions */
	const char *method;
	void (*print)(sd_json_variant *reply);
	/* The lines of a definition for what vixosd says; owned by the caller. */
	char *(*format)(sd_json_variant *reply);
	/* Makes the change in a definition. */
	bool (*edit)(struct vm_definition *definition, const char *const *words, size_t count,
		struct vx_error *err);
};

static sd_json_variant *rules_of(sd_json_variant *reply, size_t *ret_count)
{
	sd_json_variant *rules = sd_json_variant_by_key(reply, "rules");
	*ret_count = rules != nullptr ? sd_json_variant_elements(rules) : 0;
	return rules;
}

static void print_network(sd_json_variant *reply)
{
	puts(client_string(reply, "network"));
}

static void print_firewall(sd_json_variant *reply)
{
	size_t count;
	sd_json_variant *rules = rules_of(reply, &count);
	for (size_t i = 0; i < count; i++) {
		printf("%3zu  %s\n", i + 1,
			sd_json_variant_string(sd_json_variant_by_index(rules, i)));
	}
	printf("     %s all else\n", client_string(reply, "policy"));
}

static char *format_network(sd_json_variant *reply)
{
	return vx_printf("\tnetwork %s\n", client_string(reply, "network"));
}

/* Also where there are no rules: those of `defaults` are not meant then. */
static char *format_firewall(sd_json_variant *reply)
{
	size_t count;
	sd_json_variant *rules = rules_of(reply, &count);
	char *text = vx_printf("\tfirewall %s {\n", client_string(reply, "policy"));
	for (size_t i = 0; i < count; i++) {
		vx_cleanup_free char *longer = vx_printf("%s\t\t%s\n", text,
			sd_json_variant_string(sd_json_variant_by_index(rules, i)));
		vx_replace_string(&text, longer);
	}
	vx_cleanup_free char *whole = vx_printf("%s\t}\n", text);
	vx_replace_string(&text, whole);
	return text;
}

static bool edit_network(struct vm_definition *definition, const char *const *words, size_t count,
	struct vx_error *err)
{
	return vm_network_parse(definition, words, count, err);
}

/* What a VM starts with is what its definition has, with names resolved then. */
static bool edit_firewall(struct vm_definition *definition, const char *const *words, size_t count,
	struct vx_error *err)
{
	bool is_so_already = count == 1 &&
			     (strcmp(words[0], "reset") == 0 || strcmp(words[0], "reload") == 0);
	return is_so_already || vm_firewall_edit(&definition->firewall, words, count, err);
}

/* As vixosd describes a VM that runs. */
static sd_json_variant *describe(const struct vm_definition *definition)
{
	vx_cleanup_free char *network = vm_network_format(definition);
	sd_json_variant *rules = nullptr, *object = nullptr;
	(void)sd_json_variant_new_array(&rules, nullptr, 0);
	for (size_t i = 0; i < definition->firewall.rule_count; i++) {
		vx_cleanup_free char *rule = vm_firewall_rule_format(
			&definition->firewall.rules[i]);
		(void)sd_json_variant_append_arrayb(&rules, SD_JSON_BUILD_STRING(rule));
	}
	(void)sd_json_buildo(&object, SD_JSON_BUILD_PAIR_STRING("network", network),
		SD_JSON_BUILD_PAIR_STRING("policy", definition->firewall.denies ? "deny" : "allow"),
		SD_JSON_BUILD_PAIR_VARIANT("rules", rules));
	sd_json_variant_unref(rules);
	return object;
}

/* The first operand is the VM; the others, if there are any, are a change. */
static sd_json_variant *make_parameters(struct command_context *context)
{
	sd_json_variant *parameters = nullptr;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", context->argv[0]),
		SD_JSON_BUILD_PAIR_CONDITION(
			context->argc > 1, "change", SD_JSON_BUILD_STRV(context->argv + 1)));
	return parameters;
}

/* Of a VM that runs, or that is only asked about. */
static bool ask_vixosd(struct command_context *context, const struct verb *verb,
	struct client *client, sd_json_variant **ret_reply)
{
	struct progress progress;
	struct client_wait wait = {.progress = &progress};
	progress_init(&progress, context->options->quiet || context->argc <= 1);
	progress_set(&progress, "changing the network");
	bool is_done = client_observe(
		client, verb->method, make_parameters(context), &wait, ret_reply, context->err);
	progress_finish(&progress);
	return is_done;
}

/* Of a VM that doesn't run: what it will start with, with the change. */
static bool ask_definition(
	struct command_context *context, const struct verb *verb, sd_json_variant **ret_reply)
{
	struct vm_config *config = vm_config_load(context->err);
	if (config == nullptr) {
		return false;
	}
	const struct vm_definition *found = vm_config_find(config, context->argv[0]);
	if (found == nullptr) {
		vm_config_destroy(config);
		return vx_error_set(context->err, "there is no VM '%s'", context->argv[0]);
	}
	struct vm_definition *definition = vm_definition_copy(found);
	bool is_done = verb->edit(definition, (const char *const *)context->argv + 1,
		(size_t)context->argc - 1, context->err);
	if (is_done) {
		*ret_reply = describe(definition);
	} else if (context->err != nullptr) {
		context->err->kind = VX_ERROR_USAGE;
	}
	vm_definition_destroy(definition);
	vm_config_destroy(config);
	return is_done;
}

static bool ask(struct command_context *context, const struct verb *verb, struct client *client,
	sd_json_variant **ret_reply)
{
	bool is_alive = true;
	if (context->options->persistent && context->argc > 1 &&
		!vms_is_alive(client, context->argv[0], &is_alive, context->err)) {
		return false;
	}
	return is_alive ? ask_vixosd(context, verb, client, ret_reply)
			: ask_definition(context, verb, ret_reply);
}

static bool save(struct command_context *context, const struct verb *verb, sd_json_variant *reply)
{
	vx_cleanup_free char *lines = verb->format(reply);
	const struct definition_change change = {.key = verb->key, .lines = lines};
	return definition_change_save(context->argv[0], &change, context->err);
}

/* Before anything is changed: can it be kept? */
static bool check_own(struct command_context *context)
{
	struct own_definition own;
	bool is_own = own_definition_find(&own, context->argv[0], context->err);
	own_definition_finish(&own);
	return is_own;
}

static void print(
	const struct command_context *context, const struct verb *verb, sd_json_variant *reply)
{
	const struct cli_options *options = context->options;
	if (options->json) {
		json_print(reply);
	} else if (context->argc == 1 || !options->quiet) {
		verb->print(reply);
	}
}

static int run(struct command_context *context, const struct verb *verb)
{
	bool lasts = context->options->persistent;
	struct client client = {};
	sd_json_variant *reply = nullptr;
	bool is_done = (!lasts || check_own(context)) && client_connect(&client, context->err) &&
		       ask(context, verb, &client, &reply) &&
		       (!lasts || save(context, verb, reply));
	if (is_done) {
		print(context, verb, reply);
	}
	sd_json_variant_unref(reply);
	client_finish(&client);
	return is_done ? 0 : -1;
}

int cmd_network(struct command_context *context)
{
	static const struct verb verb = {"network", VX_MANAGER_METHOD("Network"), print_network,
		format_network, edit_network};
	return run(context, &verb);
}

int cmd_firewall(struct command_context *context)
{
	static const struct verb verb = {"firewall", VX_MANAGER_METHOD("Firewall"), print_firewall,
		format_firewall, edit_firewall};
	return run(context, &verb);
}
