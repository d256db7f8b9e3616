/* SPDX-License-Identifier: MIT */
/* The engine's log: it holds nobody up, and what is lost is counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "forked.h"
#include "peers.h"
#include "scene.h"

static struct scene scene;

static void
a_line_is_one_line_whatever_is_in_it(void **state)
{
	const struct scene_setup setup = { .handler = NULL };

	(void)state;
	scene_open(&scene, &setup);
	scene_expect(scene_ask(&scene, '1'), "logged\n", 0);
	scene_expect_log(&scene, "a \\x1b[1mline\\x0a\n");
	scene_close(&scene);
}

/* Lines that grow to four times their size, and wait for the logger together.
 */
static void
the_longest_lines_are_whole(void **state)
{
	const struct scene_setup setup = { .handler = NULL };
	const char *lines;
	pid_t logger;

	(void)state;
	scene_open(&scene, &setup);
	logger = scene_child(&scene, SCENE_LOGGER);
	assert_int_equal(kill(logger, SIGSTOP), 0);
	scene_expect(scene_ask(&scene, 'e'), "logged\n", 0);
	assert_int_equal(kill(logger, SIGCONT), 0);
	scene_expect_children(&scene, SCENE_HELPERS);
	assert_int_equal(scene_child(&scene, SCENE_LOGGER), logger);
	scene_close(&scene);
	/* Behind the line of the start. */
	lines = strchr(scene.log, '\n') + 1;
	for (int i = 0; i < 10; i++) {
		const char *line = lines + (size_t)i * (4 * 4095 + 1);

		assert_memory_equal(line, "\\x01\\x01", 8);
		assert_memory_equal(line + 4 * 4095 - 4, "\\x01\n", 5);
	}
	assert_memory_equal(lines + 10 * (4 * 4095 + 1),
	    "tcpserver: stopped: 1 accepted, 0 refused, 1 closed\n", 52);
}

static void
lines_begin_with_the_name(void **state)
{
	const struct scene_setup setup = { .options.name = "greeter" };

	(void)state;
	scene_open(&scene, &setup);
	scene_close(&scene);
	assert_memory_equal(scene.log, "greeter: ", 9);
	scene_expect_log(&scene, "\ngreeter: stopped: 0 accepted,");
}

static void
another_logger_takes_the_place_of_a_dead_one(void **state)
{
	const struct scene_setup setup = { .handler = NULL };

	(void)state;
	scene_open(&scene, &setup);
	process_kill(scene_child(&scene, SCENE_LOGGER));
	/* A line that comes when there is none is not lost. */
	scene_expect(scene_ask(&scene, '1'), "logged\n", 0);
	scene_expect_log(&scene,
	    "tcpserver: logger died, another was started\n");
	scene_expect_log(&scene, "line\\x0a\n");
	scene_expect_children(&scene, SCENE_HELPERS);
	/* As often as it takes. */
	scene.log_size = 0;
	process_kill(scene_last_child(&scene));
	scene_expect_log(&scene,
	    "tcpserver: logger died, another was started\n");
	scene_close(&scene);
	scene_expect_log(&scene, "stopped: 1 accepted, 0 refused, 1 closed\n");
}

/* Of the lines that clients had written, how many are in the log. */
static unsigned long
count_lines(void)
{
	unsigned long count = 0;
	const char *at = scene.log;

	for (;;) {
		at = strstr(at, "line");
		if (at == NULL)
			return count;
		/* Not those of the lines that were lost. */
		count += at[strlen("line")] != 's';
		at++;
	}
}

/* The sum of all losses that were said. */
static unsigned long
count_losses(void)
{
	static const char words[] = " log lines lost\n";
	unsigned long count = 0;
	const char *at = scene.log;

	for (;;) {
		const char *digits;

		at = strstr(at, words);
		if (at == NULL)
			return count;
		digits = at;
		while (digits > scene.log && digits[-1] >= '0' &&
		    digits[-1] <= '9')
			digits--;
		count += strtoul(digits, NULL, 10);
		at++;
	}
}

/* Nobody reads stderr: clients are served, and lines are lost. */
static void
a_reader_that_does_not_read_holds_nobody(void **state)
{
	const struct scene_setup setup = { .is_log_narrow = true };

	(void)state;
	scene_open(&scene, &setup);
	for (int i = 0; i < 3; i++)
		scene_expect(scene_ask(&scene, 'm'), "logged\n", 0);
	scene_expect(scene_ask(&scene, 'h'), "hello 127.0.0.1 at 0\n", 0);
	scene_expect_children(&scene, SCENE_HELPERS);
	/* It is read again: what was lost is said, and goes on. */
	scene_expect_log(&scene, " log lines lost\n");
	scene_expect(scene_ask(&scene, '1'), "logged\n", 0);
	scene_expect_log(&scene, "a \\x1b[1mline\\x0a\n");
	scene_close(&scene);
	assert_int_not_equal(count_losses(), 0);
	assert_int_equal(count_lines() + count_losses(),
	    3 * SCENE_MANY_LINES + 1);
}

static void
a_loss_is_said_once(void **state)
{
	const struct scene_setup setup = { .is_log_narrow = true };

	(void)state;
	scene_open(&scene, &setup);
	scene_expect(scene_ask(&scene, 'm'), "logged\n", 0);
	scene_expect_log(&scene, " log lines lost\n");
	/* It goes on to the next line: it has done with that one. */
	scene_expect(scene_ask(&scene, '1'), "logged\n", 0);
	scene_expect_log(&scene, "a \\x1b[1mline\\x0a\n");
	/* Another logger knows what the first one has said. */
	process_kill(scene_child(&scene, SCENE_LOGGER));
	scene_expect_log(&scene,
	    "tcpserver: logger died, another was started\n");
	scene_close(&scene);
	assert_int_equal(count_lines() + count_losses(), SCENE_MANY_LINES + 1);
}

/*
 * A pipe that does not block, as some leave it to those they start: what is
 * lost there is counted too, and the word of it is not lost for good.
 */
static void
a_loss_is_said_though_the_first_word_of_it_is_lost(void **state)
{
	const struct scene_setup setup = { .is_log_narrow = true,
		.is_log_nonblocking = true };
	unsigned long sent = 2 * SCENE_MANY_LINES;

	(void)state;
	scene_open(&scene, &setup);
	for (int i = 0; i < 2; i++)
		scene_expect(scene_ask(&scene, 'm'), "logged\n", 0);
	/* One line more each time: the first may be lost as well. */
	for (int i = 0; i < 10; i++) {
		scene_expect(scene_ask(&scene, '1'), "logged\n", 0);
		sent++;
		while (scene_read_log(&scene, 100))
			continue;
		if (count_lines() + count_losses() == sent)
			break;
	}
	assert_int_not_equal(count_losses(), 0);
	assert_int_equal(count_lines() + count_losses(), sent);
	scene_close(&scene);
}

/* It has a second to come to its end, and is then not waited for. */
static void
a_reader_that_does_not_read_does_not_hold_the_end(void **state)
{
	const struct scene_setup setup = { .is_log_narrow = true };
	int64_t begin;

	(void)state;
	scene_open(&scene, &setup);
	scene_expect(scene_ask(&scene, 'm'), "logged\n", 0);
	begin = process_now_ms();
	assert_int_equal(kill(scene.pid, SIGTERM), 0);
	scene_expect_word(&scene, "STOPPING=1");
	assert_int_equal(process_wait(scene.pid, PROCESS_LIMIT_MS), 0);
	assert_in_range(process_now_ms() - begin, 0, 4000);
	(void)close(scene.log_fd);
	(void)close(scene.supervisor_fd);
}

/* Nobody will ever read: no signal, no end, no spinning child. */
static void
a_reader_that_has_gone_holds_nobody(void **state)
{
	const struct scene_setup setup = { .handler = NULL };

	(void)state;
	scene_open(&scene, &setup);
	(void)close(scene.log_fd);
	for (int i = 0; i < 3; i++)
		scene_expect(scene_ask(&scene, 'm'), "logged\n", 0);
	scene_expect(scene_ask(&scene, 'h'), "hello 127.0.0.1 at 0\n", 0);
	assert_int_equal(kill(scene.pid, SIGTERM), 0);
	assert_int_equal(process_wait(scene.pid, PROCESS_LIMIT_MS), 0);
	(void)close(scene.supervisor_fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_one_line_whatever_is_in_it),
		cmocka_unit_test(the_longest_lines_are_whole),
		cmocka_unit_test(lines_begin_with_the_name),
		cmocka_unit_test(another_logger_takes_the_place_of_a_dead_one),
		cmocka_unit_test(a_reader_that_does_not_read_holds_nobody),
		cmocka_unit_test(a_loss_is_said_once),
		cmocka_unit_test(
		    a_loss_is_said_though_the_first_word_of_it_is_lost),
		cmocka_unit_test(
		    a_reader_that_does_not_read_does_not_hold_the_end),
		cmocka_unit_test(a_reader_that_has_gone_holds_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
