/* SPDX-License-Identifier: MIT */
#include "cli/complete.h"

#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "common/name.h"
#include "guest_path.h"
#include "vm/config.h"
#include "vm/definition.h"

/* What some operands can be that the help has no room for. */
static const struct {
	const char *name, *values;
} alternatives[] = {
	{"COLOR", "red|orange|yellow|green|gray|blue|purple|black"},
	{"KIND", "none|nat|net-vm|bridge|libvirt"},
	{"CHANGE", "add|insert|remove|policy|clear|reset|reload"},
};

struct completion {
	const char *current; /* the word that is being written */
	const char *suffix;  /* put behind a VM's name; "" but for cp */
	const char *prefix;  /* of the word, that stays: "--network=" */
};

static void offer(const struct completion *completion, const char *word, const char *suffix,
	const char *description)
{
	if (strncmp(word, completion->current, strlen(completion->current)) == 0) {
		printf("%s%s%s%s%s\n", completion->prefix, word, suffix,
			description != nullptr ? "\t" : "",
			description != nullptr ? description : "");
	}
}

/* Each of what is listed in an operand, like "none|private|disposable". */
static void offer_alternatives(const struct completion *completion, const char *list)
{
	vx_cleanup_free char *copy = vx_strdup(list);
	char *rest = copy;
	for (char *word; (word = strsep(&rest, "|")) != nullptr;) {
		if (word[0] != '\0' && strcmp(word, "…") != 0) {
			offer(completion, word, "", nullptr);
		}
	}
}

/* VMs: those of the configuration, and those that run without being in it. */

static void offer_defined(const struct completion *completion, const struct vm_config *config)
{
	for (size_t i = 0; i < config->definition_count; i++) {
		const struct vm_definition *definition = config->definitions[i];
		offer(completion, definition->name, completion->suffix, definition->label);
	}
}

static void offer_running(const struct completion *completion, const struct vm_config *config)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	vx_cleanup_free char *path = vx_printf(
		"%s/vixos/vm", runtime != nullptr ? runtime : "/nonexistent");
	DIR *folder = opendir(path);
	for (const struct dirent *entry;
		folder != nullptr && (entry = readdir(folder)) != nullptr;) {
		if (vx_vm_name_is_valid(entry->d_name) && !vm_name_is_preloaded(entry->d_name) &&
			(config == nullptr || vm_config_find(config, entry->d_name) == nullptr)) {
			offer(completion, entry->d_name, completion->suffix, "running");
		}
	}
	if (folder != nullptr) {
		closedir(folder);
	}
}

static void offer_vms(const struct completion *completion)
{
	struct vm_config *config = vm_config_load(nullptr);
	if (config != nullptr) {
		offer_defined(completion, config);
	}
	offer_running(completion, config);
	vm_config_destroy(config);
}

/* Packages: programs, apps and packages of the host (vixos run). */

/* Files whose names end in `suffix`, which is left out. */
static void offer_files_of(const struct completion *completion, const char *path,
	const char *suffix, const char *description)
{
	DIR *folder = opendir(path);
	for (const struct dirent *entry;
		folder != nullptr && (entry = readdir(folder)) != nullptr;) {
		size_t length = strlen(entry->d_name);
		size_t end = strlen(suffix);
		if (entry->d_name[0] == '.' || length <= end ||
			strcmp(entry->d_name + length - end, suffix) != 0) {
			continue;
		}
		vx_cleanup_free char *name = vx_strndup(entry->d_name, length - end);
		offer(completion, name, "", description);
	}
	if (folder != nullptr) {
		closedir(folder);
	}
}

static void offer_packages(const struct completion *completion)
{
	vx_cleanup_free char *folders = vx_strdup(VX_GUEST_PATH);
	char *rest = folders;
	for (char *folder; (folder = strsep(&rest, ":")) != nullptr;) {
		if (strncmp(folder, "/usr/", strlen("/usr/")) == 0) {
			offer_files_of(completion, folder, "", "program");
		}
	}
	offer_files_of(completion, "/usr/share/applications", ".desktop", "app");
	offer_files_of(completion, "/var/lib/dpkg/info", ".list", "package");
}

/* Commands and options */

static void offer_commands(const struct completion *completion)
{
	size_t count;
	const struct command *commands = commands_table(&count);
	for (size_t i = 0; i < count; i++) {
		offer(completion, commands[i].name, "", commands[i].summary);
	}
}

static void offer_options(const struct completion *completion, const struct command *command)
{
	for (const struct option_spec *spec = command->options; spec->name != nullptr; spec++) {
		vx_cleanup_free char *word = vx_printf("--%s", spec->name);
		offer(completion, word, "", spec->help);
	}
}

static bool operand_is(const char *operand, const char *name)
{
	return strncmp(operand, name, strlen(name)) == 0 &&
	       !isalpha((unsigned char)operand[strlen(name)]);
}

static bool offer_known(const struct completion *completion, const char *name)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(alternatives); i++) {
		if (operand_is(name, alternatives[i].name)) {
			offer_alternatives(completion, alternatives[i].values);
			return true;
		}
	}
	return false;
}

/* What a value, or an operand, that the help calls `name` can be. */
static void offer_values(const struct completion *completion, const char *name)
{
	if (offer_known(completion, name)) {
		return;
	}
	if (operand_is(name, "VM")) {
		offer_vms(completion);
	} else if (operand_is(name, "PACKAGE") || operand_is(name, "EXE")) {
		offer_packages(completion);
	} else if (operand_is(name, "COMMAND")) {
		offer_commands(completion);
	} else if (operand_is(name, "SRC") || operand_is(name, "DST")) {
		const struct completion remote = {completion->current, ":", ""};
		offer_vms(&remote);
		puts(":files");
	} else if (operand_is(name, "PATH") || operand_is(name, "HOSTDIR") ||
		   operand_is(name, "DIR")) {
		puts(":files");
	} else if (islower((unsigned char)name[0])) {
		offer_alternatives(completion, name);
	}
}

/* Operand number `index` of those in a usage line, without brackets; owned by the caller, NULL
 * where there is none. The last with "…" stands for all that follow. */
static char *operand_name(const struct command *command, int index)
{
	vx_cleanup_free char *copy = vx_strdup(command->operands);
	char *rest = copy;
	for (char *word; (word = strsep(&rest, " ")) != nullptr;) {
		word += strspn(word, "[");
		word[strcspn(word, "]")] = '\0';
		if (index-- == 0 || strstr(word, "…") != nullptr) {
			return vx_strdup(word);
		}
	}
	return nullptr;
}

/* "--network=n": false where the word is no such one. */
static bool complete_attached(const struct completion *completion, const struct command *command)
{
	const char *word = completion->current;
	size_t length = strcspn(word, "=");
	if (strncmp(word, "--", 2) != 0 || word[length] == '\0') {
		return false;
	}
	const struct option_spec *spec = options_find_long(command->options, word + 2, length - 2);
	if (spec != nullptr && spec->operand != nullptr) {
		vx_cleanup_free char *prefix = vx_strndup(word, length + 1);
		const struct completion value = {word + length + 1, "", prefix};
		offer_values(&value, spec->operand);
	}
	return true;
}

static const struct option_spec *option_with_value(const struct command *command, const char *word)
{
	for (const struct option_spec *spec = command->options; spec->name != nullptr; spec++) {
		bool is_short = word[0] == '-' && word[1] == spec->short_name && word[2] == '\0' &&
				spec->short_name != 0;
		bool is_long = strncmp(word, "--", 2) == 0 && strcmp(word + 2, spec->name) == 0;
		if ((is_short || is_long) &&
			(spec->type == OPTION_STRING || spec->type == OPTION_LIST)) {
			return spec;
		}
	}
	return nullptr;
}

static void complete_command(const struct completion *completion, const struct command *command,
	int count, char *const *words)
{
	int operands = 0;
	const struct option_spec *pending = nullptr;
	for (int i = 0; i < count; i++) {
		const struct option_spec *option = pending == nullptr
							   ? option_with_value(command, words[i])
							   : nullptr;
		operands += pending == nullptr && option == nullptr && words[i][0] != '-';
		pending = option;
	}
	if (pending != nullptr) {
		bool is_vm = strcmp(pending->name, "name") == 0;
		offer_values(completion, is_vm ? "VM" : pending->operand);
		return;
	}
	if (complete_attached(completion, command)) {
		return;
	}
	if (command->order == OPTIONS_ANYWHERE || operands == 0) {
		if (completion->current[0] == '-' || command->operands[0] == '\0') {
			offer_options(completion, command);
		}
	}
	vx_cleanup_free char *operand = operand_name(command, operands);
	if (operand != nullptr && completion->current[0] != '-') {
		offer_values(completion, operand);
	}
}

int complete_main(int count, char *const *words)
{
	if (count > 0 && strcmp(words[0], "--") == 0) {
		words++;
		count--;
	}
	const struct completion completion = {count > 0 ? words[count - 1] : "", "", ""};
	const struct command *command = count > 1 ? commands_find(words[0]) : nullptr;
	if (command != nullptr) {
		complete_command(&completion, command, count - 2, words + 1);
	} else if (count <= 1) {
		offer_commands(&completion);
	}
	return 0;
}
