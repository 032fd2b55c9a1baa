/* SPDX-License-Identifier: MIT */
/*
 * The varlink interface org.vixos.Manager as tables: what vixosd serves and `varlinkctl introspect`
 * shows. protocols/org.vixos.Manager.varlink is the same as text; a test compares the two.
 */
#ifndef VX_LAUNCHER_DAEMON_MANAGER_IDL_H
#define VX_LAUNCHER_DAEMON_MANAGER_IDL_H

#include <systemd/sd-varlink-idl.h>

extern const sd_varlink_interface vl_interface_manager;

#endif
