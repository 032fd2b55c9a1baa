/* SPDX-License-Identifier: MIT */
#include "vm/firewall_edit.h"

#include <string.h>

#include "common/memory.h"

/* The words after the verb. */
struct edit {
	struct vm_firewall *firewall;
	const char *const *words;
	size_t count;
};

/* A rule's number, from 1 to `max`; the result counts from 0. */
static bool parse_number(const char *text, size_t max, size_t *ret_index, struct vx_error *err)
{
	size_t number = 0;
	for (const char *c = text; *c != '\0' && number <= max; c++) {
		if (*c < '0' || *c > '9') {
			number = 0;
			break;
		}
		number = number * 10 + (size_t)(*c - '0');
	}
	if (number == 0 || number > max) {
		return vx_error_set_kind(err, VX_ERROR_USAGE, "there is no rule number '%s'", text);
	}
	*ret_index = number - 1;
	return true;
}

static bool insert(struct edit *edit, size_t at, size_t skipped, struct vx_error *err)
{
	struct vm_firewall_rule rule;
	if (!vm_firewall_rule_parse(&rule, edit->words + skipped, edit->count - skipped, err)) {
		return false;
	}
	bool good = vm_firewall_insert(edit->firewall, &rule, at, err);
	vm_firewall_rule_finish(&rule);
	return good;
}

static bool edit_add(struct edit *edit, struct vx_error *err)
{
	return insert(edit, edit->firewall->rule_count, 0, err);
}

static bool edit_insert(struct edit *edit, struct vx_error *err)
{
	size_t at = 0;
	return parse_number(edit->words[0], edit->firewall->rule_count + 1, &at, err) &&
	       insert(edit, at, 1, err);
}

/* The index of the first rule that says the same; the count where there is none. */
static size_t find_equal(const struct vm_firewall *firewall, const struct vm_firewall_rule *rule)
{
	vx_cleanup_free char *wanted = vm_firewall_rule_format(rule);
	for (size_t i = 0; i < firewall->rule_count; i++) {
		vx_cleanup_free char *text = vm_firewall_rule_format(&firewall->rules[i]);
		if (strcmp(text, wanted) == 0) {
			return i;
		}
	}
	return firewall->rule_count;
}

/* Which rule is meant: by its number, or by what it says. */
static bool find_rule(const struct edit *edit, size_t *ret_index, struct vx_error *err)
{
	if (edit->count == 1) {
		return parse_number(edit->words[0], edit->firewall->rule_count, ret_index, err);
	}
	struct vm_firewall_rule rule;
	if (!vm_firewall_rule_parse(&rule, edit->words, edit->count, err)) {
		return false;
	}
	*ret_index = find_equal(edit->firewall, &rule);
	vm_firewall_rule_finish(&rule);
	return *ret_index < edit->firewall->rule_count ||
	       vx_error_set(err, "there is no such rule");
}

static bool edit_remove(struct edit *edit, struct vx_error *err)
{
	size_t at = 0;
	if (!find_rule(edit, &at, err)) {
		return false;
	}
	vm_firewall_remove(edit->firewall, at);
	return true;
}

static bool edit_policy(struct edit *edit, struct vx_error *err)
{
	bool denies = strcmp(edit->words[0], "deny") == 0;
	if (!denies && strcmp(edit->words[0], "allow") != 0) {
		return vx_error_set(err, "expected allow or deny, found '%s'", edit->words[0]);
	}
	edit->firewall->denies = denies;
	return true;
}

static bool edit_clear(struct edit *edit, struct vx_error *err)
{
	while (edit->firewall->rule_count > 0) {
		vm_firewall_remove(edit->firewall, edit->firewall->rule_count - 1);
	}
	return true;
}

static const struct {
	const char *name, *usage;
	size_t words_min, words_max;
	bool (*run)(struct edit *edit, struct vx_error *err);
} verbs[] = {
	{"add", "add RULE…", 2, vm_firewall_words_max, edit_add},
	{"insert", "insert N RULE…", 3, vm_firewall_words_max + 1, edit_insert},
	{"remove", "remove N|RULE…", 1, vm_firewall_words_max, edit_remove},
	{"policy", "policy allow|deny", 1, 1, edit_policy},
	{"clear", "clear", 0, 0, edit_clear},
};

bool vm_firewall_edit(
	struct vm_firewall *firewall, const char *const *words, size_t count, struct vx_error *err)
{
	for (size_t i = 0; count > 0 && i < VX_ARRAY_LENGTH(verbs); i++) {
		struct edit edit = {.firewall = firewall, .words = words + 1, .count = count - 1};
		if (strcmp(words[0], verbs[i].name) != 0) {
			continue;
		}
		if (edit.count < verbs[i].words_min || edit.count > verbs[i].words_max) {
			return vx_error_set_kind(
				err, VX_ERROR_USAGE, "expected '%s'", verbs[i].usage);
		}
		if (!verbs[i].run(&edit, err)) {
			if (err != nullptr) {
				err->kind = VX_ERROR_USAGE;
			}
			return false;
		}
		return true;
	}
	return vx_error_set_kind(err, VX_ERROR_USAGE,
		"expected add, insert, remove, policy, clear, reset or reload, found '%s'",
		count > 0 ? words[0] : "");
}
