/* SPDX-License-Identifier: MIT */
/*
 * The parent's check on itself: whether every child in its table is one.
 * Part of the brood.
 */
#include "parent/children.h"

#include "os/process.h"

/* How long from one check to the next. */
#define AUDIT_MS 10000

static void
leaked(struct ts_brood *brood, uint32_t index)
{
	pid_t pid = brood->children.entries[index].pid;

	brood->metrics->leaked++;
	ts_brood_leave(brood, index);
	if (brood->metrics->leaked == 1)
		ts_logger_say(brood->logger,
		    "child %d is gone, but was never collected", pid);
}

void
ts_brood_audit(struct ts_brood *brood)
{
	const struct ts_children *children = &brood->children;

	for (uint32_t i = 0; i < children->slots.capacity; i++)
		if (children->entries[i].pid > 0 &&
		    !ts_spawn_is_child(children->entries[i].pid))
			leaked(brood, i);
}

void
ts_brood_audit_if_due(struct ts_brood *brood, struct ts_monotime now)
{
	if (!ts_monotime_is_due(brood->audit_at, now))
		return;
	ts_brood_audit(brood);
	brood->audit_at = ts_monotime_add_ms(now, AUDIT_MS);
}
