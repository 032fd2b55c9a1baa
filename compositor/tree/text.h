/* SPDX-License-Identifier: MIT */
/* A growing string. */
#ifndef TREE_TEXT_H
#define TREE_TEXT_H

#include <stddef.h>

struct text {
	char *bytes; /* owned; NULL while empty */
	size_t length, capacity;
};

void text_append(struct text *text, const char *addition);
void text_append_bytes(struct text *text, const char *addition, size_t length);
void text_append_char(struct text *text, char addition);
/* With what Pango markup would take for tags and entities escaped. */
void text_append_escaped(struct text *text, const char *addition);
/* The string, which the caller owns from now on, or NULL where nothing was appended. */
char *text_take(struct text *text);
/* The same, but "" where nothing was appended. */
char *text_take_string(struct text *text);

#endif
