/* SPDX-License-Identifier: MIT */
#include "daemon/proxy_control.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "proxy/host/control.h"
#include "proxy/link/memory.h"

static bool memory_is_sound(const struct vx_control_message *untrusted_message)
{
	return untrusted_message->memory_total_kib <= vx_memory_total_max_kib &&
	       untrusted_message->memory_available_kib <= untrusted_message->memory_total_kib &&
	       untrusted_message->memory_pressure <= vx_memory_pressure_max;
}

static bool message_is_sound(const struct vx_control_message *untrusted_message)
{
	if (untrusted_message->type != VX_CONTROL_STATE ||
		untrusted_message->link_state >= VX_CONTROL_LINK_STATE_COUNT ||
		!memory_is_sound(untrusted_message)) {
		return false;
	}
	const char *detail = untrusted_message->detail;
	size_t length = strnlen(detail, sizeof(untrusted_message->detail));
	if (length == sizeof(untrusted_message->detail)) {
		return false;
	}
	for (size_t i = 0; i < length; i++) {
		if (detail[i] < 0x20 || detail[i] > 0x7e) {
			return false;
		}
	}
	return true;
}

enum proxy_control_result proxy_control_receive(int socket, struct vx_control_message *ret)
{
	struct vx_control_message untrusted_message;
	ssize_t size = recv(
		socket, &untrusted_message, sizeof(untrusted_message), MSG_DONTWAIT | MSG_TRUNC);
	if (size < 0) {
		return errno == EAGAIN || errno == EINTR ? PROXY_CONTROL_NOTHING
							 : PROXY_CONTROL_ENDED;
	}
	if (size == 0) {
		return PROXY_CONTROL_ENDED;
	}
	if (size != sizeof(untrusted_message) || !message_is_sound(&untrusted_message)) {
		return PROXY_CONTROL_UNSOUND;
	}
	*ret = untrusted_message;
	return PROXY_CONTROL_STATE;
}
