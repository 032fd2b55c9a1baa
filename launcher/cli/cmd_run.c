/* SPDX-License-Identifier: MIT */
/* vixos run */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cmd_usb.h"
#include "cli/commands.h"
#include "cli/definitions.h"
#include "cli/display_path.h"
#include "cli/mounting.h"
#include "cli/program.h"
#include "cli/progress.h"
#include "cli/share.h"
#include "common/name.h"
#include "manager_names.h"

/* How long the program may take to end after the first Ctrl-C. */
static constexpr unsigned interrupt_grace_ms = 3000;

struct run {
	const struct cli_options *options;
	const char *package;
	char *const *args; /* the program's own, NULL-terminated */
	char *display;     /* owned; NULL: none */
	struct client client;
	struct interrupts interrupts;
	struct progress progress;
	struct vx_error *err;
	/* After the start: */
	char *vm;               /* owned; known from the first reply on */
	const char **command;   /* owned array of strings that `reply` owns */
	sd_json_variant *reply; /* owned */
	bool has_started;       /* the VM is ours to stop */
	bool is_disposable;     /* … but not before its last window is closed */
	struct share share;
	const char **environment; /* owned array; of the program */
};

static void handle_progress(void *data, sd_json_variant *reply)
{
	struct run *run = data;
	vx_replace_string(&run->vm, client_string(reply, "name"));
	const char *message = client_string(reply, "message");
	if (message != nullptr) {
		progress_set(&run->progress, message);
	}
	run->has_started = client_bool(reply, "started");
}

static bool run_find_display(struct run *run)
{
	vx_cleanup_error struct vx_error none = {};
	run->display = display_path_find(nullptr, &none);
	if (run->display == nullptr && (run->options->gui || run->options->workspace != nullptr)) {
		return vx_error_move(run->err, &none);
	}
	return true;
}

/* In a VM of Nix the package is built first, if it isn't; vixosd then finds it. */
static bool run_build_packages(struct run *run)
{
	const char *name = run->options->name != nullptr ? run->options->name : run->package;
	return !vx_vm_name_is_valid(name) ||
	       definitions_build_package(name, run->package, run->err);
}

static sd_json_variant *run_start_parameters(const struct run *run)
{
	const struct cli_options *options = run->options;
	const char *audio = options->audio;
	if (audio != nullptr && audio[0] == '\0') {
		audio = "output";
	}
	sd_json_variant *parameters = nullptr;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("package", run->package),
		SD_JSON_BUILD_PAIR_CONDITION(
			options->name != nullptr, "name", SD_JSON_BUILD_STRING(options->name)),
		SD_JSON_BUILD_PAIR_CONDITION(
			options->like != nullptr, "like", SD_JSON_BUILD_STRING(options->like)),
		SD_JSON_BUILD_PAIR_BOOLEAN("disposable", options->disposable),
		SD_JSON_BUILD_PAIR_CONDITION(options->executable != nullptr, "executable",
			SD_JSON_BUILD_STRING(options->executable)),
		SD_JSON_BUILD_PAIR_CONDITION(
			run->display != nullptr, "display", SD_JSON_BUILD_STRING(run->display)),
		SD_JSON_BUILD_PAIR_CONDITION(
			audio != nullptr, "audio", SD_JSON_BUILD_STRING(audio)),
		SD_JSON_BUILD_PAIR_CONDITION(options->network != nullptr, "network",
			SD_JSON_BUILD_STRING(options->network)),
		SD_JSON_BUILD_PAIR_BOOLEAN("usb", options->usb != nullptr),
		SD_JSON_BUILD_PAIR_CONDITION(options->workspace != nullptr, "workspace",
			SD_JSON_BUILD_STRING(options->workspace)),
		SD_JSON_BUILD_PAIR_BOOLEAN("untagged", options->untagged),
		SD_JSON_BUILD_PAIR_BOOLEAN("lease", true));
	return parameters;
}

/* The command that vixosd found for the package, and the user's arguments behind it. */
static bool run_take_command(struct run *run)
{
	sd_json_variant *command = sd_json_variant_by_key(run->reply, "command");
	size_t given = 0;
	while (run->args[given] != nullptr) {
		given++;
	}
	size_t count = command != nullptr ? sd_json_variant_elements(command) : 0;
	if (count == 0) {
		return vx_error_set(run->err, "vixosd did not say what to run");
	}
	run->command = vx_calloc(count + given + 1, sizeof(*run->command));
	for (size_t i = 0; i < count; i++) {
		run->command[i] = sd_json_variant_string(sd_json_variant_by_index(command, i));
		if (run->command[i] == nullptr) {
			return vx_error_set(run->err, "vixosd did not say what to run");
		}
	}
	for (size_t i = 0; i < given; i++) {
		run->command[count + i] = run->args[i];
	}
	return true;
}

/* Windows of a VM go where its first display was. */
static void run_tell_display(const struct run *run)
{
	const char *display = client_string(run->reply, "display");
	if (display != nullptr && run->display != nullptr && strcmp(display, run->display) != 0 &&
		!run->options->quiet) {
		fprintf(stderr, "vixos: the windows of VM '%s' are on the display '%s'\n", run->vm,
			display);
	}
}

static bool run_mount_volumes(struct run *run)
{
	const char *const *volumes = run->options->volume_list;
	for (size_t i = 0; volumes != nullptr && volumes[i] != nullptr; i++) {
		struct mounting mounting;
		bool is_mounted = mounting_parse(&mounting, volumes[i], run->err);
		mounting.is_quiet = run->options->quiet;
		is_mounted = is_mounted && mounting_add(&run->client, run->vm, &mounting, run->err);
		mounting_finish(&mounting);
		if (!is_mounted) {
			return false;
		}
	}
	return true;
}

static size_t count_strings(const char *const *strings)
{
	size_t count = 0;
	while (strings != nullptr && strings[count] != nullptr) {
		count++;
	}
	return count;
}

/* The user's variables, and that of the folder for exchange (`entry`, may be NULL) before them. */
static void run_set_environment(struct run *run, const char *entry)
{
	size_t given = count_strings(run->options->environment);
	size_t used = 0;
	run->environment = vx_calloc(given + 2, sizeof(*run->environment));
	if (entry != nullptr) {
		run->environment[used++] = entry;
	}
	for (size_t i = 0; i < given; i++) {
		run->environment[used++] = run->options->environment[i];
	}
}

/* A folder for exchange is gone with the run, or with the VM where nobody waits for the run. */
static bool run_share(struct run *run)
{
	if (!run->options->share_tmp) {
		return true;
	}
	if (!share_open(&run->share, &run->client, run->vm, !run->options->background, run->err)) {
		return false;
	}
	if (!run->options->quiet) {
		fprintf(stderr, "vixos: '%s' is '%s' in VM '%s'\n", run->share.source,
			run->share.target, run->vm);
	}
	return true;
}

static bool run_attach_devices(struct run *run)
{
	const char *const *devices = run->options->usb;
	for (size_t i = 0; devices != nullptr && devices[i] != nullptr; i++) {
		if (strcmp(devices[i], "on") != 0 &&
			!cmd_usb_attach(&run->client, run->vm, devices[i], false, run->err)) {
			return false;
		}
	}
	return true;
}

static bool run_check_volumes(const struct run *run)
{
	const char *const *volumes = run->options->volume_list;
	for (size_t i = 0; volumes != nullptr && volumes[i] != nullptr; i++) {
		struct mounting mounting;
		if (!mounting_parse(&mounting, volumes[i], run->err)) {
			return false;
		}
		mounting_finish(&mounting);
	}
	return true;
}

static bool run_start_vm(struct run *run)
{
	struct client_wait wait = {
		.interrupts = &run->interrupts,
		.progress = &run->progress,
		.handle_reply = handle_progress,
		.data = run,
	};
	sd_json_variant *parameters = run_start_parameters(run);
	if (parameters == nullptr) {
		return vx_error_set_kind(
			run->err, VX_ERROR_USAGE, "names of packages must be valid UTF-8");
	}
	progress_set(&run->progress, "asking vixosd for the VM");
	bool is_up = client_observe(
		&run->client, VX_MANAGER_METHOD("Start"), parameters, &wait, &run->reply, run->err);
	progress_finish(&run->progress);
	if (!is_up) {
		return false;
	}
	vx_replace_string(&run->vm, client_string(run->reply, "name"));
	run->has_started = client_bool(run->reply, "started");
	run->is_disposable = client_bool(run->reply, "disposable");
	run_tell_display(run);
	return run->vm != nullptr && run_take_command(run);
}

/* Where the VM was ending already, `err` has the reason although it is stopped. */
static bool run_ask_to_stop(
	struct run *run, bool kill, struct client_wait *wait, struct vx_error *err)
{
	sd_json_variant *parameters = nullptr, *reply = nullptr;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", run->vm),
		SD_JSON_BUILD_PAIR_BOOLEAN("kill", kill),
		SD_JSON_BUILD_PAIR_BOOLEAN("lastWindow", run->is_disposable));
	bool is_stopped = client_observe(
		&run->client, VX_MANAGER_METHOD("Stop"), parameters, wait, &reply, err);
	const char *message = is_stopped ? client_string(reply, "message") : nullptr;
	if (message != nullptr) {
		vx_error_set(err, "%s", message);
	}
	sd_json_variant_unref(reply);
	return is_stopped;
}

/* Ends the VM and waits for it; a further interrupt ends the wait, for vixosd goes on with it. */
static bool run_stop_vm(struct run *run, bool kill, struct vx_error *err)
{
	struct client_wait wait = {.interrupts = &run->interrupts, .progress = &run->progress};
	progress_init(&run->progress, run->options->quiet);
	progress_set(&run->progress, run->is_disposable && !kill
					     ? "waiting for the VM's last window"
					     : "stopping the VM");
	bool is_stopped = run_ask_to_stop(run, kill, &wait, err);
	if (!is_stopped && !wait.is_interrupted && !client_is_connected(&run->client)) {
		/* That vixosd is gone; the next one knows the VM too. */
		is_stopped = client_connect(&run->client, err) &&
			     run_ask_to_stop(run, kill, &wait, err);
	}
	progress_finish(&run->progress);
	return is_stopped || wait.is_interrupted;
}

/* Ends what a start has begun that came to no end itself. */
static void run_clean_up(struct run *run)
{
	vx_cleanup_error struct vx_error err = {};
	/* The connection, if there still is one, is busy with the start. */
	if (run->vm != nullptr && run->has_started && client_connect(&run->client, &err)) {
		(void)run_stop_vm(run, true, &err);
	}
}

/* The user broke off the start: what has been started ends with our connection, and we see to it.
 */
static int run_abort_start(struct run *run)
{
	run_clean_up(run);
	return interrupts_status(&run->interrupts);
}

static int run_background(struct run *run, const struct program *program)
{
	if (program_spawn(&run->client, program, run->has_started, run->err)) {
		return 0;
	}
	vx_cleanup_error struct vx_error err = {};
	if (run->has_started) {
		(void)run_stop_vm(run, true, &err);
	}
	return -1;
}

static int run_foreground(struct run *run, const struct program *program)
{
	struct vx_error stop_error = {};
	int status = program_run(&run->client, program, &run->interrupts, run->err);
	bool is_interrupted = status < 0 && run->interrupts.count > 0;
	if (run->share.source != nullptr && !run->has_started) {
		share_remove(&run->share, &run->client, run->vm);
	}
	bool is_stopped = true;
	if (run->has_started) {
		is_stopped = run_stop_vm(run, is_interrupted, &stop_error);
	}
	/* Why the VM ended says more than that a connection was lost. */
	if (stop_error.message != nullptr && (status < 0 || (status == 0 && !is_stopped))) {
		vx_error_move(run->err, &stop_error);
		status = -1;
	}
	vx_error_finish(&stop_error);
	return is_interrupted ? interrupts_status(&run->interrupts) : status;
}

static int run_program(struct run *run)
{
	const struct cli_options *options = run->options;
	struct program program = {
		.vm = run->vm,
		.argv = run->command,
		.environment = run->environment,
		.has_terminal = options->terminal,
		.sends_stdin = options->interactive,
		.interrupt_grace_ms = options->terminal ? 0 : interrupt_grace_ms,
		.holds_lease = run->has_started,
	};
	return options->background ? run_background(run, &program) : run_foreground(run, &program);
}

static int run_in_vm(struct run *run)
{
	if (run_mount_volumes(run) && run_attach_devices(run) && run_share(run)) {
		vx_cleanup_free char *entry = run->share.target != nullptr
						      ? vx_printf(SHARE_VARIABLE "=%s",
								run->share.target)
						      : nullptr;
		run_set_environment(run, entry);
		return run_program(run);
	}
	run_clean_up(run);
	return -1;
}

static int run_all(struct run *run)
{
	if (!program_check_environment(run->options->environment, run->err) ||
		!run_check_volumes(run) || !run_find_display(run) || !run_build_packages(run) ||
		!client_connect(&run->client, run->err)) {
		return -1;
	}
	if (run_start_vm(run)) {
		return run_in_vm(run);
	}
	if (run->interrupts.count > 0) {
		return run_abort_start(run);
	}
	if (!client_is_connected(&run->client)) {
		run_clean_up(run);
	}
	return -1;
}

int cmd_run(struct command_context *context)
{
	struct run run = {
		.options = context->options,
		.package = context->argv[0],
		.args = context->argv + 1,
		.err = context->err,
		.share = {.lock = -1},
	};
	progress_init(&run.progress, run.options->quiet);
	int status = interrupts_init(&run.interrupts, run.err) ? run_all(&run) : -1;
	interrupts_finish(&run.interrupts);
	client_finish(&run.client);
	progress_finish(&run.progress);
	sd_json_variant_unref(run.reply);
	share_finish(&run.share);
	free(run.environment);
	free(run.command);
	free(run.display);
	free(run.vm);
	return status;
}
