/* SPDX-License-Identifier: MIT */
#include "vm/domain_prompt.h"

#include <wayland-server-core.h>

#include "common/display_string.h"
#include "common/memory.h"
#include "server.h"
#include "ui/prompts.h"
#include "vixos-domain-v1-protocol.h"
#include "vm/vms.h"

static constexpr size_t text_max = 200;  /* code points */
static constexpr size_t accept_max = 31; /* code points */

struct domain_prompt {
	struct wl_resource *resource;
	struct prompt *prompt; /* NULL once it is answered */
};

static void handle_destroy(struct wl_client *client, struct wl_resource *resource)
{
	wl_resource_destroy(resource);
}

static const struct vixos_prompt_v1_interface impl = {
	.destroy = handle_destroy,
};

static void handle_resource_destroy(struct wl_resource *resource)
{
	struct domain_prompt *prompt = wl_resource_get_user_data(resource);
	if (prompt->prompt != nullptr) {
		prompts_withdraw(prompt->prompt);
	}
	free(prompt);
}

static void handle_answered(void *data, bool accepted)
{
	struct domain_prompt *prompt = data;
	prompt->prompt = nullptr;
	vixos_prompt_v1_send_answered(prompt->resource, accepted);
}

void domain_prompt_create(struct server *server, struct wl_client *client,
	struct wl_resource *manager, uint32_t id, const char *name, const char *text,
	const char *accept, bool is_inert)
{
	struct vm *vm = vms_get(&server->vms, name);
	if (vm == nullptr) {
		wl_resource_post_error(manager, VIXOS_DOMAIN_MANAGER_V1_ERROR_INVALID_NAME,
			"the name can't be a VM's");
		return;
	}
	struct wl_resource *resource = wl_resource_create(
		client, &vixos_prompt_v1_interface, wl_resource_get_version(manager), id);
	if (resource == nullptr) {
		wl_client_post_no_memory(client);
		return;
	}
	struct domain_prompt *prompt = vx_new(prompt);
	prompt->resource = resource;
	wl_resource_set_implementation(resource, &impl, prompt, handle_resource_destroy);
	vx_cleanup_free char *shown_text = vx_display_string(text, text_max);
	vx_cleanup_free char *shown_accept = vx_display_string(accept, accept_max);
	if (!is_inert) {
		prompt->prompt = prompts_ask(
			server->prompts, vm, shown_text, shown_accept, handle_answered, prompt);
	}
	if (prompt->prompt == nullptr) {
		vixos_prompt_v1_send_answered(resource, 0);
	}
}
