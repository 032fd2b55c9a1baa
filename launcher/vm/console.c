/* SPDX-License-Identifier: MIT */
#include "vm/console.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/buffer.h"
#include "common/clock.h"
#include "common/display_string.h"
#include "common/fd.h"
#include "common/memory.h"
#include "vm/runtime_dir.h"

static constexpr size_t read_max = 64 * 1024;

/* What a console may say on average; more is held up in QEMU, whose guest then waits for its port.
 */
static constexpr uint64_t bytes_per_second = 1024 * 1024;
static constexpr uint64_t burst_bytes = 1024 * 1024;
static constexpr unsigned pause_ms = 200;

static constexpr uint64_t ring_magic = UINT64_C(0x31676e69726e6f63);

/* The file. Byte number n of the console is at bytes[n % vm_console_ring_size]. */
struct ring {
	uint64_t magic;
	uint64_t position; /* bytes ever written */
	uint8_t bytes[vm_console_ring_size];
};

struct vm_console {
	struct ring *ring; /* owned; mapped */
	int fd;
	bool has_ended;     /* the VM has hung up */
	uint64_t allowance; /* bytes that may be read now */
	uint64_t refilled_ms;
};

/* The space is reserved, so that a full file system shows here and not as a SIGBUS. */
static struct ring *map_ring(const char *path, struct vx_error *err)
{
	vx_cleanup_close int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		vx_error_set_errno(err, errno, "can't open the console's ring '%s'", path);
		return nullptr;
	}
	int failure = posix_fallocate(fd, 0, sizeof(struct ring));
	if (failure != 0) {
		vx_error_set_errno(err, failure, "no room for the console's ring '%s'", path);
		return nullptr;
	}
	struct ring *ring = mmap(nullptr, sizeof(*ring), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (ring == MAP_FAILED) {
		vx_error_set_errno(err, errno, "can't map the console's ring '%s'", path);
		return nullptr;
	}
	if (ring->magic != ring_magic) {
		ring->magic = ring_magic;
		ring->position = 0;
	}
	return ring;
}

struct vm_console *vm_console_open(
	const struct vm_runtime_dir *dir, int socket, struct vx_error *err)
{
	struct ring *ring = map_ring(dir->console_ring, err);
	if (ring == nullptr) {
		vx_cleanup_close_fd(&socket);
		return nullptr;
	}
	struct vm_console *console = vx_new(console);
	console->ring = ring;
	console->fd = socket >= 0 ? socket
				  : vx_unix_connect(dir->console_socket, SOCK_STREAM, nullptr);
	console->allowance = burst_bytes;
	console->refilled_ms = vx_clock_ms();
	return console;
}

void vm_console_close(struct vm_console *console)
{
	if (console == nullptr) {
		return;
	}
	vx_cleanup_close_fd(&console->fd);
	munmap(console->ring, sizeof(*console->ring));
	free(console);
}

int vm_console_get_fd(const struct vm_console *console)
{
	return console->has_ended ? -1 : console->fd;
}

static void refill(struct vm_console *console)
{
	uint64_t now = vx_clock_ms();
	uint64_t earned = (now - console->refilled_ms) * bytes_per_second / 1000;
	console->refilled_ms = now;
	console->allowance = console->allowance + earned < burst_bytes ? console->allowance + earned
								       : burst_bytes;
}

static void ring_write(struct ring *ring, const uint8_t *untrusted_bytes, size_t size)
{
	while (size > 0) {
		size_t offset = ring->position % vm_console_ring_size;
		size_t part = vm_console_ring_size - offset < size ? vm_console_ring_size - offset
								   : size;
		memcpy(ring->bytes + offset, untrusted_bytes, part);
		ring->position += part;
		untrusted_bytes += part;
		size -= part;
	}
}

unsigned vm_console_dispatch(struct vm_console *console)
{
	uint8_t untrusted_bytes[read_max];
	if (console->fd < 0 || console->has_ended) {
		return 0;
	}
	refill(console);
	if (console->allowance < read_max) {
		return pause_ms;
	}
	ssize_t count = read(console->fd, untrusted_bytes, sizeof(untrusted_bytes));
	if (count > 0) {
		ring_write(console->ring, untrusted_bytes, (size_t)count);
		console->allowance -= (size_t)count;
	} else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
		/* Closed later: whoever watches it must have let go first. A process that is being
		 * started may have a copy, by which an epoll would go on to report it. */
		console->has_ended = true;
	}
	return 0;
}

uint64_t vm_console_position(const struct vm_console *console)
{
	return console->ring->position;
}

static uint64_t oldest_position(const struct ring *ring)
{
	return ring->position > vm_console_ring_size ? ring->position - vm_console_ring_size : 0;
}

char *vm_console_read_from(const struct vm_console *console, uint64_t *position)
{
	const struct ring *ring = console->ring;
	uint64_t start = *position;
	if (start < oldest_position(ring) || start > ring->position) {
		start = oldest_position(ring);
	}
	size_t size = (size_t)(ring->position - start);
	vx_cleanup_free uint8_t *untrusted_bytes = vx_calloc(size, 1);
	for (size_t i = 0; i < size; i++) {
		untrusted_bytes[i] = ring->bytes[(start + i) % vm_console_ring_size];
	}
	*position = ring->position;
	return vm_console_clean(untrusted_bytes, size);
}

char *vm_console_tail(const struct vm_console *console, size_t lines)
{
	uint64_t position = 0;
	vx_cleanup_free char *text = vm_console_read_from(console, &position);
	const char *start = text + strlen(text);
	/* The newline at the very end doesn't begin a line. */
	const char *limit = start > text && start[-1] == '\n' ? start - 1 : start;
	while (start > text && lines > 0) {
		start = limit;
		while (start > text && start[-1] != '\n') {
			start--;
		}
		lines--;
		limit = start > text ? start - 1 : start;
	}
	return vx_strdup(start);
}

/* Where the escape sequence that begins at `bytes` (with ESC) ends. */
static size_t escape_length(const uint8_t *bytes, size_t size)
{
	size_t i = 2;
	if (size < 2) {
		return size;
	}
	if (bytes[1] == '[') {
		while (i < size && (bytes[i] < 0x40 || bytes[i] > 0x7e)) {
			i++;
		}
		return i < size ? i + 1 : size;
	}
	if (strchr("]PX^_", bytes[1]) != nullptr && bytes[1] != '\0') {
		/* A string, up to BEL or ESC \, but never past the line: one byte must not hide
		 * all. */
		while (i < size && bytes[i] != 0x07 && bytes[i] != 0x1b && bytes[i] != '\n') {
			i++;
		}
		if (i + 1 < size && bytes[i] == 0x1b && bytes[i + 1] == '\\') {
			return i + 2;
		}
		return i < size && bytes[i] == 0x07 ? i + 1 : i;
	}
	return 2;
}

/* One line without escapes and controls, as a string. */
static char *clean_line(const uint8_t *untrusted_bytes, size_t size)
{
	vx_cleanup_free char *plain = vx_calloc(size + 1, 1);
	size_t used = 0;
	for (size_t i = 0; i < size;) {
		if (untrusted_bytes[i] == 0x1b) {
			i += escape_length(untrusted_bytes + i, size - i);
			continue;
		}
		if (untrusted_bytes[i] == '\t') {
			plain[used++] = ' ';
		} else if (untrusted_bytes[i] >= 0x20) {
			plain[used++] = (char)untrusted_bytes[i];
		}
		i++;
	}
	return vx_display_string(plain, used + 1);
}

char *vm_console_clean(const void *untrusted_data, size_t size)
{
	const uint8_t *untrusted_bytes = untrusted_data;
	struct vx_buffer text = {};
	for (size_t start = 0; start < size;) {
		const uint8_t *newline = memchr(untrusted_bytes + start, '\n', size - start);
		size_t length = newline != nullptr ? (size_t)(newline - untrusted_bytes) - start
						   : size - start;
		vx_cleanup_free char *line = clean_line(untrusted_bytes + start, length);
		(void)!vx_buffer_append(&text, line, strlen(line));
		if (newline != nullptr) {
			(void)!vx_buffer_append(&text, "\n", 1);
		}
		start += length + 1;
	}
	(void)!vx_buffer_append(&text, "", 1);
	return (char *)text.data;
}
