/* SPDX-License-Identifier: MIT */
/* vixos-proxy: shows one VM's windows on the host's compositor. */
#define VX_LOG_MODULE "main"

#include "common/log.h"
#include "common/memory.h"
#include "common/name.h"
#include "host/proxy.h"
#include "host/sandbox.h"
#include "wire/options.h"

#define OPTION(name, argument, field, help) \
	{name, argument, help, offsetof(struct proxy_options, field)}

static const struct wire_option option_table[] = {
	OPTION("vm", "NAME", vm_name, "name of the VM: what its windows are tagged with"),
	OPTION("link", "PATH", link_path, "socket of the VM's virtio-serial port"),
	OPTION("listen", "PATH", listen_path, "wait for one vixos-guest there instead"),
	OPTION("region", "FILE", region_path, "file behind the VM's shared memory device"),
	OPTION("control", "PATH", control_path, "socket to make for vixosd"),
	OPTION("display", "NAME", display, "the compositor, $WAYLAND_DISPLAY by default"),
	OPTION("headless", nullptr, headless, "no compositor: programs in the VM get no windows"),
	OPTION("untagged", nullptr, untagged, "go on without security contexts"),
};

static bool options_check(struct proxy_options *options, struct vx_error *err)
{
	if ((options->link_path == nullptr) == (options->listen_path == nullptr)) {
		return vx_error_set_kind(err, VX_ERROR_USAGE, "needs --link or --listen");
	}
	if (options->vm_name == nullptr) {
		options->untagged = true;
	} else if (!vx_vm_name_is_valid(options->vm_name)) {
		return vx_error_set_kind(
			err, VX_ERROR_USAGE, "'%s' can't name a VM", options->vm_name);
	}
	return true;
}

int main(int argc, char **argv)
{
	vx_log_init("vixos-proxy", VX_LOG_INFO);
	vx_log_set_limit(vx_log_guest_burst, vx_log_guest_per_minute);
	struct proxy_options options = {};
	vx_cleanup_error struct vx_error err = {};
	struct proxy *proxy = nullptr;
	if (wire_options_parse(
		    argc, argv, option_table, VX_ARRAY_LENGTH(option_table), &options, &err) &&
		options_check(&options, &err) && sandbox_close_inherited(nullptr, 0, &err)) {
		proxy = proxy_create(&options, &err);
	}
	if (proxy == nullptr) {
		vx_log_error("%s", vx_error_message(&err));
		return vx_error_exit_status(err.kind);
	}
	int status = proxy_run(proxy);
	proxy_destroy(proxy);
	return status;
}
