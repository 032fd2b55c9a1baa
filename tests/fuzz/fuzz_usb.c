/* SPDX-License-Identifier: MIT */
/* What a hostile USB device says of itself, as descriptors and as a report descriptor. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "vm/usb_descriptors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct usb_summary summary, again;
	bool is_good = usb_descriptors_parse(data, size, &summary);
	vx_assert(usb_descriptors_parse(data, size, &again) == is_good);
	vx_assert(memcmp(&summary, &again, sizeof(summary)) == 0);
	(void)usb_report_is_fido(data, size);
	return 0;
}
