/* SPDX-License-Identifier: MIT */
/* "[app_id=foo title=\"^x\" floating]": which windows and containers are meant. */
#ifndef COMMANDS_CRITERIA_H
#define COMMANDS_CRITERIA_H

#include <stddef.h>

struct container;
struct criteria;
struct tree;
struct view;
struct vx_error;

/*
 * Parses what begins with "[" in `text`; `*ret_length` (may be NULL) is what it took.
 * con_id=__focused__ is the container that has the focus in `tree` now. Owned by the caller.
 */
[[nodiscard]] struct criteria *criteria_parse(
	const char *text, struct tree *tree, size_t *ret_length, struct vx_error *err);
void criteria_destroy(struct criteria *criteria);

/* The text from bracket to bracket; borrowed. */
const char *criteria_text(const struct criteria *criteria);

bool criteria_match_view(const struct criteria *criteria, struct view *view);
/* Visits matching containers in the order of the tree; splits match by con_mark and con_id only. */
void criteria_for_each_match(const struct criteria *criteria, struct tree *tree,
	void (*visit)(struct container *con, void *data), void *data);

#endif
