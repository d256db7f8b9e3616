/* SPDX-License-Identifier: MIT */
/* Which system calls are answered (seccomp(2)), after a table. */
#ifndef TS_OS_SECCOMP_H
#define TS_OS_SECCOMP_H

#include "os/seccomp_profiles.h"

struct sock_filter;

/* A filter that is ready to be attached, any number of times. */
struct ts_filter {
	struct sock_filter *code;
	unsigned short length;
};

/*
 * Makes the filter for `profile`, which also allows the calls that `more`
 * names (NULL: none; else it ends with NULL).
 * Fails with -EINVAL (there is no call of such a name), -ENOMEM, or what
 * seccomp_export_bpf(3) says.
 */
int ts_filter_open(struct ts_filter *ret_filter,
    const struct ts_profile *profile, const char *const *more);

/* Frees it; what it was attached to keeps it.  A zeroed one is harmless. */
void ts_filter_close(struct ts_filter *filter);

/* Whether this kernel has filters.  Returns 0, or what seccomp(2) says. */
int ts_filter_probe(void);

/*
 * From here on, for this process and its children, for ever, in addition to
 * those before; no_new_privs must be set.  Fails with what seccomp(2) says.
 */
int ts_filter_attach(const struct ts_filter *filter);

#endif
