/* SPDX-License-Identifier: MIT */
#include "daemon/sway.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <systemd/sd-json.h>
#include <unistd.h>
#include <wayland-util.h>

#define VX_LOG_MODULE "sway"
#include "common/buffer.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/name.h"

/* sway-ipc(7): "i3-ipc", length, type, in the machine's byte order; then the payload. */
static const char magic[] = {'i', '3', '-', 'i', 'p', 'c'};
static constexpr size_t header_size = sizeof(magic) + 2 * sizeof(uint32_t);
static constexpr uint32_t type_command = 0;
static constexpr uint32_t type_subscribe = 2;
static constexpr uint32_t type_workspace_event = UINT32_C(0x80000000);

static constexpr size_t output_max = 256 * 1024;
static constexpr size_t payload_max = 4 * 1024 * 1024;
static constexpr size_t read_size = 16 * 1024;

struct sway_binding {
	struct wl_list link; /* struct sway.bindings */
	char *vm;            /* owned */
	char *workspace;     /* owned */
	unsigned serial;     /* how often it has been bound to another since rules were read */
};

struct sway {
	sd_event_source *source; /* owned; NULL once the connection is lost */
	int fd;                  /* owned */
	struct vx_buffer output;
	struct vx_buffer input;
	uint64_t skip; /* bytes of a payload that is too large to look at */
	struct wl_list bindings;
};

/* Writing */

static void sway_lose(struct sway *sway, const char *why)
{
	vx_log_warn("the connection to sway's IPC is lost: %s", why);
	sway->source = sd_event_source_disable_unref(sway->source);
	vx_replace_fd(&sway->fd, -1);
}

static void sway_flush(struct sway *sway)
{
	while (sway->source != nullptr && sway->output.size > 0) {
		ssize_t size = send(sway->fd, vx_buffer_bytes(&sway->output), sway->output.size,
			MSG_DONTWAIT | MSG_NOSIGNAL);
		if (size > 0) {
			vx_buffer_consume(&sway->output, (size_t)size);
		} else if (errno == EAGAIN) {
			break;
		} else if (errno != EINTR) {
			sway_lose(sway, strerror(errno));
			return;
		}
	}
	if (sway->source != nullptr) {
		(void)sd_event_source_set_io_events(
			sway->source, sway->output.size > 0 ? EPOLLIN | EPOLLOUT : EPOLLIN);
	}
}

static void sway_send(struct sway *sway, uint32_t type, const char *payload)
{
	const uint32_t numbers[] = {(uint32_t)strlen(payload), type};
	if (sway->source == nullptr) {
		return;
	}
	if (!vx_buffer_append(&sway->output, magic, sizeof(magic)) ||
		!vx_buffer_append(&sway->output, numbers, sizeof(numbers)) ||
		!vx_buffer_append(&sway->output, payload, numbers[0])) {
		sway_lose(sway, "it doesn't read what it is sent");
		return;
	}
	sway_flush(sway);
}

/* Rules */

/* The name as a regular expression that matches nothing else. */
static char *escape_name(const char *name)
{
	char *pattern = vx_calloc(2 * strlen(name) + 1, 1);
	char *out = pattern;
	for (; *name != '\0'; name++) {
		if (*name == '.') {
			*out++ = '\\';
		}
		*out++ = *name;
	}
	return pattern;
}

/*
 * Of assign rules the first that matches counts, and none can be taken back: the rule for another
 * workspace is one of for_window, of which the last decides. The comment in its pattern makes it
 * differ from an earlier one that says the same, where sway would leave it.
 */
char *sway_format_rule(const char *vm, const char *workspace, unsigned serial)
{
	vx_cleanup_free char *name = escape_name(vm);
	static const char engine[] = "sandbox_engine=\"^org\\.vixos$\"";
	if (serial == 0) {
		return vx_printf("assign [%s sandbox_instance_id=\"^%s$\"] workspace \"%s\"",
			engine, name, workspace);
	}
	return vx_printf("for_window [%s sandbox_instance_id=\"^%s$(?#%u)\"] "
			 "move container to workspace \"%s\"",
		engine, name, serial, workspace);
}

static void send_rule(struct sway *sway, const struct sway_binding *binding)
{
	vx_cleanup_free char *rule = sway_format_rule(
		binding->vm, binding->workspace, binding->serial);
	sway_send(sway, type_command, rule);
}

void sway_bind(struct sway *sway, const char *vm, const char *workspace)
{
	struct sway_binding *binding;
	wl_list_for_each (binding, &sway->bindings, link) {
		if (strcmp(binding->vm, vm) != 0) {
			continue;
		}
		if (strcmp(binding->workspace, workspace) != 0) {
			vx_replace_string(&binding->workspace, workspace);
			binding->serial++;
			send_rule(sway, binding);
		}
		return;
	}
	binding = vx_new(binding);
	binding->vm = vx_strdup(vm);
	binding->workspace = vx_strdup(workspace);
	wl_list_insert(sway->bindings.prev, &binding->link);
	send_rule(sway, binding);
}

/* sway has read its configuration again, and forgotten what it was told meanwhile. */
static void sway_bind_again(struct sway *sway)
{
	struct sway_binding *binding;
	wl_list_for_each (binding, &sway->bindings, link) {
		binding->serial = 0;
		send_rule(sway, binding);
	}
}

/* Reading */

static const char *json_string(sd_json_variant *object, const char *key)
{
	sd_json_variant *value = sd_json_variant_by_key(object, key);
	return value != nullptr && sd_json_variant_is_string(value) ? sd_json_variant_string(value)
								    : "";
}

static bool json_is_false(sd_json_variant *object, const char *key)
{
	sd_json_variant *value = sd_json_variant_by_key(object, key);
	return value != nullptr && sd_json_variant_is_boolean(value) &&
	       !sd_json_variant_boolean(value);
}

static void take_command_reply(sd_json_variant *reply)
{
	for (size_t i = 0; sd_json_variant_is_array(reply) && i < sd_json_variant_elements(reply);
		i++) {
		sd_json_variant *result = sd_json_variant_by_index(reply, i);
		if (json_is_false(result, "success")) {
			vx_log_warn("sway takes no rule for a workspace: %s",
				json_string(result, "error"));
		}
	}
}

static void sway_take_message(struct sway *sway, uint32_t type, const char *payload)
{
	sd_json_variant *message = nullptr;
	if (sd_json_parse(payload, 0, &message, nullptr, nullptr) < 0) {
		return;
	}
	if (type == type_command) {
		take_command_reply(message);
	} else if (type == type_workspace_event &&
		   strcmp(json_string(message, "change"), "reload") == 0) {
		sway_bind_again(sway);
	}
	sd_json_variant_unref(message);
}

/* One whole message, or what is there of one that is too large. False: there is none yet. */
static bool sway_take_one(struct sway *sway)
{
	struct vx_buffer *input = &sway->input;
	if (sway->skip > 0) {
		size_t size = sway->skip < input->size ? (size_t)sway->skip : input->size;
		vx_buffer_consume(input, size);
		sway->skip -= size;
		return sway->skip == 0 && input->size > 0;
	}
	uint32_t numbers[2];
	if (input->size < header_size) {
		return false;
	}
	if (memcmp(vx_buffer_bytes(input), magic, sizeof(magic)) != 0) {
		sway_lose(sway, "what it says isn't sway's IPC");
		return false;
	}
	memcpy(numbers, vx_buffer_bytes(input) + sizeof(magic), sizeof(numbers));
	if (numbers[0] > payload_max) {
		vx_buffer_consume(input, header_size);
		sway->skip = numbers[0];
		return true;
	}
	if (input->size < header_size + numbers[0]) {
		return false;
	}
	vx_cleanup_free char *payload = vx_strndup(
		(const char *)vx_buffer_bytes(input) + header_size, numbers[0]);
	vx_buffer_consume(input, header_size + numbers[0]);
	sway_take_message(sway, numbers[1], payload);
	return sway->source != nullptr;
}

static void sway_read(struct sway *sway)
{
	uint8_t *room = vx_buffer_reserve(&sway->input, read_size);
	ssize_t size = room != nullptr ? recv(sway->fd, room, read_size, MSG_DONTWAIT) : 0;
	if (size <= 0) {
		if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
			sway_lose(sway, "it has ended");
		}
		return;
	}
	vx_buffer_commit(&sway->input, (size_t)size);
	while (sway_take_one(sway)) {
	}
}

static int handle_io(sd_event_source *source, int fd, uint32_t events, void *data)
{
	struct sway *sway = data;
	if ((events & EPOLLOUT) != 0) {
		sway_flush(sway);
	}
	if (sway->source != nullptr && (events & ~(uint32_t)EPOLLOUT) != 0) {
		sway_read(sway);
	}
	return 0;
}

/* Connecting */

static pid_t peer_of(int fd)
{
	struct ucred peer = {};
	socklen_t size = sizeof(peer);
	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 ? peer.pid : 0;
}

/* -1 where it isn't that process's. */
static int connect_to(const char *path, pid_t pid)
{
	vx_cleanup_close int fd = vx_unix_connect(path, SOCK_STREAM, nullptr);
	return fd >= 0 && peer_of(fd) == pid ? vx_take_fd(fd) : -1;
}

/* sway names its socket after its process id; only where SWAYSOCK was set before, it is that one.
 */
static int find_socket(pid_t pid)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	const char *chosen = getenv("SWAYSOCK");
	vx_cleanup_free char *path = vx_printf("%s/sway-ipc.%u.%d.sock",
		folder != nullptr ? folder : "/tmp", (unsigned)getuid(), (int)pid);
	int fd = connect_to(path, pid);
	return fd < 0 && chosen != nullptr ? connect_to(chosen, pid) : fd;
}

struct sway *sway_connect(sd_event *event, int wayland_fd)
{
	pid_t pid = peer_of(wayland_fd);
	vx_cleanup_close int fd = pid > 0 ? find_socket(pid) : -1;
	if (fd < 0) {
		return nullptr;
	}
	struct sway *sway = vx_new(sway);
	wl_list_init(&sway->bindings);
	sway->output.max_size = output_max;
	sway->input.max_size = payload_max + header_size + read_size;
	sway->fd = vx_take_fd(fd);
	if (sd_event_add_io(event, &sway->source, sway->fd, EPOLLIN, handle_io, sway) < 0) {
		sway_destroy(sway);
		return nullptr;
	}
	sway_send(sway, type_subscribe, "[\"workspace\"]");
	return sway;
}

void sway_destroy(struct sway *sway)
{
	if (sway == nullptr) {
		return;
	}
	struct sway_binding *binding, *next;
	wl_list_for_each_safe (binding, next, &sway->bindings, link) {
		wl_list_remove(&binding->link);
		free(binding->vm);
		free(binding->workspace);
		free(binding);
	}
	sd_event_source_disable_unref(sway->source);
	vx_replace_fd(&sway->fd, -1);
	vx_buffer_finish(&sway->output);
	vx_buffer_finish(&sway->input);
	free(sway);
}
