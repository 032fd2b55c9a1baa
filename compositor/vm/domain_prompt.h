/* SPDX-License-Identifier: MIT */
/* vixos_prompt_v1: questions that vixosd has the compositor ask (ui/prompts.h). */
#ifndef VM_DOMAIN_PROMPT_H
#define VM_DOMAIN_PROMPT_H

#include <stdint.h>

struct server;
struct wl_client;
struct wl_resource;

/*
 * Makes the object `id`; strings are the manager's, and a name that can be no VM's ends its
 * connection. `is_inert`: the manager is no longer in charge, and its question is refused at once.
 */
void domain_prompt_create(struct server *server, struct wl_client *client,
	struct wl_resource *manager, uint32_t id, const char *name, const char *text,
	const char *accept, bool is_inert);

#endif
