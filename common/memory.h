/* SPDX-License-Identifier: MIT */
/*
 * Memory with one owner.
 *
 * Allocation never fails: when the kernel has no memory left the process ends with one line. That
 * is sound here because everything that an outsider can make us allocate has a cap of its own.
 */
#ifndef VX_COMMON_MEMORY_H
#define VX_COMMON_MEMORY_H

#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#define VX_CLEANUP(function) __attribute__((cleanup(function)))

/* A local that is freed when it goes out of scope. */
#define vx_cleanup_free VX_CLEANUP(vx_cleanup_free_pointer)

/* Zeroed memory for `count` objects of `size` bytes; owned by the caller, given back with free().
 */
[[nodiscard, gnu::malloc, gnu::returns_nonnull]] void *vx_calloc(size_t count, size_t size);

/* One zeroed object of the type that `pointer` points at: `p = vx_new(p)`. */
#define vx_new(pointer) ((typeof(pointer))vx_calloc(1, sizeof(*(pointer))))

/* As reallocarray(3): the new part is not zeroed. */
[[nodiscard, gnu::returns_nonnull]] void *vx_reallocarray(void *old, size_t count, size_t size);

/* Copies; `text` may be NULL, and then so is the result. */
[[nodiscard]] char *vx_strdup(const char *text);
/* Up to `length` bytes, or to the first NUL; of no bytes, for which `text` may be NULL, "". */
[[nodiscard, gnu::returns_nonnull]] char *vx_strndup(const char *text, size_t length);
[[nodiscard, gnu::returns_nonnull]] void *vx_memdup(const void *data, size_t size);

/* A formatted string, owned by the caller. */
[[nodiscard, gnu::returns_nonnull, gnu::format(printf, 1, 2)]] char *vx_printf(
	const char *format, ...);
[[nodiscard, gnu::returns_nonnull, gnu::format(printf, 1, 0)]] char *vx_vprintf(
	const char *format, va_list args);

/* Frees what `*pointer` owns and leaves a copy of `text` (which may be NULL) there. */
void vx_replace_string(char **pointer, const char *text);

/* Gives a pointer away: evaluates to its value and leaves NULL behind. */
#define vx_take_ptr(pointer)                        \
	__extension__({                             \
		typeof(pointer) taken_ = (pointer); \
		(pointer) = nullptr;                \
		taken_;                             \
	})

static inline void vx_cleanup_free_pointer(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}

#define VX_ARRAY_LENGTH(array) (sizeof(array) / sizeof((array)[0]))

#endif
