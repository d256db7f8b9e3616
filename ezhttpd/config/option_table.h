/* SPDX-License-Identifier: MIT */
/* The options there are, as data; pure. */
#ifndef EZHTTPD_CONFIG_OPTION_TABLE_H
#define EZHTTPD_CONFIG_OPTION_TABLE_H

#include <stddef.h>

#include "common/slice.h"
#include "config/site_config.h"

/* No more rows than this. */
#define OPTIONTABLE_ROWS_MAX 64
/* What holds where nothing is said. */
#define OPTIONTABLE_ADDRESS "*:8080"
#define OPTIONTABLE_FOLDER "."
#define OPTIONTABLE_MIME_FILE "/etc/mime.types"

/* Which option it is: by this it is taken. */
enum option_id {
	OPTION_CHECK,
	OPTION_CONFIG,
	OPTION_DIRECTORY,
	OPTION_GROUP,
	OPTION_HELP,
	OPTION_IDLE,
	OPTION_JAIL,
	OPTION_LINGER,
	OPTION_LISTEN,
	OPTION_LOG,
	OPTION_MAX_CONNECTIONS,
	OPTION_MAX_PER_SOURCE,
	OPTION_PORT,
	OPTION_STATUS,
	OPTION_USER,
	OPTION_VERSION,
	OPTION_WAIT,
	/* From here on, those of enum serving_option. */
	OPTION_SERVING,
};

/* What is true of an option. */
enum {
	/* A word goes with it. */
	OPTION_HAS_WORD = 1,
	/* All that is said of it counts, and not the last only. */
	OPTION_ADDS = 2,
	/* On the command line only. */
	OPTION_NOT_IN_FILE = 4,
};

struct optiontable_row {
	/* The long name; unlike that of any other row. */
	const char *name;
	/* What holds where it is not given, as its word; or NULL. */
	const char *standard;
	/* One of enum option_id, or beyond. */
	int id;
	unsigned flags;
	/* The short name, or '\0'. */
	char letter;
};

/* A row, counted from 0, in the order of names; NULL behind the last one. */
const struct optiontable_row *optiontable_at(size_t index);

/* The row of that name, or NULL. */
const struct optiontable_row *optiontable_find(struct piece name);

#endif
