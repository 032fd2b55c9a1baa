/* SPDX-License-Identifier: MIT */
/* Process 1 of a VM that has nothing else: says that it runs. */
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

int main(void)
{
	static const char text[] = "bench: init\n";
	mount("devtmpfs", "/dev", "devtmpfs", 0, nullptr);
	int console = open("/dev/console", O_WRONLY);
	(void)!write(console, text, sizeof(text) - 1);
	for (;;) {
		pause();
	}
}
