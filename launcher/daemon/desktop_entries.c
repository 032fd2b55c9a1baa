/* SPDX-License-Identifier: MIT */
#include <locale.h>
#include <sfdo-basedir.h>
#include <sfdo-desktop.h>
#include <string.h>
#include <strings.h>

#include "common/display_string.h"
#include "common/name.h"
#include "daemon/catalog_internal.h"

static constexpr size_t apps_max = 1024;
static constexpr size_t app_argv_max = 64;

/* What terminal programs are started in; the first that is there. */
static const char *const terminals[] = {"foot", "kitty", "alacritty", "xterm"};

static void app_finish(struct catalog_app *app)
{
	free(app->vm);
	free(app->id);
	free(app->name);
	free(app->icon);
	catalog_free_argv(app->argv);
}

void desktop_entries_finish(struct catalog *catalog)
{
	for (size_t i = 0; i < catalog->app_count; i++) {
		app_finish(&catalog->apps[i]);
	}
	free(catalog->apps);
	catalog->apps = nullptr;
	catalog->app_count = 0;
}

static char *find_terminal(const struct catalog *catalog)
{
	for (size_t i = 0; i < VX_ARRAY_LENGTH(terminals); i++) {
		char *path = catalog_find_program(catalog, terminals[i]);
		if (path != nullptr) {
			return path;
		}
	}
	return nullptr;
}

/* `args` with the program's path in full, behind a terminal if need be; NULL where VMs lack it. */
static char **make_argv(
	const struct catalog *catalog, const char **args, size_t count, bool needs_terminal)
{
	if (count == 0 || count > app_argv_max) {
		return nullptr;
	}
	vx_cleanup_free char *program = strchr(args[0], '/') != nullptr
						? catalog_check_path(catalog, args[0], nullptr)
						: catalog_find_program(catalog, args[0]);
	vx_cleanup_free char *terminal = needs_terminal ? find_terminal(catalog) : nullptr;
	if (program == nullptr || (needs_terminal && terminal == nullptr)) {
		return nullptr;
	}
	char **argv = vx_calloc(count + 2, sizeof(*argv));
	size_t used = 0;
	if (needs_terminal) {
		argv[used++] = vx_take_ptr(terminal);
	}
	argv[used++] = vx_take_ptr(program);
	for (size_t i = 1; i < count; i++) {
		argv[used++] = vx_strdup(args[i]);
	}
	return argv;
}

static char **entry_argv(const struct catalog *catalog, struct sfdo_desktop_entry *entry)
{
	struct sfdo_desktop_exec *exec = sfdo_desktop_entry_get_exec(entry);
	if (exec == nullptr) {
		return nullptr;
	}
	struct sfdo_desktop_exec_command *command = sfdo_desktop_exec_format(exec, nullptr);
	if (command == nullptr) {
		return nullptr;
	}
	size_t count = 0;
	const char **args = sfdo_desktop_exec_command_get_args(command, &count);
	char **argv = make_argv(catalog, args, count, sfdo_desktop_entry_get_terminal(entry));
	sfdo_desktop_exec_command_destroy(command);
	return argv;
}

static bool entry_is_wanted(struct sfdo_desktop_entry *entry)
{
	return sfdo_desktop_entry_get_type(entry) == SFDO_DESKTOP_ENTRY_APPLICATION &&
	       !sfdo_desktop_entry_get_no_display(entry) &&
	       sfdo_desktop_entry_show_in(entry, nullptr, 0);
}

static void add_entry(struct catalog *catalog, struct sfdo_desktop_entry *entry)
{
	if (!entry_is_wanted(entry) || catalog->app_count >= apps_max) {
		return;
	}
	const char *id = sfdo_desktop_entry_get_id(entry, nullptr);
	struct catalog_app app = {.vm = catalog_vm_name(id, nullptr)};
	if (app.vm != nullptr) {
		app.argv = entry_argv(catalog, entry);
	}
	if (app.argv == nullptr) {
		app_finish(&app);
		return;
	}
	app.id = vx_display_app_id(id);
	app.name = vx_display_string(
		sfdo_desktop_entry_get_name(entry, nullptr), vx_title_max_code_points);
	app.icon = vx_strdup(sfdo_desktop_entry_get_icon(entry, nullptr));
	catalog->apps = vx_reallocarray(
		catalog->apps, catalog->app_count + 1, sizeof(*catalog->apps));
	catalog->apps[catalog->app_count++] = app;
}

static int compare_apps(const void *a, const void *b)
{
	const struct catalog_app *first = a, *second = b;
	int order = strcmp(first->vm, second->vm);
	return order != 0 ? order : strcmp(first->id, second->id);
}

/* Of entries that would share a VM's name, the first stays. */
static void sort_apps(struct catalog *catalog)
{
	if (catalog->app_count == 0) {
		return;
	}
	qsort(catalog->apps, catalog->app_count, sizeof(*catalog->apps), compare_apps);
	size_t kept = 1;
	for (size_t i = 1; i < catalog->app_count; i++) {
		if (strcmp(catalog->apps[i].vm, catalog->apps[kept - 1].vm) == 0) {
			app_finish(&catalog->apps[i]);
		} else {
			catalog->apps[kept++] = catalog->apps[i];
		}
	}
	catalog->app_count = kept;
}

static struct sfdo_desktop_db *load_db(const struct catalog *catalog, struct sfdo_desktop_ctx *ctx)
{
	const char *locale = setlocale(LC_MESSAGES, nullptr);
	if (catalog->root[0] == '\0') {
		return sfdo_desktop_db_load(ctx, locale);
	}
	vx_cleanup_free char *folder = vx_printf("%s/usr/share/applications/", catalog->root);
	struct sfdo_string base = {.data = folder, .len = strlen(folder)};
	return sfdo_desktop_db_load_from(ctx, locale, &base, 1);
}

void desktop_entries_load(struct catalog *catalog)
{
	struct sfdo_basedir_ctx *basedir = sfdo_basedir_ctx_create();
	struct sfdo_desktop_ctx *ctx = basedir != nullptr ? sfdo_desktop_ctx_create(basedir)
							  : nullptr;
	struct sfdo_desktop_db *db = ctx != nullptr ? load_db(catalog, ctx) : nullptr;
	if (db != nullptr) {
		size_t count = 0;
		struct sfdo_desktop_entry **entries = sfdo_desktop_db_get_entries(db, &count);
		for (size_t i = 0; i < count; i++) {
			add_entry(catalog, entries[i]);
		}
		sort_apps(catalog);
	}
	sfdo_desktop_db_destroy(db);
	sfdo_desktop_ctx_destroy(ctx);
	sfdo_basedir_ctx_destroy(basedir);
}

const struct catalog_app *desktop_entries_match(const struct catalog *catalog, const char *package)
{
	const struct catalog_app *by_suffix = nullptr;
	size_t length = strlen(package);
	for (size_t i = 0; i < catalog->app_count; i++) {
		const struct catalog_app *app = &catalog->apps[i];
		if (strcasecmp(app->id, package) == 0 || strcasecmp(app->vm, package) == 0) {
			return app;
		}
		if (strncasecmp(app->id, package, length) == 0 && app->id[length] == '-' &&
			by_suffix == nullptr) {
			by_suffix = app;
		}
	}
	return by_suffix;
}
