/* SPDX-License-Identifier: MIT */
/* Making processes, putting a child in order, and collecting it. */
#ifndef TS_OS_PROCESS_H
#define TS_OS_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A descriptor and the number a child is to find it at; fd -1: nothing. */
struct ts_spawn_move {
	int fd;
	int number;
};

/* Returns 0 in the child, its pid in the parent, or what fork(2) says. */
pid_t ts_spawn(void);

/*
 * In the child: moves `count` descriptors to their numbers, in this order,
 * and closes all that are above `highest`.  Those above 2 are close-on-exec.
 * Fails with what dup3(2) or close_range(2) says.
 */
int ts_spawn_settle(const struct ts_spawn_move *moves, unsigned count,
    int highest);

/*
 * A child that has ended, or 0 when there is none now.  Until it is collected
 * its pid is no other's.
 */
pid_t ts_spawn_ended(void);

/* Collects one that has ended.  Returns what waitpid(2) says of it. */
int ts_spawn_collect(pid_t pid);

/*
 * Whether `pid` is a child of this process that was not yet collected; whether
 * it still runs makes no difference, and nothing is collected.
 */
bool ts_spawn_is_child(pid_t pid);

/* Sends a signal to a child that was not yet collected. */
void ts_spawn_kill(pid_t pid, int signal_number);

/*
 * Waits until the child `pid` has ended by itself, at most `most_ms`; then
 * kills it.  It is collected when this returns.
 */
void ts_spawn_end(pid_t pid, int most_ms);

/* How many descriptors a process may have at the most (RLIMIT_NOFILE). */
uint32_t ts_spawn_most_descriptors(void);

/* Allows this process that many. */
void ts_spawn_raise_descriptors(void);

/* Random bytes that nobody can guess.  Fails with what getrandom(2) says. */
int ts_spawn_secret(void *bytes, size_t size);

#endif
