/* SPDX-License-Identifier: MIT */
/*
 * Wayland messages as bytes: a header {u32 object, u16 opcode, u16 size} and arguments, in 32-bit
 * words of the machine's order (little-endian on the link; both ends are). Pure functions.
 */
#ifndef VX_PROXY_WIRE_MESSAGE_H
#define VX_PROXY_WIRE_MESSAGE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "common/buffer.h"
#include "common/error.h"
#include "wire/interface.h"

static constexpr size_t wire_header_size = 8;
static constexpr size_t wire_message_max = 65532; /* the largest size that a header can state */
static constexpr uint32_t wire_server_id_min =
	0xff000000; /* ids from here on are the compositor's */

struct wire_header {
	uint32_t object;
	uint16_t opcode;
	uint16_t size; /* with the header; a multiple of four, at least wire_header_size */
};

/* One argument of a checked message. */
struct wire_value {
	uint16_t offset; /* in the message, of its first word */
	uint32_t size;   /* s: length without the NUL; a: bytes */
	union {
		int32_t i;     /* i, and f in 1/256 */
		uint32_t u;    /* u, o, n */
		const char *s; /* NULL where null; else NUL-terminated, without a NUL inside */
		const void *a;
	};
};

static inline void wire_put_u32(uint8_t *at, uint32_t value)
{
	memcpy(at, &value, sizeof(value));
}

static inline uint32_t wire_get_u32(const uint8_t *at)
{
	uint32_t value;
	memcpy(&value, at, sizeof(value));
	return value;
}

/*
 * Reads the header of the message at `data`. 1: a whole message of `ret_header->size` bytes is
 * there; 0: more bytes are needed; -1: this can't be a message.
 */
static inline int wire_read_header(const uint8_t *data, size_t size, struct wire_header *ret_header)
{
	if (size < wire_header_size) {
		return 0;
	}
	uint32_t second = wire_get_u32(data + 4);
	struct wire_header header = {
		.object = wire_get_u32(data),
		.opcode = (uint16_t)(second & 0xffff),
		.size = (uint16_t)(second >> 16),
	};
	if (header.size < wire_header_size || header.size % 4 != 0) {
		return -1;
	}
	*ret_header = header;
	return size >= header.size;
}

/* What wire_decode() does with messages that have other things than words to them, or faults. */
bool wire_decode_any(const struct wire_message *description, const uint8_t *message, size_t size,
	struct wire_value *ret_values, struct vx_error *err);

/* The many that have nothing but words. False where an id must not be null. */
static inline bool wire_decode_words(
	const struct wire_message *description, const uint8_t *message, struct wire_value *values)
{
	bool is_valid = true;
	for (unsigned i = 0; i < description->arg_count; i++) {
		size_t offset = wire_header_size + i * sizeof(uint32_t);
		uint32_t word = wire_get_u32(message + offset);
		values[i] = (struct wire_value){.offset = (uint16_t)offset, .u = word};
		is_valid &= word != 0 || !description->args[i].needs_id;
	}
	return is_valid;
}

/*
 * Checks the arguments of a whole message against `description`: exact length, strings and arrays
 * within bounds, NULs, null only where allowed, new ids that aren't null. `ret_values` has room for
 * wire_args_max entries and points into `message`, which may lie at any address. What ids mean is
 * for the caller to check. An fd's value is empty.
 */
static inline bool wire_decode(const struct wire_message *description, const uint8_t *message,
	size_t size, struct wire_value *ret_values, struct vx_error *err)
{
	return (size == description->words_size &&
		       wire_decode_words(description, message, ret_values)) ||
	       wire_decode_any(description, message, size, ret_values, err);
}

/*
 * Appends one message. `format` has a letter per argument: i and f take int32_t, u, o and n take
 * uint32_t, s takes const char * (NULL allowed), a takes size_t and const void *; h takes nothing
 * (the fd travels beside). False over the buffer's bound or wire_message_max.
 */
[[nodiscard]] bool wire_write(
	struct vx_buffer *output, uint32_t object, uint16_t opcode, const char *format, ...);
[[nodiscard]] bool wire_vwrite(struct vx_buffer *output, uint32_t object, uint16_t opcode,
	const char *format, va_list args);

#endif
