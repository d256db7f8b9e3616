/* SPDX-License-Identifier: MIT */
/* The children: admitted, started, collected, expired. */
#include "parent/children.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/exit_reason.h"
#include "os/fd.h"
#include "os/linger.h"
#include "os/process.h"

/* What the tables for `n` children take. */
static size_t
room(uint32_t n)
{
	return ts_table_room(n, sizeof(struct ts_child)) +
	    ts_table_room(n, sizeof(struct ts_watched)) +
	    ts_table_room(n, sizeof(struct ts_deadline_entry)) +
	    2 * ts_table_room(n, sizeof(uint32_t)) +
	    ts_table_room(ts_slots_bucket_count(n), sizeof(uint32_t)) +
	    ts_table_room(1, ts_holders_memory_bytes(n));
}

static void
lay_out(struct ts_brood *brood, uint32_t n, const struct ts_siphash_key *key)
{
	struct ts_table *table = &brood->table;
	const struct ts_children_memory children = {
		.next = ts_table_take(table, n, sizeof(uint32_t)),
		.entries = ts_table_take(table, n, sizeof(struct ts_child)),
		.buckets = ts_table_take(table, ts_slots_bucket_count(n),
		    sizeof(uint32_t)),
	};
	struct ts_deadline_entry *heap =
	    ts_table_take(table, n, sizeof(struct ts_deadline_entry));
	uint32_t *place = ts_table_take(table, n, sizeof(uint32_t));

	ts_children_init(&brood->children, &children, n);
	ts_deadline_init(&brood->deadline, heap, place, n);
	ts_holders_init(&brood->holders,
	    ts_table_take(table, 1, ts_holders_memory_bytes(n)), n, key);
	brood->watched = ts_table_take(table, n, sizeof(struct ts_watched));
	for (uint32_t i = 0; i < n; i++)
		brood->watched[i].handed_fd = -1;
}

/* Of the options, what a brood goes by. */
static struct ts_brood
made_from(const struct tcpserver_options *o)
{
	return (struct ts_brood){
		.limit = {
			.all = o->max_children,
			.source = o->max_children_per_source,
			.group = o->max_children_per_group,
		},
		.bounds = {
			.first_byte_ms = o->first_byte_ms,
			.idle_ms = o->idle_ms,
			.rate_bytes_per_s =
			    o->least_rate_bytes_per_s == TCPSERVER_NO_LIMIT ?
			    0 :
			    o->least_rate_bytes_per_s,
		},
		.lifetime_ms = o->lifetime_ms,
		.client_speaks_first = o->client_speaks_first != 0,
	};
}

int
ts_brood_open(struct ts_brood *ret_brood,
    const struct tcpserver_options *options,
    const struct ts_child_context *context, struct ts_metrics *metrics,
    struct ts_logger *logger)
{
	struct ts_brood brood = made_from(options);
	uint32_t entries = 2 * options->max_children;
	struct ts_siphash_key key;
	int r;

	brood.context = *context;
	brood.metrics = metrics;
	brood.logger = logger;
	r = ts_spawn_secret(&key, sizeof(key));
	if (r < 0)
		return r;
	r = ts_table_open(&brood.table, room(entries));
	if (r < 0)
		return r;
	*ret_brood = brood;
	lay_out(ret_brood, entries, &key);
	return 0;
}

void
ts_brood_close(struct ts_brood *brood)
{
	if (brood->table.base == NULL)
		return;
	ts_table_close(&brood->table);
}

static uint32_t
enter(struct ts_brood *brood, const struct ts_connection *connection,
    struct ts_monotime now)
{
	uint32_t index = ts_children_add(&brood->children);

	if (index == TS_SLOTS_NONE)
		return TS_SLOTS_NONE;
	ts_holders_add(&brood->holders, index,
	    ts_addr_source(&connection->peer), now);
	ts_brood_watch_begin(brood, index, connection, now);
	return index;
}

void
ts_brood_leave(struct ts_brood *brood, uint32_t index)
{
	struct ts_watched *watched = &brood->watched[index];

	if (watched->handed_fd >= 0)
		ts_linger_renew(watched->handed_fd);
	ts_fd_close(&watched->handed_fd);
	explicit_bzero(&watched->parcel, sizeof(watched->parcel));
	ts_holders_remove(&brood->holders, index);
	ts_deadline_clear(&brood->deadline, index);
	ts_children_remove(&brood->children, index);
}

void
ts_brood_kill(struct ts_brood *brood, uint32_t index,
    enum ts_child_sentence sentence)
{
	struct ts_child *child = &brood->children.entries[index];

	if (child->pid <= 0 || child->sentence != TS_CHILD_LIVES)
		return;
	child->sentence = sentence;
	ts_spawn_kill(child->pid, SIGKILL);
	ts_holders_remove(&brood->holders, index);
	ts_deadline_clear(&brood->deadline, index);
}

enum ts_admission
ts_brood_start(struct ts_brood *brood, const struct ts_connection *connection,
    struct ts_monotime now, int *ret_error)
{
	struct ts_srclimit_decision decision = ts_srclimit_decide(&brood->limit,
	    &brood->holders, ts_addr_source(&connection->peer), now);
	uint32_t index;
	pid_t pid;

	brood->metrics->decided[decision.rule]++;
	if (decision.verdict == TS_SRCLIMIT_REFUSE)
		return TS_REFUSED_FULL;
	index = enter(brood, connection, now);
	if (index == TS_SLOTS_NONE)
		return TS_REFUSED_FULL;
	ts_brood_update_stress(brood, now);
	pid = ts_spawn();
	if (pid == 0)
		ts_child_run(&brood->context, connection);
	if (pid < 0) {
		ts_brood_leave(brood, index);
		*ret_error = pid;
		return TS_REFUSED_FORK;
	}
	ts_children_set_pid(&brood->children, index, pid);
	/* Nobody goes for a newcomer that did not come to be. */
	if (decision.verdict == TS_SRCLIMIT_REPLACE)
		ts_brood_kill(brood, decision.victim, TS_CHILD_EVICTED);
	return TS_ADMITTED;
}

/* What is worth a line: a child that did not end as children should. */
static void
say_ending(struct ts_brood *brood, pid_t pid, int status, enum ts_ending ending)
{
	if (ending == TS_ENDING_CRASHED && WTERMSIG(status) == SIGSYS)
		ts_logger_say(brood->logger,
		    "child %d made a system call that its jail forbids", pid);
	else if (ending == TS_ENDING_CRASHED)
		ts_logger_say(brood->logger, "child %d died: signal %d (%s)",
		    pid, WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (ending == TS_ENDING_FAILED)
		ts_logger_say(brood->logger, "child %d failed: status %d", pid,
		    WEXITSTATUS(status));
}

/* What it has handed over goes on, unless it was killed: then it is cut. */
static void
hand_on(struct ts_brood *brood, uint32_t index,
    struct ts_brood_helpers *helpers)
{
	struct ts_watched *watched = &brood->watched[index];

	if (watched->handed_fd < 0 ||
	    brood->children.entries[index].sentence != TS_CHILD_LIVES)
		return;
	helpers->handed(helpers->arg, watched->handed_fd, &watched->parcel);
	watched->handed_fd = -1;
}

static void
collected(struct ts_brood *brood, pid_t pid, int status,
    struct ts_brood_helpers *helpers)
{
	uint32_t index = ts_children_find(&brood->children, pid);
	enum ts_ending ending;

	if (index == TS_SLOTS_NONE) {
		brood->metrics->strangers++;
		return;
	}
	ending = ts_ending_of(status, brood->children.entries[index].sentence);
	brood->metrics->ended[ending]++;
	hand_on(brood, index, helpers);
	ts_brood_leave(brood, index);
	say_ending(brood, pid, status, ending);
}

unsigned
ts_brood_collect(struct ts_brood *brood, struct ts_brood_helpers *helpers)
{
	unsigned count = 0;
	int status;
	pid_t pid;

	for (;;) {
		pid = ts_spawn_ended();
		if (pid == 0)
			return count;
		helpers->ended(helpers->arg);
		status = ts_spawn_collect(pid);
		if (pid == helpers->logger)
			helpers->logger_died = true;
		else if (pid == helpers->lot)
			helpers->lot_died = true;
		else
			collected(brood, pid, status, helpers);
		count++;
	}
}

void
ts_brood_dismiss(struct ts_brood *brood)
{
	for (uint32_t i = 0; i < brood->children.slots.capacity; i++)
		ts_brood_kill(brood, i, TS_CHILD_DISMISSED);
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
