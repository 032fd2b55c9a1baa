/* SPDX-License-Identifier: MIT */
/* What the menu lists, and the colours of VMs that have none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/memory.h"
#include "ui/menu_rows.h"
#include "vm/palette.h"
#include "vm/vms.h"

/* ---- colours ---- */

static unsigned distance(uint32_t a, uint32_t b)
{
	unsigned sum = 0;
	for (unsigned shift = 0; shift < 24; shift += 8) {
		int difference = (int)(a >> shift & 0xff) - (int)(b >> shift & 0xff);
		sum += (unsigned)abs(difference);
	}
	return sum;
}

static void test_colours_can_be_told_apart(void **state)
{
	for (unsigned i = 0; i < palette_size; i++) {
		assert_true(palette_color(i) <= 0xffffff);
		assert_true(distance(palette_color(i), palette_sandbox >> 8) > 60);
		for (unsigned k = 0; k < i; k++) {
			assert_true(distance(palette_color(i), palette_color(k)) > 60);
		}
	}
	assert_int_equal(palette_color(palette_size), palette_color(0));
	assert_int_equal(palette_color(UINT32_MAX), palette_color(UINT32_MAX % palette_size));
}

static void test_a_name_has_one_colour(void **state)
{
	bool seen[palette_size] = {};
	char name[16];
	for (unsigned i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "vm%u", i);
		unsigned index = palette_index(name);
		assert_true(index < palette_size);
		assert_int_equal(index, palette_index(name));
		seen[index] = true;
	}
	for (unsigned i = 0; i < palette_size; i++) {
		assert_true(seen[i]);
	}
	assert_true(palette_index("") < palette_size);
	assert_true(palette_index("\xff\x80\x01") < palette_size);
}

/* ---- rows ---- */

struct fixture {
	struct vms vms;
	struct menu_rows rows;
};

static void add_app(struct vm *vm, const char *id, const char *name)
{
	struct vm_app *app = vx_new(app);
	app->id = vx_strdup(id);
	app->name = vx_strdup(name);
	app->icon = vx_strdup("");
	list_append(&vm->apps, app);
}

static struct vm *publish(struct fixture *fixture, const char *name, enum vm_state state)
{
	struct vm *vm = vms_get(&fixture->vms, name);
	assert_non_null(vm);
	vm->published = true;
	vm->state = state;
	return vm;
}

static int set_up(void **state)
{
	struct fixture *fixture = vx_new(fixture);
	vms_init(&fixture->vms);
	struct vm *work = publish(fixture, "work", VM_RUNNING);
	vm_set_label(work, "Büro");
	add_app(work, "mail", "Mail and Calendar");
	add_app(work, "writer", "Écriture");
	publish(fixture, "bank", VM_STOPPED);
	publish(fixture, "play", VM_PAUSED);
	publish(fixture, "attic", VM_FAILED);
	assert_non_null(vms_get(&fixture->vms, "seen")); /* the tag of a client, no more */
	*state = fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;
	menu_rows_finish(&fixture->rows);
	vms_finish(&fixture->vms);
	free(fixture);
	return 0;
}

/* "play work work/mail": names, and ids of apps. */
static void assert_rows(struct fixture *fixture, const char *filter, const char *wanted)
{
	char text[512] = "";
	size_t length = 0;
	menu_rows_fill(&fixture->rows, &fixture->vms, filter);
	for (int i = 0; i < fixture->rows.list.length; i++) {
		const struct menu_row *row = fixture->rows.list.items[i];
		length += (size_t)snprintf(text + length, sizeof(text) - length, "%s%s%s%s",
			i > 0 ? " " : "", row->vm->name, row->app != nullptr ? "/" : "",
			row->app != nullptr ? row->app->id : "");
	}
	assert_string_equal(text, wanted);
}

static void test_what_runs_comes_first(void **state)
{
	struct fixture *fixture = *state;
	assert_rows(fixture, "", "play work work/mail work/writer attic bank");
	vms_find(&fixture->vms, "bank")->state = VM_STARTING;
	assert_rows(fixture, "", "bank play work work/mail work/writer attic");
	vm_unpublish(vms_find(&fixture->vms, "work"));
	assert_rows(fixture, "", "bank play attic");
}

static void test_every_word_must_fit(void **state)
{
	struct fixture *fixture = *state;
	assert_rows(fixture, "work", "work work/mail work/writer");
	assert_rows(fixture, "mail", "work/mail");
	assert_rows(fixture, "cal work", "work/mail");
	assert_rows(fixture, " \tcal\tbür  ", "work/mail");
	assert_rows(fixture, "mail bank", "");
	assert_rows(fixture, "a", "play work/mail attic bank");
}

static void test_case_does_not_matter(void **state)
{
	struct fixture *fixture = *state;
	assert_rows(fixture, "MAIL", "work/mail");
	assert_rows(fixture, "BÜRO é", "work/writer");
	assert_rows(fixture, "PLAY", "play");
}

static void test_odd_filters(void **state)
{
	struct fixture *fixture = *state;
	char long_word[4096];
	memset(long_word, 'x', sizeof(long_word) - 1);
	long_word[sizeof(long_word) - 1] = '\0';
	assert_rows(fixture, long_word, "");
	assert_rows(fixture, "\xff\xfe", "");
	assert_rows(fixture, "%s.*[", "");
}

#define ROWS_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_colours_can_be_told_apart),
		cmocka_unit_test(test_a_name_has_one_colour),
		ROWS_TEST(test_what_runs_comes_first),
		ROWS_TEST(test_every_word_must_fit),
		ROWS_TEST(test_case_does_not_matter),
		ROWS_TEST(test_odd_filters),
	};
	return cmocka_run_group_tests(tests, nullptr, nullptr);
}
