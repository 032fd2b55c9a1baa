/* SPDX-License-Identifier: MIT */
#include "cli/options.h"

#include <string.h>

/* What is left to read. */
struct option_reader {
	const struct option_spec *specs;
	char **next;
	char **end;
	struct cli_options *options;
	struct vx_error *err;
};

static void *option_field(const struct option_spec *spec, struct cli_options *options)
{
	return (char *)options + spec->offset;
}

static void option_set_flag(const struct option_spec *spec, struct cli_options *options)
{
	bool *field = option_field(spec, options);
	*field = true;
}

static void option_set_value(
	const struct option_spec *spec, struct cli_options *options, const char *value)
{
	if (spec->type == OPTION_STRING || spec->type == OPTION_OPTIONAL) {
		const char **field = option_field(spec, options);
		*field = value;
		return;
	}
	const char ***list = option_field(spec, options);
	size_t count = 0;
	while (*list != nullptr && (*list)[count] != nullptr) {
		count++;
	}
	*list = vx_reallocarray(*list, count + 2, sizeof(**list));
	(*list)[count] = value;
	(*list)[count + 1] = nullptr;
}

const struct option_spec *options_find_long(
	const struct option_spec *specs, const char *name, size_t length)
{
	for (const struct option_spec *spec = specs; spec->name != nullptr; spec++) {
		if (strlen(spec->name) == length && strncmp(spec->name, name, length) == 0) {
			return spec;
		}
	}
	return nullptr;
}

static const struct option_spec *find_short(const struct option_spec *specs, char name)
{
	for (const struct option_spec *spec = specs; spec->name != nullptr; spec++) {
		if (name != 0 && spec->short_name == name) {
			return spec;
		}
	}
	return nullptr;
}

/* The value behind an option: `attached` to it, or the next word. */
static bool take_value(
	struct option_reader *reader, const struct option_spec *spec, const char *attached)
{
	if (attached == nullptr && reader->next == reader->end) {
		return vx_error_set_kind(reader->err, VX_ERROR_USAGE,
			"option --%s needs a value: %s", spec->name, spec->operand);
	}
	const char *value = attached != nullptr ? attached : *reader->next++;
	option_set_value(spec, reader->options, value);
	return true;
}

/* `--name`, `--name=value` or `--name value`; the word has been taken off the reader. */
static bool take_long(struct option_reader *reader, const char *word)
{
	const char *name = word + 2;
	size_t length = strcspn(name, "=");
	const char *attached = name[length] == '=' ? name + length + 1 : nullptr;
	const struct option_spec *spec = options_find_long(reader->specs, name, length);
	if (spec == nullptr) {
		return vx_error_set_kind(reader->err, VX_ERROR_USAGE, "there is no option '--%.*s'",
			(int)length, name);
	}
	if (spec->type == OPTION_OPTIONAL) {
		option_set_value(spec, reader->options, attached != nullptr ? attached : "");
		return true;
	}
	if (spec->type != OPTION_FLAG) {
		return take_value(reader, spec, attached);
	}
	if (attached != nullptr) {
		return vx_error_set_kind(
			reader->err, VX_ERROR_USAGE, "option --%s takes no value", spec->name);
	}
	option_set_flag(spec, reader->options);
	return true;
}

/* `-it`, `-e value` or `-evalue`. */
static bool take_short(struct option_reader *reader, const char *word)
{
	for (const char *letter = word + 1; *letter != '\0'; letter++) {
		const struct option_spec *spec = find_short(reader->specs, *letter);
		if (spec == nullptr) {
			return vx_error_set_kind(
				reader->err, VX_ERROR_USAGE, "there is no option '-%c'", *letter);
		}
		if (spec->type != OPTION_FLAG && spec->type != OPTION_OPTIONAL) {
			return take_value(reader, spec, letter[1] != '\0' ? letter + 1 : nullptr);
		}
		option_set_flag(spec, reader->options);
	}
	return true;
}

static bool is_option(const char *word)
{
	return word[0] == '-' && word[1] != '\0';
}

/* Is this one of the options that are ours behind the first operand too? */
static bool is_ours_after_first(const struct option_reader *reader, const char *word)
{
	const struct option_spec *spec = nullptr;
	if (strncmp(word, "--", 2) == 0) {
		spec = options_find_long(reader->specs, word + 2, strcspn(word + 2, "="));
	} else if (is_option(word) && word[2] == '\0') {
		spec = find_short(reader->specs, word[1]);
	}
	return spec != nullptr && spec->after_first;
}

/* Is `word`, behind `count` operands, for us to understand? */
static bool is_ours(
	const struct option_reader *reader, enum options_order order, int count, const char *word)
{
	if (!is_option(word)) {
		return false;
	}
	if (order == OPTIONS_ANYWHERE || count == 0) {
		return true;
	}
	return order == OPTIONS_AROUND_FIRST && count == 1 && is_ours_after_first(reader, word);
}

bool options_parse(const struct option_spec *specs, enum options_order order, int argc, char **argv,
	struct cli_options *options, int *ret_count, struct vx_error *err)
{
	struct option_reader reader = {specs, argv, argv + argc, options, err};
	bool is_program = order != OPTIONS_ANYWHERE;
	int count = 0;
	while (reader.next < reader.end) {
		char *word = *reader.next;
		if (strcmp(word, "--") == 0 && (!is_program || count <= 1)) {
			reader.next++;
			break;
		}
		if (!is_ours(&reader, order, count, word)) {
			if (is_program && count >= 1) {
				break; /* from here on it is the program's own */
			}
			argv[count++] = *reader.next++;
			continue;
		}
		reader.next++;
		if (!(word[1] == '-' ? take_long(&reader, word) : take_short(&reader, word))) {
			return false;
		}
	}
	while (reader.next < reader.end) {
		argv[count++] = *reader.next++;
	}
	argv[count] = nullptr;
	*ret_count = count;
	return true;
}

void options_finish(struct cli_options *options)
{
	const char ***const lists[] = {&options->environment, &options->volume_list,
		&options->packages, &options->lines, &options->usb};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(lists); i++) {
		free(*lists[i]);
		*lists[i] = nullptr;
	}
}

void options_print_help(const struct option_spec *specs, FILE *stream)
{
	static constexpr int column = 26;
	for (const struct option_spec *spec = specs; spec->name != nullptr; spec++) {
		char left[64];
		char dash = spec->short_name != 0 ? '-' : ' ';
		char letter = spec->short_name != 0 ? spec->short_name : ' ';
		char comma = spec->short_name != 0 ? ',' : ' ';
		bool is_optional = spec->type == OPTION_OPTIONAL;
		const char *before = is_optional ? "[=" : spec->operand != nullptr ? " " : "";
		snprintf(left, sizeof(left), "%c%c%c --%s%s%s%s", dash, letter, comma, spec->name,
			before, spec->operand != nullptr ? spec->operand : "",
			is_optional ? "]" : "");
		if (strlen(left) > (size_t)column) {
			fprintf(stream, "  %s\n", left);
			left[0] = '\0';
		}
		fprintf(stream, "  %-*s %s\n", column, left, spec->help);
	}
}
