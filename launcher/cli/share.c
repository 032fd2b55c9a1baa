/* SPDX-License-Identifier: MIT */
#include "cli/share.h"

#include "cli/client.h"
#include "common/fd.h"
#include "manager_names.h"

static const char method[] = VX_MANAGER_METHOD("ShareTmp");

bool share_open(struct share *share, struct client *client, const char *vm, bool is_run,
	struct vx_error *err)
{
	sd_json_variant *parameters = nullptr, *reply = nullptr;
	*share = (struct share){.lock = -1};
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", vm),
		SD_JSON_BUILD_PAIR_BOOLEAN("run", is_run));
	if (is_run) {
		share->lock = client_call_for_fd(client, method, parameters, &reply, err);
		if (share->lock < 0) {
			return false;
		}
	} else if (!client_call(client, method, parameters, &reply, err)) {
		return false;
	}
	share->source = vx_strdup(client_string(reply, "source"));
	share->target = vx_strdup(client_string(reply, "target"));
	if (share->source == nullptr || share->target == nullptr) {
		share_finish(share);
		return vx_error_set(err, "vixosd did not say where the shared folder is");
	}
	return true;
}

void share_remove(const struct share *share, struct client *client, const char *vm)
{
	vx_cleanup_error struct vx_error err = {};
	sd_json_variant *parameters = nullptr;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", vm),
		SD_JSON_BUILD_PAIR_STRING("path", share->target),
		SD_JSON_BUILD_PAIR_BOOLEAN("force", true));
	if (client_is_connected(client) || client_connect(client, &err)) {
		(void)client_call(client, VX_MANAGER_METHOD("Unmount"), parameters, nullptr, &err);
	} else {
		sd_json_variant_unref(parameters);
	}
}

void share_finish(struct share *share)
{
	free(share->source);
	free(share->target);
	vx_replace_fd(&share->lock, -1);
	*share = (struct share){.lock = -1};
}
