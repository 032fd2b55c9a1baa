/* SPDX-License-Identifier: MIT */
/* vixos rename, vixos clone */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/definitions.h"
#include "cli/vms.h"
#include "common/fd.h"
#include "vm/config.h"
#include "vm/definition_file.h"
#include "vm/state_dir.h"

struct rename {
	const char *from, *to;
	struct own_definition own;
	char *path; /* owned; of the new definition */
	char *text; /* owned; its text */
	int lock;   /* owned; of the old one's folder; -1: it has none */
	struct vx_error *err;
};

static bool check_state_is_free(const char *name, struct vx_error *err)
{
	vx_cleanup_free char *path = vm_state_dir_path(name, nullptr, err);
	if (path == nullptr) {
		return false;
	}
	return !vm_state_dir_exists(name) ||
	       vx_error_set(err,
		       "'%s' is there from an earlier VM '%s'; 'vixos rm --volumes %s' "
		       "removes it",
		       path, name, name);
}

static bool lock_at_rest(struct rename *rename)
{
	struct client client = {};
	rename->lock = vm_state_dir_lock(rename->from, true, rename->err);
	if (rename->lock < 0 && rename->err->message != nullptr) {
		return false;
	}
	bool good = client_connect(&client, rename->err) &&
		    vms_check_stopped(&client, rename->from, rename->err) &&
		    vms_check_stopped(&client, rename->to, rename->err);
	client_finish(&client);
	return good;
}

static bool rename_prepare(struct rename *rename)
{
	struct vx_error *err = rename->err;
	if (!own_definition_find(&rename->own, rename->from, err) ||
		!definitions_check_free(rename->to, err) || !check_state_is_free(rename->to, err) ||
		!lock_at_rest(rename)) {
		return false;
	}
	rename->path = definition_file_path(rename->to, err);
	rename->text = definition_file_renamed(rename->own.text, rename->from, rename->to, err);
	return rename->path != nullptr && rename->text != nullptr;
}

static bool install_new(struct rename *rename)
{
	return definition_file_install(
		rename->path, rename->text, strlen(rename->text), false, rename->err);
}

/* The new definition first, then what belongs to it; the old one goes last, so that at each point
 * something is whole. */
static bool do_rename(struct rename *rename)
{
	if (!install_new(rename)) {
		return false;
	}
	if (vm_state_dir_exists(rename->from) &&
		!vm_state_dir_rename(rename->from, rename->to, rename->err)) {
		(void)unlink(rename->path);
		return false;
	}
	return unlink(rename->own.path) == 0 ||
	       vx_error_set_errno(rename->err, errno, "can't remove '%s'", rename->own.path);
}

/* cp(1) knows about holes, attributes and file systems that share blocks. */
static bool copy_tree(char *from, char *to, struct vx_error *err)
{
	char *argv[] = {(char *)"cp", (char *)"-a", (char *)"--reflink=auto", (char *)"--", from,
		to, nullptr};
	pid_t child;
	int status = 0;
	int result = posix_spawnp(&child, "cp", nullptr, nullptr, argv, environ);
	if (result != 0) {
		return vx_error_set_errno(err, result, "can't start cp");
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	return (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
	       vx_error_set(err, "'%s' can't be copied whole; nothing was kept", from);
}

static bool do_clone(struct rename *rename)
{
	if (vm_state_dir_exists(rename->from)) {
		vx_cleanup_free char *from = vm_state_dir_path(rename->from, nullptr, rename->err);
		vx_cleanup_free char *to = vm_state_dir_path(rename->to, nullptr, rename->err);
		if (from == nullptr || to == nullptr) {
			return false;
		}
		fprintf(stderr, "vixos: copying '%s'\n", from);
		if (!copy_tree(from, to, rename->err)) {
			(void)vm_state_dir_remove(rename->to, nullptr);
			return false;
		}
	}
	if (!install_new(rename)) {
		(void)vm_state_dir_remove(rename->to, nullptr);
		return false;
	}
	return true;
}

static int run(struct command_context *context, bool (*act)(struct rename *rename))
{
	struct rename rename = {
		.from = context->argv[0],
		.to = context->argv[1],
		.lock = -1,
		.err = context->err,
	};
	bool is_done = rename_prepare(&rename) && act(&rename);
	if (is_done && !context->options->quiet) {
		puts(rename.to);
	}
	own_definition_finish(&rename.own);
	free(rename.path);
	free(rename.text);
	vx_replace_fd(&rename.lock, -1);
	return is_done ? 0 : -1;
}

int cmd_rename(struct command_context *context)
{
	return run(context, do_rename);
}

int cmd_clone(struct command_context *context)
{
	return run(context, do_clone);
}
