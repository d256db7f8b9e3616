/* SPDX-License-Identifier: MIT */
/* Parts of a date, as they are written in several places; pure. */
#ifndef COMMON_DATE_TEXT_H
#define COMMON_DATE_TEXT_H

#include "common/date.h"
#include "common/textbuf.h"

/* Adds "2026-11-22". */
void datetext_put_day(struct text *text, const struct date *date);

/* Adds "15:46". */
void datetext_put_minutes(struct text *text, const struct date *date);

/* Adds "15:46:44". */
void datetext_put_seconds(struct text *text, const struct date *date);

#endif
