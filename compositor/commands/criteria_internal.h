/* SPDX-License-Identifier: MIT */
/* Private to criteria*.c: what criteria ask for. */
#ifndef COMMANDS_CRITERIA_INTERNAL_H
#define COMMANDS_CRITERIA_INTERNAL_H

#include <stdint.h>
#include <sys/types.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "tree/view.h"

enum urgent_criterion : unsigned {
	URGENT_ANY,
	URGENT_OLDEST,
	URGENT_LATEST,
};

enum pattern_field : unsigned {
	FIELD_APP_ID,
	FIELD_TITLE,
	FIELD_CLASS,
	FIELD_INSTANCE,
	FIELD_WINDOW_ROLE,
	FIELD_SANDBOX_ENGINE,
	FIELD_SANDBOX_APP_ID,
	FIELD_SANDBOX_INSTANCE_ID,
	FIELD_TAG,
	FIELD_SHELL,
	FIELD_WORKSPACE,
	FIELD_VM,
	FIELD_CON_MARK,
	FIELD_COUNT,
};

struct pattern {
	bool is_set;
	bool is_focused;   /* __focused__: the same as the focused window's */
	pcre2_code *regex; /* owned; NULL with is_focused */
};

struct criteria {
	char *text; /* owned */
	struct pattern patterns[FIELD_COUNT];
	bool all, floating, tiling;
	bool has_con_id, has_window_type;
	size_t con_id;
	uint32_t x11_id;
	pid_t pid;
	enum view_window_type window_type;
	enum urgent_criterion urgent;
};

/* An enum pattern_field, or -1. */
int criteria_field_by_name(const char *name);

#endif
