/* SPDX-License-Identifier: MIT */
/* How a child ends. */
#include "core/exit_reason.h"

#include <signal.h>
#include <sys/wait.h>

static const char *const names[TS_ENDING_COUNT] = {
	[TS_ENDING_CLOSED] = "closed",
	[TS_ENDING_PARKED] = "parked",
	[TS_ENDING_RESET] = "reset",
	[TS_ENDING_GONE] = "gone",
	[TS_ENDING_FIRST_BYTE] = "first_byte",
	[TS_ENDING_IDLE] = "idle",
	[TS_ENDING_SLOW_SENDER] = "slow_sender",
	[TS_ENDING_SLOW_READER] = "slow_reader",
	[TS_ENDING_LIFETIME] = "lifetime",
	[TS_ENDING_EVICTED] = "evicted",
	[TS_ENDING_DISMISSED] = "dismissed",
	[TS_ENDING_CRASHED] = "crashed",
	[TS_ENDING_FAILED] = "failed",
};

static const enum ts_ending of_sentence[TS_CHILD_SENTENCES] = {
	[TS_CHILD_LIVES] = TS_ENDING_CRASHED,
	[TS_CHILD_FIRST_BYTE] = TS_ENDING_FIRST_BYTE,
	[TS_CHILD_IDLE] = TS_ENDING_IDLE,
	[TS_CHILD_SLOW_SENDER] = TS_ENDING_SLOW_SENDER,
	[TS_CHILD_SLOW_READER] = TS_ENDING_SLOW_READER,
	[TS_CHILD_LIFETIME] = TS_ENDING_LIFETIME,
	[TS_CHILD_EVICTED] = TS_ENDING_EVICTED,
	[TS_CHILD_DISMISSED] = TS_ENDING_DISMISSED,
};

static enum ts_ending
of_signal(int number, enum ts_child_sentence sentence)
{
	if (number == SIGKILL)
		return of_sentence[sentence];
	return number == SIGPIPE ? TS_ENDING_GONE : TS_ENDING_CRASHED;
}

static enum ts_ending
of_status(int status)
{
	switch (status) {
	case TS_EXIT_CLOSED:
		return TS_ENDING_CLOSED;
	case TS_EXIT_PARKED:
		return TS_ENDING_PARKED;
	case TS_EXIT_RESET:
		return TS_ENDING_RESET;
	default:
		return TS_ENDING_FAILED;
	}
}

enum ts_ending
ts_ending_of(int wait_status, enum ts_child_sentence sentence)
{
	if (WIFSIGNALED(wait_status))
		return of_signal(WTERMSIG(wait_status), sentence);
	return of_status(WEXITSTATUS(wait_status));
}

const char *
ts_ending_name(enum ts_ending ending)
{
	return names[ending];
}
