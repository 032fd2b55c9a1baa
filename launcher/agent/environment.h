/* SPDX-License-Identifier: MIT */
/* What programs find in their environment. Private to launcher/agent. */
#ifndef VX_LAUNCHER_AGENT_ENVIRONMENT_H
#define VX_LAUNCHER_AGENT_ENVIRONMENT_H

/* What is the same for all programs; strings owned. */
struct environment {
	char *home;
	char *user;
	char *shell; /* absolute path of one that is there */
	char *language;
	char *runtime_dir;
	char *wayland_display; /* may be NULL */
};

void environment_init(struct environment *environment, const char *home, const char *runtime_dir,
	const char *wayland_display);
void environment_finish(struct environment *environment);

/*
 * NULL-terminated NAME=VALUE: the session's, with `extra` (NULL-terminated, may be NULL) added to
 * it or in place of it. The array and each string are owned by the caller; environment_free().
 */
[[nodiscard, gnu::returns_nonnull]] char **environment_build(
	const struct environment *environment, const char *const *extra);
void environment_free(char **entries);

#endif
