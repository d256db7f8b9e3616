/* SPDX-License-Identifier: MIT */
/* Every error of accept(2) is sorted as the server needs it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "core/accepterror.h"

static const struct {
	int error;
	enum ts_accept_error expected;
} cases[] = {
	/* A signal, or a socket that does not block. */
	{ EINTR, TS_ACCEPT_ERROR_TRANSIENT },
	{ EAGAIN, TS_ACCEPT_ERROR_TRANSIENT },
	{ EWOULDBLOCK, TS_ACCEPT_ERROR_TRANSIENT },
	/* The peer has gone. */
	{ ECONNABORTED, TS_ACCEPT_ERROR_TRANSIENT },
	{ ECONNRESET, TS_ACCEPT_ERROR_TRANSIENT },
	{ EPROTO, TS_ACCEPT_ERROR_TRANSIENT },
	{ ETIMEDOUT, TS_ACCEPT_ERROR_TRANSIENT },
	/* The network's errors, pending on the connection. */
	{ EHOSTDOWN, TS_ACCEPT_ERROR_TRANSIENT },
	{ EHOSTUNREACH, TS_ACCEPT_ERROR_TRANSIENT },
	{ ENETDOWN, TS_ACCEPT_ERROR_TRANSIENT },
	{ ENETRESET, TS_ACCEPT_ERROR_TRANSIENT },
	{ ENETUNREACH, TS_ACCEPT_ERROR_TRANSIENT },
	{ ENONET, TS_ACCEPT_ERROR_TRANSIENT },
	{ ENOPROTOOPT, TS_ACCEPT_ERROR_TRANSIENT },
	{ EOPNOTSUPP, TS_ACCEPT_ERROR_TRANSIENT },
	/* A firewall's no. */
	{ EPERM, TS_ACCEPT_ERROR_TRANSIENT },
	/* No descriptors, no memory. */
	{ EMFILE, TS_ACCEPT_ERROR_RESOURCES },
	{ ENFILE, TS_ACCEPT_ERROR_RESOURCES },
	{ ENOBUFS, TS_ACCEPT_ERROR_RESOURCES },
	{ ENOMEM, TS_ACCEPT_ERROR_RESOURCES },
	/* Not a socket that could accept, or a fault of the caller's. */
	{ EBADF, TS_ACCEPT_ERROR_FATAL },
	{ ENOTSOCK, TS_ACCEPT_ERROR_FATAL },
	{ EINVAL, TS_ACCEPT_ERROR_FATAL },
	{ EFAULT, TS_ACCEPT_ERROR_FATAL },
	/* Unheard of. */
	{ 0, TS_ACCEPT_ERROR_FATAL },
	{ -1, TS_ACCEPT_ERROR_FATAL },
	{ 100000, TS_ACCEPT_ERROR_FATAL },
};

static void
sorts_every_error(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (ts_accept_error_of(cases[i].error) != cases[i].expected)
			fail_msg("errno %d is sorted as %d", cases[i].error,
			    ts_accept_error_of(cases[i].error));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sorts_every_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
