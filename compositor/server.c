/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "server"

#include "server.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <wlr/backend.h>
#include <wlr/render/allocator.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/util/log.h>

#include "common/error.h"
#include "common/log.h"
#include "config/config.h"
#include "desktop.h"
#include "globals.h"
#include "input/input.h"
#include "ipc/ipc.h"
#include "launch.h"
#include "listener.h"
#include "options.h"
#include "output/output.h"
#include "process.h"
#include "shell/lock.h"
#include "shell/scene.h"
#include "shell/shell.h"
#include "shell/transaction.h"
#include "shell/xwayland.h"
#include "tree/tree.h"
#include "ui/menu.h"
#include "ui/prompts.h"
#include "ui/text.h"
#include "vm/domain.h"
#include "vm/domain_socket.h"
#include "vm/drag.h"

static constexpr size_t client_buffer_max = 1024 * 1024;

[[gnu::format(printf, 2, 0)]] static void handle_wlr_log(
	enum wlr_log_importance importance, const char *format, va_list args)
{
	static const enum vx_log_level levels[] = {
		[WLR_SILENT] = VX_LOG_DEBUG,
		[WLR_ERROR] = VX_LOG_WARN,
		[WLR_INFO] = VX_LOG_INFO,
		[WLR_DEBUG] = VX_LOG_DEBUG,
	};
	enum vx_log_level level = importance < VX_ARRAY_LENGTH(levels) ? levels[importance]
								       : VX_LOG_DEBUG;
	if (vx_log_get_level() >= level) {
		vx_cleanup_free char *text = vx_vprintf(format, args);
		vx_log_message(level, "wlroots", "%s", text);
	}
}

void server_stop(struct server *server)
{
	wl_display_terminate(server->display);
}

static int handle_end_signal(int number, void *data)
{
	server_stop(data);
	return 0;
}

static int handle_child_signal(int number, void *data)
{
	processes_reap(data);
	return 0;
}

static void handle_backend_destroy(struct wl_listener *listener, void *data)
{
	struct server *server = wl_container_of(listener, server, backend_destroy);
	listener_remove(&server->backend_destroy);
	server->backend = nullptr;
	server_stop(server);
}

static void handle_new_surface(struct wl_listener *listener, void *data)
{
	struct server *server = wl_container_of(listener, server, new_surface);
	nesting_watch_surface(server, data);
}

static void handle_renderer_lost(struct wl_listener *listener, void *data)
{
	struct server *server = wl_container_of(listener, server, renderer_lost);
	vx_log_error("the GPU was reset and the renderer is lost, leaving");
	server_stop(server);
}

/* ---- steps of server_init() ---- */

static bool init_config(struct server *server, const struct options *options, struct vx_error *err)
{
	struct tree_options initial;
	tree_options_init(&initial);
	server->desktop.impl = &server_desktop_impl;
	server->tree = tree_create(&initial);
	server->session.tree = server->tree;
	server->session.desktop = &server->desktop;
	server->session.config_path = options->config;
	server->session.validating = options->validate;
	if (!session_load(&server->session, err)) {
		server->tree->options = nullptr;
		return false;
	}
	int count = server_config(server)->errors.length;
	if (options->validate && count > 0) {
		/* All of them, however many: an error's text is of bounded length. */
		vx_cleanup_free char *errors = config_format_errors(server_config(server));
		fputs(errors, stderr);
		return vx_error_set(
			err, "the configuration has %d error%s", count, count == 1 ? "" : "s");
	}
	return true;
}

/* Before any library starts a thread: those must not get the signals that our loop waits for. */
static void block_signals(void)
{
	sigset_t ours;
	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigaddset(&ours, SIGCHLD);
	sigprocmask(SIG_BLOCK, &ours, nullptr);
	signal(SIGPIPE, SIG_IGN);
}

static bool init_loop(struct server *server, struct vx_error *err)
{
	server->display = wl_display_create();
	if (server->display == nullptr) {
		return vx_error_set(err, "can't make a Wayland display");
	}
	server->loop = wl_display_get_event_loop(server->display);
	wl_display_set_default_max_buffer_size(server->display, client_buffer_max);
	server->signals[0] = wl_event_loop_add_signal(
		server->loop, SIGINT, handle_end_signal, server);
	server->signals[1] = wl_event_loop_add_signal(
		server->loop, SIGTERM, handle_end_signal, server);
	server->signals[2] = wl_event_loop_add_signal(
		server->loop, SIGCHLD, handle_child_signal, server);
	return true;
}

static bool init_backend(struct server *server, struct vx_error *err)
{
	wlr_log_init(WLR_DEBUG, handle_wlr_log);
	server->backend = wlr_backend_autocreate(server->loop, &server->seat_session);
	if (server->backend == nullptr) {
		return vx_error_set(err,
			"no way to get at a screen: neither in a desktop, nor on a "
			"seat (WLR_BACKENDS=headless runs without any)");
	}
	listener_add(
		&server->backend_destroy, &server->backend->events.destroy, handle_backend_destroy);
	server->renderer = wlr_renderer_autocreate(server->backend);
	if (server->renderer == nullptr) {
		return vx_error_set(
			err, "no renderer works here (WLR_RENDERER=pixman needs no GPU)");
	}
	listener_add(&server->renderer_lost, &server->renderer->events.lost, handle_renderer_lost);
	server->allocator = wlr_allocator_autocreate(server->backend, server->renderer);
	return server->allocator != nullptr || vx_error_set(err, "can't allocate buffers");
}

static bool init_desktop(struct server *server, struct vx_error *err)
{
	server->scene = scene_create();
	if (server->scene == nullptr || !globals_init(server, err)) {
		return false;
	}
	listener_add(
		&server->new_surface, &server->compositor->events.new_surface, handle_new_surface);
	server->transactions = transactions_create(server);
	server->launches = launches_create(server);
	if (shell_create(server, err) == nullptr || outputs_create(server, err) == nullptr ||
		input_create(server, err) == nullptr) {
		return false;
	}
	server->lock = lock_create(server);
	server->domains = domain_server_create(server);
	server->menu = menu_create(server);
	server->prompts = prompts_create(server);
	if (server->lock == nullptr || server->domains == nullptr) {
		return vx_error_set(err, "the Wayland globals can't be made");
	}
	return true;
}

/* Not wayland-0: programs without WAYLAND_DISPLAY would find it without being asked to. */
static bool listen_for_clients(struct server *server)
{
	static constexpr int tries = 32;
	for (int i = 1; i <= tries; i++) {
		vx_cleanup_free char *name = vx_printf("wayland-%d", i);
		if (wl_display_add_socket(server->display, name) == 0) {
			setenv("WAYLAND_DISPLAY", name, true);
			return true;
		}
	}
	return false;
}

static bool init_sockets(struct server *server, struct vx_error *err)
{
	if (!listen_for_clients(server)) {
		return vx_error_set(err, "can't listen for clients: is XDG_RUNTIME_DIR set?");
	}
	setenv("XDG_CURRENT_DESKTOP", "sway:vixos", false);
	vx_cleanup_free char *display_path = vx_printf(
		"%s/%s", getenv("XDG_RUNTIME_DIR"), getenv("WAYLAND_DISPLAY"));
	server->domain_socket = domain_socket_create(server->display, display_path, err);
	if (server->domain_socket == nullptr) {
		return false;
	}
	server->ipc = ipc_server_create(&server->session, server->loop, err);
	if (server->ipc == nullptr) {
		return false;
	}
	server->xwayland = xwayland_create(server);
	return true;
}

bool server_init(struct server *server, const struct options *options, struct vx_error *err)
{
	block_signals();
	vms_init(&server->vms);
	wl_list_init(&server->children);
	wl_list_init(&server->callbacks);
	if (!init_config(server, options, err)) {
		return false;
	}
	return options->validate || (init_loop(server, err) && init_backend(server, err) &&
					    init_desktop(server, err) && init_sockets(server, err));
}

bool server_run(struct server *server, struct vx_error *err)
{
	if (!wlr_backend_start(server->backend)) {
		return vx_error_set(err, "the backend doesn't start");
	}
	server->running = true;
	session_start(&server->session);
	transactions_commit(server->transactions);
	launches_start_background(server->launches);
	launches_start_bars(server->launches);
	wl_display_run(server->display);
	ipc_event_shutdown(server->ipc, "exit");
	return true;
}

/* ---- the way out: everything that uses something else goes first ---- */

static void finish_clients(struct server *server)
{
	launches_destroy(server->launches);
	domain_socket_destroy(server->domain_socket);
	xwayland_destroy(server->xwayland);
	server->xwayland = nullptr;
	if (server->display != nullptr) {
		wl_display_destroy_clients(server->display);
	}
	prompts_destroy(server->prompts);
	server->prompts = nullptr;
	menu_destroy(server->menu);
	server->menu = nullptr;
	ipc_server_destroy(server->ipc);
	server->ipc = nullptr;
}

/* Takes outputs and devices with it; what they leave dirty in the tree goes in a last transaction.
 */
static void finish_backend(struct server *server)
{
	outputs_detach(server->outputs);
	input_detach(server->input);
	if (server->backend != nullptr) {
		listener_remove(&server->backend_destroy);
		wlr_backend_destroy(server->backend);
	}
	transactions_destroy(server->transactions);
	server->transactions = nullptr;
}

static void finish_desktop(struct server *server)
{
	input_destroy(server->input);
	server->input = nullptr;
	lock_destroy(server->lock);
	server->lock = nullptr;
	desktop_finish(server);
	outputs_destroy(server->outputs);
	shell_destroy(server->shell);
	server->shell = nullptr;
}

static void finish_base(struct server *server)
{
	listener_remove(&server->new_surface);
	listener_remove(&server->renderer_lost);
	scene_destroy(server->scene);
	wlr_allocator_destroy(server->allocator);
	wlr_renderer_destroy(server->renderer);
	domain_server_destroy(server->domains);
	vm_drags_destroy(server->drags);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(server->signals); i++) {
		if (server->signals[i] != nullptr) {
			wl_event_source_remove(server->signals[i]);
		}
	}
	if (server->display != nullptr) {
		wl_display_destroy(server->display);
	}
}

void server_finish(struct server *server)
{
	finish_clients(server);
	finish_backend(server);
	finish_desktop(server);
	if (server->tree != nullptr) {
		tree_destroy(server->tree);
		server->session.tree = nullptr;
	}
	finish_base(server);
	session_finish(&server->session);
	processes_finish(server);
	vms_finish(&server->vms);
	text_finish();
}
