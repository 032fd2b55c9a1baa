/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/memory.h"

static void take_config(struct options *options)
{
	options->config = optarg;
}

static void take_validate(struct options *options)
{
	options->validate = true;
}

static void take_debug(struct options *options)
{
	options->debug = true;
}

static void take_verbose(struct options *options)
{
	options->verbose = true;
}

static void show_version(struct options *options)
{
	printf("vixos-compositor version %s\n", VX_VERSION);
	options->done = true;
}

static void show_socket_path(struct options *options)
{
	const char *path = getenv("SWAYSOCK");
	options->done = true;
	if (path == nullptr) {
		fprintf(stderr, "vixos-compositor: SWAYSOCK is not set\n");
		options->status = 1;
		return;
	}
	printf("%s\n", path);
}

static void show_help(struct options *options);

static const struct {
	struct option option;
	const char *argument, *help;
	void (*take)(struct options *options);
} table[] = {
	{{"config", required_argument, nullptr, 'c'}, "FILE", "use this configuration",
		take_config},
	{{"validate", no_argument, nullptr, 'C'}, "", "check the configuration, then exit",
		take_validate},
	{{"debug", no_argument, nullptr, 'd'}, "", "log everything", take_debug},
	{{"version", no_argument, nullptr, 'v'}, "", "show the version", show_version},
	{{"verbose", no_argument, nullptr, 'V'}, "", "log more", take_verbose},
	{{"get-socketpath", no_argument, nullptr, 'p'}, "",
		"show the path of the IPC socket, then exit", show_socket_path},
	{{"help", no_argument, nullptr, 'h'}, "", "show this help", show_help},
};

static constexpr size_t table_length = VX_ARRAY_LENGTH(table);

static void print_usage(FILE *out)
{
	fprintf(out, "Usage: vixos-compositor [options]\n\n");
	for (size_t i = 0; i < table_length; i++) {
		char *name = vx_printf("--%s %s", table[i].option.name, table[i].argument);
		fprintf(out, "  -%c, %-20s %s\n", table[i].option.val, name, table[i].help);
		free(name);
	}
}

static void show_help(struct options *options)
{
	print_usage(stdout);
	options->done = true;
}

static void take(struct options *options, int letter)
{
	for (size_t i = 0; i < table_length; i++) {
		if (table[i].option.val == letter) {
			table[i].take(options);
			return;
		}
	}
	print_usage(stderr);
	options->done = true;
	options->status = 2;
}

void options_parse(struct options *options, int argc, char **argv)
{
	struct option long_options[table_length + 1];
	char short_options[2 * table_length + 1];
	size_t length = 0;
	for (size_t i = 0; i < table_length; i++) {
		long_options[i] = table[i].option;
		short_options[length++] = (char)table[i].option.val;
		if (table[i].option.has_arg == required_argument) {
			short_options[length++] = ':';
		}
	}
	long_options[table_length] = (struct option){};
	short_options[length] = '\0';
	int letter;
	while (!options->done &&
		(letter = getopt_long(argc, argv, short_options, long_options, nullptr)) != -1) {
		take(options, letter);
	}
	if (!options->done && optind < argc) {
		fprintf(stderr, "vixos-compositor: what is '%s'? --help tells\n", argv[optind]);
		options->done = true;
		options->status = 2;
	}
}
