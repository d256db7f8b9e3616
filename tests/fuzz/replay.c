/* SPDX-License-Identifier: MIT */
/*
 * Runs a fuzzer's function once on every file of a folder, so that what was
 * once found by fuzzing stays found.
 *
 *	replay_NAME FOLDER
 *
 * Each input is copied to a block of exactly its size: under the address
 * sanitizer, one byte too far ends the run.  Exits with 77, the mark of a
 * skipped test, where the folder has no file.
 */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* More than any fuzzer is given. */
#define MAX_INPUT_BYTES (1 << 20)
#define EXIT_SKIPPED 77

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
die(const char *step, const char *object)
{
	fprintf(stderr, "%s %s: %s\n", step, object, strerror(errno));
	exit(EXIT_FAILURE);
}

static void
replay_bytes(const uint8_t *data, size_t size)
{
	uint8_t *exact;

	exact = malloc(size == 0 ? 1 : size);
	if (exact == NULL)
		die("allocate", "an input");
	memcpy(exact, data, size);
	(void)LLVMFuzzerTestOneInput(exact, size);
	free(exact);
}

static void
replay_file(const char *path)
{
	static uint8_t data[MAX_INPUT_BYTES];
	FILE *file;
	size_t size;

	file = fopen(path, "rb");
	if (file == NULL)
		die("open", path);
	size = fread(data, 1, sizeof(data), file);
	if (ferror(file))
		die("read", path);
	(void)fclose(file);
	/* The last path on stderr is the one that failed. */
	fprintf(stderr, "%s\n", path);
	replay_bytes(data, size);
}

int
main(int argc, char **argv)
{
	struct dirent **names;
	char path[4096];
	int count, files = 0;

	if (argc != 2) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 2;
	}
	count = scandir(argv[1], &names, NULL, alphasort);
	if (count < 0 && errno != ENOENT)
		die("read folder", argv[1]);
	for (int i = 0; i < count; i++) {
		if (names[i]->d_name[0] != '.') {
			(void)snprintf(path, sizeof(path), "%s/%s", argv[1],
			    names[i]->d_name);
			replay_file(path);
			files++;
		}
		free(names[i]);
	}
	if (count >= 0)
		free(names);
	printf("%d inputs replayed\n", files);
	return files == 0 ? EXIT_SKIPPED : EXIT_SUCCESS;
}
