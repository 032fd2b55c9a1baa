/* SPDX-License-Identifier: MIT */
#include "host/names.h"

#include <wayland-server-core.h>

#include "common/clock.h"
#include "common/display_string.h"
#include "common/log.h"
#include "common/memory.h"
#include "host/client.h"
#include "host/proxy.h"
#include "wire/interface.h"

/* A window that changes its title with each frame is told of this often, and the last always. */
static constexpr unsigned credit_max = 200;
static constexpr int credit_ms = 20; /* one more each */
static constexpr uint64_t credit_ns = credit_ms * 1'000'000ull;

enum name_kind : unsigned {
	NAME_TITLE,
	NAME_APP_ID,
	NAME_COUNT
};

/* What is to be told yet of a window. The xdg_toplevel owns it. */
struct name {
	struct wl_list link; /* host_names.waiting; linked while `text` has something */
	struct host_client *client;
	const struct host_object *toplevel;
	char *text[NAME_COUNT]; /* owned; NULL: nothing new */
	uint16_t opcode[NAME_COUNT];
};

static void name_clear(struct name *name)
{
	for (unsigned i = 0; i < NAME_COUNT; i++) {
		free(vx_take_ptr(name->text[i]));
	}
	wl_list_remove(&name->link);
	wl_list_init(&name->link);
}

static void name_destroy(struct host_object *toplevel)
{
	struct name *name = vx_take_ptr(toplevel->data);
	name_clear(name);
	free(name);
}

static struct name *name_of(struct host_client *client, struct host_object *toplevel)
{
	if (toplevel->data == nullptr) {
		struct name *name = vx_new(name);
		name->client = client;
		name->toplevel = toplevel;
		wl_list_init(&name->link);
		toplevel->data = name;
		toplevel->destroy_data = name_destroy;
	}
	return toplevel->data;
}

static void earn_credit(struct host_names *names)
{
	uint64_t earned = (vx_clock_ns() - names->earned_ns) / credit_ns;
	names->earned_ns += earned * credit_ns;
	names->credit = earned < credit_max - names->credit ? names->credit + (unsigned)earned
							    : credit_max;
}

static void tell(struct host_names *names)
{
	earn_credit(names);
	while (names->credit > 0 && !wl_list_empty(&names->waiting)) {
		struct name *name = wl_container_of(names->waiting.next, name, link);
		for (unsigned i = 0; i < NAME_COUNT; i++) {
			if (name->text[i] != nullptr && !name->toplevel->destroyed) {
				host_client_request(name->client, name->toplevel, name->opcode[i],
					"s", name->text[i]);
			}
		}
		name_clear(name);
		names->credit--;
	}
	bool waits = !wl_list_empty(&names->waiting);
	wl_event_source_timer_update(names->timer, waits ? credit_ms : 0);
}

static int handle_timer(void *data)
{
	tell(data);
	return 0;
}

/* Takes `text`. */
static void names_add(struct host_client *client, const struct host_request *request,
	enum name_kind kind, char *text)
{
	struct host_names *names = &client->proxy->names;
	struct name *name = name_of(client, request->object);
	free(name->text[kind]);
	name->text[kind] = text;
	name->opcode[kind] = request->message->opcode;
	if (wl_list_empty(&name->link)) {
		wl_list_insert(names->waiting.prev, &name->link);
	}
	tell(names);
}

static bool handle_title(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	names_add(client, request, NAME_TITLE,
		vx_display_string(request->args[0].s, vx_title_max_code_points));
	return true;
}

static bool handle_app_id(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	names_add(client, request, NAME_APP_ID, vx_display_app_id(request->args[0].s));
	return true;
}

/* Nothing is drawn for that one. */
static bool handle_token_app_id(
	struct host_client *client, struct host_request *request, struct vx_error *err)
{
	vx_cleanup_free char *app_id = vx_display_app_id(request->args[0].s);
	host_client_request(client, request->object, request->message->opcode, "s", app_id);
	return true;
}

void names_start(struct host_names *names, struct wl_event_loop *loop)
{
	wl_list_init(&names->waiting);
	names->timer = wl_event_loop_add_timer(loop, handle_timer, names);
	names->credit = credit_max;
	names->earned_ns = vx_clock_ns();
}

void names_finish(struct host_names *names)
{
	vx_assert(wl_list_empty(&names->waiting));
	wl_event_source_remove(names->timer);
}

static const struct host_request_handler handlers[] = {
	{"xdg_toplevel", "set_title", handle_title},
	{"xdg_toplevel", "set_app_id", handle_app_id},
	{"xdg_activation_token_v1", "set_app_id", handle_token_app_id},
};

void names_install(struct wire_interfaces *interfaces)
{
	host_install_requests(interfaces, handlers, VX_ARRAY_LENGTH(handlers));
}
