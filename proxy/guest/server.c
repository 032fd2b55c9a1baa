/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "server"
#include "guest/server.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <wayland-server-core.h>

#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "guest/client.h"
#include "guest/clipboard.h"
#include "guest/display.h"
#include "guest/link_device.h"
#include "guest/shm.h"
#include "guest/surface.h"
#include "link/clipboard.h"
#include "link/link.h"
#include "pixels/copy.h"
#include "pixels/pool.h"
#include "pixels/slots.h"
#include "wire/interface.h"
#include "wire/protocols.h"

/* How long a host may take to say hello before we start over: it may have missed ours. */
static constexpr int hello_ms = 10000;

static bool uses_device(const struct guest_server *server)
{
	return server->options.link_path == nullptr;
}

void guest_server_quit(struct guest_server *server, int exit_status)
{
	server->quit = true;
	server->exit_status = exit_status;
}

const char *guest_server_get_display(const struct guest_server *server)
{
	return server->socket_path;
}

void guest_server_set_service(struct guest_server *server,
	void (*channel_opened)(
		struct vx_link_channel *channel, const char *untrusted_service, void *data),
	void *data)
{
	server->channel_opened = channel_opened;
	server->channel_opened_data = data;
}

/* --- the link --- */

/* Once it is known what both sides can do, and before the first client. */
static bool pixels_start(struct guest_pixels *pixels, uint32_t features, struct vx_error *err)
{
	bool shared = features & VX_LINK_FEATURE_REGION;
	pixels->region = shared ? &pixels->shared_region : &pixels->private_region;
	if (!shared) {
		if (pixels->private_region.data == nullptr &&
			!pixel_region_create_private(
				&pixels->private_region, pixel_region_size_inline, err)) {
			return false;
		}
		pixels->encoder = inline_encoder_create(features & VX_LINK_FEATURE_LZ4);
	}
	pixels->slots = slots_pool_create(pixels->region->size);
	vx_log_info("pixels go through %s", shared ? pixels->region->source : "the link");
	return true;
}

static void pixels_stop(struct guest_pixels *pixels)
{
	slots_pool_destroy(vx_take_ptr(pixels->slots));
	inline_encoder_destroy(vx_take_ptr(pixels->encoder));
}

static void handle_ready(struct vx_link *link, uint32_t common_features, void *data)
{
	struct guest_server *server = data;
	vx_cleanup_error struct vx_error err = {};
	if (!pixels_start(&server->pixels, common_features, &err)) {
		vx_log_error("%s, ending", vx_error_message(&err));
		guest_server_quit(server, 1);
		return;
	}
	wl_event_source_fd_update(server->listen_source, WL_EVENT_READABLE);
}

static void handle_channel_opened(struct vx_link *link, struct vx_link_channel *channel,
	const char *untrusted_service, void *data)
{
	struct guest_server *server = data;
	if (strcmp(untrusted_service, VX_CLIPBOARD_SERVICE) == 0) {
		guest_clipboard_accept(server->clipboard, channel);
		return;
	}
	if (server->channel_opened == nullptr) {
		vx_link_channel_destroy(channel, VX_LINK_REASON_NO_SERVICE);
		return;
	}
	server->channel_opened(channel, untrusted_service, server->channel_opened_data);
}

static void handle_lost(struct vx_link *link, const struct vx_error *reason, void *data)
{
	struct guest_server *server = data;
	vx_log_info("link lost: %s", vx_error_message(reason));
	server->link_lost = true;
}

static const struct vx_link_listener link_listener = {
	.ready = handle_ready,
	.channel_opened = handle_channel_opened,
	.lost = handle_lost,
};

static int handle_link(int fd, uint32_t mask, void *data)
{
	struct guest_server *server = data;
	vx_link_dispatch(server->link);
	return 0;
}

static void link_start(struct guest_server *server, int fd)
{
	uint32_t features = VX_LINK_FEATURE_LZ4;
	features |= server->pixels.shared_region.data != nullptr ? VX_LINK_FEATURE_REGION : 0;
	server->link = vx_link_create(fd, VX_LINK_GUEST, features, &link_listener, server);
	server->link_watched = WL_EVENT_READABLE;
	server->link_source = wl_event_loop_add_fd(
		server->loop, fd, server->link_watched, handle_link, server);
}

static void handle_host_connected(int fd, void *data)
{
	struct guest_server *server = data;
	wl_event_source_timer_update(server->link_timer, hello_ms);
	link_start(server, fd);
}

static bool link_open(struct guest_server *server, struct vx_error *err)
{
	if (uses_device(server)) {
		return link_device_wait(server->device, err);
	}
	int fd = vx_unix_connect(server->options.link_path, SOCK_STREAM, err);
	if (fd < 0) {
		return false;
	}
	link_start(server, fd);
	return true;
}

/* Clients don't outlive the link: their windows are gone. */
static void link_stop(struct guest_server *server)
{
	wl_event_source_fd_update(server->listen_source, 0);
	struct guest_client *client, *next;
	wl_list_for_each_safe (client, next, &server->clients, link) {
		guest_client_destroy(client);
	}
	if (server->link_source != nullptr) {
		wl_event_source_remove(vx_take_ptr(server->link_source));
	}
	vx_link_destroy(vx_take_ptr(server->link));
	if (server->pixels.slots != nullptr) {
		slots_pool_release_all(server->pixels.slots);
	}
	pixels_stop(&server->pixels);
	guest_keymaps_finish(&server->keymaps);
	server->clock = (struct guest_clock){};
	server->link_lost = false;
}

static void link_restart(struct guest_server *server)
{
	link_stop(server);
	vx_cleanup_error struct vx_error err = {};
	if (!uses_device(server)) {
		guest_server_quit(server, 0);
	} else if (!link_open(server, &err)) {
		vx_log_error("%s, ending", vx_error_message(&err));
		guest_server_quit(server, 1);
	}
}

static int handle_link_timer(void *data)
{
	struct guest_server *server = data;
	if (server->link != nullptr && !vx_link_is_ready(server->link)) {
		link_restart(server);
	}
	return 0;
}

/* --- being let go on --- */

static int handle_start(int fd, uint32_t mask, void *data)
{
	struct guest_server *server = data;
	vx_cleanup_error struct vx_error err = {};
	char byte;
	if (read(fd, &byte, sizeof(byte)) < 0 && (errno == EAGAIN || errno == EINTR)) {
		return 0;
	}
	wl_event_source_remove(vx_take_ptr(server->start_source));
	if (!link_open(server, &err)) {
		vx_log_error("%s, ending", vx_error_message(&err));
		guest_server_quit(server, 1);
	}
	return 0;
}

static bool server_start(struct guest_server *server, struct vx_error *err)
{
	if (!server->options.waits) {
		return link_open(server, err);
	}
	server->start_source = wl_event_loop_add_fd(
		server->loop, STDIN_FILENO, WL_EVENT_READABLE, handle_start, server);
	if (server->start_source == nullptr || write(STDIN_FILENO, "\n", 1) != 1) {
		return vx_error_set(err, "--wait needs a socket as standard input");
	}
	return true;
}

/* --- the socket --- */

static int handle_connection(int fd, uint32_t mask, void *data)
{
	struct guest_server *server = data;
	int client_fd = accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (client_fd >= 0 && guest_client_create(server, client_fd) == nullptr) {
		vx_log_warn("can't take another client");
	}
	return 0;
}

static char *display_path(const char *display, struct vx_error *err)
{
	const char *folder = getenv("XDG_RUNTIME_DIR");
	if (display[0] == '/') {
		return vx_strdup(display);
	}
	if (folder == nullptr) {
		vx_error_set(err, "XDG_RUNTIME_DIR is not set, so --display needs a whole path");
		return nullptr;
	}
	return vx_printf("%s/%s", folder, display);
}

static bool server_listen(struct guest_server *server, struct vx_error *err)
{
	server->socket_path = display_path(server->options.display, err);
	if (server->socket_path == nullptr) {
		return false;
	}
	server->listen_fd = vx_unix_listen(server->socket_path, SOCK_STREAM, err);
	if (server->listen_fd < 0) {
		return false;
	}
	/* Nobody is let in before the link is ready. */
	server->listen_source = wl_event_loop_add_fd(
		server->loop, server->listen_fd, 0, handle_connection, server);
	server->link_timer = wl_event_loop_add_timer(server->loop, handle_link_timer, server);
	if (uses_device(server)) {
		server->device = link_device_create(
			server->loop, server->options.device_path, handle_host_connected, server);
	}
	return true;
}

/* --- the whole --- */

static bool server_map_region(struct guest_server *server, struct vx_error *err)
{
	const char *region = server->options.region;
	server->pixels.budget = pool_budget_create(pool_mapped_max);
	server->pixels.shared_region = pixel_region_unset;
	server->pixels.private_region = pixel_region_unset;
	pixel_copy_guard_acquire();
	if (strcmp(region, "none") == 0) {
		return true;
	}
	if (strcmp(region, "auto") != 0) {
		return pixel_region_map_shared(&server->pixels.shared_region, region, err);
	}
	vx_cleanup_error struct vx_error missing = {};
	if (!pixel_region_map_shared(&server->pixels.shared_region, nullptr, &missing)) {
		vx_log_info("%s, pixels go through the link", vx_error_message(&missing));
	}
	return true;
}

static void server_install_handlers(struct guest_server *server)
{
	server->interfaces = wire_protocols_compile();
	display_install(server->interfaces);
	guest_shm_install(server->interfaces);
	guest_surface_install(server->interfaces);
	clock_install(server->interfaces);
	selection_install(server->interfaces);
	drag_install(server->interfaces);
	server->forward = wire_interfaces_find(server->interfaces, "vixos_forward_v1");
}

struct guest_server *guest_server_create(struct wl_event_loop *loop,
	const struct guest_server_options *options, struct vx_error *err)
{
	struct guest_server *server = vx_new(server);
	server->loop = loop;
	server->options = *options;
	server->listen_fd = -1;
	wl_list_init(&server->clients);
	selection_init(&server->selections);
	drag_init(&server->drags);
	server->clipboard = guest_clipboard_create(server);
	server_install_handlers(server);
	if (!server_map_region(server, err) || !server_listen(server, err) ||
		!server_start(server, err)) {
		guest_server_destroy(server);
		return nullptr;
	}
	return server;
}

void guest_server_destroy(struct guest_server *server)
{
	if (server == nullptr) {
		return;
	}
	if (server->listen_source != nullptr) {
		link_stop(server);
		wl_event_source_remove(server->listen_source);
		wl_event_source_remove(server->link_timer);
		unlink(server->socket_path);
	}
	if (server->start_source != nullptr) {
		wl_event_source_remove(server->start_source);
	}
	link_device_destroy(server->device);
	guest_clipboard_destroy(server->clipboard);
	vx_replace_fd(&server->listen_fd, -1);
	pixel_region_finish(&server->pixels.shared_region);
	pixel_region_finish(&server->pixels.private_region);
	pool_budget_destroy(server->pixels.budget);
	pixel_copy_guard_release();
	guest_keymaps_finish(&server->keymaps);
	wire_interfaces_destroy(server->interfaces);
	free(server->socket_path);
	free(server);
}

/* The end of a turn: everything that was queued goes out, the link first, since a frame waits in
 * it. */
static void server_flush(struct guest_server *server)
{
	if (server->link_lost) {
		link_restart(server);
	}
	if (server->link != nullptr) {
		vx_link_flush(server->link);
	}
	struct guest_client *client, *next;
	wl_list_for_each_safe (client, next, &server->clients, link) {
		guest_client_flush(client);
		if (client->closing) {
			guest_client_destroy(client);
		}
	}
	if (server->link == nullptr) {
		return;
	}
	vx_link_flush(server->link);
	uint32_t mask = WL_EVENT_READABLE;
	mask |= vx_link_wants_write(server->link) ? WL_EVENT_WRITABLE : 0;
	if (mask != server->link_watched) {
		server->link_watched = mask;
		wl_event_source_fd_update(server->link_source, mask);
	}
}

void guest_server_turn(struct guest_server *server, int timeout_ms)
{
	/* What was lost while flushing is dealt with at once, not after the next event. */
	wl_event_loop_dispatch(server->loop, server->link_lost ? 0 : timeout_ms);
	server_flush(server);
}

static int handle_signal(int number, void *data)
{
	guest_server_quit(data, 0);
	return 0;
}

int guest_server_run(struct guest_server *server)
{
	struct wl_event_source *signals[] = {
		wl_event_loop_add_signal(server->loop, SIGTERM, handle_signal, server),
		wl_event_loop_add_signal(server->loop, SIGINT, handle_signal, server),
	};
	server_flush(server);
	while (!server->quit) {
		guest_server_turn(server, -1);
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(signals); i++) {
		wl_event_source_remove(signals[i]);
	}
	return server->exit_status;
}
