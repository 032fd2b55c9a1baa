/* SPDX-License-Identifier: MIT */
#include "cli/commands.h"

#include <stdio.h>
#include <string.h>

#include "cli/complete.h"

#define OPTION(short_name, long_name, type, field, operand, help)                                  \
	{short_name, long_name, OPTION_##type, offsetof(struct cli_options, field), operand, help, \
		false}
#define OPTION_AFTER(short_name, long_name, type, field, operand, help)                            \
	{short_name, long_name, OPTION_##type, offsetof(struct cli_options, field), operand, help, \
		true}
#define OPTION_HELP OPTION('h', "help", FLAG, help, nullptr, "show this help")
#define OPTION_JSON OPTION(0, "json", FLAG, json, nullptr, "print JSON, for scripts")
#define OPTION_QUIET(help) OPTION('q', "quiet", FLAG, quiet, nullptr, help)
#define OPTION_UNTAGGED                                \
	OPTION(0, "untagged", FLAG, untagged, nullptr, \
		"accept a compositor that can't mark windows of VMs")
#define OPTION_PERSISTENT \
	OPTION('p', "persistent", FLAG, persistent, nullptr, "keep it in the VM's definition, too")
#define OPTIONS_END \
	{           \
	}

static const struct option_spec help_only[] = {OPTION_HELP, OPTIONS_END};
static const struct option_spec json_only[] = {OPTION_JSON, OPTION_HELP, OPTIONS_END};

static const struct option_spec run_options[] = {
	OPTION_AFTER(0, "gui", FLAG, gui, nullptr, "fail where there is no Wayland display"),
	OPTION_AFTER('d', "background", FLAG, background, nullptr,
		"return once the program runs; its VM ends with it"),
	OPTION_AFTER(0, "executable", STRING, executable, "EXE", "run this program of PACKAGE"),
	OPTION_AFTER(0, "name", STRING, name, "NAME", "name the VM; else it is PACKAGE's"),
	OPTION_AFTER(0, "rm", FLAG, disposable, nullptr,
		"in another VM each time, which is gone with its last window"),
	OPTION_AFTER(0, "disposable", FLAG, disposable, nullptr, "the same"),
	OPTION_AFTER(
		0, "like", STRING, like, "VM", "in a VM like this one, with a name of its own"),
	OPTION(0, "usb", LIST, usb, "DEVICE", "attach a USB device; 'on': none as yet"),
	OPTION(0, "audio", OPTIONAL, audio, "output|full",
		"the VM may play sound; with full it may use the microphone too"),
	OPTION(0, "network", STRING, network, "KIND", "its network for this run: none, nat, …"),
	OPTION_AFTER(0, "workspace", STRING, workspace, "NAME", "open the VM's new windows there"),
	OPTION('e', "env", LIST, environment, "K=V", "set a variable of the program's environment"),
	OPTION('v', "volume", LIST, volume_list, "SRC[:DST][:rw]",
		"show a folder of the host in the VM, read-only without :rw"),
	OPTION('i', "interactive", FLAG, interactive, nullptr, "connect standard input"),
	OPTION('t', "tty", FLAG, terminal, nullptr, "give it a terminal"),
	OPTION(0, "share-tmp", FLAG, share_tmp, nullptr,
		"share a fresh folder with the VM, removed after the run"),
	OPTION_UNTAGGED,
	OPTION_QUIET("no progress"),
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec exec_options[] = {
	OPTION('e', "env", LIST, environment, "K=V", "set a variable of the program's environment"),
	OPTION('i', "interactive", FLAG, interactive, nullptr, "connect standard input"),
	OPTION('t', "tty", FLAG, terminal, nullptr, "give it a terminal"),
	OPTION('d', "background", FLAG, background, nullptr, "return once the program runs"),
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec create_options[] = {
	OPTION(0, "adopt", STRING, adopt, "DOMAIN",
		"boot the disk of this libvirt domain, with memory and processors as there"),
	OPTION(0, "label", STRING, label, "TEXT", "what windows are labelled with; else the name"),
	OPTION(0, "color", STRING, color, "COLOR", "of the borders: #rrggbb or a name"),
	OPTION('m', "memory", STRING, memory, "MIN[ MAX]", "memory, in MiB or with M or G"),
	OPTION(0, "vcpus", STRING, vcpus, "N", "virtual processors"),
	OPTION(0, "network", STRING, network, "KIND", "its network: none, nat, net-vm VM, …"),
	OPTION(0, "template", STRING, template, "usr|nix|…", "its root; or 'disk IMAGE'"),
	OPTION(0, "package", LIST, packages, "PACKAGE", "a package of Nix"),
	OPTION(0, "home", STRING, home, "none|private|disposable", "its home folder"),
	OPTION(0, "kernel", STRING, kernel, "PATH", "a kernel other than the host's"),
	OPTION(0, "workspace", STRING, workspace, "NAME", "where its windows open"),
	OPTION(0, "autostart", FLAG, autostart, nullptr, "start it with the desktop"),
	OPTION(0, "audio", STRING, audio, "off|output|full", "its sound; full: the microphone too"),
	OPTION(0, "usb", LIST, usb, "DEVICE",
		"a USB device of its own; 'on': those attached later"),
	OPTION('v', "volume", LIST, volume_list, "SRC[:DST][:rw]",
		"show a folder of the host in it; read-only without rw"),
	OPTION('e', "env", LIST, environment, "K=V", "a variable for its programs"),
	OPTION(0, "set", LIST, lines, "LINE", "any other line of vixos(5)"),
	OPTION_QUIET("print the name, not the file"),
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec remove_options[] = {
	OPTION('f', "force", FLAG, force, nullptr, "kill it if it runs, and ask nothing"),
	OPTION('v', "volumes", FLAG, volumes, nullptr, "remove its private home too"),
	OPTION_QUIET("don't print the names"),
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec quiet_only[] = {
	OPTION_QUIET("print nothing that isn't an error"),
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec config_options[] = {
	OPTION_JSON,
	OPTION_QUIET("print nothing that isn't an error"),
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec start_options[] = {
	OPTION_UNTAGGED,
	OPTION_QUIET("no progress and no names"),
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec restart_options[] = {
	OPTION('k', "kill", FLAG, kill, nullptr, "give it no time to shut down"),
	OPTION_UNTAGGED,
	OPTION_QUIET("no progress and no names"),
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec usb_options[] = {
	OPTION('f', "force", FLAG, force, nullptr,
		"attach: although the host uses it, or it is a keyboard or mouse"),
	OPTION_PERSISTENT,
	OPTION_JSON,
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec shell_options[] = {
	OPTION('e', "env", LIST, environment, "K=V", "set a variable of the program's environment"),
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec list_options[] = {
	OPTION('a', "all", FLAG, all, nullptr, "also VMs that are preloaded for whoever wants one"),
	OPTION('r', "running", FLAG, running, nullptr, "leave out VMs that are stopped"),
	OPTION_JSON,
	OPTION_QUIET("print names only"),
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec clipboard_options[] = {
	OPTION(0, "stdin", FLAG, from_stdin, nullptr, "copy: give the VM what stands there"),
	OPTION(0, "stdout", FLAG, to_stdout, nullptr, "paste: print it instead"),
	OPTION_QUIET("don't say how much it was"),
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec stats_options[] = {
	OPTION(0, "no-stream", FLAG, no_stream, nullptr, "print once, and end"),
	OPTION_JSON,
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec stop_options[] = {
	OPTION('a', "all", FLAG, all, nullptr, "stop all that run"),
	OPTION('k', "kill", FLAG, kill, nullptr, "give it no time to shut down"),
	OPTION_QUIET("don't print the names"),
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec network_options[] = {
	OPTION_PERSISTENT,
	OPTION_JSON,
	OPTION_QUIET("print nothing after a change"),
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec logs_options[] = {
	OPTION('f', "follow", FLAG, follow, nullptr, "go on until the VM ends"),
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec cp_options[] = {
	OPTION('a', "archive", FLAG, archive, nullptr, "keep owners too, as far as one may"),
	OPTION('L', "follow-link", FLAG, follow_link, nullptr,
		"where SRC is a symbolic link, copy what it leads to"),
	OPTION_QUIET("no progress"),
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec mount_options[] = {
	OPTION(0, "rw", FLAG, writable, nullptr, "let the VM write there"),
	OPTION('f', "force", FLAG, force, nullptr, "also a folder that is refused by policy"),
	OPTION(0, "json", FLAG, json, nullptr, "list as JSON, for scripts"),
	OPTION_HELP,
	OPTIONS_END,
};

static const struct option_spec umount_options[] = {
	OPTION('f', "force", FLAG, force, nullptr, "take it away although programs use it"),
	OPTION_HELP,
	OPTIONS_END,
};

static const char run_details[] =
	"PACKAGE is a program, an app or an installed package of this machine; its VM is started\n"
	"if need be and stopped with it. Options behind PACKAGE are the program's, but for --gui,\n"
	"--background, --executable and --name; '--' ends ours.";
static const char clipboard_details[] =
	"'copy' gives the VM what is in your clipboard; 'paste' puts what was copied in the VM into\n"
	"your clipboard. Nothing crosses by itself.";
static const char audio_details[] =
	"'off' cuts a VM that runs off from PipeWire, microphone and all, until it is started again.\n"
	"Anything else needs --persistent and a new start: a running VM's sound card stays as it is.";
static const char exec_details[] =
	"Without -t, what the program prints to your terminal is shown as plain text.";
static const char usb_details[] =
	"DEVICE is its port (1-2), bus and address (001/004), VENDOR:PRODUCT[:SERIAL], or a part of\n"
	"its name that no other has. The VM must have been started with 'usb on' or --usb.";
static const char shell_details[] =
	"Without CMD: a login shell. With a terminal on both sides, what the VM prints reaches your\n"
	"terminal as it is.";

static const char cp_details[] =
	"SRC and DST are paths here or VM:PATH, and one at least is in a VM. A folder goes into DST\n"
	"if that is there, and else becomes it; 'SRC/.' means what is in it. '-' is a tar archive on\n"
	"standard input or output.";

static const char mount_details[] =
	"HOSTDIR is seen at GUESTDIR (the same path where it isn't given) until it is unmounted or\n"
	"the VM ends, and can only be read there without --rw. Without HOSTDIR, lists the folders\n"
	"that the VM has.";
static const char network_details[] =
	"KIND is none, nat, net-vm VM, bridge NAME or libvirt NAME; vixos(5) tells what they are. The\n"
	"definition's 'network' is what it has when it starts again; --persistent changes that too,\n"
	"also of a VM that doesn't run.";
static const char firewall_details[] =
	"CHANGE is one of\n"
	"  add RULE…          a rule behind the others\n"
	"  insert N RULE…     a rule before number N\n"
	"  remove N|RULE…     no such rule any more\n"
	"  policy allow|deny  what no rule matches\n"
	"  clear              no rules at all\n"
	"  reset              those of the definition\n"
	"  reload             the same rules, with names resolved again\n"
	"RULE is 'allow|deny [tcp|udp|icmp] WHERE[:PORT[-PORT]]'; vixos(5) tells what it means.\n"
	"--persistent keeps what is in force then in the VM's definition.";

static const struct command commands[] = {
	{"add", {}, "VM PACKAGE…", "add Nix packages to a VM, also while it runs", nullptr,
		quiet_only, OPTIONS_ANYWHERE, 2, -1, false, cmd_add},
	{"attach", {}, "[DISPLAY]", "show the VMs in a compositor's menu, as long as it runs",
		nullptr, help_only, OPTIONS_ANYWHERE, 0, 1, false, cmd_attach},
	{"audio", {}, "VM [off|output|full]", "show a VM's sound, or switch it off while it runs",
		audio_details, network_options, OPTIONS_ANYWHERE, 1, 2, false, cmd_audio},
	{"clipboard", {}, "copy|paste VM", "copy between your clipboard and a VM's",
		clipboard_details, clipboard_options, OPTIONS_ANYWHERE, 2, 2, false, cmd_clipboard},
	{"clone", {}, "VM NEW", "copy a VM's definition and home", nullptr, quiet_only,
		OPTIONS_ANYWHERE, 2, 2, false, cmd_clone},
	{"completion", {}, "bash|zsh|fish", "print a completion script for a shell", nullptr,
		help_only, OPTIONS_ANYWHERE, 1, 1, false, cmd_completion},
	{"config", {}, "check", "look for mistakes in the configuration", nullptr, config_options,
		OPTIONS_ANYWHERE, 1, 1, false, cmd_config},
	{"cp", {}, "SRC DST", "copy files between VMs and here", cp_details, cp_options,
		OPTIONS_ANYWHERE, 2, 2, false, cmd_cp},
	{"create", {}, "VM", "define a VM", nullptr, create_options, OPTIONS_ANYWHERE, 1, 1, false,
		cmd_create},
	{"doctor", {}, "", "check what VMs need of this machine", nullptr, json_only,
		OPTIONS_ANYWHERE, 0, 0, false, cmd_doctor},
	{"edit", {}, "[VM]", "edit a VM's definition, or the configuration", nullptr, help_only,
		OPTIONS_ANYWHERE, 0, 1, false, cmd_edit},
	{"events", {}, "", "print each change of a VM's state, as it comes", nullptr, json_only,
		OPTIONS_ANYWHERE, 0, 0, false, cmd_events},
	{"exec", {}, "VM CMD [ARGS…]", "run a program in a VM", exec_details, exec_options,
		OPTIONS_FIRST, 2, -1, true, cmd_exec},
	{"firewall", {}, "VM [CHANGE]",
		"show what a VM may talk to, or change it until the VM ends", firewall_details,
		network_options, OPTIONS_ANYWHERE, 1, -1, false, cmd_firewall},
	{"help", {}, "[COMMAND]", "show help", nullptr, help_only, OPTIONS_ANYWHERE, 0, 1, false,
		cmd_help},
	{"inspect", {}, "VM", "print all about a VM as JSON", nullptr, json_only, OPTIONS_ANYWHERE,
		1, 1, false, cmd_inspect},
	{"kill", {}, "VM…", "end VMs at once", nullptr, quiet_only, OPTIONS_ANYWHERE, 1, -1, false,
		cmd_kill},
	{"list", {"ls", "ps"}, "", "list the VMs that are defined or running", nullptr,
		list_options, OPTIONS_ANYWHERE, 0, 0, false, cmd_list},
	{"logs", {}, "VM", "print what a VM has written to its console", nullptr, logs_options,
		OPTIONS_ANYWHERE, 1, 1, false, cmd_logs},
	{"mount", {}, "VM [HOSTDIR [GUESTDIR]]", "show a folder of the host in a VM that runs",
		mount_details, mount_options, OPTIONS_ANYWHERE, 1, 3, false, cmd_mount},
	{"net", {"network"}, "VM [KIND [NAME]]",
		"show a VM's network, or give it another until it ends", network_details,
		network_options, OPTIONS_ANYWHERE, 1, 3, false, cmd_network},
	{"pause", {}, "VM…", "stop the processors of VMs", nullptr, quiet_only, OPTIONS_ANYWHERE, 1,
		-1, false, cmd_pause},
	{"rename", {}, "VM NEW", "rename a VM that doesn't run", nullptr, quiet_only,
		OPTIONS_ANYWHERE, 2, 2, false, cmd_rename},
	{"restart", {}, "VM…", "stop VMs and start them again", nullptr, restart_options,
		OPTIONS_ANYWHERE, 1, -1, false, cmd_restart},
	{"rm", {}, "VM…", "remove VMs' definitions", nullptr, remove_options, OPTIONS_ANYWHERE, 1,
		-1, false, cmd_remove},
	{"run", {}, "PACKAGE [ARGS…]", "run a program in a VM of its own", run_details, run_options,
		OPTIONS_AROUND_FIRST, 1, -1, true, cmd_run},
	{"shell", {}, "VM [CMD [ARGS…]]", "a shell in a VM, or a program with your terminal",
		shell_details, shell_options, OPTIONS_FIRST, 1, -1, true, cmd_shell},
	{"start", {}, "VM…", "start VMs that are defined", nullptr, start_options, OPTIONS_ANYWHERE,
		1, -1, false, cmd_start},
	{"stats", {}, "[VM…]", "show what VMs use: processors and memory", nullptr, stats_options,
		OPTIONS_ANYWHERE, 0, -1, false, cmd_stats},
	{"stop", {}, "VM… | --all", "stop VMs", nullptr, stop_options, OPTIONS_ANYWHERE, 0, -1,
		false, cmd_stop},
	{"umount", {"unmount"}, "VM DIR", "take a folder of the host from a VM that runs", nullptr,
		umount_options, OPTIONS_ANYWHERE, 2, 2, false, cmd_umount},
	{"unpause", {}, "VM…", "let paused VMs go on", nullptr, quiet_only, OPTIONS_ANYWHERE, 1, -1,
		false, cmd_unpause},
	{"usb", {}, "list|attach|detach [VM] [DEVICE]", "give USB devices to VMs", usb_details,
		usb_options, OPTIONS_ANYWHERE, 1, 3, false, cmd_usb},
	{"version", {}, "", "print the version", nullptr, help_only, OPTIONS_ANYWHERE, 0, 0, false,
		cmd_version},
	{"wait", {}, "VM…", "wait until VMs have ended, and print how: 0, or 1 for a failure",
		nullptr, quiet_only, OPTIONS_ANYWHERE, 1, -1, false, cmd_wait},
};

const struct command *commands_table(size_t *ret_count)
{
	*ret_count = VX_ARRAY_LENGTH(commands);
	return commands;
}

static bool command_is_called(const struct command *command, const char *name)
{
	if (strcmp(command->name, name) == 0) {
		return true;
	}
	for (size_t i = 0; i < VX_ARRAY_LENGTH(command->aliases); i++) {
		if (command->aliases[i] != nullptr && strcmp(command->aliases[i], name) == 0) {
			return true;
		}
	}
	return false;
}

const struct command *commands_find(const char *name)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(commands); i++) {
		if (command_is_called(&commands[i], name)) {
			return &commands[i];
		}
	}
	return nullptr;
}

/* Help */

static void print_overview(FILE *stream)
{
	fputs("Usage: vixos COMMAND [OPTIONS] [ARGS]\n\n"
	      "Runs apps in virtual machines, with their windows on your desktop.\n\n",
		stream);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(commands); i++) {
		fprintf(stream, "  %-11s %s\n", commands[i].name, commands[i].summary);
	}
	fputs("\n'vixos COMMAND --help' tells more; the manual is vixos(1).\n", stream);
}

static void print_usage(const struct command *command, FILE *stream)
{
	fprintf(stream, "Usage: vixos %s [OPTIONS] %s\n", command->name, command->operands);
}

static void print_help(const struct command *command)
{
	print_usage(command, stdout);
	printf("\n%s", command->name);
	for (size_t i = 0; i < VX_ARRAY_LENGTH(command->aliases); i++) {
		if (command->aliases[i] != nullptr) {
			printf(", %s", command->aliases[i]);
		}
	}
	printf(": %s.\n", command->summary);
	if (command->details != nullptr) {
		printf("%s\n", command->details);
	}
	puts("\nOptions:");
	options_print_help(command->options, stdout);
}

int cmd_help(struct command_context *context)
{
	if (context->argc == 0) {
		print_overview(stdout);
		return 0;
	}
	const struct command *command = commands_find(context->argv[0]);
	if (command == nullptr) {
		vx_error_set_kind(context->err, VX_ERROR_USAGE,
			"there is no command '%s'; 'vixos --help' lists them", context->argv[0]);
		return -1;
	}
	print_help(command);
	return 0;
}

int cmd_version(struct command_context *context)
{
	puts("vixos " VX_VERSION);
	return 0;
}

/* Running */

static int report(const struct command *command, const struct vx_error *err)
{
	enum vx_error_kind kind = err->kind;
	if (command->runs_program && kind == VX_ERROR_FAILED) {
		kind = VX_ERROR_VIXOS;
	} else if (!command->runs_program && kind >= VX_ERROR_VIXOS) {
		kind = VX_ERROR_FAILED;
	}
	fprintf(stderr, "vixos: %s\n", vx_error_message(err));
	return vx_error_exit_status(kind);
}

static bool check_operands(const struct command *command, int count, struct vx_error *err)
{
	if (count < command->operands_min) {
		return vx_error_set_kind(err, VX_ERROR_USAGE,
			"'vixos %s' needs more: vixos %s [OPTIONS] %s", command->name,
			command->name, command->operands);
	}
	if (command->operands_max >= 0 && count > command->operands_max) {
		return vx_error_set_kind(err, VX_ERROR_USAGE,
			"'vixos %s' takes fewer words: vixos %s [OPTIONS]%s%s", command->name,
			command->name, command->operands[0] != '\0' ? " " : "", command->operands);
	}
	return true;
}

static int run_command(const struct command *command, int argc, char **argv)
{
	struct cli_options options = {};
	vx_cleanup_error struct vx_error err = {};
	struct command_context context = {
		.command = command,
		.options = &options,
		.argv = argv,
		.err = &err,
	};
	int status = -1;
	if (!options_parse(
		    command->options, command->order, argc, argv, &options, &context.argc, &err)) {
		vx_cleanup_free char *text = vx_printf(
			"%s; 'vixos %s --help' tells more", vx_error_message(&err), command->name);
		vx_error_set_kind(&err, VX_ERROR_USAGE, "%s", text);
	} else {
		if (options.help) {
			print_help(command);
			status = 0;
		} else if (check_operands(command, context.argc, &err)) {
			status = command->handler(&context);
		}
	}
	options_finish(&options);
	return status >= 0 ? status : report(command, &err);
}

int commands_main(int argc, char **argv)
{
	if (argc == 0 || strcmp(argv[0], "--help") == 0 || strcmp(argv[0], "-h") == 0) {
		print_overview(argc == 0 ? stderr : stdout);
		return argc == 0 ? 2 : 0;
	}
	if (strcmp(argv[0], COMPLETE_COMMAND) == 0) {
		return complete_main(argc - 1, argv + 1);
	}
	const char *name = strcmp(argv[0], "--version") == 0 ? "version" : argv[0];
	const struct command *command = commands_find(name);
	if (command == nullptr) {
		fprintf(stderr, "vixos: there is no command '%s'; 'vixos --help' lists them\n",
			name);
		return vx_error_exit_status(VX_ERROR_USAGE);
	}
	return run_command(command, argc - 1, argv + 1);
}
