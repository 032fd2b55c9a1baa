/* SPDX-License-Identifier: MIT */
/*
 * What can stand in a command line that isn't finished: `vixos __complete -- WORD… CURRENT`, which
 * the scripts of `vixos completion` call. Answers from the tables of commands and options, the
 * configuration and the file system; no vixosd is started for it.
 */
#ifndef VX_LAUNCHER_CLI_COMPLETE_H
#define VX_LAUNCHER_CLI_COMPLETE_H

#define COMPLETE_COMMAND "__complete"

/*
 * Prints a candidate a line, with a tab and a description behind it where there is one, and
 * ":files" where paths of the host make sense too. `words` are those behind "vixos", the last one
 * the one that is being written.
 */
int complete_main(int count, char *const *words);

#endif
