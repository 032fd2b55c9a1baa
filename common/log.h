/* SPDX-License-Identifier: MIT */
/*
 * The log: one line a message on standard error, "<program>: [<module>] <text>".
 *
 * Each .c file that logs defines VX_LOG_MODULE before it includes this header. Messages put strings
 * from users into single quotes, have no full stop, and when not fatal say what happens instead.
 * Bytes from a guest are printed by vx_log_untrusted() only.
 */
#ifndef VX_COMMON_LOG_H
#define VX_COMMON_LOG_H

#include <stddef.h>

enum vx_log_level : unsigned {
	VX_LOG_ERROR,
	VX_LOG_WARN,
	VX_LOG_INFO,
	VX_LOG_DEBUG,
	VX_LOG_LEVEL_COUNT,
};

/* `program` must outlive the process. Reads VIXOS_LOG (error, warn, info or debug) over `level`. */
void vx_log_init(const char *program, enum vx_log_level level);
enum vx_log_level vx_log_get_level(void);

/*
 * For programs that say what a guest does: after a burst there are only so many messages a minute,
 * and how many were left out. Errors, and what VIXOS_LOG=debug asks for, are always told.
 * A burst of 0 lifts the limit.
 */
void vx_log_set_limit(unsigned burst, unsigned per_minute);

/* What a program does that faces a guest, so that no guest fills a disk with messages. */
static constexpr unsigned vx_log_guest_burst = 500;
static constexpr unsigned vx_log_guest_per_minute = 30;

[[gnu::format(printf, 3, 4)]] void vx_log_message(
	enum vx_log_level level, const char *module, const char *format, ...);

/*
 * Logs "<prefix>: '<text>'" where `untrusted_text` of `length` bytes comes from a guest: all that
 * is not printable ASCII is escaped, and at most 256 bytes are shown.
 */
void vx_log_untrusted_message(enum vx_log_level level, const char *module, const char *prefix,
	const void *untrusted_text, size_t length);

#define vx_log_error(...) vx_log_message(VX_LOG_ERROR, VX_LOG_MODULE, __VA_ARGS__)
#define vx_log_warn(...) vx_log_message(VX_LOG_WARN, VX_LOG_MODULE, __VA_ARGS__)
#define vx_log_info(...) vx_log_message(VX_LOG_INFO, VX_LOG_MODULE, __VA_ARGS__)
#define vx_log_debug(...)                                                         \
	do {                                                                      \
		if (vx_log_get_level() >= VX_LOG_DEBUG) {                         \
			vx_log_message(VX_LOG_DEBUG, VX_LOG_MODULE, __VA_ARGS__); \
		}                                                                 \
	} while (0)
#define vx_log_untrusted(level, prefix, text, length) \
	vx_log_untrusted_message(level, VX_LOG_MODULE, prefix, text, length)

/*
 * For our own mistakes only: nothing that a client, a guest, a file or libvirt says can reach one.
 * Stays in release builds.
 */
#define vx_assert(condition) \
	((condition) ? (void)0 : vx_assert_failed(#condition, __FILE__, __LINE__, __func__))
[[noreturn]] void vx_assert_failed(
	const char *condition, const char *file, int line, const char *function);

#endif
