/* SPDX-License-Identifier: MIT */
/* Parts of a date, as they are written in several places; pure. */
#include "common/date_text.h"

void
datetext_put_day(struct text *text, const struct date *date)
{
	text_put_padded(text, (uint64_t)date->year, 4);
	text_put(text, "-", 1);
	text_put_padded(text, date->month, 2);
	text_put(text, "-", 1);
	text_put_padded(text, date->day, 2);
}

void
datetext_put_minutes(struct text *text, const struct date *date)
{
	text_put_padded(text, date->hour, 2);
	text_put(text, ":", 1);
	text_put_padded(text, date->minute, 2);
}

void
datetext_put_seconds(struct text *text, const struct date *date)
{
	datetext_put_minutes(text, date);
	text_put(text, ":", 1);
	text_put_padded(text, date->second, 2);
}
