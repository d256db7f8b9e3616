/* SPDX-License-Identifier: MIT */
/* Which connections get on: samples, verdicts, the next look. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/progress.h"

#define IDLE_MS 15000
#define FIRST_MS 10000
#define RATE 500
#define NONE UINT32_MAX
#define MOST_LOOKS 12

/* One look: the sample, and what is to come of it. */
struct look {
	int64_t at_ms;
	struct ts_progress_sample sample;
	enum ts_kill_reason kill;
	/* With TS_KILL_NONE: in how many ms to look again. */
	uint32_t next_ms;
};

struct story {
	const char *name;
	struct ts_progress_limits limits;
	bool is_silent;
	struct look looks[MOST_LOOKS];
};

/* Of a sample: nothing was sent again. */
#define NO_LOSS 0, false, false, false
/* The same; and the last data came in. */
#define UNANSWERED 0, false, false, true

#define USUAL                                  \
	{                                      \
		FIRST_MS, IDLE_MS, RATE, false \
	}

#define STRESS                                \
	{                                     \
		FIRST_MS, IDLE_MS, RATE, true \
	}

static const struct story stories[] = {
	{ "nothing at all: idle at its time, not before", USUAL, false,
	    {
		{ 5000, { .quiet_ms = 5000 }, TS_KILL_NONE, 5000 },
		{ 10000, { .quiet_ms = 10000 }, TS_KILL_NONE, 5000 },
		{ 14999, { .quiet_ms = 14999 }, TS_KILL_NONE, 250 },
		{ 15000, { .quiet_ms = 15000 }, TS_KILL_IDLE, 0 },
	    } },
	{ "no bound on idleness", { FIRST_MS, NONE, RATE, false }, false,
	    {
		{ 5000, { .quiet_ms = 4000000000 }, TS_KILL_NONE, 5000 },
	    } },
	{ "an answer now and then is not idle", USUAL, false,
	    {
		{ 14000, { 10, 10, 0, 0, 1000, NO_LOSS }, TS_KILL_NONE, 5000 },
		{ 28000, { 20, 20, 0, 0, 100, NO_LOSS }, TS_KILL_NONE, 5000 },
		{ 42900, { 20, 20, 0, 0, 15000, NO_LOSS }, TS_KILL_IDLE, 0 },
	    } },
	{ "silent: the first byte has its own bound", USUAL, true,
	    {
		{ 5000, { .quiet_ms = 5000 }, TS_KILL_NONE, 5000 },
		{ 9000, { .quiet_ms = 9000 }, TS_KILL_NONE, 1000 },
		{ 10000, { .quiet_ms = 10000 }, TS_KILL_FIRST_BYTE, 0 },
	    } },
	{ "one word, and it is the other bound", USUAL, true,
	    {
		{ 5000, { .quiet_ms = 5000 }, TS_KILL_NONE, 5000 },
		{ 9000, { 1, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE, 1003 },
		{ 19500, { 1, 0, 0, 0, 10500, NO_LOSS }, TS_KILL_NONE, 4500 },
		{ 24000, { 1, 0, 0, 0, 15000, NO_LOSS }, TS_KILL_IDLE, 0 },
	    } },
	{ "no bound on the first byte", { NONE, IDLE_MS, RATE, false }, true,
	    {
		{ 12000, { .quiet_ms = 12000 }, TS_KILL_NONE, 3000 },
		{ 15000, { .quiet_ms = 15000 }, TS_KILL_IDLE, 0 },
	    } },
	{ "a reader that takes nothing: its credit", USUAL, false,
	    {
		{ 0, { .send_queue_bytes = 9 }, TS_KILL_NONE, 5000 },
		{ 5000, { 0, 0, 0, 9, 5000, NO_LOSS }, TS_KILL_NONE, 250 },
		{ 5001, { 0, 0, 0, 9, 5001, NO_LOSS }, TS_KILL_SLOW_READER, 0 },
	    } },
	{ "a reader of half the rate", USUAL, false,
	    {
		{ 4000, { 0, 1000, 0, 9, 0, NO_LOSS }, TS_KILL_NONE, 3001 },
		{ 7000, { 0, 1750, 0, 9, 0, NO_LOSS }, TS_KILL_NONE, 1501 },
		{ 8500, { 0, 2125, 0, 9, 0, NO_LOSS }, TS_KILL_NONE, 751 },
		{ 9250, { 0, 2312, 0, 9, 0, NO_LOSS }, TS_KILL_NONE, 375 },
		{ 9625, { 0, 2406, 0, 9, 0, NO_LOSS }, TS_KILL_NONE, 250 },
		{ 9875, { 0, 2468, 0, 9, 0, NO_LOSS }, TS_KILL_NONE, 250 },
		{ 10125, { 0, 2531, 0, 9, 0, NO_LOSS }, TS_KILL_SLOW_READER,
		    0 },
	    } },
	{ "slow but honest: just the rate, for ever", USUAL, false,
	    {
		{ 10000, { 0, 5000, 0, 9, 0, NO_LOSS }, TS_KILL_NONE, 5000 },
		{ 20000, { 0, 10000, 0, 9, 0, NO_LOSS }, TS_KILL_NONE, 5000 },
		{ 40000, { 0, 20000, 0, 9, 0, NO_LOSS }, TS_KILL_NONE, 5000 },
		{ 80000, { 0, 40000, 0, 9, 0, NO_LOSS }, TS_KILL_NONE, 5000 },
	    } },
	{ "no rate: a reader may take his time",
	    { FIRST_MS, IDLE_MS, 0, false }, false,
	    {
		{ 100000, { 0, 0, 0, 9, 100000, NO_LOSS }, TS_KILL_NONE, 5000 },
	    } },
	{ "fast, then stopped: half a minute and no more", USUAL, false,
	    {
		{ 1000, { 0, 1000000000, 0, 9, 0, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 6000, { 0, 1000000000, 0, 9, 5000, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 11000, { 0, 1000000000, 0, 9, 10000, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 16000, { 0, 1000000000, 0, 9, 15000, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 21000, { 0, 1000000000, 0, 9, 20000, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 26000, { 0, 1000000000, 0, 9, 25000, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 30000, { 0, 1000000000, 0, 9, 29000, NO_LOSS }, TS_KILL_NONE,
		    1001 },
		{ 31000, { 0, 1000000000, 0, 9, 30000, NO_LOSS }, TS_KILL_NONE,
		    250 },
		{ 31001, { 0, 1000000000, 0, 9, 30001, NO_LOSS },
		    TS_KILL_SLOW_READER, 0 },
	    } },
	{ "what was moved beyond all sums is no more than that", USUAL, false,
	    {
		{ 1000, { 0, UINT64_MAX, 0, 9, 0, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 6000, { 0, UINT64_MAX, 0, 9, 5000, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 11000, { 0, UINT64_MAX, 0, 9, 10000, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 16000, { 0, UINT64_MAX, 0, 9, 15000, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 21000, { 0, UINT64_MAX, 0, 9, 20000, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 26000, { 0, UINT64_MAX, 0, 9, 25000, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 31000, { 0, UINT64_MAX, 0, 9, 30000, NO_LOSS }, TS_KILL_NONE,
		    250 },
		{ 31250, { 0, UINT64_MAX, 0, 9, 30250, NO_LOSS },
		    TS_KILL_SLOW_READER, 0 },
	    } },
	{ "a look that comes late is not the client's fault", USUAL, false,
	    {
		{ 2000, { 0, 2000, 0, 9, 0, NO_LOSS }, TS_KILL_NONE, 5000 },
		/* The server was stopped meanwhile. */
		{ 90000, { 0, 2000, 0, 9, 88000, NO_LOSS }, TS_KILL_NONE,
		    2001 },
		{ 92001, { 0, 2000, 0, 9, 90001, NO_LOSS }, TS_KILL_SLOW_READER,
		    0 },
	    } },
	{ "nor is a late first look", USUAL, false,
	    {
		{ 60000, { 0, 9, 0, 9, 60000, NO_LOSS }, TS_KILL_NONE, 250 },
		{ 60250, { 0, 9, 0, 9, 60250, NO_LOSS }, TS_KILL_SLOW_READER,
		    0 },
	    } },
	{ "and one that is ever late keeps nobody for ever", USUAL, false,
	    {
		{ 9000, { 0, 0, 0, 9, 9000, NO_LOSS }, TS_KILL_NONE, 250 },
		{ 18000, { 0, 0, 0, 9, 18000, NO_LOSS }, TS_KILL_SLOW_READER,
		    0 },
	    } },
	{ "a line that loses for twelve seconds: most is not the reader's",
	    USUAL, false,
	    {
		{ 5000, { 0, 0, 0, 9, 4000, 1, true, true, false },
		    TS_KILL_NONE, 4376 },
		{ 9376, { 0, 0, 0, 9, 4376, 3, true, true, false },
		    TS_KILL_NONE, 3829 },
		/* It has come through; and the reader takes no more. */
		{ 13205, { 0, 9, 0, 9, 100, 4, false, true, false },
		    TS_KILL_NONE, 3369 },
		{ 16574, { 0, 9, 0, 9, 3469, 4, false, true, false },
		    TS_KILL_SLOW_READER, 0 },
	    } },
	{ "a line that loses for ever: an eighth is charged", USUAL, false,
	    {
		{ 5000, { 0, 0, 0, 9, 4000, 1, true, true, false },
		    TS_KILL_NONE, 4376 },
		{ 9376, { 0, 0, 0, 9, 9000, 1, true, true, false },
		    TS_KILL_NONE, 3829 },
		{ 90000, { 0, 0, 0, 9, 9000, 1, true, true, false },
		    TS_KILL_NONE, 3351 },
	    } },
	{ "who has no room loses nothing", USUAL, false,
	    {
		{ 5000, { 0, 0, 0, 9, 5000, 1, true, false, false },
		    TS_KILL_NONE, 250 },
		{ 5250, { 0, 0, 0, 9, 5250, 2, true, false, false },
		    TS_KILL_SLOW_READER, 0 },
	    } },
	{ "an empty queue gives the credit back", USUAL, false,
	    {
		{ 4000, { 0, 0, 0, 9, 4000, NO_LOSS }, TS_KILL_NONE, 1001 },
		{ 4500, { 0, 9, 0, 0, 0, NO_LOSS }, TS_KILL_NONE, 5000 },
		{ 9000, { 0, 9, 0, 9, 0, NO_LOSS }, TS_KILL_NONE, 501 },
	    } },
	{ "a sender that trickles", USUAL, false,
	    {
		{ 4000, { 4, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE, 1009 },
		{ 5000, { 5, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE, 250 },
		{ 5250, { 6, 0, 0, 0, 0, NO_LOSS }, TS_KILL_SLOW_SENDER, 0 },
	    } },
	{ "a sender that trickles, looked at between two bytes", USUAL, false,
	    {
		{ 4000, { 4, 0, 0, 0, 0, UNANSWERED }, TS_KILL_NONE, 1009 },
		{ 5000, { 5, 0, 0, 0, 0, UNANSWERED }, TS_KILL_NONE, 250 },
		{ 5250, { 5, 0, 0, 0, 250, UNANSWERED }, TS_KILL_SLOW_SENDER,
		    0 },
	    } },
	{ "a sender that has stopped is idle, not slow", USUAL, false,
	    {
		{ 4000, { 4, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE, 1009 },
		{ 5009, { 4, 0, 0, 0, 1009, NO_LOSS }, TS_KILL_NONE, 5000 },
		{ 19000, { 4, 0, 0, 0, 15000, NO_LOSS }, TS_KILL_IDLE, 0 },
	    } },
	{ "a sender of just the rate", USUAL, false,
	    {
		{ 20000, { 10000, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE, 5000 },
		{ 40000, { 20000, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE, 5000 },
		{ 90000, { 45000, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE, 5000 },
	    } },
	{ "a sender that was fast cannot rest on it", USUAL, false,
	    {
		{ 1000, { 100000000, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 6000, { 100000001, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 11000, { 100000002, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 16000, { 100000003, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 21000, { 100000004, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 26000, { 100000005, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE,
		    5000 },
		{ 31000, { 100000006, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE,
		    250 },
		{ 31250, { 100000007, 0, 0, 0, 0, NO_LOSS },
		    TS_KILL_SLOW_SENDER, 0 },
	    } },
	{ "no rate: a sender may trickle", { FIRST_MS, IDLE_MS, 0, false },
	    false,
	    {
		{ 60000, { 1, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE, 5000 },
	    } },
	{ "a dialogue is no trickle", USUAL, false,
	    {
		{ 10000, { 5, 5, 0, 0, 0, NO_LOSS }, TS_KILL_NONE, 5000 },
		{ 20000, { 10, 10, 0, 0, 0, NO_LOSS }, TS_KILL_NONE, 5000 },
		{ 30000, { 15, 15, 0, 0, 0, NO_LOSS }, TS_KILL_NONE, 5000 },
	    } },
	{ "a service that does not read makes no slow sender", USUAL, false,
	    {
		{ 10000, { 10, 0, 10, 0, 0, NO_LOSS }, TS_KILL_NONE, 5000 },
		{ 20000, { 20, 0, 20, 0, 0, NO_LOSS }, TS_KILL_NONE, 5000 },
	    } },
	{ "a stuck service: twenty times the time", USUAL, false,
	    {
		{ 15000, { 10, 0, 10, 0, 15000, NO_LOSS }, TS_KILL_NONE, 5000 },
		{ 299000, { 10, 0, 10, 0, 299000, NO_LOSS }, TS_KILL_NONE,
		    1000 },
		{ 300000, { 10, 0, 10, 0, 300000, NO_LOSS }, TS_KILL_IDLE, 0 },
	    } },
	{ "one unread byte is enough for that", USUAL, false,
	    {
		{ 15000, { 1, 0, 1, 0, 15000, NO_LOSS }, TS_KILL_NONE, 5000 },
	    } },
	{ "one byte that waits to be sent is not idle", USUAL, false,
	    {
		{ 4000, { 0, 0, 0, 1, 15000, NO_LOSS }, TS_KILL_NONE, 1001 },
		{ 5001, { 0, 0, 0, 1, 16001, NO_LOSS }, TS_KILL_SLOW_READER,
		    0 },
	    } },
	{ "and whoever is sent to is no slow sender", USUAL, false,
	    {
		{ 4000, { 1, 0, 0, 1, 0, NO_LOSS }, TS_KILL_NONE, 1001 },
		{ 4500, { 2, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE, 4503 },
	    } },
	{ "the least rate that there is", { FIRST_MS, IDLE_MS, 1, false },
	    false,
	    {
		{ 4000, { .send_queue_bytes = 9 }, TS_KILL_NONE, 1001 },
		{ 5001, { .send_queue_bytes = 9 }, TS_KILL_SLOW_READER, 0 },
	    } },
	{ "the last millisecond for the first byte", USUAL, true,
	    {
		{ 9999, { .quiet_ms = 9999 }, TS_KILL_NONE, 250 },
	    } },
	{ "the last millisecond of a sender's credit", USUAL, false,
	    {
		{ 4000, { 4, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE, 1009 },
		{ 5010, { 5, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE, 250 },
		{ 5012, { 6, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE, 250 },
		{ 5015, { 7, 0, 0, 0, 0, NO_LOSS }, TS_KILL_NONE, 250 },
		{ 5018, { 8, 0, 0, 0, 0, NO_LOSS }, TS_KILL_SLOW_SENDER, 0 },
	    } },
	{ "under stress: half the idle time", STRESS, false,
	    {
		{ 2500, { .quiet_ms = 2500 }, TS_KILL_NONE, 2500 },
		{ 7499, { .quiet_ms = 7499 }, TS_KILL_NONE, 250 },
		{ 7500, { .quiet_ms = 7500 }, TS_KILL_IDLE, 0 },
	    } },
	{ "under stress: half the credit", STRESS, false,
	    {
		{ 0, { .send_queue_bytes = 9 }, TS_KILL_NONE, 2500 },
		{ 2000, { .send_queue_bytes = 9 }, TS_KILL_NONE, 501 },
		{ 2500, { .send_queue_bytes = 9 }, TS_KILL_NONE, 250 },
		{ 2501, { .send_queue_bytes = 9 }, TS_KILL_SLOW_READER, 0 },
	    } },
	{ "under stress: fast, then stopped: a quarter of a minute", STRESS,
	    false,
	    {
		{ 1000, { 0, 90000000, 0, 9, 0, NO_LOSS }, TS_KILL_NONE, 2500 },
		{ 3500, { 0, 90000000, 0, 9, 0, NO_LOSS }, TS_KILL_NONE, 2500 },
		{ 6000, { 0, 90000000, 0, 9, 0, NO_LOSS }, TS_KILL_NONE, 2500 },
		{ 8500, { 0, 90000000, 0, 9, 0, NO_LOSS }, TS_KILL_NONE, 2500 },
		{ 11000, { 0, 90000000, 0, 9, 0, NO_LOSS }, TS_KILL_NONE,
		    2500 },
		{ 13500, { 0, 90000000, 0, 9, 0, NO_LOSS }, TS_KILL_NONE,
		    2500 },
		{ 16000, { 0, 90000000, 0, 9, 0, NO_LOSS }, TS_KILL_NONE, 250 },
		{ 16001, { 0, 90000000, 0, 9, 0, NO_LOSS }, TS_KILL_SLOW_READER,
		    0 },
	    } },
};

static struct ts_monotime
at(int64_t ms)
{
	return (struct ts_monotime){ 7000000000 + ms * 1000000 };
}

static void
follow(const struct story *story)
{
	struct ts_progress progress;

	ts_progress_init(&progress, at(0), NULL, story->is_silent);
	for (size_t i = 0; i < MOST_LOOKS; i++) {
		const struct look *look = &story->looks[i];
		struct ts_progress_verdict verdict;

		/* The end of the story. */
		if (i > 0 && look->at_ms == 0)
			return;
		verdict = ts_progress_judge(&progress, &story->limits,
		    &look->sample, at(look->at_ms));
		if (verdict.kill != look->kill)
			fail_msg("%s, look %zu: %d", story->name, i,
			    verdict.kill);
		if (verdict.kill == TS_KILL_NONE &&
		    verdict.next.ns != at(look->at_ms + look->next_ms).ns)
			fail_msg("%s, look %zu: next in %lld ms", story->name,
			    i,
			    (long long)((verdict.next.ns - at(look->at_ms).ns) /
				1000000));
	}
}

static void
every_story_has_its_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(stories) / sizeof(stories[0]); i++)
		follow(&stories[i]);
}

/* Bytes moved before count for nothing, neither as word nor as credit. */
static void
bytes_moved_before_are_no_merit(void **state)
{
	const struct ts_progress_limits limits = USUAL;
	const struct ts_progress_sample before = { 100000, 100000, 0, 0, 0,
		NO_LOSS };
	const struct ts_progress_sample waits = { 100000, 100000, 0, 9, 5000,
		NO_LOSS };
	const struct ts_progress_sample quiet = { 100000, 100000, 0, 0, 10000,
		NO_LOSS };
	struct ts_progress progress;
	struct ts_progress_verdict verdict;

	(void)state;
	ts_progress_init(&progress, at(0), &before, false);
	verdict = ts_progress_judge(&progress, &limits, &waits, at(5000));
	assert_int_equal(verdict.kill, TS_KILL_NONE);
	verdict = ts_progress_judge(&progress, &limits, &waits, verdict.next);
	assert_int_equal(verdict.kill, TS_KILL_SLOW_READER);
	ts_progress_init(&progress, at(0), &before, true);
	verdict = ts_progress_judge(&progress, &limits, &quiet, at(10000));
	assert_int_equal(verdict.kill, TS_KILL_FIRST_BYTE);
}

/* --- Lagging ------------------------------------------------------------- */

/* A second look, one second after the first, which saw 1,000 bytes each way. */
static const struct {
	const char *name;
	struct ts_progress_sample sample;
	bool lags;
	bool has_no_rate;
} lagging[] = {
	{ "bytes wait for it, and none are moved",
	    { .received_bytes = 1000,
		.acknowledged_bytes = 1000,
		.send_queue_bytes = 1 },
	    true, false },
	{ "just less than the pace",
	    { .received_bytes = 1000,
		.acknowledged_bytes = 2999,
		.send_queue_bytes = 1 },
	    true, false },
	{ "just the pace",
	    { .received_bytes = 1000,
		.acknowledged_bytes = 3000,
		.send_queue_bytes = 1 },
	    false, false },
	{ "the pace, in both directions together",
	    { .received_bytes = 2000,
		.acknowledged_bytes = 2000,
		.send_queue_bytes = 1 },
	    false, false },
	{ "nothing waits for it, nothing is owed",
	    { .received_bytes = 1000, .acknowledged_bytes = 1000 }, false,
	    false },
	{ "its request is unfinished",
	    { .received_bytes = 1001,
		.acknowledged_bytes = 1000,
		.is_unanswered = true },
	    true, false },
	{ "its request comes at the pace",
	    { .received_bytes = 3000,
		.acknowledged_bytes = 1000,
		.is_unanswered = true },
	    false, false },
	{ "the service has not read its request",
	    { .received_bytes = 1001,
		.acknowledged_bytes = 1000,
		.receive_queue_bytes = 1,
		.is_unanswered = true },
	    false, false },
	{ "a service without a least rate",
	    { .received_bytes = 1000,
		.acknowledged_bytes = 1000,
		.send_queue_bytes = 1 },
	    false, true },
};

static void
a_connection_lags_below_the_pace_while_it_is_its_turn(void **state)
{
	const struct ts_progress_sample first = { .received_bytes = 1000,
		.acknowledged_bytes = 1000 };
	struct ts_progress_limits limits = USUAL;
	struct ts_progress progress;

	(void)state;
	for (size_t i = 0; i < sizeof(lagging) / sizeof(lagging[0]); i++) {
		limits.rate_bytes_per_s = lagging[i].has_no_rate ? 0 : RATE;
		ts_progress_init(&progress, at(0), NULL, false);
		(void)ts_progress_judge(&progress, &limits, &first, at(1000));
		if (ts_progress_judge(&progress, &limits, &lagging[i].sample,
			at(2000))
			.lags != lagging[i].lags)
			fail_msg("%s", lagging[i].name);
	}
}

static void
the_least_rate_is_a_rate(void **state)
{
	const struct ts_progress_limits limits = { FIRST_MS, IDLE_MS, 1,
		false };
	const struct ts_progress_sample sample = { .send_queue_bytes = 9 };
	struct ts_progress progress;

	(void)state;
	ts_progress_init(&progress, at(0), NULL, false);
	assert_true(ts_progress_judge(&progress, &limits, &sample, at(1)).lags);
	assert_true(
	    ts_progress_judge(&progress, &limits, &sample, at(1000)).lags);
}

/* Bytes moved before, in an earlier slot, are no pace. */
static void
lagging_counts_from_the_look_before(void **state)
{
	const struct ts_progress_limits limits = USUAL;
	struct ts_progress_sample sample = { .acknowledged_bytes = 100000,
		.send_queue_bytes = 1 };
	struct ts_progress progress;

	(void)state;
	ts_progress_init(&progress, at(0), &sample, false);
	/* Two looks at one moment show nothing. */
	assert_false(
	    ts_progress_judge(&progress, &limits, &sample, at(0)).lags);
	assert_true(
	    ts_progress_judge(&progress, &limits, &sample, at(1000)).lags);
	sample.acknowledged_bytes += 2000;
	assert_false(
	    ts_progress_judge(&progress, &limits, &sample, at(2000)).lags);
	/* Late by an hour: it counts as if it had come when it was due. */
	sample.acknowledged_bytes += 10000;
	assert_false(
	    ts_progress_judge(&progress, &limits, &sample, at(3600000)).lags);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_story_has_its_end),
		cmocka_unit_test(bytes_moved_before_are_no_merit),
		cmocka_unit_test(
		    a_connection_lags_below_the_pace_while_it_is_its_turn),
		cmocka_unit_test(the_least_rate_is_a_rate),
		cmocka_unit_test(lagging_counts_from_the_look_before),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
