/* SPDX-License-Identifier: MIT */
/*
 * A service whose handler has been taken over: for the tests of the jail.
 *
 *	attacking_service MODE PROFILE ROOT [FOLDER]
 *	attacking_service --list
 *
 * FOLDER is one beside the root; without it, what is tried on it has to fail.
 *
 * A client names one attempt, and what to try it on, in one line:
 *
 *	NAME SIBLING PORT UNIX-PATH ABSTRACT-NAME
 *
 * The child makes it and says on the connection and in the log how it went:
 * "NAME: succeeded" or "NAME: failed: why"; then it waits for its end.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/if_alg.h>
#include <linux/inet_diag.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/perf_event.h>
#include <linux/reboot.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <linux/sock_diag.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <tcpserver.h>
#include <unistd.h>

#define CONNECTION 64
#define ROOT 65
#define RECORDS 66
#define CHANNEL 67
#define TURNS 68
#define FOLDER 69
#define NAME_BYTES 108
/* How a program says that it was run: see "ended with" in the test. */
#define EXIT_RAN 42

/* What an attempt is tried on. */
static struct scene {
	pid_t parent;
	pid_t sibling;
	/* The tester's: he sees who comes there. */
	struct sockaddr_in inet;
	struct sockaddr_in6 inet6;
	struct sockaddr_un path;
	struct sockaddr_un abstract;
	socklen_t abstract_bytes;
	char host[65];
	const struct tcpserver_client *client;
	const char *name;
	/* The first number at which a child should have nothing. */
	int first_free;
	/* Where it was started: the path of the root outside of the jail. */
	char folder[PATH_MAX];
} scene;

/* Written to where something can be written to. */
static char room[65536];
static const char secret[] = "a secret of the server's";

/* --- Files --------------------------------------------------------------- */

/* openat2(2), of which the filter sees the folder, and not the flags. */
static int
open_at(int folder, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags,
		.mode = (flags & (O_CREAT | __O_TMPFILE)) != 0 ? 0666 : 0,
	};

	return (int)syscall(SYS_openat2, folder, path, &how, sizeof(how));
}

#define PASSWD_BY_DOTS "../../../../../../../../etc/passwd"

static long
open_passwd_by_dots(void)
{
	return open_at(ROOT, PASSWD_BY_DOTS, O_RDONLY);
}

static long
open_passwd_by_dots_from_folder(void)
{
	return open_at(FOLDER, PASSWD_BY_DOTS, O_RDONLY);
}

static long
open_beside_folder(void)
{
	return open_at(FOLDER, "../outside", O_RDONLY);
}

static long
open_passwd_by_link_from_folder(void)
{
	return open_at(FOLDER, "link", O_RDONLY);
}

static long
open_passwd_by_absolute_path(void)
{
	return open_at(ROOT, "/etc/passwd", O_RDONLY);
}

static long
open_passwd_without_folder(void)
{
	return open_at(AT_FDCWD, "/etc/passwd", O_RDONLY);
}

static long
open_passwd_by_link(void)
{
	return open_at(ROOT, "link", O_RDONLY);
}

static long
open_by_magic_link(void)
{
	return open_at(ROOT, "/proc/self/exe", O_RDONLY);
}

static long
open_memory_of_parent(void)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", scene.parent);
	return open_at(ROOT, path, O_RDWR);
}

static long
open_memory_of_sibling(void)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/%d/mem", scene.sibling);
	return open_at(ROOT, path, O_RDWR);
}

static long
open_null_device(void)
{
	return open_at(ROOT, "/dev/null", O_RDWR);
}

/* What fstat(2) tells of a file that was only pointed at. */
static long
stat_by_pointing(int folder, const char *path)
{
	struct stat status;
	int fd = open_at(folder, path, O_PATH);

	return fd < 0 ? fd : syscall(SYS_fstat, fd, &status);
}

static long
stat_passwd_by_pointing(void)
{
	return stat_by_pointing(ROOT, "/etc/passwd");
}

static long
stat_passwd_by_pointing_from_folder(void)
{
	return stat_by_pointing(FOLDER, PASSWD_BY_DOTS);
}

/* Whether the folder shows what the system's root does. */
static long
list_from(int folder)
{
	int fd = open_at(folder, "../../../../../../../..", O_RDONLY);
	long n = fd < 0 ? -1 : syscall(SYS_getdents64, fd, room, sizeof(room));

	if (n < 0)
		return -1;
	errno = ENOENT;
	return memmem(room, (size_t)n, "\0passwd", 7) != NULL ||
		memmem(room, (size_t)n, "etc", 4) != NULL
	    ? 0
	    : -1;
}

static long
list_system_root(void)
{
	return list_from(ROOT);
}

static long
list_system_root_from_folder(void)
{
	return list_from(FOLDER);
}

/* On a number to which it may write. */
static long
write_to_file_in_folder(void)
{
	int fd;

	(void)close(0);
	fd = open_at(FOLDER, "page", O_WRONLY);
	return fd < 0 ? fd : write(fd, "taken", 5);
}

static long
create_file_in_folder(void)
{
	return open_at(FOLDER, "created", O_WRONLY | O_CREAT | O_EXCL);
}

static long
empty_file_in_folder(void)
{
	return open_at(FOLDER, "emptied", O_WRONLY | O_TRUNC);
}

/* For reading, and yet it is emptied. */
static long
empty_file_by_reading(void)
{
	return open_at(ROOT, "emptied", O_RDONLY | O_TRUNC);
}

static long
empty_file_in_folder_by_reading(void)
{
	return open_at(FOLDER, "emptied", O_RDONLY | O_TRUNC);
}

/* By the mount on which the root lies. */
static long
empty_file_by_absolute_path(void)
{
	char path[sizeof(scene.folder) + sizeof("/emptied")];

	(void)snprintf(path, sizeof(path), "%s/emptied", scene.folder);
	return open_at(ROOT, path, O_RDONLY | O_TRUNC);
}

static long
create_file_by_reading(void)
{
	return open_at(ROOT, "created", O_RDONLY | O_CREAT | O_EXCL);
}

static long
create_file_by_reading_in_folder(void)
{
	return open_at(FOLDER, "created", O_RDONLY | O_CREAT | O_EXCL);
}

/* Its writer, who has waited for a reader, goes on. */
static long
open_fifo_to_read(void)
{
	return open_at(ROOT, "fifo", O_RDONLY | O_NONBLOCK);
}

/* On a number to which it may write. */
static long
write_to_fifo(void)
{
	int fd;

	(void)close(0);
	fd = open_at(ROOT, "fifo", O_WRONLY | O_NONBLOCK);
	return fd < 0 ? fd : write(fd, "taken", 5);
}

static long
open_served_device(void)
{
	return open_at(ROOT, "null", O_RDONLY);
}

static long
write_to_file(void)
{
	int fd;

	(void)close(0);
	fd = open_at(ROOT, "page", O_WRONLY);
	return fd < 0 ? fd : write(fd, "taken", 5);
}

static long
append_to_file(void)
{
	int fd;

	(void)close(0);
	fd = open_at(ROOT, "page", O_WRONLY | O_APPEND);
	return fd < 0 ? fd : write(fd, "taken", 5);
}

static long
write_by_memory(int folder)
{
	int fd = open_at(folder, "page", O_RDWR);
	char *bytes;

	if (fd < 0)
		return fd;
	bytes = mmap(NULL, 1, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (bytes == MAP_FAILED)
		return -1;
	bytes[0] = '!';
	return 0;
}

static long
write_to_file_by_memory(void)
{
	return write_by_memory(ROOT);
}

static long
write_to_file_in_folder_by_memory(void)
{
	return write_by_memory(FOLDER);
}

static long
create_file(void)
{
	return open_at(ROOT, "created", O_WRONLY | O_CREAT | O_EXCL);
}

static long
create_nameless_file(void)
{
	return open_at(ROOT, ".", O_WRONLY | O_TMPFILE);
}

static long
empty_file(void)
{
	return open_at(ROOT, "emptied", O_WRONLY | O_TRUNC);
}

/* --- Addresses ----------------------------------------------------------- */

static const struct sockaddr *
address_of(int family, int is_abstract, socklen_t *ret_bytes)
{
	*ret_bytes = sizeof(scene.inet);
	if (family == AF_INET)
		return (const struct sockaddr *)&scene.inet;
	*ret_bytes = sizeof(scene.inet6);
	if (family == AF_INET6)
		return (const struct sockaddr *)&scene.inet6;
	*ret_bytes = is_abstract ? scene.abstract_bytes : sizeof(scene.path);
	return is_abstract ? (const struct sockaddr *)&scene.abstract
			   : (const struct sockaddr *)&scene.path;
}

static long
reach(int family, int type, int is_abstract)
{
	socklen_t bytes;
	const struct sockaddr *address =
	    address_of(family, is_abstract, &bytes);
	int fd = socket(family, type, 0);

	if (fd < 0)
		return fd;
	if (connect(fd, address, bytes) < 0)
		return -1;
	return syscall(SYS_sendto, fd, "here", 4, MSG_NOSIGNAL, NULL, 0);
}

static long
reach_inet_stream(void)
{
	return reach(AF_INET, SOCK_STREAM, 0);
}

static long
reach_inet_datagram(void)
{
	return reach(AF_INET, SOCK_DGRAM, 0);
}

static long
reach_inet6_stream(void)
{
	return reach(AF_INET6, SOCK_STREAM, 0);
}

static long
reach_inet6_datagram(void)
{
	return reach(AF_INET6, SOCK_DGRAM, 0);
}

static long
reach_path_stream(void)
{
	return reach(AF_UNIX, SOCK_STREAM, 0);
}

static long
reach_abstract_stream(void)
{
	return reach(AF_UNIX, SOCK_STREAM, 1);
}

/* To the port of the scene, of which the tester sees that it is taken. */
static long
take_port(int family, int type)
{
	socklen_t bytes;
	const struct sockaddr *address = address_of(family, 0, &bytes);
	int fd = socket(family, type, 0);

	if (fd < 0)
		return fd;
	if (bind(fd, address, bytes) < 0)
		return -1;
	return type == SOCK_STREAM ? listen(fd, 1) : 0;
}

static long
listen_on_inet(void)
{
	return take_port(AF_INET, SOCK_STREAM);
}

static long
bind_inet_datagram(void)
{
	return take_port(AF_INET, SOCK_DGRAM);
}

static long
bind_path(void)
{
	return take_port(AF_UNIX, SOCK_STREAM);
}

/* Whether the kernel tells of the tester's listener. */
static long
list_sockets(void)
{
	const struct {
		struct nlmsghdr head;
		struct inet_diag_req_v2 ask;
	} request = {
		.head = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = SOCK_DIAG_BY_FAMILY,
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		},
		.ask = {
			.sdiag_family = AF_INET,
			.sdiag_protocol = IPPROTO_TCP,
			.idiag_states = ~0U,
		},
	};
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
	long n;

	if (fd < 0 || send(fd, &request, sizeof(request), 0) < 0)
		return -1;
	n = recv(fd, room, sizeof(room), 0);
	errno = ENOENT;
	for (long i = 0; i + 2 < n; i++)
		if (memcmp(room + i, &scene.inet.sin_port, 2) == 0)
			return 0;
	return -1;
}

/* A hash of the kernel's own making. */
static long
compute_in_kernel(void)
{
	const struct sockaddr_alg address = {
		.salg_family = AF_ALG,
		.salg_type = "hash",
		.salg_name = "sha256",
	};
	int fd = socket(AF_ALG, SOCK_SEQPACKET, 0);

	return fd < 0
	    ? fd
	    : bind(fd, (const struct sockaddr *)&address, sizeof(address));
}

/* --- The connection ------------------------------------------------------ */

static long
disconnect(void)
{
	const struct sockaddr nowhere = { .sa_family = AF_UNSPEC };

	return connect(CONNECTION, &nowhere, sizeof(nowhere));
}

static long
connect_connection_elsewhere(void)
{
	if (disconnect() < 0)
		return -1;
	return connect(CONNECTION, (const struct sockaddr *)&scene.inet,
	    sizeof(scene.inet));
}

static long
listen_on_connection(void)
{
	return disconnect() < 0 ? -1 : listen(CONNECTION, 1);
}

static long
listen_on_rebound_connection(void)
{
	if (disconnect() < 0 ||
	    bind(CONNECTION, (const struct sockaddr *)&scene.inet,
		sizeof(scene.inet)) < 0)
		return -1;
	return listen(CONNECTION, 1);
}

/* A flag of send(2) connects, past connect(2) and all that guards it. */
static long
send_elsewhere_after_reset(void)
{
	while (recv(CONNECTION, room, sizeof(room), 0) > 0)
		continue;
	return sendto(CONNECTION, "here", 4, MSG_FASTOPEN | MSG_NOSIGNAL,
	    (const struct sockaddr *)&scene.inet, sizeof(scene.inet));
}

static long
send_elsewhere(void)
{
	if (disconnect() < 0)
		return -1;
	return sendto(CONNECTION, "here", 4, MSG_FASTOPEN | MSG_NOSIGNAL,
	    (const struct sockaddr *)&scene.inet, sizeof(scene.inet));
}

static long
send_message_elsewhere(void)
{
	struct iovec bytes = { .iov_base = (void *)(uintptr_t) "here",
		.iov_len = 4 };
	const struct msghdr message = {
		.msg_name = &scene.inet,
		.msg_namelen = sizeof(scene.inet),
		.msg_iov = &bytes,
		.msg_iovlen = 1,
	};

	if (disconnect() < 0)
		return -1;
	return sendmsg(CONNECTION, &message, MSG_FASTOPEN | MSG_NOSIGNAL);
}

/* --- Programs ------------------------------------------------------------ */

static char *const arguments[] = { (char *)(uintptr_t) "attacker", NULL };

static long
execute_system_program(void)
{
	static char *const shell[] = { (char *)(uintptr_t) "sh",
		(char *)(uintptr_t) "-c", (char *)(uintptr_t) "exit 42", NULL };

	return execve("/bin/sh", shell, NULL);
}

static long
execute_served_file(void)
{
	return execve("program", arguments, NULL);
}

static long
execute_opened_file(void)
{
	int fd = open_at(ROOT, "program", O_RDONLY);

	return fd < 0
	    ? fd
	    : syscall(SYS_execveat, fd, "", arguments, NULL, AT_EMPTY_PATH);
}

/* What is served becomes a file in memory, and that a program. */
static long
execute_file_in_memory(void)
{
	int from = open_at(ROOT, "program", O_RDONLY);
	int to = (int)syscall(SYS_memfd_create, "x", 0);
	ssize_t n;

	if (from < 0 || to < 0)
		return -1;
	for (;;) {
		n = read(from, room, sizeof(room));
		if (n <= 0)
			break;
		if (write(to, room, (size_t)n) != n)
			return -1;
	}
	return syscall(SYS_execveat, to, "", arguments, NULL, AT_EMPTY_PATH);
}

/* --- Processes ----------------------------------------------------------- */

static long
ended_if_child(long pid)
{
	if (pid == 0)
		syscall(SYS_exit_group, 0);
	return pid;
}

static long
start_by_fork(void)
{
	return ended_if_child(syscall(SYS_fork));
}

static long
start_by_vfork(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		_exit(0);
	return pid;
}

static long
start_by_clone(void)
{
	return ended_if_child(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

static long
start_by_clone3(void)
{
	struct clone_args how = { .exit_signal = SIGCHLD };

	return ended_if_child(syscall(SYS_clone3, &how, sizeof(how)));
}

static long
start_in_user_namespace(void)
{
	return ended_if_child(
	    syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
}

static void *
do_nothing(void *arg)
{
	return arg;
}

static long
start_thread(void)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, do_nothing, NULL);
	return errno == 0 ? 0 : -1;
}

static long
signal_parent(void)
{
	return syscall(SYS_kill, scene.parent, SIGUSR1);
}

static long
kill_sibling(void)
{
	return syscall(SYS_kill, scene.sibling, SIGKILL);
}

static long
tkill_sibling(void)
{
	return syscall(SYS_tkill, scene.sibling, SIGKILL);
}

static long
tgkill_sibling(void)
{
	return syscall(SYS_tgkill, scene.sibling, scene.sibling, SIGKILL);
}

static long
queue_signal_to_sibling(void)
{
	siginfo_t info = { .si_signo = SIGKILL, .si_code = SI_QUEUE };

	return syscall(SYS_rt_sigqueueinfo, scene.sibling, SIGKILL, &info);
}

static long
signal_sibling_by_pidfd(void)
{
	int fd = (int)syscall(SYS_pidfd_open, scene.sibling, 0);

	return fd < 0 ? fd
		      : syscall(SYS_pidfd_send_signal, fd, SIGKILL, NULL, 0);
}

/* The kernel sends it, when a client's bytes come. */
static long
signal_sibling_by_owning(void)
{
	if (fcntl(CONNECTION, F_SETOWN, scene.sibling) < 0 ||
	    fcntl(CONNECTION, F_SETSIG, SIGKILL) < 0 ||
	    fcntl(CONNECTION, F_SETFL, O_ASYNC) < 0)
		return -1;
	return 0;
}

/* The tester has stopped the sibling. */
static long
wake_everybody(void)
{
	return syscall(SYS_kill, -1, SIGCONT);
}

static long
signal_each(void)
{
	int self = (int)syscall(SYS_getpid);

	for (int pid = 1; pid <= 32768; pid++)
		if (pid != self && syscall(SYS_kill, pid, 0) == 0)
			return pid;
	return -1;
}

static long
trace_parent(void)
{
	return syscall(SYS_ptrace, PTRACE_SEIZE, scene.parent, 0, 0);
}

static long
trace_sibling(void)
{
	return syscall(SYS_ptrace, PTRACE_SEIZE, scene.sibling, 0, 0);
}

/* All children have the same layout. */
static long
read_memory(pid_t pid)
{
	const struct iovec here = { room, sizeof(secret) };
	const struct iovec there = { (void *)(uintptr_t)secret,
		sizeof(secret) };

	return syscall(SYS_process_vm_readv, pid, &here, 1, &there, 1, 0);
}

static long
read_memory_of_parent(void)
{
	return read_memory(scene.parent);
}

static long
read_memory_of_sibling(void)
{
	return read_memory(scene.sibling);
}

static long
write_memory_of_sibling(void)
{
	const struct iovec here = { room, 1 };
	const struct iovec there = { room + 1, 1 };

	return syscall(SYS_process_vm_writev, scene.sibling, &here, 1, &there,
	    1, 0);
}

static long
take_descriptor(pid_t pid, int number)
{
	int fd = (int)syscall(SYS_pidfd_open, pid, 0);

	return fd < 0 ? fd : syscall(SYS_pidfd_getfd, fd, number, 0);
}

static long
take_descriptor_of_parent(void)
{
	return take_descriptor(scene.parent, 0);
}

static long
take_descriptor_of_sibling(void)
{
	return take_descriptor(scene.sibling, CONNECTION);
}

static long
compare_with_sibling(void)
{
	return syscall(SYS_kcmp, syscall(SYS_getpid), scene.sibling, 0,
	    CONNECTION, CONNECTION);
}

static long
limit_sibling(void)
{
	const struct rlimit limit = { 1, 1 };

	return syscall(SYS_prlimit64, scene.sibling, RLIMIT_NOFILE, &limit,
	    NULL);
}

static long
slow_sibling_down(void)
{
	return syscall(SYS_setpriority, PRIO_PROCESS, scene.sibling, 19);
}

static long
bind_sibling_to_processor(void)
{
	unsigned long mask = 1;

	return syscall(SYS_sched_setaffinity, scene.sibling, sizeof(mask),
	    &mask);
}

static long
enter_namespaces_of_parent(void)
{
	int fd = (int)syscall(SYS_pidfd_open, scene.parent, 0);

	return fd < 0 ? fd : setns(fd, CLONE_NEWNET);
}

/* --- Descriptors --------------------------------------------------------- */

static long
find_more_descriptors(void)
{
	errno = EBADF;
	for (int fd = STDERR_FILENO + 1; fd < 1024; fd++) {
		struct pollfd one = { .fd = fd, .events = POLLIN };

		if (fd >= CONNECTION && fd < scene.first_free)
			continue;
		if (poll(&one, 1, 0) >= 0 && (one.revents & POLLNVAL) == 0)
			return fd;
	}
	return -1;
}

/* A lock on the first byte of a file. */
static const struct flock lock = { .l_type = F_WRLCK, .l_len = 1 };

/* For others, that lock would be as good as one of the program's own. */
static long
lock_served_file(void)
{
	static const struct flock shared = { .l_type = F_RDLCK, .l_len = 1 };
	int fd;

	(void)close(TURNS);
	do
		fd = open_at(ROOT, "page", O_RDONLY);
	while (fd >= 0 && fd != TURNS);
	return fd < 0 ? fd : fcntl(TURNS, F_SETLK, &shared);
}

static long
accept_from_somewhere(void)
{
	long fd = -1;

	for (int i = 0; fd < 0 && i < 1024; i++)
		fd = syscall(SYS_accept4, i, NULL, NULL, SOCK_NONBLOCK);
	return fd;
}

static long
shut_way_to_logger(void)
{
	return shutdown(RECORDS, SHUT_RDWR);
}

static long
shut_way_to_parent(void)
{
	return shutdown(CHANNEL, SHUT_RDWR);
}

/* --- Privileges ---------------------------------------------------------- */

/* One of those that root has, everywhere. */
static long
take_capabilities(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct some[2] = {
		{ 1U << CAP_CHOWN, 1U << CAP_CHOWN, 0 },
		{ 0, 0, 0 },
	};

	return syscall(SYS_capset, &head, some);
}

static long
raise_limit(int resource)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };

	return setrlimit(resource, &none);
}

static long
raise_limit_of_processes(void)
{
	return raise_limit(RLIMIT_NPROC);
}

static long
raise_limit_of_memory(void)
{
	return raise_limit(RLIMIT_AS);
}

static long
raise_limit_of_time(void)
{
	return raise_limit(RLIMIT_CPU);
}

static long
raise_limit_of_files(void)
{
	return raise_limit(RLIMIT_FSIZE);
}

static long
leave(int folder)
{
	struct stat here;
	struct stat above;

	if (fchdir(folder) < 0)
		return -1;
	for (int i = 0; i < 64; i++)
		if (chdir("..") < 0)
			return -1;
	errno = ENOENT;
	if (stat(".", &above) < 0 || fstat(folder, &here) < 0)
		return -1;
	return here.st_ino != above.st_ino || here.st_dev != above.st_dev ? 0
									  : -1;
}

static long
leave_root(void)
{
	return leave(ROOT);
}

static long
leave_folder(void)
{
	return leave(FOLDER);
}

static long
name_host(void)
{
	return syscall(SYS_sethostname, scene.host, strlen(scene.host));
}

/* --- Memory and time ----------------------------------------------------- */

static long
map_executable(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED
	    ? -1
	    : 0;
}

static _Alignas(4096) char page[4096];

static long
make_executable(void)
{
	return mprotect(page, sizeof(page), PROT_READ | PROT_EXEC);
}

static long
make_code_writable(void)
{
	uintptr_t code = (uintptr_t)make_executable & ~(uintptr_t)4095;

	return mprotect((void *)code, 4096, PROT_READ | PROT_WRITE | PROT_EXEC);
}

static long
make_executable_by_key(void)
{
	return syscall(SYS_pkey_mprotect, page, sizeof(page),
	    PROT_READ | PROT_EXEC, -1);
}

static long
take_memory(void)
{
	return mmap(NULL, (size_t)2 << 30, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		   0) == MAP_FAILED
	    ? -1
	    : 0;
}

/* What it may use of it is one second; so that is all it succeeds in. */
static long
take_time(void)
{
	struct timespec used = { .tv_sec = 0 };

	while (used.tv_sec < 4)
		if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) < 0)
			return -1;
	return 0;
}

/* --- The kernel ---------------------------------------------------------- */

static long
set_up_uring(void)
{
	struct io_uring_params how = { .flags = 0 };

	return syscall(SYS_io_uring_setup, 8, &how);
}

static long
make_bpf_map(void)
{
	union bpf_attr how = {
		.map_type = BPF_MAP_TYPE_ARRAY,
		.key_size = 4,
		.value_size = 4,
		.max_entries = 1,
	};

	return syscall(SYS_bpf, BPF_MAP_CREATE, &how, sizeof(how));
}

static long
count_events(void)
{
	struct perf_event_attr how = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(how),
		.config = PERF_COUNT_SW_CPU_CLOCK,
	};

	return syscall(SYS_perf_event_open, &how, 0, -1, -1, 0);
}

static long
filter_own_calls(void)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	const struct sock_fprog program = { .len = 1, .filter = &all };

	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* --- All of them --------------------------------------------------------- */

/* Where `make` is NULL, one system call that speaks for itself. */
struct attempt {
	const char *name;
	long (*make)(void);
	long number;
	uintptr_t arguments[6];
	/* An error that comes only after all permissions; 0: none. */
	int else_error;
};

#define DOES(what)                          \
	{                                   \
		.name = #what, .make = what \
	}
#define CALLS(what, call, ...)                                      \
	{                                                           \
		.name = #what, .number = SYS_##call, .arguments = { \
			__VA_ARGS__                                 \
		}                                                   \
	}
/* As above, and `error` means that nothing else stood in the way. */
#define CALLS_OR(what, error, call, ...)                          \
	{                                                         \
		.name = #what, .number = SYS_##call,              \
		.arguments = { __VA_ARGS__ }, .else_error = error \
	}
#define TO(pointer) ((uintptr_t)(pointer))
#define HERE TO(AT_FDCWD)

static const struct attempt attempts[] = {
	/* Files. */
	CALLS(open_passwd, open, TO("/etc/passwd"), O_RDONLY),
	CALLS(openat_passwd, openat, HERE, TO("/etc/passwd"), O_RDONLY),
	CALLS(openat_passwd_by_dots, openat, ROOT,
	    TO("../../../../../../../../etc/passwd"), O_RDONLY),
	DOES(open_passwd_by_dots),
	DOES(open_passwd_by_absolute_path),
	DOES(open_passwd_without_folder),
	DOES(open_passwd_by_link),
	DOES(open_by_magic_link),
	DOES(open_memory_of_parent),
	DOES(open_memory_of_sibling),
	DOES(open_null_device),
	CALLS(open_new_root, open_tree, HERE, TO("/etc"), 0),
	CALLS(stat_passwd, stat, TO("/etc/passwd"), TO(room)),
	CALLS(lstat_passwd, lstat, TO("/etc/passwd"), TO(room)),
	CALLS(newfstatat_passwd, newfstatat, HERE, TO("/etc/passwd"), TO(room),
	    0),
	CALLS(statx_passwd, statx, HERE, TO("/etc/passwd"), 0, 0xfff, TO(room)),
	CALLS(statfs_etc, statfs, TO("/etc"), TO(room)),
	CALLS(access_passwd, access, TO("/etc/passwd"), R_OK),
	CALLS(readlink_of_self, readlink, TO("/proc/self/exe"), TO(room), 256),
	CALLS_OR(getxattr_passwd, ENODATA, getxattr, TO("/etc/passwd"),
	    TO("user.x"), TO(room), 256),
	DOES(stat_passwd_by_pointing),
	DOES(list_system_root),
	DOES(write_to_file),
	DOES(append_to_file),
	DOES(write_to_file_by_memory),
	DOES(create_file),
	DOES(create_nameless_file),
	DOES(empty_file),
	DOES(empty_file_by_reading),
	DOES(empty_file_by_absolute_path),
	DOES(create_file_by_reading),
	DOES(open_fifo_to_read),
	DOES(write_to_fifo),
	DOES(open_served_device),
	CALLS(openat_passwd_from_folder, openat, FOLDER, TO(PASSWD_BY_DOTS),
	    O_RDONLY),
	DOES(open_passwd_by_dots_from_folder),
	DOES(open_beside_folder),
	DOES(open_passwd_by_link_from_folder),
	DOES(stat_passwd_by_pointing_from_folder),
	CALLS(newfstatat_passwd_from_folder, newfstatat, FOLDER,
	    TO(PASSWD_BY_DOTS), TO(room), 0),
	DOES(list_system_root_from_folder),
	DOES(write_to_file_in_folder),
	DOES(create_file_in_folder),
	DOES(write_to_file_in_folder_by_memory),
	DOES(create_file_by_reading_in_folder),
	DOES(empty_file_in_folder),
	DOES(empty_file_in_folder_by_reading),
	CALLS(unlink_in_folder, unlinkat, FOLDER, TO("removed"), 0),
	CALLS(link_from_folder, linkat, FOLDER, TO("page"), ROOT, TO("linked"),
	    0),
	CALLS(create_in_tmp, openat, HERE, TO("/tmp/attacking-service"),
	    O_CREAT | O_WRONLY, 0600),
	CALLS(creat_served, creat, TO("created"), 0600),
	CALLS(truncate_served, truncate, TO("emptied"), 0),
	CALLS(unlink_served, unlinkat, ROOT, TO("removed"), 0),
	CALLS(unlink_by_path, unlink, TO("removed")),
	CALLS(mkdir_served, mkdirat, ROOT, TO("folder"), 0700),
	CALLS(rename_served, renameat, ROOT, TO("removed"), ROOT,
	    TO("renamed")),
	CALLS(link_served, linkat, ROOT, TO("page"), ROOT, TO("linked"), 0),
	CALLS(symlink_served, symlinkat, TO("/etc/passwd"), ROOT, TO("linked")),
	CALLS(mknod_pipe, mknodat, ROOT, TO("pipe"), S_IFIFO | 0600, 0),
	CALLS(mknod_device, mknodat, ROOT, TO("device"), S_IFCHR | 0600, 0x103),
	CALLS(chmod_served, fchmodat, ROOT, TO("page"), 0777),
	CALLS(chmod_by_path, chmod, TO("page"), 0777),
	CALLS(fchmod_connection, fchmod, CONNECTION, 0777),
	CALLS(chown_served, fchownat, ROOT, TO("page"), 0, 0, 0),
	CALLS(set_times, utimensat, ROOT, TO("page"), 0, 0),
	CALLS(setxattr_served, setxattr, TO("page"), TO("user.x"), TO("x"), 1,
	    0),
	CALLS(watch_names, inotify_init1, 0),
	CALLS(watch_files, fanotify_init, 0, 0),
	/* Networks. */
	DOES(reach_inet_stream),
	DOES(reach_inet_datagram),
	DOES(reach_inet6_stream),
	DOES(reach_inet6_datagram),
	DOES(reach_path_stream),
	DOES(reach_abstract_stream),
	DOES(listen_on_inet),
	DOES(bind_inet_datagram),
	DOES(bind_path),
	DOES(list_sockets),
	DOES(compute_in_kernel),
	CALLS(socket_raw, socket, AF_INET, SOCK_RAW, IPPROTO_ICMP),
	CALLS(socket_raw6, socket, AF_INET6, SOCK_RAW, 58),
	CALLS(socket_packet, socket, AF_PACKET, SOCK_RAW, 0),
	CALLS(socket_vsock, socket, AF_VSOCK, SOCK_STREAM, 0),
	CALLS(socket_pair, socketpair, AF_UNIX, SOCK_STREAM, 0, TO(room)),
	DOES(disconnect),
	DOES(connect_connection_elsewhere),
	DOES(listen_on_connection),
	DOES(listen_on_rebound_connection),
	DOES(send_elsewhere_after_reset),
	DOES(send_elsewhere),
	DOES(send_message_elsewhere),
	/* Programs. */
	DOES(execute_system_program),
	DOES(execute_served_file),
	DOES(execute_opened_file),
	DOES(execute_file_in_memory),
	CALLS(file_in_memory, memfd_create, TO("x"), 0),
	CALLS(secret_file_in_memory, memfd_secret, 0),
	/* Processes. */
	DOES(start_by_fork),
	DOES(start_by_vfork),
	DOES(start_by_clone),
	DOES(start_by_clone3),
	DOES(start_in_user_namespace),
	DOES(start_thread),
	DOES(signal_parent),
	DOES(kill_sibling),
	DOES(tkill_sibling),
	DOES(tgkill_sibling),
	DOES(queue_signal_to_sibling),
	DOES(signal_sibling_by_pidfd),
	DOES(signal_sibling_by_owning),
	DOES(wake_everybody),
	DOES(signal_each),
	DOES(trace_parent),
	DOES(trace_sibling),
	DOES(read_memory_of_parent),
	DOES(read_memory_of_sibling),
	DOES(write_memory_of_sibling),
	DOES(take_descriptor_of_parent),
	DOES(take_descriptor_of_sibling),
	DOES(compare_with_sibling),
	DOES(limit_sibling),
	DOES(slow_sibling_down),
	DOES(bind_sibling_to_processor),
	DOES(enter_namespaces_of_parent),
	/* Descriptors. */
	DOES(find_more_descriptors),
	DOES(lock_served_file),
	DOES(accept_from_somewhere),
	CALLS(copy_connection, dup, CONNECTION),
	CALLS(lock_connection, fcntl, CONNECTION, F_SETLK, TO(&lock)),
	CALLS(copy_turns, fcntl, TURNS, F_DUPFD, 0),
	CALLS(set_flags_of_turns, fcntl, TURNS, F_SETFL, O_APPEND),
	/* The lock of who has the file open, which are all processes. */
	CALLS(keep_turn_beyond_end, fcntl, TURNS, F_OFD_SETLK, TO(&lock)),
	/* Privileges. */
	CALLS(setuid_root, setuid, 0),
	CALLS(setresuid_root, setresuid, 0, 0, 0),
	CALLS(setgid_root, setgid, 0),
	CALLS(drop_groups, setgroups, 0, 0),
	DOES(take_capabilities),
	CALLS(unshare_mounts, unshare, CLONE_NEWNS),
	CALLS(unshare_host_name, unshare, CLONE_NEWUTS),
	CALLS(unshare_ipc, unshare, CLONE_NEWIPC),
	CALLS(unshare_users, unshare, CLONE_NEWUSER),
	CALLS(unshare_processes, unshare, CLONE_NEWPID),
	CALLS(unshare_network, unshare, CLONE_NEWNET),
	CALLS(unshare_groups, unshare, CLONE_NEWCGROUP),
	CALLS(mount_memory, mount, TO("none"), TO("."), TO("tmpfs"), 0, 0),
	CALLS(open_file_system, fsopen, TO("tmpfs"), 0),
	CALLS_OR(pivot, EBUSY, pivot_root, TO("/"), TO("/")),
	CALLS(change_root, chroot, TO("/")),
	DOES(leave_root),
	DOES(leave_folder),
	DOES(raise_limit_of_processes),
	DOES(raise_limit_of_memory),
	DOES(raise_limit_of_time),
	DOES(raise_limit_of_files),
	CALLS(become_dumpable, prctl, PR_SET_DUMPABLE, 1, 0, 0, 0),
	CALLS(outlive_parent, prctl, PR_SET_PDEATHSIG, 0, 0, 0, 0),
	DOES(filter_own_calls),
	CALLS(change_personality, personality, 0x0400000),
	/* Memory and time. */
	DOES(map_executable),
	DOES(make_executable),
	DOES(make_code_writable),
	DOES(make_executable_by_key),
	DOES(take_memory),
	DOES(take_time),
	/* The kernel. */
	DOES(set_up_uring),
	DOES(make_bpf_map),
	DOES(count_events),
	CALLS(handle_own_faults, userfaultfd, O_CLOEXEC),
	CALLS(handle_own_user_faults, userfaultfd, O_CLOEXEC | 1),
	CALLS(add_a_key, add_key, TO("user"), TO("x"), TO("x"), 1, -2),
	CALLS(read_keys, keyctl, 0, -3, 1),
	CALLS(shared_memory, shmget, 0, 4096, 0600),
	CALLS(message_queue, msgget, 0, 0600),
	CALLS(semaphores, semget, 0, 1, 0600),
	CALLS(posix_queue, mq_open, TO("attacking-service"), O_CREAT | O_RDWR,
	    0600, 0),
	CALLS(posix_memory, openat, HERE, TO("/dev/shm/attacking-service"),
	    O_CREAT | O_RDWR, 0600),
	CALLS(timer, timerfd_create, 0, 0),
	CALLS(event_counter, eventfd2, 0, 0),
	CALLS(poll_set, epoll_create1, 0),
	CALLS(handle_of_another, pidfd_open, 1, 0),
	CALLS(read_kernel_log, syslog, 3, TO(room), 256),
	/* Where it is allowed it changes nothing: it is set already. */
	CALLS(reboot_by_keys, reboot, (unsigned)LINUX_REBOOT_MAGIC1,
	    LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_CAD_ON, 0),
	DOES(name_host),
	CALLS(set_time, settimeofday, 0, 0),
	CALLS(forget_other_kernel, kexec_load, 0, 0, 0, 0),
	CALLS_OR(load_module, ENOEXEC, init_module, TO(room), 0, TO("")),
	CALLS_OR(remove_module, ENOENT, delete_module, TO("none-such"),
	    O_NONBLOCK),
	CALLS_OR(stop_swapping, ENOENT, swapoff, TO("/none-such")),
	CALLS(keep_accounts, acct, 0),
	CALLS(reach_ports, iopl, 3),
	/* Harm to all others: these last. */
	DOES(shut_way_to_parent),
	DOES(shut_way_to_logger),
};

#define ATTEMPTS (sizeof(attempts) / sizeof(attempts[0]))

static const struct attempt *
find_attempt(const char *name)
{
	for (size_t i = 0; i < ATTEMPTS; i++)
		if (strcmp(attempts[i].name, name) == 0)
			return &attempts[i];
	return NULL;
}

static long
make(const struct attempt *attempt)
{
	const uintptr_t *a = attempt->arguments;
	long r;

	if (attempt->make != NULL)
		return attempt->make();
	r = syscall(attempt->number, a[0], a[1], a[2], a[3], a[4], a[5]);
	return r < 0 && attempt->else_error != 0 && errno == attempt->else_error
	    ? 0
	    : r;
}

/* --- The service --------------------------------------------------------- */

/* Returns whether there was one. */
static int
read_line(int fd, char *line, size_t size)
{
	for (size_t n = 0; n < size && recv(fd, line + n, 1, 0) == 1; n++)
		if (line[n] == '\n') {
			line[n] = '\0';
			return 1;
		}
	return 0;
}

static void
set_scene(const char *sibling, const char *port, const char *path,
    const char *name)
{
	scene.sibling = (pid_t)strtol(sibling, NULL, 10);
	scene.inet = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	scene.inet6 = (struct sockaddr_in6){
		.sin6_family = AF_INET6,
		.sin6_port = scene.inet.sin_port,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT,
	};
	scene.path.sun_family = AF_UNIX;
	(void)snprintf(scene.path.sun_path, sizeof(scene.path.sun_path), "%s",
	    path);
	scene.abstract.sun_family = AF_UNIX;
	(void)snprintf(scene.abstract.sun_path + 1,
	    sizeof(scene.abstract.sun_path) - 1, "%.100s", name);
	scene.abstract_bytes =
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 +
		strlen(name));
}

static enum tcpserver_verdict
serve(const struct tcpserver_client *client, void *arg)
{
	char line[512];
	char answer[512];
	char words[5][NAME_BYTES] = { "" };
	const struct attempt *attempt;
	long r;

	if (!read_line(client->fd, line, sizeof(line)) ||
	    sscanf(line, "%107s %107s %107s %107s %107s", words[0], words[1],
		words[2], words[3], words[4]) != 5)
		return TCPSERVER_CLOSE;
	set_scene(words[1], words[2], words[3], words[4]);
	attempt = find_attempt(words[0]);
	errno = 0;
	r = attempt != NULL ? make(attempt) : -1;
	(void)snprintf(answer, sizeof(answer), "%s: %s%s", words[0],
	    r >= 0 ? "succeeded" : "failed: ", r >= 0 ? "" : strerror(errno));
	tcpserver_client_log(client, answer);
	(void)dprintf(client->fd, "%s\n", answer);
	/* Not in recv(2): who waits there gets no signal of it. */
	(void)poll(&(struct pollfd){ .fd = CONNECTION, .events = POLLIN }, 1,
	    -1);
	if (read_line(client->fd, line, sizeof(line)))
		return TCPSERVER_CLOSE;
	/* The connection is no more: until the tester is through. */
	for (;;)
		(void)poll(NULL, 0, 1000);
}

static enum tcpserver_jail_mode
mode_of(const char *word)
{
	return strcmp(word, "off") == 0	  ? TCPSERVER_JAIL_OFF
	    : strcmp(word, "strict") == 0 ? TCPSERVER_JAIL_STRICT
					  : TCPSERVER_JAIL_AUTO;
}

static int
list(void)
{
	for (size_t i = 0; i < ATTEMPTS; i++)
		puts(attempts[i].name);
	return 0;
}

int
main(int argc, char **argv)
{
	struct tcpserver_options options = {
		.size = sizeof(options),
		.name = "attacked",
		.max_children_per_source = TCPSERVER_NO_LIMIT,
		.idle_ms = TCPSERVER_NO_LIMIT,
		.jail.profile = TCPSERVER_PROFILE_FILES,
		.jail.cpu_s = 1,
		.turns = 2,
	};
	const char *folders[] = { NULL, NULL };
	struct tcpserver *server;

	if (argc == 1)
		return EXIT_RAN;
	if (argc == 2)
		return list();
	options.jail.mode = mode_of(argv[1]);
	if (strcmp(argv[2], "stream") == 0)
		options.jail.profile = TCPSERVER_PROFILE_STREAM;
	options.root = argv[3];
	folders[0] = argv[4];
	options.folders = folders;
	scene.first_free = folders[0] != NULL ? FOLDER + 1 : FOLDER;
	scene.parent = getpid();
	if (getcwd(scene.folder, sizeof(scene.folder)) == NULL)
		return 1;
	(void)gethostname(scene.host, sizeof(scene.host) - 1);
	if (tcpserver_new(&server, &options) < 0 ||
	    tcpserver_listen(server, "127.0.0.1:0") < 0)
		return 1;
	puts(tcpserver_address(server, 0));
	(void)fflush(stdout);
	if (tcpserver_run(server, serve, NULL) < 0) {
		(void)fprintf(stderr, "%s\n", tcpserver_errmsg(server));
		return 1;
	}
	return 0;
}
