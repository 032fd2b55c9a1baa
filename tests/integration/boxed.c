/* SPDX-License-Identifier: MIT */
#include "boxed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>
#include <wayland-client.h>

#include "security-context-v1-client-protocol.h"

[[noreturn]] static void die(const char *what)
{
	fprintf(stderr, "boxed: %s\n", what);
	exit(1);
}

static void handle_global(void *data, struct wl_registry *registry, uint32_t name,
	const char *interface, uint32_t version)
{
	struct wp_security_context_manager_v1 **manager = data;
	if (strcmp(interface, wp_security_context_manager_v1_interface.name) == 0) {
		*manager = wl_registry_bind(
			registry, name, &wp_security_context_manager_v1_interface, 1);
	}
}

static void handle_global_remove(void *data, struct wl_registry *registry, uint32_t name)
{
}

static const struct wl_registry_listener registry_listener = {
	.global = handle_global,
	.global_remove = handle_global_remove,
};

static int listen_at(struct sockaddr_un *address)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	snprintf(address->sun_path, sizeof(address->sun_path), "%s/boxed-%d",
		getenv("XDG_RUNTIME_DIR"), (int)getpid());
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bind(listener, (struct sockaddr *)address, sizeof(*address)) < 0 ||
		listen(listener, 1) < 0) {
		die("can't listen");
	}
	return listener;
}

struct wl_display *boxed_connect(const char *engine, const char *app, const char *instance)
{
	struct wp_security_context_manager_v1 *manager = nullptr;
	struct wl_display *outer = wl_display_connect(nullptr);
	if (outer == nullptr) {
		die("no compositor");
	}
	wl_registry_add_listener(wl_display_get_registry(outer), &registry_listener, &manager);
	wl_display_roundtrip(outer);
	int ends[2];
	if (manager == nullptr || pipe(ends) < 0) {
		die("no security context");
	}
	struct sockaddr_un address;
	struct wp_security_context_v1 *context = wp_security_context_manager_v1_create_listener(
		manager, listen_at(&address), ends[0]);
	wp_security_context_v1_set_sandbox_engine(context, engine);
	if (app != nullptr) {
		wp_security_context_v1_set_app_id(context, app);
	}
	if (instance != nullptr) {
		wp_security_context_v1_set_instance_id(context, instance);
	}
	wp_security_context_v1_commit(context);
	wl_display_roundtrip(outer);
	int inner = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(inner, (struct sockaddr *)&address, sizeof(address)) < 0) {
		die("can't connect to the security context");
	}
	unlink(address.sun_path);
	return wl_display_connect_to_fd(inner); /* the outer connection stays open */
}
