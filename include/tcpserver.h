/* SPDX-License-Identifier: MIT */
/*
 * tcpserver: services in which each client has a process of its own.
 *
 * The header has two parts.  Classic: five calls and two structs, the small
 * interface of a lesson on secure programming.  Engine: a whole server in one
 * call, which accepts, admits, forks, collects and expires.  They share
 * nothing but the header; a program uses the one or the other.
 *
 * Conventions of the engine
 *
 * Errors     A function that can fail returns 0 or a count when well and a
 *            negative errno when not; tcpserver_errmsg() says in words which
 *            step failed on which object, once there is a server.
 * Units      stand in the names: _ms, _bytes.
 * Zero       In options, a field left 0 takes its default, which is finite.
 *            A bound that is really not wanted is TCPSERVER_NO_LIMIT.
 * Ownership  Strings, arrays and descriptors handed in stay the caller's, and
 *            have to live as long as the object they were given to; strings
 *            handed out live as long as the object they were asked of.
 * Threads    None.  While tcpserver_run() runs, the process must have no
 *            other thread, and all its children are collected by it.
 */
#ifndef TCPSERVER_H
#define TCPSERVER_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ------------------------------------------------------------------------ */
/* Classic                                                                  */
/* ------------------------------------------------------------------------ */

/* A server: the socket it waits on (-1: none) and the address of that. */
typedef struct {
	int wait_socket;
	struct sockaddr_in server_addr;
} TCPSERVER_INFO;

/* A client: the socket of its connection (-1: none) and its address. */
typedef struct {
	int data_socket;
	struct sockaddr_in client_addr;
} TCPCLIENT_INFO;

/*
 * Fills in a server that is to wait on `ip` (INADDR_ANY: every address) and
 * `port` (0: any free one), both in host byte order.  The socket is -1; all
 * else is zero.
 */
void tcpserver_init(TCPSERVER_INFO *server, unsigned long ip,
    unsigned short port);

/*
 * Makes the socket, binds and listens.  The caller ends it with
 * tcpserver_close(), which is also safe after a failure.
 * Returns 1 when the server waits for clients, else 0; the failed step
 * (socket, bind, listen) and its reason are then on stderr.
 */
int tcpserver_open(TCPSERVER_INFO *server);

/*
 * Waits for the next client.  Connections that were gone before they could
 * be accepted are passed over; a lack of descriptors or memory is reported
 * once on stderr and waited out; a signal does not end the waiting.
 * Returns 1 with the client connected: the caller ends it with
 * tcpclient_close().  Returns 0 when the socket cannot accept at all.
 */
int tcpserver_wait(TCPSERVER_INFO *server, TCPCLIENT_INFO *client);

/*
 * Closes the waiting socket, if there is one, and sets it to -1.  It does
 * not shut it down: another process may still be waiting on it.
 */
void tcpserver_close(TCPSERVER_INFO *server);

/*
 * Closes the client's socket, if there is one, and sets it to -1.  It does
 * not shut the connection down: another process may still be serving it.
 */
void tcpclient_close(TCPCLIENT_INFO *client);

/* Serves one client; the result, 0 to 255, becomes the exit status. */
typedef int tcpserver_service(TCPCLIENT_INFO *client);

/*
 * Serves `client` in a child process.  The child closes its copy of the
 * server's socket, runs `service`, and exits with its result.  The parent
 * closes its copy of the client's socket, whatever the outcome.
 * Returns the child's process id, or -1 (see fork(2)) with a message on
 * stderr.  Who collects the child: tcpserver_reap_children(), or the caller.
 */
pid_t tcpserver_spawn(TCPSERVER_INFO *server, TCPCLIENT_INFO *client,
    tcpserver_service *service);

/*
 * From here on, children that end are collected, every one of them, however
 * many end together: installs a handler for SIGCHLD that calls waitpid(2)
 * until there is none left.
 * Returns 1, or 0 with a message on stderr.
 */
int tcpserver_reap_children(void);

/* ------------------------------------------------------------------------ */
/* Engine                                                                   */
/* ------------------------------------------------------------------------ */

/* For any bound in tcpserver_options: none at all. */
#define TCPSERVER_NO_LIMIT UINT32_MAX

/* Most that a handler can leave with a connection that it parks. */
#define TCPSERVER_STATE_BYTES 64

/* Most turns. */
#define TCPSERVER_TURNS 64

/* Most folders beside the root. */
#define TCPSERVER_FOLDERS 16

/* Longest text of a peer's address, with its end. */
#define TCPSERVER_PEER_TEXT_SIZE 48

struct tcpserver;

/*
 * One client, as its handler sees it.  It lives in the child, on which no
 * other client can act.
 *
 * The descriptors of a child are exactly: 0 to 2, on /dev/null; 64, the
 * connection; 65, the root directory if there is one; 66, its way to the
 * logger; 67, its channel to the parent; 68, its turns, if there are any; 69
 * and above, the folders beside the root, if there are any.  Whatever else the
 * caller had open is closed, and its number may be another file's here.  Files
 * that a jailed child opens stand at 3 to 63, and there are no more
 * (RLIMIT_NOFILE).
 *
 * SIGTERM, SIGINT, SIGHUP and SIGUSR1 are blocked: the server answers them; so
 * is SIGUSR2, by which the server asks a child for its slot, but where it waits
 * by tcpserver_client_wait().  Who runs another program must unblock them.
 */
struct tcpserver_client {
	/* The connection, blocking.  The library closes it. */
	int fd;
	/* The directory given as root in the options, or -1. */
	int root_fd;
	/* Which of the server's addresses it came to, counted from 0. */
	unsigned listener;
	/* Where it came from: "192.0.2.1", "2001:db8::1", "uid 1000". */
	char peer_text[TCPSERVER_PEER_TEXT_SIZE];
	/* Its port there; 0 for a unix socket. */
	uint16_t peer_port;
	/*
	 * Not 0: it was parked, and its client has spoken again; `state` is
	 * what the handler before left with it, state_bytes of it.
	 */
	int is_resumed;
	size_t state_bytes;
	unsigned char state[TCPSERVER_STATE_BYTES];
	/*
	 * Not 0: when its child was started, three quarters of the slots were
	 * held, or connections waited for one.  A handler that has answered
	 * should not wait long for the next request, but park the connection.
	 */
	int is_scarce;
	/* The library's own. */
	void *own;
};

/* What is to become of the connection when the handler is through with it. */
enum tcpserver_verdict {
	/*
	 * Close it in order: what was written arrives, and until then the child
	 * stays, for as long as the client gets on.  One that still sends is
	 * heard out for at most 2 s after that, and 64 KiB, so that the answer
	 * is not lost in a reset.
	 */
	TCPSERVER_CLOSE,
	/*
	 * Keep it, without a process, until the client sends something: then
	 * another child runs the handler again, with is_resumed.  It waits for
	 * parked_ms at most.  Whatever the handler has read and not used is
	 * lost: it parks between two requests, with an empty buffer.
	 */
	TCPSERVER_PARK,
	/* Cut it: what was not yet sent is thrown away, at once. */
	TCPSERVER_RESET,
};

/* Serves one client, in a child process of its own. */
typedef enum tcpserver_verdict tcpserver_handler(
    const struct tcpserver_client *client, void *arg);

/* What of the jail must stand. */
enum tcpserver_jail_mode {
	/* Whatever this kernel can do; what it cannot is said at the start. */
	TCPSERVER_JAIL_AUTO,
	/* Every wall; where one is missing, tcpserver_run() fails. */
	TCPSERVER_JAIL_STRICT,
	/* None; with neither user nor group it stays even the superuser's. */
	TCPSERVER_JAIL_OFF,
};

/* What a handler does. */
enum tcpserver_profile {
	/* It reads and writes its connection, computes, and waits. */
	TCPSERVER_PROFILE_STREAM,
	/*
	 * It also reads files beneath root_fd and the folders beside that,
	 * opened by openat2(2).
	 */
	TCPSERVER_PROFILE_FILES,
};

/*
 * The jail of a server: its parent, once started, and each child, are in it
 * for ever.  A child can read what its profile says, and nothing else; write,
 * connect, start, signal and see nothing.  One that tries is killed (SIGSYS),
 * or where a C library tries by itself, the call fails with EACCES.
 *
 * What the process has open when tcpserver_run() is called can still be used
 * by it; what it would open after that is out of reach.
 */
struct tcpserver_jail {
	enum tcpserver_jail_mode mode;
	enum tcpserver_profile profile;
	/*
	 * Who the server becomes, by name or number, as in /etc/passwd.
	 * Default: "nobody" (65534 where that is not listed) where it is
	 * the superuser's, else whoever it is.
	 * This user must be able to read what handlers read: the root, and
	 * each folder beside it.
	 */
	const char *user;
	/* Its group, as in /etc/group; default the user's own. */
	const char *group;
	/*
	 * System calls that the handler needs beyond its profile, by name
	 * ("getdents64"), ending with NULL; default none.  There is no
	 * condition on their arguments.
	 */
	const char *const *calls;
	/*
	 * Of one child: addresses, default 1 GiB, of which what the server
	 * itself has at the start counts; and seconds of processor time,
	 * default 60, of which 64 MiB that its client sends or takes earn one
	 * more.
	 */
	uint64_t memory_bytes;
	uint32_t cpu_s;
};

/*
 * How a server behaves.  Zero the whole, set size, then what differs:
 *
 *	struct tcpserver_options options = { .size = sizeof(options) };
 */
struct tcpserver_options {
	/* sizeof(struct tcpserver_options). */
	size_t size;
	/* Begins each log line; default "tcpserver". */
	const char *name;
	/*
	 * Slots: children at the same time, in addition to which there are
	 * spare ones, an eighth as many, for clients of networks that hold
	 * few.  By default an eighth of the memory at 128 KiB for each slot,
	 * between 64 and 4,096, and no more than limits on processes and
	 * descriptors allow; at most 16,384.
	 */
	uint32_t max_children;
	/*
	 * Slots that one source may hold: an IPv4 address, an IPv6 /64, or a
	 * user of a unix socket; a further connection of it is refused.
	 * Default no limit: while slots are free nobody is refused, and when
	 * they are not, connections of the heaviest networks make room.
	 */
	uint32_t max_children_per_source;
	/*
	 * Connections that wait for a slot; default 16 for each slot, at most
	 * 4,096.  When no more can wait, one of the network that holds and
	 * waits for the most is refused.
	 */
	uint32_t max_waiting;
	/* How long a connection may wait for a slot; default 5,000. */
	uint32_t wait_ms;
	/*
	 * Connections that are parked: they wait without a process for their
	 * clients; default 16,384, or as many as the limit on descriptors
	 * allows.  When no more can be parked, the oldest of the network that
	 * has the most is closed.  While more than 80 % of the places are
	 * taken, and until less than 60 % are, they wait half as long.
	 */
	uint32_t max_parked;
	/* How long a connection may be parked after a request; default 60,000.
	 */
	uint32_t parked_ms;
	/*
	 * How long a client may take to close, after everything that was sent
	 * to it has been acknowledged; default 2,000.
	 */
	uint32_t linger_ms;
	/*
	 * How long a client may say nothing at first, where it is to speak
	 * first; default 15,000: on a line that loses packets its first bytes
	 * may come only with the fifth attempt, after 1 + 2 + 4 + 8 s.
	 */
	uint32_t first_byte_ms;
	/*
	 * How long nothing may move; default 15,000.  While more than 80 % of
	 * the slots are held, and until less than 60 % are, this, first_byte_ms
	 * and the credit of the least rate are halved for sources that weigh
	 * more than eight connections.
	 */
	uint32_t idle_ms;
	/*
	 * The least rate at which a client sends what it has begun to send, and
	 * takes what is there for it; default 500.  It begins with a credit of
	 * 5 s, and may be half a minute ahead; while the line loses what is
	 * sent, an eighth of the time counts.
	 */
	uint32_t least_rate_bytes_per_s;
	/*
	 * Longest life of a connection; default none (TCPSERVER_NO_LIMIT): one
	 * that gets on by the three bounds above may go on.
	 */
	uint32_t lifetime_ms;
	/*
	 * How long children may go on after SIGTERM or SIGINT, before they
	 * are killed; default 5,000.
	 */
	uint32_t drain_ms;
	/*
	 * How long sent data may stay unacknowledged, and a silent peer
	 * unprobed, before the kernel gives the connection up; default 30,000.
	 * See TCP_USER_TIMEOUT in tcp(7).
	 */
	uint32_t user_timeout_ms;
	/*
	 * How much of what a client has sent, and its handler has not read, the
	 * kernel keeps; default 65,536.  It is also the most that comes in one
	 * round trip: 640 KiB a second where that takes 100 ms; who receives
	 * large files from afar needs more, or TCPSERVER_NO_LIMIT, by which the
	 * kernel lets it grow.  See SO_RCVBUF in socket(7).
	 *
	 * On the way out no such number is needed: what is in flight is as much
	 * as the line carries, and about 16 KiB wait behind it.
	 */
	uint32_t receive_buffer_bytes;
	/*
	 * Not 0: the client speaks first, so the kernel may hold a connection
	 * back, for about a second, until its first bytes are there.  See
	 * TCP_DEFER_ACCEPT in tcp(7).
	 */
	int client_speaks_first;
	/*
	 * A directory that every child finds open as its root_fd (O_PATH, see
	 * open(2)); default none.  In the jail it is read-only, and what is
	 * mounted beneath it after tcpserver_run() has begun is not seen; the
	 * same holds for `folders`.
	 */
	const char *root;
	/*
	 * Directories beside the root, which every child finds open as well
	 * (O_PATH, see tcpserver_client_folder()); ends with NULL, at most
	 * TCPSERVER_FOLDERS, and not without a root; default none.
	 *
	 * They lie outside of what the process has as its root directory: a
	 * child that was taken over is kept in them by landlock(7).  Where that
	 * is missing, and the jail is not off, tcpserver_run() fails.
	 */
	const char *const *folders;
	/*
	 * How many children at the same time may be in their turn, for work
	 * that would be too much for the machine if all did it at once; default
	 * none (then nobody can take one), at most TCPSERVER_TURNS.
	 */
	uint32_t turns;
	/*
	 * Sent to a client that cannot be served now, before its connection is
	 * closed; default nothing.
	 */
	const char *refusal;
	/*
	 * The path of a unix socket, for this user only, on which the server
	 * tells how it is: to "status" or an empty line, a line "name value"
	 * for each number; to "json", the same as JSON.  It is made when the
	 * server starts, and removed when it ends, if the user that the
	 * server has become may do that; else at the next start.  Default
	 * none.
	 */
	const char *status;
	/* Default: all of it that there is here, for streams. */
	struct tcpserver_jail jail;
	/*
	 * Called once, with the `arg` of tcpserver_run(), when all is open and
	 * the jail stands: the time to say so.  Default none.
	 */
	void (*ready)(const struct tcpserver *server, void *arg);
};

/*
 * Makes a server; `options` may be NULL and is copied.  Descriptors 0 to 2,
 * where closed, are opened on /dev/null.  From here until tcpserver_free(),
 * SIGTERM, SIGINT, SIGHUP and SIGUSR1 are held back for tcpserver_run() to
 * answer.
 * On success *ret_server is to be freed with tcpserver_free().
 * Fails with -EINVAL (options of another size, or out of bounds, or folders
 * without a root), -ENOMEM, or what open(2) says of the root, of a folder
 * beside it or of /dev/null.
 */
int tcpserver_new(struct tcpserver **ret_server,
    const struct tcpserver_options *options);

/*
 * Listens on `address`, in addition to those before:
 *
 *	"192.0.2.1:80" "[2001:db8::1]:80" "[fe80::1%eth0]:80"
 *	"*:80" or "80"	every address, IPv4 and IPv6
 *	"unix:/run/x"	a unix socket (a dead one there is replaced)
 *
 * Port 0 takes any free one.  No names are looked up.
 * Fails with -EINVAL (not an address), -ENOSPC (more than 16), or what
 * socket(2), bind(2) or listen(2) says.
 */
int tcpserver_listen(struct tcpserver *server, const char *address);

/*
 * Takes over the listening sockets that a supervisor has opened for this
 * process (LISTEN_FDS and LISTEN_PID, see sd_listen_fds(3)).
 * Returns how many listen: 0 where there is no such supervisor.  Fails with
 * -EINVAL (one of them is no listening stream socket) or -ENOSPC.
 */
int tcpserver_listen_inherited(struct tcpserver *server);

/*
 * The address of a listener, counted from 0, in the form tcpserver_listen()
 * takes, with the real port; NULL where there is no such listener.
 */
const char *tcpserver_address(const struct tcpserver *server, unsigned index);

/*
 * Serves: for every client that is admitted, a child runs `handler` with
 * `arg`.  SIGTERM or SIGINT ends it: no more clients are accepted, those
 * that are there may finish (see drain_ms), a second signal kills them.
 * SIGUSR1 says the status in the log, a line for each number.  SIGHUP is logged
 * and does nothing else; where it was ignored before, it stays ignored.
 * SIGPIPE is blocked, also while `ready` runs: a write to a pipe that nobody
 * reads fails.
 * Log lines go to stderr, through a process of their own.  A supervisor is
 * told READY=1 and STOPPING=1 (NOTIFY_SOCKET, see sd_notify(3)).
 * From here on the process is in its jail, also after this has returned.
 * Returns 0 after such an end; the server has no listeners then.  Fails with
 * -EINVAL (no listener), -ENOSYS or -EPERM (a system call that is needed later
 * is missing; it is named), -EOPNOTSUPP (a wall is missing, and all were asked
 * for; or landlock, and there are folders beside the root), -EACCES (handlers
 * read files, and its user may not read the root or a folder beside it), or
 * what a step of the start said; once started, no failure ends it.
 */
int tcpserver_run(struct tcpserver *server, tcpserver_handler *handler,
    void *arg);

/* Closes the listeners and frees everything; NULL is harmless. */
void tcpserver_free(struct tcpserver *server);

/*
 * What went wrong in the last call that failed: step, object, reason.  It
 * cannot speak of tcpserver_new(): where that fails there is no server to ask.
 */
const char *tcpserver_errmsg(const struct tcpserver *server);

/*
 * For a handler between two requests: waits until the client has sent
 * something, at most `timeout_ms`.
 * Returns 1 when there is something to read (or the client has closed), 0
 * when the time is over, -ECANCELED when the server has been told to stop
 * (once each time; it may wait again), -EBUSY when connections wait for a slot
 * (once: the handler should park the connection, or close it), or what ppoll(2)
 * says.
 */
int tcpserver_client_wait(const struct tcpserver_client *client,
    uint32_t timeout_ms);

/*
 * For a handler between two requests that does not wait: whether connections
 * wait for a slot, and this one has been held for a second.  The handler should
 * then park the connection, or close it.
 * Returns 1 or 0.
 */
int tcpserver_client_must_yield(const struct tcpserver_client *client);

/*
 * Reports that the client has done something which the service calls abuse: its
 * source gets so many penalty points, 1 to 100.  Points halve every minute; a
 * source with 100 is refused.
 * Returns 0; fails with -EINVAL, or -EAGAIN where the report is lost because
 * the parent cannot follow.
 */
int tcpserver_client_penalise(const struct tcpserver_client *client,
    uint32_t points);

/*
 * For a handler that is going to park: leaves `bytes` of `state` with the
 * connection, at most TCPSERVER_STATE_BYTES.
 * Returns 0, or -EMSGSIZE.
 */
int tcpserver_client_set_state(const struct tcpserver_client *client,
    const void *state, size_t bytes);

/*
 * The descriptor (O_PATH) of folder `index` of those in the options, counted
 * from 0; -1 where there is no such folder.  The library closes it.
 */
int tcpserver_client_folder(const struct tcpserver_client *client,
    unsigned index);

/*
 * For a handler before heavy work, as hashing a password: takes one of the
 * turns that there are in the options.  Where all are taken it waits until one
 * is free, at most `timeout_ms`, looking every 10 to 50 ms; nobody is first in
 * line.  Meanwhile the bounds on its connection hold, so that the waiting, and
 * the work, count as its client's silence (see idle_ms); and a server that
 * stops does not end the waiting.  It has one turn at most: who has it and asks
 * again keeps it.  It ends with tcpserver_client_end_turn(), or with the child,
 * however that ends.
 * Returns 1 with a turn, 0 when the time is over, -ECONNRESET when its client
 * has gone meanwhile.  Fails with -EINVAL (there are no turns in the options),
 * or what fcntl(2) says of its lock.
 */
int tcpserver_client_take_turn(const struct tcpserver_client *client,
    uint32_t timeout_ms);

/* Gives the turn back; without one, harmless. */
void tcpserver_client_end_turn(const struct tcpserver_client *client);

/*
 * Writes one line to the log: `line` as it is, at most 4,095 bytes of it,
 * with bytes that are not printable ASCII as \xHH.  Never waits; where the
 * logger cannot follow, the line is lost, and the loss is counted and said.
 */
void tcpserver_client_log(const struct tcpserver_client *client,
    const char *line);

#ifdef __cplusplus
}
#endif

#endif
