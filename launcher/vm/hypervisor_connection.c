/* SPDX-License-Identifier: MIT */
/*
 * The connection to libvirt: one thread runs libvirt's event loop, another connects, lists what
 * runs and connects again when libvirt has gone. Keepalive finds a libvirt that hangs.
 */
#include <errno.h>
#include <libvirt/virterror.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/log.h"
#include "common/memory.h"
#include "vm/domain_xml.h"
#include "vm/hypervisor_state.h"

static constexpr int keepalive_seconds = 5;
static constexpr unsigned keepalive_count = 3;
static constexpr time_t retry_seconds = 1;
static constexpr time_t patience_seconds = 15;
static constexpr unsigned patience_attempts = 2;
static constexpr size_t error_shown_max = 600;

static void ignore_error(void *data, virError *error)
{
	/* Whoever called libvirt reports it, once. */
}

/* libvirt pastes QEMU's whole output into messages: one line of it is enough. */
static char *one_line(const char *message)
{
	char *line = vx_strndup(message, error_shown_max);
	size_t length = strlen(line);
	while (length > 0 && strchr("\n. ", line[length - 1]) != nullptr) {
		line[--length] = '\0';
	}
	for (char *c = line; *c != '\0'; c++) {
		if ((unsigned char)*c < 0x20 || *c == 0x7f) {
			*c = ' ';
		}
	}
	return line;
}

bool hypervisor_libvirt_error(struct vx_error *err, const char *what)
{
	static const struct {
		const char *symptom, *remedy;
	} remedies[] = {
		{"virtiofsd", "; is virtiofsd installed?"},
		{"subuid", "; give yourself a range in /etc/subuid and /etc/subgid"},
		{"newuidmap", "; is uidmap installed?"},
		{"emulator", "; is qemu-system-x86 installed?"},
		{"Failed to connect socket", "; is libvirtd (or virtqemud) installed?"},
	};
	vx_cleanup_free char *message = one_line(virGetLastErrorMessage());
	const char *remedy = "";
	for (size_t i = 0; i < VX_ARRAY_LENGTH(remedies) && remedy[0] == '\0'; i++) {
		if (strstr(message, remedies[i].symptom) != nullptr) {
			remedy = remedies[i].remedy;
		}
	}
	return vx_error_set(err, "%s: %s%s", what, message, remedy);
}

static void notify_vm(struct vm_hypervisor *hypervisor, enum vm_event_type type, const char *name,
	enum vm_stop_reason reason)
{
	struct hypervisor_notice *notice = vx_new(notice);
	notice->type = type;
	notice->name = vx_strdup(name);
	notice->reason = reason;
	hypervisor_notify(hypervisor, notice);
}

static void notify_message(
	struct vm_hypervisor *hypervisor, enum vm_event_type type, const char *message)
{
	struct hypervisor_notice *notice = vx_new(notice);
	notice->type = type;
	notice->message = vx_strdup(message);
	hypervisor_notify(hypervisor, notice);
}

static enum vm_stop_reason stop_reason(int detail)
{
	static const enum vm_stop_reason reasons[] = {
		[VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN] = VM_STOP_SHUTDOWN,
		[VIR_DOMAIN_EVENT_STOPPED_DESTROYED] = VM_STOP_DESTROYED,
		[VIR_DOMAIN_EVENT_STOPPED_CRASHED] = VM_STOP_CRASHED,
		[VIR_DOMAIN_EVENT_STOPPED_MIGRATED] = VM_STOP_UNKNOWN,
		[VIR_DOMAIN_EVENT_STOPPED_SAVED] = VM_STOP_UNKNOWN,
		[VIR_DOMAIN_EVENT_STOPPED_FAILED] = VM_STOP_FAILED,
		[VIR_DOMAIN_EVENT_STOPPED_FROM_SNAPSHOT] = VM_STOP_UNKNOWN,
	};
	return detail >= 0 && (size_t)detail < VX_ARRAY_LENGTH(reasons) ? reasons[detail]
									: VM_STOP_UNKNOWN;
}

/* Wakes stop jobs, and keeps a listing that is under way from finding a VM that has just ended. */
static void remember_end(struct vm_hypervisor *hypervisor, const char *name)
{
	pthread_mutex_lock(&hypervisor->mutex);
	if (hypervisor->is_listing) {
		struct name_list *ended = &hypervisor->ended;
		ended->names = vx_reallocarray(
			ended->names, ended->count + 1, sizeof(*ended->names));
		ended->names[ended->count++] = vx_strdup(name);
	}
	for (size_t i = 0; i < hypervisor->busy_count; i++) {
		struct hypervisor_job *job = hypervisor->busy[i];
		job->has_seen_end = job->has_seen_end ||
				    (job->name != nullptr && strcmp(job->name, name) == 0);
	}
	pthread_cond_broadcast(&hypervisor->changed);
	pthread_mutex_unlock(&hypervisor->mutex);
}

/* In libvirt's loop. */
static int handle_lifecycle(
	virConnect *connection, virDomain *domain, int event, int detail, void *data)
{
	struct vm_hypervisor *hypervisor = data;
	vx_cleanup_free char *name = hypervisor_vm_of_domain(hypervisor, domain);
	if (name == nullptr) {
		return 0;
	}
	bool pauses = event == VIR_DOMAIN_EVENT_SUSPENDED;
	if (event == VIR_DOMAIN_EVENT_STOPPED) {
		hypervisor_alias_forget(hypervisor, virDomainGetName(domain));
		notify_vm(hypervisor, VM_EVENT_STOPPED, name, stop_reason(detail));
		remember_end(hypervisor, name);
	} else if ((pauses || event == VIR_DOMAIN_EVENT_RESUMED) &&
		   !hypervisor_is_starting(hypervisor, name)) {
		/* That a start goes by way of a paused domain is nobody's business. */
		notify_vm(hypervisor, pauses ? VM_EVENT_PAUSED : VM_EVENT_RESUMED, name,
			VM_STOP_UNKNOWN);
	}
	return 0;
}

/* In libvirt's loop, or in the thread whose call found out. */
static void handle_close(virConnect *connection, int reason, void *data)
{
	struct vm_hypervisor *hypervisor = data;
	pthread_mutex_lock(&hypervisor->mutex);
	hypervisor->connection_lost = true;
	pthread_cond_broadcast(&hypervisor->changed);
	pthread_mutex_unlock(&hypervisor->mutex);
}

static void handle_wake(int watch, int fd, int events, void *data)
{
	uint64_t count;
	(void)!read(fd, &count, sizeof(count));
}

bool hypervisor_loop_init(struct vm_hypervisor *hypervisor)
{
	virSetErrorFunc(nullptr, ignore_error);
	if (virInitialize() < 0 || virEventRegisterDefaultImpl() < 0) {
		return false;
	}
	hypervisor->wake_watch = virEventAddHandle(
		hypervisor->wake_fd, VIR_EVENT_HANDLE_READABLE, handle_wake, hypervisor, nullptr);
	return hypervisor->wake_watch >= 0;
}

static bool must_quit(struct vm_hypervisor *hypervisor)
{
	pthread_mutex_lock(&hypervisor->mutex);
	bool quits = hypervisor->quits;
	pthread_mutex_unlock(&hypervisor->mutex);
	return quits;
}

void *hypervisor_loop_run(void *data)
{
	struct vm_hypervisor *hypervisor = data;
	while (!must_quit(hypervisor) && virEventRunDefaultImpl() >= 0) {
	}
	virEventRemoveHandle(hypervisor->wake_watch);
	return nullptr;
}

static bool register_callbacks(
	struct vm_hypervisor *hypervisor, virConnect *connection, struct vx_error *err)
{
	/* libvirt's own cast macro is one that clang warns of; void (*)(void) stands for any
	 * function. */
	auto callback = (virConnectDomainEventGenericCallback)(void (*)(void))handle_lifecycle;
	hypervisor->event_callback = virConnectDomainEventRegisterAny(
		connection, nullptr, VIR_DOMAIN_EVENT_ID_LIFECYCLE, callback, hypervisor, nullptr);
	if (hypervisor->event_callback < 0) {
		return hypervisor_libvirt_error(err, "libvirt gives no events");
	}
	/* Connections without a socket (test:///default) know neither; nothing is lost there. */
	virConnectRegisterCloseCallback(connection, handle_close, hypervisor, nullptr);
	virConnectSetKeepAlive(connection, keepalive_seconds, keepalive_count);
	return true;
}

/* Callbacks hold references to the connection. */
static void disconnect(struct vm_hypervisor *hypervisor, virConnect *connection)
{
	if (hypervisor->event_callback >= 0) {
		virConnectDomainEventDeregisterAny(connection, hypervisor->event_callback);
	}
	virConnectUnregisterCloseCallback(connection, handle_close);
	virConnectClose(connection);
}

static virConnect *connect_once(struct vm_hypervisor *hypervisor, struct vx_error *err)
{
	virConnect *connection = virConnectOpenAuth(
		hypervisor->uri, virConnectAuthPtrDefault, VIR_CONNECT_NO_ALIASES);
	if (connection == nullptr) {
		vx_cleanup_free char *what = vx_printf(
			"can't connect to libvirt at '%s'", hypervisor->uri);
		hypervisor_libvirt_error(err, what);
		return nullptr;
	}
	if (!register_callbacks(hypervisor, connection, err)) {
		disconnect(hypervisor, connection);
		return nullptr;
	}
	return connection;
}

static enum vm_state domain_state(virDomain *domain)
{
	int state = VIR_DOMAIN_NOSTATE;
	virDomainGetState(domain, &state, nullptr, 0);
	if (state == VIR_DOMAIN_PAUSED) {
		return VM_STATE_PAUSED;
	}
	return state == VIR_DOMAIN_SHUTDOWN ? VM_STATE_STOPPING : VM_STATE_RUNNING;
}

static bool has_ended(struct vm_hypervisor *hypervisor, const char *name)
{
	bool ended = false;
	pthread_mutex_lock(&hypervisor->mutex);
	for (size_t i = 0; i < hypervisor->ended.count; i++) {
		ended = ended || strcmp(hypervisor->ended.names[i], name) == 0;
	}
	pthread_mutex_unlock(&hypervisor->mutex);
	return ended;
}

static void tell_found(struct vm_hypervisor *hypervisor, virDomain *domain)
{
	if (strncmp(virDomainGetName(domain), VM_DOMAIN_PREFIX, sizeof(VM_DOMAIN_PREFIX) - 1) !=
		0) {
		return;
	}
	char *description = virDomainGetXMLDesc(domain, 0);
	struct vm_definition *definition = nullptr;
	vx_cleanup_free char *region_name = nullptr;
	bool ours = description != nullptr &&
		    vm_domain_xml_parse(description, &definition, &region_name, nullptr);
	free(description);
	if (ours) {
		hypervisor_alias_set(hypervisor, virDomainGetName(domain), definition->name);
	}
	if (!ours || has_ended(hypervisor, definition->name)) {
		vm_definition_destroy(definition);
		return;
	}
	struct hypervisor_notice *notice = vx_new(notice);
	notice->type = VM_EVENT_FOUND;
	notice->name = vx_strdup(definition->name);
	notice->state = domain_state(domain);
	notice->definition = definition;
	notice->region_name = vx_take_ptr(region_name);
	hypervisor_notify(hypervisor, notice);
}

static void set_listing(struct vm_hypervisor *hypervisor, bool is_listing)
{
	pthread_mutex_lock(&hypervisor->mutex);
	hypervisor->is_listing = is_listing;
	for (size_t i = 0; i < hypervisor->ended.count; i++) {
		free(hypervisor->ended.names[i]);
	}
	hypervisor->ended.count = 0;
	pthread_mutex_unlock(&hypervisor->mutex);
}

static bool list_running(
	struct vm_hypervisor *hypervisor, virConnect *connection, struct vx_error *err)
{
	virDomain **domains = nullptr;
	set_listing(hypervisor, true);
	int count = virConnectListAllDomains(connection, &domains, VIR_CONNECT_LIST_DOMAINS_ACTIVE);
	if (count >= 0) {
		notify_message(hypervisor, VM_EVENT_CONNECTION_READY, nullptr);
	}
	for (int i = 0; i < count; i++) {
		tell_found(hypervisor, domains[i]);
		virDomainFree(domains[i]);
	}
	free(domains);
	set_listing(hypervisor, false);
	if (count < 0) {
		return hypervisor_libvirt_error(err, "libvirt doesn't list its domains");
	}
	notify_message(hypervisor, VM_EVENT_LISTED, nullptr);
	return true;
}

/* Makes the connection known to the workers, and waits until it is lost or all ends. */
static void serve_connection(struct vm_hypervisor *hypervisor, virConnect *connection)
{
	pthread_mutex_lock(&hypervisor->mutex);
	hypervisor->connection = connection;
	pthread_cond_broadcast(&hypervisor->changed);
	while (!hypervisor->quits && !hypervisor->connection_lost) {
		pthread_cond_wait(&hypervisor->changed, &hypervisor->mutex);
	}
	hypervisor->connection = nullptr;
	vx_replace_string(&hypervisor->connection_error, "libvirt has closed the connection");
	pthread_mutex_unlock(&hypervisor->mutex);
}

static void wait_before_retry(struct vm_hypervisor *hypervisor)
{
	struct timespec deadline;
	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += retry_seconds;
	pthread_mutex_lock(&hypervisor->mutex);
	while (!hypervisor->quits && pthread_cond_timedwait(&hypervisor->changed,
					     &hypervisor->mutex, &deadline) != ETIMEDOUT) {
	}
	pthread_mutex_unlock(&hypervisor->mutex);
}

static void set_connection_error(struct vm_hypervisor *hypervisor, const char *message)
{
	pthread_mutex_lock(&hypervisor->mutex);
	vx_replace_string(&hypervisor->connection_error, message);
	hypervisor->failed_attempts++;
	pthread_cond_broadcast(&hypervisor->changed);
	pthread_mutex_unlock(&hypervisor->mutex);
}

/* False where there was no connection at all. */
static bool run_connection(struct vm_hypervisor *hypervisor, struct vx_error *err)
{
	pthread_mutex_lock(&hypervisor->mutex);
	hypervisor->connection_lost = false;
	pthread_mutex_unlock(&hypervisor->mutex);
	virConnect *connection = connect_once(hypervisor, err);
	bool good = connection != nullptr && list_running(hypervisor, connection, err);
	if (good) {
		serve_connection(hypervisor, connection);
	}
	if (connection != nullptr) {
		disconnect(hypervisor, connection);
	}
	return good;
}

void *hypervisor_connector_run(void *data)
{
	struct vm_hypervisor *hypervisor = data;
	bool was_told = false;
	while (!must_quit(hypervisor)) {
		vx_cleanup_error struct vx_error err = {};
		bool served = run_connection(hypervisor, &err);
		if (must_quit(hypervisor)) {
			break;
		}
		if (served) {
			was_told = false;
			vx_error_set(&err, "libvirt has closed the connection");
		}
		set_connection_error(hypervisor, vx_error_message(&err));
		if (!was_told) {
			notify_message(
				hypervisor, VM_EVENT_CONNECTION_LOST, vx_error_message(&err));
			was_told = true;
		}
		wait_before_retry(hypervisor);
	}
	return nullptr;
}

virConnect *hypervisor_get_connection(struct vm_hypervisor *hypervisor, struct vx_error *err)
{
	struct timespec deadline;
	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += patience_seconds;
	virConnect *connection = nullptr;
	pthread_mutex_lock(&hypervisor->mutex);
	/* A job given while libvirt restarts shall find it, and one without libvirt fail soon. */
	unsigned attempts = hypervisor->failed_attempts + patience_attempts;
	while (!hypervisor->quits && hypervisor->connection == nullptr &&
		hypervisor->failed_attempts < attempts) {
		if (pthread_cond_timedwait(&hypervisor->changed, &hypervisor->mutex, &deadline) ==
			ETIMEDOUT) {
			break;
		}
	}
	connection = hypervisor->connection;
	if (connection != nullptr) {
		virConnectRef(connection);
	} else {
		vx_error_set(err, "%s",
			hypervisor->connection_error != nullptr ? hypervisor->connection_error
								: "libvirt does not answer");
	}
	pthread_mutex_unlock(&hypervisor->mutex);
	return connection;
}
