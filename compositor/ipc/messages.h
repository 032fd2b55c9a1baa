/* SPDX-License-Identifier: MIT */
/* What clients ask and how it is answered. */
#ifndef IPC_MESSAGES_H
#define IPC_MESSAGES_H

#include <stdint.h>

struct ipc_client;

/* Events have the highest bit; bit N of ipc_client.subscriptions is event N. */
static constexpr uint32_t ipc_event_bit = 1u << 31;

enum ipc_event : unsigned {
	IPC_EVENT_WORKSPACE = 0,
	IPC_EVENT_OUTPUT = 1,
	IPC_EVENT_MODE = 2,
	IPC_EVENT_WINDOW = 3,
	IPC_EVENT_BARCONFIG_UPDATE = 4,
	IPC_EVENT_BINDING = 5,
	IPC_EVENT_SHUTDOWN = 6,
	IPC_EVENT_TICK = 7,
	IPC_EVENT_BAR_STATE_UPDATE = 20,
	IPC_EVENT_INPUT = 21,
};

/* Answers one message; unknown types get no answer. */
void ipc_handle_message(struct ipc_client *client, uint32_t type, char *untrusted_payload);

#endif
