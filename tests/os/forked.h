/* SPDX-License-Identifier: MIT */
/*
 * Processes for tests: bodies that run in a child, and what is seen of them.
 *
 * A body checks with assert(3): a failure is an abort, and said on stderr.
 */
#ifndef TESTS_FORKED_H
#define TESTS_FORKED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Longest wait for anything that is to happen. */
#define PROCESS_LIMIT_MS 10000

/* Runs in a child; the result is its exit status. */
typedef int process_body(void *arg);

/* Starts a child.  Nothing of the test program's own runs in it. */
pid_t process_start(process_body *body, void *arg);

/*
 * Collects the child `pid` and returns its wait status; one that has not
 * ended within `limit_ms` is killed, and the status then says SIGKILL.
 */
int process_wait(pid_t pid, int limit_ms);

/* Starts, collects, and fails the test unless the status is 0. */
void process_run(process_body *body, void *arg);

/* Kills any process, and waits until it is dead. */
void process_kill(pid_t pid);

/* Whether `fd` has input, or its end, within `limit_ms`. */
bool process_has_input(int fd, int limit_ms);

/* The monotonic clock, in milliseconds. */
int64_t process_now_ms(void);

/* Most bytes of a list of descriptors, with its end. */
#define PROCESS_FDS_SIZE 256

/*
 * The open descriptors of this process: "0 1 2 5".  Where it is jailed as the
 * parent of a server is, too.
 */
void process_list_fds(char list[PROCESS_FDS_SIZE]);

/* Whether `fd` is open; whether it is closed by an exec. */
bool process_is_open(int fd);
bool process_is_cloexec(int fd);

#endif
