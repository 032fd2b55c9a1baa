/* SPDX-License-Identifier: MIT */
#include "daemon/clipboard.h"

#include <string.h>
#include <systemd/sd-event.h>

#define VX_LOG_MODULE "clipboard"
#include "common/log.h"
#include "daemon/clipboard_stream.h"
#include "daemon/daemon.h"
#include "daemon/display.h"
#include "daemon/host_selection.h"
#include "daemon/machine.h"
#include "daemon/prompt.h"
#include "vm/config.h"
#include "vm/definition.h"

static constexpr int transfers_max = 16;
static constexpr uint64_t deadline_us = 10'000'000;
static constexpr uint64_t prompt_deadline_us = 120'000'000; /* for a person */

struct clipboard_transfer {
	struct wl_list link; /* struct daemon.clipboard_transfers */
	struct daemon *daemon;
	char *vm; /* owned */
	enum clipboard_direction direction;
	struct vm_clipboard policy;
	bool has_content, wants_content, is_confirmed, needs_consent;
	clipboard_handler handler;
	void *data;
	char *display_path;      /* owned; NULL: the VM's */
	struct display *display; /* borrowed; NULL: not chosen */
	struct vx_buffer content;
	enum vx_clipboard_kind kind;
	/* What is under way. */
	sd_event_source *begin_source, *deadline_source; /* owned */
	struct prompt *prompt;                           /* owned */
	struct clipboard_stream *stream;                 /* owned */
	bool reads_host;
};

static void transfer_destroy(struct clipboard_transfer *transfer)
{
	if (transfer->reads_host) {
		host_selection_cancel(transfer->display->selection);
	}
	prompt_destroy(transfer->prompt);
	clipboard_stream_destroy(transfer->stream);
	sd_event_source_disable_unref(transfer->begin_source);
	sd_event_source_disable_unref(transfer->deadline_source);
	wl_list_remove(&transfer->link);
	vx_buffer_finish(&transfer->content);
	free(transfer->vm);
	free(transfer->display_path);
	free(transfer);
}

static void transfer_end(struct clipboard_transfer *transfer, const struct vx_error *err)
{
	struct clipboard_result result = {
		.needs_consent = transfer->needs_consent,
		.kind = transfer->kind,
		.size = transfer->content.size,
		.content = transfer->wants_content ? &transfer->content : nullptr,
	};
	/* So that who has just heard of the end can't be giving it up. */
	void *data = vx_take_ptr(transfer->data);
	transfer->handler(data, err == nullptr ? &result : nullptr, err);
	transfer_destroy(transfer);
}

static int handle_deadline(sd_event_source *source, uint64_t now, void *data)
{
	struct clipboard_transfer *transfer = data;
	vx_cleanup_error struct vx_error err = {};
	if (transfer->prompt != nullptr) {
		vx_error_set_kind(&err, VX_ERROR_REFUSED, "nobody has answered the question");
	} else if (transfer->reads_host) {
		vx_error_set(&err, "the program that has the host's clipboard does not answer");
	} else {
		vx_error_set(&err, "VM '%s' does not answer", transfer->vm);
	}
	transfer_end(transfer, &err);
	return 0;
}

static bool transfer_set_deadline(
	struct clipboard_transfer *transfer, uint64_t us, struct vx_error *err)
{
	transfer->deadline_source = sd_event_source_disable_unref(transfer->deadline_source);
	int result = sd_event_add_time_relative(transfer->daemon->event, &transfer->deadline_source,
		CLOCK_MONOTONIC, us, 100'000, handle_deadline, transfer);
	return result >= 0 || vx_error_set_errno(err, -result, "cannot set a deadline");
}

/* ---- the VM ---- */

static uint8_t transfer_kinds(const struct clipboard_transfer *transfer)
{
	return (uint8_t)(1u << VX_CLIPBOARD_TEXT |
			 (transfer->policy.with_images ? 1u << VX_CLIPBOARD_PNG : 0));
}

/* What came from another VM is gone with the first paste. */
static void transfer_put_in_vm(struct clipboard_transfer *transfer)
{
	if (!transfer->has_content && transfer->display != nullptr) {
		host_selection_wipe(transfer->display->selection);
	}
	vx_log_info("'%s': %zu bytes were copied into it", transfer->vm, transfer->content.size);
	transfer_end(transfer, nullptr);
}

static void transfer_take_from_vm(struct clipboard_transfer *transfer)
{
	vx_cleanup_error struct vx_error err = {};
	vx_log_info("'%s': %zu bytes were copied out of it", transfer->vm, transfer->content.size);
	struct vx_buffer copy = {};
	if (transfer->kind == VX_CLIPBOARD_NOTHING || transfer->wants_content) {
		transfer_end(transfer, nullptr);
	} else if (!vx_buffer_append(
			   &copy, vx_buffer_bytes(&transfer->content), transfer->content.size) ||
		   !host_selection_set(transfer->display->selection, transfer->kind, &copy,
			   transfer->policy.timeout_s, &err)) {
		vx_buffer_finish(&copy);
		transfer_end(transfer, &err);
	} else {
		transfer_end(transfer, nullptr);
	}
}

static void handle_vm(void *data, enum vx_clipboard_kind kind, struct vx_buffer *untrusted_content,
	const struct vx_error *err)
{
	struct clipboard_transfer *transfer = data;
	if (err != nullptr) {
		transfer_end(transfer, err);
	} else if (transfer->direction == CLIPBOARD_TO_VM) {
		transfer_put_in_vm(transfer);
	} else {
		transfer->kind = kind;
		transfer->content = *untrusted_content;
		*untrusted_content = (struct vx_buffer){};
		transfer_take_from_vm(transfer);
	}
}

static bool transfer_ask_vm(struct clipboard_transfer *transfer, struct vx_error *err)
{
	bool is_put = transfer->direction == CLIPBOARD_TO_VM;
	const struct vm_clipboard *policy = &transfer->policy;
	struct vx_clipboard_request request = {
		.operation = is_put ? VX_CLIPBOARD_PUT : VX_CLIPBOARD_GET,
		.kinds = is_put ? (uint8_t)(1u << transfer->kind) : transfer_kinds(transfer),
		.flags = !is_put && policy->keeps_controls ? VX_CLIPBOARD_KEEP_CONTROLS : 0,
		.size = is_put ? (uint32_t)transfer->content.size : policy->size_max,
		.timeout_s = is_put ? policy->timeout_s : 0,
	};
	struct machine *machine = daemon_find_machine(transfer->daemon, transfer->vm);
	if (machine == nullptr) {
		return vx_error_set(err, "VM '%s' is gone", transfer->vm);
	}
	int fd = machine_open_clipboard(machine, err);
	if (fd >= 0) {
		transfer->stream = clipboard_stream_create(transfer->daemon->event, fd, &request,
			is_put ? &transfer->content : nullptr, handle_vm, transfer, err);
	}
	return transfer->stream != nullptr && transfer_set_deadline(transfer, deadline_us, err);
}

/* ---- the host ---- */

static void handle_host(void *data, enum vx_clipboard_kind kind, const struct vx_buffer *content,
	const struct vx_error *err)
{
	struct clipboard_transfer *transfer = data;
	transfer->reads_host = false;
	vx_cleanup_error struct vx_error problem = {};
	if (err != nullptr || kind == VX_CLIPBOARD_NOTHING || content->size == 0) {
		transfer_end(transfer, err);
		return;
	}
	transfer->kind = kind;
	if (!vx_buffer_append(&transfer->content, vx_buffer_bytes(content), content->size) ||
		!transfer_ask_vm(transfer, &problem)) {
		transfer_end(transfer, &problem);
	}
}

static bool transfer_read_host(struct clipboard_transfer *transfer, struct vx_error *err)
{
	transfer->reads_host = host_selection_read(transfer->display->selection,
		transfer_kinds(transfer), transfer->policy.size_max, handle_host, transfer, err);
	return transfer->reads_host && transfer_set_deadline(transfer, deadline_us, err);
}

/* Nothing stands in the way any more. */
static bool transfer_go(struct clipboard_transfer *transfer, struct vx_error *err)
{
	bool uses_host = !transfer->has_content && !transfer->wants_content;
	if (uses_host && transfer->display == nullptr) {
		return vx_error_set(err,
			"VM '%s' has no display, so there is no clipboard of the "
			"host's; see --stdin and --stdout",
			transfer->vm);
	}
	if (transfer->direction == CLIPBOARD_FROM_VM || transfer->has_content) {
		return transfer_ask_vm(transfer, err);
	}
	return transfer_read_host(transfer, err);
}

/* ---- the policy ---- */

static void handle_answer(void *data, bool is_accepted)
{
	struct clipboard_transfer *transfer = data;
	vx_cleanup_error struct vx_error err = {};
	prompt_destroy(vx_take_ptr(transfer->prompt));
	if (!is_accepted) {
		vx_error_set_kind(&err, VX_ERROR_REFUSED, "you have said no");
		transfer_end(transfer, &err);
	} else if (!transfer_go(transfer, &err)) {
		transfer_end(transfer, &err);
	}
}

static bool transfer_ask_user(struct clipboard_transfer *transfer, struct vx_error *err)
{
	bool is_put = transfer->direction == CLIPBOARD_TO_VM;
	const char *text = is_put ? "May what you have copied be given to this VM?"
				  : "May what was copied in this VM go to your clipboard?";
	if (transfer->display != nullptr) {
		transfer->prompt = prompt_create(transfer->display, transfer->vm, text,
			is_put ? "Give" : "Take", handle_answer, transfer);
	}
	if (transfer->prompt != nullptr) {
		return transfer_set_deadline(transfer, prompt_deadline_us, err);
	}
	if (transfer->is_confirmed) {
		return transfer_go(transfer, err);
	}
	transfer->needs_consent = true;
	transfer_end(transfer, nullptr);
	return true;
}

/* That of the configuration as it is now: a VM that vixosd has found running brings none along. */
static bool transfer_read_policy(struct clipboard_transfer *transfer, struct vx_error *err)
{
	if (!daemon_reload(transfer->daemon, err)) {
		return false;
	}
	const struct vm_config *config = transfer->daemon->config;
	const struct vm_definition *definition = vm_config_find(
		config, daemon_find_base(transfer->daemon, transfer->vm));
	transfer->policy = definition != nullptr ? definition->clipboard
						 : config->defaults->clipboard;
	if (transfer->has_content && transfer->content.size > transfer->policy.size_max) {
		return vx_error_set_kind(err, VX_ERROR_REFUSED,
			"it has more than the %u bytes that may be copied to VM '%s'",
			transfer->policy.size_max, transfer->vm);
	}
	return true;
}

static bool transfer_choose_display(struct clipboard_transfer *transfer, struct vx_error *err)
{
	struct machine *machine = daemon_find_machine(transfer->daemon, transfer->vm);
	if (machine == nullptr || machine->state != MACHINE_RUNNING) {
		return vx_error_set(err, "VM '%s' isn't running", transfer->vm);
	}
	const char *path = transfer->display_path != nullptr ? transfer->display_path
							     : machine->display;
	if (path == nullptr) {
		return true;
	}
	transfer->display = display_get(transfer->daemon, path, err);
	return transfer->display != nullptr;
}

static bool transfer_begin(struct clipboard_transfer *transfer, struct vx_error *err)
{
	bool is_put = transfer->direction == CLIPBOARD_TO_VM;
	if (!transfer_read_policy(transfer, err)) {
		return false;
	}
	switch (is_put ? transfer->policy.copy : transfer->policy.paste) {
	case VM_CONSENT_ALLOW:
		return transfer_go(transfer, err);
	case VM_CONSENT_ASK:
		return transfer_ask_user(transfer, err);
	case VM_CONSENT_DENY:
	case VM_CONSENT_COUNT:
		break;
	}
	return vx_error_set_kind(err, VX_ERROR_REFUSED,
		"the configuration forbids to copy %s VM '%s' (clipboard { %s deny })",
		is_put ? "to" : "from", transfer->vm, is_put ? "copy" : "paste");
}

/* From here on the display must have told what it can do; until then it is waited for. */
static int handle_begin(sd_event_source *source, void *data)
{
	struct clipboard_transfer *transfer = data;
	vx_cleanup_error struct vx_error err = {};
	if (transfer->display == nullptr && !transfer_choose_display(transfer, &err)) {
		transfer_end(transfer, &err);
		return 0;
	}
	if (transfer->display != nullptr && !transfer->display->is_ready) {
		return 0; /* clipboard_display_ready() goes on */
	}
	transfer->begin_source = sd_event_source_disable_unref(transfer->begin_source);
	if (!transfer_begin(transfer, &err)) {
		transfer_end(transfer, &err);
	}
	return 0;
}

void clipboard_display_ready(struct daemon *daemon, const struct display *display)
{
	struct clipboard_transfer *transfer;
	wl_list_for_each (transfer, &daemon->clipboard_transfers, link) {
		if (transfer->display == display && transfer->begin_source != nullptr) {
			(void)sd_event_source_set_enabled(transfer->begin_source, SD_EVENT_ONESHOT);
		}
	}
}

bool clipboard_begin(struct daemon *daemon, const struct clipboard_options *options,
	clipboard_handler handler, void *data, struct vx_error *err)
{
	if (wl_list_length(&daemon->clipboard_transfers) >= transfers_max) {
		return vx_error_set(err, "%d are copying already", transfers_max);
	}
	struct clipboard_transfer *transfer = vx_new(transfer);
	transfer->daemon = daemon;
	transfer->vm = vx_strdup(options->vm);
	transfer->direction = options->direction;
	transfer->display_path = vx_strdup(options->display);
	transfer->has_content = options->content != nullptr;
	transfer->wants_content = options->wants_content;
	transfer->is_confirmed = options->is_confirmed;
	transfer->handler = handler;
	transfer->data = data;
	wl_list_insert(daemon->clipboard_transfers.prev, &transfer->link);
	if (options->content != nullptr) {
		transfer->kind = VX_CLIPBOARD_TEXT;
		(void)vx_buffer_append(&transfer->content, vx_buffer_bytes(options->content),
			options->content->size);
	}
	/* Not from here, so that the caller's handler is never called while it is busy. */
	int result = sd_event_add_defer(
		daemon->event, &transfer->begin_source, handle_begin, transfer);
	if (result < 0 || !transfer_set_deadline(transfer, deadline_us, err)) {
		transfer_destroy(transfer);
		return vx_error_set(err, "cannot begin to copy");
	}
	return true;
}

void clipboard_forget(struct daemon *daemon, const void *data)
{
	struct clipboard_transfer *transfer, *next;
	wl_list_for_each_safe (transfer, next, &daemon->clipboard_transfers, link) {
		if (transfer->data == data) {
			transfer_destroy(transfer);
		}
	}
}

void clipboard_display_gone(struct daemon *daemon, const struct display *display)
{
	vx_cleanup_error struct vx_error err = {};
	vx_error_set(&err, "the compositor is gone");
	struct clipboard_transfer *transfer, *next;
	wl_list_for_each_safe (transfer, next, &daemon->clipboard_transfers, link) {
		if (display == nullptr || transfer->display == display) {
			transfer_end(transfer, &err);
		}
	}
}

/* ---- vm_clipboard ---- */

/* Whom to tell: a display that is gone by then is told nothing. */
struct command {
	struct daemon *daemon;
	char *display_path, *vm; /* owned */
	enum clipboard_direction direction;
};

static char *command_outcome(const struct command *command, const struct clipboard_result *result,
	const struct vx_error *err)
{
	bool is_put = command->direction == CLIPBOARD_TO_VM;
	if (err != nullptr) {
		return vx_printf("Not copied: %s", vx_error_message(err));
	}
	if (result->needs_consent) {
		return vx_strdup("Not copied: nobody can ask you");
	}
	if (result->kind == VX_CLIPBOARD_NOTHING) {
		return is_put ? vx_strdup("Nothing to give: no text was copied")
			      : vx_printf(
					"Nothing to take: no text was copied in '%s'", command->vm);
	}
	return vx_printf(is_put ? "Given to '%s': %zu bytes" : "Taken from '%s': %zu bytes",
		command->vm, result->size);
}

static void handle_command_end(
	void *data, const struct clipboard_result *result, const struct vx_error *err)
{
	struct command *command = data;
	vx_cleanup_free char *text = command_outcome(command, result, err);
	struct display *display = display_get(command->daemon, command->display_path, nullptr);
	if (display != nullptr) {
		display_show_message(display, text);
	}
	free(command->display_path);
	free(command->vm);
	free(command);
}

void clipboard_of_display(struct daemon *daemon, struct display *display, const char *vm,
	enum clipboard_direction direction)
{
	vx_cleanup_error struct vx_error err = {};
	struct command *command = vx_new(command);
	*command = (struct command){
		.daemon = daemon,
		.display_path = vx_strdup(display->path),
		.vm = vx_strdup(vm),
		.direction = direction,
	};
	struct clipboard_options options = {
		.vm = vm,
		.direction = direction,
		.display = display->path,
	};
	if (!clipboard_begin(daemon, &options, handle_command_end, command, &err)) {
		handle_command_end(command, nullptr, &err);
	}
}
