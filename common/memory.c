/* SPDX-License-Identifier: MIT */
#include "common/memory.h"

#include <stdio.h>
#include <string.h>

[[noreturn]] static void out_of_memory(void)
{
	fputs("out of memory\n", stderr);
	abort();
}

void *vx_calloc(size_t count, size_t size)
{
	void *memory = calloc(count > 0 ? count : 1, size > 0 ? size : 1);
	if (memory == nullptr) {
		out_of_memory();
	}
	return memory;
}

void *vx_reallocarray(void *old, size_t count, size_t size)
{
	void *memory = reallocarray(old, count > 0 ? count : 1, size > 0 ? size : 1);
	if (memory == nullptr) {
		out_of_memory();
	}
	return memory;
}

void *vx_memdup(const void *data, size_t size)
{
	void *copy = vx_calloc(1, size);
	if (size > 0) {
		memcpy(copy, data, size);
	}
	return copy;
}

char *vx_strndup(const char *text, size_t length)
{
	char *copy = strndup(length > 0 ? text : "", length);
	if (copy == nullptr) {
		out_of_memory();
	}
	return copy;
}

char *vx_strdup(const char *text)
{
	return text == nullptr ? nullptr : vx_strndup(text, strlen(text));
}

char *vx_vprintf(const char *format, va_list args)
{
	char *text = nullptr;
	if (vasprintf(&text, format, args) < 0) {
		out_of_memory();
	}
	return text;
}

char *vx_printf(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	char *text = vx_vprintf(format, args);
	va_end(args);
	return text;
}

void vx_replace_string(char **pointer, const char *text)
{
	char *copy = vx_strdup(text);
	free(*pointer);
	*pointer = copy;
}
