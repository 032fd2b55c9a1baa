/* SPDX-License-Identifier: MIT */
/* org.vixos.Manager.CopyToVm and CopyFromVm: the user's clipboard command (clipboard.h). */
#include <stddef.h>

#include "daemon/clipboard.h"
#include "daemon/daemon.h"
#include "daemon/manager_call.h"

static constexpr uint64_t listed_deadline_ms = 15'000;

struct clipboard_parameters {
	const char *name, *display;
	sd_json_variant *data; /* owned */
	int wants_data, is_confirmed;
};

static const char *kind_name(enum vx_clipboard_kind kind)
{
	return kind == VX_CLIPBOARD_PNG ? "image" : "text";
}

static void handle_end(
	void *data, const struct clipboard_result *result, const struct vx_error *err)
{
	struct manager_call *call = data;
	if (err != nullptr) {
		manager_call_fail(call, err);
		return;
	}
	const struct vx_buffer *content = result->content;
	bool has_kind = result->kind != VX_CLIPBOARD_NOTHING;
	bool has_data = content != nullptr && has_kind;
	sd_json_variant *reply = nullptr;
	(void)sd_json_buildo(&reply,
		SD_JSON_BUILD_PAIR_BOOLEAN("needsConsent", result->needs_consent),
		SD_JSON_BUILD_PAIR_CONDITION(
			has_kind, "kind", SD_JSON_BUILD_STRING(kind_name(result->kind))),
		SD_JSON_BUILD_PAIR_UNSIGNED("size", result->size),
		SD_JSON_BUILD_PAIR_CONDITION(has_data, "data",
			SD_JSON_BUILD_BASE64(has_data ? vx_buffer_bytes(content) : nullptr,
				has_data ? content->size : 0)));
	manager_call_reply(call, reply);
	sd_json_variant_unref(reply);
}

static void clipboard_advance(struct manager_call *call)
{
	if (!manager_call_is_listed(call) || !manager_call_find_machine(call)) {
		return;
	}
	vx_cleanup_error struct vx_error err = {};
	struct clipboard_options options = {
		.vm = call->name,
		.direction = call->clipboard.is_to_vm ? CLIPBOARD_TO_VM : CLIPBOARD_FROM_VM,
		.display = call->display,
		.content = call->clipboard.has_content ? &call->clipboard.content : nullptr,
		.wants_content = call->clipboard.wants_content,
		.is_confirmed = call->clipboard.is_confirmed,
	};
	call->advance = manager_call_wait;
	manager_call_set_deadline(call, 0); /* the transfer has some */
	if (!clipboard_begin(call->manager->daemon, &options, handle_end, call, &err)) {
		manager_call_fail(call, &err);
	}
}

/* False where it isn't base64 of text. */
static bool take_content(struct manager_call *call, sd_json_variant *data)
{
	void *bytes = nullptr;
	size_t size = 0;
	if (data == nullptr || sd_json_variant_is_null(data)) {
		return true;
	}
	if (sd_json_variant_unbase64(data, &bytes, &size) < 0) {
		return false;
	}
	struct vx_buffer *content = &call->clipboard.content;
	bool is_text = vx_buffer_append(content, bytes, size) &&
		       vx_clipboard_clean(
			       content, VX_CLIPBOARD_TEXT, VX_CLIPBOARD_KEEP_CONTROLS, nullptr);
	free(bytes);
	call->clipboard.has_content = true;
	return is_text;
}

static int begin(sd_varlink *connection, sd_varlink_method_flags_t flags, struct manager *manager,
	const struct clipboard_parameters *given, bool is_to_vm)
{
	struct manager_call *call = manager_call_create(
		manager, connection, flags, given->name, clipboard_advance);
	call->display = vx_strdup(given->display);
	call->clipboard.is_to_vm = is_to_vm;
	call->clipboard.wants_content = given->wants_data > 0;
	call->clipboard.is_confirmed = given->is_confirmed > 0;
	if (!take_content(call, given->data)) {
		vx_cleanup_error struct vx_error err = {};
		vx_error_set_kind(&err, VX_ERROR_USAGE, "only text (UTF-8) can be given to a VM");
		manager_call_fail(call, &err);
		return 1;
	}
	manager_call_set_deadline(call, listed_deadline_ms);
	return manager_call_begin(call);
}

static const sd_json_dispatch_field to_vm_fields[] = {
	{"name", SD_JSON_VARIANT_STRING, sd_json_dispatch_const_string,
		offsetof(struct clipboard_parameters, name), SD_JSON_MANDATORY},
	{"display", SD_JSON_VARIANT_STRING, sd_json_dispatch_const_string,
		offsetof(struct clipboard_parameters, display), SD_JSON_NULLABLE},
	{"data", SD_JSON_VARIANT_STRING, sd_json_dispatch_variant,
		offsetof(struct clipboard_parameters, data), SD_JSON_NULLABLE},
	{"confirmed", SD_JSON_VARIANT_BOOLEAN, sd_json_dispatch_intbool,
		offsetof(struct clipboard_parameters, is_confirmed), SD_JSON_NULLABLE},
	{},
};

static const sd_json_dispatch_field from_vm_fields[] = {
	{"name", SD_JSON_VARIANT_STRING, sd_json_dispatch_const_string,
		offsetof(struct clipboard_parameters, name), SD_JSON_MANDATORY},
	{"display", SD_JSON_VARIANT_STRING, sd_json_dispatch_const_string,
		offsetof(struct clipboard_parameters, display), SD_JSON_NULLABLE},
	{"wantsData", SD_JSON_VARIANT_BOOLEAN, sd_json_dispatch_intbool,
		offsetof(struct clipboard_parameters, wants_data), SD_JSON_NULLABLE},
	{"confirmed", SD_JSON_VARIANT_BOOLEAN, sd_json_dispatch_intbool,
		offsetof(struct clipboard_parameters, is_confirmed), SD_JSON_NULLABLE},
	{},
};

static int dispatch(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, struct manager *manager, bool is_to_vm)
{
	struct clipboard_parameters given = {};
	int result = sd_varlink_dispatch(
		connection, parameters, is_to_vm ? to_vm_fields : from_vm_fields, &given);
	if (result == 0) {
		result = manager_check_name(connection, given.name);
	}
	if (result == 0 && given.display != nullptr && given.display[0] != '/') {
		result = sd_varlink_error_invalid_parameter_name(connection, "display");
	}
	if (result == 0) {
		result = begin(connection, flags, manager, &given, is_to_vm);
	}
	sd_json_variant_unref(given.data);
	return result;
}

int method_copy_to_vm(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	return dispatch(connection, parameters, flags, data, true);
}

int method_copy_from_vm(sd_varlink *connection, sd_json_variant *parameters,
	sd_varlink_method_flags_t flags, void *data)
{
	return dispatch(connection, parameters, flags, data, false);
}
