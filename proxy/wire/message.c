/* SPDX-License-Identifier: MIT */
#include "wire/message.h"

struct reader {
	const uint8_t *message;
	size_t position, size;
};

static size_t padded(size_t size)
{
	return (size + 3) & ~(size_t)3;
}

static bool read_word(struct reader *reader, uint32_t *ret_word)
{
	if (reader->size - reader->position < 4) {
		return false;
	}
	*ret_word = wire_get_u32(reader->message + reader->position);
	reader->position += 4;
	return true;
}

static const uint8_t *read_bytes(struct reader *reader, uint32_t size)
{
	const uint8_t *bytes = reader->message + reader->position;
	if (size > wire_message_max || padded(size) > reader->size - reader->position) {
		return nullptr;
	}
	reader->position += padded(size);
	return bytes;
}

static bool read_string(struct reader *reader, bool nullable, struct wire_value *value)
{
	uint32_t size;
	if (!read_word(reader, &size)) {
		return false;
	}
	if (size == 0) {
		value->s = nullptr;
		return nullable;
	}
	const char *text = (const char *)read_bytes(reader, size);
	if (text == nullptr || memchr(text, '\0', size) != text + size - 1) {
		return false;
	}
	value->s = text;
	value->size = size - 1;
	return true;
}

static bool read_value(struct reader *reader, const struct wire_arg *arg, struct wire_value *value)
{
	value->offset = (uint16_t)reader->position;
	value->size = 0;
	switch (arg->kind) {
	case 's':
		return read_string(reader, arg->nullable, value);
	case 'a':
		if (!read_word(reader, &value->size)) {
			return false;
		}
		value->a = read_bytes(reader, value->size);
		return value->a != nullptr;
	case 'h':
		value->u = 0;
		return true;
	default:
		return read_word(reader, &value->u) && (value->u != 0 || !arg->needs_id);
	}
}

bool wire_decode_any(const struct wire_message *description, const uint8_t *message, size_t size,
	struct wire_value *ret_values, struct vx_error *err)
{
	struct reader reader = {.message = message, .position = wire_header_size, .size = size};
	unsigned value = 0;
	for (unsigned i = 0; i < description->arg_count; i++, value++) {
		if (!read_value(&reader, &description->args[i], &ret_values[value])) {
			return vx_error_set(
				err, "argument %u of %s is malformed", i + 1, description->name);
		}
	}
	if (reader.position != size) {
		return vx_error_set(err, "%s has %zu bytes too many", description->name,
			size - reader.position);
	}
	return true;
}

static bool write_bytes(struct vx_buffer *output, const void *bytes, size_t size)
{
	static const uint8_t zeros[4];
	uint32_t length = (uint32_t)size;
	return size <= wire_message_max && vx_buffer_append(output, &length, sizeof(length)) &&
	       vx_buffer_append(output, bytes, size) &&
	       vx_buffer_append(output, zeros, padded(size) - size);
}

static bool write_string(struct vx_buffer *output, const char *text)
{
	return write_bytes(output, text, text == nullptr ? 0 : strlen(text) + 1);
}

static bool write_word(struct vx_buffer *output, uint32_t word)
{
	return vx_buffer_append(output, &word, sizeof(word));
}

static bool write_args(struct vx_buffer *output, const char *format, va_list args)
{
	bool fits = true;
	for (; *format != '\0' && fits; format++) {
		switch (*format) {
		case 's':
			fits = write_string(output, va_arg(args, const char *));
			break;
		case 'a': {
			size_t size = va_arg(args, size_t);
			fits = write_bytes(output, va_arg(args, const void *), size);
			break;
		}
		case 'h':
			break;
		case 'i':
		case 'f':
			fits = write_word(output, (uint32_t)va_arg(args, int32_t));
			break;
		default:
			fits = write_word(output, va_arg(args, uint32_t));
			break;
		}
	}
	return fits;
}

bool wire_vwrite(struct vx_buffer *output, uint32_t object, uint16_t opcode, const char *format,
	va_list args)
{
	size_t before = output->size;
	uint32_t header[2] = {object, opcode};
	if (!vx_buffer_append(output, header, sizeof(header)) ||
		!write_args(output, format, args) || output->size - before > wire_message_max) {
		output->size = before;
		return false;
	}
	uint32_t size = (uint32_t)(output->size - before);
	wire_put_u32(output->data + output->start + before + 4, size << 16 | opcode);
	return true;
}

bool wire_write(struct vx_buffer *output, uint32_t object, uint16_t opcode, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	bool fits = wire_vwrite(output, object, opcode, format, args);
	va_end(args);
	return fits;
}
