/* SPDX-License-Identifier: MIT */
/* The options there are, as data; pure. */
#include "config/option_table.h"

#include <string.h>

#define ALONE 0
#define WORD OPTION_HAS_WORD
#define WORDS (OPTION_HAS_WORD | OPTION_ADDS)
#define HERE OPTION_NOT_IN_FILE
#define OF_SERVING(option) ((int)OPTION_SERVING + (int)SERVING_##option)

/* Name, what holds without it, which it is, what it is, letter. */
static const struct optiontable_row rows[] = {
	{ "alias", NULL, OF_SERVING(ALIAS), WORDS, 0 },
	{ "auth", NULL, OF_SERVING(AUTH), WORD, 0 },
	{ "cache", NULL, OF_SERVING(CACHE), WORDS, 0 },
	{ "charset", "utf-8", OF_SERVING(CHARSET), WORD, 0 },
	{ "check", NULL, OPTION_CHECK, HERE, 0 },
	{ "config", NULL, OPTION_CONFIG, WORD | HERE, 0 },
	{ "cors", NULL, OF_SERVING(CORS), ALONE, 0 },
	{ "directory", OPTIONTABLE_FOLDER, OPTION_DIRECTORY, WORD, 'd' },
	{ "error-page", NULL, OF_SERVING(ERROR_PAGE), WORDS, 0 },
	{ "fallback", NULL, OF_SERVING(FALLBACK), WORD, 0 },
	{ "group", NULL, OPTION_GROUP, WORD, 0 },
	{ "header", NULL, OF_SERVING(HEADER), WORDS, 0 },
	{ "help", NULL, OPTION_HELP, HERE, 'h' },
	{ "html-suffix", NULL, OF_SERVING(HTML_SUFFIX), ALONE, 0 },
	{ "idle", "60", OPTION_IDLE, WORD, 0 },
	{ "index", SERVING_INDEX_DEFAULT, OF_SERVING(INDEX), WORDS, 0 },
	{ "jail", "auto", OPTION_JAIL, WORD, 0 },
	{ "linger", "2", OPTION_LINGER, WORD, 0 },
	{ "listen", OPTIONTABLE_ADDRESS, OPTION_LISTEN, WORDS, 0 },
	{ "log", "combined", OPTION_LOG, WORD, 0 },
	{ "max-connections", NULL, OPTION_MAX_CONNECTIONS, WORD, 0 },
	{ "max-per-source", NULL, OPTION_MAX_PER_SOURCE, WORD, 0 },
	{ "mime", OPTIONTABLE_MIME_FILE, OF_SERVING(MIME), WORD, 0 },
	{ "no-listing", NULL, OF_SERVING(NO_LISTING), ALONE, 0 },
	{ "no-symlinks", NULL, OF_SERVING(NO_SYMLINKS), ALONE, 0 },
	{ "port", NULL, OPTION_PORT, WORDS, 'p' },
	{ "redirect", NULL, OF_SERVING(REDIRECT), WORDS, 0 },
	{ "status", NULL, OPTION_STATUS, WORD, 0 },
	{ "user", NULL, OPTION_USER, WORD, 0 },
	{ "version", NULL, OPTION_VERSION, HERE, 'V' },
	{ "vhosts", NULL, OF_SERVING(VHOSTS), ALONE, 0 },
	{ "wait", "5", OPTION_WAIT, WORD, 0 },
};

_Static_assert(sizeof(rows) / sizeof(rows[0]) <= OPTIONTABLE_ROWS_MAX,
    "more options than readers of the table have room for");

const struct optiontable_row *
optiontable_at(size_t index)
{
	return index < sizeof(rows) / sizeof(rows[0]) ? &rows[index] : NULL;
}

const struct optiontable_row *
optiontable_find(struct piece name)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strlen(rows[i].name) == name.n &&
		    memcmp(rows[i].name, name.bytes, name.n) == 0)
			return &rows[i];
	return NULL;
}
