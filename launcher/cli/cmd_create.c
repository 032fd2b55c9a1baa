/* SPDX-License-Identifier: MIT */
/* vixos create, vixos config */
#include <stdio.h>
#include <string.h>
#include <systemd/sd-json.h>

#include "cli/adopt.h"
#include "cli/commands.h"
#include "cli/definitions.h"
#include "cli/json.h"
#include "common/buffer.h"
#include "vm/config.h"
#include "vm/definition.h"
#include "vm/definition_file.h"

static constexpr size_t words_max = 64;

/* Options that are keys of vixos(5); their values are the key's words. */
static const struct {
	const char *key;
	size_t offset; /* of a string in struct cli_options */
} key_options[] = {
	{"label", offsetof(struct cli_options, label)},
	{"color", offsetof(struct cli_options, color)},
	{"memory", offsetof(struct cli_options, memory)},
	{"vcpus", offsetof(struct cli_options, vcpus)},
	{"network", offsetof(struct cli_options, network)},
	{"template", offsetof(struct cli_options, template)},
	{"home", offsetof(struct cli_options, home)},
	{"kernel", offsetof(struct cli_options, kernel)},
	{"workspace", offsetof(struct cli_options, workspace)},
	{"audio", offsetof(struct cli_options, audio)},
};

/* Keys whose value is one word, blanks and all. */
static bool is_one_word(const char *key)
{
	return strcmp(key, "label") == 0 || strcmp(key, "workspace") == 0 ||
	       strcmp(key, "kernel") == 0;
}

struct definition_text {
	struct vx_buffer buffer;
	struct vx_error *err;
};

/* `key` and the parts of `value` between the separators, as a line. Neither is kept. */
static bool append_split(
	struct definition_text *text, const char *key, const char *value, const char *separators)
{
	const char *words[words_max] = {key};
	vx_cleanup_free char *copy = vx_strdup(value);
	size_t count = 1;
	char *rest = copy;
	for (char *word; (word = strsep(&rest, separators)) != nullptr && count < words_max;) {
		if (word[0] != '\0') {
			words[count++] = word;
		}
	}
	return definition_file_append(&text->buffer, 1, words, count, text->err);
}

static bool append_key(struct definition_text *text, const char *key, const char *value)
{
	if (!is_one_word(key)) {
		return append_split(text, key, value, " \t");
	}
	const char *const words[] = {key, value};
	return definition_file_append(&text->buffer, 1, words, VX_ARRAY_LENGTH(words), text->err);
}

static bool append_keys(struct definition_text *text, const struct cli_options *options)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(key_options); i++) {
		const char *const *value = (const void *)((const char *)options +
							  key_options[i].offset);
		if (*value != nullptr && !append_key(text, key_options[i].key, *value)) {
			return false;
		}
	}
	return !options->autostart || append_key(text, "autostart", "yes");
}

/* -v SOURCE[:TARGET][:ro|rw] */
static bool append_volumes(struct definition_text *text, const char *const *volumes)
{
	for (size_t i = 0; volumes != nullptr && volumes[i] != nullptr; i++) {
		if (!append_split(text, "mount", volumes[i], ":")) {
			return false;
		}
	}
	return true;
}

/* A line of `key` for each. */
static bool append_each(struct definition_text *text, const char *key, const char *const *values)
{
	for (size_t i = 0; values != nullptr && values[i] != nullptr; i++) {
		if (!append_key(text, key, values[i])) {
			return false;
		}
	}
	return true;
}

/* NAME=VALUE */
static bool append_environment(struct definition_text *text, const char *const *environment)
{
	for (size_t i = 0; environment != nullptr && environment[i] != nullptr; i++) {
		const char *equals = strchr(environment[i], '=');
		if (equals == nullptr) {
			return vx_error_set_kind(text->err, VX_ERROR_USAGE,
				"--env takes NAME=VALUE, not '%s'", environment[i]);
		}
		vx_cleanup_free char *name = vx_strndup(
			environment[i], (size_t)(equals - environment[i]));
		const char *const words[] = {"env", name, equals + 1};
		if (!definition_file_append(
			    &text->buffer, 1, words, VX_ARRAY_LENGTH(words), text->err)) {
			return false;
		}
	}
	return true;
}

/* Lines as the user would write them; the check of the whole says what is wrong with one. */
static bool append_lines(struct definition_text *text, const char *const *lines)
{
	for (size_t i = 0; lines != nullptr && lines[i] != nullptr; i++) {
		if (strpbrk(lines[i], "\n\r") != nullptr) {
			return vx_error_set_kind(
				text->err, VX_ERROR_USAGE, "--set takes one line at a time");
		}
		vx_cleanup_free char *line = vx_printf("\t%s\n", lines[i]);
		if (!vx_buffer_append(&text->buffer, line, strlen(line))) {
			return vx_error_set_kind(
				text->err, VX_ERROR_USAGE, "the definition is too long");
		}
	}
	return true;
}

/* A colour is written down although it would be the same: a VM keeps it when it is renamed. */
static bool append_color(
	struct definition_text *text, const char *name, const struct cli_options *options)
{
	if (options->color != nullptr) {
		return true;
	}
	vx_cleanup_free char *color = vx_printf("#%06x", vm_definition_default_color(name));
	return append_key(text, "color", color);
}

/* As before, what the domain's system writes stays. */
static bool append_disk(struct definition_text *text, const struct adopted *adopted)
{
	const char *const words[] = {"template", "disk", adopted->disk, "rw"};
	return adopted->disk == nullptr ||
	       (definition_file_append(
			&text->buffer, 1, words, VX_ARRAY_LENGTH(words), text->err) &&
		       (!adopted->uefi || append_key(text, "firmware", "uefi")));
}

static bool append_all(struct definition_text *text, const char *name,
	const struct cli_options *options, const struct adopted *adopted)
{
	vx_cleanup_free char *head = vx_printf(
		"# Made by 'vixos create'; yours to change. vixos(5) describes it.\nvm %s {\n",
		name);
	if (!vx_buffer_append(&text->buffer, head, strlen(head))) {
		return vx_error_set(text->err, "the definition is too long");
	}
	return append_color(text, name, options) && append_disk(text, adopted) &&
	       append_keys(text, options) && append_each(text, "package", options->packages) &&
	       append_each(text, "usb", options->usb) &&
	       append_volumes(text, options->volume_list) &&
	       append_environment(text, options->environment) &&
	       append_lines(text, options->lines) &&
	       (vx_buffer_append(&text->buffer, "}\n", 2) ||
		       vx_error_set(text->err, "the definition is too long"));
}

static void fill_in(const char **option, const char *value)
{
	if (*option == nullptr) {
		*option = value;
	}
}

/* What the user says counts more than what the domain has. */
static bool apply_adopted(
	struct cli_options *options, struct adopted *adopted, struct vx_error *err)
{
	if (options->adopt == nullptr) {
		return true;
	}
	if (options->template != nullptr) {
		return vx_error_set_kind(
			err, VX_ERROR_USAGE, "--adopt and --template say different things");
	}
	if (!adopt_describe(adopted, options->adopt, err)) {
		return false;
	}
	fill_in(&options->memory, adopted->memory);
	fill_in(&options->vcpus, adopted->vcpus);
	fill_in(&options->network, adopted->network);
	return true;
}

/* The line of a file that isn't there tells nobody anything. */
static void leave_out_place(const char *path, struct vx_error *err)
{
	vx_cleanup_free char *message = vx_strdup(vx_error_message(err));
	size_t length = strlen(path);
	if (strncmp(message, path, length) == 0 && message[length] == ':') {
		const char *rest = message + length + 1;
		rest += strspn(rest, "0123456789: ");
		vx_error_set_kind(err, err->kind, "no VM was defined: %s", rest);
	}
}

int cmd_create(struct command_context *context)
{
	const char *name = context->argv[0];
	struct cli_options options = *context->options; /* what is owned there stays there */
	struct adopted adopted = {};
	struct definition_text text = {
		.buffer = {.max_size = vm_config_file_max}, .err = context->err};
	bool is_made = definitions_check_free(name, context->err) &&
		       apply_adopted(&options, &adopted, context->err) &&
		       append_all(&text, name, &options, &adopted);
	vx_cleanup_free char *path = is_made ? definition_file_path(name, context->err) : nullptr;
	is_made = path != nullptr &&
		  definition_file_install(path, (const char *)vx_buffer_bytes(&text.buffer),
			  text.buffer.size, false, context->err);
	if (path != nullptr && !is_made) {
		leave_out_place(path, context->err);
	}
	vx_buffer_finish(&text.buffer);
	adopted_finish(&adopted);
	if (is_made) {
		puts(context->options->quiet ? name : path);
	}
	return is_made ? 0 : -1;
}

static void print_places(const struct vm_config *config)
{
	for (size_t i = 0; i < config->definition_count; i++) {
		const struct vm_definition *definition = config->definitions[i];
		printf("%s:%u: vm %s\n", definition->file, definition->line, definition->name);
	}
}

static void print_places_json(const struct vm_config *config)
{
	sd_json_variant *list = nullptr;
	(void)sd_json_variant_new_array(&list, nullptr, 0);
	for (size_t i = 0; i < config->definition_count; i++) {
		const struct vm_definition *definition = config->definitions[i];
		(void)sd_json_variant_append_arraybo(&list,
			SD_JSON_BUILD_PAIR_STRING("name", definition->name),
			SD_JSON_BUILD_PAIR_STRING("file", definition->file),
			SD_JSON_BUILD_PAIR_UNSIGNED("line", definition->line));
	}
	json_print(list);
	sd_json_variant_unref(list);
}

int cmd_config(struct command_context *context)
{
	if (strcmp(context->argv[0], "check") != 0) {
		vx_error_set_kind(context->err, VX_ERROR_USAGE,
			"there is no 'config %s'; 'vixos config check' looks for mistakes",
			context->argv[0]);
		return -1;
	}
	struct vm_config *config = vm_config_load(context->err);
	if (config == nullptr) {
		return -1;
	}
	if (context->options->json) {
		print_places_json(config);
	} else if (!context->options->quiet) {
		print_places(config);
	}
	vm_config_destroy(config);
	return 0;
}
