/* SPDX-License-Identifier: MIT */
/* Media types by the ending of a file's name. */
#include "files/mime.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "http/charset.h"

/* What goes before the name of a charset. */
#define CHARSET "; charset="
/* What is of no known type. */
#define UNKNOWN_TYPE "application/octet-stream"
/* A table of types larger than this is none. */
#define FILE_BYTES_MAX (1024 * 1024)
/* Longest ending that is looked up. */
#define ENDING_BYTES 32

/* Where in the strings an ending and its type begin. */
struct mime_entry {
	uint32_t ending;
	uint32_t type;
	/* Of equal endings the first one counts. */
	uint32_t order;
};

/* In the form of /etc/mime.types. */
static const char builtin[] = "text/html html htm\n"
			      "text/css css\n"
			      "text/javascript js mjs\n"
			      "text/plain txt text log md conf ini\n"
			      "text/csv csv\n"
			      "text/xml xml\n"
			      "text/calendar ics\n"
			      "text/vtt vtt\n"
			      "application/json json map\n"
			      "application/ld+json jsonld\n"
			      "application/manifest+json webmanifest\n"
			      "application/rss+xml rss\n"
			      "application/atom+xml atom\n"
			      "application/xhtml+xml xhtml xht\n"
			      "application/wasm wasm\n"
			      "application/pdf pdf\n"
			      "application/epub+zip epub\n"
			      "application/zip zip\n"
			      "application/gzip gz tgz\n"
			      "application/x-bzip2 bz2\n"
			      "application/x-xz xz\n"
			      "application/zstd zst\n"
			      "application/x-tar tar\n"
			      "application/x-7z-compressed 7z\n"
			      "image/svg+xml svg\n"
			      "image/png png\n"
			      "image/apng apng\n"
			      "image/jpeg jpg jpeg\n"
			      "image/gif gif\n"
			      "image/webp webp\n"
			      "image/avif avif\n"
			      "image/jxl jxl\n"
			      "image/bmp bmp\n"
			      "image/x-icon ico\n"
			      "image/tiff tif tiff\n"
			      "font/woff woff\n"
			      "font/woff2 woff2\n"
			      "font/ttf ttf\n"
			      "font/otf otf\n"
			      "audio/mpeg mp3\n"
			      "audio/mp4 m4a\n"
			      "audio/ogg oga ogg opus\n"
			      "audio/flac flac\n"
			      "audio/wav wav\n"
			      "audio/webm weba\n"
			      "video/mp4 mp4 m4v\n"
			      "video/webm webm\n"
			      "video/ogg ogv\n"
			      "video/quicktime mov\n"
			      "video/x-matroska mkv\n";

/* A table being built: how much of the map is in use. */
struct builder {
	struct mime_entry *entries;
	char *strings;
	size_t count;
	size_t string_bytes;
	/* Behind the types of text, with what goes before it; or "". */
	char charset[sizeof(CHARSET) + CHARSET_BYTES];
};

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Takes the next word of a line; its length, 0 at the end of the line. */
static size_t
next_word(const char **line, const char *end, const char **ret_word)
{
	while (*line < end && is_blank(**line))
		(*line)++;
	*ret_word = *line;
	while (*line < end && !is_blank(**line))
		(*line)++;
	return (size_t)(*line - *ret_word);
}

/* Keeps a string; returns where. */
static uint32_t
keep(struct builder *builder, const char *bytes, size_t n, const char *after)
{
	size_t start = builder->string_bytes;
	char *to = builder->strings + start;
	size_t i;

	for (i = 0; i < n; i++)
		to[i] = lower(bytes[i]);
	memcpy(to + n, after, strlen(after) + 1);
	builder->string_bytes += n + strlen(after) + 1;
	return (uint32_t)start;
}

static bool
starts_with(const char *bytes, size_t n, const char *start)
{
	return n >= strlen(start) && memcmp(bytes, start, strlen(start)) == 0;
}

/* What the web is written in is text. */
static bool
is_text(const char *type, size_t n)
{
	return starts_with(type, n, "text/") ||
	    starts_with(type, n, "application/javascript");
}

/* One line: a type, then its endings. */
static void
add_line(struct builder *builder, const char *line, const char *end)
{
	const char *word;
	size_t n = next_word(&line, end, &word);
	uint32_t type;

	if (n == 0 || word[0] == '#' || memchr(word, '/', n) == NULL)
		return;
	type = keep(builder, word, n, is_text(word, n) ? builder->charset : "");
	for (;;) {
		n = next_word(&line, end, &word);
		if (n == 0 || word[0] == '#')
			return;
		builder->entries[builder->count] = (struct mime_entry){
			.ending = keep(builder, word, n, ""),
			.type = type,
			.order = (uint32_t)builder->count,
		};
		builder->count++;
	}
}

static void
add_lines(struct builder *builder, const char *text, size_t n)
{
	const char *end = text + n;

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		const char *line_end = newline != NULL ? newline : end;

		add_line(builder, text, line_end);
		text = newline != NULL ? newline + 1 : end;
	}
}

static int
compare(const void *a, const void *b, void *arg)
{
	const struct mime_entry *left = a;
	const struct mime_entry *right = b;
	const char *strings = arg;
	int r = strcmp(strings + left->ending, strings + right->ending);

	if (r != 0)
		return r;
	return left->order < right->order ? -1 : 1;
}

/*
 * Reads two texts into one map.  Every second byte of a text at most begins a
 * word; and each line gets at most a charset more than it has.
 */
static int
build(struct mime *ret_mime, const char *text, size_t n, const char *charset)
{
	struct builder builder = { 0 };
	const size_t words = (n + sizeof(builtin)) / 2 + 2;
	const size_t entry_bytes = words * sizeof(struct mime_entry);
	const size_t string_bytes = words * (2 + sizeof(builder.charset));
	const size_t bytes = entry_bytes + string_bytes;
	char *map = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (map == MAP_FAILED)
		return -errno;
	if (charset != NULL)
		(void)snprintf(builder.charset, sizeof(builder.charset),
		    CHARSET "%s", charset);
	builder.entries = (struct mime_entry *)(void *)map;
	builder.strings = map + entry_bytes;
	add_lines(&builder, text, n);
	add_lines(&builder, builtin, sizeof(builtin) - 1);
	qsort_r(builder.entries, builder.count, sizeof(builder.entries[0]),
	    compare, builder.strings);
	(void)mprotect(map, bytes, PROT_READ);
	*ret_mime = (struct mime){
		.entries = builder.entries,
		.strings = builder.strings,
		.count = builder.count,
		.map_bytes = bytes,
	};
	return 0;
}

static int
build_from(struct mime *ret_mime, int fd, const char *charset)
{
	struct stat facts;
	size_t n;
	char *text;
	int r;

	if (fstat(fd, &facts) < 0)
		return -errno;
	if (facts.st_size > FILE_BYTES_MAX)
		return -EFBIG;
	if (facts.st_size == 0)
		return build(ret_mime, "", 0, charset);
	n = (size_t)facts.st_size;
	text = mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		return -errno;
	r = build(ret_mime, text, n, charset);
	(void)munmap(text, n);
	return r;
}

int
mime_open(struct mime *ret_mime, const char *file, const char *charset)
{
	int fd;
	int r;

	if (file == NULL)
		return build(ret_mime, "", 0, charset);
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	r = build_from(ret_mime, fd, charset);
	(void)close(fd);
	return r;
}

void
mime_close(struct mime *mime)
{
	if (mime->entries != NULL)
		(void)munmap((void *)(uintptr_t)mime->entries, mime->map_bytes);
	*mime = (struct mime){ 0 };
}

/* The ending of the name, in lower case; false if it has none. */
static bool
ending_of(const char *name, size_t n, char ret_ending[ENDING_BYTES])
{
	size_t start = n;
	size_t i;

	while (start > 0 && name[start - 1] != '.' && name[start - 1] != '/')
		start--;
	if (start == 0 || name[start - 1] != '.' || n - start >= ENDING_BYTES)
		return false;
	for (i = start; i < n; i++)
		ret_ending[i - start] = lower(name[i]);
	ret_ending[n - start] = '\0';
	return true;
}

const char *
mime_type(const struct mime *mime, const char *name, size_t n)
{
	char ending[ENDING_BYTES];
	size_t low = 0;
	size_t high = mime->count;

	if (!ending_of(name, n, ending))
		return UNKNOWN_TYPE;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t at = mime->entries[middle].ending;

		if (strcmp(mime->strings + at, ending) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == mime->count ||
	    strcmp(mime->strings + mime->entries[low].ending, ending) != 0)
		return UNKNOWN_TYPE;
	return mime->strings + mime->entries[low].type;
}
