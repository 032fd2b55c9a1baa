/* SPDX-License-Identifier: MIT */
/* vixos-usb: gives one USB device to one VM. Started by vixosd, with the device as its input. */
#define VX_LOG_MODULE "main"
#include <stdio.h>
#include <unistd.h>

#include "common/log.h"
#include "common/memory.h"
#include "proxy/host/sandbox.h"
#include "proxy/wire/options.h"
#include "usb/redirect.h"

#define OPTION(name, argument, field, help) \
	{name, argument, help, offsetof(struct redirect_options, field)}

static const struct wire_option option_table[] = {
	OPTION("link", "PATH", link_path, "socket of QEMU's usb-redir device"),
	OPTION("control", "PATH", control_path, "socket to make for vixosd"),
};

/* One line on standard output tells vixosd how it went: "ok", or why not. */
int main(int argc, char **argv)
{
	vx_log_init("vixos-usb", VX_LOG_INFO);
	vx_log_set_limit(vx_log_guest_burst, vx_log_guest_per_minute);
	struct redirect_options options = {};
	vx_cleanup_error struct vx_error err = {};
	struct redirect *redirect = nullptr;
	if (!wire_options_parse(
		    argc, argv, option_table, VX_ARRAY_LENGTH(option_table), &options, &err) ||
		options.link_path == nullptr || options.control_path == nullptr) {
		fprintf(stderr, "vixos-usb: vixosd starts it, with --link and --control\n");
		return vx_error_exit_status(VX_ERROR_USAGE);
	}
	if (sandbox_close_inherited(nullptr, 0, &err)) {
		redirect = redirect_create(&options, STDIN_FILENO, &err);
	}
	puts(redirect != nullptr ? "ok" : vx_error_message(&err));
	fflush(stdout);
	bool good = redirect != nullptr && redirect_run(redirect, &err);
	redirect_destroy(redirect);
	if (!good && err.message != nullptr) {
		vx_log_error("%s", vx_error_message(&err));
	}
	return good ? 0 : 1;
}
