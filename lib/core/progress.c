/* SPDX-License-Identifier: MIT */
/* Does a connection get on: judged from outside. */
#include "core/progress.h"

/* A client that trickles may pause for so long between two bytes. */
#define PAUSE_MS 1000

static int64_t
least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static int64_t
clamp(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : least(value, high);
}

/* A time as it is while there is stress, or is none. */
static int64_t
bound_of(const struct ts_progress_limits *limits, int64_t ms)
{
	return limits->is_stressed ? ms / 2 : ms;
}

/*
 * What must be left of a credit.  Credits are kept as if there were no stress:
 * so its begin and its end hold for all connections at once.
 */
static int64_t
reserve_ms(const struct ts_progress_limits *limits)
{
	return TS_PROGRESS_CREDIT_MS - bound_of(limits, TS_PROGRESS_CREDIT_MS);
}

void
ts_progress_init(struct ts_progress *progress, struct ts_monotime now,
    const struct ts_progress_sample *sample, bool is_silent)
{
	*progress = (struct ts_progress){
		.looked = now,
		.due = ts_monotime_add_ms(now, TS_PROGRESS_CREDIT_MS),
		.receive_credit_ms = TS_PROGRESS_CREDIT_MS,
		.send_credit_ms = TS_PROGRESS_CREDIT_MS,
		.is_silent = is_silent,
	};
	if (sample != NULL) {
		progress->received_bytes = sample->received_bytes;
		progress->acknowledged_bytes = sample->acknowledged_bytes;
		progress->resent_segments = sample->resent_segments;
	}
}

/* Credit after `elapsed_ms` in which `bytes` were moved. */
static int64_t
credit_after(int64_t credit_ms, int64_t elapsed_ms, uint64_t bytes,
    uint32_t rate)
{
	/* Beyond the most there may be, more bytes make no difference. */
	uint64_t enough = (uint64_t)rate * TS_PROGRESS_MOST_CREDIT_MS;
	uint64_t earned_ms = (bytes < enough ? bytes : enough) * 1000 / rate;

	return least(credit_ms - elapsed_ms + (int64_t)earned_ms,
	    TS_PROGRESS_MOST_CREDIT_MS);
}

/*
 * Whether something was lost on the way since the last look, or still is.  To
 * a peer without room the same is sent again, only to ask whether it has some.
 */
static bool
has_lost(const struct ts_progress *progress,
    const struct ts_progress_sample *sample)
{
	return sample->has_room &&
	    (sample->is_resending ||
		sample->resent_segments != progress->resent_segments);
}

static void
reckon_sending(struct ts_progress *progress, uint32_t rate,
    const struct ts_progress_sample *sample, int64_t elapsed_ms)
{
	uint64_t moved =
	    sample->acknowledged_bytes - progress->acknowledged_bytes;

	if (has_lost(progress, sample))
		elapsed_ms /= TS_PROGRESS_LOSS_DIVISOR;
	if (sample->send_queue_bytes == 0)
		progress->send_credit_ms = TS_PROGRESS_CREDIT_MS;
	else
		progress->send_credit_ms = credit_after(
		    progress->send_credit_ms, elapsed_ms, moved, rate);
}

static bool
has_answered(const struct ts_progress *progress,
    const struct ts_progress_sample *sample)
{
	return sample->acknowledged_bytes != progress->acknowledged_bytes ||
	    sample->send_queue_bytes > 0;
}

/*
 * Whether bytes have come since the last look, or within PAUSE_MS, were read,
 * and none went out.  Looks come faster than bytes where credit is short.
 */
static bool
is_sending(const struct ts_progress *progress,
    const struct ts_progress_sample *sample)
{
	bool has_come = sample->received_bytes != progress->received_bytes ||
	    (sample->is_unanswered && sample->quiet_ms < PAUSE_MS);

	return has_come && sample->receive_queue_bytes == 0 &&
	    !has_answered(progress, sample);
}

static void
reckon_receiving(struct ts_progress *progress, uint32_t rate,
    const struct ts_progress_sample *sample, int64_t elapsed_ms)
{
	uint64_t moved = sample->received_bytes - progress->received_bytes;

	if (has_answered(progress, sample))
		progress->receive_credit_ms = TS_PROGRESS_CREDIT_MS;
	else if (is_sending(progress, sample))
		progress->receive_credit_ms = credit_after(
		    progress->receive_credit_ms, elapsed_ms, moved, rate);
}

static void
reckon(struct ts_progress *progress, const struct ts_progress_limits *limits,
    const struct ts_progress_sample *sample, int64_t elapsed_ms)
{
	int64_t most_ms =
	    bound_of(limits, TS_PROGRESS_MOST_CREDIT_MS) + reserve_ms(limits);
	uint32_t rate = limits->rate_bytes_per_s;

	if (rate == 0)
		return;
	/*
	 * Where this look was set before stress began, more time has passed
	 * than there would have been between two looks under stress: nobody is
	 * cut for that.
	 */
	if (limits->is_stressed)
		elapsed_ms = least(elapsed_ms, reserve_ms(limits));
	reckon_sending(progress, rate, sample, elapsed_ms);
	reckon_receiving(progress, rate, sample, elapsed_ms);
	progress->send_credit_ms = least(progress->send_credit_ms, most_ms);
	progress->receive_credit_ms =
	    least(progress->receive_credit_ms, most_ms);
}

/* How long it may stay quiet from now on; a bound of UINT32_MAX is none. */
static int64_t
quiet_left_ms(const struct ts_progress_sample *sample, int64_t bound_ms,
    const struct ts_progress_limits *limits)
{
	int64_t most_ms = bound_of(limits, bound_ms);

	if (bound_ms == UINT32_MAX || sample->send_queue_bytes > 0)
		return INT64_MAX;
	if (sample->receive_queue_bytes > 0)
		most_ms *= TS_PROGRESS_STUCK_FACTOR;
	else if (sample->is_unanswered)
		most_ms *= TS_PROGRESS_UNANSWERED_FACTOR;
	return most_ms - sample->quiet_ms;
}

/* How long a credit lasts from now on, where it is being used up. */
static int64_t
credit_left_ms(const struct ts_progress_limits *limits, int64_t credit_ms,
    bool is_used)
{
	if (limits->rate_bytes_per_s == 0 || !is_used)
		return INT64_MAX;
	return credit_ms - reserve_ms(limits) + 1;
}

/* What has passed since the last look, as far as it is the client's. */
static int64_t
elapsed_ms_at(const struct ts_progress *progress, struct ts_monotime now)
{
	return (ts_monotime_earlier(now, progress->due).ns -
		   progress->looked.ns) /
	    1000000;
}

static bool
lags(const struct ts_progress *progress,
    const struct ts_progress_limits *limits,
    const struct ts_progress_sample *sample, int64_t elapsed_ms)
{
	uint64_t moved = sample->received_bytes - progress->received_bytes +
	    sample->acknowledged_bytes - progress->acknowledged_bytes;
	bool is_its_turn = sample->send_queue_bytes > 0 ||
	    (sample->is_unanswered && sample->receive_queue_bytes == 0);

	return limits->rate_bytes_per_s > 0 && is_its_turn && elapsed_ms > 0 &&
	    moved < TS_PROGRESS_PACE_BYTES_PER_S * (uint64_t)elapsed_ms / 1000;
}

static void
remember(struct ts_progress *progress, const struct ts_progress_sample *sample,
    struct ts_monotime now)
{
	if (sample->received_bytes > progress->received_bytes)
		progress->is_silent = false;
	progress->looked = now;
	progress->received_bytes = sample->received_bytes;
	progress->acknowledged_bytes = sample->acknowledged_bytes;
	progress->resent_segments = sample->resent_segments;
}

/* The bounds of a connection, each with the time that is left to it. */
struct left {
	int64_t first_byte_ms;
	int64_t quiet_ms;
	int64_t take_ms;
	int64_t send_ms;
};

static struct left
time_left(const struct ts_progress *progress,
    const struct ts_progress_limits *limits,
    const struct ts_progress_sample *sample, bool sends)
{
	struct left left = {
		.first_byte_ms = INT64_MAX,
		.quiet_ms = quiet_left_ms(sample, limits->idle_ms, limits),
		.take_ms = credit_left_ms(limits, progress->send_credit_ms,
		    sample->send_queue_bytes > 0),
		.send_ms =
		    credit_left_ms(limits, progress->receive_credit_ms, sends),
	};

	if (progress->is_silent)
		left.first_byte_ms =
		    quiet_left_ms(sample, limits->first_byte_ms, limits);
	return left;
}

static enum ts_kill_reason
reason_of(const struct left *left, const struct ts_progress_sample *sample)
{
	if (left->first_byte_ms <= 0)
		return TS_KILL_FIRST_BYTE;
	if (left->quiet_ms <= 0)
		return sample->is_unanswered && sample->receive_queue_bytes == 0
		    ? TS_KILL_UNANSWERED
		    : TS_KILL_IDLE;
	if (left->take_ms <= 0)
		return TS_KILL_SLOW_READER;
	return left->send_ms <= 0 ? TS_KILL_SLOW_SENDER : TS_KILL_NONE;
}

struct ts_progress_verdict
ts_progress_judge(struct ts_progress *progress,
    const struct ts_progress_limits *limits,
    const struct ts_progress_sample *sample, struct ts_monotime now)
{
	int64_t elapsed_ms = elapsed_ms_at(progress, now);
	bool sends = is_sending(progress, sample);
	struct ts_progress_verdict verdict = {
		.lags = lags(progress, limits, sample, elapsed_ms),
	};
	struct left left;
	int64_t next_ms;

	reckon(progress, limits, sample, elapsed_ms);
	remember(progress, sample, now);
	left = time_left(progress, limits, sample, sends);
	verdict.kill = reason_of(&left, sample);
	next_ms = clamp(least(least(left.first_byte_ms, left.quiet_ms),
			    least(left.take_ms, left.send_ms)),
	    TS_PROGRESS_LEAST_STEP_MS,
	    bound_of(limits, TS_PROGRESS_MOST_STEP_MS));
	verdict.next = ts_monotime_add_ms(now, (uint32_t)next_ms);
	progress->due = verdict.next;
	return verdict;
}
