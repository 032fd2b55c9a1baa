/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/compositor_fixture.h"
#include "commands/criteria.h"
#include "common/error.h"
#include "common/log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void ignore(struct container *con, void *data)
{
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	vx_cleanup_free char *text = vx_strndup((const char *)data, size);
	struct compositor *compositor = compositor_create(nullptr);
	compositor_open(compositor, "a");
	vx_cleanup_error struct vx_error err = {};
	size_t length = 0;
	struct criteria *criteria = criteria_parse(text, compositor->tree, &length, &err);
	vx_assert((criteria == nullptr) == (err.message != nullptr));
	if (criteria) {
		vx_assert(length <= strlen(text));
		criteria_for_each_match(criteria, compositor->tree, ignore, nullptr);
	}
	criteria_destroy(criteria);
	compositor_destroy(compositor);
	return 0;
}
