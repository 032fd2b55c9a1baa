/* SPDX-License-Identifier: MIT */
#ifndef IPC_EVENTS_H
#define IPC_EVENTS_H

#include <yyjson.h>

struct ipc_server;

void ipc_event_tick(struct ipc_server *ipc, const char *untrusted_payload);

/* The document as text (owned by the caller), also where strings in it are not UTF-8. */
char *ipc_write_json(yyjson_mut_doc *doc, size_t *ret_length);

#endif
