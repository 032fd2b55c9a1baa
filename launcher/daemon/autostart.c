/* SPDX-License-Identifier: MIT */
#include "daemon/autostart.h"

#include <string.h>
#include <sys/socket.h>

#define VX_LOG_MODULE "autostart"
#include "common/fd.h"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/display.h"
#include "daemon/machine.h"
#include "vm/config.h"
#include "vm/definition.h"
#include "vm/definition_file.h"

static constexpr size_t mark_max = 4096;

/*
 * Notes that it was done for this compositor, which its process id tells from the next at the same
 * path. False where it was done before: VMs that were stopped since then stay so.
 */
static bool mark(const struct daemon *daemon, const struct display *display)
{
	vx_cleanup_error struct vx_error err = {};
	vx_cleanup_free char *path = vx_printf("%s/autostarted", daemon->runtime_base);
	vx_cleanup_free char *text = vx_printf("%d %s\n", display_get_pid(display), display->path);
	vx_cleanup_free char *before = vx_read_file(path, mark_max, nullptr, nullptr);
	if (before != nullptr && strcmp(before, text) == 0) {
		return false;
	}
	if (!vm_replace_file(path, text, strlen(text), &err)) {
		vx_log_warn("%s", vx_error_message(&err));
	}
	return true;
}

static void start_one(struct daemon *daemon, const struct display *display, const char *name)
{
	vx_cleanup_error struct vx_error err = {};
	struct machine *machine = daemon_get_machine(daemon, name, &err);
	if (machine == nullptr) {
		vx_log_error("%s", vx_error_message(&err));
	} else if (!machine_state_is_alive(machine->state)) {
		vx_log_info("'%s' starts with the desktop", name);
		struct machine_start start = {.display = display->path};
		machine_start(machine, &start);
	}
}

static void start_all(struct daemon *daemon, struct display *display)
{
	display->wants_autostart = false;
	if (!display->has_security_context) {
		vx_log_warn("the compositor at '%s' can't mark windows of VMs: none starts with it",
			display->path);
		return;
	}
	if (!mark(daemon, display)) {
		return;
	}
	vx_cleanup_error struct vx_error err = {};
	if (!daemon_reload(daemon, &err)) {
		vx_log_warn("the configuration before is kept: %s", vx_error_message(&err));
	}
	const struct vm_config *config = daemon->config;
	for (size_t i = 0; i < config->definition_count; i++) {
		if (config->definitions[i]->autostart) {
			start_one(daemon, display, config->definitions[i]->name);
		}
	}
}

void autostart_run(struct daemon *daemon)
{
	struct display *display;
	wl_list_for_each (display, &daemon->displays, link) {
		if (display->wants_autostart && display->is_ready && daemon->is_listed) {
			start_all(daemon, display);
		}
	}
}
