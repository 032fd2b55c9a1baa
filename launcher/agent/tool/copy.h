/* SPDX-License-Identifier: MIT */
/* vixos-tool send, receive: the guest's end of `vixos cp` (copy/stream.h). */
#ifndef VX_LAUNCHER_AGENT_TOOL_COPY_H
#define VX_LAUNCHER_AGENT_TOOL_COPY_H

/* `send PATH [follow]` to standard output, `receive PATH [owner]` from standard input, with what
 * went wrong to standard output; NULL-terminated. Return 0 or an errno. */
int tool_send(char *const *argv);
int tool_receive(char *const *argv);

#endif
