/* SPDX-License-Identifier: MIT */
/* Files of the kernel: what they state, and what is not understood. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "core/proc_text.h"
#include "guard.h"
#include "random.h"

#define UNTOUCHED UINT64_C(4711)

/* A literal, whose bytes may be NUL. */
#define TEXT(literal) literal, sizeof(literal) - 1

static const struct {
	const char *text;
	size_t size;
	int expected;
	uint64_t number;
} memories[] = {
	{ TEXT("MemTotal:       16316412 kB\nMemFree: 1 kB\n"), 0,
	    UINT64_C(16316412) * 1024 },
	{ TEXT("MemFree: 1 kB\nMemTotal:\t2 kB\n"), 0, 2048 },
	{ TEXT("MemTotal:0 kB"), 0, 0 },
	{ TEXT("MemTotal: 18014398509481983 kB\n"), 0, UINT64_MAX - 1023 },
	{ TEXT("MemTotal: 18014398509481984 kB\n"), -EBADMSG, UNTOUCHED },
	{ TEXT("MemTotal: 99999999999999999999999 kB\n"), -EBADMSG, UNTOUCHED },
	{ TEXT("MemTotal: -1 kB\n"), -EBADMSG, UNTOUCHED },
	{ TEXT("MemTotal: 12 MB\n"), -EBADMSG, UNTOUCHED },
	{ TEXT("MemTotal: 12"), -EBADMSG, UNTOUCHED },
	{ TEXT("MemTotal: 12 k"), -EBADMSG, UNTOUCHED },
	{ TEXT("MemTotal: 1\0002 kB\n"), -EBADMSG, UNTOUCHED },
	{ TEXT("MemTotal:"), -EBADMSG, UNTOUCHED },
	{ TEXT("MemTotal"), -EBADMSG, UNTOUCHED },
	{ TEXT("MemTotals: 1 kB\n"), -ENOENT, UNTOUCHED },
	{ TEXT("xMemTotal: 1 kB\n"), -ENOENT, UNTOUCHED },
	{ TEXT("\n\n\n"), -ENOENT, UNTOUCHED },
	{ TEXT(""), -ENOENT, UNTOUCHED },
};

static void
the_memory_of_the_machine_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(memories) / sizeof(memories[0]); i++) {
		uint64_t bytes = UNTOUCHED;
		size_t size = memories[i].size;

		assert_int_equal(
		    ts_proc_text_memory(guard_copy(memories[i].text, size),
			size, &bytes),
		    memories[i].expected);
		assert_int_equal(bytes, memories[i].number);
	}
}

static const struct {
	const char *text;
	size_t size;
	int expected;
	uint64_t number;
} limits[] = {
	{ TEXT("max\n"), 0, UINT64_MAX },
	{ TEXT("max"), 0, UINT64_MAX },
	{ TEXT("0\n"), 0, 0 },
	{ TEXT("4915\n"), 0, 4915 },
	{ TEXT("9223372036854771712\n"), 0, INT64_MAX - 4095 },
	{ TEXT("18446744073709551615\n"), 0, UINT64_MAX },
	{ TEXT("18446744073709551616\n"), -EBADMSG, UNTOUCHED },
	{ TEXT("184467440737095516150\n"), -EBADMSG, UNTOUCHED },
	{ TEXT("-1\n"), -EBADMSG, UNTOUCHED },
	{ TEXT("+1\n"), -EBADMSG, UNTOUCHED },
	{ TEXT(" 1\n"), -EBADMSG, UNTOUCHED },
	{ TEXT("1 \n"), -EBADMSG, UNTOUCHED },
	{ TEXT("0x10\n"), -EBADMSG, UNTOUCHED },
	{ TEXT("maximum\n"), -EBADMSG, UNTOUCHED },
	{ TEXT("ma"), -EBADMSG, UNTOUCHED },
	{ TEXT("1\n2\n"), -EBADMSG, UNTOUCHED },
	{ TEXT("1\0\n"), -EBADMSG, UNTOUCHED },
	{ TEXT("max\0\n"), -EBADMSG, UNTOUCHED },
	{ TEXT("\n"), -EBADMSG, UNTOUCHED },
	{ TEXT(""), -EBADMSG, UNTOUCHED },
};

static void
a_limit_is_a_number_or_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		uint64_t limit = UNTOUCHED;
		size_t size = limits[i].size;

		assert_int_equal(
		    ts_proc_text_limit(guard_copy(limits[i].text, size), size,
			&limit),
		    limits[i].expected);
		assert_int_equal(limit, limits[i].number);
	}
}

#define UNIFIED "0::/system.slice/web.service\n"
#define MIXED                                                             \
	"9:name=systemd:/init\n8:pids:/user/a\n5:cpu,memory,cpuacct:/m\n" \
	"0::/\n"

static const struct {
	const char *text;
	size_t size;
	const char *controller;
	int expected;
	const char *path;
} cgroups[] = {
	{ TEXT(UNIFIED), "", 0, "/system.slice/web.service" },
	{ TEXT(UNIFIED), "memory", -ENOENT, "untouched" },
	{ TEXT(MIXED), "", 0, "" },
	{ TEXT(MIXED), "pids", 0, "/user/a" },
	{ TEXT(MIXED), "memory", 0, "/m" },
	{ TEXT(MIXED), "cpu", 0, "/m" },
	{ TEXT(MIXED), "cpuacct", 0, "/m" },
	{ TEXT(MIXED), "mem", -ENOENT, "untouched" },
	{ TEXT(MIXED), "systemd", -ENOENT, "untouched" },
	/* A path with colons. */
	{ TEXT("0::/a:pids:/b\n"), "", 0, "/a:pids:/b" },
	/* Above what this process can see, or below nothing. */
	{ TEXT("0::/../other\n"), "", -EBADMSG, "untouched" },
	{ TEXT("0::/a/..\n"), "", -EBADMSG, "untouched" },
	{ TEXT("0::/..a/b..\n"), "", 0, "/..a/b.." },
	{ TEXT("0::a\n"), "", -EBADMSG, "untouched" },
	{ TEXT("0::\n"), "", -EBADMSG, "untouched" },
	{ TEXT("0::/a\0b\n"), "", -EBADMSG, "untouched" },
	/* Cut off, or no such file. */
	{ TEXT("0::/system.sl"), "", -ENOENT, "untouched" },
	{ TEXT("0\n:\n::\n"), "pids", -ENOENT, "untouched" },
	{ TEXT("\n\n"), "pids", -ENOENT, "untouched" },
	{ TEXT(""), "", -ENOENT, "untouched" },
};

static void
the_path_of_each_hierarchy_is_found(void **state)
{
	char path[TS_PROC_TEXT_PATH_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cgroups) / sizeof(cgroups[0]); i++) {
		size_t size = cgroups[i].size;

		memcpy(path, "untouched", sizeof("untouched"));
		assert_int_equal(
		    ts_proc_text_cgroup(guard_copy(cgroups[i].text, size), size,
			cgroups[i].controller, path),
		    cgroups[i].expected);
		assert_string_equal(path, cgroups[i].path);
	}
}

static void
a_path_is_never_longer_than_its_room(void **state)
{
	char text[TS_PROC_TEXT_PATH_SIZE + 8];
	char path[TS_PROC_TEXT_PATH_SIZE];

	(void)state;
	for (size_t length = TS_PROC_TEXT_PATH_SIZE - 2;
	     length < TS_PROC_TEXT_PATH_SIZE + 2; length++) {
		memcpy(text, "0::/", 4);
		memset(text + 4, 'a', length - 1);
		text[3 + length] = '\n';
		assert_int_equal(
		    ts_proc_text_cgroup(guard_copy(text, 4 + length),
			4 + length, "", path),
		    length < TS_PROC_TEXT_PATH_SIZE ? 0 : -EBADMSG);
	}
	assert_int_equal(strlen(path), TS_PROC_TEXT_PATH_SIZE - 1);
}

/* Whatever is there, nothing beyond its end is read. */
static void
any_text_is_read_to_its_end_and_no_further(void **state)
{
	static const char letters[] = "0:/a.\n ,MemTotal:max9kB\0";
	struct random_stream stream = { 1 };
	char text[64];
	char path[TS_PROC_TEXT_PATH_SIZE];
	uint64_t number;

	(void)state;
	for (unsigned round = 0; round < 20000; round++) {
		size_t size = random_below(&stream, sizeof(text));
		const char *copy;

		for (size_t i = 0; i < size; i++)
			text[i] =
			    letters[random_below(&stream, sizeof(letters))];
		copy = guard_copy(text, size);
		(void)ts_proc_text_memory(copy, size, &number);
		(void)ts_proc_text_limit(copy, size, &number);
		if (ts_proc_text_cgroup(copy, size, "", path) == 0)
			assert_true(path[0] == '\0' || path[0] == '/');
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_memory_of_the_machine_is_read),
		cmocka_unit_test(a_limit_is_a_number_or_none),
		cmocka_unit_test(the_path_of_each_hierarchy_is_found),
		cmocka_unit_test(a_path_is_never_longer_than_its_room),
		cmocka_unit_test(any_text_is_read_to_its_end_and_no_further),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
