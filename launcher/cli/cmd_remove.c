/* SPDX-License-Identifier: MIT */
/* vixos rm */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/definitions.h"
#include "cli/vms.h"
#include "common/fd.h"
#include "vm/state_dir.h"

/* Makes sure that it doesn't run. */
static bool check_at_rest(struct client *client, const char *name,
	const struct cli_options *options, struct vx_error *err)
{
	bool is_alive;
	if (!options->force) {
		return vms_check_stopped(client, name, err);
	}
	return vms_is_alive(client, name, &is_alive, err) &&
	       (!is_alive || vms_stop(client, name, true, err));
}

/* What the VM has kept: removed where the user says so, else pointed out. */
static bool remove_state(const char *name, const struct cli_options *options, struct vx_error *err)
{
	vx_cleanup_free char *path = vm_state_dir_path(name, nullptr, err);
	if (path == nullptr || !vm_state_dir_exists(name)) {
		return path != nullptr;
	}
	bool is_wanted = options->volumes || !vm_state_dir_has_home(name);
	if (!is_wanted && !options->force) {
		vx_cleanup_free char *question = vx_printf(
			"VM '%s' has a home in '%s'. Remove that too?", name, path);
		is_wanted = definitions_confirm(question);
	}
	if (is_wanted) {
		return vm_state_dir_remove(name, err);
	}
	fprintf(stderr, "vixos: the home of VM '%s' is kept in '%s'; --volumes removes it too\n",
		name, path);
	return true;
}

/* With the VM's folder locked, if there is one, so that nobody starts it meanwhile. */
static bool remove_one(struct client *client, const char *name, const struct cli_options *options,
	struct vx_error *err)
{
	struct own_definition own;
	vx_cleanup_close int lock = -1;
	/* A home whose VM is gone can be removed as well. */
	bool only_state = options->volumes && definitions_check_name(name, err) &&
			  vm_state_dir_exists(name) && definitions_check_free(name, nullptr);
	own = (struct own_definition){};
	bool good = (only_state || own_definition_find(&own, name, err)) &&
		    check_at_rest(client, name, options, err);
	if (good) {
		lock = vm_state_dir_lock(name, true, err);
		good = lock >= 0 || err->message == nullptr;
	}
	/* It may have been started before it was locked. */
	good = good && (lock < 0 || vms_check_stopped(client, name, err));
	if (good && !only_state && unlink(own.path) != 0) {
		good = vx_error_set_errno(err, errno, "can't remove '%s'", own.path);
	}
	good = good && remove_state(name, options, err);
	if (good && !options->quiet) {
		puts(name);
	}
	own_definition_finish(&own);
	return good;
}

int cmd_remove(struct command_context *context)
{
	struct client client = {};
	bool all_done = client_connect(&client, context->err);
	for (int i = 0; all_done && i < context->argc; i++) {
		all_done = remove_one(&client, context->argv[i], context->options, context->err);
	}
	client_finish(&client);
	return all_done ? 0 : -1;
}
