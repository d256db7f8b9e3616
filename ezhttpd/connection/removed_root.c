/* SPDX-License-Identifier: MIT */
/* Reports that a directory which is served has been removed. */
#include "connection/removed_root.h"

#include <sys/mman.h>

#include <errno.h>
#include <string.h>

#include "common/textbuf.h"
#include "files/docroot.h"

/* The longest line, with its end; a longer path is cut. */
#define LINE_SIZE 1024
#define PATH_SHOWN 900

int
removed_root_open(struct removed_root *ret_removed)
{
	void *page = mmap(NULL, sizeof(*ret_removed->next_ms),
	    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page == MAP_FAILED)
		return -errno;
	ret_removed->next_ms = page;
	return 0;
}

/* The path of a directory that has been removed, or NULL. */
static const char *
find_removed(const struct service *service,
    const struct tcpserver_client *client)
{
	const struct serving *serving = service->serving;
	unsigned i;

	if (site_is_removed(client->root_fd))
		return service->folder;
	for (i = 0; i < serving->alias_count; i++) {
		if (site_is_removed(tcpserver_client_folder(client, i)))
			return serving->aliases[i].folder;
	}
	return NULL;
}

/* True for one process in each pause. */
static bool
may_log(const struct removed_root *removed, int64_t now_ms)
{
	int64_t next_ms = atomic_load(removed->next_ms);

	return now_ms >= next_ms &&
	    atomic_compare_exchange_strong(removed->next_ms, &next_ms,
		now_ms + REMOVED_ROOT_PAUSE_MS);
}

void
removed_root_report(const struct service *service,
    const struct tcpserver_client *client, int64_t now_ms)
{
	const char *path = find_removed(service, client);
	char line[LINE_SIZE];
	struct text text;

	if (path == NULL || !may_log(&service->removed, now_ms))
		return;
	text_init(&text, line, sizeof(line) - 1);
	text_put_string(&text, "ezhttpd: ");
	text_put(&text, path, strnlen(path, PATH_SHOWN));
	text_put_string(&text,
	    ": the directory has been removed; start ezhttpd again to serve "
	    "another one of that name");
	line[text.n] = '\0';
	tcpserver_client_log(client, line);
}
