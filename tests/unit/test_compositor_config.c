/* SPDX-License-Identifier: MIT */
/* The configuration language, criteria, bindings and the table of commands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include <cmocka.h>

#include "commands/config_reader.h"
#include "commands/criteria.h"
#include "common/error.h"
#include "compositor_fixture.h"
#include "config/bar.h"
#include "config/rules.h"

static void commands_are_sorted_and_unique(void **state)
{
	(void)state;
	for (size_t i = 1; command_at(i); i++) {
		assert_true(strcasecmp(command_at(i - 1)->name, command_at(i)->name) < 0);
		unsigned where = command_at(i)->flags & COMMAND_ANYWHERE;
		assert_ptr_equal(command_find(command_at(i)->name, where == COMMAND_IN_CONFIG),
			command_at(i));
	}
	assert_non_null(command_find("BINDSYM", true));
	assert_null(command_find("move", true));
	assert_null(command_find("include", false));
}

static void assert_words(const char *text, int count, const char *first, const char *last)
{
	struct words words = words_split(text);
	assert_int_equal(words.count, count);
	if (count > 0) {
		assert_string_equal(words.items[0], first);
		assert_string_equal(words.items[count - 1], last);
	}
	words_finish(&words);
}

static void words_split_outside_of_quotes_and_brackets(void **state)
{
	(void)state;
	assert_words("", 0, nullptr, nullptr);
	assert_words("  \t ", 0, nullptr, nullptr);
	assert_words("a b", 2, "a", "b");
	assert_words("exec \"a b\" 'c d'", 3, "exec", "'c d'");
	assert_words("for_window [title=\"a b\" class=c] move left", 4, "for_window", "left");
	assert_words("a\\ b", 1, "a\\ b", "a\\ b");
	assert_words("\"open", 1, "\"open", "\"open");
}

static void words_lose_quotes_and_escapes(void **state)
{
	(void)state;
	char quoted[] = "\"it's\"";
	word_strip_quotes(quoted);
	assert_string_equal(quoted, "it's");
	char escaped[] = "a\\nb\\\\c\\x41\\";
	word_unescape(escaped);
	assert_string_equal(escaped, "a\nb\\cA\\");
	char blank[] = "   ";
	word_strip_space(blank);
	assert_string_equal(blank, "");
}

static void values_are_as_sway_has_them(void **state)
{
	(void)state;
	assert_true(word_as_boolean("Yes", false));
	assert_false(word_as_boolean("maybe", true));
	assert_true(word_as_boolean("toggle", false));
	uint32_t color;
	assert_true(word_as_color("#123456", &color) && color == 0x123456ff);
	assert_false(word_as_color("#12345", &color));
	assert_false(word_as_color("#12345g", &color));
	char *items[] = {(char *)"10", (char *)"ppt", (char *)"20px", nullptr};
	struct args args = {items, 3};
	struct amount amount = args_take_amount(&args);
	assert_true(amount.value == 10 && amount.unit == AMOUNT_PPT);
	amount = args_take_amount(&args);
	assert_true(amount.value == 20 && amount.unit == AMOUNT_PX && args.count == 0);
}

static void variables_are_replaced_longest_first(void **state)
{
	(void)state;
	struct config *config = config_create();
	config_set_variable(config, "$a", "short");
	config_set_variable(config, "$abc", "long");
	char *text = config_expand_variables(config, "$a $abc $abd $$a $b \\$a");
	assert_string_equal(text, "short long shortbd $a $b \\$a");
	free(text);
	config_destroy(config);
}

static void a_bad_line_does_not_spoil_the_rest(void **state)
{
	(void)state;
	struct compositor *compositor = compositor_create("gaps inner 7\n"
							  "no_such_thing 1\n"
							  "default_border pixel 4\n"
							  "move left\n"
							  "mode \"m\" {\n"
							  "  bindsym x nop\n"
							  "  bindsym nosuchkey nop\n"
							  "}\n"
							  "set $x \\\n"
							  "   42\n"
							  "}\n");
	const struct config *config = compositor->session.config;
	assert_int_equal(config->options.gaps_inner, 7);
	assert_int_equal(config->options.border_thickness, 4);
	assert_int_equal(config->errors.length, 4);
	assert_int_equal(config->errors.items[0]->line, 2);
	assert_string_equal(config->errors.items[0]->text, "no_such_thing 1");
	assert_int_equal(config->errors.items[2]->line, 7);
	assert_int_equal(config_find_mode(config, "m")->keysyms.list.length, 1);
	assert_string_equal(config->variables.items[0]->value, "42");
	assert_non_null(strstr(compositor->last_errors, "test.config:2:"));
	compositor_destroy(compositor);
}

static void blocks_nest_and_braces_may_stand_alone(void **state)
{
	(void)state;
	struct compositor *compositor = compositor_create("bar\n"
							  "{\n"
							  "  position top\n"
							  "  colors {\n"
							  "    background #000000\n"
							  "  }\n"
							  "}\n"
							  "bar {\n"
							  "  id second\n"
							  "}\n"
							  "input type:keyboard {\n"
							  "  xkb_layout de\n"
							  "}\n"
							  "output * bg #112233 solid_color\n");
	const struct config *config = compositor->session.config;
	assert_int_equal(config->errors.length, 0);
	assert_int_equal(config->bars.length, 2);
	assert_string_equal(config->bars.items[0]->position, "top");
	assert_string_equal(config->bars.items[1]->id, "second");
	struct input_config *input = config_input_for(config, "1:1:Some", "keyboard");
	assert_string_equal(input->xkb_layout, "de");
	assert_int_equal(input->tap, unset);
	input_config_destroy(input);
	struct output_config *output = config_output_for(config, "OUT-1", "x y z");
	assert_string_equal(output->background, "#112233");
	output_config_destroy(output);
	compositor_destroy(compositor);
}

static void a_hidden_bar_comes_by_its_modifier(void **state)
{
	(void)state;
	struct compositor *compositor = compositor_create(
		"bar {\nmode hide\nmodifier Mod4+Shift\n}\nbar {\nmode dock\n}\n");
	const struct config *config = compositor->session.config;
	assert_int_equal(config->errors.length, 0);
	struct bar_config *hidden = config->bars.items[0], *docked = config->bars.items[1];
	uint32_t shift = modifier_by_name("Shift", 5), logo = modifier_by_name("Mod4", 4);
	assert_false(bar_config_take_modifiers(hidden, 0));
	assert_false(bar_config_take_modifiers(hidden, shift));
	assert_false(hidden->visible_by_modifier);
	assert_true(bar_config_take_modifiers(hidden, shift | logo));
	assert_true(hidden->visible_by_modifier);
	assert_false(bar_config_take_modifiers(hidden, shift | logo));
	assert_true(bar_config_take_modifiers(hidden, logo));
	assert_false(hidden->visible_by_modifier);
	assert_false(bar_config_take_modifiers(docked, logo));
	compositor_destroy(compositor);
}

static void commands_wait_until_start(void **state)
{
	(void)state;
	struct compositor *compositor = compositor_create(
		"workspace 9\nexec true one 'two'\nexec_always again\n");
	assert_string_equal(tree_seat_focused_workspace(compositor->seat)->name, "9");
	assert_string_equal(compositor->last_exec, "again");
	compositor_destroy(compositor);
}

static void rules_place_and_treat_windows(void **state)
{
	(void)state;
	struct compositor *compositor = compositor_create("for_window [app_id=^f$] floating "
							  "enable, mark it\n"
							  "assign [app_id=w] workspace number 4\n"
							  "no_focus [title=quiet]\n");
	struct fake_window *plain = compositor_open(compositor, "plain");
	struct fake_window *f = compositor_open(compositor, "f");
	assert_true(container_is_floating(f->view.container));
	assert_true(container_has_mark(f->view.container, "it"));
	assert_false(container_is_floating(plain->view.container));
	struct fake_window *w = compositor_open(compositor, "w");
	assert_string_equal(w->view.container->pending.workspace->name, "4");
	compositor_open(compositor, "quiet");
	assert_ptr_equal(tree_seat_focused_container(compositor->seat), f->view.container);
	compositor_destroy(compositor);
}

static void assert_criteria(struct compositor *compositor, const char *text, const char *error)
{
	vx_cleanup_error struct vx_error err = {};
	size_t length = 0;
	struct criteria *criteria = criteria_parse(text, compositor->tree, &length, &err);
	if (error) {
		assert_null(criteria);
		assert_non_null(strstr(vx_error_message(&err), error));
	} else {
		assert_non_null(criteria);
		assert_int_equal(length, strlen(criteria_text(criteria)));
	}
	criteria_destroy(criteria);
}

static void criteria_errors_are_told(void **state)
{
	(void)state;
	struct compositor *compositor = compositor_create(nullptr);
	assert_criteria(compositor, "[app_id=x] rest", nullptr);
	assert_criteria(compositor, "[ title=\"a \\\" b\" floating ]", nullptr);
	assert_criteria(compositor, "[]", "empty");
	assert_criteria(compositor, "[app_id=x", "No closing brace");
	assert_criteria(compositor, "[app_id=\"x", "Quote mismatch");
	assert_criteria(compositor, "[nope=x]", "not recognized");
	assert_criteria(compositor, "[app_id]", "requires a value");
	assert_criteria(compositor, "[app_id=\"(\"]", "Regex compilation");
	assert_criteria(compositor, "[con_id=x]", "numeric");
	assert_criteria(compositor, "[urgent=soon]", "must be");
	compositor_destroy(compositor);
}

static void criteria_know_vms(void **state)
{
	(void)state;
	struct compositor *compositor = compositor_create(nullptr);
	struct fake_window *a = compositor_open(compositor, "a");
	struct fake_window *b = compositor_open(compositor, "b");
	strcpy(b->vm, "work");
	assert_true(compositor_run(compositor, "[vm=^work$] mark it"));
	assert_true(container_has_mark(b->view.container, "it"));
	assert_false(container_has_mark(a->view.container, "it"));
	assert_int_equal(compositor_status(compositor, "[vm=other] nop", nullptr), COMMAND_FAILURE);
	compositor_destroy(compositor);
}

/* A pattern that backtracks for ever must not stop the compositor. */
static void hostile_titles_do_not_hang_patterns(void **state)
{
	(void)state;
	struct compositor *compositor = compositor_create(nullptr);
	struct fake_window *a = compositor_open(compositor, "a");
	memset(a->title, 'a', sizeof(a->title) - 2);
	a->title[sizeof(a->title) - 2] = '!';
	assert_false(compositor_run(compositor, "[title=\"^(a+)+$\"] nop"));
	compositor_destroy(compositor);
}

static void lists_stop_at_parse_errors_only(void **state)
{
	(void)state;
	struct compositor *compositor = compositor_create(nullptr);
	compositor_open(compositor, "a");
	struct command_results results;
	commands_run(&compositor->session, "scratchpad show; nop", nullptr, nullptr, &results);
	assert_int_equal(results.length, 1);
	assert_int_equal(results.items[0].status, COMMAND_INVALID);
	command_results_finish(&results);
	commands_run(&compositor->session, "[app_id=none] nop; nop 'a;b', nop", nullptr, nullptr,
		&results);
	assert_int_equal(results.length, 3);
	assert_int_equal(results.items[0].status, COMMAND_FAILURE);
	assert_string_equal(results.items[0].error, "No matching node.");
	assert_int_equal(results.items[2].status, COMMAND_SUCCESS);
	command_results_finish(&results);
	compositor_destroy(compositor);
}

/* --- Bindings --- */

static const struct binding *find_key(struct compositor *compositor, const char *key,
	uint32_t modifiers, bool locked, const char *input)
{
	uint32_t keysym = xkb_keysym_from_name(key, XKB_KEYSYM_NO_FLAGS);
	struct binding_query query = {
		.keys = &keysym,
		.key_count = 1,
		.current_key = keysym,
		.modifiers = modifiers,
		.locked = locked,
		.input = input,
		.group = 0,
	};
	return binding_find(&compositor->session.config->current_mode->keysyms, &query, nullptr);
}

static void bindings_prefer_device_and_lock(void **state)
{
	(void)state;
	struct compositor *compositor = compositor_create(
		"bindsym Mod4+x nop one\n"
		"bindsym --input-device=1:1:k Mod4+x nop two\n"
		"bindsym --locked y nop three\n"
		"bindsym z nop four\n"
		"bindsym z nop five\n");
	static constexpr uint32_t logo = 1 << 6;
	assert_string_equal(find_key(compositor, "x", logo, false, "any")->command, "nop one");
	assert_string_equal(find_key(compositor, "x", logo, false, "1:1:k")->command, "nop two");
	assert_null(find_key(compositor, "x", 0, false, "any"));
	assert_null(find_key(compositor, "x", logo, true, "any"));
	assert_string_equal(find_key(compositor, "y", 0, true, "any")->command, "nop three");
	assert_string_equal(find_key(compositor, "z", 0, false, "any")->command, "nop five");
	assert_true(compositor_run(compositor, "unbindsym z"));
	assert_null(find_key(compositor, "z", 0, false, "any"));
	compositor_destroy(compositor);
}

static void bindings_become_codes(void **state)
{
	(void)state;
	struct compositor *compositor = compositor_create(
		"input * xkb_layout us\nbindsym --to-code Mod4+q kill\n");
	const struct binding_mode *mode = compositor->session.config->current_mode;
	assert_int_equal(mode->keysyms.list.length, 0);
	assert_int_equal(mode->keycodes.list.length, 1);
	assert_int_equal(mode->keycodes.list.items[0]->keys[0], 24);
	compositor_destroy(compositor);
}

static void switches_are_bound(void **state)
{
	(void)state;
	struct compositor *compositor = compositor_create("bindswitch --locked lid:on nop lid\n");
	const struct config *config = compositor->session.config;
	assert_int_equal(config->errors.length, 0);
	const struct binding_mode *mode = config->current_mode;
	assert_non_null(binding_find_switch(mode, BINDING_SWITCH_LID, BINDING_SWITCH_ON, true));
	assert_null(binding_find_switch(mode, BINDING_SWITCH_LID, BINDING_SWITCH_OFF, false));
	compositor_destroy(compositor);
}

static void reload_forgets_and_keeps_windows(void **state)
{
	(void)state;
	struct compositor *compositor = compositor_create("bindsym x nop\nset $v 1\n");
	compositor_open(compositor, "a");
	char path[] = "/tmp/vixos-test-config-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0);
	static const char text[] = "default_border none\n";
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	compositor->session.config_path = path;
	vx_replace_string(&compositor->session.config->path, path);
	assert_true(compositor_run(compositor, "reload"));
	assert_non_null(compositor->later);
	compositor->later(compositor->later_data);
	unlink(path);
	const struct config *config = compositor->session.config;
	assert_int_equal(config->current_mode->keysyms.list.length, 0);
	assert_int_equal(config->variables.length, 0);
	assert_int_equal(config->options.border, BORDER_NONE);
	assert_ptr_equal(compositor->tree->options, &config->options);
	assert_string_equal(compositor_shape(compositor), "H[a]");
	compositor_destroy(compositor);
}

static void the_shipped_configuration_has_no_errors(void **state)
{
	(void)state;
	struct compositor *compositor = compositor_create(nullptr);
	vx_cleanup_error struct vx_error err = {};
	assert_true(config_read(&compositor->session, DEFAULT_CONFIG, &err));
	char *errors = config_format_errors(compositor->session.config);
	assert_string_equal(errors, "");
	free(errors);
	compositor_destroy(compositor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_are_sorted_and_unique),
		cmocka_unit_test(words_split_outside_of_quotes_and_brackets),
		cmocka_unit_test(words_lose_quotes_and_escapes),
		cmocka_unit_test(values_are_as_sway_has_them),
		cmocka_unit_test(variables_are_replaced_longest_first),
		cmocka_unit_test(a_bad_line_does_not_spoil_the_rest),
		cmocka_unit_test(blocks_nest_and_braces_may_stand_alone),
		cmocka_unit_test(a_hidden_bar_comes_by_its_modifier),
		cmocka_unit_test(commands_wait_until_start),
		cmocka_unit_test(rules_place_and_treat_windows),
		cmocka_unit_test(criteria_errors_are_told),
		cmocka_unit_test(criteria_know_vms),
		cmocka_unit_test(hostile_titles_do_not_hang_patterns),
		cmocka_unit_test(lists_stop_at_parse_errors_only),
		cmocka_unit_test(bindings_prefer_device_and_lock),
		cmocka_unit_test(bindings_become_codes),
		cmocka_unit_test(switches_are_bound),
		cmocka_unit_test(reload_forgets_and_keeps_windows),
		cmocka_unit_test(the_shipped_configuration_has_no_errors),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
