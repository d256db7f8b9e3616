/* SPDX-License-Identifier: MIT */
/* The kernel's own figures of a connection. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <arpa/inet.h>
#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "forked.h"
#include "os/fd.h"
#include "os/sock_addrs.h"
#include "os/sockdiag.h"
#include "peers.h"

/* A connection, and the name under which it is looked up. */
struct pair {
	struct ts_sockdiag diag;
	int client;
	int server;
	struct ts_sockdiag_id id;
};

static struct pair
open_pair(void)
{
	struct pair pair = { .id.cookie = 0 };
	struct ts_addr local;
	struct ts_addr peer;

	assert_int_equal(ts_sockdiag_open(&pair.diag), 0);
	assert_true(pair.diag.fd >= TS_FD_PARENT);
	assert_true(process_is_cloexec(pair.diag.fd));
	peers_open_pair(&pair.client, &pair.server);
	assert_int_equal(ts_ends_of(pair.server, &peer, &local), 0);
	assert_int_equal(
	    ts_sockdiag_identify(pair.server, &peer, &local, &pair.id), 0);
	assert_true(pair.id.cookie != 0);
	assert_int_equal(pair.id.interface, 0);
	return pair;
}

static void
close_pair(struct pair *pair)
{
	ts_sockdiag_close(&pair->diag);
	(void)close(pair->client);
	(void)close(pair->server);
}

static void
tells_what_was_moved_and_what_waits(void **state)
{
	struct pair pair = open_pair();
	struct ts_progress_sample sample;
	char text[8];

	(void)state;
	assert_int_equal(ts_sockdiag_look(&pair.diag, &pair.id, &sample), 0);
	assert_int_equal(sample.received_bytes, 0);
	assert_int_equal(sample.receive_queue_bytes, 0);
	assert_int_equal(sample.send_queue_bytes, 0);
	peers_send(pair.client, "seven!!");
	assert_true(process_has_input(pair.server, PROCESS_LIMIT_MS));
	assert_int_equal(ts_sockdiag_look(&pair.diag, &pair.id, &sample), 0);
	assert_int_equal(sample.received_bytes, 7);
	assert_int_equal(sample.receive_queue_bytes, 7);
	assert_in_range(sample.quiet_ms, 0, PROCESS_LIMIT_MS);
	assert_int_equal(recv(pair.server, text, 7, 0), 7);
	assert_int_equal(ts_sockdiag_look(&pair.diag, &pair.id, &sample), 0);
	assert_int_equal(sample.received_bytes, 7);
	assert_int_equal(sample.receive_queue_bytes, 0);
	close_pair(&pair);
}

/* Who does not read leaves something in the queue. */
static void
tells_what_a_reader_has_not_taken(void **state)
{
	struct pair pair = open_pair();
	struct ts_progress_sample sample;
	struct ts_progress_sample own;
	char some[4096];

	(void)state;
	memset(some, 'x', sizeof(some));
	while (send(pair.server, some, sizeof(some), MSG_DONTWAIT) > 0)
		continue;
	assert_int_equal(errno, EAGAIN);
	assert_int_equal(ts_sockdiag_look(&pair.diag, &pair.id, &sample), 0);
	assert_true(sample.send_queue_bytes > 0);
	assert_true(sample.acknowledged_bytes > 0);
	/* The one who holds it sees the same. */
	assert_int_equal(ts_sockdiag_own(pair.server, &own), 0);
	assert_true(own.acknowledged_bytes >= sample.acknowledged_bytes);
	assert_int_equal(own.received_bytes, 0);
	close_pair(&pair);
}

static void
silence_grows(void **state)
{
	struct pair pair = open_pair();
	struct ts_progress_sample sample;

	(void)state;
	assert_false(process_has_input(pair.server, 300));
	assert_int_equal(ts_sockdiag_look(&pair.diag, &pair.id, &sample), 0);
	assert_in_range(sample.quiet_ms, 250, PROCESS_LIMIT_MS);
	peers_send(pair.client, "x");
	assert_true(process_has_input(pair.server, PROCESS_LIMIT_MS));
	assert_int_equal(ts_sockdiag_look(&pair.diag, &pair.id, &sample), 0);
	assert_in_range(sample.quiet_ms, 0, 249);
	close_pair(&pair);
}

static void
another_cookie_is_another_connection(void **state)
{
	struct pair pair = open_pair();
	struct ts_progress_sample sample;

	(void)state;
	pair.id.cookie++;
	assert_int_equal(ts_sockdiag_look(&pair.diag, &pair.id, &sample),
	    -ENOENT);
	pair.id.cookie--;
	assert_int_equal(ts_sockdiag_look(&pair.diag, &pair.id, &sample), 0);
	pair.id.peer.port ^= 1;
	assert_int_equal(ts_sockdiag_look(&pair.diag, &pair.id, &sample),
	    -ENOENT);
	close_pair(&pair);
}

/* A listening socket of `family` on any port of `address`. */
static int
open_listener(int family, const void *address, socklen_t size)
{
	static const int on = 1;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert(fd >= 0);
	assert(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0);
	assert(bind(fd, address, size) == 0 && listen(fd, 4) == 0);
	return fd;
}

static int
open_ipv4_listener(void)
{
	const struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };

	return open_listener(AF_INET, &sin, sizeof(sin));
}

/* The name of an accepted connection, as the parent learns it. */
static struct ts_sockdiag_id
identify(int fd)
{
	struct ts_sockdiag_id id;
	struct ts_addr local;
	struct ts_addr peer;

	assert(ts_ends_of(fd, &peer, &local) == 0);
	assert(ts_sockdiag_identify(fd, &peer, &local, &id) == 0);
	return id;
}

/* Ended by a reset, so that both addresses can be used again at once. */
static void
reset(int fd)
{
	const struct linger now = { 1, 0 };

	assert(setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now)) == 0);
	(void)close(fd);
}

static int
connect_to(int listener, struct sockaddr_in *from)
{
	static const int on = 1;
	struct sockaddr_in to;
	socklen_t size = sizeof(to);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert(getsockname(listener, (struct sockaddr *)&to, &size) == 0);
	assert(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0);
	assert(bind(fd, (const struct sockaddr *)from, sizeof(*from)) == 0);
	assert(connect(fd, (const struct sockaddr *)&to, size) == 0);
	assert(getsockname(fd, (struct sockaddr *)from, &size) == 0);
	return fd;
}

static int
use_addresses_again(void *arg)
{
	struct sockaddr_in from = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct ts_progress_sample sample;
	struct ts_sockdiag diag;
	struct ts_sockdiag_id old;
	struct ts_sockdiag_id new;
	int listener = open_ipv4_listener();
	int client;
	int server;

	(void)arg;
	assert(ts_sockdiag_open(&diag) == 0);
	client = connect_to(listener, &from);
	server = accept(listener, NULL, NULL);
	old = identify(server);
	assert(ts_sockdiag_look(&diag, &old, &sample) == 0);
	reset(client);
	/* Nothing is there, but the listener. */
	assert(ts_sockdiag_look(&diag, &old, &sample) == -ENOENT);
	(void)connect_to(listener, &from);
	new = identify(accept(listener, NULL, NULL));
	assert(old.peer.port == new.peer.port &&old.cookie != new.cookie);
	assert(ts_sockdiag_look(&diag, &new, &sample) == 0);
	assert(ts_sockdiag_look(&diag, &old, &sample) == -ENOENT);
	return 0;
}

static void
a_later_connection_with_the_same_addresses_is_another(void **state)
{
	(void)state;
	process_run(use_addresses_again, NULL);
}

/* Asks as one that was killed before it had read the answer. */
static void
leave_an_answer(int fd, uint8_t family)
{
	const struct {
		struct nlmsghdr header;
		struct inet_diag_req_v2 diag;
	} request = {
		.header = { sizeof(request), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST,
		    0, 0 },
		.diag = { .sdiag_family = family,
		    .sdiag_protocol = IPPROTO_TCP,
		    .idiag_states = ~0U },
	};

	assert_int_equal(send(fd, &request, sizeof(request), 0),
	    sizeof(request));
}

static void
answers_to_others_are_dropped(void **state)
{
	struct pair a = open_pair();
	struct pair b = open_pair();
	struct ts_progress_sample sample;

	(void)state;
	peers_send(a.client, "1");
	peers_send(b.client, "four");
	assert_true(process_has_input(a.server, PROCESS_LIMIT_MS));
	assert_true(process_has_input(b.server, PROCESS_LIMIT_MS));
	leave_an_answer(a.diag.fd, AF_INET);
	leave_an_answer(a.diag.fd, AF_INET6);
	leave_an_answer(a.diag.fd, AF_INET);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ts_sockdiag_look(&a.diag, &a.id, &sample), 0);
		assert_int_equal(sample.received_bytes, 1);
		assert_int_equal(ts_sockdiag_look(&a.diag, &b.id, &sample), 0);
		assert_int_equal(sample.received_bytes, 4);
	}
	close_pair(&a);
	close_pair(&b);
}

static void
two_that_use_one_socket_never_take_each_other_s_answers(void **state)
{
	struct pair a = open_pair();
	struct ts_sockdiag other;
	struct ts_progress_sample sample;

	(void)state;
	assert_int_equal(ts_sockdiag_adopt(&other, a.diag.fd), 0);
	/* They do not begin with the same number. */
	assert_true(other.sequence != a.diag.sequence);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(ts_sockdiag_look(&a.diag, &a.id, &sample), 0);
		assert_int_equal(ts_sockdiag_look(&other, &a.id, &sample), 0);
	}
	close_pair(&a);
}

static void
the_connection_of_a_unix_socket_has_a_cookie(void **state)
{
	const struct ts_addr nobody = ts_addr_from_uid(1);
	struct ts_sockdiag_id ids[2];
	int ends[2];

	(void)state;
	assert_int_equal(
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(
		    ts_sockdiag_identify(ends[i], &nobody, &nobody, &ids[i]),
		    0);
	assert_true(ids[0].cookie != 0 && ids[1].cookie != 0);
	assert_true(ids[0].cookie != ids[1].cookie);
	(void)close(ends[0]);
	(void)close(ends[1]);
	assert_int_equal(
	    ts_sockdiag_identify(ends[0], &nobody, &nobody, &ids[0]), -EBADF);
}

/* --- Another network ----------------------------------------------------- */

/* As in <linux/ipv6.h>, which <netinet/in.h> does not go with. */
struct address_request {
	struct in6_addr address;
	uint32_t prefix_bits;
	int interface;
};

/* The kernel lets an address be used a moment after it was added. */
static void
wait_for_address(const struct sockaddr_in6 *sin6)
{
	int64_t begin = process_now_ms();
	int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	while (bind(fd, (const struct sockaddr *)sin6, sizeof(*sin6)) < 0) {
		assert(process_now_ms() - begin < PROCESS_LIMIT_MS);
		(void)sched_yield();
	}
	(void)close(fd);
}

/* A network of its own, with a link-local address on its loopback. */
static void
enter_network(void)
{
	struct sockaddr_in6 own = { .sin6_family = AF_INET6 };
	struct ifreq loopback = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	struct address_request request = { .prefix_bits = 64 };
	int fd;

	assert(unshare(CLONE_NEWNET) == 0);
	fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert(fd >= 0 && ioctl(fd, SIOCSIFFLAGS, &loopback) == 0);
	request.interface = (int)if_nametoindex("lo");
	assert(inet_pton(AF_INET6, "fe80::1", &request.address) == 1);
	assert(ioctl(fd, SIOCSIFADDR, &request) == 0);
	(void)close(fd);
	own.sin6_addr = request.address;
	own.sin6_scope_id = (uint32_t)request.interface;
	wait_for_address(&own);
}

static bool
may_enter_network(void)
{
	return geteuid() == 0;
}

static void
expect_found(struct ts_sockdiag *diag, int listener, uint32_t interface)
{
	struct ts_progress_sample sample;
	struct ts_sockdiag_id id;
	struct sockaddr_in6 to;
	socklen_t size = sizeof(to);
	int client;

	assert(getsockname(listener, (struct sockaddr *)&to, &size) == 0);
	if (IN6_IS_ADDR_UNSPECIFIED(&to.sin6_addr)) {
		assert(inet_pton(AF_INET6, "fe80::1", &to.sin6_addr) == 1);
		to.sin6_scope_id = interface;
	}
	client = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert(connect(client, (const struct sockaddr *)&to, size) == 0);
	id = identify(accept(listener, NULL, NULL));
	assert(id.interface == interface);
	assert(ts_sockdiag_look(diag, &id, &sample) == 0);
	/* Without it, the kernel does not find the connection. */
	id.interface = 0;
	assert(ts_sockdiag_look(diag, &id, &sample) == -ENOENT);
	assert(ts_sockdiag_probe(diag, listener) == 0);
}

static int
look_at_interfaces(void *arg)
{
	struct sockaddr_in6 any = { .sin6_family = AF_INET6 };
	struct ts_sockdiag diag;
	uint32_t loopback;
	int listener;

	(void)arg;
	enter_network();
	assert(ts_sockdiag_open(&diag) == 0);
	loopback = if_nametoindex("lo");
	/* A link-local peer of a listener that has no interface. */
	listener = open_listener(AF_INET6, &any, sizeof(any));
	expect_found(&diag, listener, loopback);
	/* Any peer of a listener that has one. */
	any.sin6_addr = in6addr_loopback;
	listener = open_listener(AF_INET6, &any, sizeof(any));
	assert(setsockopt(listener, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3) == 0);
	expect_found(&diag, listener, loopback);
	return 0;
}

static void
a_connection_is_found_on_its_interface(void **state)
{
	(void)state;
	if (!may_enter_network()) {
		print_message("needs root\n");
		skip();
	}
	process_run(look_at_interfaces, NULL);
}

/* --- Whether the kernel answers ------------------------------------------ */

static int
probe_elsewhere(void *arg)
{
	struct ts_sockdiag diag;

	(void)arg;
	assert(ts_sockdiag_open(&diag) == 0);
	assert(ts_sockdiag_probe(&diag, open_ipv4_listener()) == 0);
	enter_network();
	/* It knows the connections of the network in which it was opened. */
	assert(ts_sockdiag_probe(&diag, open_ipv4_listener()) == -ENOENT);
	return 0;
}

static void
a_socket_of_another_network_does_not_know_a_listener(void **state)
{
	(void)state;
	if (!may_enter_network()) {
		print_message("needs root\n");
		skip();
	}
	process_run(probe_elsewhere, NULL);
}

/* The kernel chooses one of them, whichever is asked for. */
static int
probe_group(void *arg)
{
	static const int on = 1;
	struct sockaddr_in sin = { .sin_family = AF_INET };
	socklen_t size = sizeof(sin);
	struct ts_sockdiag diag;
	int fds[8];

	(void)arg;
	assert(ts_sockdiag_open(&diag) == 0);
	for (int i = 0; i < 8; i++) {
		fds[i] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		assert(setsockopt(fds[i], SOL_SOCKET, SO_REUSEPORT, &on,
			   sizeof(on)) == 0);
		assert(bind(fds[i], (struct sockaddr *)&sin, size) == 0);
		assert(listen(fds[i], 1) == 0);
		assert(
		    getsockname(fds[i], (struct sockaddr *)&sin, &size) == 0);
	}
	for (int i = 0; i < 8; i++)
		assert(ts_sockdiag_probe(&diag, fds[i]) == 0);
	return 0;
}

static void
the_kernel_answers_for_a_listener_of_a_group(void **state)
{
	(void)state;
	process_run(probe_group, NULL);
}

static void
only_a_listener_on_tcp_can_be_asked_for(void **state)
{
	struct ts_sockdiag diag;
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_int_equal(ts_sockdiag_open(&diag), 0);
	/* It gets an abstract name. */
	assert_int_equal(
	    bind(fd, (struct sockaddr *)&sun, sizeof(sun.sun_family)), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(ts_sockdiag_probe(&diag, fd), -EAFNOSUPPORT);
	assert_int_equal(ts_sockdiag_probe(&diag, -1), -EBADF);
	(void)close(fd);
	ts_sockdiag_close(&diag);
	assert_int_equal(diag.fd, -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_what_was_moved_and_what_waits),
		cmocka_unit_test(tells_what_a_reader_has_not_taken),
		cmocka_unit_test(silence_grows),
		cmocka_unit_test(another_cookie_is_another_connection),
		cmocka_unit_test(
		    a_later_connection_with_the_same_addresses_is_another),
		cmocka_unit_test(answers_to_others_are_dropped),
		cmocka_unit_test(
		    two_that_use_one_socket_never_take_each_other_s_answers),
		cmocka_unit_test(the_connection_of_a_unix_socket_has_a_cookie),
		cmocka_unit_test(a_connection_is_found_on_its_interface),
		cmocka_unit_test(
		    a_socket_of_another_network_does_not_know_a_listener),
		cmocka_unit_test(the_kernel_answers_for_a_listener_of_a_group),
		cmocka_unit_test(only_a_listener_on_tcp_can_be_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
