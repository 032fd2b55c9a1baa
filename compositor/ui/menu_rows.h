/* SPDX-License-Identifier: MIT */
/* What the menu lists: VMs and their apps that fit what was typed. */
#ifndef UI_MENU_ROWS_H
#define UI_MENU_ROWS_H

#include "tree/list.h"

struct vm;
struct vm_app;
struct vms;

struct menu_row {
	struct vm *vm;            /* borrowed */
	const struct vm_app *app; /* borrowed; NULL: the VM itself */
};

struct menu_rows {
	LIST(struct menu_row) list; /* owned */
};

/*
 * Fills `rows` anew: running VMs first, then by name, each followed by its apps. Every word of
 * `filter` has to be part of a row's text (VM's name, label, app's name), in any case.
 */
void menu_rows_fill(struct menu_rows *rows, const struct vms *vms, const char *filter);
void menu_rows_finish(struct menu_rows *rows);

#endif
