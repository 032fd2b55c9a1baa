/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "launch"

#include "launch.h"

#include <wlr/types/wlr_output.h>
#include <wlr/types/wlr_xdg_activation_v1.h>

#include "common/error.h"
#include "common/log.h"
#include "common/memory.h"
#include "config/bar.h"
#include "config/config.h"
#include "listener.h"
#include "output/output.h"
#include "process.h"
#include "server.h"
#include "shell/activation.h"
#include "tree/tree.h"

struct launches {
	struct server *server;
	LIST(struct running_bar) bars; /* owned */
	pid_t background, errors;      /* 0: none */
};

struct running_bar {
	pid_t pid;
};

bool launches_exec(struct launches *launches, struct tree_seat *seat, const char *command,
	bool no_startup_id, struct vx_error *err)
{
	struct server *server = launches->server;
	struct wlr_xdg_activation_token_v1 *token = activation_begin_exec(server->shell, seat);
	struct process_token names = {.is_without_startup_id = no_startup_id};
	names.name = token != nullptr ? wlr_xdg_activation_token_v1_get_name(token) : nullptr;
	pid_t pid = process_spawn(
		server, (const char *const[]){"sh", "-c", command, nullptr}, &names, err);
	if (pid == 0) {
		if (token != nullptr) {
			wlr_xdg_activation_token_v1_destroy(token);
		}
		return false;
	}
	if (token != nullptr) {
		activation_set_pid(token, pid);
	}
	return true;
}

/* ---- bars ---- */

static void end(struct launches *launches, pid_t *pid)
{
	process_end(launches->server, *pid);
	*pid = 0;
}

static void end_bars(struct launches *launches)
{
	for (int i = 0; i < launches->bars.length; i++) {
		end(launches, &launches->bars.items[i]->pid);
		free(launches->bars.items[i]);
	}
	launches->bars.length = 0;
}

static pid_t start(struct launches *launches, const char *const argv[])
{
	vx_cleanup_error struct vx_error err = {};
	pid_t pid = process_spawn(launches->server, argv, nullptr, &err);
	if (pid == 0) {
		vx_log_error("%s, going on without it", vx_error_message(&err));
	}
	return pid;
}

void launches_start_bar(struct launches *launches, const struct bar_config *bar)
{
	const char *program = bar->swaybar_command != nullptr ? bar->swaybar_command : "swaybar";
	struct running_bar *running = vx_new(running);
	running->pid = start(launches, (const char *const[]){program, "-b", bar->id, nullptr});
	list_append(&launches->bars, running);
}

void launches_start_bars(struct launches *launches)
{
	end_bars(launches);
	const struct config *config = server_config(launches->server);
	for (int i = 0; i < config->bars.length; i++) {
		launches_start_bar(launches, config->bars.items[i]);
	}
}

/* ---- wallpaper: one swaybg for all outputs ---- */

struct arguments {
	LIST(char) strings; /* owned */
};

static void add(struct arguments *arguments, const char *text)
{
	char *copy = vx_strdup(text);
	list_append(&arguments->strings, copy);
}

static void add_output(struct arguments *arguments, const struct output *output,
	const struct output_config *config)
{
	if (config == nullptr || config->background == nullptr) {
		return;
	}
	add(arguments, "-o");
	add(arguments, output->wlr_output->name);
	bool is_color = config->background_mode != nullptr &&
			strcmp(config->background_mode, "solid_color") == 0;
	if (is_color) {
		add(arguments, "-c");
		add(arguments, config->background);
		return;
	}
	add(arguments, "-i");
	add(arguments, config->background);
	if (config->background_mode != nullptr) {
		add(arguments, "-m");
		add(arguments, config->background_mode);
	}
	if (config->background_fallback != nullptr) {
		add(arguments, "-c");
		add(arguments, config->background_fallback);
	}
}

void launches_start_background(struct launches *launches)
{
	end(launches, &launches->background);
	struct config *config = server_config(launches->server);
	if (config->swaybg_command == nullptr) {
		return;
	}
	struct arguments arguments = {};
	add(&arguments, config->swaybg_command);
	struct output *output;
	wl_list_for_each (output, &launches->server->outputs->list, link) {
		struct output_config *merged = config_output_for(
			config, output->wlr_output->name, output->tree_output->identifier);
		add_output(&arguments, output, merged);
		output_config_destroy(merged);
	}
	list_append(&arguments.strings, nullptr);
	if (arguments.strings.length > 2) {
		launches->background = start(
			launches, (const char *const *)arguments.strings.items);
	}
	for (int i = 0; i < arguments.strings.length; i++) {
		free(arguments.strings.items[i]);
	}
	list_finish(&arguments.strings);
}

void launches_show_errors(struct launches *launches, const char *message, const char *log)
{
	static constexpr int log_max = 1000;
	vx_log_error("%s: %s", message, log);
	end(launches, &launches->errors);
	const char *program = server_config(launches->server)->swaynag_command;
	if (program == nullptr) {
		return;
	}
	vx_cleanup_free char *text = vx_printf("%s\n%.*s", message, log_max, log);
	launches->errors = start(launches,
		(const char *const[]){program, "--type", "error", "--message", text, nullptr});
}

/* ---- life ---- */

struct launches *launches_create(struct server *server)
{
	struct launches *launches = vx_new(launches);
	launches->server = server;
	return launches;
}

void launches_destroy(struct launches *launches)
{
	if (launches == nullptr) {
		return;
	}
	end_bars(launches);
	list_finish(&launches->bars);
	end(launches, &launches->background);
	end(launches, &launches->errors);
	free(launches);
}
