/* SPDX-License-Identifier: MIT */
/*
 * The kernel's statistics of a TCP connection (TCP_INFO in tcp(7)), of a
 * descriptor that is held here; another process may be serving it.
 */
#ifndef TS_OS_TCP_STATS_H
#define TS_OS_TCP_STATS_H

#include <stdint.h>

#include "core/progress.h"

/*
 * Takes a sample of connection `fd`.  Returns 0; -ENOTCONN if the connection is
 * no more; or what getsockopt(2) or ioctl(2) says, as -EOPNOTSUPP of a socket
 * that is not on TCP.
 */
int ts_tcp_stats(int fd, struct ts_progress_sample *ret_sample);

/*
 * How many bytes the client has not acknowledged yet, on any kind of stream
 * socket; 0 where that cannot be told.
 */
uint32_t ts_tcp_stats_unacked_bytes(int fd);

#endif
