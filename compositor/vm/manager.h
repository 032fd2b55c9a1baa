/* SPDX-License-Identifier: MIT */
/* Starting vixosd where nobody has bound vixos-domain-v1 yet. */
#ifndef VM_MANAGER_H
#define VM_MANAGER_H

struct server;

/* Runs `vixos attach`, which makes vixosd connect to us, unless a manager is there or on its way.
 */
void manager_ensure(struct server *server);

/* One has bound: should it be lost, however soon, the next may be started at once. */
void manager_arrived(struct server *server);

#endif
