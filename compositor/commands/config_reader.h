/* SPDX-License-Identifier: MIT */
/* Reading configuration files, of which each line is a command. */
#ifndef COMMANDS_CONFIG_READER_H
#define COMMANDS_CONFIG_READER_H

struct session;
struct vx_error;

/*
 * Reads a file into session->config; lines that fail are collected in config.errors. False where it
 * cannot be read at all.
 */
bool config_read(struct session *session, const char *path, struct vx_error *err);
/* The same for a text in memory; `path` (borrowed) is for messages and relative includes. */
void config_read_text(struct session *session, const char *path, const char *text);
/* Reads files that a pattern (with ~, $HOME, *) names, relative to the file being read; each once.
 */
void config_include(struct session *session, const char *pattern);

#endif
