/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "proxy"
#include "host/proxy.h"

#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <wayland-server-core.h>

#include "common/clock.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/memory.h"
#include "host/client.h"
#include "host/clipboard_relay.h"
#include "host/connector.h"
#include "host/control_server.h"
#include "host/exec_relay.h"
#include "host/globals.h"
#include "host/liveness.h"
#include "host/memory_watch.h"
#include "host/output.h"
#include "host/popup.h"
#include "host/present.h"
#include "host/region.h"
#include "host/sandbox.h"
#include "host/shell.h"
#include "host/surface.h"
#include "link/link.h"
#include "pixels/inline.h"
#include "wire/interface.h"
#include "wire/protocols.h"

static constexpr int stall_check_ms = 5000;
/* A guest that is emulated and busy takes its time. */
static constexpr int liveness_period_ms = 5000;

void proxy_quit(struct proxy *proxy, int exit_status)
{
	proxy->quit = true;
	proxy->exit_status = exit_status;
}

time_t proxy_now(void)
{
	return (time_t)(vx_clock_ms() / 1000);
}

void proxy_note_frame(struct proxy *proxy)
{
	if (proxy->state.first_frame_ns == 0) {
		proxy->state.first_frame_ns = vx_clock_ns();
	}
}

/* --- the link --- */

static bool pixels_start(struct proxy *proxy, uint32_t features, struct vx_error *err)
{
	bool shared = features & VX_LINK_FEATURE_REGION;
	proxy->region = shared ? &proxy->shared_region : &proxy->private_region;
	proxy->state.uses_region = shared;
	if (shared) {
		return true;
	}
	proxy->decoder = inline_decoder_create();
	return pixel_region_create_private(&proxy->private_region, pixel_region_size_inline, err);
}

static void handle_ready(struct vx_link *link, uint32_t common_features, void *data)
{
	struct proxy *proxy = data;
	vx_cleanup_error struct vx_error err = {};
	if (!pixels_start(proxy, common_features, &err)) {
		vx_log_error("%s, ending", vx_error_message(&err));
		proxy_quit(proxy, 1);
		return;
	}
	proxy->state.link_state = VX_CONTROL_LINK_READY;
	memory_watch_start(proxy->memory, link);
	vx_log_info("the guest is there, pixels come through %s",
		proxy->state.uses_region ? "the shared region" : "the link");
}

static void handle_channel_opened(struct vx_link *link, struct vx_link_channel *channel,
	const char *untrusted_service, void *data)
{
	struct proxy *proxy = data;
	if (strcmp(untrusted_service, "wayland") != 0) {
		vx_link_channel_destroy(channel, VX_LINK_REASON_NO_SERVICE);
	} else if (proxy->connector == nullptr) {
		vx_link_channel_destroy(channel, VX_LINK_REASON_REFUSED);
	} else if (wl_list_length(&proxy->clients) >= (int)limit_clients) {
		vx_log_warn("over the limit of %u programs, refusing one", limit_clients);
		vx_link_channel_destroy(channel, VX_LINK_REASON_REFUSED);
	} else {
		host_client_create(proxy, channel);
	}
}

static void handle_lost(struct vx_link *link, const struct vx_error *reason, void *data)
{
	struct proxy *proxy = data;
	/* The guest has had its last word: how it ended must not be left out. */
	vx_log_set_limit(0, 0);
	vx_log_info("link lost: %s", vx_error_message(reason));
	proxy->state.link_state = VX_CONTROL_LINK_LOST;
	strncpy(proxy->state.detail, vx_error_message(reason), sizeof(proxy->state.detail) - 1);
	proxy->link_lost = true;
	proxy_quit(proxy, 0);
}

static const struct vx_link_listener link_listener = {
	.ready = handle_ready,
	.channel_opened = handle_channel_opened,
	.lost = handle_lost,
};

/* Only what has once been there can fall silent: a guest may take minutes to boot. */
static void handle_silence(bool is_silent, void *data)
{
	struct proxy *proxy = data;
	if (vx_link_is_ready(proxy->link)) {
		proxy->state.link_state = is_silent ? VX_CONTROL_LINK_SILENT
						    : VX_CONTROL_LINK_READY;
		vx_log_warn("the guest %s", is_silent ? "does not answer" : "answers again");
	}
}

static int handle_link(int fd, uint32_t mask, void *data)
{
	struct proxy *proxy = data;
	if (mask & WL_EVENT_READABLE) {
		liveness_heard(proxy->liveness);
	}
	vx_link_dispatch(proxy->link);
	return 0;
}

void proxy_start_link(struct proxy *proxy, int fd)
{
	uint32_t features = VX_LINK_FEATURE_LZ4;
	features |= proxy->shared_region.fd >= 0 ? VX_LINK_FEATURE_REGION : 0;
	proxy->link = vx_link_create(fd, VX_LINK_HOST, features, &link_listener, proxy);
	proxy->link_watched = WL_EVENT_READABLE;
	proxy->link_source = wl_event_loop_add_fd(
		proxy->loop, fd, proxy->link_watched, handle_link, proxy);
}

static int handle_connection(int fd, uint32_t mask, void *data)
{
	struct proxy *proxy = data;
	int link_fd = accept4(fd, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (link_fd >= 0) {
		wl_event_source_remove(vx_take_ptr(proxy->listen_source));
		vx_replace_fd(&proxy->listen_fd, -1);
		proxy_start_link(proxy, link_fd);
	}
	return 0;
}

static bool link_open(
	struct proxy *proxy, const struct proxy_options *options, struct vx_error *err)
{
	if (options->listen_path == nullptr) {
		int fd = vx_unix_connect(options->link_path, SOCK_STREAM, err);
		if (fd >= 0) {
			proxy_start_link(proxy, fd);
		}
		return fd >= 0;
	}
	proxy->listen_fd = vx_unix_listen(options->listen_path, SOCK_STREAM, err);
	if (proxy->listen_fd < 0) {
		return false;
	}
	proxy->listen_source = wl_event_loop_add_fd(
		proxy->loop, proxy->listen_fd, WL_EVENT_READABLE, handle_connection, proxy);
	return true;
}

/* --- the compositor and vixosd --- */

static void handle_compositor_lost(
	struct connector *connector, const struct vx_error *reason, void *data)
{
	vx_log_error("%s, ending", vx_error_message(reason));
	proxy_quit(data, 1);
}

static const struct connector_listener connector_listener = {
	.lost = handle_compositor_lost,
};

static void handle_control_open(int fd, void *data)
{
	struct proxy *proxy = data;
	vx_cleanup_error struct vx_error err = {};
	if (proxy->link == nullptr) {
		vx_replace_fd(&fd, -1);
	} else if (!exec_relays_open(proxy->relays, proxy->link, fd, &err)) {
		vx_log_warn("%s, closing the stream", vx_error_message(&err));
	}
}

static void handle_control_open_clipboard(int fd, void *data)
{
	struct proxy *proxy = data;
	vx_cleanup_error struct vx_error err = {};
	if (proxy->link == nullptr) {
		vx_replace_fd(&fd, -1);
	} else if (!clipboard_relays_open(proxy->clipboard, proxy->link, fd, &err)) {
		vx_log_warn("%s, closing the stream", vx_error_message(&err));
	}
}

static void handle_control_ask_memory(void *data)
{
	const struct proxy *proxy = data;
	memory_watch_ask(proxy->memory);
}

static void handle_control_quit(void *data)
{
	proxy_quit(data, 0);
}

static const struct control_server_listener control_listener = {
	.open = handle_control_open,
	.open_clipboard = handle_control_open_clipboard,
	.ask_memory = handle_control_ask_memory,
	.quit = handle_control_quit,
};

static bool outside_open(
	struct proxy *proxy, const struct proxy_options *options, struct vx_error *err)
{
	const struct connector_options connector_options = {
		.vm_name = options->vm_name == nullptr ? "untagged" : options->vm_name,
		.display = options->display,
		.untagged = options->untagged,
	};
	if (!options->headless) {
		proxy->connector = connector_create(
			&connector_options, proxy->loop, &connector_listener, proxy, err);
		if (proxy->connector == nullptr) {
			return false;
		}
	}
	if (options->control_path != nullptr) {
		proxy->control = control_server_create(
			options->control_path, proxy->loop, &control_listener, proxy, err);
		if (proxy->control == nullptr) {
			return false;
		}
	}
	return options->region_path == nullptr ||
	       pixel_region_open(&proxy->shared_region, options->region_path, err);
}

/* --- the whole --- */

static int handle_stall_timer(void *data)
{
	return 0; /* the end of the turn looks at every client */
}

static void install_handlers(struct proxy *proxy)
{
	proxy->interfaces = wire_protocols_compile();
	drag_install(proxy->interfaces);
	drag_offer_install(proxy->interfaces);
	events_install(proxy->interfaces);
	globals_install(proxy->interfaces);
	keymap_install(proxy->interfaces);
	names_install(proxy->interfaces);
	output_install(proxy->interfaces);
	popup_install(proxy->interfaces);
	present_install(proxy->interfaces);
	region_install(proxy->interfaces);
	shell_install(proxy->interfaces);
	surface_install(proxy->interfaces);
	proxy->forward = wire_interfaces_find(proxy->interfaces, "vixos_forward_v1");
	proxy->toplevel = wire_interfaces_find(proxy->interfaces, "xdg_toplevel");
}

struct proxy *proxy_create_alone(void)
{
	struct proxy *proxy = vx_new(proxy);
	proxy->listen_fd = -1;
	proxy->shared_region = pixel_region_unset;
	proxy->private_region = pixel_region_unset;
	wl_list_init(&proxy->clients);
	wl_list_init(&proxy->drags);
	install_handlers(proxy);
	proxy->loop = wl_event_loop_create();
	proxy->relays = exec_relays_create(proxy->loop);
	proxy->clipboard = clipboard_relays_create(proxy->loop);
	proxy->liveness = liveness_create(proxy->loop, liveness_period_ms, handle_silence, proxy);
	proxy->memory = memory_watch_create(proxy->loop);
	names_start(&proxy->names, proxy->loop);
	proxy->stall_timer = wl_event_loop_add_timer(proxy->loop, handle_stall_timer, proxy);
	return proxy;
}

struct proxy *proxy_create(const struct proxy_options *options, struct vx_error *err)
{
	struct proxy *proxy = proxy_create_alone();
	if (!outside_open(proxy, options, err) || !link_open(proxy, options, err) ||
		!sandbox_enter(SANDBOX_PROXY, err)) {
		proxy_destroy(proxy);
		return nullptr;
	}
	return proxy;
}

void proxy_destroy(struct proxy *proxy)
{
	if (proxy == nullptr) {
		return;
	}
	struct host_client *client, *next;
	wl_list_for_each_safe (client, next, &proxy->clients, link) {
		host_client_destroy(client);
	}
	exec_relays_destroy(proxy->relays);
	clipboard_relays_destroy(proxy->clipboard);
	liveness_destroy(proxy->liveness);
	memory_watch_destroy(proxy->memory);
	names_finish(&proxy->names);
	if (proxy->link_source != nullptr) {
		wl_event_source_remove(proxy->link_source);
	}
	vx_link_destroy(proxy->link);
	if (proxy->listen_source != nullptr) {
		wl_event_source_remove(proxy->listen_source);
	}
	vx_replace_fd(&proxy->listen_fd, -1);
	control_server_destroy(proxy->control);
	connector_destroy(proxy->connector);
	inline_decoder_destroy(proxy->decoder);
	pixel_region_finish(&proxy->shared_region);
	pixel_region_finish(&proxy->private_region);
	keymaps_finish(&proxy->keymaps);
	wl_event_source_remove(proxy->stall_timer);
	wl_event_loop_destroy(proxy->loop);
	wire_interfaces_destroy(proxy->interfaces);
	free(proxy);
}

static void clients_flush(struct proxy *proxy)
{
	bool stalled = false;
	struct host_client *client, *next;
	wl_list_for_each_safe (client, next, &proxy->clients, link) {
		host_client_flush(client);
		stalled |= client->stalled_since != 0;
		if (client->closing) {
			host_client_destroy(client);
		}
	}
	if (stalled != proxy->stall_timer_armed || stalled) {
		proxy->stall_timer_armed = stalled;
		wl_event_source_timer_update(proxy->stall_timer, stalled ? stall_check_ms : 0);
	}
}

static void state_publish(struct proxy *proxy)
{
	if (proxy->control == nullptr) {
		return;
	}
	proxy->state.clients = (uint32_t)wl_list_length(&proxy->clients);
	struct vx_memory_report memory = memory_watch_get(
		proxy->memory, &proxy->state.memory_reports);
	proxy->state.memory_total_kib = memory.total_kib;
	proxy->state.memory_available_kib = memory.available_kib;
	proxy->state.memory_pressure = memory.pressure;
	proxy->state.windows = proxy->counts.by_interface[proxy->toplevel->index];
	control_server_set_state(proxy->control, &proxy->state);
}

/* The end of a turn: everything that was queued goes out. */
static void proxy_flush(struct proxy *proxy)
{
	clients_flush(proxy);
	if (proxy->link != nullptr && !proxy->link_lost) {
		if (vx_link_wants_write(proxy->link) && vx_link_is_ready(proxy->link)) {
			liveness_sent(proxy->liveness, proxy->link);
		}
		vx_link_flush(proxy->link);
	}
	if (proxy->link != nullptr && !proxy->link_lost) {
		uint32_t mask = WL_EVENT_READABLE;
		mask |= vx_link_wants_write(proxy->link) ? WL_EVENT_WRITABLE : 0;
		if (mask != proxy->link_watched) {
			proxy->link_watched = mask;
			wl_event_source_fd_update(proxy->link_source, mask);
		}
	}
	state_publish(proxy);
}

void proxy_turn(struct proxy *proxy, int timeout_ms)
{
	wl_event_loop_dispatch(proxy->loop, timeout_ms);
	proxy_flush(proxy);
}

int proxy_run(struct proxy *proxy)
{
	proxy_flush(proxy);
	while (!proxy->quit) {
		proxy_turn(proxy, -1);
	}
	return proxy->exit_status;
}
