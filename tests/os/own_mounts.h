/* SPDX-License-Identifier: MIT */
/* A mount namespace in which a test may mount, and make files there. */
#ifndef TESTS_OWN_MOUNTS_H
#define TESTS_OWN_MOUNTS_H

#include <stdbool.h>

/*
 * Enters one, for ever: as root as root, and as an ordinary user in a user
 * namespace, as its root.  Nothing that is mounted there is seen outside.
 * Returns whether that is permitted here.
 */
bool own_mounts_enter(void);

#endif
