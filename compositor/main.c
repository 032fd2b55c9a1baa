/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "main"

#include "common/error.h"
#include "common/log.h"
#include "options.h"
#include "server.h"

static int fail(const struct vx_error *err)
{
	vx_log_error("%s", vx_error_message(err));
	return vx_error_exit_status(err->kind);
}

int main(int argc, char **argv)
{
	struct options options = {};
	options_parse(&options, argc, argv);
	if (options.done) {
		return options.status;
	}
	vx_log_init("vixos-compositor", options.debug     ? VX_LOG_DEBUG
					: options.verbose ? VX_LOG_INFO
							  : VX_LOG_WARN);

	vx_cleanup_error struct vx_error err = {};
	struct server server = {};
	int status = 0;
	if (!server_init(&server, &options, &err) ||
		(!options.validate && !server_run(&server, &err))) {
		status = fail(&err);
	}
	server_finish(&server);
	return status;
}
