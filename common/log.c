/* SPDX-License-Identifier: MIT */
#include "common/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/clock.h"
#include "common/memory.h"

static const char *const level_names[] = {
	[VX_LOG_ERROR] = "error",
	[VX_LOG_WARN] = "warn",
	[VX_LOG_INFO] = "info",
	[VX_LOG_DEBUG] = "debug",
};
static_assert(VX_ARRAY_LENGTH(level_names) == VX_LOG_LEVEL_COUNT);

static const char *const level_prefixes[] = {
	[VX_LOG_ERROR] = "error: ",
	[VX_LOG_WARN] = "warning: ",
	[VX_LOG_INFO] = "",
	[VX_LOG_DEBUG] = "debug: ",
};
static_assert(VX_ARRAY_LENGTH(level_prefixes) == VX_LOG_LEVEL_COUNT);

static struct {
	const char *program;
	enum vx_log_level level;
	unsigned burst, per_minute; /* burst 0: no limit */
	unsigned credit, left_out;  /* messages */
	uint64_t earned_ns;         /* up to when credit was given */
} log_state = {.program = "vixos", .level = VX_LOG_INFO};

static constexpr size_t message_max = 2048;
static constexpr size_t untrusted_shown_max = 256;

void vx_log_init(const char *program, enum vx_log_level level)
{
	log_state.program = program;
	log_state.level = level;
	const char *wanted = getenv("VIXOS_LOG");
	for (size_t i = 0; wanted != nullptr && i < VX_LOG_LEVEL_COUNT; i++) {
		if (strcmp(wanted, level_names[i]) == 0) {
			log_state.level = (enum vx_log_level)i;
		}
	}
}

enum vx_log_level vx_log_get_level(void)
{
	return log_state.level;
}

static void tell_left_out(void)
{
	if (log_state.left_out > 0) {
		fprintf(stderr, "%s: warning: [log] %u messages were left out\n", log_state.program,
			log_state.left_out);
		log_state.left_out = 0;
	}
}

void vx_log_set_limit(unsigned burst, unsigned per_minute)
{
	tell_left_out();
	log_state.burst = log_state.credit = burst;
	log_state.per_minute = per_minute;
	log_state.earned_ns = vx_clock_ns();
}

static void earn_credit(void)
{
	const uint64_t each_ns = 60'000'000'000u / log_state.per_minute;
	uint64_t earned = (vx_clock_ns() - log_state.earned_ns) / each_ns;
	log_state.earned_ns += earned * each_ns;
	log_state.credit = earned < log_state.burst - log_state.credit
				   ? log_state.credit + (unsigned)earned
				   : log_state.burst;
}

static bool may_tell(enum vx_log_level level)
{
	if (log_state.burst == 0 || level == VX_LOG_ERROR || log_state.level == VX_LOG_DEBUG) {
		return true;
	}
	earn_credit();
	if (log_state.credit == 0) {
		log_state.left_out++;
		return false;
	}
	log_state.credit--;
	tell_left_out();
	return true;
}

void vx_log_message(enum vx_log_level level, const char *module, const char *format, ...)
{
	if (level > log_state.level || !may_tell(level)) {
		return;
	}
	char text[message_max];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	/* One write a line, so that lines of several processes don't mix. */
	fprintf(stderr, "%s: %s[%s] %s\n", log_state.program, level_prefixes[level], module, text);
}

void vx_log_untrusted_message(enum vx_log_level level, const char *module, const char *prefix,
	const void *untrusted_text, size_t length)
{
	const unsigned char *untrusted_bytes = untrusted_text;
	char shown[untrusted_shown_max * 4 + 1];
	size_t used = 0;
	size_t count = length < untrusted_shown_max ? length : untrusted_shown_max;
	for (size_t i = 0; i < count; i++) {
		unsigned char byte = untrusted_bytes[i];
		if (byte >= 0x20 && byte < 0x7f && byte != '\'' && byte != '\\') {
			shown[used++] = (char)byte;
		} else {
			used += (size_t)snprintf(
				shown + used, sizeof(shown) - used, "\\x%02x", byte);
		}
	}
	shown[used] = '\0';
	vx_log_message(level, module, "%s: '%s'%s", prefix, shown, length > count ? "…" : "");
}

void vx_assert_failed(const char *condition, const char *file, int line, const char *function)
{
	fprintf(stderr, "%s: %s:%d: %s: assertion '%s' failed\n", log_state.program, file, line,
		function, condition);
	abort();
}
