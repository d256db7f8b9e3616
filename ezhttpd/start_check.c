/* SPDX-License-Identifier: MIT */
/* What the options name is looked at before the start. */
#include "start_check.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Where the option was given: its line, or nothing for the command line. */
static void
print_place(const struct options *options, const struct said_item *item)
{
	fprintf(stderr, "ezhttpd: ");
	if (item != NULL && item->line > 0)
		fprintf(stderr, "%s:%u: ", options->config, item->line);
}

_Noreturn void
start_check_fail(const struct options *options, const struct said *said, int id,
    const char *text, const char *why)
{
	print_place(options, said_find(said, id, text));
	fprintf(stderr, "%s: %s\n", text, why);
	exit(EXIT_FAILURE);
}

/*
 * A directory that cannot be listed is of no use.  tcpserver_run() checks it
 * again for the user that the server changes to.
 */
static void
check_directory(const struct options *options, const struct said *said, int id,
    const char *path)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 || faccessat(fd, ".", R_OK | X_OK, AT_EACCESS) < 0)
		start_check_fail(options, said, id, path, strerror(errno));
	(void)close(fd);
}

/* Warns where the page that an option names is not there. */
static void
check_page(const struct options *options, const struct said *said, int id,
    const char *page)
{
	int fd = open(options->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct said_item *item = said_find(said, id, page);
	const char *fault = NULL;
	struct stat status;

	if (fd < 0 || item == NULL)
		return;
	if (fstatat(fd, page, &status, 0) < 0)
		fault = strerror(errno);
	else if (!S_ISREG(status.st_mode))
		fault = "not a regular file";
	(void)close(fd);
	if (fault == NULL)
		return;
	print_place(options, item);
	fprintf(stderr, "warning: --%s %s: %s\n", item->row->name, item->word,
	    fault);
}

/* With --vhosts each host has its own. */
static void
check_pages(const struct options *options, const struct said *said)
{
	const struct serving *serving = &options->serving;
	int i;

	if (serving->has_vhosts)
		return;
	for (i = 0; i < SERVING_PAGES; i++)
		if (serving->pages[i] != NULL)
			check_page(options, said,
			    OPTION_SERVING + (int)SERVING_ERROR_PAGE,
			    serving->pages[i]);
	if (serving->fallback != NULL)
		check_page(options, said,
		    OPTION_SERVING + (int)SERVING_FALLBACK, serving->fallback);
}

void
start_check(const struct options *options, const struct said *said)
{
	unsigned i;

	check_directory(options, said, OPTION_DIRECTORY, options->folder);
	for (i = 0; i < options->serving.alias_count; i++)
		check_directory(options, said,
		    OPTION_SERVING + (int)SERVING_ALIAS,
		    options->serving.aliases[i].folder);
	check_pages(options, said);
}
