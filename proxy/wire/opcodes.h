/* SPDX-License-Identifier: MIT */
/*
 * The numbers of messages, for those that are made here: wayland-scanner puts requests into client
 * headers and events into server headers, and a proxy is both.
 */
#ifndef VX_PROXY_WIRE_OPCODES_H
#define VX_PROXY_WIRE_OPCODES_H

#include <wayland-client-protocol.h>
#include <wayland-server-protocol.h>

#include "presentation-time-protocol.h"
#include "primary-selection-unstable-v1-protocol.h"
#include "vixos-forward-v1-client-protocol.h"
#include "vixos-forward-v1-protocol.h"
#include "xdg-decoration-unstable-v1-client-protocol.h"

#endif
