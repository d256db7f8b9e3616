/* SPDX-License-Identifier: MIT */
/* Media types by a file's name. */
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

#include "common/slice.h"
#include "http/charset.h"

/* What goes before the name of a charset. */
#define CHARSET "; charset="
/* What is of no known type. */
#define UNKNOWN_TYPE "application/octet-stream"
/* A table of types larger than this is none. */
#define FILE_BYTES_MAX (1024 * 1024)
/* The key of the type for all names that have none. */
#define ANY_NAME "*"
/* Longest name that is looked up, with its slash and its end. */
#define KEY_SIZE (1 + 255 + 1)

/* Where in the strings a key (an ending, "/NAME" or "*") and its type begin. */
struct mime_entry {
	uint32_t key;
	uint32_t type;
	/* Of equal keys the first one counts. */
	uint32_t order;
};

/* In the form of a file of types.  First what goes before the system's. */
static const char preferred[] = "video/mp2t ts\n";

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
			      "image/svg+xml svg svgz\n"
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
			      "video/x-matroska mkv\n"
			      "video/iso.segment m4s\n"
			      "application/vnd.apple.mpegurl m3u8\n"
			      "application/dash+xml mpd\n"
			      "text/plain /readme /license /licence /copying\n"
			      "text/plain /copyright /notice /authors /todo\n"
			      "text/plain /changelog /changes /news /install\n"
			      "text/plain /makefile /dockerfile /sha256sums\n";

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

/* One line: a type, then its keys. */
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
			.key = keep(builder, word, n, ""),
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
	int r = strcmp(strings + left->key, strings + right->key);

	if (r != 0)
		return r;
	return left->order < right->order ? -1 : 1;
}

/* A map with room for all that the texts may have; its parts begin empty. */
static int
map_builder(struct builder *ret_builder, size_t *ret_bytes, size_t text_bytes)
{
	/*
	 * Every second byte of a text at most begins a word; and each line gets
	 * at most a charset more than it has.
	 */
	const size_t words = text_bytes / 2 + 3;
	const size_t entry_bytes = words * sizeof(struct mime_entry);
	const size_t string_bytes = words * (2 + sizeof(ret_builder->charset));
	char *map =
	    mmap(NULL, entry_bytes + string_bytes, PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (map == MAP_FAILED)
		return -errno;
	*ret_builder = (struct builder){
		.entries = (struct mime_entry *)(void *)map,
		.strings = map + entry_bytes,
	};
	*ret_bytes = entry_bytes + string_bytes;
	return 0;
}

/* Builds the table from the text of a file and from what is built in. */
static int
build(struct mime *ret_mime, struct piece text, enum mime_origin origin,
    const char *charset)
{
	static const struct piece first = { preferred, sizeof(preferred) - 1 };
	struct builder builder;
	size_t bytes = 0;
	int r = map_builder(&builder, &bytes,
	    text.n + sizeof(preferred) + sizeof(builtin));

	if (r < 0)
		return r;
	if (charset != NULL)
		(void)snprintf(builder.charset, sizeof(builder.charset),
		    CHARSET "%s", charset);
	if (origin == MIME_OF_SYSTEM)
		add_lines(&builder, first.bytes, first.n);
	add_lines(&builder, text.bytes, text.n);
	if (origin != MIME_OF_SYSTEM)
		add_lines(&builder, first.bytes, first.n);
	add_lines(&builder, builtin, sizeof(builtin) - 1);
	qsort_r(builder.entries, builder.count, sizeof(builder.entries[0]),
	    compare, builder.strings);
	(void)mprotect(builder.entries, bytes, PROT_READ);
	*ret_mime = (struct mime){
		.entries = builder.entries,
		.strings = builder.strings,
		.count = builder.count,
		.map_bytes = bytes,
	};
	return 0;
}

static int
build_from(struct mime *ret_mime, int fd, enum mime_origin origin,
    const char *charset)
{
	struct piece text = { "", 0 };
	struct stat facts;
	void *map;
	int r;

	if (fstat(fd, &facts) < 0)
		return -errno;
	if (facts.st_size > FILE_BYTES_MAX)
		return -EFBIG;
	if (facts.st_size == 0)
		return build(ret_mime, text, origin, charset);
	text.n = (size_t)facts.st_size;
	map = mmap(NULL, text.n, PROT_READ, MAP_PRIVATE, fd, 0);
	if (map == MAP_FAILED)
		return -errno;
	text.bytes = map;
	r = build(ret_mime, text, origin, charset);
	(void)munmap(map, text.n);
	return r;
}

int
mime_open(struct mime *ret_mime, const char *file, enum mime_origin origin,
    const char *charset)
{
	const struct piece nothing = { "", 0 };
	int fd;
	int r;

	if (file == NULL)
		return build(ret_mime, nothing, origin, charset);
	fd = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return -errno;
	r = build_from(ret_mime, fd, origin, charset);
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

/* The name without the folders in front of it. */
static struct piece
last_name(const char *name, size_t n)
{
	size_t start = n;

	while (start > 0 && name[start - 1] != '/')
		start--;
	return (struct piece){ name + start, n - start };
}

/* The ending of a name without folders, without bytes if it has none. */
static struct piece
ending_of(struct piece name)
{
	size_t start = name.n;

	while (start > 0 && name.bytes[start - 1] != '.')
		start--;
	if (start == 0)
		start = name.n;
	return (struct piece){ name.bytes + start, name.n - start };
}

/* The type of a key: `before` and, in lower case, `text`; NULL if none has it.
 */
static const char *
find(const struct mime *mime, const char *before, struct piece text)
{
	char key[KEY_SIZE];
	const size_t start = strlen(before);
	size_t low = 0;
	size_t high = mime->count;
	size_t i;

	if (start + text.n >= sizeof(key))
		return NULL;
	memcpy(key, before, start);
	for (i = 0; i < text.n; i++)
		key[start + i] = lower(text.bytes[i]);
	key[start + text.n] = '\0';
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint32_t at = mime->entries[middle].key;

		if (strcmp(mime->strings + at, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == mime->count ||
	    strcmp(mime->strings + mime->entries[low].key, key) != 0)
		return NULL;
	return mime->strings + mime->entries[low].type;
}

const char *
mime_type(const struct mime *mime, const char *name, size_t n)
{
	const struct piece last = last_name(name, n);
	const struct piece ending = ending_of(last);
	const struct piece nothing = { "", 0 };
	const char *type = find(mime, "/", last);

	if (type == NULL && ending.n > 0)
		type = find(mime, "", ending);
	if (type == NULL)
		type = find(mime, ANY_NAME, nothing);
	return type != NULL ? type : UNKNOWN_TYPE;
}

const char *
mime_coding(const char *name, size_t n)
{
	static const struct piece zipped = PIECE_OF("svgz");

	return piece_equals(ending_of(last_name(name, n)), zipped) ? "gzip"
								   : NULL;
}
