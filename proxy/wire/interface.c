/* SPDX-License-Identifier: MIT */
#include "wire/interface.h"

#include <string.h>
#include <wayland-util.h>

#include "common/log.h"
#include "common/memory.h"
#include "wire/message.h"

static const struct wire_interface *interfaces_add(
	struct wire_interfaces *set, const struct wl_interface *source);

static uint32_t signature_take_since(const char **signature)
{
	uint32_t since = 0;
	while (**signature >= '0' && **signature <= '9') {
		since = since * 10 + (uint32_t)(**signature - '0');
		(*signature)++;
	}
	return since == 0 ? 1 : since;
}

static void message_add_arg(struct wire_interfaces *set, struct wire_message *message, char kind,
	bool nullable, const struct wl_interface *type)
{
	vx_assert(message->arg_count < wire_args_max);
	struct wire_arg *arg = &message->args[message->arg_count++];
	*arg = (struct wire_arg){.kind = kind, .nullable = nullable};
	if (kind == 'o' || kind == 'n') {
		message->has_ids = true;
		arg->needs_id = !nullable;
		message->has_new_id |= kind == 'n';
		message->has_untyped_new_id |= kind == 'n' && type == nullptr;
		arg->interface = type == nullptr ? nullptr : interfaces_add(set, type);
	} else if (kind == 'h') {
		message->fd_count++;
	}
}

/* Destructors have no mark in the generated tables; in every protocol offered they have these
 * names.
 */
static bool names_destructor(const struct wl_message *source)
{
	return source->signature[strspn(source->signature, "0123456789")] == '\0' &&
	       (strcmp(source->name, "destroy") == 0 || strcmp(source->name, "release") == 0);
}

static uint16_t message_words_size(const struct wire_message *message)
{
	for (unsigned i = 0; i < message->arg_count; i++) {
		if (strchr("sah", message->args[i].kind) != nullptr) {
			return 0;
		}
	}
	return (uint16_t)(wire_header_size + message->arg_count * sizeof(uint32_t));
}

static void message_compile(struct wire_interfaces *set, struct wire_message *message,
	const struct wl_message *source, int opcode)
{
	const char *signature = source->signature;
	message->name = source->name;
	message->opcode = (uint16_t)opcode;
	message->since = signature_take_since(&signature);
	bool nullable = false;
	const struct wl_interface **type = source->types;
	for (; *signature != '\0'; signature++) {
		if (*signature == '?') {
			nullable = true;
			continue;
		}
		message_add_arg(set, message, *signature, nullable, *type);
		nullable = false;
		type++;
	}
	message->is_destructor = names_destructor(source);
	message->words_size = message_words_size(message);
}

static struct wire_message *messages_compile(
	struct wire_interfaces *set, const struct wl_message *sources, int count)
{
	struct wire_message *messages = vx_calloc((size_t)count + 1, sizeof(*messages));
	for (int i = 0; i < count; i++) {
		message_compile(set, &messages[i], &sources[i], i);
	}
	return messages;
}

const struct wire_interface *wire_interfaces_find(
	const struct wire_interfaces *set, const char *name)
{
	for (unsigned i = 0; i < set->count; i++) {
		if (strcmp(set->all[i]->name, name) == 0) {
			return set->all[i];
		}
	}
	return nullptr;
}

static const struct wire_interface *interfaces_add(
	struct wire_interfaces *set, const struct wl_interface *source)
{
	const struct wire_interface *known = wire_interfaces_find(set, source->name);
	if (known != nullptr) {
		return known;
	}
	vx_assert(set->count < VX_ARRAY_LENGTH(set->all));
	struct wire_interface *interface = vx_new(interface);
	interface->name = source->name;
	interface->source = source;
	interface->index = (uint16_t)set->count;
	/* Listed before its messages are compiled: interfaces refer to each other in circles. */
	set->all[set->count++] = interface;
	interface->request_count = (uint16_t)source->method_count;
	interface->event_count = (uint16_t)source->event_count;
	interface->requests = messages_compile(set, source->methods, source->method_count);
	interface->events = messages_compile(set, source->events, source->event_count);
	return interface;
}

struct wire_interfaces *wire_interfaces_create(const struct wl_interface *const *roots)
{
	struct wire_interfaces *set = vx_new(set);
	for (size_t i = 0; roots[i] != nullptr; i++) {
		interfaces_add(set, roots[i]);
	}
	return set;
}

void wire_interfaces_destroy(struct wire_interfaces *set)
{
	if (set == nullptr) {
		return;
	}
	for (unsigned i = 0; i < set->count; i++) {
		free(set->all[i]->requests);
		free(set->all[i]->events);
		free(set->all[i]);
	}
	free(set);
}

static void messages_set_handler(
	struct wire_message *messages, unsigned count, const char *name, const void *handler)
{
	unsigned i = 0;
	while (i < count && strcmp(messages[i].name, name) != 0) {
		i++;
	}
	vx_assert(i < count);
	messages[i].handler = handler;
}

static struct wire_interface *interfaces_get(struct wire_interfaces *set, const char *name)
{
	unsigned i = 0;
	while (i < set->count && strcmp(set->all[i]->name, name) != 0) {
		i++;
	}
	vx_assert(i < set->count);
	return set->all[i];
}

void wire_set_request_handler(struct wire_interfaces *set, const char *interface,
	const char *message, const void *handler)
{
	struct wire_interface *target = interfaces_get(set, interface);
	messages_set_handler(target->requests, target->request_count, message, handler);
}

void wire_set_event_handler(struct wire_interfaces *set, const char *interface, const char *message,
	const void *handler)
{
	struct wire_interface *target = interfaces_get(set, interface);
	messages_set_handler(target->events, target->event_count, message, handler);
}
