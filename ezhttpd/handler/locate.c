/* SPDX-License-Identifier: MIT */
/* Where the files lie that a request asks for. */
#include "handler/locate.h"

#include "files/docroot.h"
#include "http/authority.h"

/* The folder of hosts that have none of their own. */
#define OTHER_HOSTS "default"

static struct site_root
root_of(const struct exchange *exchange, int fd)
{
	return (struct site_root){
		.fd = fd,
		.has_no_links = exchange->service->serving->has_no_links,
	};
}

int
locate_begin(struct exchange *exchange)
{
	struct site_root all = root_of(exchange, exchange->client->root_fd);
	char host[AUTHORITY_HOST_SIZE];
	int status = 404;

	exchange->home = all;
	if (!exchange->service->serving->has_vhosts)
		return 0;
	exchange->home.fd = -1;
	if (authority_host(host,
		request_host(exchange->request, exchange->head)))
		status = site_enter(&exchange->home, all, host);
	if (status == 404)
		status = site_enter(&exchange->home, all, OTHER_HOSTS);
	return status;
}

void
locate_end(struct exchange *exchange)
{
	if (exchange->service->serving->has_vhosts)
		site_leave(&exchange->home);
}

void
locate_own(struct place *ret_place, const struct exchange *exchange,
    const char *path)
{
	place_init(ret_place, exchange->home, path);
}

void
locate(struct place *ret_place, const struct exchange *exchange,
    const struct urlpath *path)
{
	const struct serving *serving = exchange->service->serving;
	int alias = serving_alias(serving, path);
	int fd;

	locate_own(ret_place, exchange, path->text);
	if (alias < 0)
		return;
	fd = tcpserver_client_folder(exchange->client, (unsigned)alias);
	place_move(ret_place, root_of(exchange, fd),
	    serving->aliases[alias].path.n);
}
