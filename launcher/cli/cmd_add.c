/* SPDX-License-Identifier: MIT */
/* vixos add */
#include <stdio.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/definitions.h"
#include "cli/mounting.h"
#include "cli/nix_build.h"
#include "cli/vms.h"
#include "vm/nix.h"

/* A VM that was started without the store gets it now. */
static bool share_store(struct client *client, const char *vm, struct vx_error *err)
{
	bool is_alive;
	struct mounting mounting = {.source = vx_strdup(VM_NIX_STORE), .target = VM_NIX_STORE};
	bool is_done = vms_is_alive(client, vm, &is_alive, err) &&
		       (!is_alive || mounting_add(client, vm, &mounting, err));
	mounting_finish(&mounting);
	return is_done;
}

int cmd_add(struct command_context *context)
{
	const char *vm = context->argv[0];
	struct client client = {};
	bool is_done = definitions_check_name(vm, context->err) && nix_check(context->err) &&
		       client_connect(&client, context->err) &&
		       vms_find(&client, vm, context->err) != nullptr;
	for (int i = 1; is_done && i < context->argc; i++) {
		is_done = nix_build(vm, context->argv[i], context->err);
	}
	/* Nix may have taken longer than the connection was good for. */
	is_done = is_done && client_connect(&client, context->err) &&
		  share_store(&client, vm, context->err);
	client_finish(&client);
	for (int i = 1; is_done && !context->options->quiet && i < context->argc; i++) {
		puts(context->argv[i]);
	}
	return is_done ? 0 : -1;
}
