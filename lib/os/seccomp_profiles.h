/* SPDX-License-Identifier: MIT */
/* Tables of the system calls that each kind of process may make. */
#ifndef TS_OS_SECCOMP_PROFILES_H
#define TS_OS_SECCOMP_PROFILES_H

#include <stdint.h>

enum ts_test_kind {
	TS_TEST_NONE,
	/* The argument is `value`. */
	TS_TEST_IS,
	/* It is at most `value`. */
	TS_TEST_AT_MOST,
	/* It has none of the bits of `value`. */
	TS_TEST_WITHOUT,
};

/* A condition on one argument, counted from 0. */
struct ts_test {
	enum ts_test_kind kind;
	unsigned argument;
	uint64_t value;
};

#define TS_RULE_TESTS 3

/*
 * A call that is allowed where all tests hold.  With several rules for one
 * call it is allowed where those of any hold.
 */
struct ts_rule {
	const char *call;
	struct ts_test tests[TS_RULE_TESTS];
};

/* What becomes of a call that no rule allows. */
enum ts_answer {
	/* Who makes it is killed (SIGSYS). */
	TS_ANSWER_KILL,
	/* It fails with ENOSYS. */
	TS_ANSWER_ENOSYS,
};

struct ts_profile {
	const struct ts_rule *rules;
	unsigned count;
	/* Its rules hold as well (NULL: none). */
	const struct ts_profile *base;
	/*
	 * Those of these that no rule allows fail with EACCES: a C library
	 * tries them by itself, and can live without.  Ends with NULL; NULL:
	 * none.
	 */
	const char *const *refused;
	enum ts_answer otherwise;
};

/* A handler that only reads and writes its connection. */
extern const struct ts_profile ts_profile_stream;
/* One that also reads files beneath its root. */
extern const struct ts_profile ts_profile_files;
extern const struct ts_profile ts_profile_logger;
/*
 * The parent, and with it whatever its children are allowed.  What is not in
 * it fails instead of killing: the parent must not end because of a call that
 * a newer C library tries before others.
 */
extern const struct ts_profile ts_profile_parent;

#endif
