/* SPDX-License-Identifier: MIT */
/* Command-line options as tables: the parser, the help and the shells' completion read the same
 * rows. */
#ifndef VX_LAUNCHER_CLI_OPTIONS_H
#define VX_LAUNCHER_CLI_OPTIONS_H

#include <stddef.h>
#include <stdio.h>

#include "common/error.h"

/* What all options of all commands can set. Strings are borrowed from the command line. */
struct cli_options {
	bool help;
	bool quiet;
	bool json;
	bool gui;
	bool background;
	bool disposable;
	bool untagged;
	bool interactive;
	bool terminal;
	bool all;
	bool running;
	bool follow;
	bool from_stdin;
	bool no_stream;
	bool to_stdout;
	bool kill;
	bool force;
	bool writable;
	bool archive;
	bool follow_link;
	bool share_tmp;
	bool volumes; /* what a VM has kept, too */
	bool autostart;
	bool persistent; /* in the definition, too */
	const char *executable;
	const char *adopt;
	const char *name;
	const char *like;
	const char *label, *color, *memory, *vcpus, *network, *template, *home, *kernel;
	const char *workspace, *audio;
	/* Lists: owned, NULL-terminated; NULL where empty. */
	const char **environment;
	const char **volume_list;
	const char **packages;
	const char **usb;
	const char **lines; /* of a definition */
};

enum option_type : unsigned {
	OPTION_FLAG,     /* bool */
	OPTION_STRING,   /* const char *; the last one counts */
	OPTION_LIST,     /* const char **; all count, in order */
	OPTION_OPTIONAL, /* const char *; --name=value, or --name alone, which gives "" */
	OPTION_TYPE_COUNT,
};

struct option_spec {
	char short_name;  /* 0: none */
	const char *name; /* without the dashes; NULL ends a table */
	enum option_type type;
	size_t offset;       /* in struct cli_options */
	const char *operand; /* what to call its value in the help; NULL for flags */
	const char *help;
	/* Also taken right behind the first operand of a command that runs a program. */
	bool after_first;
};

enum options_order : unsigned {
	OPTIONS_ANYWHERE, /* between and behind the operands */
	OPTIONS_FIRST,    /* up to the first operand: the rest is a program's */
	/* Up to the first operand, and then those marked after_first: `run firefox --gui URL`. */
	OPTIONS_AROUND_FIRST,
};

/* The option of this long name, of `length` bytes, without dashes; NULL: there is none. */
const struct option_spec *options_find_long(
	const struct option_spec *specs, const char *name, size_t length);

/*
 * Takes the options out of `argv` (of `argc` strings, without the command) and leaves the operands
 * at its front, their count in `*ret_count` and NULL behind them. "--" ends the options. Fails with
 * VX_ERROR_USAGE.
 */
bool options_parse(const struct option_spec *specs, enum options_order order, int argc, char **argv,
	struct cli_options *options, int *ret_count, struct vx_error *err);

void options_finish(struct cli_options *options);

/* One line an option. */
void options_print_help(const struct option_spec *specs, FILE *stream);

#endif
