/* SPDX-License-Identifier: MIT */
/*
 * System calls that a server cannot do without, tried before it serves.
 *
 * Each one is made with arguments that cannot succeed, such as descriptor -1,
 * so that it changes nothing; a kernel that has the call reports the fault of
 * the arguments, one that lacks it, or a filter that forbids it, another error.
 */
#ifndef TS_OS_NEEDED_CALLS_H
#define TS_OS_NEEDED_CALLS_H

struct ts_needed_call {
	const char *name;
	long number;
	/* Those behind the last one given are 0. */
	long arguments[6];
	/* The errno of a kernel that has it, or 0: it succeeds. */
	int expected;
};

/* A list that ends with a call without a name. */
extern const struct ts_needed_call ts_needed_by_servers[];
/* In addition, for handlers that read files. */
extern const struct ts_needed_call ts_needed_by_files[];

/*
 * Tries the calls of a list.  Returns 0, or the error (a negative errno) of
 * the first that is not to be had, with its name in *ret_name.
 */
int ts_needed_calls_try(const struct ts_needed_call *calls,
    const char **ret_name);

#endif
