/* SPDX-License-Identifier: MIT */
/* The kinds of process that the jail confines. */
#ifndef TS_JAIL_ROLE_H
#define TS_JAIL_ROLE_H

enum ts_jail_role {
	TS_JAIL_CHILD,
	TS_JAIL_LOGGER,
	TS_JAIL_ROLES,
};

#endif
