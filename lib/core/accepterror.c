/* SPDX-License-Identifier: MIT */
#include "core/accepterror.h"

#include <errno.h>

/* A flat table, hence longer than other functions. */
enum ts_accept_error
ts_accept_error_of(int error)
{
	switch (error) {
	/* Nobody there, or a signal. */
	case EAGAIN:
	case EINTR:
	/* The peer was gone before it could be accepted. */
	case ECONNABORTED:
	case ECONNRESET:
	case EPROTO:
	case ETIMEDOUT:
	/*
	 * Linux hands the errors that are pending on the new connection to
	 * the caller of accept(2), see there.
	 */
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENETDOWN:
	case ENETRESET:
	case ENETUNREACH:
	case ENONET:
	case ENOPROTOOPT:
	case EOPNOTSUPP:
	/* A rule of this machine forbids this connection. */
	case EPERM:
		return TS_ACCEPT_ERROR_TRANSIENT;
	/* Of the process, of the system, of the socket, of the kernel. */
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		return TS_ACCEPT_ERROR_RESOURCES;
	default:
		return TS_ACCEPT_ERROR_FATAL;
	}
}
