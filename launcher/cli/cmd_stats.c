/* SPDX-License-Identifier: MIT */
/* vixos stats */
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "manager_names.h"

/* Between two looks; the first has no CPU time to compare with. */
static const struct timespec sample_pause = {.tv_sec = 1};

static unsigned get_number(sd_json_variant *vm, const char *key)
{
	sd_json_variant *value = sd_json_variant_by_key(vm, key);
	return value != nullptr ? (unsigned)sd_json_variant_unsigned(value) : 0;
}

static double get_real(sd_json_variant *vm, const char *key)
{
	sd_json_variant *value = sd_json_variant_by_key(vm, key);
	return value != nullptr ? sd_json_variant_real(value) : 0;
}

static void print_row(sd_json_variant *vm)
{
	char used[16] = "-";
	if (sd_json_variant_by_key(vm, "memoryUsedMiB") != nullptr) {
		snprintf(used, sizeof(used), "%u", get_number(vm, "memoryUsedMiB"));
	}
	printf("%-24s %7.1f%% %8s %8u %8u %8u %8.1f%%\n", client_string(vm, "name"),
		get_real(vm, "cpuPercent"), used, get_number(vm, "memoryGrantedMiB"),
		get_number(vm, "memoryMaxMiB"), get_number(vm, "memoryResidentMiB"),
		get_real(vm, "memoryPressure"));
}

static void print_table(sd_json_variant *vms)
{
	printf("%-24s %8s %8s %8s %8s %8s %9s\n", "NAME", "CPU", "USED", "GRANTED", "MAX", "HOST",
		"PRESSURE");
	for (size_t i = 0; i < sd_json_variant_elements(vms); i++) {
		print_row(sd_json_variant_by_index(vms, i));
	}
}

static void print_sample(const struct cli_options *options, sd_json_variant *vms)
{
	if (options->json) {
		(void)sd_json_variant_dump(vms,
			(options->no_stream ? SD_JSON_FORMAT_PRETTY : 0) | SD_JSON_FORMAT_NEWLINE,
			stdout, nullptr);
	} else {
		if (!options->no_stream && isatty(STDOUT_FILENO)) {
			fputs("\033[H\033[J", stdout);
		}
		print_table(vms);
	}
	fflush(stdout);
}

static bool take_sample(
	struct client *client, char **names, sd_json_variant **ret_reply, struct vx_error *err)
{
	sd_json_variant *parameters = nullptr;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_CONDITION(names[0] != nullptr, "names",
						  SD_JSON_BUILD_STRV(names)));
	return client_call(client, VX_MANAGER_METHOD("Stats"), parameters, ret_reply, err);
}

int cmd_stats(struct command_context *context)
{
	const struct cli_options *options = context->options;
	struct client client = {};
	sd_json_variant *reply;
	bool is_done = client_connect(&client, context->err) &&
		       take_sample(&client, context->argv, &reply, context->err);
	bool goes_on = is_done;
	while (goes_on) {
		(void)nanosleep(&sample_pause, nullptr);
		is_done = take_sample(&client, context->argv, &reply, context->err);
		if (is_done) {
			print_sample(options, sd_json_variant_by_key(reply, "vms"));
		}
		goes_on = is_done && !options->no_stream && !ferror(stdout);
	}
	client_finish(&client);
	return is_done ? 0 : -1;
}
