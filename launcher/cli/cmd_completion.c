/* SPDX-License-Identifier: MIT */
/* vixos completion: scripts made from the tables of commands and options. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"

/* Those whose first operand is a VM's name. */
static void print_vm_commands(const struct command *commands, size_t count, const char *separator)
{
	const char *before = "";
	for (size_t i = 0; i < count; i++) {
		if (strstr(commands[i].operands, "VM") != nullptr) {
			printf("%s%s", before, commands[i].name);
			before = separator;
		}
	}
}

static void print_bash(const struct command *commands, size_t count)
{
	puts("_vixos() {\n"
	     "\tlocal word=${COMP_WORDS[COMP_CWORD]} options=\n"
	     "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\toptions='");
	for (size_t i = 0; i < count; i++) {
		printf("%s%s", i > 0 ? " " : "", commands[i].name);
	}
	puts("'\n\telse\n\t\tcase ${COMP_WORDS[1]} in");
	for (size_t i = 0; i < count; i++) {
		printf("\t\t%s) options='", commands[i].name);
		for (const struct option_spec *spec = commands[i].options; spec->name != nullptr;
			spec++) {
			printf("--%s ", spec->name);
		}
		puts("' ;;");
	}
	puts("\t\tesac\n"
	     "\t\tcase ${COMP_WORDS[1]} in");
	print_vm_commands(commands, count, "|");
	puts(")\n"
	     "\t\t\toptions=\"$options $(vixos list -q 2>/dev/null)\" ;;\n"
	     "\t\trun) options=\"$options $(compgen -c -- \"$word\")\" ;;\n"
	     "\t\tesac\n"
	     "\t\tcase ${COMP_WORDS[1]} in cp|mount) options=\"$options $(compgen -f -- \"$word\")\" ;;\n"
	     "\t\tesac\n\tfi\n"
	     "\tmapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\")\n"
	     "}\ncomplete -F _vixos vixos");
}

static void print_zsh(const struct command *commands, size_t count)
{
	puts("#compdef vixos\n_vixos() {\n\tlocal -a commands=(");
	for (size_t i = 0; i < count; i++) {
		printf("\t\t\"%s:%s\"\n", commands[i].name, commands[i].summary);
	}
	puts("\t)\n\tif (( CURRENT == 2 )); then\n\t\t_describe command commands\n\t\treturn\n\tfi\n"
	     "\tcase $words[2] in");
	for (size_t i = 0; i < count; i++) {
		printf("\t%s) _values -w option", commands[i].name);
		for (const struct option_spec *spec = commands[i].options; spec->name != nullptr;
			spec++) {
			printf(" --%s", spec->name);
		}
		puts(" ;;");
	}
	puts("\tesac\n"
	     "\tcase $words[2] in");
	print_vm_commands(commands, count, "|");
	puts(") compadd -- ${(f)\"$(vixos list -q "
	     "2>/dev/null)\"} ;;\n\trun) _command_names -e ;;\n\tcp|mount) _files ;;\n\tesac\n}\n_vixos \"$@\"");
}

static void print_fish(const struct command *commands, size_t count)
{
	puts("complete -c vixos -f");
	for (size_t i = 0; i < count; i++) {
		printf("complete -c vixos -n __fish_use_subcommand -a %s -d \"%s\"\n",
			commands[i].name, commands[i].summary);
		for (const struct option_spec *spec = commands[i].options; spec->name != nullptr;
			spec++) {
			printf("complete -c vixos -n '__fish_seen_subcommand_from %s' -l %s -d "
			       "\"%s\"\n",
				commands[i].name, spec->name, spec->help);
		}
	}
	fputs("complete -c vixos -n '__fish_seen_subcommand_from ", stdout);
	print_vm_commands(commands, count, " ");
	puts("' -a "
	     "'(vixos list -q 2>/dev/null)'\n"
	     "complete -c vixos -n '__fish_seen_subcommand_from run' -a '(__fish_complete_command)'\n"
	     "complete -c vixos -n '__fish_seen_subcommand_from cp mount' -F");
}

int cmd_completion(struct command_context *context)
{
	static const struct {
		const char *shell;
		void (*print)(const struct command *commands, size_t count);
	} shells[] = {{"bash", print_bash}, {"zsh", print_zsh}, {"fish", print_fish}};
	size_t count;
	const struct command *commands = commands_table(&count);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(shells); i++) {
		if (strcmp(context->argv[0], shells[i].shell) == 0) {
			shells[i].print(commands, count);
			return 0;
		}
	}
	vx_error_set_kind(context->err, VX_ERROR_USAGE,
		"there is no completion for '%s': bash, zsh and fish have one", context->argv[0]);
	return -1;
}
