/* SPDX-License-Identifier: MIT */
/* The parent's check on itself: entries without a child, children without. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "forked.h"
#include "parent/children.h"
#include "peers.h"
#include "scene.h"

/* From one check to the next, as the header promises. */
#define AUDIT_MS 10000

static struct scene scene;

/* A brood without a server, and what it counts. */
struct stage {
	int null_fd;
	struct ts_jail jail;
	struct ts_metrics metrics;
	struct ts_logger logger;
	struct ts_brood brood;
};

static void
open_stage(struct stage *stage)
{
	const struct tcpserver_options options = { .max_children = 4 };
	const struct ts_child_context context = { .root_fd = -1 };

	*stage = (struct stage){ .null_fd = open("/dev/null", O_RDWR) };
	ts_jail_init(&stage->jail);
	assert_int_equal(ts_logger_open(&stage->logger, "audit_test",
			     stage->null_fd, &stage->jail),
	    0);
	assert_int_equal(ts_brood_open(&stage->brood, &options, &context,
			     &stage->metrics, &stage->logger),
	    0);
}

static void
close_stage(struct stage *stage)
{
	ts_brood_close(&stage->brood);
	ts_logger_close(&stage->logger);
	(void)close(stage->null_fd);
}

static void
enter(struct stage *stage, pid_t pid)
{
	const struct ts_source source = { .kind = TS_ADDR_IPV4, .bits = 1 };
	uint32_t index = ts_children_add(&stage->brood.children);

	assert_int_not_equal(index, TS_SLOTS_NONE);
	ts_holders_add(&stage->brood.holders, index, source,
	    (struct ts_monotime){ 0 });
	ts_children_set_pid(&stage->brood.children, index, pid);
}

static int
stay(void *arg)
{
	(void)arg;
	return pause();
}

static int
end(void *arg)
{
	(void)arg;
	return 0;
}

static void
expect(const struct stage *stage, uint64_t leaked, uint32_t count)
{
	assert_int_equal(stage->metrics.leaked, leaked);
	assert_int_equal(ts_brood_count(&stage->brood), count);
	assert_int_equal(stage->brood.holders.count, count);
}

/* Alive, dead, collected by somebody else: only this one is lost. */
static void
an_entry_without_a_child_is_found_and_its_place_is_free(void **state)
{
	struct stage stage;
	pid_t pid;

	(void)state;
	open_stage(&stage);
	pid = process_start(stay, NULL);
	enter(&stage, pid);
	ts_brood_audit(&stage.brood);
	expect(&stage, 0, 1);
	process_kill(pid);
	ts_brood_audit(&stage.brood);
	expect(&stage, 0, 1);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	ts_brood_audit(&stage.brood);
	expect(&stage, 1, 0);
	ts_brood_audit(&stage.brood);
	expect(&stage, 1, 0);
	close_stage(&stage);
}

/* A process that is none of ours is no child, however alive it is. */
static void
an_entry_for_somebody_elses_process_is_found(void **state)
{
	struct stage stage;

	(void)state;
	open_stage(&stage);
	enter(&stage, getppid());
	ts_brood_audit(&stage.brood);
	expect(&stage, 1, 0);
	close_stage(&stage);
}

static void
it_looks_every_ten_seconds(void **state)
{
	struct ts_monotime now = { 1 };
	struct stage stage;

	(void)state;
	open_stage(&stage);
	ts_brood_audit_if_due(&stage.brood, now);
	enter(&stage, getppid());
	ts_brood_audit_if_due(&stage.brood,
	    ts_monotime_add_ms(now, AUDIT_MS - 1));
	expect(&stage, 0, 1);
	ts_brood_audit_if_due(&stage.brood, ts_monotime_add_ms(now, AUDIT_MS));
	expect(&stage, 1, 0);
	close_stage(&stage);
}

static void
look_away(void *arg)
{
	(void)arg;
}

static void
a_child_without_an_entry_is_counted(void **state)
{
	struct ts_brood_helpers helpers = { .ended = look_away };
	struct stage stage;
	pid_t pid;
	int fd;

	(void)state;
	open_stage(&stage);
	helpers.logger = stage.logger.pid;
	pid = process_start(end, NULL);
	fd = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_true(process_has_input(fd, PROCESS_LIMIT_MS));
	(void)close(fd);
	assert_int_equal(ts_brood_collect(&stage.brood, &helpers), 1);
	assert_int_equal(stage.metrics.strangers, 1);
	close_stage(&stage);
}

/* The whole of it: a server whose child was collected behind its back. */
static void
a_server_finds_what_it_has_lost(void **state)
{
	const struct scene_setup setup = {
		.is_robbed = true,
		.has_status = true,
	};
	int client;

	(void)state;
	scene_open(&scene, &setup);
	client = scene_ask(&scene, 'b');
	scene_expect_so_far(client, "busy\n");
	scene_stop(&scene);
	process_kill(scene_last_child(&scene));
	/* Handled before the server does anything else. */
	assert_int_equal(kill(scene.pid, SIGUSR2), 0);
	scene_go_on(&scene);
	scene_expect(client, "", -ECONNRESET);
	scene_expect_children(&scene, SCENE_HELPERS);
	scene_expect_number(&scene, "children", 1);
	scene_expect_number(&scene, "leaked", 0);
	/* It says nothing else until then. */
	assert_true(scene_read_log(&scene, AUDIT_MS + PROCESS_LIMIT_MS));
	scene_expect_log(&scene, " is gone, but was never collected\n");
	scene_expect_number(&scene, "children", 0);
	scene_expect_number(&scene, "leaked", 1);
	scene_close(&scene);
	scene_expect_log(&scene, "stopped: 1 accepted, 0 refused, 1 leaked\n");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_entry_without_a_child_is_found_and_its_place_is_free),
		cmocka_unit_test(an_entry_for_somebody_elses_process_is_found),
		cmocka_unit_test(it_looks_every_ten_seconds),
		cmocka_unit_test(a_child_without_an_entry_is_counted),
		cmocka_unit_test(a_server_finds_what_it_has_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
