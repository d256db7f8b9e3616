/* SPDX-License-Identifier: MIT */
/*
 * A crowd: so many connections in all, each of random length.  All begin a
 * request; when its time is over, one half finish it and hear the answer, the
 * others leave.  Beside them storms: so many who begin a request, wait for
 * each other, and then leave all at once.
 *
 *	crowd [-n connections] [-c at a time] [-l most ms] [-e of a storm]
 *	    [-s sources] port
 *
 * Goes to 127.0.0.1 and nowhere else, and always ends.  Prints at the end:
 *
 *	connected N answered N left N cut N failed N storms N seconds S
 *
 * Answered are those that heard a 200; cut, those that the server has ended
 * before their time, or who heard something else; failed, attempts that never
 * were connected, which others make up for.
 */
#include <sys/epoll.h>
#include <sys/socket.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "side.h"

#define MAX_CONNECTIONS 10000000
#define MAX_AT_A_TIME 8000
#define MAX_LIFE_MS 10000
#define MAX_RUN_MS 900000
#define EVENTS 512
#define TURN_MS 2
/* Between the last to come and the end of all of a storm. */
#define CALM_MS 100
#define HEARD_BYTES 16

static const char first_words[] = "GET / HTTP/1.0\r\nHo";
static const char last_words[] = "st: localhost\r\n\r\n";

enum stage {
	AWAY,
	CONNECTS,
	WAITS,
	HEARS,
};

struct member {
	enum stage stage;
	int fd;
	/* When its time is over; for those of a storm, never by itself. */
	double end_ms;
	bool will_ask;
	size_t heard_bytes;
	char heard[HEARD_BYTES];
};

struct crowd {
	struct side_sources sources;
	uint16_t port;
	uint64_t connections;
	/* Of the members, the first so many make up the storms. */
	unsigned storm_size;
	unsigned others;
	unsigned life_ms;
	int epoll_fd;
	struct member *members;
	uint64_t turn;
	/* Open, or through with it; those that failed are not among them. */
	uint64_t begun;
	unsigned present;
	/* Of a storm, those that wait; and when the last of them came. */
	unsigned gathered;
	double gathered_ms;
	unsigned long long connected, answered, left, cut, failed, storms;
};

static unsigned
member_count(const struct crowd *crowd)
{
	return crowd->storm_size + crowd->others;
}

static bool
is_of_storm(const struct crowd *crowd, const struct member *member)
{
	return member < crowd->members + crowd->storm_size;
}

static void
member_watch(const struct crowd *crowd, struct member *member, int operation,
    uint32_t events)
{
	struct epoll_event event = { .events = events };

	event.data.ptr = member;
	if (epoll_ctl(crowd->epoll_fd, operation, member->fd, &event) < 0)
		side_die("epoll_ctl");
}

static void
member_begin(struct crowd *crowd, struct member *member)
{
	member->fd =
	    side_connect(&crowd->sources, crowd->turn++, crowd->port, 0);
	if (member->fd < 0) {
		crowd->failed++;
		return;
	}
	crowd->begun++;
	crowd->present++;
	member->stage = CONNECTS;
	member->heard_bytes = 0;
	member->will_ask = random() % 2 == 0;
	member_watch(crowd, member, EPOLL_CTL_ADD, EPOLLOUT);
}

static void
member_end(struct crowd *crowd, struct member *member)
{
	if (member->stage == WAITS && is_of_storm(crowd, member))
		crowd->gathered--;
	(void)close(member->fd);
	member->stage = AWAY;
	crowd->present--;
}

static void
member_connected(struct crowd *crowd, struct member *member, uint32_t events)
{
	double now_ms = side_now_ms();

	if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
		crowd->failed++;
		crowd->begun--;
		member_end(crowd, member);
		return;
	}
	crowd->connected++;
	member->stage = WAITS;
	member->end_ms = now_ms + (double)(random() % (crowd->life_ms + 1));
	if (is_of_storm(crowd, member)) {
		crowd->gathered++;
		crowd->gathered_ms = now_ms;
	}
	(void)send(member->fd, first_words, strlen(first_words), MSG_NOSIGNAL);
	member_watch(crowd, member, EPOLL_CTL_MOD, EPOLLIN | EPOLLRDHUP);
}

static void
member_hear(struct crowd *crowd, struct member *member)
{
	char bytes[4096];
	ssize_t got;
	size_t kept;

	got = recv(member->fd, bytes, sizeof(bytes), 0);
	if (got > 0 && member->stage == HEARS) {
		kept = HEARD_BYTES - member->heard_bytes;
		if (kept > (size_t)got)
			kept = (size_t)got;
		memcpy(member->heard + member->heard_bytes, bytes, kept);
		member->heard_bytes += kept;
		return;
	}
	if (got == 0 && member->heard_bytes == HEARD_BYTES &&
	    memcmp(member->heard + 8, " 200", 4) == 0)
		crowd->answered++;
	else
		crowd->cut++;
	member_end(crowd, member);
}

static void
member_event(struct crowd *crowd, struct member *member, uint32_t events)
{
	if (member->stage == CONNECTS)
		member_connected(crowd, member, events);
	else if (member->stage != AWAY)
		member_hear(crowd, member);
}

/* Its time is over. */
static void
member_finish(struct crowd *crowd, struct member *member)
{
	if (member->will_ask) {
		(void)send(member->fd, last_words, strlen(last_words),
		    MSG_NOSIGNAL);
		member->stage = HEARS;
		return;
	}
	crowd->left++;
	member_end(crowd, member);
}

/* All of a storm leave, if all have come, or if no more will come. */
static void
storm_if_due(struct crowd *crowd, double now_ms)
{
	bool is_last = crowd->begun >= crowd->connections;

	if (crowd->gathered == 0 || now_ms < crowd->gathered_ms + CALM_MS ||
	    (crowd->gathered < crowd->storm_size && !is_last))
		return;
	if (crowd->gathered == crowd->storm_size)
		crowd->storms++;
	for (unsigned i = 0; i < crowd->storm_size; i++) {
		if (crowd->members[i].stage != WAITS)
			continue;
		crowd->left++;
		member_end(crowd, &crowd->members[i]);
	}
}

static void
take_turns(struct crowd *crowd, double now_ms)
{
	storm_if_due(crowd, now_ms);
	for (unsigned i = 0; i < member_count(crowd); i++) {
		struct member *member = &crowd->members[i];

		if (member->stage == AWAY && crowd->begun < crowd->connections)
			member_begin(crowd, member);
		else if (member->stage == WAITS && i >= crowd->storm_size &&
		    member->end_ms <= now_ms)
			member_finish(crowd, member);
	}
}

static void
crowd_run(struct crowd *crowd)
{
	struct epoll_event events[EVENTS];
	double begin_ms = side_now_ms(), turn_ms = 0, now_ms;
	int ready;

	do {
		now_ms = side_now_ms();
		if (now_ms >= turn_ms) {
			take_turns(crowd, now_ms);
			turn_ms = now_ms + TURN_MS;
		}
		ready = epoll_wait(crowd->epoll_fd, events, EVENTS, TURN_MS);
		for (int i = 0; i < ready; i++)
			member_event(crowd, events[i].data.ptr,
			    events[i].events);
	} while ((crowd->begun < crowd->connections || crowd->present > 0) &&
	    now_ms - begin_ms < MAX_RUN_MS);
	printf("connected %llu answered %llu left %llu cut %llu failed %llu "
	       "storms %llu seconds %.1f\n",
	    crowd->connected, crowd->answered, crowd->left, crowd->cut,
	    crowd->failed, crowd->storms, (now_ms - begin_ms) / 1000);
}

static void
options_parse(struct crowd *crowd, int argc, char **argv)
{
	int option;

	for (;;) {
		option = getopt(argc, argv, "n:c:l:e:s:");
		if (option == -1)
			break;
		if (option == 'n')
			crowd->connections =
			    side_number(optarg, 1, MAX_CONNECTIONS);
		else if (option == 'c')
			crowd->others =
			    (unsigned)side_number(optarg, 1, MAX_AT_A_TIME);
		else if (option == 'l')
			crowd->life_ms =
			    (unsigned)side_number(optarg, 0, MAX_LIFE_MS);
		else if (option == 'e')
			crowd->storm_size =
			    (unsigned)side_number(optarg, 0, MAX_AT_A_TIME);
		else if (option == 's')
			crowd->sources = side_sources(optarg);
		else
			exit(2);
	}
	if (optind != argc - 1) {
		fputs("usage: crowd [-n connections] [-c at a time] [-l most "
		      "ms] [-e of a storm] [-s sources] port\n",
		    stderr);
		exit(2);
	}
	crowd->port = (uint16_t)side_number(argv[optind], 1, UINT16_MAX);
}

int
main(int argc, char **argv)
{
	struct crowd crowd = { .connections = 1000,
		.others = 200,
		.life_ms = 50 };

	crowd.sources = side_sources("127.0.20.1");
	options_parse(&crowd, argc, argv);
	side_raise_descriptor_limit();
	srandom(1);
	crowd.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	crowd.members = calloc(member_count(&crowd), sizeof(*crowd.members));
	if (crowd.epoll_fd < 0 || crowd.members == NULL)
		side_die("start");
	crowd_run(&crowd);
	free(crowd.members);
	return EXIT_SUCCESS;
}
