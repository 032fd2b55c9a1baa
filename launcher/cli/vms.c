/* SPDX-License-Identifier: MIT */
#include "cli/vms.h"

#include <string.h>

#include "cli/client.h"
#include "manager_names.h"

bool vms_state_is_alive(const char *state)
{
	return state != nullptr && strcmp(state, "stopped") != 0 && strcmp(state, "failed") != 0;
}

/* NULL where vixosd knows of none, or (with an error) can't be asked. */
static sd_json_variant *look_for(struct client *client, const char *name, struct vx_error *err)
{
	sd_json_variant *reply;
	if (!client_call(client, VX_MANAGER_METHOD("List"), nullptr, &reply, err)) {
		return nullptr;
	}
	sd_json_variant *vms = sd_json_variant_by_key(reply, "vms");
	for (size_t i = 0; vms != nullptr && i < sd_json_variant_elements(vms); i++) {
		sd_json_variant *vm = sd_json_variant_by_index(vms, i);
		const char *found = client_string(vm, "name");
		if (found != nullptr && strcmp(found, name) == 0) {
			return vm;
		}
	}
	return nullptr;
}

sd_json_variant *vms_find(struct client *client, const char *name, struct vx_error *err)
{
	sd_json_variant *vm = look_for(client, name, err);
	if (vm == nullptr && err->message == nullptr) {
		vx_error_set(err, "there is no VM '%s'; 'vixos list' shows which there are", name);
	}
	return vm;
}

bool vms_is_alive(struct client *client, const char *name, bool *ret_alive, struct vx_error *err)
{
	sd_json_variant *vm = look_for(client, name, err);
	*ret_alive = vm != nullptr && vms_state_is_alive(client_string(vm, "state"));
	return vm != nullptr || err->message == nullptr;
}

bool vms_check_stopped(struct client *client, const char *name, struct vx_error *err)
{
	bool is_alive;
	if (!vms_is_alive(client, name, &is_alive, err)) {
		return false;
	}
	return !is_alive ||
	       vx_error_set(err, "VM '%s' is running; 'vixos stop %s' first", name, name);
}

bool vms_stop(struct client *client, const char *name, bool kill, struct vx_error *err)
{
	sd_json_variant *parameters = nullptr;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", name),
		SD_JSON_BUILD_PAIR_BOOLEAN("kill", kill));
	return client_call(client, VX_MANAGER_METHOD("Stop"), parameters, nullptr, err);
}
