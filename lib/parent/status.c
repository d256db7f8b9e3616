/* SPDX-License-Identifier: MIT */
/* The status: on a unix socket, and in the log. */
#include "parent/status.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/report.h"
#include "os/fd.h"
#include "os/listen.h"

/* How long to leave the listener alone when descriptors are short. */
#define PAUSE_MS 1000

/* --- What there is to tell ----------------------------------------------- */

static void
list_penalties(const struct ts_status *status, struct ts_report *report)
{
	struct ts_monotime now = ts_poller_now();
	struct ts_penalty_view view;
	uint32_t cursor = 0;

	while (report->penalty_count < TS_REPORT_PENALTIES &&
	    ts_penalties_next(status->penalties, &cursor, now, &view))
		if (view.left_s > 0)
			report->penalties[report->penalty_count++] = view;
}

static void
look(const struct ts_status *status, struct ts_report *ret_report)
{
	const struct ts_connections *connections = status->connections;
	uint32_t held = ts_network_table_held(status->networks);
	uint32_t killed = ts_network_table_killed(status->networks);

	*ret_report = (struct ts_report){
		.metrics = status->metrics,
		.slots = status->slot_count,
		.children = held - killed,
		.killed = killed,
		.waiting = connections->waiting,
		.parked = connections->parked,
		.lingering = connections->lingering,
		.is_overloaded = status->watchdog->overload.is_on,
		.is_parking_overloaded = status->parking->overload.is_on,
		.walls = status->jail->walls,
	};
	ret_report->heaviest_count =
	    ts_network_table_list(status->networks, ret_report->heaviest);
	list_penalties(status, ret_report);
}

void
ts_status_log(const struct ts_status *status)
{
	char text[TS_REPORT_BYTES];
	struct ts_report report;
	const char *line = text;
	const char *line_end;
	size_t left;

	look(status, &report);
	left = ts_report_text(&report, text);
	while (left > 0) {
		line_end = memchr(line, '\n', left);
		ts_logger_say(status->logger, "status: %.*s",
		    (int)(line_end - line), line);
		left -= (size_t)(line_end + 1 - line);
		line = line_end + 1;
	}
	explicit_bzero(text, sizeof(text));
	explicit_bzero(&report, sizeof(report));
}

/* --- The listener -------------------------------------------------------- */

static int
heed(struct ts_status *status)
{
	int r;

	status->resume_at = TS_MONOTIME_NEVER;
	r = ts_poller_add(status->poller, status->fd, status->first_tag);
	if (r == 0)
		status->is_heeded = true;
	return r;
}

static void
ignore(struct ts_status *status)
{
	if (status->is_heeded)
		ts_poller_remove(status->poller, status->fd);
	status->is_heeded = false;
}

static void
end(struct ts_status *status, uint32_t index)
{
	struct ts_status_requester *requester = &status->requesters[index];

	/*
	 * Closing alone does not take it out of the poll set: a child that was
	 * forked just now may still have it open.
	 */
	ts_poller_remove(status->poller, requester->fd);
	ts_fd_close(&requester->fd);
	ts_deadline_clear(&status->deadline, index);
	ts_slots_remove(&status->slots, index);
}

int
ts_status_open(struct ts_status *status)
{
	int r;

	status->fd = -1;
	status->place_of_path.folder_fd = -1;
	status->resume_at = TS_MONOTIME_NEVER;
	ts_slots_init(&status->slots, status->next, TS_STATUS_REQUESTERS);
	ts_deadline_init(&status->deadline, status->heap, status->place,
	    TS_STATUS_REQUESTERS);
	for (uint32_t i = 0; i < TS_STATUS_REQUESTERS; i++)
		status->requesters[i].fd = -1;
	if (status->path == NULL)
		return 0;
	r = ts_place_open(&status->place_of_path, status->path);
	if (r < 0)
		return r;
	r = ts_listen_open_private(&status->fd, status->path);
	if (r < 0) {
		ts_fd_close(&status->place_of_path.folder_fd);
		return r;
	}
	r = heed(status);
	if (r < 0)
		ts_status_close(status);
	return r;
}

void
ts_status_close(struct ts_status *status)
{
	if (status->fd < 0)
		return;
	for (uint32_t i = 0; i < TS_STATUS_REQUESTERS; i++)
		if (status->requesters[i].fd >= 0)
			end(status, i);
	ignore(status);
	ts_place_remove(&status->place_of_path);
	ts_fd_close(&status->fd);
}

/* One more has come, or none, or there is nothing to have it with. */
static void
receive(struct ts_status *status, struct ts_monotime now)
{
	uint32_t index = ts_slots_add(&status->slots);
	struct ts_status_requester *requester = &status->requesters[index];
	int fd;

	fd = accept4(status->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	if (fd < 0) {
		ts_slots_remove(&status->slots, index);
		if (errno == EAGAIN || errno == ECONNABORTED || errno == EINTR)
			return;
		ignore(status);
		status->resume_at = ts_monotime_add_ms(now, PAUSE_MS);
		return;
	}
	*requester = (struct ts_status_requester){ .fd = -1 };
	if (ts_fd_raise(&requester->fd, fd, TS_FD_PARENT) < 0 ||
	    ts_poller_add(status->poller, requester->fd,
		status->first_tag + 1 + index) < 0) {
		end(status, index);
		return;
	}
	ts_deadline_set(&status->deadline, index,
	    ts_monotime_add_ms(now, TS_STATUS_MS));
	if (status->slots.used == TS_STATUS_REQUESTERS)
		ignore(status);
}

/* --- A requester --------------------------------------------------------- */

static bool
is_line(const struct ts_status_requester *requester, const char *word)
{
	return requester->bytes == strlen(word) &&
	    memcmp(requester->line, word, requester->bytes) == 0;
}

/*
 * Takes all points from the source of that name, as the report shows it.
 * Returns whether it had any.
 */
static bool
forgive(struct ts_status *status, const char *name, size_t bytes)
{
	char text[TS_NETWORK_TEXT_SIZE];
	struct ts_penalty_view view;
	uint32_t cursor = 0;

	while (ts_penalties_next(status->penalties, &cursor, ts_poller_now(),
	    &view)) {
		ts_network_format(view.source, text);
		if (bytes == strlen(text) && memcmp(name, text, bytes) == 0)
			return ts_penalties_forgive(status->penalties,
			    view.source);
	}
	return false;
}

/* Writes the answer to a request.  Returns how many bytes it has. */
static size_t
write_answer(struct ts_status *status,
    const struct ts_status_requester *requester, char text[TS_REPORT_BYTES])
{
	static const char forgive_word[] = "forgive ";
	size_t word_bytes = sizeof(forgive_word) - 1;
	struct ts_report report;
	const char *answer =
	    "unknown request: expected status, json or forgive SOURCE\n";
	size_t bytes = 0;

	look(status, &report);
	if (is_line(requester, "") || is_line(requester, "status"))
		bytes = ts_report_text(&report, text);
	else if (is_line(requester, "json"))
		bytes = ts_report_json(&report, text);
	else if (requester->bytes > word_bytes &&
	    memcmp(requester->line, forgive_word, word_bytes) == 0)
		answer = forgive(status, requester->line + word_bytes,
			     requester->bytes - word_bytes)
		    ? "forgiven\n"
		    : "not under penalty\n";
	explicit_bzero(&report, sizeof(report));
	if (bytes > 0)
		return bytes;
	memcpy(text, answer, strlen(answer));
	return strlen(answer);
}

/* The whole of it fits into a socket that is empty, so it never waits. */
static void
answer(struct ts_status *status, const struct ts_status_requester *requester)
{
	char text[TS_REPORT_BYTES];
	size_t bytes = write_answer(status, requester, text);

	(void)send(requester->fd, text, bytes, MSG_DONTWAIT | MSG_NOSIGNAL);
	/* Who is connected stays unknown to children, which copy this stack. */
	explicit_bzero(text, sizeof(text));
}

/*
 * Reads what has come.  Returns whether that is the whole line; its end, and
 * what follows, is cut off.  The end of all input is the end of a line.
 */
static bool
has_line(struct ts_status_requester *requester)
{
	size_t room = sizeof(requester->line) - requester->bytes;
	const char *line_end;
	ssize_t n;

	n = recv(requester->fd, requester->line + requester->bytes, room,
	    MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0)
		return true;
	requester->bytes += (size_t)n;
	line_end = memchr(requester->line, '\n', requester->bytes);
	if (line_end != NULL)
		requester->bytes = (size_t)(line_end - requester->line);
	return line_end != NULL || requester->bytes == sizeof(requester->line);
}

static void
hear(struct ts_status *status, uint32_t index)
{
	struct ts_status_requester *requester = &status->requesters[index];

	if (requester->fd < 0 || !has_line(requester))
		return;
	answer(status, requester);
	end(status, index);
}

/* Where a place has become free, there may be somebody who waits for it. */
static void
heed_if_free(struct ts_status *status)
{
	if (status->fd >= 0 && !status->is_heeded &&
	    status->resume_at.ns == TS_MONOTIME_NEVER.ns &&
	    status->slots.used < TS_STATUS_REQUESTERS)
		(void)heed(status);
}

void
ts_status_attend(struct ts_status *status, uint64_t tag, struct ts_monotime now)
{
	if (tag != status->first_tag)
		hear(status, (uint32_t)(tag - status->first_tag - 1));
	else if (status->is_heeded)
		receive(status, now);
	heed_if_free(status);
}

struct ts_monotime
ts_status_next(const struct ts_status *status)
{
	return ts_monotime_earlier(status->resume_at,
	    ts_deadline_next(&status->deadline));
}

void
ts_status_expire(struct ts_status *status, struct ts_monotime now)
{
	uint32_t index;

	for (;;) {
		index = ts_deadline_take_due(&status->deadline, now);
		if (index == TS_SLOTS_NONE)
			break;
		end(status, index);
	}
	if (ts_monotime_is_due(status->resume_at, now))
		status->resume_at = TS_MONOTIME_NEVER;
	heed_if_free(status);
}
