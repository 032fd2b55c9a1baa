/* SPDX-License-Identifier: MIT */
#include "wire/options.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

[[noreturn]] static void print_help(
	const char *program, const struct wire_option *table, size_t count)
{
	printf("usage: %s [options]\n\n", program);
	for (size_t i = 0; i < count; i++) {
		int width = printf("  --%s %s", table[i].name,
			table[i].argument == nullptr ? "" : table[i].argument);
		printf("%*s%s\n", width < 24 ? 24 - width : 1, "", table[i].help);
	}
	printf("  --help                show this\n  --version             show the version\n");
	exit(EXIT_SUCCESS);
}

static const struct wire_option *option_find(
	const struct wire_option *table, size_t count, const char *name, size_t length)
{
	for (size_t i = 0; i < count; i++) {
		if (strlen(table[i].name) == length && memcmp(table[i].name, name, length) == 0) {
			return &table[i];
		}
	}
	return nullptr;
}

/* Returns how many arguments were used: 1, or 2 with the value apart; 0 with `err` set. */
static int option_apply(const struct wire_option *table, size_t count, char **argv, void *options,
	struct vx_error *err)
{
	bool is_option = strncmp(argv[0], "--", 2) == 0;
	const char *name = is_option ? argv[0] + 2 : argv[0];
	size_t length = strcspn(name, "=");
	const char *value = name[length] == '=' ? name + length + 1 : argv[1];
	const struct wire_option *option = is_option ? option_find(table, count, name, length)
						     : nullptr;
	if (option == nullptr || (option->argument == nullptr && name[length] == '=')) {
		vx_error_set_kind(err, VX_ERROR_USAGE, "unknown option '%s', see --help", argv[0]);
		return 0;
	}
	void *field = (uint8_t *)options + option->offset;
	if (option->argument == nullptr) {
		*(bool *)field = true;
		return 1;
	}
	if (value == nullptr) {
		vx_error_set_kind(
			err, VX_ERROR_USAGE, "--%s needs %s", option->name, option->argument);
		return 0;
	}
	*(const char **)field = value;
	return name[length] == '=' ? 1 : 2;
}

bool wire_options_parse(int argc, char **argv, const struct wire_option *table, size_t count,
	void *options, struct vx_error *err)
{
	int i = 1;
	while (i < argc) {
		if (strcmp(argv[i], "--help") == 0) {
			print_help(argv[0], table, count);
		}
		if (strcmp(argv[i], "--version") == 0) {
			printf("%s\n", VX_VERSION);
			exit(EXIT_SUCCESS);
		}
		int used = option_apply(table, count, argv + i, options, err);
		if (used == 0) {
			return false;
		}
		i += used;
	}
	return true;
}
