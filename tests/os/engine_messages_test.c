/* SPDX-License-Identifier: MIT */
/*
 * What a child can do to others by its channel to the parent: nothing.  Its
 * handler sends what it likes, as after a takeover.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/message.h"
#include "forked.h"
#include "os/fd.h"
#include "peers.h"
#include "scene.h"

#define MOST_BYTES 4096

static struct scene scene;

/* What a child sends by the command of its client. */
static const struct trick {
	char command;
	const char *name;
	size_t bytes;
	struct ts_message message;
	/* Whether the child is killed for it. */
	bool is_rejected;
} tricks[] = {
	{ 'a', "a state", sizeof(struct ts_message),
	    { .kind = TS_MESSAGE_STATE, .state_bytes = 64 }, false },
	{ 'b', "a penalty", sizeof(struct ts_message),
	    { .kind = TS_MESSAGE_PENALTY, .points = 1 }, false },
	{ 'c', "no bytes", 0, { .kind = TS_MESSAGE_STATE }, true },
	{ 'd', "one byte less", sizeof(struct ts_message) - 1,
	    { .kind = TS_MESSAGE_STATE }, true },
	{ 'e', "one byte more", sizeof(struct ts_message) + 1,
	    { .kind = TS_MESSAGE_STATE }, true },
	{ 'f', "a page", MOST_BYTES, { .kind = TS_MESSAGE_STATE }, true },
	{ 'g', "no kind", sizeof(struct ts_message), { .kind = 0 }, true },
	{ 'h', "an unknown kind", sizeof(struct ts_message), { .kind = 3 },
	    true },
	{ 'i', "too much state", sizeof(struct ts_message),
	    { .kind = TS_MESSAGE_STATE, .state_bytes = 65 }, true },
	{ 'j', "no points", sizeof(struct ts_message),
	    { .kind = TS_MESSAGE_PENALTY }, true },
	{ 'k', "too many points", sizeof(struct ts_message),
	    { .kind = TS_MESSAGE_PENALTY, .points = 101 }, true },
};

#define TRICKS (sizeof(tricks) / sizeof(tricks[0]))

static int
send_trick(const struct trick *trick, int flags)
{
	char bytes[MOST_BYTES] = "";

	memcpy(bytes, &trick->message, sizeof(trick->message));
	return send(TS_FD_CHANNEL, bytes, trick->bytes, flags | MSG_NOSIGNAL) <
		0
	    ? -errno
	    : 0;
}

/* Sends a sound message, and with it its connection and the channel. */
static void
send_descriptors(int connection)
{
	const int fds[] = { connection, TS_FD_CHANNEL };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(fds))];
	} control = { .bytes = "" };
	struct ts_message message = { .kind = TS_MESSAGE_STATE };
	struct iovec part = { &message, sizeof(message) };
	struct msghdr header = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&header);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(fds));
	memcpy(CMSG_DATA(c), fds, sizeof(fds));
	(void)sendmsg(TS_FD_CHANNEL, &header, MSG_NOSIGNAL);
}

/* By a process that is not the server's child, and ends before it. */
static void
send_by_another(const struct trick *trick)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)send_trick(trick, 0);
		_exit(0);
	}
	(void)waitpid(pid, NULL, 0);
}

static const struct trick *
find_trick(char command)
{
	for (size_t i = 0; i < TRICKS; i++)
		if (tricks[i].command == command)
			return &tricks[i];
	return NULL;
}

static void
wait_for_end(int connection)
{
	struct pollfd end = { .fd = connection, .events = POLLRDHUP };

	(void)poll(&end, 1, -1);
}

/*
 * The first byte of its client is '1', once; '*', without end; '>', by another
 * process; 'x', with descriptors; '.', not at all.  The second one is a trick.
 */
static enum tcpserver_verdict
cheat(const struct tcpserver_client *client, void *arg)
{
	char words[2] = "";
	const struct trick *trick;

	(void)arg;
	if (recv(client->fd, words, 2, MSG_WAITALL) != 2)
		return TCPSERVER_CLOSE;
	trick = find_trick(words[1]);
	switch (words[0]) {
	case '1':
		(void)send_trick(trick, 0);
		break;
	case '*':
		while (send_trick(trick, MSG_DONTWAIT) != -EPIPE)
			continue;
		break;
	case '>':
		send_by_another(trick);
		break;
	case 'x':
		send_descriptors(client->fd);
		break;
	default:
		(void)send(client->fd, "hello\n", 6, MSG_NOSIGNAL);
		return TCPSERVER_CLOSE;
	}
	(void)send(client->fd, "sent\n", 5, MSG_NOSIGNAL);
	wait_for_end(client->fd);
	return TCPSERVER_RESET;
}

static int
ask_from(const char *source, char how, char command)
{
	const char words[3] = { how, command, '\0' };
	int client = peers_connect_from(source, scene.ports[0]);

	peers_send(client, words);
	return client;
}

static int
ask(char how, char command)
{
	return ask_from("127.0.0.1", how, command);
}

/* Takes the penalty points from a source, if it has any. */
static void
forgive(const char *source)
{
	int fd = peers_connect_unix(scene.status_path);
	char text[64];

	(void)snprintf(text, sizeof(text), "forgive %s\n", source);
	peers_send(fd, text);
	assert_int_equal(
	    peers_read_to_end(fd, text, sizeof(text), PROCESS_LIMIT_MS), 0);
	(void)close(fd);
}

/* Clients of other sources are served, and soon. */
static void
expect_service(void)
{
	int64_t begin = process_now_ms();

	scene_expect(ask_from("127.0.9.1", '.', '.'), "hello\n", 0);
	assert_true(process_now_ms() - begin < 2000);
}

static void
expect_cut(int client)
{
	char text[64];

	assert_int_equal(
	    peers_read_to_end(client, text, sizeof(text), PROCESS_LIMIT_MS),
	    -ECONNRESET);
	(void)close(client);
}

static void
a_message_that_cannot_be_kills_its_sender_alone(void **state)
{
	const struct scene_setup setup = {
		.handler = cheat,
		.has_status = true,
	};
	uint64_t rejected = 0;
	int other;

	(void)state;
	scene_open(&scene, &setup);
	other = ask('1', 'a');
	scene_expect_so_far(other, "sent\n");
	for (size_t i = 0; i < TRICKS; i++) {
		int client = ask('1', tricks[i].command);

		if (tricks[i].is_rejected) {
			expect_cut(client);
			rejected++;
		} else {
			scene_expect_so_far(client, "sent\n");
			(void)close(client);
		}
		scene_expect_number(&scene, "rejected_messages", rejected);
		scene_expect_children(&scene, 1 + SCENE_HELPERS);
		expect_service();
	}
	scene_expect_log(&scene,
	    "reset 127.0.0.1: its child sent malformed or too many messages");
	assert_false(process_has_input(other, 0));
	(void)close(other);
	scene_close(&scene);
}

/* The parent does not have it: it is closed with its child. */
static void
no_descriptor_reaches_the_parent(void **state)
{
	/* In the jail there is no sendmsg(2). */
	const struct scene_setup setup = {
		.handler = cheat,
		.options.jail.mode = TCPSERVER_JAIL_OFF,
		.has_status = true,
	};
	char before[PROCESS_FDS_SIZE];
	char after[PROCESS_FDS_SIZE];

	(void)state;
	scene_open(&scene, &setup);
	scene_list_fds(&scene, before);
	for (int i = 0; i < 3; i++) {
		int client = ask('x', '.');

		scene_expect_so_far(client, "sent\n");
		scene_expect_children(&scene, 1 + SCENE_HELPERS);
		(void)close(client);
		scene_expect_children(&scene, SCENE_HELPERS);
	}
	scene_list_fds(&scene, after);
	assert_string_equal(before, after);
	assert_int_equal(scene_number(&scene, "rejected_messages"), 0);
	scene_close(&scene);
}

/* Nobody can be held to account for it, and nobody is. */
static void
a_message_of_a_process_that_is_no_child_is_ignored(void **state)
{
	const struct scene_setup setup = {
		.handler = cheat,
		.options.jail.mode = TCPSERVER_JAIL_OFF,
		.has_status = true,
	};

	(void)state;
	scene_open(&scene, &setup);
	for (size_t i = 0; i < TRICKS; i++) {
		int client = ask('>', tricks[i].command);

		scene_expect_so_far(client, "sent\n");
		(void)close(client);
	}
	scene_expect_children(&scene, SCENE_HELPERS);
	assert_int_equal(scene_number(&scene, "rejected_messages"), 0);
	expect_service();
	scene_close(&scene);
}

/* Whatever they are, their sender is killed; meanwhile nobody waits. */
static void
a_flood_of_messages_ends_with_its_sender(void **state)
{
	const struct scene_setup setup = {
		.handler = cheat,
		.has_status = true,
	};

	(void)state;
	scene_open(&scene, &setup);
	for (size_t i = 0; i < TRICKS; i++) {
		int clients[2];

		for (int j = 0; j < 2; j++)
			clients[j] =
			    ask_from("127.3.0.1", '*', tricks[i].command);
		for (int j = 0; j < 5; j++)
			expect_service();
		for (int j = 0; j < 2; j++)
			expect_cut(clients[j]);
		/* A source is under penalty after this. */
		if (tricks[i].message.kind == TS_MESSAGE_PENALTY)
			forgive("127.3.0.1");
	}
	/* Those that were on their way are counted as well. */
	assert_true(scene_number(&scene, "rejected_messages") >= 2 * TRICKS);
	scene_close(&scene);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_message_that_cannot_be_kills_its_sender_alone),
		cmocka_unit_test(no_descriptor_reaches_the_parent),
		cmocka_unit_test(
		    a_message_of_a_process_that_is_no_child_is_ignored),
		cmocka_unit_test(a_flood_of_messages_ends_with_its_sender),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
