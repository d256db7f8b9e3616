/* SPDX-License-Identifier: MIT */
/* Fuzzes the list of media types that a client takes. */
#include "http/accept.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "http/quality.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct accept *accept)
{
	int type;

	for (type = 0; type < ACCEPT_TYPES; type++) {
		const struct accept_said *said = &accept->of[type];

		assert(said->closeness >= 0);
		assert(said->closeness <= ACCEPT_CLOSENESS_MOST);
		assert(said->quality >= 0 && said->quality <= QUALITY_ONE);
		/* A type of which nothing was said is not taken. */
		assert(said->closeness > 0 || said->quality == 0);
	}
}

/* Behind the closest word there is, the list changes nothing. */
static void
check_closest_wins(struct piece list, int r)
{
	static const struct piece words =
	    PIECE_OF("text/html;charset=utf-8;q=0.1,"
		     "application/json;charset=\"UTF-8\";q=0.2");
	struct accept accept = { 0 };

	assert(accept_parse(&accept, words) == 0);
	assert(accept_parse(&accept, list) == r);
	assert(accept.of[ACCEPT_HTML].quality == 100);
	assert(accept.of[ACCEPT_JSON].quality == 200);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct piece list = { (const char *)data, size };
	struct accept accept = { 0 };
	struct accept again;
	int r = accept_parse(&accept, list);

	assert(r == 0 || r == -EBADMSG);
	check(&accept);
	/* The same again says nothing new. */
	again = accept;
	assert(accept_parse(&again, list) == r);
	assert(memcmp(&again, &accept, sizeof(accept)) == 0);
	check_closest_wins(list, r);
	return 0;
}
