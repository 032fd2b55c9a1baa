/* SPDX-License-Identifier: MIT */
/*
 * What a guest says that somebody reads: titles, a console, a program's output that isn't a
 * terminal's. Nothing of it may command a terminal, or hide or reorder what is beside it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/plain_text.h"
#include "common/display_string.h"
#include "common/log.h"
#include "common/memory.h"
#include "vm/console.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* `lines`: newlines and tabs are text. */
static void check(const char *text, bool lines)
{
	for (const uint8_t *c = (const uint8_t *)text; *c != '\0'; c++) {
		bool is_control = *c < 0x20 || *c == 0x7f || (c[0] == 0xc2 && c[1] < 0xa0);
		vx_assert(!is_control || (lines && (*c == '\n' || *c == '\t')));
		/* U+202A to U+202E, U+2066 to U+2069 */
		vx_assert(c[0] != 0xe2 || c[1] != 0x80 || c[2] < 0xaa || c[2] > 0xae);
		vx_assert(c[0] != 0xe2 || c[1] != 0x81 || c[2] < 0xa6 || c[2] > 0xa9);
	}
	/* Cleaning leaves what is clean: it is valid UTF-8. */
	vx_cleanup_free char *again = lines ? vx_strdup(text)
					    : vx_display_string(text, SIZE_MAX / 16);
	vx_assert(strcmp(again, text) == 0);
}

static void check_display_string(const char *untrusted_text)
{
	vx_cleanup_free char *title = vx_display_string(untrusted_text, vx_title_max_code_points);
	check(title, false);
	vx_cleanup_free char *app_id = vx_display_app_id(untrusted_text);
	check(app_id, false);
	vx_assert(strlen(app_id) <= vx_app_id_max &&
		  strspn(app_id, "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == strlen(app_id));
}

/* In two pieces, the first byte of the input says where. */
static void check_plain_text(const uint8_t *data, size_t size)
{
	struct plain_text state = {};
	struct vx_buffer output = {};
	size_t first = size > 0 ? data[0] % size : 0;
	vx_assert(plain_text_append(&state, data, first, &output));
	vx_assert(plain_text_append(&state, data + first, size - first, &output));
	vx_assert(vx_buffer_append(&output, "", 1));
	check((const char *)vx_buffer_bytes(&output), true);
	vx_buffer_finish(&output);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	vx_cleanup_free char *text = vx_strndup((const char *)data, size);
	check_display_string(text);
	vx_cleanup_free char *console = vm_console_clean(data, size);
	check(console, true);
	check_plain_text(data, size);
	return 0;
}
