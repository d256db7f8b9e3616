/* SPDX-License-Identifier: MIT */
/* A slow record of which connections hold and wait for slots. */
#include "network_model.h"

#include <arpa/inet.h>
#include <assert.h>
#include <netinet/in.h>
#include <string.h>

#define MS_NS INT64_C(1000000)
#define SECOND_NS INT64_C(1000000000)

/* --- Clients ------------------------------------------------------------- */

static const unsigned levels_of[MODEL_FAMILIES] = { 3, 5, 2, 1 };

static struct ts_addr
addr_of_sockaddr(const void *sa, socklen_t size)
{
	struct ts_addr addr;
	int r;

	r = ts_addr_from_sockaddr(&addr, sa, size);
	assert(r == 0);
	(void)r;
	return addr;
}

static struct ts_addr
addr_of_ipv6(const uint8_t bytes[16], uint32_t scope)
{
	struct sockaddr_in6 sin6 = {
		.sin6_family = AF_INET6,
		.sin6_scope_id = scope,
	};

	memcpy(&sin6.sin6_addr, bytes, 16);
	return addr_of_sockaddr(&sin6, sizeof(sin6));
}

/* 0.A.B.C from any port; or mapped into IPv6, or translated: the same host. */
static struct ts_addr
ipv4_client(const uint32_t numbers[TS_NETWORK_LEVELS],
    struct random_stream *random)
{
	uint8_t ipv4[4] = { 0, (uint8_t)numbers[0], (uint8_t)numbers[1],
		(uint8_t)numbers[2] };
	uint8_t mapped[16] = { [10] = 0xff, [11] = 0xff };
	uint8_t translated[16] = { 0, 0x64, 0xff, 0x9b };
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_port = (in_port_t)random_below(random, 65536),
	};

	memcpy(&sin.sin_addr, ipv4, sizeof(ipv4));
	memcpy(mapped + 12, ipv4, sizeof(ipv4));
	memcpy(translated + 12, ipv4, sizeof(ipv4));
	switch (random_below(random, 3)) {
	case 0:
		return addr_of_ipv6(mapped, 0);
	case 1:
		return addr_of_ipv6(translated, 0);
	default:
		return addr_of_sockaddr(&sin, sizeof(sin));
	}
}

/* 0:A:BC:DE::/64 in both digits of each, and any host of it. */
static struct ts_addr
ipv6_client(const uint32_t numbers[TS_NETWORK_LEVELS],
    struct random_stream *random)
{
	uint8_t bytes[16] = { 0 };

	for (unsigned i = 0; i < 5; i++)
		bytes[3 + i] = (uint8_t)numbers[i];
	for (unsigned i = 8; i < 16; i++)
		bytes[i] = (uint8_t)random_below(random, 256);
	/* Not mapped by chance. */
	bytes[8] |= 0x80;
	return addr_of_ipv6(bytes, 0);
}

/* fe80::B on interface A; bits 10 to 63 are not looked at. */
static struct ts_addr
link_local_client(const uint32_t numbers[TS_NETWORK_LEVELS],
    struct random_stream *random)
{
	uint8_t bytes[16] = { 0xfe, (uint8_t)(0x80 | random_below(random, 64)),
		[15] = (uint8_t)numbers[1] };

	return addr_of_ipv6(bytes, numbers[0]);
}

static struct ts_addr
address(unsigned family, const uint32_t numbers[TS_NETWORK_LEVELS],
    struct random_stream *random)
{
	switch (family) {
	case 0:
		return ipv4_client(numbers, random);
	case 1:
		return ipv6_client(numbers, random);
	case 2:
		return link_local_client(numbers, random);
	default:
		return ts_addr_from_uid(numbers[0]);
	}
}

/* The kind, how deep, and the number at each level: 20 bits in all. */
static uint32_t
name_of(unsigned family, unsigned level, const uint32_t *numbers)
{
	uint32_t name = family << 3 | (level + 1);

	for (unsigned i = 0; i < TS_NETWORK_LEVELS; i++)
		name = name << 3 | (i <= level ? numbers[i] : 0);
	return name;
}

struct model_client
model_client(unsigned family, const uint32_t numbers[TS_NETWORK_LEVELS],
    struct random_stream *random)
{
	struct ts_addr addr = address(family, numbers, random);
	struct model_client client = { .levels = levels_of[family] };

	for (unsigned i = 0; i < client.levels; i++) {
		assert(numbers[i] < MODEL_SPREAD);
		client.names[i] = name_of(family, i, numbers);
	}
	ts_chain_of(&client.chain, &addr);
	return client;
}

struct model_client
model_any_client(uint32_t spread, struct random_stream *random)
{
	uint32_t numbers[TS_NETWORK_LEVELS];

	for (unsigned i = 0; i < TS_NETWORK_LEVELS; i++)
		numbers[i] = random_below(random, spread);
	return model_client(random_below(random, MODEL_FAMILIES), numbers,
	    random);
}

/* --- Changes ------------------------------------------------------------- */

/* 5 s, and later by what has been moved at 500 bytes a second; at most 30 s
 * ahead. */
static int64_t
credit_of(int64_t admitted_ns, uint64_t bytes, struct ts_monotime now)
{
	int64_t credit =
	    admitted_ns + 5 * SECOND_NS + (int64_t)bytes * 1000 / 500 * MS_NS;
	int64_t most = now.ns + 30 * SECOND_NS;

	return credit < most ? credit : most;
}

void
model_admit(struct model *model, uint32_t id, const struct model_client *client,
    const struct ts_standing *standing, struct ts_monotime now)
{
	int64_t admitted_ns = now.ns - standing->served_ns;

	model->connections[id] = (struct model_connection){
		.state = TS_HOLDER_LIVE,
		.client = *client,
		.entry = ++model->entries,
		.admitted_ns = admitted_ns,
		.credit_ns = credit_of(admitted_ns, standing->moved_bytes, now),
		.bytes = standing->moved_bytes,
		.is_young = standing->served_ns < SECOND_NS,
		.is_unseen = standing->is_unseen,
		.lags = standing->lags,
	};
}

void
model_wait(struct model *model, uint32_t id, const struct model_client *client,
    struct ts_monotime now)
{
	model->connections[id] = (struct model_connection){
		.state = TS_HOLDER_WAITING,
		.client = *client,
		.entry = ++model->entries,
		.admitted_ns = now.ns,
	};
}

void
model_remove(struct model *model, uint32_t id)
{
	model->connections[id].state = TS_HOLDER_NONE;
}

void
model_kill(struct model *model, uint32_t id)
{
	model->connections[id].state = TS_HOLDER_KILLED;
	model->connections[id].is_unseen = false;
	model->connections[id].is_young = false;
}

void
model_look(struct model *model, uint32_t id, uint64_t bytes, bool lags,
    struct ts_monotime now)
{
	struct model_connection *connection = &model->connections[id];

	if (connection->state != TS_HOLDER_LIVE)
		return;
	connection->bytes = bytes;
	connection->credit_ns = credit_of(connection->admitted_ns, bytes, now);
	connection->lags = lags;
	connection->is_unseen = false;
}

static struct model_connection *
earliest_young(struct model *model)
{
	struct model_connection *first = NULL;

	for (uint32_t i = 0; i < model->ids; i++) {
		struct model_connection *connection = &model->connections[i];

		if (connection->state == TS_HOLDER_LIVE &&
		    connection->is_young &&
		    (first == NULL || connection->entry < first->entry))
			first = connection;
	}
	return first;
}

void
model_age(struct model *model, struct ts_monotime now)
{
	struct model_connection *connection;

	for (;;) {
		connection = earliest_young(model);
		if (connection == NULL ||
		    now.ns - connection->admitted_ns < SECOND_NS)
			return;
		connection->is_young = false;
	}
}

/* --- Networks ------------------------------------------------------------ */

bool
model_is_staler(const struct model *model, uint32_t a, uint32_t b)
{
	const struct model_connection *one = &model->connections[a];
	const struct model_connection *other = &model->connections[b];

	if (one->is_young != other->is_young)
		return other->is_young;
	if (one->lags != other->lags)
		return one->lags;
	if (one->credit_ns != other->credit_ns)
		return one->credit_ns < other->credit_ns;
	return a < b;
}

/* Where a name stands in the tally; right only if the tally agrees. */
static uint32_t places[1 << 20];

static uint32_t
place_of(const struct model_tally *tally, uint32_t name)
{
	uint32_t place = places[name];

	return place < tally->count && tally->networks[place].name == name
	    ? place
	    : TS_SLOTS_NONE;
}

static uint32_t
enter(struct model_tally *tally, uint32_t name, uint32_t above)
{
	uint32_t place = place_of(tally, name);

	if (place != TS_SLOTS_NONE)
		return place;
	place = tally->count++;
	assert(place < MODEL_NETWORKS && name < 1 << 20);
	places[name] = place;
	tally->networks[place] = (struct model_network){
		.name = name,
		.above = above,
		.victim = TS_SLOTS_NONE,
		.heaviest = TS_SLOTS_NONE,
		.turn.front_ns = INT64_MAX,
		.least_turn = { UINT32_MAX, INT64_MAX },
	};
	return place;
}

static void
add(struct model_network *network, const struct model *model,
    const struct model_connection *connection)
{
	bool is_killed = connection->state == TS_HOLDER_KILLED;

	if (connection->state == TS_HOLDER_WAITING) {
		network->waiting++;
		return;
	}
	network->held++;
	if (!is_killed)
		network->weight += connection->lags ? model->heavy : 1;
	network->unseen += connection->is_unseen;
	network->killed += is_killed;
}

/* What a source knows of one of its own connections. */
static void
add_to_source(struct model_network *source, const struct model *model,
    uint32_t id)
{
	const struct model_connection *connection = &model->connections[id];

	if (connection->state == TS_HOLDER_LIVE &&
	    (source->victim == TS_SLOTS_NONE ||
		model_is_staler(model, id, source->victim)))
		source->victim = id;
	if (connection->state == TS_HOLDER_WAITING &&
	    connection->admitted_ns < source->turn.front_ns)
		source->turn.front_ns = connection->admitted_ns;
}

static bool
goes_before(const struct model *model, const struct model_network *a,
    const struct model_network *b)
{
	/* One that weighs nothing has no victim. */
	if (a->weight != b->weight || a->weight == 0)
		return a->weight > b->weight;
	return model_is_staler(model, a->victim, b->victim);
}

static void
offer_heaviest(const struct model *model, struct model_tally *tally,
    uint32_t place)
{
	const struct model_network *network = &tally->networks[place];
	struct model_network *above = &tally->networks[network->above];
	const struct model_network *heaviest;

	if (network->held == 0)
		return;
	if (above->heaviest != TS_SLOTS_NONE) {
		heaviest = &tally->networks[above->heaviest];
		if (!goes_before(model, network, heaviest))
			return;
	}
	above->heaviest = place;
	above->victim = network->victim;
}

static bool
is_less(struct model_claim a, struct model_claim b)
{
	return a.amount != b.amount ? a.amount < b.amount
				    : a.front_ns < b.front_ns;
}

static void
offer_claim(struct model_tally *tally, uint32_t place)
{
	const struct model_network *network = &tally->networks[place];
	struct model_network *above = &tally->networks[network->above];

	if (network->waiting == 0)
		return;
	if (is_less(network->turn, above->least_turn)) {
		above->least_turn = network->turn;
		above->turn.front_ns = network->turn.front_ns;
	}
	if (is_less(above->most_claim, network->claim))
		above->most_claim = network->claim;
}

/* A network comes before those inside it: so each is whole when it is offered
 * to the one above. */
static void
conclude(const struct model *model, struct model_tally *tally)
{
	struct model_network *network;

	for (uint32_t place = tally->count - 1; place > 0; place--) {
		network = &tally->networks[place];
		network->claim.amount =
		    network->weight + network->killed + network->waiting;
		network->claim.front_ns = network->turn.front_ns;
		network->turn.amount = network->weight +
		    network->unseen * (model->heavy - 1) +
		    network->killed * model->heavy;
		offer_heaviest(model, tally, place);
		offer_claim(tally, place);
	}
}

void
model_count(const struct model *model, struct model_tally *ret_tally)
{
	const struct model_connection *connection;
	uint32_t place;

	ret_tally->count = 0;
	(void)enter(ret_tally, 0, TS_SLOTS_NONE);
	for (uint32_t id = 0; id < model->ids; id++) {
		connection = &model->connections[id];
		if (connection->state == TS_HOLDER_NONE)
			continue;
		place = 0;
		add(&ret_tally->networks[0], model, connection);
		for (unsigned i = 0; i < connection->client.levels; i++) {
			place = enter(ret_tally, connection->client.names[i],
			    place);
			add(&ret_tally->networks[place], model, connection);
		}
		add_to_source(&ret_tally->networks[place], model, id);
	}
	conclude(model, ret_tally);
}

const struct model_network *
model_find(const struct model_tally *tally, uint32_t name)
{
	static const struct model_network nothing = {
		.victim = TS_SLOTS_NONE,
		.heaviest = TS_SLOTS_NONE,
	};
	uint32_t place = place_of(tally, name);

	return place == TS_SLOTS_NONE ? &nothing : &tally->networks[place];
}

/* --- Waiting ------------------------------------------------------------- */

static bool
is_same(struct model_claim a, struct model_claim b)
{
	return a.amount == b.amount && a.front_ns == b.front_ns;
}

/* Whether one of the same source waits that came before it, or after it. */
static bool
has_other(const struct model *model, uint32_t id, bool is_earlier)
{
	const struct model_connection *own = &model->connections[id];
	unsigned last = own->client.levels - 1;

	for (uint32_t i = 0; i < model->ids; i++) {
		const struct model_connection *other = &model->connections[i];

		if (i != id && other->state == TS_HOLDER_WAITING &&
		    other->client.levels == own->client.levels &&
		    other->client.names[last] == own->client.names[last] &&
		    (other->entry < own->entry) == is_earlier)
			return true;
	}
	return false;
}

bool
model_is_first(const struct model *model, const struct model_tally *tally,
    uint32_t id)
{
	const struct model_client *client = &model->connections[id].client;
	const struct model_network *network;

	for (unsigned i = 0; i < client->levels; i++) {
		network = model_find(tally, client->names[i]);
		if (!is_same(network->turn,
			tally->networks[network->above].least_turn))
			return false;
	}
	return !has_other(model, id, true);
}

bool
model_is_last(const struct model *model, const struct model_tally *tally,
    uint32_t id)
{
	const struct model_client *client = &model->connections[id].client;
	const struct model_network *network;

	for (unsigned i = 0; i < client->levels; i++) {
		network = model_find(tally, client->names[i]);
		if (!is_same(network->claim,
			tally->networks[network->above].most_claim))
			return false;
	}
	return !has_other(model, id, false);
}

uint32_t
model_pick(const struct model *model, enum ts_holder_state state,
    struct random_stream *random)
{
	uint32_t start = random_below(random, model->ids);

	for (uint32_t i = 0; i < model->ids; i++) {
		uint32_t id = (start + i) % model->ids;

		if (model->connections[id].state == state)
			return id;
	}
	return TS_SLOTS_NONE;
}
