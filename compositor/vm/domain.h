/* SPDX-License-Identifier: MIT */
/*
 * vixos-domain-v1: by which vixosd publishes VMs and hears what the user chose. Nothing here waits
 * for the manager: without one, or with a hung one, only the list of VMs is old or empty.
 */
#ifndef VM_DOMAIN_H
#define VM_DOMAIN_H

struct domain_server;
struct server;
struct wl_display;

/* Owned by the caller; the display must outlive it. NULL where the global can't be made. */
struct domain_server *domain_server_create(struct server *server);
void domain_server_destroy(struct domain_server *domains);

bool domain_server_has_manager(const struct domain_server *domains);

/* What the user chose. False where no manager is bound. `app_id` "" starts just the VM. */
bool domain_server_start_app(struct domain_server *domains, const char *vm, const char *app_id);
bool domain_server_stop(struct domain_server *domains, const char *vm);
bool domain_server_menu_opened(struct domain_server *domains);
/* Takes what was copied in the VM, or gives it what the host's clipboard has. */
bool domain_server_clipboard(struct domain_server *domains, const char *vm, bool gives);
/* Without a manager this one is kept and sent as soon as one has published the VM. */
void domain_server_open_shell(struct domain_server *domains, const char *vm);

#endif
