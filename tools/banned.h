/* SPDX-License-Identifier: MIT */
/*
 * Functions that this code base never calls, made unusable.
 *
 * Force-included before every file.  Each of them has no bound, keeps hidden
 * state, or does more than its name says; the comment names the replacement.
 */
#ifndef TOOLS_BANNED_H
#define TOOLS_BANNED_H

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The C library makes macros of some of them, which cannot be poisoned. */
#undef sprintf
#undef vsprintf
#undef strcpy
#undef strcat
#undef strncpy
#undef strncat

/* No bound: snprintf(), memcpy() with a checked size. */
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets
/* Hidden state, or no error: strchr(), strtol() with checks. */
#pragma GCC poison strtok atoi atol atoll
/* Hidden state and the machine's time zone: our own, in UTC. */
#pragma GCC poison localtime gmtime asctime ctime mktemp
/* Unclear semantics: sigaction(), fork() and execve(). */
#pragma GCC poison signal system

#endif
