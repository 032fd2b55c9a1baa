/* SPDX-License-Identifier: MIT */
/*
 * Where a client comes from. It follows from the client's connection alone: the security context
 * that it was made in, never from anything that the client says.
 */
#ifndef VM_TAG_H
#define VM_TAG_H

#include <stdint.h>

struct server;
struct vm;
struct wl_client;
struct wlr_surface;

enum tag_kind : unsigned {
	TAG_NONE,    /* an ordinary client of the user's session */
	TAG_VM,      /* of a VM */
	TAG_SANDBOX, /* of another sandbox, such as Flatpak */
	TAG_UNKNOWN, /* says it is of a VM, of which no VM can have the name */
};

struct tag {
	enum tag_kind kind;
	struct vm *vm;                       /* TAG_VM: borrowed, lives as long as the server */
	char *sandbox_label;                 /* owned; TAG_SANDBOX and TAG_UNKNOWN */
	char *engine, *app_id, *instance_id; /* owned; may be NULL */
};

void tag_init(struct tag *tag, struct server *server, const struct wl_client *client);
void tag_finish(struct tag *tag);

/* The kind and VM only, without anything to free. `client` may be NULL. */
enum tag_kind tag_kind_of_client(
	struct server *server, const struct wl_client *client, struct vm **ret_vm);

static inline bool tag_is_set(const struct tag *tag)
{
	return tag->kind != TAG_NONE;
}

/* 0xRRGGBBAA and text for a tag that is set. */
uint32_t tag_color(const struct tag *tag);
const char *tag_label(const struct tag *tag);

/* Two clients of the same VM (or both untagged)? */
bool tag_is_same_domain(const struct tag *a, const struct tag *b);

#endif
