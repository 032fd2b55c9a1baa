/* SPDX-License-Identifier: MIT */
/* Words of a command: splitting, quotes, and the values that words can be. */
#ifndef COMMANDS_WORDS_H
#define COMMANDS_WORDS_H

#include <stddef.h>
#include <stdint.h>

/* Words of one command. */
struct words {
	char **items; /* owned strings, with a NULL behind the last */
	int count;
};

/* Splits at white space outside of quotes and brackets; quotes stay. */
struct words words_split(const char *text);
void words_finish(struct words *words);
void words_set(struct words *words, int index, char *owned_word);

/* Removes quotes that are not escaped. */
void word_strip_quotes(char *word);
/* \n, \t, \\, \", \x and so on become what they mean. */
void word_unescape(char *word);
void word_strip_space(char *text);

/*
 * Cuts the next command out of `*text` (which is changed) at one of `;` and `,`, and moves `*text`
 * behind it, or to NULL at the end. `*ret_separator` is what ended it ('\0' at the end).
 */
char *command_cut(char **text, char *ret_separator);
/* The same at any of `separators`, which may be a set of bytes. */
char *command_cut_at(char **text, const char *separators, char *ret_separator);

/* A view of words: handlers take them off the front. */
struct args {
	char **items; /* borrowed */
	int count;
};

static inline struct args args_skip(struct args args, int count)
{
	return (struct args){args.items + count, args.count - count};
}

/* Is the word at `index` there and this one (without regard to case)? */
bool args_is(struct args args, int index, const char *word);
/* All words with a blank between; owned by the caller. */
char *args_join(struct args args);

/* sway's: yes, on, true, enable…; "toggle" gives !current; all else is false. */
bool word_as_boolean(const char *word, bool current);
bool word_as_int(const char *word, int *ret_value);
/* NAN where it is not a number. */
float word_as_float(const char *word);
/* "#rrggbb[aa]" as 0xRRGGBBAA. */
bool word_as_color(const char *word, uint32_t *ret_color);

/* Index of `word` in a NULL-terminated table, without regard to case; -1 where it is not there. */
int word_index(const char *word, const char *const *table);

enum amount_unit : unsigned {
	AMOUNT_INVALID,
	AMOUNT_PX,
	AMOUNT_PPT,
	AMOUNT_DEFAULT,
};

struct amount {
	int value;
	enum amount_unit unit;
};

/* "10", "10px", "10 ppt"; takes the words off `args`, which has at least one. */
struct amount args_take_amount(struct args *args);

#endif
