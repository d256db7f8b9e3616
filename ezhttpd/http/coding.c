/* SPDX-License-Identifier: MIT */
/* Content codings (RFC 9110, 8.4.1), and which of them a client takes; pure. */
#include "http/coding.h"

#include <errno.h>
#include <string.h>

#include "http/field.h"
#include "http/quality.h"

static const struct {
	const char *name;
	const char *ending;
} codings[] = {
	[CODING_BR] = { "br", ".br" },
	[CODING_ZSTD] = { "zstd", ".zst" },
	[CODING_GZIP] = { "gzip", ".gz" },
	[CODING_IDENTITY] = { "identity", "" },
};

const char *
coding_name(enum coding coding)
{
	return codings[coding].name;
}

const char *
coding_ending(enum coding coding)
{
	return codings[coding].ending;
}

bool
coding_may_help(const char *type)
{
	static const char *const dense[] = {
		"application/gzip",
		"application/zip",
		"application/zstd",
		"audio/",
		"font/woff",
		"image/avif",
		"image/gif",
		"image/jpeg",
		"image/jxl",
		"image/png",
		"image/webp",
		"video/",
	};
	size_t i;

	for (i = 0; i < sizeof(dense) / sizeof(dense[0]); i++) {
		if (strncmp(type, dense[i], strlen(dense[i])) == 0)
			return false;
	}
	return true;
}

/* Takes "; q=0.5" off the element; 1 without, or -EBADMSG. */
static int
take_quality(struct piece *element)
{
	struct piece name;
	struct piece rest = *element;

	if (!piece_split(&rest, ';', &name))
		return QUALITY_ONE;
	*element = piece_trimmed(name);
	rest = piece_trimmed(rest);
	if (rest.n < 2 || (rest.bytes[0] != 'q' && rest.bytes[0] != 'Q') ||
	    rest.bytes[1] != '=')
		return -EBADMSG;
	return quality_parse((struct piece){ rest.bytes + 2, rest.n - 2 });
}

/* The place for what is said of that name; NULL if nobody asks. */
static int *
place_of(struct coding_qualities *qualities, struct piece name)
{
	static const struct piece alias = PIECE_OF("x-gzip");
	size_t i;

	if (name.n == 1 && name.bytes[0] == '*')
		return &qualities->of_others;
	if (piece_equals(name, alias))
		return &qualities->of[CODING_GZIP];
	for (i = 0; i < CODING_COUNT; i++) {
		struct piece known = {
			codings[i].name,
			strlen(codings[i].name),
		};

		if (piece_equals(name, known))
			return &qualities->of[i];
	}
	return NULL;
}

static int
take_element(struct coding_qualities *qualities, struct piece element)
{
	int quality = take_quality(&element);
	int *place;

	if (quality < 0 || element.n == 0 ||
	    piece_span(element, PIECE_IN_TOKEN) < element.n)
		return -EBADMSG;
	place = place_of(qualities, element);
	/* What was said first counts. */
	if (place != NULL && *place == QUALITY_NONE)
		*place = quality;
	return 0;
}

int
coding_parse(struct coding_qualities *qualities, struct piece list)
{
	bool has_more;

	do {
		struct piece element = list;
		int r;

		has_more = piece_split(&list, ',', &element);
		element = piece_trimmed(element);
		/* RFC 9110, 5.6.1.2: an element may be empty. */
		r = element.n > 0 ? take_element(qualities, element) : 0;
		if (r < 0)
			return r;
	} while (has_more);
	return 0;
}

static int
quality_in(const struct coding_qualities *qualities, enum coding coding)
{
	if (qualities->of[coding] != QUALITY_NONE)
		return qualities->of[coding];
	return qualities->of_others != QUALITY_NONE ? qualities->of_others : 0;
}

/* Those that are taken, in order; as good ones keep the order of the server. */
static size_t
sort(enum coding ret_choice[CODING_COUNT],
    const struct coding_qualities *qualities)
{
	const int least = quality_in(qualities, CODING_IDENTITY);
	size_t count = 0;
	int c;

	for (c = 0; c < CODING_IDENTITY; c++) {
		int quality = quality_in(qualities, c);
		size_t i = count;

		if (quality == 0 || quality < least)
			continue;
		for (; i > 0 &&
		     quality_in(qualities, ret_choice[i - 1]) < quality;
		     i--)
			ret_choice[i] = ret_choice[i - 1];
		ret_choice[i] = c;
		count++;
	}
	return count;
}

size_t
coding_choose(enum coding ret_choice[CODING_COUNT],
    const struct request *request, const char *head)
{
	struct coding_qualities qualities = {
		.of = { QUALITY_NONE, QUALITY_NONE, QUALITY_NONE,
		    QUALITY_NONE },
		.of_others = QUALITY_NONE,
	};
	struct piece list;
	size_t at = 0;

	if (!request_has(request, REQUEST_ACCEPT_ENCODING))
		return 0;
	while (field_next(request, head, REQUEST_ACCEPT_ENCODING, &at, &list)) {
		if (coding_parse(&qualities, list) < 0)
			return 0;
	}
	return sort(ret_choice, &qualities);
}
