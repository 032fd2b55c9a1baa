/* SPDX-License-Identifier: MIT */
/*
 * vixos doctor: asks a vixosd of its own (`vixosd --doctor`), because the one of the session may be
 * what is broken.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/launch.h"

struct doctor {
	bool is_json;
	unsigned failures, warnings;
	sd_json_variant *checks; /* owned */
};

static const char *color_of(const char *verdict)
{
	if (!isatty(STDOUT_FILENO) || getenv("NO_COLOR") != nullptr) {
		return "";
	}
	if (strcmp(verdict, "ok") == 0) {
		return "\033[32m";
	}
	return strcmp(verdict, "warn") == 0 ? "\033[33m" : "\033[31m";
}

static void print_check(sd_json_variant *check, const char *verdict)
{
	const char *color = color_of(verdict);
	const char *title = client_string(check, "title");
	const char *detail = client_string(check, "detail");
	const char *remedy = client_string(check, "remedy");
	printf("%s%-4s%s  %s%s%s", color, verdict, color[0] != '\0' ? "\033[0m" : "",
		title != nullptr ? title : "", detail != nullptr ? ": " : "",
		detail != nullptr ? detail : "");
	printf("%s%s\n", remedy != nullptr ? "; " : "", remedy != nullptr ? remedy : "");
	fflush(stdout);
}

static void doctor_take(struct doctor *doctor, sd_json_variant *check)
{
	const char *verdict = client_string(check, "verdict");
	if (verdict == nullptr) {
		return;
	}
	doctor->failures += strcmp(verdict, "fail") == 0;
	doctor->warnings += strcmp(verdict, "warn") == 0;
	if (doctor->is_json) {
		(void)sd_json_variant_append_array(&doctor->checks, check);
	} else {
		print_check(check, verdict);
	}
}

static void doctor_read(struct doctor *doctor, FILE *output)
{
	char *line = nullptr;
	size_t capacity = 0;
	while (getline(&line, &capacity, output) > 0) {
		sd_json_variant *check = nullptr;
		if (sd_json_parse(line, SD_JSON_PARSE_MUST_BE_OBJECT, &check, nullptr, nullptr) >=
			0) {
			doctor_take(doctor, check);
		}
		sd_json_variant_unref(check);
	}
	free(line);
}

int cmd_doctor(struct command_context *context)
{
	struct doctor doctor = {.is_json = context->options->json};
	pid_t child;
	const char *const options[] = {"--doctor", nullptr};
	FILE *output = launch_ask_vixosd(options, &child, context->err);
	if (output == nullptr) {
		return -1;
	}
	(void)sd_json_variant_new_array(&doctor.checks, nullptr, 0);
	doctor_read(&doctor, output);
	fclose(output);
	while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
	}
	if (doctor.is_json) {
		json_print(doctor.checks);
	}
	sd_json_variant_unref(doctor.checks);
	return doctor.failures > 0 ? 1 : 0;
}
