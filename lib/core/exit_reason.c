/* SPDX-License-Identifier: MIT */
/* Why a child has ended. */
#include "core/exit_reason.h"

#include <signal.h>
#include <sys/wait.h>

static const char *const names[TS_EXIT_REASONS] = {
	[TS_EXIT_REASON_CLOSED] = "closed",
	[TS_EXIT_REASON_PARKED] = "parked",
	[TS_EXIT_REASON_RESET] = "reset",
	[TS_EXIT_REASON_GONE] = "gone",
	[TS_EXIT_REASON_FIRST_BYTE] = "first_byte",
	[TS_EXIT_REASON_IDLE] = "idle",
	[TS_EXIT_REASON_UNANSWERED] = "unanswered",
	[TS_EXIT_REASON_SLOW_SENDER] = "slow_sender",
	[TS_EXIT_REASON_SLOW_READER] = "slow_reader",
	[TS_EXIT_REASON_PROCESSOR] = "processor",
	[TS_EXIT_REASON_LIFETIME] = "lifetime",
	[TS_EXIT_REASON_EVICTED] = "evicted",
	[TS_EXIT_REASON_MESSAGES] = "messages",
	[TS_EXIT_REASON_STOPPED] = "stopped",
	[TS_EXIT_REASON_CRASHED] = "crashed",
	[TS_EXIT_REASON_FAILED] = "failed",
};

static const char *const kill_texts[TS_KILL_REASONS] = {
	[TS_KILL_NONE] = "not killed",
	[TS_KILL_FIRST_BYTE] = "the client sent nothing in time",
	[TS_KILL_IDLE] = "nothing was moved for too long",
	[TS_KILL_UNANSWERED] =
	    "the service has not answered, its storage may hang",
	[TS_KILL_SLOW_SENDER] = "the client sends too slowly",
	[TS_KILL_SLOW_READER] = "the client reads too slowly",
	[TS_KILL_PROCESSOR] = "its child used too much processor time",
	[TS_KILL_LIFETIME] = "the longest life of a connection is over",
	[TS_KILL_EVICTED] = "its slot was given to a newcomer",
	[TS_KILL_MESSAGES] = "its child sent malformed or too many messages",
	[TS_KILL_STOPPED] = "the server stops",
};

static const enum ts_exit_reason of_kill[TS_KILL_REASONS] = {
	[TS_KILL_NONE] = TS_EXIT_REASON_CRASHED,
	[TS_KILL_FIRST_BYTE] = TS_EXIT_REASON_FIRST_BYTE,
	[TS_KILL_IDLE] = TS_EXIT_REASON_IDLE,
	[TS_KILL_UNANSWERED] = TS_EXIT_REASON_UNANSWERED,
	[TS_KILL_SLOW_SENDER] = TS_EXIT_REASON_SLOW_SENDER,
	[TS_KILL_SLOW_READER] = TS_EXIT_REASON_SLOW_READER,
	[TS_KILL_PROCESSOR] = TS_EXIT_REASON_PROCESSOR,
	[TS_KILL_LIFETIME] = TS_EXIT_REASON_LIFETIME,
	[TS_KILL_EVICTED] = TS_EXIT_REASON_EVICTED,
	[TS_KILL_MESSAGES] = TS_EXIT_REASON_MESSAGES,
	[TS_KILL_STOPPED] = TS_EXIT_REASON_STOPPED,
};

static enum ts_exit_reason
of_signal(int number, enum ts_kill_reason killed_for)
{
	if (number == SIGKILL)
		return of_kill[killed_for];
	return number == SIGPIPE ? TS_EXIT_REASON_GONE : TS_EXIT_REASON_CRASHED;
}

static enum ts_exit_reason
of_status(int status)
{
	switch (status) {
	case TS_EXIT_CLOSED:
	case TS_EXIT_LINGER:
		return TS_EXIT_REASON_CLOSED;
	case TS_EXIT_PARKED:
		return TS_EXIT_REASON_PARKED;
	case TS_EXIT_RESET:
		return TS_EXIT_REASON_RESET;
	default:
		return TS_EXIT_REASON_FAILED;
	}
}

enum ts_exit_reason
ts_exit_reason_of(int wait_status, enum ts_kill_reason killed_for)
{
	if (WIFSIGNALED(wait_status))
		return of_signal(WTERMSIG(wait_status), killed_for);
	return of_status(WEXITSTATUS(wait_status));
}

const char *
ts_exit_reason_name(enum ts_exit_reason reason)
{
	return names[reason];
}

const char *
ts_kill_reason_text(enum ts_kill_reason reason)
{
	return kill_texts[reason];
}
