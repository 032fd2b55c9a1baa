/* SPDX-License-Identifier: MIT */
/* Protocols by which other programs configure outputs. */
#include <wlr/types/wlr_gamma_control_v1.h>
#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_output_layout.h>
#include <wlr/types/wlr_output_management_v1.h>
#include <wlr/types/wlr_output_power_management_v1.h>
#include <wlr/types/wlr_scene.h>

#include "config/config.h"
#include "listener.h"
#include "output/output.h"
#include "server.h"
#include "shell/scene.h"
#include "tree/tree.h"

static void send_update(void *data)
{
	struct outputs *outputs = data;
	outputs->manager_update = nullptr;
	struct wlr_output_configuration_v1 *configuration = wlr_output_configuration_v1_create();
	struct output *output;
	wl_list_for_each (output, &outputs->list, link) {
		struct wlr_output_configuration_head_v1 *head =
			wlr_output_configuration_head_v1_create(configuration, output->wlr_output);
		struct wlr_box box;
		wlr_output_layout_get_box(outputs->layout, output->wlr_output, &box);
		head->state.enabled = output->tree_output->enabled;
		head->state.x = box.x;
		head->state.y = box.y;
	}
	wlr_output_manager_v1_set_configuration(outputs->manager, configuration);
}

void output_manager_schedule_update(struct outputs *outputs)
{
	if (outputs->manager_update == nullptr && outputs->manager != nullptr) {
		outputs->manager_update = wl_event_loop_add_idle(
			outputs->server->loop, send_update, outputs);
	}
}

static struct output_config *config_of_head(const struct wlr_output_head_v1_state *state)
{
	struct output_config *config = output_config_create(state->output->name);
	config->enabled = state->enabled;
	if (!state->enabled) {
		return config;
	}
	config->width = state->mode != nullptr ? state->mode->width : state->custom_mode.width;
	config->height = state->mode != nullptr ? state->mode->height : state->custom_mode.height;
	int refresh = state->mode != nullptr ? state->mode->refresh : state->custom_mode.refresh;
	config->refresh = (float)refresh / 1000;
	config->custom_mode = state->mode == nullptr;
	config->x = state->x;
	config->y = state->y;
	config->transform = (int)state->transform;
	config->scale = state->scale;
	config->adaptive_sync = state->adaptive_sync_enabled;
	return config;
}

/* What a program applies holds as if the configuration had said it. */
static void keep(struct config *config, struct output_config *added)
{
	for (int i = 0; i < config->outputs.length; i++) {
		struct output_config *old = config->outputs.items[i];
		if (strcmp(old->name, added->name) == 0) {
			output_config_merge(old, added);
			output_config_destroy(added);
			return;
		}
	}
	list_append(&config->outputs, added);
}

static void configure(
	struct outputs *outputs, struct wlr_output_configuration_v1 *configuration, bool test_only)
{
	bool works = true;
	struct wlr_output_configuration_head_v1 *head;
	wl_list_for_each (head, &configuration->heads, link) {
		struct output *output = head->state.output->data;
		struct output_config *config = config_of_head(&head->state);
		works = works && output != nullptr && output_apply(output, config, true);
		if (works && !test_only) {
			keep(server_config(outputs->server), config);
		} else {
			output_config_destroy(config);
		}
	}
	if (works && !test_only) {
		outputs_configure(outputs, nullptr);
	}
	if (works) {
		wlr_output_configuration_v1_send_succeeded(configuration);
	} else {
		wlr_output_configuration_v1_send_failed(configuration);
	}
	wlr_output_configuration_v1_destroy(configuration);
}

static void handle_apply(struct wl_listener *listener, void *data)
{
	struct outputs *outputs = wl_container_of(listener, outputs, manager_apply);
	configure(outputs, data, false);
}

static void handle_test(struct wl_listener *listener, void *data)
{
	struct outputs *outputs = wl_container_of(listener, outputs, manager_test);
	configure(outputs, data, true);
}

static void handle_power_set_mode(struct wl_listener *listener, void *data)
{
	const struct wlr_output_power_v1_set_mode_event *event = data;
	struct output *output = event->output->data;
	if (output != nullptr) {
		output_set_power(output, event->mode == ZWLR_OUTPUT_POWER_V1_MODE_ON);
	}
}

bool output_manager_init(struct outputs *outputs)
{
	struct wl_display *display = outputs->server->display;
	outputs->manager = wlr_output_manager_v1_create(display);
	outputs->power_manager = wlr_output_power_manager_v1_create(display);
	struct wlr_gamma_control_manager_v1 *gamma = wlr_gamma_control_manager_v1_create(display);
	if (outputs->manager == nullptr || outputs->power_manager == nullptr || gamma == nullptr) {
		return false;
	}
	wlr_scene_set_gamma_control_manager_v1(outputs->server->scene->root, gamma);
	listener_add(&outputs->manager_apply, &outputs->manager->events.apply, handle_apply);
	listener_add(&outputs->manager_test, &outputs->manager->events.test, handle_test);
	listener_add(&outputs->power_set_mode, &outputs->power_manager->events.set_mode,
		handle_power_set_mode);
	return true;
}
