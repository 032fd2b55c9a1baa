/* SPDX-License-Identifier: MIT */
/*
 * Stands in for libFuzzer's main: feeds every file of the corpus folder to the target, then each
 * file cut short at every length up to 512 bytes and with every byte of that part flipped, so that
 * the neighbourhood of known inputs is covered in each run of the suite.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "common/fd.h"
#include "common/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static constexpr size_t corpus_file_max = 1024 * 1024;
static constexpr size_t mutated_prefix_max = 512;

/* Copies into memory of the exact size, so that a sanitizer sees the first byte read too far. */
static void run_exact(const uint8_t *data, size_t size)
{
	vx_cleanup_free uint8_t *copy = vx_memdup(data, size);
	LLVMFuzzerTestOneInput(copy, size);
}

static void run_neighbourhood(uint8_t *data, size_t size)
{
	size_t prefix = size < mutated_prefix_max ? size : mutated_prefix_max;
	for (size_t i = 0; i < prefix; i++) {
		run_exact(data, i);
		data[i] ^= 0xff;
		run_exact(data, size);
		data[i] ^= 0xff;
	}
}

static bool run_file(const char *folder, const char *name, struct vx_error *err)
{
	vx_cleanup_free char *path = vx_printf("%s/%s", folder, name);
	size_t size = 0;
	vx_cleanup_free char *content = vx_read_file(path, corpus_file_max, &size, err);
	if (content == nullptr) {
		return false;
	}
	run_exact((uint8_t *)content, size);
	run_neighbourhood((uint8_t *)content, size);
	return true;
}

int main(int argc, char **argv)
{
	if (argc != 2) {
		fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
		return 2;
	}
	DIR *folder = opendir(argv[1]);
	if (folder == nullptr) {
		perror(argv[1]);
		return 1;
	}
	size_t count = 0;
	bool good = true;
	for (struct dirent *entry = readdir(folder); entry != nullptr; entry = readdir(folder)) {
		vx_cleanup_error struct vx_error err = {};
		if (entry->d_name[0] == '.') {
			continue;
		}
		if (!run_file(argv[1], entry->d_name, &err)) {
			fprintf(stderr, "%s\n", vx_error_message(&err));
			good = false;
		}
		count++;
	}
	closedir(folder);
	printf("%zu inputs\n", count);
	return good && count > 0 ? 0 : 1;
}
