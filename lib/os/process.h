/* SPDX-License-Identifier: MIT */
/* Making processes, putting a child in order, and collecting it. */
#ifndef TS_OS_PROCESS_H
#define TS_OS_PROCESS_H

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
 * Like ts_spawn(), but parent and child share one table of descriptors
 * (CLONE_FILES): what either opens or closes, the other has opened or closed.
 * The cost does not grow with the number of descriptors.  The child must call
 * ts_process_unshare_fds() before anything else, and then close what the
 * parent may have opened meanwhile.
 * No handler of pthread_atfork(3) runs.  The parent must have one thread.
 */
pid_t ts_process_fork_sharing(void);

/*
 * Gives this process a table of its own, which holds only the descriptors
 * below `first`.  Where the table is its own already, the others are closed.
 * Fails with what close_range(2) says.
 */
int ts_process_unshare_fds(unsigned first);

/*
 * In the child: moves `count` descriptors to their numbers, in this order.
 * Then 0 to 2 and the numbers from TS_FD_CONNECTION to `highest` are open, and
 * all others are closed.  Those above 2 are close-on-exec.
 * Fails with what dup3(2) or close_range(2) says.
 */
int ts_spawn_settle(const struct ts_spawn_move *moves, unsigned count,
    int highest);

/*
 * Reaps a child that has ended.  Returns its process id with *ret_status as
 * waitpid(2) has it, or 0 when none has ended.
 */
pid_t ts_process_reap(int *ret_status);

/* Sends a signal to a child that was not yet collected. */
void ts_spawn_kill(pid_t pid, int signal_number);

/*
 * The processor time that process `pid` has used so far, in nanoseconds; 0
 * where it cannot be told.
 */
int64_t ts_process_cpu_ns(pid_t pid);

/*
 * Waits until the child `pid` has ended by itself, at most `most_ms`; then
 * kills it.  It is collected when this returns.
 */
void ts_spawn_end(pid_t pid, int most_ms);

/* How many descriptors a process may have at the most (RLIMIT_NOFILE). */
uint32_t ts_spawn_most_descriptors(void);

/*
 * Raises the limit to what it may be at the most, and beyond, to `wanted`, if
 * this process may.
 */
void ts_spawn_raise_descriptors(uint32_t wanted);

/* Random bytes that nobody can guess.  Fails with what getrandom(2) says. */
int ts_spawn_secret(void *bytes, size_t size);

#endif
