/* SPDX-License-Identifier: MIT */
/* Folders beside the root, as the header promises them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <assert.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "forked.h"
#include "peers.h"
#include "scene.h"

#define PATH_SIZE 64

/*
 * What there is: BASE/outside, and in BASE a root and two folders, each with a
 * page that says whose it is.
 */
static char base[PATH_SIZE];
static char root[PATH_SIZE];
static char first[PATH_SIZE];
static char second[PATH_SIZE];
static const char *const two[] = { first, second, NULL };

static struct scene scene;

/* --- The folders --------------------------------------------------------- */

static void
write_page(const char *folder, const char *name, const char *text)
{
	char path[2 * PATH_SIZE];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	(void)close(fd);
}

static void
make_folder(char path[PATH_SIZE], const char *name)
{
	(void)snprintf(path, PATH_SIZE, "%.40s/%s", base, name);
	assert_int_equal(mkdir(path, 0755), 0);
	write_page(path, "page", name);
}

static int
make_folders(void **state)
{
	(void)state;
	(void)snprintf(base, sizeof(base), "/tmp/folders-test.XXXXXX");
	if (mkdtemp(base) == NULL || chmod(base, 0755) < 0)
		return -1;
	write_page(base, "outside", "outside");
	make_folder(root, "root");
	make_folder(first, "first");
	make_folder(second, "second");
	return 0;
}

static void
remove_folder(const char *folder, const char *name)
{
	char path[2 * PATH_SIZE];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	(void)unlink(path);
	(void)rmdir(folder);
}

static int
remove_folders(void **state)
{
	(void)state;
	remove_folder(root, "page");
	remove_folder(first, "page");
	remove_folder(second, "page");
	remove_folder(base, "outside");
	return access(base, F_OK) < 0 ? 0 : -1;
}

/* --- What a child reads -------------------------------------------------- */

static void
say(const struct tcpserver_client *client, const char *text)
{
	(void)send(client->fd, text, strlen(text), MSG_NOSIGNAL);
}

/* What is there, or "no: " and why it cannot be opened. */
static void
say_page(const struct tcpserver_client *client, int folder_fd, const char *path)
{
	const struct open_how how = { .flags = O_RDONLY | O_CLOEXEC };
	char text[64] = "";
	int fd = (int)syscall(SYS_openat2, folder_fd, path, &how, sizeof(how));

	if (fd < 0)
		(void)snprintf(text, sizeof(text), "no: %s", strerror(errno));
	else if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	say(client, text);
}

static void
say_numbers(const struct tcpserver_client *client)
{
	char text[64];

	(void)snprintf(text, sizeof(text), "%d %d %d %d",
	    tcpserver_client_folder(client, 0),
	    tcpserver_client_folder(client, 1),
	    tcpserver_client_folder(client, 2),
	    tcpserver_client_folder(client, UINT32_MAX));
	say(client, text);
}

/*
 * Obeys a byte: 1 and 2 say the page of a folder, L that of the last one that
 * there can be, r that of the root; u and p climb out of a folder, R out of
 * the root; n says numbers.
 */
static enum tcpserver_verdict
obey(const struct tcpserver_client *client, void *arg)
{
	int folder_fd = tcpserver_client_folder(client, 0);
	char command = '?';

	(void)arg;
	(void)recv(client->fd, &command, 1, 0);
	if (command == '1')
		say_page(client, folder_fd, "page");
	if (command == '2')
		say_page(client, tcpserver_client_folder(client, 1), "page");
	if (command == 'L')
		say_page(client,
		    tcpserver_client_folder(client, TCPSERVER_FOLDERS - 1),
		    "page");
	if (command == 'r')
		say_page(client, client->root_fd, "page");
	if (command == 'u')
		say_page(client, folder_fd, "../outside");
	if (command == 'p')
		say_page(client, folder_fd, "../../../../../etc/passwd");
	if (command == 'R')
		say_page(client, client->root_fd, "../outside");
	if (command == 'n')
		say_numbers(client);
	return TCPSERVER_CLOSE;
}

static void
open_with(const char *const *folders)
{
	const struct scene_setup setup = {
		.handler = obey,
		.options.root = root,
		.options.folders = folders,
		.options.jail.profile = TCPSERVER_PROFILE_FILES,
	};

	scene_open(&scene, &setup);
}

static void
expect(char command, const char *text)
{
	scene_expect(scene_ask(&scene, command), text, 0);
}

static void
a_child_reads_each_folder_by_its_number(void **state)
{
	(void)state;
	open_with(two);
	expect('n', "69 70 -1 -1");
	expect('1', "first");
	expect('2', "second");
	expect('r', "root");
	scene_close(&scene);
}

static void
there_is_no_way_out_of_a_folder(void **state)
{
	char answer[64];

	(void)state;
	open_with(two);
	for (const char *command = "upR"; *command != '\0'; command++) {
		int client = scene_ask(&scene, *command);

		assert_int_equal(peers_read_to_end(client, answer,
				     sizeof(answer), PROCESS_LIMIT_MS),
		    0);
		assert_memory_equal(answer, "no: ", 4);
		(void)close(client);
	}
	scene_close(&scene);
}

static void
there_are_at_most_16_folders(void **state)
{
	const char *many[TCPSERVER_FOLDERS + 2] = { NULL };
	struct tcpserver_options options = {
		.size = sizeof(options),
		.root = root,
		.folders = many,
	};
	struct tcpserver *server;

	(void)state;
	assert_int_equal(TCPSERVER_FOLDERS, 16);
	for (int i = 0; i < TCPSERVER_FOLDERS; i++)
		many[i] = i == TCPSERVER_FOLDERS - 1 ? second : first;
	open_with(many);
	expect('1', "first");
	expect('L', "second");
	scene_close(&scene);
	many[TCPSERVER_FOLDERS] = first;
	assert_int_equal(tcpserver_new(&server, &options), -EINVAL);
}

static void
without_folders_there_are_no_numbers(void **state)
{
	static const char *const none[] = { NULL };

	(void)state;
	open_with(NULL);
	expect('n', "-1 -1 -1 -1");
	scene_close(&scene);
	open_with(none);
	expect('n', "-1 -1 -1 -1");
	scene_close(&scene);
}

static void
a_child_has_them_and_no_other_descriptors(void **state)
{
	struct scene_setup setup = {
		.options.root = root,
		.options.folders = two,
	};

	(void)state;
	scene_open(&scene, &setup);
	scene_expect(scene_ask(&scene, 'f'), "0 1 2 64 65 66 67 69 70", 0);
	scene_close(&scene);
	setup.options.turns = 1;
	scene_open(&scene, &setup);
	scene_expect(scene_ask(&scene, 'f'), "0 1 2 64 65 66 67 68 69 70", 0);
	scene_close(&scene);
}

/* --- What cannot be ------------------------------------------------------ */

static void
what_cannot_be_opened_fails_and_leaves_nothing_open(void **state)
{
	static char no_folder[2 * PATH_SIZE];
	const char *folders[] = { first, "/no/such/folder", NULL };
	struct tcpserver_options options = {
		.size = sizeof(options),
		.root = root,
		.folders = folders,
	};
	char before[PROCESS_FDS_SIZE];
	char after[PROCESS_FDS_SIZE];
	struct tcpserver *server;

	(void)state;
	process_list_fds(before);
	assert_int_equal(tcpserver_new(&server, &options), -ENOENT);
	(void)snprintf(no_folder, sizeof(no_folder), "%s/page", first);
	folders[1] = no_folder;
	assert_int_equal(tcpserver_new(&server, &options), -ENOTDIR);
	folders[1] = second;
	assert_int_equal(tcpserver_new(&server, &options), 0);
	tcpserver_free(server);
	process_list_fds(after);
	assert_string_equal(before, after);
	options.root = NULL;
	assert_int_equal(tcpserver_new(&server, &options), -EINVAL);
}

/* A run that fails, and what is said. */
struct refusal {
	int expected;
	char said[4 * PATH_SIZE];
};

static int
be_refused(void *arg)
{
	const struct refusal *refusal = arg;
	const struct tcpserver_options options = {
		.size = sizeof(options),
		.root = root,
		.folders = two,
		.jail.profile = TCPSERVER_PROFILE_FILES,
	};
	struct tcpserver *server;

	assert(tcpserver_new(&server, &options) == 0);
	assert(tcpserver_listen(server, "127.0.0.1:0") == 0);
	if (tcpserver_run(server, obey, NULL) != refusal->expected ||
	    strcmp(tcpserver_errmsg(server), refusal->said) != 0) {
		print_message("\"%s\" instead of \"%s\"\n",
		    tcpserver_errmsg(server), refusal->said);
		return 1;
	}
	tcpserver_free(server);
	return 0;
}

static void
what_its_user_may_not_read_is_named(void **state)
{
	struct refusal refusal = { .expected = -EACCES };

	(void)state;
	(void)snprintf(refusal.said, sizeof(refusal.said),
	    "%sread directory %s: Permission denied",
	    getuid() == 0 ? "user nobody cannot " : "", second);
	assert_int_equal(chmod(second, 0), 0);
	process_run(be_refused, &refusal);
	assert_int_equal(chmod(second, 0755), 0);
}

/* As on a kernel that has no landlock. */
static int
be_refused_without_landlock(void *arg)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);

	assert(context != NULL);
	assert(seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS),
		   seccomp_syscall_resolve_name("landlock_create_ruleset"),
		   0) == 0);
	assert(seccomp_load(context) == 0);
	seccomp_release(context);
	return be_refused(arg);
}

static void
without_landlock_there_are_no_folders_beside_the_root(void **state)
{
	struct refusal refusal = {
		.expected = -EOPNOTSUPP,
		.said = "jail: folders beside the root need landlock",
	};

	(void)state;
	process_run(be_refused_without_landlock, &refusal);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_reads_each_folder_by_its_number),
		cmocka_unit_test(there_is_no_way_out_of_a_folder),
		cmocka_unit_test(there_are_at_most_16_folders),
		cmocka_unit_test(without_folders_there_are_no_numbers),
		cmocka_unit_test(a_child_has_them_and_no_other_descriptors),
		cmocka_unit_test(
		    what_cannot_be_opened_fails_and_leaves_nothing_open),
		cmocka_unit_test(what_its_user_may_not_read_is_named),
		cmocka_unit_test(
		    without_landlock_there_are_no_folders_beside_the_root),
	};

	return cmocka_run_group_tests(tests, make_folders, remove_folders);
}
