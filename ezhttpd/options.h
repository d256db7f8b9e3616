/* SPDX-License-Identifier: MIT */
/* What the command line says. */
#ifndef EZHTTPD_OPTIONS_H
#define EZHTTPD_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <tcpserver.h>

#include "serving.h"

/* As many as a server may listen on. */
#define OPTIONS_ADDRESSES 16
/* The command line, read.  The strings are those of argv. */
struct options {
	/* The folder to serve. */
	const char *folder;
	const char *addresses[OPTIONS_ADDRESSES];
	unsigned address_count;
	/* 0: the library's default. */
	uint32_t max_connections;
	uint32_t max_per_source;
	/* The path of the status socket, or NULL. */
	const char *status;
	enum tcpserver_jail_mode jail;
	/* Whose the server becomes, or NULL for the library's default. */
	const char *user;
	const char *group;
	struct serving serving;
	bool has_log;
};

/*
 * Reads the command line.  Ends the process itself where there is nothing
 * more to do: with 0 after --help and --version, with 2 and a sentence on
 * stderr when the command line is wrong.
 */
void options_parse(struct options *ret_options, int argc, char **argv);

#endif
