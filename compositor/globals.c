/* SPDX-License-Identifier: MIT */
#include "globals.h"

#include <string.h>
#include <wlr/backend.h>
#include <wlr/render/wlr_renderer.h>
#include <wlr/types/wlr_alpha_modifier_v1.h>
#include <wlr/types/wlr_color_management_v1.h>
#include <wlr/types/wlr_color_representation_v1.h>
#include <wlr/types/wlr_compositor.h>
#include <wlr/types/wlr_content_type_v1.h>
#include <wlr/types/wlr_data_control_v1.h>
#include <wlr/types/wlr_data_device.h>
#include <wlr/types/wlr_drm.h>
#include <wlr/types/wlr_drm_lease_v1.h>
#include <wlr/types/wlr_export_dmabuf_v1.h>
#include <wlr/types/wlr_ext_data_control_v1.h>
#include <wlr/types/wlr_ext_image_capture_source_v1.h>
#include <wlr/types/wlr_ext_image_copy_capture_v1.h>
#include <wlr/types/wlr_fixes.h>
#include <wlr/types/wlr_fractional_scale_v1.h>
#include <wlr/types/wlr_linux_dmabuf_v1.h>
#include <wlr/types/wlr_linux_drm_syncobj_v1.h>
#include <wlr/types/wlr_presentation_time.h>
#include <wlr/types/wlr_primary_selection_v1.h>
#include <wlr/types/wlr_screencopy_v1.h>
#include <wlr/types/wlr_security_context_v1.h>
#include <wlr/types/wlr_single_pixel_buffer_v1.h>
#include <wlr/types/wlr_subcompositor.h>
#include <wlr/types/wlr_viewporter.h>
#include <wlr/types/wlr_xdg_foreign_registry.h>
#include <wlr/types/wlr_xdg_foreign_v1.h>
#include <wlr/types/wlr_xdg_foreign_v2.h>

#include "common/error.h"
#include "common/memory.h"
#include "config/config.h"
#include "server.h"
#include "shell/scene.h"
#include "shell/xwayland.h"
#include "vm/domain_socket.h"
#include "vm/drag.h"
#include "vm/tag.h"

static constexpr uint32_t compositor_version = 6;
static constexpr uint32_t fixes_version = 1;
static constexpr uint32_t presentation_version = 2;
static constexpr uint32_t dmabuf_version = 5;

/* Hidden from every client behind a security context: what sway hides. */
static const char *const privileged[] = {
	"ext_data_control_manager_v1",
	"ext_foreign_toplevel_list_v1",
	"ext_image_copy_capture_manager_v1",
	"ext_session_lock_manager_v1",
	"ext_transient_seat_manager_v1",
	"ext_workspace_manager_v1",
	"wp_drm_lease_device_v1",
	"wp_security_context_manager_v1",
	"zwlr_data_control_manager_v1",
	"zwlr_export_dmabuf_manager_v1",
	"zwlr_foreign_toplevel_manager_v1",
	"zwlr_gamma_control_manager_v1",
	"zwlr_layer_shell_v1",
	"zwlr_output_manager_v1",
	"zwlr_output_power_manager_v1",
	"zwlr_screencopy_manager_v1",
	"zwlr_virtual_pointer_manager_v1",
	"zwp_input_method_manager_v2",
	"zwp_keyboard_shortcuts_inhibit_manager_v1",
	"zwp_virtual_keyboard_manager_v1",
	"zxdg_output_manager_v1",
};

/*
 * Hidden from VMs besides: clipboard and selections, which vixos-guest has inside each VM (for
 * drags they have a wl_data_device_manager of their own: vm/drag.h); what reaches across clients;
 * what tells whether somebody is there; what takes the pointer.
 */
static const char *const walled[] = {
	"ext_foreign_toplevel_image_capture_source_manager_v1",
	"ext_idle_notifier_v1",
	"ext_output_image_capture_source_manager_v1",
	"wl_data_device_manager",
	"wp_tearing_control_manager_v1",
	"zwp_idle_inhibit_manager_v1",
	"zwp_pointer_constraints_v1",
	"zwp_primary_selection_device_manager_v1",
	"zwp_relative_pointer_manager_v1",
	"zxdg_exporter_v1",
	"zxdg_exporter_v2",
	"zxdg_importer_v1",
	"zxdg_importer_v2",
};

static bool contains(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		if (strcmp(name, names[i]) == 0) {
			return true;
		}
	}
	return false;
}

static bool filter(const struct wl_client *client, const struct wl_global *global, void *data)
{
	struct server *server = data;
	const char *interface = wl_global_get_interface(global)->name;
	if (strcmp(interface, "xwayland_shell_v1") == 0) {
		return xwayland_owns_client(server->xwayland, client);
	}
	if (strcmp(interface, "vixos_domain_manager_v1") == 0) {
		return domain_socket_owns_client(client);
	}
	enum tag_kind kind = tag_kind_of_client(server, client, nullptr);
	if (vm_drags_owns_global(server->drags, global)) {
		return kind == TAG_VM;
	}
	if (kind == TAG_NONE) {
		return true;
	}
	bool is_vm = kind != TAG_SANDBOX;
	return !contains(privileged, VX_ARRAY_LENGTH(privileged), interface) &&
	       !(is_vm && contains(walled, VX_ARRAY_LENGTH(walled), interface));
}

static bool init_surfaces(struct server *server)
{
	server->compositor = wlr_compositor_create(
		server->display, compositor_version, server->renderer);
	server->content_types = wlr_content_type_manager_v1_create(server->display, 1);
	return server->compositor != nullptr && server->content_types != nullptr &&
	       wlr_subcompositor_create(server->display) &&
	       wlr_viewporter_create(server->display) &&
	       wlr_single_pixel_buffer_manager_v1_create(server->display) &&
	       wlr_alpha_modifier_v1_create(server->display) &&
	       wlr_fractional_scale_manager_v1_create(server->display, 1) &&
	       wlr_presentation_create(server->display, server->backend, presentation_version) &&
	       wlr_fixes_create(server->display, fixes_version) &&
	       wlr_color_representation_manager_v1_create_with_renderer(
		       server->display, 1, server->renderer);
}

static bool init_buffers(struct server *server)
{
	if (!wlr_renderer_init_wl_shm(server->renderer, server->display)) {
		return false;
	}
	if (wlr_renderer_get_texture_formats(server->renderer, WLR_BUFFER_CAP_DMABUF) != nullptr) {
		struct wlr_linux_dmabuf_v1 *dmabuf = wlr_linux_dmabuf_v1_create_with_renderer(
			server->display, dmabuf_version, server->renderer);
		if (dmabuf != nullptr) {
			wlr_scene_set_linux_dmabuf_v1(server->scene->root, dmabuf);
		}
	}
	int drm_fd = wlr_renderer_get_drm_fd(server->renderer);
	if (drm_fd >= 0 && server->renderer->features.timeline &&
		server->backend->features.timeline) {
		wlr_linux_drm_syncobj_manager_v1_create(server->display, 1, drm_fd);
	}
	return true;
}

static bool init_clipboard(struct server *server)
{
	if (server_config(server)->primary_selection &&
		!wlr_primary_selection_v1_device_manager_create(server->display)) {
		return false;
	}
	server->drags = vm_drags_create(server);
	return server->drags != nullptr && wlr_data_device_manager_create(server->display) &&
	       wlr_data_control_manager_v1_create(server->display) &&
	       wlr_ext_data_control_manager_v1_create(server->display, 1);
}

static bool init_capture(struct server *server)
{
	return wlr_export_dmabuf_manager_v1_create(server->display) &&
	       wlr_screencopy_manager_v1_create(server->display) &&
	       wlr_ext_image_copy_capture_manager_v1_create(server->display, 1) &&
	       wlr_ext_output_image_capture_source_manager_v1_create(server->display, 1);
}

static bool init_foreign(struct server *server)
{
	struct wlr_xdg_foreign_registry *registry = wlr_xdg_foreign_registry_create(
		server->display);
	return registry != nullptr && wlr_xdg_foreign_v1_create(server->display, registry) &&
	       wlr_xdg_foreign_v2_create(server->display, registry);
}

static bool init_color(struct server *server)
{
	if (!server->renderer->features.input_color_transform) {
		return true;
	}
	const enum wp_color_manager_v1_render_intent intents[] = {
		WP_COLOR_MANAGER_V1_RENDER_INTENT_PERCEPTUAL,
	};
	size_t function_count = 0, primaries_count = 0;
	enum wp_color_manager_v1_transfer_function *functions =
		wlr_color_manager_v1_transfer_function_list_from_renderer(
			server->renderer, &function_count);
	enum wp_color_manager_v1_primaries *primaries =
		wlr_color_manager_v1_primaries_list_from_renderer(
			server->renderer, &primaries_count);
	struct wlr_color_manager_v1 *manager = wlr_color_manager_v1_create(server->display, 2,
		&(struct wlr_color_manager_v1_options){
			.features.parametric = true,
			.features.set_mastering_display_primaries = true,
			.render_intents = intents,
			.render_intents_len = VX_ARRAY_LENGTH(intents),
			.transfer_functions = functions,
			.transfer_functions_len = function_count,
			.primaries = primaries,
			.primaries_len = primaries_count,
		});
	free(functions);
	free(primaries);
	if (manager != nullptr) {
		wlr_scene_set_color_manager_v1(server->scene->root, manager);
	}
	return true;
}

bool globals_init(struct server *server, struct vx_error *err)
{
	server->security_context = wlr_security_context_manager_v1_create(server->display);
	if (server->security_context == nullptr || !init_surfaces(server) ||
		!init_buffers(server) || !init_clipboard(server) || !init_capture(server) ||
		!init_foreign(server) || !init_color(server)) {
		return vx_error_set(err, "the Wayland globals can't be made");
	}
	wlr_drm_lease_v1_manager_create(server->display, server->backend);
	wl_display_set_global_filter(server->display, filter, server);
	return true;
}
