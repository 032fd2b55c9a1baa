/* SPDX-License-Identifier: MIT */
#include "vm/scfg_syntax.h"

#include <string.h>

struct scanner {
	const char *position, *end; /* of the current line */
	unsigned depth;
};

static bool at_blank(const struct scanner *scanner)
{
	return scanner->position < scanner->end &&
	       (*scanner->position == ' ' || *scanner->position == '\t');
}

static void skip_blanks(struct scanner *scanner)
{
	while (at_blank(scanner)) {
		scanner->position++;
	}
}

static bool rest_is_blank(struct scanner *scanner)
{
	skip_blanks(scanner);
	return scanner->position == scanner->end;
}

static bool scan_quoted(struct scanner *scanner, char quote, struct vx_error *err)
{
	scanner->position++;
	while (scanner->position < scanner->end && *scanner->position != quote) {
		if (quote == '"' && *scanner->position == '\\') {
			scanner->position++;
			if (scanner->position == scanner->end) {
				break;
			}
		}
		scanner->position++;
	}
	if (scanner->position == scanner->end) {
		return vx_error_set(err, "expected a closing %c at the end of the string", quote);
	}
	scanner->position++;
	if (scanner->position < scanner->end && !at_blank(scanner)) {
		return vx_error_set(err, "expected a blank after a quoted string, found '%c'",
			*scanner->position);
	}
	return true;
}

static bool scan_bare(struct scanner *scanner, struct vx_error *err)
{
	while (scanner->position < scanner->end && !at_blank(scanner)) {
		if (strchr("\"'{}\\", *scanner->position) != nullptr) {
			return vx_error_set(err, "expected quotes around a word that contains %c",
				*scanner->position);
		}
		scanner->position++;
	}
	return true;
}

static bool scan_word(struct scanner *scanner, struct vx_error *err)
{
	char first = *scanner->position;
	return first == '"' || first == '\'' ? scan_quoted(scanner, first, err)
					     : scan_bare(scanner, err);
}

static bool scan_open(struct scanner *scanner, struct vx_error *err)
{
	scanner->position++;
	if (!rest_is_blank(scanner)) {
		return vx_error_set(err, "expected the end of the line after {, found '%c'",
			*scanner->position);
	}
	if (++scanner->depth > vm_scfg_depth_max) {
		return vx_error_set(
			err, "expected at most %u blocks inside each other", vm_scfg_depth_max);
	}
	return true;
}

static bool scan_close(struct scanner *scanner, struct vx_error *err)
{
	scanner->position++;
	if (scanner->depth == 0) {
		return vx_error_set(err, "expected a directive, found a } that closes nothing");
	}
	scanner->depth--;
	if (!rest_is_blank(scanner)) {
		return vx_error_set(err, "expected the end of the line after }, found '%c'",
			*scanner->position);
	}
	return true;
}

static bool scan_directive(struct scanner *scanner, struct vx_error *err)
{
	if (*scanner->position == '{') {
		return vx_error_set(err, "expected a directive, found {");
	}
	while (!rest_is_blank(scanner)) {
		if (*scanner->position == '{') {
			return scan_open(scanner, err);
		}
		if (!scan_word(scanner, err)) {
			return false;
		}
	}
	return true;
}

static bool scan_line(struct scanner *scanner, struct vx_error *err)
{
	for (const char *c = scanner->position; c < scanner->end; c++) {
		if (((unsigned char)*c < 0x20 && *c != '\t') || *c == 0x7f) {
			return vx_error_set(err,
				"expected text, found the control character \\x%02x",
				(unsigned char)*c);
		}
	}
	if (rest_is_blank(scanner) || *scanner->position == '#') {
		return true;
	}
	return *scanner->position == '}' ? scan_close(scanner, err) : scan_directive(scanner, err);
}

bool vm_scfg_check(const char *text, size_t size, const char *file_name, struct vx_error *err)
{
	vx_cleanup_error struct vx_error mistake = {};
	struct scanner scanner = {};
	unsigned line = 0;
	for (size_t start = 0; start < size;) {
		const char *newline = memchr(text + start, '\n', size - start);
		size_t length = newline != nullptr ? (size_t)(newline - text) - start
						   : size - start;
		line++;
		scanner.position = text + start;
		scanner.end = scanner.position + length;
		if (!scan_line(&scanner, &mistake)) {
			return vx_error_set_kind(err, VX_ERROR_USAGE, "%s:%u: %s", file_name, line,
				vx_error_message(&mistake));
		}
		start += length + 1;
	}
	if (scanner.depth > 0) {
		return vx_error_set_kind(err, VX_ERROR_USAGE,
			"%s:%u: expected }, found the end of the file", file_name, line);
	}
	return true;
}
