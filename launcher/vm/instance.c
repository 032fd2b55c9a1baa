/* SPDX-License-Identifier: MIT */
/* VMs that are one of several of a kind. */
#include <string.h>
#include <sys/random.h>

#include "common/display_string.h"
#include "common/memory.h"
#include "common/name.h"
#include "vm/config.h"
#include "vm/definition.h"

static constexpr size_t suffix_length = 4;

bool vm_instance_name(const char *base, char **ret_name)
{
	/* Without those that look alike. */
	static const char characters[] = "abcdefghijkmnpqrstuvwxyz23456789";
	static_assert(sizeof(characters) == 32 + 1);
	unsigned char noise[suffix_length];
	char suffix[suffix_length + 1] = {};
	if (getrandom(noise, sizeof(noise), 0) != (ssize_t)sizeof(noise)) {
		return false;
	}
	for (size_t i = 0; i < suffix_length; i++) {
		suffix[i] = characters[noise[i] % 32];
	}
	size_t room = vx_vm_name_max - suffix_length - 1;
	*ret_name = vx_printf("%.*s-%s", (int)room, base, suffix);
	return true;
}

/* What a person can tell it by: the name, or the label and what the name has of its own. */
static char *instance_label(const struct vm_definition *base, const char *name)
{
	const char *own = strrchr(name, '-');
	if (strcmp(base->label, base->name) == 0 || own == nullptr) {
		return vx_strdup(name);
	}
	vx_cleanup_free char *label = vx_printf("%s %s", base->label, own + 1);
	vx_cleanup_free char *shown = vx_display_string(label, vm_label_max_code_points);
	return strcmp(shown, label) == 0 ? vx_take_ptr(label) : vx_strdup(name);
}

static void make_instance(struct vm_definition *definition, const char *name)
{
	vx_cleanup_free char *label = instance_label(definition, name);
	definition->base = vx_take_ptr(definition->name);
	definition->name = vx_strdup(name);
	vx_replace_string(&definition->label, label);
	vx_replace_string(&definition->file, nullptr);
	definition->is_configured = false;
	definition->autostart = false;
	definition->preload = 0;
}

struct vm_definition *vm_definition_for_instance(const struct vm_config *config, const char *name,
	const char *base, bool disposable, struct vx_error *err)
{
	struct vm_definition *definition = vm_definition_for_package(config, base, err);
	if (definition == nullptr) {
		return nullptr;
	}
	if (strcmp(name, base) != 0) {
		/* Also for what it may be called. */
		struct vm_definition *named = vm_definition_for_package(config, name, err);
		if (named == nullptr) {
			vm_definition_destroy(definition);
			return nullptr;
		}
		vm_definition_destroy(named);
		make_instance(definition, name);
	}
	definition->is_disposable = definition->is_disposable || disposable;
	if (definition->is_disposable && definition->home == VM_HOME_PRIVATE) {
		definition->home = VM_HOME_DISPOSABLE;
	}
	return definition;
}
