/* SPDX-License-Identifier: MIT */
/*
 * `vixosd --doctor`: runs the checks of vm/checks.h, which may block for seconds, in a process of
 * its own, and writes one JSON object a line for each. vixos(1) and org.vixos.Manager.Doctor read
 * it.
 */
#ifndef VX_LAUNCHER_DAEMON_DOCTOR_H
#define VX_LAUNCHER_DAEMON_DOCTOR_H

/* Gives the exit status. */
int doctor_run(void);

#endif
