/* SPDX-License-Identifier: MIT */
#include "vm/tag.h"

#include <string.h>
#include <wlr/types/wlr_security_context_v1.h>

#include "common/display_string.h"
#include "common/memory.h"
#include "common/name.h"
#include "server.h"
#include "vm/palette.h"
#include "vm/vms.h"

static constexpr size_t label_max = 31;

static const struct wlr_security_context_v1_state *lookup(
	struct server *server, const struct wl_client *client)
{
	if (client == nullptr || server->security_context == nullptr) {
		return nullptr;
	}
	return wlr_security_context_manager_v1_lookup_client(server->security_context, client);
}

static enum tag_kind classify(struct server *server,
	const struct wlr_security_context_v1_state *state, struct vm **ret_vm)
{
	*ret_vm = nullptr;
	if (state == nullptr) {
		return TAG_NONE;
	}
	if (state->sandbox_engine == nullptr ||
		strcmp(state->sandbox_engine, VX_SANDBOX_ENGINE) != 0) {
		return TAG_SANDBOX;
	}
	*ret_vm = state->instance_id != nullptr ? vms_get(&server->vms, state->instance_id)
						: nullptr;
	return *ret_vm != nullptr ? TAG_VM : TAG_UNKNOWN;
}

enum tag_kind tag_kind_of_client(
	struct server *server, const struct wl_client *client, struct vm **ret_vm)
{
	struct vm *vm = nullptr;
	return classify(server, lookup(server, client), ret_vm != nullptr ? ret_vm : &vm);
}

static char *sandbox_label(const struct wlr_security_context_v1_state *state)
{
	const char *engine = state->sandbox_engine != nullptr ? state->sandbox_engine : "sandbox";
	const char *dot = strrchr(engine, '.');
	char *text = vx_printf("%s: %s", dot != nullptr && dot[1] != '\0' ? dot + 1 : engine,
		state->app_id != nullptr ? state->app_id : "?");
	char *label = vx_display_string(text, label_max);
	free(text);
	return label;
}

void tag_init(struct tag *tag, struct server *server, const struct wl_client *client)
{
	*tag = (struct tag){};
	const struct wlr_security_context_v1_state *state = lookup(server, client);
	tag->kind = classify(server, state, &tag->vm);
	if (state == nullptr) {
		return;
	}
	tag->engine = vx_strdup(state->sandbox_engine);
	tag->app_id = vx_strdup(state->app_id);
	tag->instance_id = vx_strdup(state->instance_id);
	if (tag->kind == TAG_SANDBOX) {
		tag->sandbox_label = sandbox_label(state);
	} else if (tag->kind == TAG_UNKNOWN) {
		tag->sandbox_label = vx_strdup("unknown VM");
	}
}

void tag_finish(struct tag *tag)
{
	free(tag->engine);
	free(tag->app_id);
	free(tag->instance_id);
	free(tag->sandbox_label);
	*tag = (struct tag){};
}

uint32_t tag_color(const struct tag *tag)
{
	switch (tag->kind) {
	case TAG_VM:
		return tag->vm->color;
	case TAG_SANDBOX:
		return palette_sandbox;
	case TAG_UNKNOWN:
	case TAG_NONE:
		break;
	}
	return palette_unknown;
}

const char *tag_label(const struct tag *tag)
{
	return tag->kind == TAG_VM ? tag->vm->label : tag->sandbox_label;
}

static bool string_equal(const char *a, const char *b)
{
	return a == b || (a != nullptr && b != nullptr && strcmp(a, b) == 0);
}

bool tag_is_same_domain(const struct tag *a, const struct tag *b)
{
	return a->kind == b->kind && a->vm == b->vm && string_equal(a->engine, b->engine) &&
	       string_equal(a->app_id, b->app_id) && string_equal(a->instance_id, b->instance_id);
}
