/* SPDX-License-Identifier: MIT */
/*
 * Who would have to go first; inside the holders.
 *
 * Three orders are kept: the connections of a source by how stale they are,
 * the sources of a group by how heavy, the groups by their heaviest source.
 * What changes a place in an order is lifted out first and put back after.
 */
#ifndef TS_CORE_SOURCE_TABLE_ORDER_H
#define TS_CORE_SOURCE_TABLE_ORDER_H

#include "core/source_table.h"

/* Out of the orders, so that it, its group or its connections may change. */
void ts_holders_lift(struct ts_holders *holders,
    struct ts_holders_source *source);

/* The same of a group for a source that is new, if it holds anything. */
void ts_holders_lift_group(struct ts_holders *holders,
    struct ts_holders_group *group);

/* Back in; a source or group that holds nothing has no place in an order. */
void ts_holders_put_back(struct ts_holders *holders,
    struct ts_holders_source *source);

/* One connection, while its source is lifted out. */
void ts_holders_insert(struct ts_holders *holders,
    struct ts_holders_connection *connection);
void ts_holders_extract(struct ts_holders *holders,
    struct ts_holders_connection *connection);

#endif
