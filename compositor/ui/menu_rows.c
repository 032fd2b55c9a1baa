/* SPDX-License-Identifier: MIT */
#include "ui/menu_rows.h"

#include <glib.h>

#include "common/memory.h"
#include "vm/vms.h"

static void clear(struct menu_rows *rows)
{
	for (int i = 0; i < rows->list.length; i++) {
		free(rows->list.items[i]);
	}
	rows->list.length = 0;
}

void menu_rows_finish(struct menu_rows *rows)
{
	clear(rows);
	list_finish(&rows->list);
}

/* Case folded, so that words compare whatever their case; owned by the caller (g_free). */
static char *fold(const char *text)
{
	char *valid = g_utf8_make_valid(text, -1);
	char *folded = g_utf8_casefold(valid, -1);
	g_free(valid);
	return folded;
}

static bool fits(const struct vm *vm, const struct vm_app *app, char *const *words)
{
	char *text = vx_printf("%s %s %s", vm->name, vm->label, app != nullptr ? app->name : "");
	char *folded = fold(text);
	bool all = true;
	for (size_t i = 0; words[i] != nullptr && all; i++) {
		all = strstr(folded, words[i]) != nullptr;
	}
	g_free(folded);
	free(text);
	return all;
}

static void add(struct menu_rows *rows, struct vm *vm, const struct vm_app *app)
{
	struct menu_row *row = vx_new(row);
	row->vm = vm;
	row->app = app;
	list_append(&rows->list, row);
}

static void add_vm(struct menu_rows *rows, struct vm *vm, char *const *words)
{
	if (fits(vm, nullptr, words)) {
		add(rows, vm, nullptr);
	}
	for (int i = 0; i < vm->apps.length; i++) {
		if (fits(vm, vm->apps.items[i], words)) {
			add(rows, vm, vm->apps.items[i]);
		}
	}
}

static bool is_up(const struct vm *vm)
{
	return vm->state == VM_RUNNING || vm->state == VM_STARTING || vm->state == VM_PAUSED;
}

void menu_rows_fill(struct menu_rows *rows, const struct vms *vms, const char *filter)
{
	clear(rows);
	char *folded = fold(filter);
	char **words = g_strsplit_set(folded, " \t", -1);
	for (int pass = 0; pass < 2; pass++) {
		struct vm *vm;
		wl_list_for_each (vm, &vms->list, link) {
			if (vm->published && is_up(vm) == (pass == 0)) {
				add_vm(rows, vm, words);
			}
		}
	}
	g_strfreev(words);
	g_free(folded);
}
