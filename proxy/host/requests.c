/* SPDX-License-Identifier: MIT */
#include "host/client.h"

#include <string.h>

#include "host/proxy.h"
#include "wire/interface.h"

/* Finds what the o arguments name, and checks that it is of the right kind. */
static bool resolve_objects(const struct host_client *client, const struct wire_message *message,
	const struct wire_value *untrusted_args, struct host_object **ret_objects,
	struct vx_error *err)
{
	for (unsigned i = 0; i < message->arg_count; i++) {
		const struct wire_arg *arg = &message->args[i];
		uint32_t untrusted_id = untrusted_args[i].u;
		ret_objects[i] = nullptr;
		if (arg->kind != 'o' || untrusted_id == 0) {
			continue;
		}
		struct host_object *object = host_objects_get(&client->objects, untrusted_id);
		if (object == nullptr || object->destroyed ||
			(arg->interface != nullptr && object->interface != arg->interface)) {
			return vx_error_set(
				err, "argument %u of %s is no such object", i + 1, message->name);
		}
		ret_objects[i] = object;
	}
	return true;
}

static bool check_strings(const struct wire_message *message,
	const struct wire_value *untrusted_args, struct vx_error *err)
{
	if (message->words_size > 0) {
		return true;
	}
	for (unsigned i = 0; i < message->arg_count; i++) {
		if (message->args[i].kind == 's' && untrusted_args[i].size > limit_string) {
			return vx_error_set(
				err, "argument %u of %s is too long", i + 1, message->name);
		}
	}
	return true;
}

bool requests_handle(struct host_client *client, const struct wire_header *header,
	const uint8_t *untrusted_bytes, struct vx_error *err)
{
	if (header->object == 0) {
		return present_handle(client, header, untrusted_bytes, err);
	}
	struct host_object *object = host_objects_get(&client->objects, header->object);
	if (object == nullptr || object->destroyed) {
		return vx_error_set(err, "object %u is unknown", header->object);
	}
	const struct wire_interface *interface = object->interface;
	if (header->opcode >= interface->request_count ||
		interface->requests[header->opcode].since > object->version) {
		return vx_error_set(err, "%s version %u has no request %u", interface->name,
			object->version, header->opcode);
	}
	struct wire_value args[wire_args_max];
	struct host_object *objects[wire_args_max]; /* set where the message has ids */
	const struct wire_message *message = &interface->requests[header->opcode];
	struct host_request request = {
		object, message, args, objects, untrusted_bytes, header->size};
	if (!wire_decode(message, untrusted_bytes, header->size, args, err) ||
		!check_strings(message, args, err) ||
		(message->has_ids && !resolve_objects(client, message, args, objects, err))) {
		return vx_error_wrap(err, "%s", interface->name);
	}
	const struct host_request_handler *handler = message->handler;
	if (handler != nullptr) {
		return handler->handle(client, &request, err) ||
		       vx_error_wrap(err, "%s.%s", interface->name, message->name);
	}
	return host_client_pass(client, &request, nullptr, err);
}

static bool add_new_object(struct host_client *client, const struct host_request *request,
	unsigned arg, struct host_object **ret_object, struct vx_error *err)
{
	const struct wire_interface *interface = request->message->args[arg].interface;
	if (!limits_add(&client->counts, &client->proxy->counts, interface, err)) {
		return false;
	}
	*ret_object = host_objects_add(
		&client->objects, request->args[arg].u, interface, request->object->version);
	if (*ret_object == nullptr) {
		limits_remove(&client->counts, &client->proxy->counts, interface);
		return vx_error_set(err, "new id %u is not free", request->args[arg].u);
	}
	return true;
}

bool host_client_pass(struct host_client *client, const struct host_request *request,
	struct host_object **ret_object, struct vx_error *err)
{
	const struct wire_message *message = request->message;
	if (message->fd_count > 0) {
		return vx_error_set(
			err, "%s needs a file descriptor, which can't cross", message->name);
	}
	uint8_t *copy = vx_buffer_reserve(&client->connection.out, request->size);
	if (copy == nullptr) {
		return vx_error_set(err, "the compositor reads nothing");
	}
	memcpy(copy, request->bytes, request->size);
	wire_put_u32(copy, request->object->host_id);
	for (unsigned i = 0; message->has_ids && i < message->arg_count; i++) {
		struct host_object *object = request->objects[i];
		if (message->args[i].kind == 'n') {
			if (!add_new_object(client, request, i, &object, err)) {
				return false;
			}
			if (ret_object != nullptr) {
				*ret_object = object;
			}
		}
		if (object != nullptr) {
			wire_put_u32(copy + request->args[i].offset, object->host_id);
		}
	}
	vx_buffer_commit(&client->connection.out, request->size);
	request->object->destroyed = message->is_destructor;
	return true;
}
