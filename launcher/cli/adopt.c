/* SPDX-License-Identifier: MIT */
#include "cli/adopt.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <systemd/sd-json.h>

#include "cli/client.h"
#include "cli/launch.h"

static constexpr size_t answer_max = 64 * 1024;

/* Of `vixosd --describe`; a new reference, NULL where it said nothing that can be used. */
static sd_json_variant *ask(const char *domain, struct vx_error *err)
{
	const char *const options[] = {"--describe", domain, nullptr};
	vx_cleanup_free char *answer = vx_calloc(answer_max, 1);
	sd_json_variant *object = nullptr;
	pid_t child;
	FILE *output = launch_ask_vixosd(options, &child, err);
	if (output == nullptr) {
		return nullptr;
	}
	bool is_there = fgets(answer, answer_max, output) != nullptr;
	fclose(output);
	while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
	}
	if (!is_there || sd_json_parse(answer, SD_JSON_PARSE_MUST_BE_OBJECT, &object, nullptr,
				 nullptr) < 0) {
		vx_error_set(err, "vixosd can't describe the domain '%s'", domain);
	}
	return object;
}

static unsigned number_of(sd_json_variant *object, const char *key)
{
	sd_json_variant *value = sd_json_variant_by_key(object, key);
	return value != nullptr ? (unsigned)sd_json_variant_unsigned(value) : 0;
}

bool adopt_describe(struct adopted *adopted, const char *domain, struct vx_error *err)
{
	*adopted = (struct adopted){};
	sd_json_variant *facts = ask(domain, err);
	if (facts == nullptr) {
		return false;
	}
	const char *problem = client_string(facts, "error");
	const char *disk = client_string(facts, "disk");
	if (problem != nullptr || disk == nullptr) {
		vx_error_set(err, "%s", problem != nullptr ? problem : "the domain has no disk");
	} else {
		adopted->disk = vx_strdup(disk);
		adopted->memory = vx_printf("%u", number_of(facts, "memoryMiB"));
		adopted->uefi = client_bool(facts, "uefi");
		adopted->vcpus = vx_printf("%u", number_of(facts, "vcpus"));
		adopted->network = client_bool(facts, "network") ? vx_strdup("nat") : nullptr;
	}
	sd_json_variant_unref(facts);
	return adopted->disk != nullptr;
}

void adopted_finish(struct adopted *adopted)
{
	free(adopted->disk);
	free(adopted->memory);
	free(adopted->vcpus);
	free(adopted->network);
	*adopted = (struct adopted){};
}
