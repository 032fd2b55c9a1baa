/* SPDX-License-Identifier: MIT */
#include "commands/words.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/memory.h"
#include "tree/node.h"
#include "tree/text.h"

static const char white_space[] = " \f\n\r\t\v";

/* What a byte means depends on quotes, brackets and backslashes before it. */
struct scanner {
	bool in_double, in_single, in_brackets, is_escaped;
};

/* Takes one byte in; true where it stands by itself: not quoted, escaped or (with `brackets`) in
 * []. */
static bool scanner_feed(struct scanner *scanner, char byte, bool brackets)
{
	if (byte == '\\') {
		scanner->is_escaped = !scanner->is_escaped;
		return false;
	}
	bool was_escaped = scanner->is_escaped;
	scanner->is_escaped = false;
	if (was_escaped) {
		return false;
	}
	if (byte == '"' && !scanner->in_single) {
		scanner->in_double = !scanner->in_double;
		return false;
	}
	if (byte == '\'' && !scanner->in_double) {
		scanner->in_single = !scanner->in_single;
		return false;
	}
	if (scanner->in_double || scanner->in_single) {
		return false;
	}
	if (brackets && (byte == '[' || byte == ']')) {
		scanner->in_brackets = byte == '[';
		return false;
	}
	return !scanner->in_brackets;
}

static void words_append(struct words *words, char *word)
{
	size_t count = (size_t)words->count;
	/* Grows at powers of two: there is room for a power of two of words and the NULL. */
	if (count == 0 || (count & (count - 1)) == 0) {
		words->items = vx_reallocarray(
			words->items, count * 2 + 2, sizeof(words->items[0]));
	}
	words->items[words->count++] = word;
	words->items[words->count] = nullptr;
}

struct words words_split(const char *text)
{
	struct words words = {.items = vx_calloc(1, sizeof(char *))};
	while (text && *text) {
		text += strspn(text, white_space);
		struct scanner scanner = {};
		const char *end = text;
		while (*end && !(scanner_feed(&scanner, *end, true) && strchr(white_space, *end))) {
			end++;
		}
		if (end > text) {
			words_append(&words, vx_strndup(text, (size_t)(end - text)));
		}
		text = end;
	}
	return words;
}

void words_set(struct words *words, int index, char *owned_word)
{
	free(words->items[index]);
	words->items[index] = owned_word;
}

void words_finish(struct words *words)
{
	for (int i = 0; i < words->count; i++) {
		free(words->items[i]);
	}
	free(words->items);
	*words = (struct words){};
}

void word_strip_quotes(char *word)
{
	char *to = word;
	bool in_double = false, in_single = false, is_escaped = false;
	for (; *word; word++) {
		if (*word == '\'' && !in_double && !is_escaped) {
			in_single = !in_single;
			continue;
		}
		if (*word == '"' && !in_single && !is_escaped) {
			in_double = !in_double;
			continue;
		}
		is_escaped = *word == '\\' && !is_escaped;
		*to++ = *word;
	}
	*to = '\0';
}

static int hex_digit(char digit)
{
	return isdigit((unsigned char)digit) ? digit - '0' : -1;
}

/* \x takes up to two decimal digits as hexadecimal, as sway's config files have it. */
static char unescape_hex(char **text)
{
	int value = 0;
	for (int i = 0; i < 2 && hex_digit((*text)[1]) >= 0; i++) {
		value = value * 16 + hex_digit((*text)[1]);
		(*text)++;
	}
	return (char)value;
}

void word_unescape(char *word)
{
	static const char letters[] = "abfnrtv\\'\"?";
	static const char meanings[] = "\a\b\f\n\r\t\v\\'\"?";
	char *to = word;
	for (; *word; word++) {
		const char *letter = nullptr;
		if (*word == '\\' && word[1] == '0') {
			break;
		}
		if (*word == '\\' && word[1] == 'x') {
			word++;
			*to++ = unescape_hex(&word);
		} else if (*word == '\\' && word[1] && (letter = strchr(letters, word[1]))) {
			*to++ = meanings[letter - letters];
			word++;
		} else {
			*to++ = *word;
		}
	}
	*to = '\0';
}

void word_strip_space(char *text)
{
	size_t start = strspn(text, white_space), length = strlen(text);
	while (length > start && strchr(white_space, text[length - 1])) {
		length--;
	}
	memmove(text, text + start, length - start);
	text[length - start] = '\0';
}

char *command_cut_at(char **text, const char *separators, char *ret_separator)
{
	char *start = *text;
	struct scanner scanner = {};
	for (char *end = start; *end; end++) {
		if (!scanner_feed(&scanner, *end, false) || !strchr(separators, *end)) {
			continue;
		}
		*ret_separator = *end;
		if (end > start) {
			*end = '\0';
			*text = end + 1;
			return start;
		}
		start++;
	}
	*ret_separator = '\0';
	*text = nullptr;
	return start;
}

char *command_cut(char **text, char *ret_separator)
{
	return command_cut_at(text, ";,", ret_separator);
}

bool args_is(struct args args, int index, const char *word)
{
	return index < args.count && strcasecmp(args.items[index], word) == 0;
}

char *args_join(struct args args)
{
	struct text text = {};
	for (int i = 0; i < args.count; i++) {
		if (i > 0) {
			text_append_char(&text, ' ');
		}
		text_append(&text, args.items[i]);
	}
	return text_take_string(&text);
}

bool word_as_boolean(const char *word, bool current)
{
	static const char *const yes[] = {
		"1", "yes", "on", "true", "enable", "enabled", "active", nullptr};
	if (strcasecmp(word, "toggle") == 0) {
		return !current;
	}
	return word_index(word, yes) >= 0;
}

bool word_as_int(const char *word, int *ret_value)
{
	char *end;
	errno = 0;
	long value = strtol(word, &end, 10);
	if (*end || end == word || errno || value != (int)value) {
		return false;
	}
	*ret_value = (int)value;
	return true;
}

float word_as_float(const char *word)
{
	char *end;
	errno = 0;
	float value = strtof(word, &end);
	return *end || end == word || errno ? NAN : value;
}

bool word_as_color(const char *word, uint32_t *ret_color)
{
	if (*word == '#') {
		word++;
	}
	size_t length = strlen(word);
	if ((length != 6 && length != 8) || strspn(word, "0123456789abcdefABCDEF") != length) {
		return false;
	}
	uint32_t value = (uint32_t)strtoul(word, nullptr, 16);
	*ret_color = length == 6 ? value << 8 | 0xff : value;
	return true;
}

int word_index(const char *word, const char *const *table)
{
	for (int i = 0; table[i]; i++) {
		if (strcasecmp(word, table[i]) == 0) {
			return i;
		}
	}
	return -1;
}

static enum amount_unit unit_of(const char *word)
{
	static const char *const units[] = {"", "px", "ppt", "default", nullptr};
	int index = word_index(word, units);
	return index > 0 ? (enum amount_unit)index : AMOUNT_INVALID;
}

struct amount args_take_amount(struct args *args)
{
	char *end;
	struct amount amount = {.value = pixels_from((double)strtol(args->items[0], &end, 10))};
	*args = args_skip(*args, 1);
	if (*end) {
		amount.unit = unit_of(end);
		return amount;
	}
	amount.unit = args->count > 0 ? unit_of(args->items[0]) : AMOUNT_INVALID;
	if (amount.unit == AMOUNT_INVALID) {
		amount.unit = AMOUNT_DEFAULT;
	} else {
		*args = args_skip(*args, 1);
	}
	return amount;
}
