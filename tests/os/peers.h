/* SPDX-License-Identifier: MIT */
/* Both ends of a connection, for tests: clients, and how they see the end. */
#ifndef TESTS_PEERS_H
#define TESTS_PEERS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* A connected pair on TCP.  Fails the test if there is none to be had. */
void peers_open_pair(int *ret_client, int *ret_server);

/* Connects to a port of this host; `host` is "127.0.0.1", "::1", ... */
int peers_connect(const char *host, uint16_t port);

/* The same from an IPv4 address of this host: another source. */
int peers_connect_from(const char *source, uint16_t port);

/* Connects to a unix socket. */
int peers_connect_unix(const char *path);

/* Sends all of a text. */
void peers_send(int fd, const char *text);

/*
 * Reads to the end, and ends `text` with a NUL.
 * Returns 0 if the connection was closed in order, -ECONNRESET if it was
 * cut, -ETIMEDOUT if it did not end within `limit_ms` of silence.
 */
int peers_read_to_end(int fd, char *text, size_t size, int limit_ms);

/* The port a socket is bound to. */
uint16_t peers_port(int fd);

#endif
