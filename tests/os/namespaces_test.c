/* SPDX-License-Identifier: MIT */
/* Worlds of one's own: a user's, and a network. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "forked.h"
#include "os/namespaces.h"

#define NOBODY 65534

static void
become_ordinary(void)
{
	if (getuid() == 0)
		assert(setresuid(NOBODY, NOBODY, NOBODY) == 0);
}

static int
leave_users(void *arg)
{
	(void)arg;
	become_ordinary();
	return ts_namespaces_leave_users() == 0 ? 0 : 1;
}

static void
skip_where_missing(void)
{
	if (process_wait(process_start(leave_users, NULL), PROCESS_LIMIT_MS) ==
	    0)
		return;
	print_message("user namespaces are missing\n");
	skip();
}

/* What is open still works; nobody else can be reached. */
static int
leave_network(void *arg)
{
	struct sockaddr_in sin = { .sin_family = AF_INET,
		.sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t size = sizeof(sin);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int before = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int after;

	(void)arg;
	assert(bind(listener, (struct sockaddr *)&sin, size) == 0);
	assert(listen(listener, 2) == 0);
	assert(getsockname(listener, (struct sockaddr *)&sin, &size) == 0);
	become_ordinary();
	assert(ts_namespaces_leave_users() == 0);
	assert(ts_namespaces_leave_network() == 0);
	after = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert(connect(after, (struct sockaddr *)&sin, size) == -1);
	assert(errno == ENETUNREACH || errno == EADDRNOTAVAIL);
	assert(connect(before, (struct sockaddr *)&sin, size) == 0);
	assert(accept(listener, NULL, NULL) >= 0);
	return 0;
}

static void
an_ordinary_user_leaves_the_network(void **state)
{
	(void)state;
	skip_where_missing();
	process_run(leave_network, NULL);
}

static int
leave_without_leave(void *arg)
{
	(void)arg;
	become_ordinary();
	assert(ts_namespaces_leave_network() == -EPERM);
	return 0;
}

static void
without_a_user_namespace_that_is_refused(void **state)
{
	(void)state;
	process_run(leave_without_leave, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ordinary_user_leaves_the_network),
		cmocka_unit_test(without_a_user_namespace_that_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
