/* SPDX-License-Identifier: MIT */
/* Tables of the system calls that each kind of process may make. */
#include "os/seccomp_profiles.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "os/fd.h"
#include "os/sanitized.h"

#define CALL(name)            \
	{                     \
		.call = #name \
	}
#define ONLY(name, ...)                                 \
	{                                               \
		.call = #name, .tests = { __VA_ARGS__ } \
	}
#define IS(number, what)                 \
	{                                \
		TS_TEST_IS, number, what \
	}
#define AT_MOST(number, what)                 \
	{                                     \
		TS_TEST_AT_MOST, number, what \
	}
#define WITHOUT(number, what)                 \
	{                                     \
		TS_TEST_WITHOUT, number, what \
	}
#define COUNT(rules) (unsigned)(sizeof(rules) / sizeof((rules)[0]))

/*
 * A socket whose connection has ended can be sent to a new address by a flag,
 * past connect(2), landlock and the network namespace: see MSG_FASTOPEN in
 * tcp(7).
 */
#define SENDTO_SAFELY WITHOUT(3, MSG_FASTOPEN), IS(5, 0)
/* setsockopt(2) on the connection. */
#define SETS(level, option) \
	ONLY(setsockopt, IS(0, TS_FD_CONNECTION), IS(1, level), IS(2, option))

/* --- Every process ------------------------------------------------------- */

static const struct ts_rule everyone[] = {
	CALL(brk),
	CALL(clock_gettime),
	CALL(close),
	CALL(exit),
	CALL(exit_group),
	CALL(getpid),
	CALL(getrandom),
	CALL(gettid),
	CALL(gettimeofday),
	CALL(madvise),
	ONLY(mmap, WITHOUT(2, PROT_EXEC)),
	ONLY(mprotect, WITHOUT(2, PROT_EXEC)),
	CALL(mremap),
	CALL(munmap),
	CALL(poll),
	CALL(ppoll),
	CALL(restart_syscall),
	CALL(rt_sigaction),
	CALL(rt_sigprocmask),
	CALL(rt_sigreturn),
	CALL(time),
#if TS_IS_SANITIZED
	CALL(sched_yield),
	CALL(sigaltstack),
#endif
};

static const struct ts_profile profile_everyone = {
	.rules = everyone,
	.count = COUNT(everyone),
};

/* --- Children ------------------------------------------------------------ */

static const struct ts_rule stream[] = {
	CALL(clock_nanosleep),
	/* A stream of stdio is made of the connection: fdopen(3), dprintf(3).
	 */
	ONLY(fcntl, IS(0, TS_FD_CONNECTION), IS(1, F_GETFL)),
	/*
	 * A turn.  By no other command: the locks of F_OFD_SETLK are not the
	 * process's, and would outlive it.
	 */
	ONLY(fcntl, IS(0, TS_FD_TURNS), IS(1, F_SETLK)),
	ONLY(getpeername, IS(0, TS_FD_CONNECTION)),
	ONLY(getsockname, IS(0, TS_FD_CONNECTION)),
	ONLY(getsockopt, IS(0, TS_FD_CONNECTION)),
	/* Where it fails but by ESPIPE, dprintf(3) writes nothing. */
	CALL(lseek),
	CALL(nanosleep),
	CALL(read),
	CALL(readv),
	ONLY(recvfrom, IS(0, TS_FD_CONNECTION)),
	CALL(pselect6),
	CALL(select),
	/* A signal that was blocked before it was sent. */
	CALL(rt_sigpending),
	/* Not sendmsg(2) or recvmsg(2): they pass descriptors. */
	ONLY(sendto, IS(0, TS_FD_CHANNEL), SENDTO_SAFELY),
	ONLY(sendto, IS(0, TS_FD_CONNECTION), SENDTO_SAFELY),
	ONLY(sendto, IS(0, TS_FD_RECORDS), SENDTO_SAFELY),
	/* Not SO_LINGER: whoever closed it last would wait as long as it says.
	 */
	SETS(SOL_SOCKET, SO_RCVTIMEO),
	SETS(SOL_SOCKET, SO_SNDTIMEO),
	SETS(IPPROTO_TCP, TCP_CORK),
	SETS(IPPROTO_TCP, TCP_NODELAY),
	ONLY(shutdown, IS(0, TS_FD_CONNECTION)),
	ONLY(write, AT_MOST(0, STDERR_FILENO)),
	ONLY(write, IS(0, TS_FD_CONNECTION)),
	ONLY(writev, AT_MOST(0, STDERR_FILENO)),
	ONLY(writev, IS(0, TS_FD_CONNECTION)),
};

/*
 * What stdio, time zones and the like try, unless a rule allows it; and
 * abort(3), which ends by SIGSEGV when it cannot send itself SIGABRT.
 */
static const char *const tried_by_libc[] = { "access", "fstat", "ioctl",
	"newfstatat", "open", "openat", "readlink", "sysinfo", "tgkill", NULL };

const struct ts_profile ts_profile_stream = {
	.rules = stream,
	.count = COUNT(stream),
	.base = &profile_everyone,
	.refused = tried_by_libc,
	.otherwise = TS_ANSWER_KILL,
};

static const struct ts_rule files[] = {
	CALL(fstat),
	CALL(getdents64),
	/*
	 * From a folder that it has open, never from AT_FDCWD.  The flags are
	 * in memory, where no filter sees them.
	 */
	ONLY(openat2, AT_MOST(0, TS_FD_FOLDERS_LAST)),
	CALL(pread64),
	CALL(preadv),
	ONLY(sendfile, IS(0, TS_FD_CONNECTION)),
};

const struct ts_profile ts_profile_files = {
	.rules = files,
	.count = COUNT(files),
	.base = &ts_profile_stream,
	.refused = tried_by_libc,
	.otherwise = TS_ANSWER_KILL,
};

/* --- Helpers ------------------------------------------------------------- */

static const struct ts_rule logger[] = {
	ONLY(ioctl, IS(0, TS_FD_CONNECTION), IS(1, FIONREAD)),
	ONLY(recvfrom, IS(0, TS_FD_CONNECTION)),
	ONLY(write, IS(0, 2)),
};

const struct ts_profile ts_profile_logger = {
	.rules = logger,
	.count = COUNT(logger),
	.base = &profile_everyone,
	.otherwise = TS_ANSWER_KILL,
};

/* --- The parent ---------------------------------------------------------- */

/* With its descriptors shared (CLONE_FILES) a child may begin. */
#define NEW_KIND_OF_PROCESS                                                  \
	(CLONE_VM | CLONE_FS | CLONE_SIGHAND | CLONE_PTRACE | CLONE_PARENT | \
	    CLONE_THREAD | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS |    \
	    CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

static const struct ts_rule parent[] = {
	CALL(accept4),
	ONLY(clone, WITHOUT(0, NEW_KIND_OF_PROCESS)),
	CALL(close_range),
	CALL(dup3),
	CALL(epoll_create1),
	CALL(epoll_ctl),
	CALL(epoll_pwait),
	CALL(epoll_wait),
	ONLY(fcntl, IS(1, F_DUPFD_CLOEXEC)),
	CALL(futex),
	CALL(getpeername),
	CALL(getppid),
	CALL(getsockname),
	CALL(getsockopt),
	ONLY(ioctl, IS(1, FIONREAD)),
	ONLY(ioctl, IS(1, TIOCOUTQ)),
	ONLY(kill, IS(1, SIGKILL)),
	ONLY(kill, IS(1, SIGTERM)),
	ONLY(kill, IS(1, SIGUSR2)),
	CALL(landlock_restrict_self),
	CALL(pidfd_open),
	ONLY(prctl, IS(0, PR_SET_PDEATHSIG)),
	ONLY(prlimit64, IS(0, 0)),
	CALL(recvfrom),
	CALL(recvmsg),
	CALL(seccomp),
	ONLY(sendto, SENDTO_SAFELY),
	CALL(set_robust_list),
	CALL(setsockopt),
	CALL(shutdown),
	CALL(signalfd4),
	ONLY(socketpair, IS(0, AF_UNIX)),
	/* abort(3). */
	ONLY(tgkill, IS(2, SIGABRT)),
	CALL(unlinkat),
	CALL(wait4),
	CALL(waitid),
	CALL(write),
#if TS_IS_SANITIZED
	/* The sanitizers' own, at fork, and to say what they have found. */
	CALL(clone3),
	CALL(sched_getaffinity),
	CALL(sigaltstack),
#endif
};

const struct ts_profile ts_profile_parent = {
	.rules = parent,
	.count = COUNT(parent),
	.base = &ts_profile_files,
	.otherwise = TS_ANSWER_ENOSYS,
};
