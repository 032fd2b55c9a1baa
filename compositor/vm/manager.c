/* SPDX-License-Identifier: MIT */
#define VX_LOG_MODULE "manager"

#include "vm/manager.h"

#include <time.h>

#include "common/clock.h"
#include "common/error.h"
#include "common/log.h"
#include "process.h"
#include "server.h"
#include "vm/domain.h"

static constexpr time_t retry_seconds = 5;

void manager_ensure(struct server *server)
{
	time_t now = (time_t)(vx_clock_ms() / 1000);
	if (domain_server_has_manager(server->domains) ||
		(server->manager_started != 0 && now - server->manager_started < retry_seconds)) {
		return;
	}
	server->manager_started = now;
	vx_cleanup_error struct vx_error err = {};
	if (process_spawn(server, (const char *const[]){"vixos", "attach", nullptr}, nullptr,
		    &err) == 0) {
		vx_log_warn("%s, the menu stays empty", vx_error_message(&err));
	}
}

void manager_arrived(struct server *server)
{
	server->manager_started = 0;
}
