/* SPDX-License-Identifier: MIT */
/* The children: admitted, started, collected, expired. */
#include "brood.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/ending.h"
#include "os/spawn.h"

/* What the tables for `n` children take. */
static size_t
room(uint32_t n)
{
	uint32_t buckets = ts_slots_bucket_count(n);

	return ts_table_room(n, sizeof(struct ts_child)) +
	    ts_table_room(n, sizeof(struct ts_srclimit_entry)) +
	    ts_table_room(n, sizeof(struct ts_deadline_entry)) +
	    3 * ts_table_room(n, sizeof(uint32_t)) +
	    2 * ts_table_room(buckets, sizeof(uint32_t));
}

static void
lay_out(struct ts_brood *brood, uint32_t n, uint32_t share,
    const struct ts_siphash_key *key)
{
	struct ts_table *table = &brood->table;
	uint32_t buckets = ts_slots_bucket_count(n);
	const struct ts_children_memory children = {
		.next = ts_table_take(table, n, sizeof(uint32_t)),
		.entries = ts_table_take(table, n, sizeof(struct ts_child)),
		.buckets = ts_table_take(table, buckets, sizeof(uint32_t)),
	};
	const struct ts_srclimit_memory limit = {
		.next = ts_table_take(table, n, sizeof(uint32_t)),
		.entries =
		    ts_table_take(table, n, sizeof(struct ts_srclimit_entry)),
		.buckets = ts_table_take(table, buckets, sizeof(uint32_t)),
	};
	struct ts_deadline_entry *heap =
	    ts_table_take(table, n, sizeof(struct ts_deadline_entry));
	uint32_t *place = ts_table_take(table, n, sizeof(uint32_t));

	ts_children_init(&brood->children, &children, n);
	ts_srclimit_init(&brood->limit, &limit, n, share, key);
	ts_deadline_init(&brood->deadline, heap, place, n);
}

int
ts_brood_open(struct ts_brood *ret_brood,
    const struct tcpserver_options *options,
    const struct ts_child_context *context, struct ts_metrics *metrics,
    struct ts_logger *logger)
{
	struct ts_brood brood = {
		.lifetime_ms = options->lifetime_ms,
		.context = *context,
		.metrics = metrics,
		.logger = logger,
	};
	struct ts_siphash_key key;
	int r;

	r = ts_spawn_secret(&key, sizeof(key));
	if (r < 0)
		return r;
	r = ts_table_open(&brood.table, room(options->max_children));
	if (r < 0)
		return r;
	lay_out(&brood, options->max_children, options->max_children_per_source,
	    &key);
	*ret_brood = brood;
	return 0;
}

void
ts_brood_close(struct ts_brood *brood)
{
	ts_table_close(&brood->table);
}

static enum ts_admission
enter(struct ts_brood *brood, const struct ts_addr *peer, uint32_t *ret_index)
{
	uint32_t source;

	if (brood->children.slots.used == brood->children.slots.capacity)
		return TS_REFUSED_FULL;
	source = ts_srclimit_add(&brood->limit, ts_addr_source(peer));
	if (source == TS_SLOTS_NONE)
		return TS_REFUSED_SOURCE;
	*ret_index = ts_children_add(&brood->children, source);
	return TS_ADMITTED;
}

static void
leave(struct ts_brood *brood, uint32_t index)
{
	ts_srclimit_remove(&brood->limit,
	    brood->children.entries[index].source);
	ts_deadline_clear(&brood->deadline, index);
	ts_children_remove(&brood->children, index);
}

enum ts_admission
ts_brood_start(struct ts_brood *brood, const struct ts_connection *connection,
    struct ts_monotime now, int *ret_error)
{
	enum ts_admission admission;
	uint32_t index;
	pid_t pid;

	admission = enter(brood, &connection->peer, &index);
	if (admission != TS_ADMITTED)
		return admission;
	pid = ts_spawn();
	if (pid == 0)
		ts_child_run(&brood->context, connection);
	if (pid < 0) {
		leave(brood, index);
		*ret_error = pid;
		return TS_REFUSED_FORK;
	}
	ts_children_set_pid(&brood->children, index, pid);
	if (brood->lifetime_ms != TCPSERVER_NO_LIMIT)
		ts_deadline_set(&brood->deadline, index,
		    ts_monotime_add_ms(now, brood->lifetime_ms));
	return TS_ADMITTED;
}

/* What is worth a line: a child that did not end as children should. */
static void
say_ending(struct ts_brood *brood, pid_t pid, int status, enum ts_ending ending)
{
	if (ending == TS_ENDING_CRASHED)
		ts_logger_say(brood->logger, "child %d died: signal %d (%s)",
		    pid, WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (ending == TS_ENDING_FAILED)
		ts_logger_say(brood->logger, "child %d failed: status %d", pid,
		    WEXITSTATUS(status));
}

static void
collected(struct ts_brood *brood, pid_t pid, int status)
{
	uint32_t index = ts_children_find(&brood->children, pid);
	enum ts_ending ending;

	if (index == TS_SLOTS_NONE) {
		brood->metrics->strangers++;
		return;
	}
	ending = ts_ending_of(status, brood->children.entries[index].sentence);
	brood->metrics->ended[ending]++;
	leave(brood, index);
	say_ending(brood, pid, status, ending);
}

unsigned
ts_brood_collect(struct ts_brood *brood, pid_t other, bool *ret_has_other)
{
	unsigned count = 0;
	int status;
	pid_t pid;

	*ret_has_other = false;
	for (;;) {
		pid = ts_spawn_collect(&status);
		if (pid == 0)
			return count;
		if (pid == other)
			*ret_has_other = true;
		else
			collected(brood, pid, status);
		count++;
	}
}

static void
kill_child(struct ts_brood *brood, uint32_t index,
    enum ts_child_sentence sentence)
{
	struct ts_child *child = &brood->children.entries[index];

	child->sentence = sentence;
	ts_spawn_kill(child->pid, SIGKILL);
}

void
ts_brood_expire(struct ts_brood *brood, struct ts_monotime now)
{
	uint32_t index;

	for (;;) {
		index = ts_deadline_take_due(&brood->deadline, now);
		if (index == TS_SLOTS_NONE)
			return;
		kill_child(brood, index, TS_CHILD_EXPIRED);
	}
}

void
ts_brood_dismiss(struct ts_brood *brood)
{
	for (uint32_t i = 0; i < brood->children.slots.capacity; i++)
		if (brood->children.entries[i].pid > 0)
			kill_child(brood, i, TS_CHILD_DISMISSED);
}

void
ts_brood_ask_to_stop(struct ts_brood *brood)
{
	for (uint32_t i = 0; i < brood->children.slots.capacity; i++)
		if (brood->children.entries[i].pid > 0)
			ts_spawn_kill(brood->children.entries[i].pid, SIGTERM);
}

uint32_t
ts_brood_count(const struct ts_brood *brood)
{
	return brood->children.slots.used;
}
