/* SPDX-License-Identifier: MIT */
/*
 * `vixosd --describe DOMAIN`: what `vixos create --adopt` has to know of a libvirt domain, as one
 * JSON object on standard output, or an object with "error". libvirt may block for seconds, so not
 * in the vixosd that serves.
 */
#ifndef VX_LAUNCHER_DAEMON_DESCRIBE_H
#define VX_LAUNCHER_DAEMON_DESCRIBE_H

/* Gives the exit status. */
int describe_run(const char *domain);

#endif
