/* SPDX-License-Identifier: MIT */
/* How many clients can be served at a time, by what the machine allows. */
#include "core/capacity.h"

#include "core/admission.h"

#define SLOT_BYTES (UINT64_C(128) * 1024)
/* A server takes one part in so many of the memory. */
#define MEMORY_PARTS 8
/* The parent, its helpers, and what else runs with them. */
#define OWN_TASKS 16
/*
 * The descriptors of a parent that are no connections: its own begin at 160.
 * One half of all is for connections without a child: waiting, parked, closing.
 */
#define OWN_DESCRIPTORS 288
#define DESCRIPTOR_PARTS 2

/* The most slots, up to `most`, whose children and `own` fit into `limit`. */
static uint32_t
fitting(uint32_t most, uint64_t limit, uint64_t own)
{
	uint64_t low = 1;
	uint64_t high = most;

	/* `low` fits or is 1; nothing above `high` fits. */
	while (low < high) {
		uint64_t middle = (low + high + 1) / 2;

		if (ts_admission_most_held((uint32_t)middle) + own <= limit)
			low = middle;
		else
			high = middle - 1;
	}
	return (uint32_t)low;
}

uint32_t
ts_capacity_slots(const struct ts_machine *machine)
{
	uint64_t by_memory = machine->memory_bytes / MEMORY_PARTS / SLOT_BYTES;
	uint32_t slots = TS_CAPACITY_MOST;

	if (by_memory < TS_CAPACITY_LEAST)
		slots = TS_CAPACITY_LEAST;
	else if (by_memory < TS_CAPACITY_MOST)
		slots = (uint32_t)by_memory;
	slots = fitting(slots, machine->tasks, OWN_TASKS);
	slots = fitting(slots, machine->user_processes, OWN_TASKS);
	return fitting(slots, machine->descriptors / DESCRIPTOR_PARTS,
	    OWN_DESCRIPTORS);
}
