/* SPDX-License-Identifier: MIT */
/* for_window, assign and no_focus: what the configuration decides for windows. */
#ifndef COMMANDS_RULES_H
#define COMMANDS_RULES_H

#include "tree/tree.h"

struct session;

/* The policy that the session's configuration (whichever is current) makes for its tree. */
struct tree_policy rules_policy(struct session *session);

#endif
