/* SPDX-License-Identifier: MIT */
/* The way to the logger: what goes in comes out, whole, in order, or is lost.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "forked.h"
#include "os/fd.h"
#include "os/log_socket.h"

#define ROOM 8192

static int
open_records(void **state)
{
	static struct ts_records records;

	if (ts_records_open(&records) < 0)
		return -1;
	*state = &records;
	return 0;
}

static int
close_records(void **state)
{
	ts_records_close(*state);
	return 0;
}

static void
expect(struct ts_records *records, const char *expected)
{
	char buffer[ROOM] = "";

	assert_int_equal(
	    ts_records_receive(records->read_fd, buffer, sizeof(buffer)),
	    strlen(expected));
	assert_memory_equal(buffer, expected, strlen(expected));
}

static void
its_descriptors_are_out_of_the_way(void **state)
{
	struct ts_records *records = *state;

	assert_true(records->write_fd >= TS_FD_PARENT);
	assert_true(records->read_fd >= TS_FD_PARENT);
	assert_true(process_is_cloexec(records->write_fd));
	assert_true(process_is_cloexec(records->read_fd));
	ts_records_close(records);
	assert_int_equal(records->write_fd, -1);
	assert_int_equal(records->read_fd, -1);
}

static void
keeps_the_boundaries(void **state)
{
	struct ts_records *records = *state;

	assert_int_equal(ts_records_send(records->write_fd, "one", 3), 0);
	assert_int_equal(ts_records_send(records->write_fd, "t\0wo", 4), 0);
	assert_int_equal(ts_records_send(records->write_fd, "3\n", 2), 0);
	expect(records, "one");
	assert_int_equal(
	    ts_records_receive(records->read_fd, (char[ROOM]){ 0 }, ROOM), 4);
	expect(records, "3\n");
}

static void
cuts_what_is_too_long(void **state)
{
	struct ts_records *records = *state;
	char text[ROOM];
	char buffer[ROOM];

	memset(text, 'x', sizeof(text));
	assert_int_equal(
	    ts_records_send(records->write_fd, text, TS_RECORDS_BYTES + 1), 0);
	assert_int_equal(
	    ts_records_send(records->write_fd, text, TS_RECORDS_BYTES), 0);
	for (int i = 0; i < 2; i++)
		assert_int_equal(ts_records_receive(records->read_fd, buffer,
				     sizeof(buffer)),
		    TS_RECORDS_BYTES);
	/* The rest of it is not the next record. */
	assert_int_equal(ts_records_send(records->write_fd, text, 100), 0);
	assert_int_equal(ts_records_receive(records->read_fd, buffer, 10), 10);
	assert_int_equal(ts_records_send(records->write_fd, "next", 4), 0);
	expect(records, "next");
}

static void
an_empty_record_is_not_the_end(void **state)
{
	struct ts_records *records = *state;
	char buffer[ROOM];

	assert_int_equal(ts_records_send(records->write_fd, "", 0), 0);
	assert_int_equal(ts_records_send(records->write_fd, "more", 4), 0);
	assert_int_equal(
	    ts_records_receive(records->read_fd, buffer, sizeof(buffer)),
	    -EBADMSG);
	expect(records, "more");
}

/* Whoever sends one last thing cannot silence those before or after him. */
static void
an_empty_record_is_not_the_end_when_all_have_gone(void **state)
{
	struct ts_records *records = *state;
	char buffer[ROOM];

	assert_int_equal(ts_records_send(records->write_fd, "", 0), 0);
	assert_int_equal(ts_records_send(records->write_fd, "last", 4), 0);
	ts_fd_close(&records->write_fd);
	assert_int_equal(
	    ts_records_receive(records->read_fd, buffer, sizeof(buffer)),
	    -EBADMSG);
	expect(records, "last");
	assert_int_equal(
	    ts_records_receive(records->read_fd, buffer, sizeof(buffer)), 0);
}

static void
ends_when_the_last_sender_has_gone(void **state)
{
	struct ts_records *records = *state;
	int other = dup(records->write_fd);
	char buffer[ROOM];

	ts_fd_close(&records->write_fd);
	assert_false(process_has_input(records->read_fd, 0));
	assert_int_equal(ts_records_send(other, "last", 4), 0);
	(void)close(other);
	expect(records, "last");
	for (int i = 0; i < 2; i++)
		assert_int_equal(ts_records_receive(records->read_fd, buffer,
				     sizeof(buffer)),
		    0);
}

static void
never_waits_when_it_is_full(void **state)
{
	struct ts_records *records = *state;
	char text[TS_RECORDS_BYTES];
	int sent = 0;
	int r;

	memset(text, 'x', sizeof(text));
	do
		r = ts_records_send(records->write_fd, text, sizeof(text));
	while (r == 0 && ++sent < 100000);
	assert_int_equal(r, -EAGAIN);
	assert_true(sent > 4);
	/* Room again: what was sent is there, and a new one finds a place. */
	for (int i = 0; i < sent; i++)
		assert_int_equal(
		    ts_records_receive(records->read_fd, text, sizeof(text)),
		    TS_RECORDS_BYTES);
	assert_false(process_has_input(records->read_fd, 0));
	assert_int_equal(ts_records_send(records->write_fd, "more", 4), 0);
	expect(records, "more");
}

static void
without_a_receiver_it_is_an_error_and_no_signal(void **state)
{
	struct ts_records *records = *state;

	ts_fd_close(&records->read_fd);
	assert_int_equal(ts_records_send(records->write_fd, "x", 1), -EPIPE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
		    its_descriptors_are_out_of_the_way, open_records,
		    close_records),
		cmocka_unit_test_setup_teardown(keeps_the_boundaries,
		    open_records, close_records),
		cmocka_unit_test_setup_teardown(cuts_what_is_too_long,
		    open_records, close_records),
		cmocka_unit_test_setup_teardown(an_empty_record_is_not_the_end,
		    open_records, close_records),
		cmocka_unit_test_setup_teardown(
		    an_empty_record_is_not_the_end_when_all_have_gone,
		    open_records, close_records),
		cmocka_unit_test_setup_teardown(
		    ends_when_the_last_sender_has_gone, open_records,
		    close_records),
		cmocka_unit_test_setup_teardown(never_waits_when_it_is_full,
		    open_records, close_records),
		cmocka_unit_test_setup_teardown(
		    without_a_receiver_it_is_an_error_and_no_signal,
		    open_records, close_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
