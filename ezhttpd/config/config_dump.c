/* SPDX-License-Identifier: MIT */
/* Writes the configuration that holds, as a configuration file. */
#include "config/config_dump.h"

#include <string.h>

#include "config/config_file.h"

const char *
effective_misfit(const struct said *said)
{
	size_t i;

	for (i = 0; i < said->count; i++) {
		const struct said_item *item = &said->items[i];
		struct configline_pair pair;

		if (item->word == NULL ||
		    (item->row->flags & OPTION_NOT_IN_FILE) != 0)
			continue;
		pair = (struct configline_pair){
			{ item->row->name, strlen(item->row->name) },
			{ item->word, strlen(item->word) },
		};
		if (!configline_may_hold(&pair) ||
		    configline_fault(pair.value) != NULL)
			return item->word;
	}
	return NULL;
}

static void
write_line(FILE *stream, const struct said_item *item)
{
	if (item->word == NULL)
		fprintf(stream, "%s\n", item->row->name);
	else
		fprintf(stream, "%s %s\n", item->row->name, item->word);
}

/* Those that add up, or the last one. */
static void
write_said(FILE *stream, const struct optiontable_row *row,
    const struct said *said)
{
	const struct said_item *last = NULL;
	size_t i;

	for (i = 0; i < said->count; i++) {
		if (said->items[i].row != row)
			continue;
		last = &said->items[i];
		if ((row->flags & OPTION_ADDS) != 0)
			write_line(stream, last);
	}
	if (last != NULL && (row->flags & OPTION_ADDS) == 0)
		write_line(stream, last);
	if (last == NULL && row->standard != NULL)
		fprintf(stream, "# %s %s\n", row->name, row->standard);
}

/* Ports are among them, so that the first address remains the first. */
static void
write_addresses(FILE *stream, const struct optiontable_row *row,
    const struct options *options)
{
	const char *mark = options->is_address_said ? "" : "# ";
	unsigned i;

	for (i = 0; i < options->address_count; i++)
		fprintf(stream, "%s%s %s\n", mark, row->name,
		    options->addresses[i]);
}

void
effective_write(FILE *stream, const struct options *options,
    const struct said *said)
{
	const struct optiontable_row *row;
	size_t i;

	for (i = 0;; i++) {
		row = optiontable_at(i);
		if (row == NULL)
			return;
		if ((row->flags & OPTION_NOT_IN_FILE) != 0 ||
		    row->id == OPTION_PORT)
			continue;
		if (row->id == OPTION_LISTEN)
			write_addresses(stream, row, options);
		else
			write_said(stream, row, said);
	}
}
