/* SPDX-License-Identifier: MIT */
/*
 * Which system calls a jailed process may make: exactly those of a list.
 *
 * Every number is tried, in a process of its own with the filters that such a
 * process has in a server: its parent's and its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forked.h"
#include "os/fd.h"
#include "os/sanitized.h"
#include "os/seccomp.h"

#define NUMBERS 1024
#define X32 0x40000000
#define NOBODY 65534
/* No process has this number: see PID_MAX_LIMIT. */
#define NO_PROCESS 0x3fffffff
#define STACK_BYTES 65536

/* What becomes of a call. */
enum verdict {
	KILLED,
	REFUSED,
	THROUGH,
};

static const char *const verdicts[] = { "killed", "refused", "let through" };

/* --- What is promised ---------------------------------------------------- */

/*
 * These lists are written a second time, so that no call is added to a table
 * by mistake.
 */
#define EVERYONE                                                         \
	"brk", "clock_gettime", "close", "exit", "exit_group", "getpid", \
	    "getrandom", "gettid", "gettimeofday", "madvise", "mmap",    \
	    "mprotect", "mremap", "munmap", "poll", "ppoll",             \
	    "restart_syscall", "rt_sigaction", "rt_sigprocmask",         \
	    "rt_sigreturn", "time"
#define STREAM                                                               \
	EVERYONE, "clock_nanosleep", "fcntl", "getpeername", "getsockname",  \
	    "getsockopt", "lseek", "nanosleep", "pselect6", "read", "readv", \
	    "recvfrom", "rt_sigpending", "select", "sendto", "setsockopt",   \
	    "shutdown", "write", "writev"
#define FILES                                                          \
	STREAM, "fstat", "getdents64", "openat2", "pread64", "preadv", \
	    "sendfile"

static const char *const stream[] = { STREAM, NULL };
static const char *const files[] = { FILES, NULL };
static const char *const logger[] = { EVERYONE, "ioctl", "recvfrom", "write",
	NULL };
static const char *const parent[] = { FILES, "accept4", "clone", "close_range",
	"dup3", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_wait",
	"futex", "getppid", "ioctl", "kill", "landlock_restrict_self",
	"recvmsg", "pidfd_open", "prctl", "prlimit64", "seccomp",
	"set_robust_list", "signalfd4", "socketpair", "tgkill", "unlinkat",
	"wait4", "waitid", NULL };

#if TS_IS_SANITIZED
static const char *const sanitizers[] = { "sched_yield", "sigaltstack", NULL };
static const char *const sanitizers_of_parent[] = { "clone3",
	"sched_getaffinity", "sched_yield", "sigaltstack", NULL };
#else
static const char *const sanitizers[] = { NULL };
static const char *const sanitizers_of_parent[] = { NULL };
#endif

static const char *const refused_to_stream[] = { "access", "fstat", "ioctl",
	"newfstatat", "open", "openat", "readlink", "sysinfo", "tgkill", NULL };
static const char *const refused_to_files[] = { "access", "ioctl", "newfstatat",
	"open", "openat", "readlink", "sysinfo", "tgkill", NULL };
static const char *const none[] = { NULL };

static const struct promise {
	const char *name;
	const struct ts_profile *profile;
	const char *const *through;
	/* What a build with sanitizers has besides. */
	const char *const *sanitizers;
	const char *const *refused;
	enum verdict otherwise;
} promises[] = {
	{ "stream", &ts_profile_stream, stream, sanitizers, refused_to_stream,
	    KILLED },
	{ "files", &ts_profile_files, files, sanitizers, refused_to_files,
	    KILLED },
	{ "logger", &ts_profile_logger, logger, sanitizers, none, KILLED },
	{ "parent", &ts_profile_parent, parent, sanitizers_of_parent, none,
	    REFUSED },
};

/* --- Trying a call ------------------------------------------------------- */

#define ANY -1

/* Whatever this does, it does not harm: no such file, address or process. */
static const long harmless[6] = { ANY, ANY, ANY, ANY, ANY, ANY };

/* Where only some arguments are let through, or harm would be done. */
static const struct {
	const char *call;
	long arguments[6];
} fitting[] = {
	{ "clone",
	    { CLONE_PIDFD | CLONE_PARENT_SETTID, ANY, ANY, ANY, ANY, ANY } },
	{ "fcntl", { TS_FD_CONNECTION, F_GETFL, ANY, ANY, ANY, ANY } },
	{ "futex", { ANY, 1, ANY, ANY, ANY, ANY } },
	{ "getpeername", { TS_FD_CONNECTION, ANY, ANY, ANY, ANY, ANY } },
	{ "getsockname", { TS_FD_CONNECTION, ANY, ANY, ANY, ANY, ANY } },
	{ "getsockopt", { TS_FD_CONNECTION, ANY, ANY, ANY, ANY, ANY } },
	{ "ioctl", { TS_FD_CONNECTION, FIONREAD, ANY, ANY, ANY, ANY } },
	{ "kill", { NO_PROCESS, SIGKILL, ANY, ANY, ANY, ANY } },
	{ "mmap", { 0, 0, PROT_READ | PROT_WRITE, ANY, ANY, ANY } },
	{ "mprotect", { 1, 1, PROT_READ | PROT_WRITE, ANY, ANY, ANY } },
	{ "openat2", { TS_FD_ROOT, ANY, ANY, ANY, ANY, ANY } },
	{ "prctl", { PR_SET_PDEATHSIG, ANY, ANY, ANY, ANY, ANY } },
	{ "prlimit64", { 0, ANY, ANY, ANY, ANY, ANY } },
	{ "recvfrom", { TS_FD_CONNECTION, ANY, ANY, ANY, ANY, ANY } },
	{ "recvmsg", { TS_FD_CONNECTION, ANY, ANY, ANY, ANY, ANY } },
	{ "sendfile", { TS_FD_CONNECTION, ANY, ANY, ANY, ANY, ANY } },
	{ "sendto", { TS_FD_CONNECTION, ANY, ANY, 0, ANY, 0 } },
	{ "setsockopt",
	    { TS_FD_CONNECTION, SOL_SOCKET, SO_LINGER, ANY, ANY, ANY } },
	{ "setsockopt",
	    { TS_FD_CONNECTION, SOL_SOCKET, SO_RCVTIMEO, ANY, ANY, ANY } },
	{ "shutdown", { TS_FD_CONNECTION, ANY, ANY, ANY, ANY, ANY } },
	{ "socketpair", { AF_UNIX, ANY, ANY, ANY, ANY, ANY } },
	{ "tgkill", { NO_PROCESS, NO_PROCESS, SIGABRT, ANY, ANY, ANY } },
	{ "write", { STDERR_FILENO, ANY, ANY, ANY, ANY, ANY } },
	{ "writev", { STDERR_FILENO, ANY, ANY, ANY, ANY, ANY } },
};

/* How a call is made. */
enum convention {
	NATIVE,
	/* With pointers of 32 bits: another set of numbers. */
	OF_X32,
	/* As a program of 32 bits makes it. */
	OF_I386,
};

struct trial {
	/* The second one is attached where it is not the first. */
	const struct ts_filter *outer;
	const struct ts_filter *inner;
	enum convention convention;
	long number;
	const long *arguments;
	/* Set by the process that tries; it shares our memory. */
	volatile int attached;
	volatile bool is_back;
	volatile long result;
};

#if defined(__x86_64__)
/* Without a stack, so that rt_sigreturn(2) finds nothing to return to. */
static long
call(const struct trial *trial)
{
	const long *a = trial->arguments;
	long result = trial->number;
	register long r10 __asm__("r10") = a[3];
	register long r8 __asm__("r8") = a[4];
	register long r9 __asm__("r9") = a[5];

	if (trial->convention == OF_X32)
		result |= X32;
	if (trial->convention == OF_I386)
		__asm__ volatile("int $0x80"
				 : "+a"(result)
				 : "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]),
				 "D"(a[4])
				 : "memory", "r8", "r9", "r10", "r11");
	else
		__asm__ volatile("mov %%rsp, %%r12\n\t"
				 "xor %%esp, %%esp\n\t"
				 "syscall\n\t"
				 "mov %%r12, %%rsp"
				 : "+a"(result)
				 : "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10),
				 "r"(r8), "r"(r9)
				 : "memory", "rcx", "r11", "r12");
	return result;
}
#else
static long
call(const struct trial *trial)
{
	return -ENOSYS;
}
#endif

/* In the process that tries. */
static int
attempt(void *arg)
{
	struct trial *trial = arg;

	trial->attached = ts_filter_attach(trial->outer);
	if (trial->attached == 0 && trial->inner != trial->outer)
		trial->attached = ts_filter_attach(trial->inner);
	if (trial->attached == 0) {
		trial->result = call(trial);
		trial->is_back = true;
	}
	return 0;
}

/*
 * The process shares our memory, and we wait until it has ended, as by
 * vfork(2): thousands of them are to be made in a second.
 */
static enum verdict
judge(struct trial *trial)
{
	static char stack[STACK_BYTES] __attribute__((aligned(16)));
	int status;
	pid_t pid;

	trial->is_back = false;
	trial->attached = -1;
	pid = clone(attempt, stack + sizeof(stack),
	    CLONE_VM | CLONE_VFORK | SIGCHLD, trial);
	assert(pid > 0 && waitpid(pid, &status, 0) == pid);
	assert(trial->attached == 0);
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		return KILLED;
	if (trial->is_back &&
	    (trial->result == -EACCES || trial->result == -ENOSYS))
		return REFUSED;
	/* It came back, has ended by the call, or has crashed in it. */
	return THROUGH;
}

/* The best that becomes of a call, with any arguments that fit it somewhere. */
static enum verdict
judge_call(struct trial *trial, const char *name)
{
	enum verdict verdict = KILLED;
	bool is_tried = false;

	for (size_t i = 0; i < sizeof(fitting) / sizeof(fitting[0]); i++) {
		if (name == NULL || strcmp(name, fitting[i].call) != 0 ||
		    verdict == THROUGH)
			continue;
		trial->arguments = fitting[i].arguments;
		verdict = judge(trial);
		is_tried = true;
	}
	if (is_tried)
		return verdict;
	trial->arguments = harmless;
	return judge(trial);
}

/* An ordinary user, whose crashes are nobody's business. */
static void
settle(void)
{
	for (int number = 1; number < SIGSYS + 1; number++)
		(void)signal(number, SIG_DFL);
	if (getuid() == 0) {
		assert(setresgid(NOBODY, NOBODY, NOBODY) == 0);
		assert(setresuid(NOBODY, NOBODY, NOBODY) == 0);
	}
	assert(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	assert(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
	/* So that the numbers of a child's lead nowhere. */
	assert(close_range(STDERR_FILENO + 1, ~0U, 0) == 0);
}

static void
open_filters(const struct promise *promise, struct ts_filter filters[2])
{
	assert(ts_filter_open(&filters[0], &ts_profile_parent, NULL) == 0);
	assert(ts_filter_open(&filters[1], promise->profile, NULL) == 0);
}

static void
close_filters(struct ts_filter filters[2])
{
	ts_filter_close(&filters[0]);
	ts_filter_close(&filters[1]);
}

static struct trial
trial_of(const struct promise *promise, const struct ts_filter filters[2])
{
	return (struct trial){
		.outer = &filters[0],
		.inner = promise->profile == &ts_profile_parent ? &filters[0]
								: &filters[1],
	};
}

/* --- Every number -------------------------------------------------------- */

static void
promise_all(enum verdict expected[NUMBERS], const char *const *names,
    enum verdict verdict)
{
	for (size_t i = 0; names[i] != NULL; i++) {
		int number = seccomp_syscall_resolve_name(names[i]);

		assert(number >= 0 && number < NUMBERS);
		expected[number] = verdict;
	}
}

/*
 * uretprobe and uprobe: the kernel answers them whatever a filter says, and
 * only where it has put the call itself.
 */
static bool
is_exempt(long number)
{
	return number == 335 || number == 336;
}

/* Tries all; returns how many are not as promised, which are named. */
static int
try_every_number(void *arg)
{
	const struct promise *promise = arg;
	enum verdict expected[NUMBERS];
	struct ts_filter filters[2];
	struct trial trial;
	int wrong = 0;

	for (long n = 0; n < NUMBERS; n++)
		expected[n] = promise->otherwise;
	promise_all(expected, promise->refused, REFUSED);
	promise_all(expected, promise->through, THROUGH);
	promise_all(expected, promise->sanitizers, THROUGH);
	settle();
	open_filters(promise, filters);
	trial = trial_of(promise, filters);
	for (long n = 0; n < NUMBERS; n++) {
		char *name =
		    seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)n);
		enum verdict verdict;

		trial.number = n;
		verdict = is_exempt(n) ? expected[n] : judge_call(&trial, name);
		if (verdict != expected[n]) {
			wrong = 1;
			print_message("%s: %s (%ld): %s\n", promise->name,
			    name != NULL ? name : "?", n, verdicts[verdict]);
		}
		free(name);
	}
	close_filters(filters);
	return wrong;
}

/* By these conventions nothing is let through, and nobody survives. */
static int
try_every_foreign_number(void *arg)
{
	const struct promise *promise = arg;
	struct ts_filter filters[2];
	struct trial trial;
	int wrong = 0;

	settle();
	open_filters(promise, filters);
	trial = trial_of(promise, filters);
	trial.arguments = harmless;
	for (int c = OF_X32; wrong == 0 && c <= OF_I386; c++)
		for (long n = 0; wrong == 0 && n < NUMBERS; n++) {
			trial.convention = (enum convention)c;
			trial.number = n;
			if ((c == OF_X32 && is_exempt(n)) ||
			    judge(&trial) == KILLED)
				continue;
			wrong = 1;
			print_message("%s: %s %ld: not killed\n", promise->name,
			    c == OF_X32 ? "x32" : "int 0x80", n);
		}
	close_filters(filters);
	return wrong;
}

static void
skip_elsewhere(void)
{
#if !defined(__x86_64__)
	print_message("calls are tried with the registers of x86-64\n");
	skip();
#endif
}

static void
run_for_each_profile(process_body *body)
{
	skip_elsewhere();
	for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++) {
		struct promise promise = promises[i];

		process_run(body, &promise);
	}
}

static void
what_is_let_through_is_what_is_written(void **state)
{
	(void)state;
	run_for_each_profile(try_every_number);
}

static void
no_call_by_another_convention_is_let_through(void **state)
{
	(void)state;
	run_for_each_profile(try_every_foreign_number);
}

/* --- Arguments ----------------------------------------------------------- */

enum { OF_STREAM, OF_FILES, OF_LOGGER, OF_PARENT };

static const struct {
	unsigned promise;
	const char *call;
	long arguments[6];
	enum verdict expected;
} cases[] = {
	/* Memory becomes executable for nobody. */
	{ OF_STREAM, "mmap", { 0, 0, PROT_READ | PROT_EXEC }, KILLED },
	{ OF_STREAM, "mprotect", { 1, 1, PROT_READ | PROT_EXEC }, KILLED },
	{ OF_LOGGER, "mprotect", { 1, 1, PROT_EXEC }, KILLED },
	{ OF_PARENT, "mmap", { 0, 0, PROT_EXEC }, REFUSED },
	{ OF_PARENT, "mprotect", { 1, 1, PROT_EXEC }, REFUSED },
	/* A child asks and tells of its connection only. */
	{ OF_STREAM, "fcntl", { TS_FD_CONNECTION, F_SETFL }, KILLED },
	{ OF_STREAM, "fcntl", { TS_FD_CONNECTION, F_SETOWN }, KILLED },
	{ OF_STREAM, "fcntl", { TS_FD_RECORDS, F_GETFL }, KILLED },
	/* Its turn is a lock of its own, that it does not wait for. */
	{ OF_STREAM, "fcntl", { TS_FD_TURNS, F_SETLK, ANY }, THROUGH },
	{ OF_FILES, "fcntl", { TS_FD_TURNS, F_SETLK, ANY }, THROUGH },
	{ OF_PARENT, "fcntl", { TS_FD_TURNS, F_SETLK, ANY }, THROUGH },
	{ OF_LOGGER, "fcntl", { TS_FD_TURNS, F_SETLK, ANY }, KILLED },
	{ OF_STREAM, "fcntl", { TS_FD_CONNECTION, F_SETLK, ANY }, KILLED },
	{ OF_STREAM, "fcntl", { TS_FD_ROOT, F_SETLK, ANY }, KILLED },
	{ OF_STREAM, "fcntl", { TS_FD_TURNS, F_SETLKW, ANY }, KILLED },
	{ OF_STREAM, "fcntl", { TS_FD_TURNS, F_OFD_SETLK, ANY }, KILLED },
	{ OF_STREAM, "fcntl", { TS_FD_TURNS, F_OFD_SETLKW, ANY }, KILLED },
	{ OF_STREAM, "fcntl", { TS_FD_TURNS, F_GETFL }, KILLED },
	{ OF_STREAM, "fcntl", { TS_FD_TURNS, F_SETFL }, KILLED },
	{ OF_STREAM, "fcntl", { TS_FD_TURNS, F_SETOWN }, KILLED },
	{ OF_STREAM, "fcntl", { TS_FD_TURNS, F_DUPFD }, KILLED },
	{ OF_STREAM, "fcntl", { TS_FD_TURNS, F_ADD_SEALS }, KILLED },
	{ OF_FILES, "fcntl", { TS_FD_TURNS, F_SETFL }, KILLED },
	{ OF_FILES, "fcntl", { TS_FD_ROOT, F_SETLK, ANY }, KILLED },
	{ OF_PARENT, "fcntl", { 20, F_SETLK, ANY }, REFUSED },
	{ OF_STREAM, "getpeername", { TS_FD_RECORDS }, KILLED },
	{ OF_STREAM, "getsockname", { TS_FD_RECORDS }, KILLED },
	{ OF_STREAM, "getsockopt", { TS_FD_CHANNEL }, KILLED },
	{ OF_STREAM, "recvfrom", { TS_FD_ROOT }, KILLED },
	{ OF_STREAM, "recvfrom", { TS_FD_RECORDS }, KILLED },
	{ OF_STREAM, "recvmsg", { TS_FD_CHANNEL }, KILLED },
	{ OF_STREAM, "shutdown", { TS_FD_RECORDS }, KILLED },
	{ OF_STREAM, "shutdown", { TS_FD_CHANNEL }, KILLED },
	/* What is sent goes where the socket leads. */
	{ OF_STREAM, "sendto", { TS_FD_RECORDS }, THROUGH },
	{ OF_STREAM, "sendto", { TS_FD_ROOT }, KILLED },
	{ OF_STREAM, "sendto", { TS_FD_CHANNEL }, THROUGH },
	{ OF_STREAM, "sendto", { TS_FD_CHANNEL, 0, 0, 0, ANY, 16 }, KILLED },
	{ OF_STREAM, "sendto", { TS_FD_CONNECTION, 0, 0, MSG_FASTOPEN },
	    KILLED },
	{ OF_STREAM, "sendto",
	    { TS_FD_CONNECTION, 0, 0, MSG_FASTOPEN | MSG_NOSIGNAL }, KILLED },
	{ OF_STREAM, "sendto", { TS_FD_CONNECTION, 0, 0, MSG_NOSIGNAL },
	    THROUGH },
	{ OF_STREAM, "sendto", { TS_FD_CONNECTION, 0, 0, 0, ANY, 16 }, KILLED },
	{ OF_STREAM, "sendto", { TS_FD_RECORDS, 0, 0, 0, ANY, 16 }, KILLED },
	{ OF_STREAM, "sendmsg", { TS_FD_CHANNEL, ANY }, KILLED },
	{ OF_STREAM, "sendmsg", { TS_FD_RECORDS, ANY }, KILLED },
	{ OF_STREAM, "sendmsg", { TS_FD_CONNECTION, ANY, MSG_FASTOPEN },
	    KILLED },
	{ OF_STREAM, "write", { 0, ANY, 1 }, THROUGH },
	{ OF_STREAM, "write", { TS_FD_CONNECTION }, THROUGH },
	/* A file that it has opened is not written to. */
	{ OF_STREAM, "write", { STDERR_FILENO + 1, ANY, 1 }, KILLED },
	{ OF_FILES, "write", { TS_FD_CHILD_MOST, ANY, 1 }, KILLED },
	{ OF_FILES, "writev", { TS_FD_CHILD_MOST, ANY, 1 }, KILLED },
	{ OF_STREAM, "write", { TS_FD_ROOT }, KILLED },
	{ OF_STREAM, "write", { TS_FD_RECORDS }, KILLED },
	{ OF_STREAM, "write", { ANY }, KILLED },
	{ OF_STREAM, "writev", { TS_FD_CONNECTION }, THROUGH },
	{ OF_STREAM, "writev", { TS_FD_CHANNEL }, KILLED },
	/* Of the options of its connection, those that change its pace. */
	{ OF_STREAM, "setsockopt",
	    { TS_FD_CONNECTION, SOL_SOCKET, SO_RCVTIMEO }, THROUGH },
	{ OF_STREAM, "setsockopt",
	    { TS_FD_CONNECTION, SOL_SOCKET, SO_SNDTIMEO }, THROUGH },
	{ OF_STREAM, "setsockopt", { TS_FD_CONNECTION, IPPROTO_TCP, TCP_CORK },
	    THROUGH },
	{ OF_STREAM, "setsockopt",
	    { TS_FD_CONNECTION, IPPROTO_TCP, TCP_NODELAY }, THROUGH },
	{ OF_STREAM, "setsockopt",
	    { TS_FD_CONNECTION, IPPROTO_TCP, TCP_REPAIR }, KILLED },
	{ OF_STREAM, "setsockopt",
	    { TS_FD_CONNECTION, IPPROTO_TCP, TCP_FASTOPEN_CONNECT }, KILLED },
	{ OF_STREAM, "setsockopt",
	    { TS_FD_CONNECTION, SOL_SOCKET, SO_ATTACH_FILTER }, KILLED },
	{ OF_STREAM, "setsockopt", { TS_FD_CONNECTION, SOL_SOCKET, SO_SNDBUF },
	    KILLED },
	{ OF_STREAM, "setsockopt", { TS_FD_RECORDS, SOL_SOCKET, SO_RCVTIMEO },
	    KILLED },
	/* The parent would wait for as long as that says, as the last one. */
	{ OF_STREAM, "setsockopt", { TS_FD_CONNECTION, SOL_SOCKET, SO_LINGER },
	    KILLED },
	/* Over a unix socket these pass descriptors. */
	{ OF_STREAM, "sendmsg", { TS_FD_CONNECTION, ANY }, KILLED },
	{ OF_STREAM, "recvmsg", { TS_FD_CONNECTION }, KILLED },
	/* Files are those beneath the root, sent to the client alone. */
	{ OF_FILES, "openat2", { AT_FDCWD }, KILLED },
	{ OF_FILES, "openat2", { TS_FD_ROOT }, THROUGH },
	{ OF_FILES, "openat2", { TS_FD_FOLDERS_LAST }, THROUGH },
	{ OF_FILES, "openat2", { TS_FD_CHILD_MOST }, THROUGH },
	{ OF_FILES, "openat2", { TS_FD_FOLDERS_LAST + 1 }, KILLED },
	{ OF_FILES, "openat2", { (1L << 32) | TS_FD_FOLDERS }, KILLED },
	{ OF_FILES, "openat2", { (1L << 32) + AT_FDCWD }, KILLED },
	{ OF_STREAM, "openat2", { TS_FD_FOLDERS }, KILLED },
	{ OF_FILES, "sendfile", { TS_FD_RECORDS }, KILLED },
	{ OF_FILES, "sendfile", { TS_FD_CHANNEL }, KILLED },
	{ OF_FILES, "recvfrom", { TS_FD_ROOT }, KILLED },
	/* The logger reads from one end and writes to one other. */
	{ OF_LOGGER, "ioctl", { TS_FD_CONNECTION, TIOCSTI }, KILLED },
	{ OF_LOGGER, "ioctl", { 2, FIONREAD }, KILLED },
	{ OF_LOGGER, "recvfrom", { 2 }, KILLED },
	{ OF_LOGGER, "write", { 1 }, KILLED },
	{ OF_LOGGER, "write", { TS_FD_CONNECTION }, KILLED },
	/* The parent makes children of one kind, and ends them. */
	{ OF_PARENT, "clone", { CLONE_NEWUSER }, REFUSED },
	{ OF_PARENT, "clone", { CLONE_NEWNET }, REFUSED },
	{ OF_PARENT, "clone", { CLONE_VM }, REFUSED },
	{ OF_PARENT, "clone", { CLONE_FILES | CLONE_VM }, REFUSED },
	{ OF_PARENT, "clone",
	    { CLONE_FILES | CLONE_PIDFD | CLONE_PARENT_SETTID }, THROUGH },
	{ OF_FILES, "clone", { CLONE_FILES }, KILLED },
	{ OF_PARENT, "clone", { CLONE_PARENT }, REFUSED },
	{ OF_PARENT, "kill", { NO_PROCESS, SIGTERM }, THROUGH },
	{ OF_PARENT, "kill", { NO_PROCESS, SIGUSR2 }, THROUGH },
	{ OF_PARENT, "kill", { NO_PROCESS, SIGUSR1 }, REFUSED },
	{ OF_PARENT, "kill", { NO_PROCESS, SIGSTOP }, REFUSED },
	{ OF_PARENT, "tgkill", { NO_PROCESS, NO_PROCESS, SIGKILL }, REFUSED },
	{ OF_PARENT, "socketpair", { AF_INET }, REFUSED },
	{ OF_PARENT, "fcntl", { 20, F_DUPFD_CLOEXEC }, THROUGH },
	{ OF_PARENT, "fcntl", { 20, F_SETFL }, REFUSED },
	{ OF_PARENT, "ioctl", { 20, FIONREAD }, THROUGH },
	{ OF_PARENT, "ioctl", { 20, TIOCSTI }, REFUSED },
	{ OF_PARENT, "prctl", { PR_SET_DUMPABLE, 1 }, REFUSED },
	{ OF_PARENT, "prctl", { PR_SET_SECCOMP, ANY }, REFUSED },
	{ OF_PARENT, "prlimit64", { 1, ANY }, REFUSED },
	{ OF_PARENT, "openat2", { AT_FDCWD }, REFUSED },
	{ OF_PARENT, "openat2", { TS_FD_PARENT }, REFUSED },
	{ OF_PARENT, "sendto", { 20 }, THROUGH },
	{ OF_PARENT, "sendto", { 20, 0, 0, MSG_FASTOPEN }, REFUSED },
	{ OF_PARENT, "sendto", { 20, 0, 0, 0, ANY, 16 }, REFUSED },
	/* It passes no descriptor either. */
	{ OF_PARENT, "sendmsg", { 20, ANY }, REFUSED },
	/* Two numbers that are one for the kernel are not for the filter. */
	{ OF_STREAM, "recvfrom", { (1L << 32) | TS_FD_CONNECTION }, KILLED },
	{ OF_STREAM, "write", { 1L << 32 }, KILLED },
	{ OF_PARENT, "kill", { NO_PROCESS, (1L << 32) | SIGKILL }, REFUSED },
};

static int
try_arguments(void *arg)
{
	int wrong = 0;

	(void)arg;
	settle();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct promise *promise = &promises[cases[i].promise];
		struct ts_filter filters[2];
		struct trial trial;
		enum verdict verdict;

		open_filters(promise, filters);
		trial = trial_of(promise, filters);
		trial.number = seccomp_syscall_resolve_name(cases[i].call);
		trial.arguments = cases[i].arguments;
		verdict = judge(&trial);
		if (verdict != cases[i].expected) {
			wrong = 1;
			print_message("case %zu: %s: %s: %s\n", i,
			    promise->name, cases[i].call, verdicts[verdict]);
		}
		close_filters(filters);
	}
	return wrong;
}

static void
what_matters_of_arguments_is_looked_at(void **state)
{
	(void)state;
	skip_elsewhere();
	process_run(try_arguments, NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_let_through_is_what_is_written),
		cmocka_unit_test(no_call_by_another_convention_is_let_through),
		cmocka_unit_test(what_matters_of_arguments_is_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
