/* SPDX-License-Identifier: MIT */
/* Which system calls are answered (seccomp(2)), after a table. */
#include "os/seccomp.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A binary tree, not a list: see seccomp_attr_set(3). */
#define AS_TREE 2

/* A test of an argument, or none, as libseccomp wants it. */
static unsigned
put_test(struct scmp_arg_cmp *out, const struct ts_test *test)
{
	*out = (struct scmp_arg_cmp){
		.arg = test->argument,
		.op = SCMP_CMP_EQ,
		.datum_a = test->value,
	};
	if (test->kind == TS_TEST_AT_MOST)
		out->op = SCMP_CMP_LE;
	/* Under the mask datum_a there is to be datum_b: nothing. */
	if (test->kind == TS_TEST_WITHOUT)
		out->op = SCMP_CMP_MASKED_EQ;
	return test->kind == TS_TEST_NONE ? 0 : 1;
}

static int
allow(scmp_filter_ctx context, const struct ts_rule *rule, bool is_known)
{
	struct scmp_arg_cmp tests[TS_RULE_TESTS];
	unsigned count = 0;
	int call = seccomp_syscall_resolve_name(rule->call);
	int r;

	/* In our own tables are calls that only some machines have. */
	if (call < 0)
		return is_known ? 0 : -EINVAL;
	for (unsigned i = 0; i < TS_RULE_TESTS; i++)
		count += put_test(&tests[count], &rule->tests[i]);
	r = seccomp_rule_add_array(context, SCMP_ACT_ALLOW, call, count, tests);
	/* What is allowed without a condition stays so. */
	return r == -EEXIST ? 0 : r;
}

static int
refuse(scmp_filter_ctx context, const char *name)
{
	int call = seccomp_syscall_resolve_name(name);
	int r;

	if (call < 0)
		return 0;
	r = seccomp_rule_add(context, SCMP_ACT_ERRNO(EACCES), call, 0);
	/* Somebody needs it: it is allowed. */
	return r == -EEXIST ? 0 : r;
}

static int
add_all(scmp_filter_ctx context, const struct ts_profile *profile,
    const char *const *more)
{
	int r = 0;

	for (unsigned i = 0; r == 0 && more != NULL && more[i] != NULL; i++)
		r = allow(context, &(struct ts_rule){ .call = more[i] }, false);
	for (const struct ts_profile *p = profile; p != NULL; p = p->base)
		for (unsigned i = 0; r == 0 && i < p->count; i++)
			r = allow(context, &p->rules[i], true);
	for (unsigned i = 0;
	     r == 0 && profile->refused != NULL && profile->refused[i] != NULL;
	     i++)
		r = refuse(context, profile->refused[i]);
	return r;
}

/* Out of libseccomp, by way of a file in memory. */
static int
fetch_code(scmp_filter_ctx context, struct ts_filter *ret_filter)
{
	struct ts_filter filter = { .code = NULL };
	struct stat status;
	ssize_t n;
	int fd;
	int r;

	fd = memfd_create("filter", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = seccomp_export_bpf(context, fd);
	if (r < 0)
		goto out;
	r = -EIO;
	if (fstat(fd, &status) < 0)
		goto out;
	filter.code = malloc((size_t)status.st_size);
	r = -ENOMEM;
	if (filter.code == NULL)
		goto out;
	n = pread(fd, filter.code, (size_t)status.st_size, 0);
	r = n == status.st_size ? 0 : -EIO;
	filter.length =
	    (unsigned short)((size_t)status.st_size / sizeof(*filter.code));
	if (r == 0)
		*ret_filter = filter;
	else
		free(filter.code);
out:
	(void)close(fd);
	return r;
}

int
ts_filter_open(struct ts_filter *ret_filter, const struct ts_profile *profile,
    const char *const *more)
{
	scmp_filter_ctx context = seccomp_init(
	    profile->otherwise == TS_ANSWER_KILL ? SCMP_ACT_KILL_PROCESS
						 : SCMP_ACT_ERRNO(ENOSYS));
	int r;

	if (context == NULL)
		return -ENOMEM;
	/* Calls by another convention (x32, int 0x80) are nobody's. */
	r = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH,
	    SCMP_ACT_KILL_PROCESS);
	if (r == 0)
		r = seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE,
		    AS_TREE);
	if (r == 0)
		r = add_all(context, profile, more);
	if (r == 0)
		r = fetch_code(context, ret_filter);
	seccomp_release(context);
	return r;
}

void
ts_filter_close(struct ts_filter *filter)
{
	free(filter->code);
	*filter = (struct ts_filter){ .code = NULL };
}

int
ts_filter_probe(void)
{
	const uint32_t action = SECCOMP_RET_KILL_PROCESS;

	if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) < 0)
		return -errno;
	return 0;
}

int
ts_filter_attach(const struct ts_filter *filter)
{
	const struct sock_fprog program = {
		.len = filter->length,
		.filter = filter->code,
	};

	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0)
		return -errno;
	return 0;
}
