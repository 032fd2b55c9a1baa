/* SPDX-License-Identifier: MIT */
/* The command line. */
#ifndef COMPOSITOR_OPTIONS_H
#define COMPOSITOR_OPTIONS_H

struct options {
	const char *config; /* -c; NULL: look in the usual places */
	bool validate, debug, verbose;
	/* Already answered (--help, --version, --get-socketpath): exit with `status`. */
	bool done;
	int status;
};

void options_parse(struct options *options, int argc, char **argv);

#endif
