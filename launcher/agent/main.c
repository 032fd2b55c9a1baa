/* SPDX-License-Identifier: MIT */
/* vixos-guest: what runs in the VM. Wayland for its programs, and the agent that starts them. */
#define VX_LOG_MODULE "main"
#include <string.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "agent/agent.h"
#include "agent/memory.h"
#include "common/log.h"
#include "common/memory.h"
#include "proxy/guest/server.h"
#include "proxy/link/exec.h"
#include "proxy/link/link.h"
#include "proxy/link/memory.h"
#include "proxy/wire/options.h"

#define OPTION(name, argument, field, help) \
	{name, argument, help, offsetof(struct guest_server_options, field)}

static const struct wire_option option_table[] = {
	OPTION("link", "PATH", link_path, "connect to vixos-proxy's socket instead of a device"),
	OPTION("device", "PATH", device_path, "virtio-serial port of the link"),
	OPTION("region", "WHERE", region, "shared pixels: auto (the default), none, or a file"),
	OPTION("display", "NAME", display, "Wayland socket to make, wayland-0 by default"),
	OPTION("wait", nullptr, waits, "be ready, and wait for a byte on standard input"),
};

/* What the host can open a channel to. */
struct services {
	struct agent *agent;   /* owned */
	struct memory *memory; /* owned */
};

static void handle_channel(
	struct vx_link_channel *channel, const char *untrusted_service, void *data)
{
	const struct services *services = data;
	if (strcmp(untrusted_service, VX_EXEC_SERVICE) == 0) {
		agent_accept(services->agent, channel);
	} else if (strcmp(untrusted_service, VX_MEMORY_SERVICE) == 0) {
		memory_accept(services->memory, channel);
	} else {
		vx_link_channel_destroy(channel, VX_LINK_REASON_NO_SERVICE);
	}
}

static void handle_orphan_ended(void *data)
{
	vx_log_info("what the VM was started for has ended, and nobody heard: the VM ends too");
	guest_server_quit(data, 0);
}

static struct agent *start_agent(struct wl_event_loop *loop, struct guest_server *server)
{
	const struct agent_options options = {
		.runtime_dir = getenv("XDG_RUNTIME_DIR"),
		.wayland_display = guest_server_get_display(server),
		.log_fd = STDERR_FILENO,
		.orphan_ended = handle_orphan_ended,
		.data = server,
	};
	return agent_create(loop, &options);
}

static int run(const struct guest_server_options *options, struct vx_error *err)
{
	struct wl_event_loop *loop = wl_event_loop_create();
	struct guest_server *server = guest_server_create(loop, options, err);
	int status = vx_error_exit_status(err->kind);
	if (server != nullptr) {
		struct services services = {start_agent(loop, server), memory_create(loop)};
		guest_server_set_service(server, handle_channel, &services);
		status = guest_server_run(server);
		guest_server_set_service(server, nullptr, nullptr);
		agent_destroy(services.agent);
		memory_destroy(services.memory);
		guest_server_destroy(server);
	}
	wl_event_loop_destroy(loop);
	return status;
}

int main(int argc, char **argv)
{
	vx_log_init("vixos-guest", VX_LOG_INFO);
	struct guest_server_options options = {
		.device_path = "/dev/virtio-ports/org.vixos.link",
		.region = "auto",
		.display = "wayland-0",
	};
	vx_cleanup_error struct vx_error err = {};
	int status = wire_options_parse(argc, argv, option_table, VX_ARRAY_LENGTH(option_table),
			     &options, &err)
			     ? run(&options, &err)
			     : vx_error_exit_status(err.kind);
	if (err.message != nullptr) {
		vx_log_error("%s", vx_error_message(&err));
	}
	return status;
}
