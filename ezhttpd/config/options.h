/* SPDX-License-Identifier: MIT */
/* What the options say; pure. */
#ifndef EZHTTPD_CONFIG_OPTIONS_H
#define EZHTTPD_CONFIG_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <tcpserver.h>

#include "config/option_table.h"
#include "config/site_config.h"

/* As many as a server may listen on. */
#define OPTIONS_ADDRESSES 16

/* What is written of each request. */
enum options_log {
	OPTIONS_LOG_OFF,
	OPTIONS_LOG_COMBINED,
	OPTIONS_LOG_JSON,
};

/* What was said.  The strings are the words that were taken. */
struct options {
	/* The folder to serve, or NULL where nothing was said. */
	const char *folder;
	const char *addresses[OPTIONS_ADDRESSES];
	unsigned address_count;
	/* They are not the default. */
	bool is_address_said;
	/* A file of more options, or NULL. */
	const char *config;
	/* 0: the library's default. */
	uint32_t max_connections;
	uint32_t max_per_source;
	/* How long a connection may be parked between two requests, a client
	 * may take to close, and a connection may wait for a slot; 0: the
	 * library's default. */
	uint32_t idle_ms;
	uint32_t linger_ms;
	uint32_t wait_ms;
	/* The path of the status socket, or NULL. */
	const char *status;
	enum tcpserver_jail_mode jail;
	/* Whose the server becomes, or NULL for the library's default. */
	const char *user;
	const char *group;
	struct serving serving;
	enum options_log log;
	/* To be said, and nothing served. */
	bool is_check;
};

/* Nothing was said yet. */
void options_init(struct options *options);

/*
 * Takes what is said of one thing, by the `id` of its row; `word`, which has to
 * outlive it, is NULL where no word goes with that option.
 * Returns NULL, or why it cannot be.
 */
const char *options_take(struct options *options, int id, const char *word);

/* What nothing was said of, and has to be known, is as by default. */
void options_complete(struct options *options);

#endif
