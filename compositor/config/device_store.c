/* SPDX-License-Identifier: MIT */
/* The configured devices: storing what a line says, and looking up what holds for one device. */
#include <string.h>
#include <strings.h>

#include "config/config.h"

static bool is_wildcard(const char *name)
{
	return strcmp(name, "*") == 0;
}

/* A later line for all devices overrides earlier ones for single devices, field by field. */
#define store(list, added, name, merge, destroy)                             \
	do {                                                                 \
		bool merged_ = false;                                        \
		for (int i_ = 0; i_ < (list)->length; i_++) {                \
			typeof((list)->items[0]) known_ = (list)->items[i_]; \
			if (strcmp(known_->name, (added)->name) == 0) {      \
				merge(known_, (added));                      \
				merged_ = true;                              \
			} else if (is_wildcard((added)->name)) {             \
				merge(known_, (added));                      \
			}                                                    \
		}                                                            \
		if (merged_) {                                               \
			destroy(added);                                      \
		} else {                                                     \
			list_append((list), (added));                        \
		}                                                            \
	} while (0)

void config_store_input(struct config *config, struct input_config *input)
{
	store(&config->inputs, input, identifier, input_config_merge, input_config_destroy);
}

void config_store_output(struct config *config, struct output_config *output)
{
	store(&config->outputs, output, name, output_config_merge, output_config_destroy);
}

void config_store_seat(struct config *config, struct seat_config *seat)
{
	store(&config->seats, seat, name, seat_config_merge, seat_config_destroy);
}

/* From general to special: all, the type, the device. */
struct input_config *config_input_for(
	const struct config *config, const char *identifier, const char *type)
{
	vx_cleanup_free char *type_name = vx_printf("type:%s", type);
	const char *const names[] = {"*", type_name, identifier};
	struct input_config *merged = nullptr;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(names); i++) {
		for (int j = 0; j < config->inputs.length; j++) {
			if (strcmp(config->inputs.items[j]->identifier, names[i]) == 0) {
				merged = merged ? merged : input_config_create(identifier);
				input_config_merge(merged, config->inputs.items[j]);
			}
		}
	}
	return merged;
}

struct output_config *config_output_for(
	const struct config *config, const char *name, const char *identifier)
{
	const char *const names[] = {"*", identifier, name};
	struct output_config *merged = nullptr;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(names); i++) {
		for (int j = 0; j < config->outputs.length; j++) {
			if (strcasecmp(config->outputs.items[j]->name, names[i]) == 0) {
				merged = merged ? merged : output_config_create(name);
				output_config_merge(merged, config->outputs.items[j]);
			}
		}
	}
	return merged;
}

struct seat_config *config_seat_for(const struct config *config, const char *name)
{
	const char *const names[] = {"*", name};
	struct seat_config *merged = nullptr;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(names); i++) {
		for (int j = 0; j < config->seats.length; j++) {
			if (strcmp(config->seats.items[j]->name, names[i]) == 0) {
				merged = merged ? merged : seat_config_create(name);
				seat_config_merge(merged, config->seats.items[j]);
			}
		}
	}
	return merged;
}
