/* SPDX-License-Identifier: MIT */
/* Command-line options in a table; --help and --version come from it. */
#ifndef VX_PROXY_WIRE_OPTIONS_H
#define VX_PROXY_WIRE_OPTIONS_H

#include <stddef.h>

#include "common/error.h"

struct wire_option {
	const char *name;     /* without the dashes */
	const char *argument; /* what it takes, as in the help; NULL: a flag */
	const char *help;
	size_t offset; /* in the struct of options: of a const char *, or of a bool for a flag */
};

/*
 * Fills the fields of `options` that the arguments name; strings are borrowed from `argv`. False
 * with kind VX_ERROR_USAGE where they make no sense. --help and --version print and exit.
 */
bool wire_options_parse(int argc, char **argv, const struct wire_option *table, size_t count,
	void *options, struct vx_error *err);

#endif
