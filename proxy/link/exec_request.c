/* SPDX-License-Identifier: MIT */
/* The payload of START; see docs/link.md, "exec". */
#include "exec.h"

#include <string.h>

#include "common/memory.h"
#include "proxy/link/little_endian.h"

static constexpr size_t request_header_size = 12;
static constexpr uint32_t flags_known = VX_EXEC_FLAG_TERMINAL | VX_EXEC_FLAG_LOGIN_SHELL |
					VX_EXEC_FLAG_DETACHED | VX_EXEC_FLAG_OWNER;

/* What both sides demand of flags and counts. */
static bool request_check(
	uint32_t flags, size_t argv_count, size_t environment_count, struct vx_error *err)
{
	if ((flags & ~flags_known) != 0) {
		return vx_error_set(err, "unknown flags 0x%x", flags & ~flags_known);
	}
	if ((flags & VX_EXEC_FLAG_TERMINAL) != 0 && (flags & VX_EXEC_FLAG_DETACHED) != 0) {
		return vx_error_set(err, "a detached program can't have a terminal");
	}
	if ((flags & VX_EXEC_FLAG_OWNER) != 0 && (flags & VX_EXEC_FLAG_DETACHED) == 0) {
		return vx_error_set(err, "only a detached program can own the VM");
	}
	bool is_shell = (flags & VX_EXEC_FLAG_LOGIN_SHELL) != 0;
	if (is_shell != (argv_count == 0)) {
		return vx_error_set(err, is_shell ? "a login shell takes no arguments"
						  : "there is no program to run");
	}
	if (argv_count > vx_exec_argv_max || environment_count > vx_exec_argv_max) {
		return vx_error_set(
			err, "more than %zu arguments or environment entries", vx_exec_argv_max);
	}
	return true;
}

/* NAME=VALUE with a name. */
static bool entry_is_valid(const char *entry)
{
	const char *equals = strchr(entry, '=');
	return equals != nullptr && equals != entry;
}

static size_t strings_count(const char *const *strings)
{
	size_t count = 0;
	while (strings != nullptr && strings[count] != nullptr) {
		count++;
	}
	return count;
}

static bool string_put(struct vx_buffer *payload, const char *text)
{
	uint8_t prefix[2];
	size_t length = strlen(text);
	if (length > UINT16_MAX) {
		return false;
	}
	vx_put_u16(prefix, (uint16_t)length);
	return vx_buffer_append(payload, prefix, sizeof(prefix)) &&
	       vx_buffer_append(payload, text, length);
}

static bool strings_put(struct vx_buffer *payload, const char *const *strings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!string_put(payload, strings[i])) {
			return false;
		}
	}
	return true;
}

static bool request_put(struct vx_buffer *payload, const struct vx_exec_request *request,
	size_t argv_count, size_t environment_count)
{
	uint8_t header[request_header_size];
	vx_put_u32(header, request->flags);
	vx_put_u16(header + 4, request->columns);
	vx_put_u16(header + 6, request->rows);
	vx_put_u16(header + 8, (uint16_t)argv_count);
	vx_put_u16(header + 10, (uint16_t)environment_count);
	const char *directory = request->directory != nullptr ? request->directory : "";
	return vx_buffer_append(payload, header, sizeof(header)) &&
	       string_put(payload, directory) && strings_put(payload, request->argv, argv_count) &&
	       strings_put(payload, request->environment, environment_count);
}

bool vx_exec_encode_request(
	struct vx_buffer *output, const struct vx_exec_request *request, struct vx_error *err)
{
	size_t argv_count = strings_count(request->argv);
	size_t environment_count = strings_count(request->environment);
	if (!request_check(request->flags, argv_count, environment_count, err)) {
		return false;
	}
	for (size_t i = 0; i < environment_count; i++) {
		if (!entry_is_valid(request->environment[i])) {
			return vx_error_set(err, "'%s' is not NAME=VALUE", request->environment[i]);
		}
	}
	struct vx_buffer payload = {.max_size = vx_exec_payload_max};
	bool fits = request_put(&payload, request, argv_count, environment_count) &&
		    vx_exec_encode(output, VX_EXEC_START, vx_buffer_bytes(&payload), payload.size);
	vx_buffer_finish(&payload);
	return fits || vx_error_set(err, "arguments and environment are larger than %zu bytes",
			       vx_exec_payload_max);
}

/* Walks the strings of a payload and copies them to `text`, each with a NUL behind it. */
struct string_reader {
	const uint8_t *untrusted_bytes;
	size_t left;
	char *text;
};

/* The next string, or NULL where the payload is too short or a NUL is inside. */
static const char *string_take(struct string_reader *reader)
{
	if (reader->left < 2) {
		return nullptr;
	}
	size_t untrusted_length = vx_get_u16(reader->untrusted_bytes);
	if (untrusted_length > reader->left - 2 ||
		memchr(reader->untrusted_bytes + 2, '\0', untrusted_length) != nullptr) {
		return nullptr;
	}
	char *text = reader->text;
	memcpy(text, reader->untrusted_bytes + 2, untrusted_length);
	text[untrusted_length] = '\0';
	reader->untrusted_bytes += 2 + untrusted_length;
	reader->left -= 2 + untrusted_length;
	reader->text += untrusted_length + 1;
	return text;
}

static bool strings_take(struct string_reader *reader, const char **ret_strings, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		ret_strings[i] = string_take(reader);
		if (ret_strings[i] == nullptr) {
			return false;
		}
	}
	ret_strings[count] = nullptr;
	return true;
}

static bool environment_check(const char *const *environment, struct vx_error *err)
{
	for (size_t i = 0; environment[i] != nullptr; i++) {
		if (!entry_is_valid(environment[i])) {
			return vx_error_set(err, "an environment entry is not NAME=VALUE");
		}
	}
	return true;
}

bool vx_exec_decode_request(const uint8_t *untrusted_payload, size_t size,
	struct vx_exec_request *ret_request, void **ret_storage, struct vx_error *err)
{
	if (size < request_header_size) {
		return vx_error_set(err, "exec request is too short");
	}
	uint32_t untrusted_flags = vx_get_u32(untrusted_payload);
	size_t argv_count = vx_get_u16(untrusted_payload + 8);
	size_t environment_count = vx_get_u16(untrusted_payload + 10);
	if (!request_check(untrusted_flags, argv_count, environment_count, err)) {
		return vx_error_wrap(err, "exec request");
	}
	/* Pointers, then text: a string is one byte shorter in memory (NUL) than on the wire
	 * (length). */
	size_t pointer_count = argv_count + environment_count + 2;
	vx_cleanup_free char *storage = vx_calloc(1, pointer_count * sizeof(char *) + size);
	const char **argv = (const char **)(void *)storage;
	const char **environment = argv + argv_count + 1;
	struct string_reader reader = {
		.untrusted_bytes = untrusted_payload + request_header_size,
		.left = size - request_header_size,
		.text = storage + pointer_count * sizeof(char *),
	};
	const char *directory = string_take(&reader);
	if (directory == nullptr || !strings_take(&reader, argv, argv_count) ||
		!strings_take(&reader, environment, environment_count) || reader.left > 0) {
		return vx_error_set(err, "exec request has strings that don't fit its size");
	}
	if (!environment_check(environment, err)) {
		return vx_error_wrap(err, "exec request");
	}
	*ret_request = (struct vx_exec_request){
		.flags = untrusted_flags,
		.columns = vx_get_u16(untrusted_payload + 4),
		.rows = vx_get_u16(untrusted_payload + 6),
		.directory = directory[0] != '\0' ? directory : nullptr,
		.argv = argv,
		.environment = environment,
	};
	*ret_storage = vx_take_ptr(storage);
	return true;
}
