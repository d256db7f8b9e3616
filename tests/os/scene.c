/* SPDX-License-Identifier: MIT */
/* A whole server for tests, in a process of its own. */
#include "scene.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "forked.h"
#include "peers.h"

static void
say(const struct tcpserver_client *client, const char *text)
{
	(void)send(client->fd, text, strlen(text), MSG_NOSIGNAL);
}

static enum tcpserver_verdict
wait_as_one_should(const struct tcpserver_client *client)
{
	int r;

	say(client, "waiting\n");
	r = tcpserver_client_wait(client, 60000);
	if (r == -EBUSY)
		return TCPSERVER_PARK;
	if (r == 1)
		say(client, "heard\n");
	else
		say(client, r == -ECANCELED ? "stopping\n" : "neither\n");
	return TCPSERVER_CLOSE;
}

/* Looks for as long as it takes whether its slot is asked for. */
static void
work_until_asked(const struct tcpserver_client *client)
{
	say(client, "working\n");
	while (tcpserver_client_must_yield(client) == 0)
		(void)poll(NULL, 0, 10);
	say(client, "yielding\n");
}

static void
be_busy(const struct tcpserver_client *client)
{
	char c;

	say(client, "busy\n");
	(void)recv(client->fd, &c, 1, 0);
	say(client, "done\n");
}

static void
listen_on(const struct tcpserver_client *client)
{
	char bytes[4096];

	while (recv(client->fd, bytes, sizeof(bytes), 0) > 0)
		continue;
}

static void
talk_on(const struct tcpserver_client *client)
{
	static const char bytes[4096];

	while (send(client->fd, bytes, sizeof(bytes), MSG_NOSIGNAL) > 0)
		continue;
}

static void
loop_deaf(const struct tcpserver_client *client)
{
	volatile bool is_over = false;
	sigset_t all;

	(void)sigfillset(&all);
	(void)sigprocmask(SIG_SETMASK, &all, NULL);
	say(client, "looping\n");
	while (!is_over)
		continue;
}

static void
log_many(const struct tcpserver_client *client)
{
	/* With its end it fills a pipe of one page. */
	char line[4096];

	memset(line, '.', sizeof(line));
	line[sizeof(line) - 1] = '\0';
	for (int i = 0; i < SCENE_MANY_LINES; i++) {
		(void)snprintf(line, sizeof(line), "line %d", i);
		line[strlen(line)] = ' ';
		tcpserver_client_log(client, line);
	}
	say(client, "logged\n");
}

static void
log_escapes(const struct tcpserver_client *client)
{
	char line[4096];

	memset(line, 1, sizeof(line));
	line[sizeof(line) - 1] = '\0';
	for (int i = 0; i < 10; i++)
		tcpserver_client_log(client, line);
	say(client, "logged\n");
}

static void
list_fds(const struct tcpserver_client *client)
{
	char list[PROCESS_FDS_SIZE];

	process_list_fds(list);
	say(client, list);
}

/* A flat table of what can be asked for, hence longer than others. */
static enum tcpserver_verdict
obey(const struct tcpserver_client *client, void *arg)
{
	char command = '?';
	char text[128];

	(void)arg;
	(void)recv(client->fd, &command, 1, 0);
	switch (command) {
	case 'h':
		(void)snprintf(text, sizeof(text), "hello %s at %u\n",
		    client->peer_text, client->listener);
		say(client, text);
		break;
	case 'p':
		(void)snprintf(text, sizeof(text), "%d", getpid());
		say(client, text);
		break;
	case 'f':
		list_fds(client);
		break;
	case 'r':
		say(client, "bye\n");
		return TCPSERVER_RESET;
	case 'a':
		abort();
	case 'x':
		_exit(77);
	case 'b':
		be_busy(client);
		break;
	case 'w':
		return wait_as_one_should(client);
	case 'y':
		work_until_asked(client);
		break;
	case 's':
		say(client, "stopped\n");
		(void)raise(SIGSTOP);
		break;
	case 'l':
		loop_deaf(client);
		break;
	case 'n':
		listen_on(client);
		break;
	case 't':
		talk_on(client);
		break;
	case 'k':
		say(client, "parked\n");
		return TCPSERVER_PARK;
	case 'q':
		say(client, "busy\n");
		(void)recv(client->fd, &command, 1, 0);
		say(client, "parked\n");
		return TCPSERVER_PARK;
	case '1':
		tcpserver_client_log(client, "a \x1b[1mline\n");
		say(client, "logged\n");
		break;
	case 'm':
		log_many(client);
		break;
	case 'e':
		log_escapes(client);
		break;
	default:
		break;
	}
	return TCPSERVER_CLOSE;
}

/* What tcpserver_run() is to leave as it was. */
struct state {
	char fds[PROCESS_FDS_SIZE];
	sigset_t mask;
	struct sigaction actions[3];
};

static void
take_state(struct state *state)
{
	static const int numbers[] = { SIGTERM, SIGINT, SIGCHLD };

	/* Also what stands between the fields is to be equal. */
	memset(state, 0, sizeof(*state));
	process_list_fds(state->fds);
	assert(sigprocmask(SIG_SETMASK, NULL, &state->mask) == 0);
	for (int i = 0; i < 3; i++)
		assert(sigaction(numbers[i], NULL, &state->actions[i]) == 0);
}

static void
expect_same(const struct state *before, const struct state *after)
{
	assert(strcmp(before->fds, after->fds) == 0);
	for (int number = 1; number < NSIG; number++)
		assert(sigismember(&before->mask, number) ==
		    sigismember(&after->mask, number));
	for (int i = 0; i < 3; i++)
		assert(before->actions[i].sa_handler ==
		    after->actions[i].sa_handler);
}

static void
listen_on_all(struct tcpserver *server, const struct scene_setup *setup,
    int ports_fd)
{
	uint16_t ports[3] = { 0 };

	for (unsigned i = 0; i < 3 && setup->addresses[i] != NULL; i++) {
		const char *text;

		assert(tcpserver_listen(server, setup->addresses[i]) == 0);
		text = strrchr(tcpserver_address(server, i), ':');
		ports[i] = (uint16_t)strtoul(text + 1, NULL, 10);
	}
	assert(write(ports_fd, ports, sizeof(ports)) == sizeof(ports));
	(void)close(ports_fd);
}

/* For some commands: abort(3), raise(3), and a list of descriptors. */
static const char *const calls_of_commands[] = { "fcntl", "tgkill", NULL };

/* The setup, and the ends of pipes that are the server's. */
struct body {
	struct scene_setup setup;
	int log_fd;
	int ports_fd;
};

static int
serve(void *arg)
{
	const struct body *body = arg;
	const struct scene_setup *setup = &body->setup;
	struct tcpserver *server;
	struct state before;
	struct state after;

	assert(dup2(body->log_fd, STDERR_FILENO) == STDERR_FILENO);
	/* Something low that is in the way, and nobody's business. */
	assert(dup2(STDIN_FILENO, 4) == 4 && dup2(STDIN_FILENO, 5) == 5);
	assert(dup3(body->ports_fd, 200, O_CLOEXEC) == 200);
	assert(close_range(6, 199, 0) == 0 && close_range(201, ~0U, 0) == 0);
	if (setup->is_child_signal_ignored)
		assert(sigaction(SIGCHLD,
			   &(struct sigaction){ .sa_handler = SIG_IGN },
			   NULL) == 0);
	(void)close(3);
	take_state(&before);
	assert(tcpserver_new(&server, &setup->options) == 0);
	listen_on_all(server, setup, 200);
	assert(tcpserver_run(server, setup->handler, NULL) == 0);
	tcpserver_free(server);
	assert(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
	assert(dup3(STDIN_FILENO, 200, O_CLOEXEC) == 200);
	take_state(&after);
	expect_same(&before, &after);
	return 0;
}

/* Where the server says that it is ready. */
static int
open_supervisor(void)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	socklen_t size = sizeof(sun);
	char name[sizeof(sun.sun_path)] = "@";
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	/* Without a name: the kernel finds one, which is abstract. */
	assert_int_equal(
	    bind(fd, (const struct sockaddr *)&sun, sizeof(sa_family_t)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sun, &size), 0);
	memcpy(name + 1, sun.sun_path + 1,
	    size - offsetof(struct sockaddr_un, sun_path) - 1);
	assert_int_equal(setenv("NOTIFY_SOCKET", name, 1), 0);
	return fd;
}

void
scene_open(struct scene *scene, const struct scene_setup *setup)
{
	struct body body = { .setup = *setup };
	int log[2];
	int ports[2];

	body.setup.options.size = sizeof(body.setup.options);
	if (body.setup.addresses[0] == NULL)
		body.setup.addresses[0] = "127.0.0.1:0";
	if (body.setup.handler == NULL) {
		body.setup.handler = obey;
		body.setup.options.jail.calls = calls_of_commands;
	}
	(void)snprintf(scene->status_path, sizeof(scene->status_path),
	    "/tmp/scene-status.%d", getpid());
	if (body.setup.has_status)
		body.setup.options.status = scene->status_path;
	assert_int_equal(pipe2(log, O_CLOEXEC), 0);
	assert_int_equal(pipe2(ports, O_CLOEXEC), 0);
	if (body.setup.is_log_narrow)
		assert_true(fcntl(log[1], F_SETPIPE_SZ, 4096) > 0);
	if (body.setup.is_log_nonblocking)
		assert_int_equal(fcntl(log[1], F_SETFL, O_NONBLOCK), 0);
	body.log_fd = log[1];
	body.ports_fd = ports[1];
	scene->log_size = 0;
	scene->log_fd = log[0];
	scene->supervisor_fd = open_supervisor();
	scene->pid = process_start(serve, &body);
	(void)close(log[1]);
	(void)close(ports[1]);
	if (read(ports[0], scene->ports, sizeof(scene->ports)) !=
	    sizeof(scene->ports))
		scene_expect_log(scene, "(it did not start)");
	(void)close(ports[0]);
	scene_expect_word(scene, "READY=1");
}

int
scene_ask_from(const struct scene *scene, const char *source, char command)
{
	int client = peers_connect_from(source, scene->ports[0]);

	/* Who is refused may have been cut by now. */
	(void)send(client, &command, 1, MSG_NOSIGNAL);
	return client;
}

int
scene_ask(const struct scene *scene, char command)
{
	return scene_ask_from(scene, "127.0.0.1", command);
}

void
scene_expect(int client, const char *text, int end)
{
	char seen[512];

	assert_int_equal(
	    peers_read_to_end(client, seen, sizeof(seen), PROCESS_LIMIT_MS),
	    end);
	assert_string_equal(seen, text);
	(void)close(client);
}

void
scene_expect_so_far(int client, const char *text)
{
	size_t size = strlen(text);
	char seen[64] = "";

	assert_true(size < sizeof(seen));
	for (size_t used = 0; used < size;) {
		ssize_t n;

		assert_true(process_has_input(client, PROCESS_LIMIT_MS));
		n = recv(client, seen + used, size - used, 0);
		assert_true(n > 0);
		used += (size_t)n;
	}
	assert_string_equal(seen, text);
}

bool
scene_read_log(struct scene *scene, int limit_ms)
{
	ssize_t n;

	if (!process_has_input(scene->log_fd, limit_ms))
		return false;
	assert_true(scene->log_size + 1 < sizeof(scene->log));
	n = read(scene->log_fd, scene->log + scene->log_size,
	    sizeof(scene->log) - scene->log_size - 1);
	if (n <= 0)
		return false;
	scene->log_size += (size_t)n;
	scene->log[scene->log_size] = '\0';
	return true;
}

void
scene_expect_log(struct scene *scene, const char *text)
{
	size_t from = 0;

	for (;;) {
		scene->log[scene->log_size] = '\0';
		if (strstr(scene->log + from, text) != NULL)
			return;
		/* It may have begun already. */
		if (scene->log_size > strlen(text))
			from = scene->log_size - strlen(text);
		if (!scene_read_log(scene, PROCESS_LIMIT_MS))
			fail_msg("\"%s\" is not in the log:\n%s", text,
			    scene->log);
	}
}

void
scene_expect_word(const struct scene *scene, const char *text)
{
	char seen[32] = "";

	assert_true(process_has_input(scene->supervisor_fd, PROCESS_LIMIT_MS));
	assert_true(recv(scene->supervisor_fd, seen, sizeof(seen) - 1, 0) > 0);
	assert_string_equal(seen, text);
}

/* No descriptor of a server in a test has this number or a higher one. */
#define MOST_FDS 1024

/* Most children of one server that are told apart. */
#define MOST_CHILDREN 1024

/* The children of the server's, those among them that have ended too. */
static unsigned
list_children(const struct scene *scene, pid_t pids[MOST_CHILDREN])
{
	unsigned count = 0;
	char path[64];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children",
	    scene->pid, scene->pid);
	file = fopen(path, "re");
	assert_non_null(file);
	while (count < MOST_CHILDREN && fscanf(file, "%d", &pids[count]) == 1)
		count++;
	(void)fclose(file);
	return count;
}

void
scene_expect_children(const struct scene *scene, unsigned count)
{
	int64_t end = process_now_ms() + PROCESS_LIMIT_MS;
	pid_t pids[MOST_CHILDREN];
	unsigned seen;

	for (;;) {
		seen = list_children(scene, pids);
		if (seen == count)
			return;
		if (process_now_ms() > end)
			fail_msg("%u children", seen);
		/* There is nothing that tells: look again a little later. */
		(void)process_has_input(scene->supervisor_fd, 10);
	}
}

uint64_t
scene_number(const struct scene *scene, const char *name)
{
	int fd = peers_connect_unix(scene->status_path);
	char text[8192] = "\n";
	char line[64];
	const char *found;

	peers_send(fd, "status\n");
	assert_int_equal(
	    peers_read_to_end(fd, text + 1, sizeof(text) - 1, PROCESS_LIMIT_MS),
	    0);
	(void)close(fd);
	(void)snprintf(line, sizeof(line), "\n%s ", name);
	found = strstr(text, line);
	if (found == NULL)
		fail_msg("there is no \"%s\" in:%s", name, text);
	return strtoull(found + strlen(line), NULL, 10);
}

void
scene_expect_number(const struct scene *scene, const char *name, uint64_t value)
{
	int64_t end = process_now_ms() + PROCESS_LIMIT_MS;
	uint64_t seen;

	for (;;) {
		seen = scene_number(scene, name);
		if (seen == value)
			return;
		if (process_now_ms() > end)
			fail_msg("%s is %llu, not %llu", name,
			    (unsigned long long)seen,
			    (unsigned long long)value);
		/* There is nothing that tells: look again a little later. */
		(void)process_has_input(scene->supervisor_fd, 10);
	}
}

pid_t
scene_child(const struct scene *scene, unsigned index)
{
	pid_t pids[MOST_CHILDREN];

	assert_true(index < list_children(scene, pids));
	return pids[index];
}

pid_t
scene_last_child(const struct scene *scene)
{
	pid_t pids[MOST_CHILDREN];
	unsigned count = list_children(scene, pids);

	assert_true(count > 0);
	return pids[count - 1];
}

void
scene_list_fds(const struct scene *scene, char list[PROCESS_FDS_SIZE])
{
	size_t n = 0;
	char path[64];

	list[0] = '\0';
	for (int fd = 0; fd < MOST_FDS; fd++) {
		(void)snprintf(path, sizeof(path), "/proc/%d/fd/%d", scene->pid,
		    fd);
		if (readlink(path, &(char){ 0 }, 1) < 0)
			continue;
		n += (size_t)snprintf(list + n, PROCESS_FDS_SIZE - n, "%s%d",
		    n > 0 ? " " : "", fd);
		assert_true(n < PROCESS_FDS_SIZE);
	}
}

/* Whether the server sleeps (S, see proc(5)). */
static bool
is_asleep(const struct scene *scene)
{
	char path[64];
	char state = '?';
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", scene->pid);
	file = fopen(path, "re");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%*d (%*[^)]) %c", &state), 1);
	(void)fclose(file);
	return state == 'S';
}

void
scene_stop(const struct scene *scene)
{
	int64_t end = process_now_ms() + PROCESS_LIMIT_MS;
	int status;

	while (!is_asleep(scene)) {
		assert_true(process_now_ms() < end);
		/* There is nothing that tells: look again a little later. */
		(void)process_has_input(scene->supervisor_fd, 1);
	}
	assert_int_equal(kill(scene->pid, SIGSTOP), 0);
	assert_int_equal(waitpid(scene->pid, &status, WUNTRACED), scene->pid);
	assert_true(WIFSTOPPED(status));
}

void
scene_go_on(const struct scene *scene)
{
	assert_int_equal(kill(scene->pid, SIGCONT), 0);
}

void
scene_wait(struct scene *scene)
{
	int status;

	/* First the log: who writes it may be waiting for its reader. */
	scene->log[scene->log_size] = '\0';
	while (scene_read_log(scene, PROCESS_LIMIT_MS))
		continue;
	status = process_wait(scene->pid, PROCESS_LIMIT_MS);
	(void)close(scene->log_fd);
	(void)close(scene->supervisor_fd);
	if (status != 0)
		fail_msg("it ended with status %d, signal %d; the log:\n%s",
		    WEXITSTATUS(status), WTERMSIG(status), scene->log);
}

void
scene_close(struct scene *scene)
{
	assert_int_equal(kill(scene->pid, SIGTERM), 0);
	scene_expect_word(scene, "STOPPING=1");
	scene_wait(scene);
}
