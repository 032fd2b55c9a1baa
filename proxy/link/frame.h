/* SPDX-License-Identifier: MIT */
/*
 * Frames on the wire: a 12-byte little-endian header (u8 type, u8[3] zero, u32 channel, u32 length)
 * and `length` bytes. docs/link.md is the specification.
 */
#ifndef VX_PROXY_LINK_FRAME_H
#define VX_PROXY_LINK_FRAME_H

#include <stddef.h>
#include <stdint.h>

static constexpr size_t link_frame_header_size = 12;
static constexpr uint32_t link_frame_magic = 0x4b4c5856; /* the bytes "VXLK" */
static constexpr uint16_t link_version_major = 1;
static constexpr uint16_t link_version_minor = 0;

/* On the wire, so numbers are fixed. */
enum link_frame_type : uint8_t {
	LINK_FRAME_HELLO = 1,
	LINK_FRAME_OPEN = 2,
	LINK_FRAME_DATA = 3,
	LINK_FRAME_CREDIT = 4,
	LINK_FRAME_FINISH = 5,
	LINK_FRAME_CLOSE = 6,
	LINK_FRAME_PING = 7,
	LINK_FRAME_PONG = 8,
	LINK_FRAME_COUNT,
};

static constexpr size_t link_frame_hello_size = 16;
static constexpr size_t link_frame_hello_max = 64; /* what later versions append is ignored */
static constexpr size_t link_frame_ping_size = 8;
/* Any frame but DATA, header included, fits in this. */
static constexpr size_t link_frame_control_max = link_frame_header_size + link_frame_hello_max;

struct link_frame_header {
	enum link_frame_type type;
	uint32_t channel;
	uint32_t length;
};

struct link_hello {
	uint32_t magic;
	uint16_t major, minor;
	uint32_t features;
	uint8_t role; /* enum vx_link_role */
};

/*
 * Reads a header of link_frame_header_size bytes. False where the type is unknown, a byte that must
 * be zero isn't, the length is none that the type may have, or the frame can't be about that
 * channel id.
 */
[[nodiscard]] bool link_frame_decode_header(
	const uint8_t *untrusted_bytes, struct link_frame_header *ret_header);

/* Is this a name of a service: 1 to vx_link_service_max of [a-z0-9._-]? */
[[nodiscard]] bool link_service_is_valid(const uint8_t *untrusted_name, size_t length);

/* All encoders return the number of bytes written, at most link_frame_control_max. */
size_t link_frame_encode_header(
	uint8_t *bytes, enum link_frame_type type, uint32_t channel, size_t length);
size_t link_frame_encode_hello(uint8_t *bytes, const struct link_hello *hello);
size_t link_frame_encode_open(
	uint8_t *bytes, uint32_t channel, uint32_t window, const char *service);
/* CREDIT and CLOSE: one number. */
size_t link_frame_encode_u32(
	uint8_t *bytes, enum link_frame_type type, uint32_t channel, uint32_t value);
/* PING and PONG: a token. */
size_t link_frame_encode_token(uint8_t *bytes, enum link_frame_type type, uint64_t token);

/* Reads the payload of a HELLO whose header was accepted. */
struct link_hello link_frame_decode_hello(const uint8_t *untrusted_payload);

#endif
