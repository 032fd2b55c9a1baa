/* SPDX-License-Identifier: MIT */
/* What the node of a window has beyond other nodes. */
#include <string.h>

#include "ipc/describe.h"
#include "tree/tree.h"

static const char *const idle_inhibit_names[] = {
	[IDLE_INHIBIT_APPLICATION] = "none",
	[IDLE_INHIBIT_FOCUS] = "focus",
	[IDLE_INHIBIT_FULLSCREEN] = "fullscreen",
	[IDLE_INHIBIT_OPEN] = "open",
	[IDLE_INHIBIT_NONE] = "none",
	[IDLE_INHIBIT_VISIBLE] = "visible",
};

static void add_vm(struct describe *describe, yyjson_mut_val *object, const struct view *view)
{
	struct view_vm vm;
	if (!view_get_vm(view, &vm)) {
		return;
	}
	yyjson_mut_val *described = yyjson_mut_obj(describe->doc);
	describe_add_string(describe, described, "name", vm.name);
	describe_add_string(describe, described, "color", vm.color);
	describe_add_string(describe, described, "label", vm.label);
	yyjson_mut_obj_add_val(describe->doc, object, "vm", described);
}

static void add_if_set(
	struct describe *describe, yyjson_mut_val *object, const char *key, const char *value)
{
	if (value) {
		yyjson_mut_obj_add_strcpy(describe->doc, object, key, value);
	}
}

static void add_x11(struct describe *describe, yyjson_mut_val *object, struct view *view)
{
	if (view->shell != VIEW_SHELL_XWAYLAND || !view->impl->get_x11_window) {
		return;
	}
	yyjson_mut_doc *doc = describe->doc;
	yyjson_mut_obj_remove_key(object, "window");
	yyjson_mut_obj_add_uint(doc, object, "window", view->impl->get_x11_window(view));
	yyjson_mut_val *properties = yyjson_mut_obj(doc);
	add_if_set(describe, properties, "class", view_get_string(view, VIEW_CLASS));
	add_if_set(describe, properties, "instance", view_get_string(view, VIEW_INSTANCE));
	add_if_set(
		describe, properties, "title", view->container ? view->container->title : nullptr);
	uint32_t parent = view->impl->get_x11_parent ? view->impl->get_x11_parent(view) : 0;
	if (parent) {
		yyjson_mut_obj_add_uint(doc, properties, "transient_for", parent);
	} else {
		yyjson_mut_obj_add_null(doc, properties, "transient_for");
	}
	add_if_set(describe, properties, "window_role", view_get_string(view, VIEW_WINDOW_ROLE));
	if (view->impl->get_window_type) {
		yyjson_mut_obj_add_str(doc, properties, "window_type",
			view_window_type_name(view->impl->get_window_type(view)));
	}
	yyjson_mut_obj_add_val(doc, object, "window_properties", properties);
}

void describe_add_view(struct describe *describe, yyjson_mut_val *object, struct container *con)
{
	struct view *view = con->view;
	yyjson_mut_doc *doc = describe->doc;
	yyjson_mut_obj_add_int(doc, object, "pid", view->pid);
	describe_add_string(describe, object, "app_id", view_get_string(view, VIEW_APP_ID));
	describe_add_string(describe, object, "foreign_toplevel_identifier",
		view_get_string(view, VIEW_FOREIGN_TOPLEVEL_ID));
	yyjson_mut_obj_add_bool(
		doc, object, "visible", view->container == con && view_is_visible(view));
	yyjson_mut_obj_add_int(doc, object, "max_render_time", view->max_render_time);
	yyjson_mut_obj_add_bool(doc, object, "allow_tearing", view_may_tear(view));
	yyjson_mut_obj_add_str(doc, object, "shell", view_shell_name(view));
	yyjson_mut_obj_add_bool(doc, object, "inhibit_idle", view_inhibits_idle(view));
	describe_add_string(
		describe, object, "sandbox_engine", view_get_string(view, VIEW_SANDBOX_ENGINE));
	describe_add_string(
		describe, object, "sandbox_app_id", view_get_string(view, VIEW_SANDBOX_APP_ID));
	describe_add_string(describe, object, "sandbox_instance_id",
		view_get_string(view, VIEW_SANDBOX_INSTANCE_ID));
	describe_add_string(describe, object, "tag", view_get_string(view, VIEW_TAG));

	yyjson_mut_val *inhibitors = yyjson_mut_obj(doc);
	yyjson_mut_obj_add_str(doc, inhibitors, "user", idle_inhibit_names[view->idle_inhibit]);
	yyjson_mut_obj_add_str(doc, inhibitors, "application",
		view->application_inhibits_idle ? "enabled" : "none");
	yyjson_mut_obj_add_val(doc, object, "idle_inhibitors", inhibitors);

	const char *content_type = view_get_string(view, VIEW_CONTENT_TYPE);
	if (content_type && strcmp(content_type, "none") != 0) {
		yyjson_mut_obj_add_strcpy(doc, object, "content_type", content_type);
	}
	add_x11(describe, object, view);
	add_vm(describe, object, view);
}
