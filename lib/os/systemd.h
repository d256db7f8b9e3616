/* SPDX-License-Identifier: MIT */
/*
 * The two words spoken with a supervisor: sockets it has opened for us
 * (sd_listen_fds(3)), and what it wants to be told (sd_notify(3)).
 */
#ifndef TS_OS_SYSTEMD_H
#define TS_OS_SYSTEMD_H

/* The first socket handed over; the others follow it. */
#define TS_SUPERVISOR_FIRST_FD 3

/*
 * How many sockets were handed over to this process; the variables that say
 * so are removed, so that no child takes them for its own.
 */
unsigned ts_supervisor_take_sockets(void);

/* A way to the supervisor, or -1 where there is none. */
int ts_supervisor_open(void);

/* Tells it a state such as "READY=1"; `fd` -1: nobody is there. */
void ts_supervisor_notify(int fd, const char *state);

#endif
