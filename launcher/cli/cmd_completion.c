/* SPDX-License-Identifier: MIT */
/* vixos completion: scripts that ask `vixos __complete` (complete.h). */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/complete.h"

static const char bash_script[] =
	"# bash completion for vixos\n"
	"_vixos() {\n"
	"\tlocal line word=${COMP_WORDS[COMP_CWORD]} before=\n"
	"\tlocal -a words=(\"${COMP_WORDS[@]:1:COMP_CWORD}\")\n"
	"\t# bash takes VM:PATH and --x=y apart; what it offers must be the last part.\n"
	"\tif [[ $word == [:=] ]]; then word=; fi\n"
	"\twhile (( ${#words[@]} > 2 )) && [[ ${words[-2]} == [:=] || ${words[-1]} == [:=]* ]]; do\n"
	"\t\twords=(\"${words[@]:0:${#words[@]}-2}\" \"${words[-2]}${words[-1]}\")\n"
	"\tdone\n"
	"\tif [[ $word != \"${words[-1]}\" ]]; then before=${words[-1]%\"$word\"}; fi\n"
	"\tCOMPREPLY=()\n"
	"\twhile IFS= read -r line; do\n"
	"\t\tif [[ $line == :files ]]; then\n"
	"\t\t\twhile IFS= read -r line; do COMPREPLY+=(\"$line\"); done "
	"< <(compgen -f -- \"$word\")\n"
	"\t\t\tcompopt -o filenames 2>/dev/null || true\n"
	"\t\telse\n"
	"\t\t\tline=${line%%$'\\t'*}\n"
	"\t\t\tCOMPREPLY+=(\"${line#\"$before\"}\")\n"
	"\t\tfi\n"
	"\tdone < <(vixos " COMPLETE_COMMAND " -- \"${words[@]}\" 2>/dev/null)\n"
	"\tif [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *: ]]; then compopt -o nospace "
	"2>/dev/null || true; fi\n"
	"\treturn 0\n"
	"}\n"
	"complete -F _vixos vixos\n";

static const char zsh_script[] =
	"#compdef vixos\n"
	"_vixos() {\n"
	"\tlocal line files= result=1\n"
	"\tlocal -a candidates\n"
	"\tfor line in \"${(@f)$(vixos " COMPLETE_COMMAND " -- \"${(@)words[2,CURRENT]}\" "
	"2>/dev/null)}\"; do\n"
	"\t\tif [[ $line == :files ]]; then\n"
	"\t\t\tfiles=1\n"
	"\t\telif [[ -n $line ]]; then\n"
	"\t\t\tcandidates+=(\"${${line//:/\\\\:}/$'\\t'/:}\")\n"
	"\t\tfi\n"
	"\tdone\n"
	"\t(( ${#candidates} )) && _describe -V vixos candidates && result=0\n"
	"\t[[ -n $files ]] && _files && result=0\n"
	"\treturn $result\n"
	"}\n"
	"if [[ $funcstack[1] == _vixos ]]; then _vixos \"$@\"; else compdef _vixos vixos; fi\n";

static const char fish_script[] = "# fish completion for vixos\n"
				  "function __vixos_complete\n"
				  "\tset -l words (commandline -opc)\n"
				  "\tset -l current (commandline -ct)\n"
				  "\tset -e words[1]\n"
				  "\tfor line in (vixos " COMPLETE_COMMAND
				  " -- $words \"$current\" 2>/dev/null)\n"
				  "\t\tif test \"$line\" = :files\n"
				  "\t\t\t__fish_complete_path \"$current\"\n"
				  "\t\telse\n"
				  "\t\t\techo $line\n"
				  "\t\tend\n"
				  "\tend\n"
				  "end\n"
				  "complete -c vixos -f -a '(__vixos_complete)'\n";

int cmd_completion(struct command_context *context)
{
	static const struct {
		const char *shell, *script;
	} shells[] = {{"bash", bash_script}, {"zsh", zsh_script}, {"fish", fish_script}};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(shells); i++) {
		if (strcmp(context->argv[0], shells[i].shell) == 0) {
			fputs(shells[i].script, stdout);
			return 0;
		}
	}
	vx_error_set_kind(context->err, VX_ERROR_USAGE,
		"there is no completion for '%s': bash, zsh and fish have one", context->argv[0]);
	return -1;
}
