/* SPDX-License-Identifier: MIT */
/* for_window, assign and no_focus. */
#ifndef CONFIG_RULES_H
#define CONFIG_RULES_H

struct criteria;

enum rule_type : unsigned {
	RULE_COMMAND, /* for_window */
	RULE_ASSIGN_OUTPUT,
	RULE_ASSIGN_WORKSPACE,
	RULE_ASSIGN_WORKSPACE_NUMBER,
	RULE_NO_FOCUS,
};

struct rule {
	enum rule_type type;
	struct criteria *criteria; /* owned */
	char *target;              /* owned: commands, an output, a workspace; NULL for no_focus */
};

void rule_destroy(struct rule *rule);

#endif
