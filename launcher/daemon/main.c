/* SPDX-License-Identifier: MIT */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define VX_LOG_MODULE "main"
#include "common/fd.h"
#include "common/log.h"
#include "daemon/daemon.h"
#include "daemon/describe.h"
#include "daemon/doctor.h"

/* Tells who started us: an empty line that we serve, or "<kind> <sentence>". `problem` may be NULL.
 */
static void tell_ready(int fd, const struct vx_error *problem)
{
	if (fd >= 0) {
		vx_cleanup_free char *line = problem == nullptr
						     ? vx_strdup("\n")
						     : vx_printf("%u %s\n", problem->kind,
							       vx_error_message(problem));
		(void)vx_write_all(fd, line, strlen(line), nullptr);
		close(fd);
	}
}

static int serve(const struct daemon_options *options)
{
	struct daemon daemon;
	struct vx_error err = {};
	bool is_ready = daemon_init(&daemon, options, &err);
	tell_ready(options->ready_fd, is_ready ? nullptr : &err);
	bool has_served = is_ready && daemon_run(&daemon, &err);
	daemon_finish(&daemon);
	int status = 0;
	if (!has_served) {
		vx_log_error("%s", vx_error_message(&err));
		status = vx_error_exit_status(err.kind);
	}
	vx_error_finish(&err);
	return status;
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{"describe", required_argument, nullptr, 'a'},
		{"doctor", no_argument, nullptr, 'd'},
		{"foreground", no_argument, nullptr, 'f'},
		{"help", no_argument, nullptr, 'h'},
		{"ready-fd", required_argument, nullptr, 'r'},
		{"version", no_argument, nullptr, 'v'},
		{},
	};
	struct daemon_options options = {.ready_fd = -1};
	vx_log_init("vixosd", VX_LOG_INFO);
	for (int c; (c = getopt_long(argc, argv, "dfhv", long_options, nullptr)) != -1;) {
		switch (c) {
		case 'a':
			return describe_run(optarg);
		case 'd':
			return doctor_run();
		case 'f':
			options.is_foreground = true;
			break;
		case 'r':
			options.ready_fd = (int)strtol(optarg, nullptr, 10);
			break;
		case 'v':
			puts("vixosd " VX_VERSION);
			return 0;
		default:
			puts("Usage: vixosd [--foreground] [--doctor] [--describe DOMAIN]; vixos(1) says more");
			return c == 'h' ? 0 : 2;
		}
	}
	return serve(&options);
}
