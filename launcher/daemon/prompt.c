/* SPDX-License-Identifier: MIT */
#include "daemon/prompt.h"

#include "vixos-domain-v1-client-protocol.h"

#include "common/memory.h"
#include "daemon/display.h"

struct prompt {
	struct display *display;        /* borrowed; outlives us */
	struct vixos_prompt_v1 *object; /* owned */
	prompt_handler handler;
	void *data;
};

static void handle_answered(void *data, struct vixos_prompt_v1 *object, uint32_t accepted)
{
	struct prompt *prompt = data;
	prompt->handler(prompt->data, accepted == 1);
}

static const struct vixos_prompt_v1_listener listener = {
	.answered = handle_answered,
};

struct prompt *prompt_create(struct display *display, const char *vm, const char *text,
	const char *accept, prompt_handler handler, void *data)
{
	struct vixos_domain_manager_v1 *manager = display_get_manager(display, 2);
	if (manager == nullptr) {
		return nullptr;
	}
	struct prompt *prompt = vx_new(prompt);
	prompt->display = display;
	prompt->handler = handler;
	prompt->data = data;
	prompt->object = vixos_domain_manager_v1_create_prompt(manager, vm, text, accept);
	vixos_prompt_v1_add_listener(prompt->object, &listener, prompt);
	display_flush(display);
	return prompt;
}

void prompt_destroy(struct prompt *prompt)
{
	if (prompt == nullptr) {
		return;
	}
	vixos_prompt_v1_destroy(prompt->object);
	display_flush(prompt->display);
	free(prompt);
}
