/* SPDX-License-Identifier: MIT */
/* A listing for programs: an array of JSON, written row by row; pure. */
#include "listing/listing_json.h"

#include <string.h>

#include "common/date.h"
#include "common/json.h"

static void
put_moment(struct text *text, int64_t seconds)
{
	char date[DATE_BYTES];

	if (seconds < 0 || seconds > DATE_LAST) {
		text_put_string(text, "null");
		return;
	}
	date_format(date, seconds);
	text_put(text, "\"", 1);
	text_put(text, date, sizeof(date));
	text_put(text, "\"", 1);
}

void
listjson_put_head(struct text *text, const struct listing *listing,
    const char *path)
{
	(void)listing;
	(void)path;
	text_put(text, "[", 1);
}

void
listjson_put_row(struct text *text, const struct listing *listing, size_t index)
{
	const struct listing_entry *entry = &listing->entries[index];
	const char *name = listing->names + entry->name;
	const size_t n = strlen(name);

	text_put_string(text, index > 0 ? ",\n{\"name\":" : "\n{\"name\":");
	json_put_string(text, (struct piece){ name, n }, JSON_ALL);
	text_put_string(text, ",\"href\":\"");
	text_put_url(text, name, n);
	text_put_string(text,
	    entry->is_folder ? "/\",\"type\":\"directory\",\"mtime\":"
			     : "\",\"type\":\"file\",\"mtime\":");
	put_moment(text, entry->modified_s);
	if (!entry->is_folder) {
		text_put_string(text, ",\"size\":");
		text_put_number(text, (uint64_t)entry->size);
	}
	text_put(text, "}", 1);
}

void
listjson_put_foot(struct text *text, const struct listing *listing)
{
	(void)listing;
	text_put_string(text, "\n]\n");
}
