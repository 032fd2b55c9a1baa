/* SPDX-License-Identifier: MIT */
/* vixos edit: as visudo, what has a mistake doesn't get into place. */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/definitions.h"
#include "common/fd.h"
#include "vm/config.h"
#include "vm/definition.h"
#include "vm/definition_file.h"

static constexpr size_t editor_words_max = 32;
static const char *const editors[] = {"editor", "vi", "nano"};

struct edit {
	char *path;      /* owned; of what is edited */
	char *before;    /* owned */
	char *temporary; /* owned; what the editor works on */
	struct vx_error *err;
};

static bool write_temporary(struct edit *edit)
{
	vx_cleanup_close int fd = mkstemps(edit->temporary, (int)strlen(VM_DEFINITION_SUFFIX));
	if (fd < 0) {
		return vx_error_set_errno(edit->err, errno, "can't write '%s'", edit->temporary);
	}
	return vx_write_all(fd, edit->before, strlen(edit->before), edit->err);
}

/* $VISUAL or $EDITOR, which may have arguments, and the file. `text` holds the words. */
static bool editor_argv(char *text, char *file, char *argv[static editor_words_max + 2])
{
	size_t count = 0;
	char *rest = text;
	for (char *word; (word = strsep(&rest, " \t")) != nullptr && count < editor_words_max;) {
		if (word[0] != '\0') {
			argv[count++] = word;
		}
	}
	argv[count] = file;
	argv[count + 1] = nullptr;
	return count > 0;
}

static char *editor_from_environment(void)
{
	const char *visual = getenv("VISUAL");
	const char *editor = getenv("EDITOR");
	return vx_strdup(visual != nullptr && visual[0] != '\0' ? visual : editor);
}

static int spawn_editor(pid_t *ret_child, char *file)
{
	vx_cleanup_free char *chosen = editor_from_environment();
	char *argv[editor_words_max + 2];
	if (chosen != nullptr && editor_argv(chosen, file, argv)) {
		return posix_spawnp(ret_child, argv[0], nullptr, nullptr, argv, environ);
	}
	int result = ENOENT;
	for (size_t i = 0; i < VX_ARRAY_LENGTH(editors) && result == ENOENT; i++) {
		vx_cleanup_free char *name = vx_strdup(editors[i]);
		char *plain[] = {name, file, nullptr};
		result = posix_spawnp(ret_child, name, nullptr, nullptr, plain, environ);
	}
	return result;
}

static bool run_editor(struct edit *edit)
{
	pid_t child;
	int status = 0;
	int result = spawn_editor(&child, edit->temporary);
	if (result != 0) {
		return vx_error_set_errno(
			edit->err, result, "can't start an editor; set EDITOR to one");
	}
	while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
	}
	return (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
	       vx_error_set(edit->err, "the editor failed; nothing was changed");
}

/* Reads what the editor has left and puts it into place. */
static bool install_edited(struct edit *edit)
{
	size_t size = 0;
	vx_cleanup_free char *text = vx_read_file(
		edit->temporary, vm_config_file_max, &size, edit->err);
	if (text == nullptr) {
		return false;
	}
	if (strcmp(text, edit->before) == 0 && strlen(text) == size) {
		fprintf(stderr, "vixos: nothing was changed\n");
		return true;
	}
	return definition_file_install(edit->path, text, size, true, edit->err);
}

/* Is the user to have another go at the mistake? */
static bool ask_again(const struct edit *edit)
{
	if (!isatty(STDIN_FILENO)) {
		return false;
	}
	fprintf(stderr, "vixos: %s\n", vx_error_message(edit->err));
	return definitions_confirm("Edit again? (If not, nothing is changed.)");
}

static bool edit_until_right(struct edit *edit)
{
	for (;;) {
		if (!run_editor(edit)) {
			return false;
		}
		if (install_edited(edit)) {
			return true;
		}
		if (edit->err->kind != VX_ERROR_USAGE || !ask_again(edit)) {
			return vx_error_wrap(edit->err, "nothing was changed");
		}
		vx_error_finish(edit->err);
		*edit->err = (struct vx_error){};
	}
}

/* The file in which the VM is defined, whoever has written it; owned by the caller. */
static char *find_file(const char *name, struct vx_error *err)
{
	vx_cleanup_free char *own = definition_file_path(name, nullptr);
	if (own != nullptr && access(own, F_OK) == 0) {
		return vx_take_ptr(own); /* also when it has a mistake: to correct that */
	}
	struct vm_config *config = vm_config_load(err);
	if (config == nullptr) {
		return nullptr;
	}
	const struct vm_definition *definition = vm_config_find(config, name);
	char *path = definition != nullptr ? vx_strdup(definition->file) : nullptr;
	vm_config_destroy(config);
	if (path == nullptr) {
		vx_error_set(err,
			"there is no definition of a VM '%s'; 'vixos create %s' makes one", name,
			name);
	}
	return path;
}

static bool edit_prepare(struct edit *edit, const char *name)
{
	if (name != nullptr && !definitions_check_name(name, edit->err)) {
		return false;
	}
	edit->path = name != nullptr ? find_file(name, edit->err) : vm_config_main_path(edit->err);
	if (edit->path == nullptr) {
		return false;
	}
	bool is_new = access(edit->path, F_OK) != 0 && errno == ENOENT;
	edit->before = is_new ? vx_strdup("")
			      : vx_read_file(edit->path, vm_config_file_max, nullptr, edit->err);
	if (edit->before == nullptr) {
		return false;
	}
	const char *folder = getenv("TMPDIR");
	edit->temporary = vx_printf("%s/vixos-%s-XXXXXX" VM_DEFINITION_SUFFIX,
		folder != nullptr ? folder : "/tmp", name != nullptr ? name : "config");
	return write_temporary(edit);
}

int cmd_edit(struct command_context *context)
{
	struct edit edit = {.err = context->err};
	bool is_done = edit_prepare(&edit, context->argv[0]) && edit_until_right(&edit);
	if (edit.temporary != nullptr) {
		(void)unlink(edit.temporary);
	}
	free(edit.path);
	free(edit.before);
	free(edit.temporary);
	return is_done ? 0 : -1;
}
