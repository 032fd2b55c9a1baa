/* SPDX-License-Identifier: MIT */
#include "tree/text.h"

#include <string.h>

#include "common/memory.h"

void text_append_bytes(struct text *text, const char *addition, size_t length)
{
	if (text->length + length + 1 > text->capacity) {
		text->capacity = (text->length + length + 1) * 2;
		text->bytes = vx_reallocarray(text->bytes, text->capacity, 1);
	}
	memcpy(text->bytes + text->length, addition, length);
	text->length += length;
	text->bytes[text->length] = '\0';
}

void text_append(struct text *text, const char *addition)
{
	text_append_bytes(text, addition, strlen(addition));
}

void text_append_char(struct text *text, char addition)
{
	text_append_bytes(text, &addition, 1);
}

static const char *entity_for(char byte)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '\'':
		return "&apos;";
	case '"':
		return "&quot;";
	default:
		return nullptr;
	}
}

void text_append_escaped(struct text *text, const char *addition)
{
	for (; *addition; addition++) {
		const char *entity = entity_for(*addition);
		if (entity) {
			text_append(text, entity);
		} else {
			text_append_char(text, *addition);
		}
	}
}

char *text_take(struct text *text)
{
	char *bytes = vx_take_ptr(text->bytes);
	text->length = text->capacity = 0;
	return bytes;
}

char *text_take_string(struct text *text)
{
	char *string = text_take(text);
	return string ? string : vx_strdup("");
}
