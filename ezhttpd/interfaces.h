/* SPDX-License-Identifier: MIT */
/* The addresses by which others reach this machine. */
#ifndef EZHTTPD_INTERFACES_H
#define EZHTTPD_INTERFACES_H

#include <netinet/in.h>

/* As many as are kept. */
#define INTERFACES_HOSTS 16

/* IP addresses as text, in the order in which the kernel names them. */
struct interfaces {
	char hosts[INTERFACES_HOSTS][INET6_ADDRSTRLEN];
	unsigned count;
};

/*
 * Asks for the addresses of interfaces that are up, but for those that are of
 * this machine or its link only.
 * Fails with what getifaddrs(3) says.
 */
int interfaces_read(struct interfaces *ret_interfaces);

#endif
