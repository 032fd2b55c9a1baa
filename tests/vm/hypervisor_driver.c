/* SPDX-License-Identifier: MIT */
/*
 * Drives launcher/vm's hypervisor from a script: one command a line on standard input, one line of
 * output for everything that happens. test_hypervisor.py is the script. The configuration is that
 * of $VIXOS_CONFIG.
 *
 *   start NAME | stop NAME MS | kill NAME | clean NAME | pause NAME | resume NAME | sweep
 *   type NAME TEXT | tail NAME LINES | watch NAME | quit
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "vm/config.h"
#include "vm/console.h"
#include "vm/definition.h"
#include "vm/hypervisor.h"
#include "vm/runtime_dir.h"

static constexpr size_t vms_max = 32;
static constexpr size_t line_max = 512;

struct driver {
	struct vm_config *config;
	struct vm_hypervisor *hypervisor;
	struct {
		char name[64];
		struct vm_console *console;
		bool was_ready;
	} vms[vms_max];
	size_t vm_count;
	bool quits;
};

/* What a callback belongs to; leaks nothing: freed by the callback. */
struct pending {
	struct driver *driver;
	char *what;
	char *name;
};

static struct pending *pend(struct driver *driver, const char *what, const char *name)
{
	struct pending *pending = vx_new(pending);
	pending->driver = driver;
	pending->what = vx_strdup(what);
	pending->name = vx_strdup(name);
	return pending;
}

static void pending_destroy(struct pending *pending)
{
	free(pending->what);
	free(pending->name);
	free(pending);
}

static struct vm_console *find_console(struct driver *driver, const char *name)
{
	for (size_t i = driver->vm_count; i > 0; i--) {
		if (strcmp(driver->vms[i - 1].name, name) == 0) {
			return driver->vms[i - 1].console;
		}
	}
	return nullptr;
}

static void open_console(struct driver *driver, const char *name, int socket)
{
	struct vm_runtime_dir dir;
	vx_cleanup_error struct vx_error err = {};
	vx_assert(driver->vm_count < vms_max && strlen(name) < sizeof(driver->vms[0].name));
	struct vm_console *console = vm_runtime_dir_init(&dir, name, &err)
					     ? vm_console_open(&dir, socket, &err)
					     : nullptr;
	vm_runtime_dir_finish(&dir);
	if (console == nullptr) {
		printf("console %s: %s\n", name, vx_error_message(&err));
		return;
	}
	strcpy(driver->vms[driver->vm_count].name, name);
	driver->vms[driver->vm_count++].console = console;
}

static void handle_event(void *data, const struct vm_event *event)
{
	static const char *const names[] = {
		[VM_EVENT_CONNECTION_READY] = "ready",
		[VM_EVENT_CONNECTION_LOST] = "lost",
		[VM_EVENT_FOUND] = "found",
		[VM_EVENT_LISTED] = "listed",
		[VM_EVENT_PAUSED] = "paused",
		[VM_EVENT_RESUMED] = "resumed",
		[VM_EVENT_STOPPED] = "stopped",
	};
	static_assert(VX_ARRAY_LENGTH(names) == VM_EVENT_TYPE_COUNT);
	printf("event %s", names[event->type]);
	if (event->name != nullptr) {
		printf(" %s", event->name);
	}
	if (event->type == VM_EVENT_STOPPED) {
		printf(" %s", vm_stop_reason_text(event->reason));
	}
	if (event->type == VM_EVENT_FOUND) {
		printf(" state=%u label=%s color=#%06x memory=%u", event->running->state,
			event->running->definition->label, event->running->definition->color,
			event->running->definition->memory_min_mib);
	}
	printf("%s%s\n", event->message != nullptr ? " " : "",
		event->message != nullptr ? event->message : "");
}

static void handle_done(void *data, const struct vx_error *err)
{
	struct pending *pending = data;
	printf("done %s %s %s\n", pending->what, pending->name,
		err != nullptr ? vx_error_message(err) : "ok");
	pending_destroy(pending);
}

static void handle_started(void *data, const struct vm_started *started, const struct vx_error *err)
{
	struct pending *pending = data;
	if (err != nullptr) {
		printf("done start %s %s\n", pending->name, vx_error_message(err));
	} else {
		open_console(pending->driver, pending->name, started->console_socket);
		printf("done start %s ok accel=%s prepare_ms=%llu libvirt_ms=%llu region=%s\n",
			pending->name, vm_accel_name(started->accel),
			(unsigned long long)(started->times.prepare_ns / 1000000),
			(unsigned long long)(started->times.libvirt_ns / 1000000),
			started->region_name);
	}
	pending_destroy(pending);
}

static void command_start(struct driver *driver, const char *name)
{
	vx_cleanup_error struct vx_error err = {};
	struct vm_definition *definition = vm_definition_for_package(driver->config, name, &err);
	if (definition == nullptr) {
		printf("done start %s %s\n", name, vx_error_message(&err));
		return;
	}
	vm_hypervisor_start(
		driver->hypervisor, definition, handle_started, pend(driver, "start", name));
	vm_definition_destroy(definition);
}

static void command_type(struct driver *driver, const char *name, const char *text)
{
	struct vm_console *console = find_console(driver, name);
	if (console == nullptr || write(vm_console_get_fd(console), text, strlen(text)) < 0) {
		printf("console %s: can't type\n", name);
	}
}

static void command_tail(struct driver *driver, const char *name, const char *count)
{
	struct vm_console *console = find_console(driver, name);
	vx_cleanup_free char *tail = console != nullptr
					     ? vm_console_tail(console, strtoul(count, nullptr, 10))
					     : vx_strdup("");
	printf("tail %s position=%llu\n%s%send of tail\n", name,
		(unsigned long long)(console != nullptr ? vm_console_position(console) : 0), tail,
		tail[0] != '\0' && tail[strlen(tail) - 1] != '\n' ? "\n" : "");
}

static void run_command(struct driver *driver, char *line)
{
	struct vm_hypervisor *hypervisor = driver->hypervisor;
	char verb[16] = "", name[64] = "", rest[256] = "";
	if (sscanf(line, "%15s %63s %255[^\n]", verb, name, rest) < 1) {
		return;
	}
	if (strcmp(verb, "start") == 0) {
		command_start(driver, name);
	} else if (strcmp(verb, "stop") == 0) {
		vm_hypervisor_stop(hypervisor, name, (unsigned)strtoul(rest, nullptr, 10),
			handle_done, pend(driver, verb, name));
	} else if (strcmp(verb, "kill") == 0) {
		vm_hypervisor_kill(hypervisor, name, handle_done, pend(driver, verb, name));
	} else if (strcmp(verb, "clean") == 0) {
		vm_hypervisor_clean_up(hypervisor, name, handle_done, pend(driver, verb, name));
	} else if (strcmp(verb, "pause") == 0) {
		vm_hypervisor_pause(hypervisor, name, handle_done, pend(driver, verb, name));
	} else if (strcmp(verb, "resume") == 0) {
		vm_hypervisor_resume(hypervisor, name, handle_done, pend(driver, verb, name));
	} else if (strcmp(verb, "sweep") == 0) {
		vm_hypervisor_sweep(hypervisor, handle_done, pend(driver, verb, "all"));
	} else if (strcmp(verb, "type") == 0) {
		command_type(driver, name, rest);
	} else if (strcmp(verb, "tail") == 0) {
		command_tail(driver, name, rest);
	} else if (strcmp(verb, "watch") == 0) {
		open_console(driver, name, -1);
	} else if (strcmp(verb, "quit") == 0) {
		driver->quits = true;
	} else {
		printf("unknown command %s\n", verb);
	}
}

static void show_console(struct driver *driver, size_t index)
{
	struct vm_console *console = driver->vms[index].console;
	unsigned pause_ms = vm_console_dispatch(console);
	if (pause_ms > 0) {
		printf("console %s: held up\n", driver->vms[index].name);
		poll(nullptr, 0, (int)pause_ms);
	}
	/* The text may come in several reads. */
	vx_cleanup_free char *text = vm_console_tail(console, 3);
	if (!driver->vms[index].was_ready && strstr(text, "ready\n") != nullptr) {
		driver->vms[index].was_ready = true;
		printf("console %s: ready\n", driver->vms[index].name);
	}
}

static void turn(struct driver *driver)
{
	struct pollfd fds[2 + vms_max] = {
		{.fd = STDIN_FILENO, .events = POLLIN},
		{.fd = vm_hypervisor_get_fd(driver->hypervisor), .events = POLLIN},
	};
	size_t count = driver->vm_count;
	for (size_t i = 0; i < count; i++) {
		fds[2 + i].fd = vm_console_get_fd(driver->vms[i].console);
		fds[2 + i].events = POLLIN;
	}
	if (poll(fds, 2 + count, -1) < 0) {
		return;
	}
	for (size_t i = 0; i < count; i++) {
		if (fds[2 + i].revents != 0) {
			show_console(driver, i);
		}
	}
	if (fds[1].revents != 0) {
		vm_hypervisor_dispatch(driver->hypervisor);
	}
	char line[line_max];
	if (fds[0].revents != 0) {
		if (fgets(line, sizeof(line), stdin) == nullptr) {
			driver->quits = true;
		} else {
			run_command(driver, line);
		}
	}
}

int main(void)
{
	struct driver driver = {};
	vx_cleanup_error struct vx_error err = {};
	vx_log_init("hypervisor-driver", VX_LOG_INFO);
	setvbuf(stdin, nullptr, _IONBF, 0);
	setvbuf(stdout, nullptr, _IOLBF, 0);
	driver.config = vm_config_load(&err);
	if (driver.config == nullptr) {
		printf("config %s\n", vx_error_message(&err));
		return 2;
	}
	driver.hypervisor = vm_hypervisor_create(
		driver.config->uri, driver.config->accel, handle_event, &driver);
	while (!driver.quits) {
		turn(&driver);
	}
	vm_hypervisor_destroy(driver.hypervisor);
	for (size_t i = 0; i < driver.vm_count; i++) {
		vm_console_close(driver.vms[i].console);
	}
	vm_config_destroy(driver.config);
	return 0;
}
