/* SPDX-License-Identifier: MIT */
/* How a child ends. */
#include "core/ending.h"

#include <signal.h>
#include <sys/wait.h>

static const char *const names[TS_ENDING_COUNT] = {
	[TS_ENDING_CLOSED] = "closed",
	[TS_ENDING_RESET] = "reset",
	[TS_ENDING_GONE] = "gone",
	[TS_ENDING_EXPIRED] = "expired",
	[TS_ENDING_DISMISSED] = "dismissed",
	[TS_ENDING_CRASHED] = "crashed",
	[TS_ENDING_FAILED] = "failed",
};

static enum ts_ending
of_signal(int number, enum ts_child_sentence sentence)
{
	if (number == SIGKILL && sentence == TS_CHILD_EXPIRED)
		return TS_ENDING_EXPIRED;
	if (number == SIGKILL && sentence == TS_CHILD_DISMISSED)
		return TS_ENDING_DISMISSED;
	return number == SIGPIPE ? TS_ENDING_GONE : TS_ENDING_CRASHED;
}

enum ts_ending
ts_ending_of(int wait_status, enum ts_child_sentence sentence)
{
	if (WIFSIGNALED(wait_status))
		return of_signal(WTERMSIG(wait_status), sentence);
	switch (WEXITSTATUS(wait_status)) {
	case TS_EXIT_CLOSED:
		return TS_ENDING_CLOSED;
	case TS_EXIT_RESET:
		return TS_ENDING_RESET;
	default:
		return TS_ENDING_FAILED;
	}
}

const char *
ts_ending_name(enum ts_ending ending)
{
	return names[ending];
}
