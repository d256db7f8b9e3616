/* SPDX-License-Identifier: MIT */
/* Sources and groups, found by a keyed hash; inside the holders. */
#ifndef TS_CORE_SOURCE_TABLE_INDEX_H
#define TS_CORE_SOURCE_TABLE_INDEX_H

#include "core/source_table.h"

/* A source that is not there yet, and its group, if that is not. */
struct ts_holders_source *ts_holders_make_source(struct ts_holders *holders,
    struct ts_source key);

/* Those that hold nothing any more. */
void ts_holders_forget_group(struct ts_holders *holders,
    struct ts_holders_group *group);
void ts_holders_forget_source(struct ts_holders *holders,
    struct ts_holders_source *source);

#endif
