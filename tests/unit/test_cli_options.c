/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "cli/commands.h"
#include "cli/options.h"

static constexpr int words_max = 16;

struct parsed {
	struct cli_options options;
	char *argv[words_max + 1];
	int count;
	bool is_good;
	struct vx_error err;
};

static const struct command *command_called(const char *name)
{
	size_t count;
	const struct command *commands = commands_table(&count);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(commands[i].name, name) == 0) {
			return &commands[i];
		}
	}
	fail_msg("no command %s", name);
	return nullptr;
}

static void parse(struct parsed *parsed, const char *name, const char *const *words)
{
	*parsed = (struct parsed){};
	int argc = 0;
	while (words[argc] != nullptr) {
		parsed->argv[argc] = (char *)words[argc];
		argc++;
	}
	const struct command *command = command_called(name);
	parsed->is_good = options_parse(command->options, command->order, argc, parsed->argv,
		&parsed->options, &parsed->count, &parsed->err);
}

static void finish(struct parsed *parsed)
{
	options_finish(&parsed->options);
	vx_error_finish(&parsed->err);
}

#define PARSE(parsed, name, ...) parse(parsed, name, (const char *const[]){__VA_ARGS__, nullptr})

static void test_run_takes_options_around_the_package(void **state)
{
	struct parsed parsed;
	PARSE(&parsed, "run", "-e", "A=1", "--env=B=2", "firefox", "--gui", "--background", "--new",
		"--gui", "-e");
	assert_true(parsed.is_good);
	assert_true(parsed.options.gui && parsed.options.background);
	assert_string_equal(parsed.options.environment[0], "A=1");
	assert_string_equal(parsed.options.environment[1], "B=2");
	assert_null(parsed.options.environment[2]);
	assert_int_equal(parsed.count, 4);
	assert_string_equal(parsed.argv[0], "firefox");
	assert_string_equal(parsed.argv[1], "--new");
	assert_string_equal(parsed.argv[2], "--gui");
	assert_string_equal(parsed.argv[3], "-e");
	assert_null(parsed.argv[4]);
	finish(&parsed);
}

static void test_two_dashes_end_the_options(void **state)
{
	struct parsed parsed;
	PARSE(&parsed, "run", "foot", "--", "--gui", "--");
	assert_true(parsed.is_good);
	assert_false(parsed.options.gui);
	assert_int_equal(parsed.count, 3);
	assert_string_equal(parsed.argv[1], "--gui");
	assert_string_equal(parsed.argv[2], "--");
	finish(&parsed);
	PARSE(&parsed, "exec", "-it", "work", "--", "ls", "-l", "--");
	assert_true(parsed.options.interactive && parsed.options.terminal);
	assert_int_equal(parsed.count, 4);
	assert_string_equal(parsed.argv[1], "ls");
	assert_string_equal(parsed.argv[3], "--");
	finish(&parsed);
}

static void test_a_program_keeps_its_options(void **state)
{
	struct parsed parsed;
	PARSE(&parsed, "exec", "work", "ls", "-i", "--help");
	assert_true(parsed.is_good);
	assert_false(parsed.options.interactive || parsed.options.help);
	assert_int_equal(parsed.count, 4);
	finish(&parsed);
	PARSE(&parsed, "shell", "work", "--help");
	assert_true(parsed.is_good);
	assert_int_equal(parsed.count, 2);
	finish(&parsed);
}

static void test_other_commands_take_options_anywhere(void **state)
{
	struct parsed parsed;
	PARSE(&parsed, "stop", "a", "--kill", "b", "-q");
	assert_true(parsed.is_good && parsed.options.kill && parsed.options.quiet);
	assert_int_equal(parsed.count, 2);
	assert_string_equal(parsed.argv[1], "b");
	finish(&parsed);
}

static void test_usage_errors(void **state)
{
	static const char *const bad[][3] = {
		{"--nonsense", nullptr},
		{"-Z", nullptr},
		{"--gui=yes", nullptr},
		{"--name", nullptr},
		{"-e", nullptr},
		{"--", "--executable", nullptr},
	};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(bad); i++) {
		struct parsed parsed;
		parse(&parsed, "run", bad[i]);
		bool is_operand = strcmp(bad[i][0], "--") == 0;
		assert_int_equal(parsed.is_good, is_operand);
		if (!is_operand) {
			assert_int_equal(parsed.err.kind, VX_ERROR_USAGE);
		}
		finish(&parsed);
	}
}

/* The tables: every option is documented, no command has two of one name. */
static void test_tables_are_sound(void **state)
{
	size_t count;
	const struct command *commands = commands_table(&count);
	for (size_t i = 0; i < count; i++) {
		assert_true(i == 0 || strcmp(commands[i - 1].name, commands[i].name) < 0);
		assert_non_null(commands[i].summary);
		for (const struct option_spec *a = commands[i].options; a->name != nullptr; a++) {
			assert_non_null(a->help);
			assert_int_equal(a->operand == nullptr, a->type == OPTION_FLAG);
			for (const struct option_spec *b = a + 1; b->name != nullptr; b++) {
				assert_string_not_equal(a->name, b->name);
				assert_true(a->short_name == 0 || a->short_name != b->short_name);
			}
		}
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_run_takes_options_around_the_package),
		cmocka_unit_test(test_two_dashes_end_the_options),
		cmocka_unit_test(test_a_program_keeps_its_options),
		cmocka_unit_test(test_other_commands_take_options_anywhere),
		cmocka_unit_test(test_usage_errors),
		cmocka_unit_test(test_tables_are_sound),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
