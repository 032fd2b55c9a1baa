/* SPDX-License-Identifier: MIT */
#include "daemon/catalog.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/display_string.h"
#include "common/fd.h"
#include "common/name.h"
#include "daemon/catalog_internal.h"

static constexpr size_t package_list_max = 16 * 1024 * 1024;
static constexpr size_t programs_listed_max = 8; /* in the sentence that asks which one */

/* Where programs are; all in /usr, which is what VMs see. */
static const char *const program_folders[] = {
	"/usr/local/bin",
	"/usr/bin",
	"/usr/games",
	"/usr/local/sbin",
	"/usr/sbin",
};

struct catalog *catalog_create(const char *root)
{
	struct catalog *catalog = vx_new(catalog);
	catalog->root = vx_strdup(root);
	return catalog;
}

void catalog_destroy(struct catalog *catalog)
{
	if (catalog == nullptr) {
		return;
	}
	desktop_entries_finish(catalog);
	free(catalog->root);
	free(catalog);
}

void catalog_refresh(struct catalog *catalog)
{
	desktop_entries_finish(catalog);
	catalog->is_loaded = false;
}

const struct catalog_app *catalog_apps(struct catalog *catalog, size_t *ret_count)
{
	if (!catalog->is_loaded) {
		desktop_entries_load(catalog);
		catalog->is_loaded = true;
	}
	*ret_count = catalog->app_count;
	return catalog->apps;
}

const struct catalog_app *catalog_find_app(struct catalog *catalog, const char *vm)
{
	size_t count;
	const struct catalog_app *apps = catalog_apps(catalog, &count);
	for (size_t i = 0; i < count; i++) {
		if (strcmp(apps[i].vm, vm) == 0) {
			return &apps[i];
		}
	}
	return nullptr;
}

void catalog_free_argv(char **argv)
{
	for (size_t i = 0; argv != nullptr && argv[i] != nullptr; i++) {
		free(argv[i]);
	}
	free(argv);
}

static char **argv_of(char *program)
{
	char **argv = vx_calloc(2, sizeof(*argv));
	argv[0] = program;
	return argv;
}

static char **argv_copy(char *const *from)
{
	size_t count = 0;
	while (from[count] != nullptr) {
		count++;
	}
	char **argv = vx_calloc(count + 1, sizeof(*argv));
	for (size_t i = 0; i < count; i++) {
		argv[i] = vx_strdup(from[i]);
	}
	return argv;
}

/* Programs */

static bool is_in_usr(const char *path)
{
	return strncmp(path, "/usr/", strlen("/usr/")) == 0;
}

/* /bin and the like are links into /usr on every host that we can run on. */
static char *with_usr(const char *path)
{
	static const char *const merged[] = {"/bin/", "/sbin/", "/lib/", "/lib64/"};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(merged); i++) {
		if (strncmp(path, merged[i], strlen(merged[i])) == 0) {
			return vx_printf("/usr%s", path);
		}
	}
	return vx_strdup(path);
}

/*
 * A link that leads out of /usr (Debian's /etc/alternatives) doesn't work in a VM: its end is what
 * counts then. Other links stay, because programs look at the name that they are called by.
 */
static char *resolve_links(const struct catalog *catalog, const char *path, const char *host_path)
{
	char target[PATH_MAX];
	ssize_t length = readlink(host_path, target, sizeof(target) - 1);
	if (length <= 0) {
		return vx_strdup(path);
	}
	target[length] = '\0';
	if (target[0] != '/' || is_in_usr(target)) {
		return vx_strdup(path);
	}
	vx_cleanup_free char *real = realpath(host_path, nullptr);
	size_t root_length = strlen(catalog->root);
	if (real == nullptr || strncmp(real, catalog->root, root_length) != 0) {
		return nullptr;
	}
	return is_in_usr(real + root_length) ? vx_strdup(real + root_length) : nullptr;
}

char *catalog_check_path(const struct catalog *catalog, const char *path, struct vx_error *err)
{
	vx_cleanup_free char *in_usr = with_usr(path);
	vx_cleanup_free char *host_path = vx_printf("%s%s", catalog->root, in_usr);
	struct stat info;
	if (stat(host_path, &info) < 0) {
		vx_error_set_kind(
			err, VX_ERROR_NOT_FOUND, "there is no '%s' on this machine", path);
		return nullptr;
	}
	if (!is_in_usr(in_usr)) {
		vx_error_set_kind(err, VX_ERROR_NOT_FOUND,
			"'%s' is outside of /usr, which is all that a VM sees of this machine",
			path);
		return nullptr;
	}
	if (!S_ISREG(info.st_mode) || access(host_path, X_OK) < 0) {
		vx_error_set_kind(
			err, VX_ERROR_NOT_EXECUTABLE, "'%s' is not an executable file", path);
		return nullptr;
	}
	char *seen = resolve_links(catalog, in_usr, host_path);
	if (seen == nullptr) {
		vx_error_set_kind(err, VX_ERROR_NOT_FOUND,
			"'%s' is a link to a program that VMs can't see", path);
	}
	return seen;
}

/* As catalog_find_program(); NOT_EXECUTABLE in `err` where only a file that can't be run has the
 * name. */
static char *find_program(const struct catalog *catalog, const char *name, struct vx_error *err)
{
	struct vx_error unsuitable = {};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(program_folders); i++) {
		vx_cleanup_free char *path = vx_printf("%s/%s", program_folders[i], name);
		struct vx_error problem = {};
		char *program = catalog_check_path(catalog, path, &problem);
		if (program != nullptr) {
			vx_error_finish(&unsuitable);
			return program;
		}
		if (problem.kind == VX_ERROR_NOT_EXECUTABLE) {
			vx_error_move(&unsuitable, &problem);
		}
		vx_error_finish(&problem);
	}
	if (unsuitable.message != nullptr) {
		vx_error_move(err, &unsuitable);
	} else {
		vx_error_set_kind(err, VX_ERROR_NOT_FOUND,
			"there is no program '%s' in the folders for programs in /usr", name);
	}
	return nullptr;
}

char *catalog_find_program(const struct catalog *catalog, const char *name)
{
	return find_program(catalog, name, nullptr);
}

static char *find_path_or_program(
	const struct catalog *catalog, const char *name, struct vx_error *err)
{
	if (name[0] != '/' && strchr(name, '/') != nullptr) {
		vx_error_set_kind(err, VX_ERROR_NOT_FOUND,
			"'%s' is no absolute path: a VM doesn't see the folder that you are in",
			name);
		return nullptr;
	}
	return name[0] == '/' ? catalog_check_path(catalog, name, err)
			      : find_program(catalog, name, err);
}

/* Debian packages */

struct package_programs {
	char *first; /* owned */
	size_t count;
	char *names; /* owned; "a, b, c" for the sentence */
};

static void package_programs_finish(struct package_programs *programs)
{
	free(programs->first);
	free(programs->names);
}

static void package_programs_add(struct package_programs *programs, const char *path)
{
	const char *name = strrchr(path, '/') + 1;
	programs->count++;
	if (programs->first == nullptr) {
		programs->first = vx_strdup(path);
		programs->names = vx_strdup(name);
	} else if (programs->count <= programs_listed_max) {
		vx_cleanup_free char *before = programs->names;
		programs->names = vx_printf("%s, %s", before, name);
	}
}

static bool is_in_program_folder(const char *path)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(program_folders); i++) {
		size_t length = strlen(program_folders[i]);
		if (strncmp(path, program_folders[i], length) == 0 && path[length] == '/' &&
			strchr(path + length + 1, '/') == nullptr) {
			return true;
		}
	}
	return false;
}

/* The text of the package's list of files; NULL where no such package is installed. */
static char *read_package_list(const struct catalog *catalog, const char *package)
{
	static const char *const suffixes[] = {"", ":amd64", ":arm64"};
	for (size_t i = 0; i < VX_ARRAY_LENGTH(suffixes); i++) {
		vx_cleanup_free char *path = vx_printf(
			"%s/var/lib/dpkg/info/%s%s.list", catalog->root, package, suffixes[i]);
		char *text = vx_read_file(path, package_list_max, nullptr, nullptr);
		if (text != nullptr) {
			return text;
		}
	}
	return nullptr;
}

static void package_programs_read(
	const struct catalog *catalog, char *text, struct package_programs *programs)
{
	char *rest = text;
	for (char *line = strsep(&rest, "\n"); line != nullptr; line = strsep(&rest, "\n")) {
		if (!is_in_program_folder(line)) {
			continue;
		}
		vx_cleanup_free char *program = catalog_check_path(catalog, line, nullptr);
		if (program != nullptr) {
			package_programs_add(programs, program);
		}
	}
}

/* NULL without an error: no such package. */
static char **resolve_package(
	const struct catalog *catalog, const char *package, struct vx_error *err)
{
	vx_cleanup_free char *text = read_package_list(catalog, package);
	if (text == nullptr) {
		return nullptr;
	}
	struct package_programs programs = {};
	package_programs_read(catalog, text, &programs);
	char **argv = nullptr;
	if (programs.count == 1) {
		argv = argv_of(vx_take_ptr(programs.first));
	} else if (programs.count == 0) {
		vx_error_set_kind(err, VX_ERROR_NOT_FOUND,
			"package '%s' is installed but has no program to run", package);
	} else {
		vx_error_set_kind(err, VX_ERROR_NOT_FOUND,
			"package '%s' has several programs; say which with --executable: %s%s",
			package, programs.names, programs.count > programs_listed_max ? ", …" : "");
	}
	package_programs_finish(&programs);
	return argv;
}

/* Everything */

static bool package_name_is_sane(const char *package)
{
	size_t length = strlen(package);
	if (length == 0 || length > 128 || package[0] == '.' || package[0] == '-') {
		return false;
	}
	return strspn(package, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			       "._+-") == length;
}

static char **resolve_name(struct catalog *catalog, const char *package, struct vx_error *err)
{
	vx_cleanup_error struct vx_error no_program = {};
	char *program = find_program(catalog, package, &no_program);
	if (program != nullptr) {
		return argv_of(program);
	}
	if (no_program.kind == VX_ERROR_NOT_EXECUTABLE) {
		vx_error_move(err, &no_program);
		return nullptr;
	}
	size_t count;
	(void)catalog_apps(catalog, &count);
	const struct catalog_app *app = desktop_entries_match(catalog, package);
	if (app != nullptr) {
		return argv_copy(app->argv);
	}
	struct vx_error no_package = {};
	char **argv = resolve_package(catalog, package, &no_package);
	if (argv == nullptr && no_package.message == nullptr) {
		vx_error_set_kind(err, VX_ERROR_NOT_FOUND,
			"there is no program, app or package '%s' on this machine: install it here "
			"(as with 'apt install %s') and VMs have it too",
			package, package);
	} else if (argv == nullptr) {
		vx_error_move(err, &no_package);
	}
	return argv;
}

/* Without anything that would have to be left out of a message. */
static bool is_shown_as_it_is(const char *name)
{
	vx_cleanup_free char *shown = vx_display_string(name, vx_title_max_code_points);
	return strcmp(shown, name) == 0;
}

char **catalog_resolve(
	struct catalog *catalog, const char *package, const char *executable, struct vx_error *err)
{
	const char *wanted = executable != nullptr ? executable : package;
	if (!is_shown_as_it_is(wanted)) {
		vx_cleanup_free char *shown = vx_display_string(wanted, vx_title_max_code_points);
		vx_error_set_kind(err, VX_ERROR_NOT_FOUND,
			"'%s' can't be the name of a program or package", shown);
		return nullptr;
	}
	if (executable != nullptr || strchr(package, '/') != nullptr) {
		char *program = find_path_or_program(catalog, wanted, err);
		return program != nullptr ? argv_of(program) : nullptr;
	}
	if (!package_name_is_sane(package)) {
		vx_error_set_kind(err, VX_ERROR_NOT_FOUND,
			"'%s' can't be the name of a program or package", package);
		return nullptr;
	}
	return resolve_name(catalog, package, err);
}

/* What is left of org.gtk.Demo4: Demo4. */
static const char *without_domain(const char *name)
{
	const char *last = strrchr(name, '.');
	if (last == nullptr || last[1] == '\0' || strchr(name, '.') == last) {
		return name;
	}
	return last + 1;
}

char *catalog_vm_name(const char *package, struct vx_error *err)
{
	const char *slash = strrchr(package, '/');
	char *name = vx_strdup(without_domain(slash != nullptr ? slash + 1 : package));
	for (char *byte = name; *byte != '\0'; byte++) {
		*byte = (char)tolower((unsigned char)*byte);
		if (*byte == '+' || *byte == ' ' || *byte == ':') {
			*byte = '-';
		}
	}
	if (!vx_vm_name_is_valid(name)) {
		free(name);
		vx_error_set_kind(err, VX_ERROR_USAGE,
			"no VM can be named after '%s'; name it with --name (a letter, then letters, "
			"digits, '_', '.', '-'; 31 at most; lower case)",
			package);
		return nullptr;
	}
	return name;
}
