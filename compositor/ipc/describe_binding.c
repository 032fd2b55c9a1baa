/* SPDX-License-Identifier: MIT */
/* Bindings as JSON. */
#include <linux/input-event-codes.h>
#include <stdio.h>
#include <xkbcommon/xkbcommon.h>

#include "config/binding.h"
#include "ipc/describe.h"

static bool is_mouse(const struct binding *binding)
{
	return binding->type == BINDING_MOUSECODE || binding->type == BINDING_MOUSESYM;
}

/* i3's names: buttons count from BTN_LEFT. False: it has no name. */
static bool symbol_name(uint32_t key, char *name, size_t size)
{
	if (key >= BTN_LEFT && key <= BTN_LEFT + 8) {
		snprintf(name, size, "button%u", key - BTN_LEFT + 1);
		return true;
	}
	return xkb_keysym_get_name(key, name, size) >= 0;
}

static yyjson_mut_val *describe_symbols(
	struct describe *describe, const struct binding *binding, yyjson_mut_val *object)
{
	yyjson_mut_val *symbols = yyjson_mut_arr(describe->doc);
	char name[64], first[64] = "";
	for (size_t i = 0; i < binding->key_count; i++) {
		if (!symbol_name(binding->keys[i], name, sizeof(name))) {
			continue;
		}
		yyjson_mut_arr_add_strcpy(describe->doc, symbols, name);
		if (i == 0) {
			snprintf(first, sizeof(first), "%s", name);
		}
	}
	describe_add_string(describe, object, "symbol", first[0] ? first : nullptr);
	return symbols;
}

yyjson_mut_val *describe_binding(struct describe *describe, const struct binding *binding)
{
	if (binding->type == BINDING_SWITCH || binding->type == BINDING_GESTURE) {
		return nullptr;
	}
	yyjson_mut_doc *doc = describe->doc;
	yyjson_mut_val *object = yyjson_mut_obj(doc);
	describe_add_string(describe, object, "command", binding->command);
	yyjson_mut_val *modifiers = yyjson_mut_arr(doc);
	for (unsigned i = 0; i < modifier_count; i++) {
		if (binding->modifiers & 1u << i) {
			yyjson_mut_arr_add_strcpy(doc, modifiers, modifier_name(i));
		}
	}
	yyjson_mut_obj_add_val(doc, object, "event_state_mask", modifiers);
	yyjson_mut_val *codes = yyjson_mut_arr(doc);
	yyjson_mut_val *symbols = nullptr;
	bool is_code = binding->type == BINDING_KEYCODE;
	if (is_code) {
		for (size_t i = 0; i < binding->key_count; i++) {
			yyjson_mut_arr_add_uint(doc, codes, binding->keys[i]);
		}
		symbols = yyjson_mut_arr(doc);
		yyjson_mut_obj_add_null(doc, object, "symbol");
	} else {
		symbols = describe_symbols(describe, binding, object);
	}
	yyjson_mut_obj_add_val(doc, object, "input_codes", codes);
	yyjson_mut_obj_add_uint(doc, object, "input_code",
		is_code && binding->key_count > 0 ? binding->keys[0] : 0);
	yyjson_mut_obj_add_val(doc, object, "symbols", symbols);
	yyjson_mut_obj_add_str(doc, object, "input_type", is_mouse(binding) ? "mouse" : "keyboard");
	return object;
}
