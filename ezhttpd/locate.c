/* SPDX-License-Identifier: MIT */
/* Where the files lie that a request asks for. */
#include "locate.h"

#include "authority.h"
#include "site.h"

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

/* The folder of the host that is asked for, if it has one. */
static void
enter_host(struct place *place, const struct exchange *exchange)
{
	const struct request *request = exchange->request;
	char host[AUTHORITY_HOST_SIZE];
	struct site_file folder;

	if (authority_host(host,
		request_piece(exchange->head, request->field[REQUEST_HOST])) &&
	    site_look(&folder, place->root, host) == 0 && folder.is_folder)
		place_enter(place, host);
	else
		place_enter(place, OTHER_HOSTS);
}

void
locate_own(struct place *ret_place, const struct exchange *exchange,
    const char *path)
{
	place_init(ret_place, root_of(exchange, exchange->client->root_fd));
	if (exchange->service->serving->has_vhosts)
		enter_host(ret_place, exchange);
	place_go(ret_place, path);
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
