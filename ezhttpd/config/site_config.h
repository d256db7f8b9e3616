/* SPDX-License-Identifier: MIT */
/* How the folder is served: what the command line says of it; pure. */
#ifndef EZHTTPD_CONFIG_SITE_CONFIG_H
#define EZHTTPD_CONFIG_SITE_CONFIG_H

#include <stdbool.h>
#include <stddef.h>

#include "config/alias.h"
#include "config/cache_rule.h"
#include "config/redirect.h"
#include "http/url_path.h"

/* As many folders beside the one that is served. */
#define SERVING_ALIASES 16
/* As many paths that have moved. */
#define SERVING_REDIRECTS 64
/* As many rules for caches as there may be. */
#define SERVING_CACHE_RULES 32
/* All fields that are added to answers, as lines. */
#define SERVING_FIELDS_BYTES 4096
/* As many names of an index, and the one that holds where none is given. */
#define SERVING_INDEXES 8
#define SERVING_INDEX_DEFAULT "index.html"
/* The longest name of an index. */
#define SERVING_INDEX_BYTES 255

/* The errors that may have a page of the site. */
enum serving_page {
	SERVING_PAGE_403,
	SERVING_PAGE_404,
	SERVING_PAGES,
};

/* What may be said of it. */
enum serving_option {
	SERVING_ALIAS,
	SERVING_AUTH,
	SERVING_CACHE,
	SERVING_CHARSET,
	SERVING_CORS,
	SERVING_ERROR_PAGE,
	SERVING_FALLBACK,
	SERVING_HEADER,
	SERVING_HTML_SUFFIX,
	SERVING_INDEX,
	SERVING_MIME,
	SERVING_NO_LISTING,
	SERVING_NO_SYMLINKS,
	SERVING_REDIRECT,
	SERVING_VHOSTS,
	SERVING_OPTIONS,
};

/*
 * How a folder is served.  The strings are those that were read.  Files are
 * paths beneath the folder, without a slash in front.
 */
struct serving {
	struct alias aliases[SERVING_ALIASES];
	unsigned alias_count;
	struct redirect redirects[SERVING_REDIRECTS];
	unsigned redirect_count;
	/* A file of users and their passwords, or NULL for everybody. */
	const char *auth;
	/* A file of types, or NULL for the system's. */
	const char *mime;
	/* Of text, or NULL for none. */
	const char *charset;
	/* The pages of errors; NULL for our own. */
	const char *pages[SERVING_PAGES];
	/* The file that is served for what is not there, or NULL. */
	const char *fallback;
	/* The files that stand for their folder; none: the default. */
	const char *indexes[SERVING_INDEXES];
	unsigned index_count;
	struct cacherule cache_rules[SERVING_CACHE_RULES];
	unsigned cache_rule_count;
	/* Lines for the head of every answer. */
	char fields[SERVING_FIELDS_BYTES];
	size_t field_bytes;
	/* Content-Security-Policy of what is served, or NULL. */
	const char *policy;
	/* Pages from elsewhere may use what is here. */
	bool has_cors;
	/* "page" stands for "page.html", too. */
	bool has_html_suffix;
	bool has_listing;
	/* Links are not followed. */
	bool has_no_links;
	/* The folder has one folder for each host. */
	bool has_vhosts;
};

/* Nothing was said yet. */
void serving_init(struct serving *serving);

/*
 * Takes what is said of one thing; `word`, which has to outlive it, is NULL
 * where there is nothing more to say.
 * Returns NULL, or why it cannot be.
 */
const char *serving_take(struct serving *serving, enum serving_option option,
    const char *word);

/* The name of an index, counted from 0 in the order in which they are tried;
 * NULL behind the last one. */
const char *serving_index(const struct serving *serving, unsigned number);

/* The alias for that path, the most exact if there are several; or -1. */
int serving_alias(const struct serving *serving, const struct urlpath *path);

/*
 * The rule by which that path has moved, with what is to be added to where it
 * says; NULL where there is none.
 */
const struct redirect *serving_redirect(const struct serving *serving,
    const struct urlpath *path, const char **ret_rest);

/* What Cache-Control says of the file at `path`; NULL for nothing. */
const char *serving_cache(const struct serving *serving, const char *path);

#endif
