/* SPDX-License-Identifier: MIT */
/*
 * vixosd's varlink service, all methods, over its real socket. Input: u8 (bit 0: libvirt has told
 * what runs, bit 1: the client doesn't read), then the client's bytes. VM "up" runs, "down"
 * doesn't; libvirt never answers, and no program can be started. What comes back is JSON.
 */
#include <errno.h>
#include <ftw.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <systemd/sd-json.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "common/program.h"
#include "daemon/catalog.h"
#include "daemon/clipboard.h"
#include "daemon/daemon.h"
#include "daemon/display.h"
#include "daemon/event_log.h"
#include "daemon/machine.h"
#include "daemon/manager.h"
#include "daemon/memory_balance.h"
#include "daemon/pool.h"
#include "vm/config.h"
#include "vm/definition.h"
#include "vm/hypervisor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static constexpr size_t input_max = 128 * 1024;
static constexpr unsigned turns_max = 64;

static char folder[64];
static struct daemon vixosd;

/* --- instead of vm/hypervisor*.c: a libvirt that never answers --- */

struct vm_hypervisor *vm_hypervisor_create(
	const char *uri, enum vm_accel_choice accel, vm_event_handler handle_event, void *data)
{
	abort();
}

void vm_hypervisor_destroy(struct vm_hypervisor *hypervisor)
{
}

int vm_hypervisor_get_fd(const struct vm_hypervisor *hypervisor)
{
	return -1;
}

void vm_hypervisor_dispatch(struct vm_hypervisor *hypervisor)
{
}

const char *vm_stop_reason_text(enum vm_stop_reason reason)
{
	return "ended";
}

#define SILENT(name, ...)                                                        \
	void vm_hypervisor_##name(struct vm_hypervisor *hypervisor, __VA_ARGS__) \
	{                                                                        \
	}

/* clang-format off */
SILENT(start, const struct vm_definition *definition, vm_started_handler handle, void *data)
SILENT(take, const struct vm_definition *definition, const struct vm_preloaded *preloaded,
	vm_started_handler handle, void *data)
SILENT(fingerprint, const struct vm_definition *definition, vm_started_handler handle, void *data)
SILENT(stop, const char *name, unsigned deadline_ms, vm_done_handler handle, void *data)
SILENT(kill, const char *name, vm_done_handler handle, void *data)
SILENT(clean_up, const char *name, vm_done_handler handle, void *data)
SILENT(pause, const char *name, vm_done_handler handle, void *data)
SILENT(resume, const char *name, vm_done_handler handle, void *data)
SILENT(mount, const char *name, const struct vm_mount *mount, vm_done_handler handle, void *data)
SILENT(unmount, const char *name, const struct vm_mount *mount, vm_done_handler handle, void *data)
SILENT(set_network, const struct vm_definition *definition, vm_done_handler handle, void *data)
SILENT(set_firewall, const struct vm_definition *definition, vm_done_handler handle, void *data)
SILENT(refresh_firewall, const char *name, vm_done_handler handle, void *data)
SILENT(memory, const char *name, uint32_t mib, vm_memory_handler handle, void *data)
SILENT(link, const char *net_vm, const char *client, vm_done_handler handle, void *data)
SILENT(unlink, const char *net_vm, const char *client, vm_done_handler handle, void *data)
SILENT(sweep_links, const char *net_vm, vm_done_handler handle, void *data)
SILENT(sweep, vm_done_handler handle, void *data)
/* clang-format on */

/* By the linker's --wrap: Doctor would start us, another method a compositor's helper. */
int __wrap_vx_program_start(const struct vx_program *program, pid_t *ret_pid);
int __wrap_vx_program_start(const struct vx_program *program, pid_t *ret_pid)
{
	return ENOSYS;
}

/* --- vixosd --- */

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
	return remove(path);
}

static void remove_folder(void)
{
	(void)nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

/* Everything that vixosd reads and writes of its user's is in an empty folder. */
static void make_folder(void)
{
	static const char *const variables[] = {"HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR",
		"XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME"};
	snprintf(folder, sizeof(folder), "/tmp/vixos-fuzz-XXXXXX");
	char *made = mkdtemp(folder);
	vx_assert(made != nullptr);
	atexit(remove_folder);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(variables); i++) {
		setenv(variables[i], folder, 1);
	}
}

static void finish_daemon(void)
{
	daemon_finish(&vixosd);
}

/* What no client changes is made once: it takes the kernel 10 ms to forget an inotify. */
static void set_up_once(void)
{
	if (folder[0] != '\0') {
		return;
	}
	sigset_t child;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, nullptr);
	vx_log_init("fuzz-manager", VX_LOG_ERROR);
	make_folder();
	vixosd = (struct daemon){.lock_fd = -1, .runtime_base = vx_strdup(folder)};
	wl_list_init(&vixosd.machines);
	wl_list_init(&vixosd.displays);
	wl_list_init(&vixosd.clipboard_transfers);
	vixosd.proxy_program = vx_strdup("/nonexistent");
	vixosd.config = vm_config_load(nullptr);
	int result = sd_event_new(&vixosd.event);
	vx_assert(vixosd.config != nullptr && result >= 0);
	vixosd.memory = memory_balance_create(&vixosd);
	vixosd.catalog = catalog_create("/nonexistent");
	vixosd.events = event_log_create();
	vixosd.pool = pool_create(&vixosd);
	atexit(finish_daemon);
}

static void add_machine(const char *name, enum machine_state state)
{
	struct vm_definition *definition = vm_definition_for_package(vixosd.config, name, nullptr);
	vx_assert(definition != nullptr);
	struct machine *machine = machine_create(&vixosd, definition, nullptr);
	vx_assert(machine != nullptr);
	machine->state = state;
}

static void begin(const char *path, bool is_listed)
{
	(void)unlink(path);
	vixosd.is_listed = is_listed;
	vixosd.manager = manager_create(
		&vixosd, vx_unix_listen(path, SOCK_STREAM, nullptr), nullptr);
	vx_assert(vixosd.manager != nullptr);
	add_machine("up", MACHINE_RUNNING);
	add_machine("down", MACHINE_STOPPED);
}

static void end(void)
{
	clipboard_display_gone(&vixosd, nullptr);
	manager_destroy(vx_take_ptr(vixosd.manager));
	struct machine *machine, *next_machine;
	wl_list_for_each_safe (machine, next_machine, &vixosd.machines, link) {
		machine_destroy(machine);
	}
	struct display *display, *next_display;
	wl_list_for_each_safe (display, next_display, &vixosd.displays, link) {
		display_destroy(display);
	}
}

/* --- the client --- */

struct client {
	int fd;
	bool reads;
	struct vx_buffer replies;
};

static bool client_read(struct client *client)
{
	char bytes[4096];
	ssize_t size = client->reads ? recv(client->fd, bytes, sizeof(bytes), MSG_DONTWAIT) : 0;
	if (size > 0) {
		bool fits = vx_buffer_append(&client->replies, bytes, (size_t)size);
		vx_assert(fits);
	}
	return size > 0;
}

static void check_replies(const struct client *client)
{
	const char *text = (const char *)vx_buffer_bytes(&client->replies);
	size_t size = client->replies.size;
	while (size > 0 && memchr(text, '\0', size) != nullptr) {
		sd_json_variant *reply = nullptr;
		size_t length = strlen(text) + 1;
		int result = sd_json_parse(
			text, SD_JSON_PARSE_MUST_BE_OBJECT, &reply, nullptr, nullptr);
		vx_assert(result >= 0);
		sd_json_variant_unref(reply);
		text += length;
		size -= length;
	}
}

static void run(struct client *client, const uint8_t *data, size_t size)
{
	unsigned idle = 0;
	for (unsigned i = 0; i < turns_max && idle < 3; i++) {
		ssize_t sent = size > 0 ? send(client->fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL)
					: 0;
		sent = sent > 0 ? sent : 0;
		data += sent;
		size -= (size_t)sent;
		bool busy = sd_event_run(vixosd.event, 0) > 0;
		busy |= client_read(client);
		idle = busy || sent > 0 ? 0 : idle + 1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 1 || size > input_max) {
		return 0;
	}
	set_up_once();
	vx_cleanup_free char *path = vx_printf("%s/socket", folder);
	begin(path, data[0] & 1);
	struct client client = {.reads = (data[0] & 2) == 0};
	client.fd = vx_unix_connect(path, SOCK_STREAM, nullptr);
	vx_assert(client.fd >= 0);
	run(&client, data + 1, size - 1);
	check_replies(&client);
	close(client.fd);
	run(&(struct client){.fd = -1}, data, 0);
	vx_buffer_finish(&client.replies);
	end();
	return 0;
}
