/* SPDX-License-Identifier: MIT */
/*
 * A guest that isn't as we made it before it is anybody's: an init that does what the first letter
 * of the file says that stands for vixos-guest in the image.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

static void load_modules(void)
{
	struct dirent **entries;
	int count = scandir("/modules", &entries, nullptr, alphasort);
	if (count < 0 || chdir("/modules") < 0) {
		return;
	}
	for (int i = 0; i < count; i++) {
		int fd = open(entries[i]->d_name, O_RDONLY);
		syscall(SYS_finit_module, fd, "", 0);
		close(fd);
	}
}

static char read_letter(const char *path)
{
	char letter = 0;
	int fd = open(path, O_RDONLY);
	(void)!read(fd, &letter, 1);
	close(fd);
	return letter;
}

/* Waits for the port of that name, and opens it. */
static int open_port(const char *name)
{
	for (;;) {
		for (int port = 1; port < 8; port++) {
			char path[64], found[64] = "";
			snprintf(
				path, sizeof(path), "/sys/class/virtio-ports/vport0p%d/name", port);
			int fd = open(path, O_RDONLY);
			(void)!read(fd, found, sizeof(found) - 1);
			close(fd);
			if (strncmp(found, name, strlen(name)) == 0) {
				snprintf(path, sizeof(path), "/dev/vport0p%d", port);
				return open(path, O_RDWR);
			}
		}
		usleep(10'000);
	}
}

int main(void)
{
	mount("devtmpfs", "/dev", "devtmpfs", 0, nullptr);
	mount("sysfs", "/sys", "sysfs", 0, nullptr);
	load_modules();
	char letter = read_letter("/root/run/vixos/vixos-guest");
	if (letter == 'o') {
		reboot(RB_POWER_OFF);
	}
	if (letter == 't') { /* talks */
		(void)!write(open_port("org.vixos.bind"), "xyz", 3);
	}
	for (;;) { /* … or says nothing */
		pause();
	}
}
