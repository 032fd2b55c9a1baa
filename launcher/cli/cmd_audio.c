/* SPDX-License-Identifier: MIT */
/* vixos audio */
#include <stdio.h>
#include <string.h>

#include "cli/client.h"
#include "cli/commands.h"
#include "cli/definitions.h"
#include "cli/json.h"
#include "cli/pipewire.h"
#include "cli/vms.h"
#include "manager_names.h"
#include "vm/audio.h"
#include "vm/definition_change.h"

struct sound {
	const char *vm;
	enum vm_audio has; /* what it runs with, or would start with */
	bool is_alive;
	bool is_cut; /* it has a card that nothing is behind any more */
};

static bool find_card(struct sound *sound, struct client *client, struct vx_error *err)
{
	sd_json_variant *parameters = nullptr, *reply = nullptr;
	(void)sd_json_buildo(&parameters, SD_JSON_BUILD_PAIR_STRING("name", sound->vm));
	if (!client_call(client, VX_MANAGER_METHOD("Inspect"), parameters, &reply, err)) {
		return false;
	}
	sd_json_variant *definition = sd_json_variant_by_key(reply, "definition");
	const char *audio = definition != nullptr ? client_string(definition, "audio") : nullptr;
	return (audio != nullptr && vm_audio_parse(audio, &sound->has)) ||
	       vx_error_set(err, "vixosd doesn't say what sound VM '%s' has", sound->vm);
}

static bool find_sound(struct sound *sound, struct client *client, struct vx_error *err)
{
	size_t count = 0;
	if (!vms_is_alive(client, sound->vm, &sound->is_alive, err) ||
		!find_card(sound, client, err)) {
		return false;
	}
	if (sound->is_alive && sound->has != VM_AUDIO_OFF) {
		if (!pipewire_count(sound->vm, &count, err)) {
			return false;
		}
		sound->is_cut = count == 0;
	}
	return true;
}

/* What a VM may do now. */
static enum vm_audio current(const struct sound *sound)
{
	return sound->is_cut ? VM_AUDIO_OFF : sound->has;
}

static int print(const struct sound *sound, const struct cli_options *options)
{
	if (!options->json) {
		puts(vm_audio_name(current(sound)));
		return 0;
	}
	sd_json_variant *object = nullptr;
	(void)sd_json_buildo(&object,
		SD_JSON_BUILD_PAIR_STRING("audio", vm_audio_name(current(sound))),
		SD_JSON_BUILD_PAIR_STRING("card", vm_audio_name(sound->has)),
		SD_JSON_BUILD_PAIR_BOOLEAN("running", sound->is_alive));
	json_print(object);
	sd_json_variant_unref(object);
	return 0;
}

/*
 * A card can't be taken from a VM that runs or be given to it, and what QEMU has it can't be
 * trusted to leave alone. What can be had at once is that nothing is behind the card.
 */
static bool change_running(const struct sound *sound, enum vm_audio wanted, struct vx_error *err)
{
	if (wanted == current(sound)) {
		return true;
	}
	if (wanted == VM_AUDIO_OFF) {
		return pipewire_cut(sound->vm, err);
	}
	return vx_error_set(err,
		"VM '%s' runs with sound '%s', which can be switched off, but not to '%s' before it "
		"starts again: 'vixos audio --persistent %s %s' and then 'vixos restart %s'",
		sound->vm, vm_audio_name(current(sound)), vm_audio_name(wanted), sound->vm,
		vm_audio_name(wanted), sound->vm);
}

static bool save(const struct sound *sound, enum vm_audio wanted, struct vx_error *err)
{
	vx_cleanup_free char *line = vx_printf("\taudio %s\n", vm_audio_name(wanted));
	const struct definition_change change = {.key = "audio", .lines = line};
	struct own_definition own;
	bool is_own = own_definition_find(&own, sound->vm, err);
	own_definition_finish(&own);
	return is_own && definition_change_save(sound->vm, &change, err);
}

/* With --persistent what can't be had now is had with the next start; less is had at once. */
static bool change(const struct sound *sound, const struct command_context *context)
{
	enum vm_audio wanted;
	bool lasts = context->options->persistent;
	if (!vm_audio_parse(context->argv[1], &wanted)) {
		return vx_error_set_kind(context->err, VX_ERROR_USAGE,
			"sound can be off, output or full, not '%s'", context->argv[1]);
	}
	if (!sound->is_alive && !lasts) {
		return vx_error_set(context->err,
			"VM '%s' isn't running; --persistent changes its definition", sound->vm);
	}
	if (lasts && !save(sound, wanted, context->err)) {
		return false;
	}
	bool is_now = sound->is_alive && (!lasts || wanted == VM_AUDIO_OFF);
	if (is_now && !change_running(sound, wanted, context->err)) {
		return false;
	}
	if (sound->is_alive && !is_now && wanted != current(sound) && !context->options->quiet) {
		fprintf(stderr, "vixos: VM '%s' has it once it was started again\n", sound->vm);
	}
	return true;
}

int cmd_audio(struct command_context *context)
{
	struct client client = {};
	struct sound sound = {.vm = context->argv[0]};
	int status = -1;
	if (client_connect(&client, context->err) && find_sound(&sound, &client, context->err)) {
		status = context->argc == 1        ? print(&sound, context->options)
			 : change(&sound, context) ? 0
						   : -1;
	}
	client_finish(&client);
	return status;
}
