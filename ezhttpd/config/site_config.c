/* SPDX-License-Identifier: MIT */
/* How the folder is served: what the command line says of it; pure. */
#include "config/site_config.h"

#include <errno.h>
#include <string.h>

#include "common/textbuf.h"
#include "config/extra_header.h"
#include "config/glob.h"
#include "http/charset.h"
#include "http/url_path.h"

static const char no_file[] = "expected a file beneath the served directory";

void
serving_init(struct serving *serving)
{
	*serving = (struct serving){
		.charset = "utf-8",
		.has_listing = true,
	};
}

static bool
has_alias(const struct serving *serving, struct piece path)
{
	unsigned i;

	for (i = 0; i < serving->alias_count; i++) {
		const struct piece other = serving->aliases[i].path;

		if (other.n == path.n &&
		    memcmp(other.bytes, path.bytes, path.n) == 0)
			return true;
	}
	return false;
}

static const char *
add_alias(struct serving *serving, const char *word)
{
	struct alias alias;

	if (serving->alias_count == SERVING_ALIASES)
		return "at most 16 are allowed";
	if (alias_parse(&alias, word) < 0)
		return "expected /PATH=DIR";
	if (has_alias(serving, alias.path))
		return "this path has another directory already";
	serving->aliases[serving->alias_count++] = alias;
	return NULL;
}

static const char *
add_redirect(struct serving *serving, const char *word)
{
	if (serving->redirect_count == SERVING_REDIRECTS)
		return "at most 64 are allowed";
	if (redirect_parse(&serving->redirects[serving->redirect_count], word) <
	    0)
		return "expected /OLD=NEW or /OLD/*=NEW/*, with a path or a URL as NEW";
	serving->redirect_count++;
	return NULL;
}

static const char *
add_cache_rule(struct serving *serving, const char *word)
{
	if (serving->cache_rule_count == SERVING_CACHE_RULES)
		return "at most 32 are allowed";
	if (cacherule_parse(&serving->cache_rules[serving->cache_rule_count],
		word) < 0)
		return "expected PATTERN=AGE, as in *.css=1h";
	serving->cache_rule_count++;
	return NULL;
}

/* Adds a line to the head of every answer. */
static const char *
add_line(struct serving *serving, const struct extrafield *field)
{
	struct text text;

	text_init(&text, serving->fields + serving->field_bytes,
	    sizeof(serving->fields) - serving->field_bytes);
	text_put(&text, field->name.bytes, field->name.n);
	text_put(&text, ": ", 2);
	text_put(&text, field->value.bytes, field->value.n);
	text_put(&text, "\r\n", 2);
	if (text.is_cut)
		return "more than 4096 bytes of header fields";
	serving->field_bytes += text.n;
	return NULL;
}

static const char *
add_field(struct serving *serving, const char *word)
{
	static const struct piece policy = PIECE_OF("content-security-policy");
	struct extrafield field;
	int r = extrafield_parse(&field, word);

	if (r == -EPERM)
		return "ezhttpd sets this header field itself";
	if (r < 0)
		return "expected NAME: VALUE";
	if (!piece_equals(field.name, policy))
		return add_line(serving, &field);
	/* The pages that are made here have one of their own. */
	serving->policy = field.value.bytes;
	return NULL;
}

static const char *
set_path(const char **ret_path, const char *word)
{
	while (*word == '/')
		word++;
	if (*word == '\0' || strlen(word) >= URLPATH_SIZE)
		return no_file;
	*ret_path = word;
	return NULL;
}

static const char *
set_page(struct serving *serving, const char *word)
{
	static const char *const starts[SERVING_PAGES] = {
		[SERVING_PAGE_403] = "403=",
		[SERVING_PAGE_404] = "404=",
	};
	int i;

	for (i = 0; i < SERVING_PAGES; i++) {
		size_t n = strlen(starts[i]);

		if (strncmp(word, starts[i], n) == 0)
			return set_path(&serving->pages[i], word + n);
	}
	return "expected 403=FILE or 404=FILE";
}

static const char *
set_charset(struct serving *serving, const char *word)
{
	const struct piece name = { word, strlen(word) };

	if (name.n == 0 || name.n > CHARSET_BYTES ||
	    piece_span(name, PIECE_IN_TOKEN) < name.n)
		return "expected the name of a charset, or none";
	serving->charset = strcmp(word, "none") == 0 ? NULL : word;
	return NULL;
}

static const char *
add_index(struct serving *serving, const char *word)
{
	if (*word == '\0' || strlen(word) > SERVING_INDEX_BYTES ||
	    strchr(word, '/') != NULL || !urlpath_may_show(word))
		return "expected the name of a file that is served";
	if (serving->index_count == SERVING_INDEXES)
		return "at most 8 are allowed";
	serving->indexes[serving->index_count++] = word;
	return NULL;
}

const char *
serving_take(struct serving *serving, enum serving_option option,
    const char *word)
{
	switch (option) {
	case SERVING_ALIAS:
		return add_alias(serving, word);
	case SERVING_AUTH:
		serving->auth = word;
		return NULL;
	case SERVING_CACHE:
		return add_cache_rule(serving, word);
	case SERVING_CHARSET:
		return set_charset(serving, word);
	case SERVING_CORS:
		serving->has_cors = true;
		return NULL;
	case SERVING_ERROR_PAGE:
		return set_page(serving, word);
	case SERVING_FALLBACK:
		return set_path(&serving->fallback, word);
	case SERVING_HEADER:
		return add_field(serving, word);
	case SERVING_HTML_SUFFIX:
		serving->has_html_suffix = true;
		return NULL;
	case SERVING_INDEX:
		return add_index(serving, word);
	case SERVING_MIME:
		serving->mime = word;
		return NULL;
	case SERVING_NO_LISTING:
		serving->has_listing = false;
		return NULL;
	case SERVING_NO_SYMLINKS:
		serving->has_no_links = true;
		return NULL;
	case SERVING_REDIRECT:
		return add_redirect(serving, word);
	case SERVING_VHOSTS:
		serving->has_vhosts = true;
		return NULL;
	case SERVING_OPTIONS:
		break;
	}
	return "unknown option";
}

const char *
serving_index(const struct serving *serving, unsigned number)
{
	if (number < serving->index_count)
		return serving->indexes[number];
	return number == 0 ? SERVING_INDEX_DEFAULT : NULL;
}

int
serving_alias(const struct serving *serving, const struct urlpath *path)
{
	size_t n = 0;
	int found = -1;
	unsigned i;

	for (i = 0; i < serving->alias_count; i++) {
		const struct alias *alias = &serving->aliases[i];

		if (alias->path.n > n && alias_matches(alias, path)) {
			n = alias->path.n;
			found = (int)i;
		}
	}
	return found;
}

const struct redirect *
serving_redirect(const struct serving *serving, const struct urlpath *path,
    const char **ret_rest)
{
	unsigned i;

	for (i = 0; i < serving->redirect_count; i++) {
		if (redirect_matches(&serving->redirects[i], path, ret_rest))
			return &serving->redirects[i];
	}
	return NULL;
}

const char *
serving_cache(const struct serving *serving, const char *path)
{
	unsigned i;

	for (i = 0; i < serving->cache_rule_count; i++) {
		const struct cacherule *rule = &serving->cache_rules[i];

		if (glob_matches(rule->pattern, path))
			return rule->value;
	}
	return NULL;
}
