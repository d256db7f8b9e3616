/* SPDX-License-Identifier: MIT */
/*
 * The common part of the three servers of the lesson: the port they are given,
 * and the page they serve.  How they serve it to many is the lesson.
 */
#ifndef TUTORIAL_PAGE_H
#define TUTORIAL_PAGE_H

#include <tcpserver.h>

/*
 * The port to wait on: the only argument (0: any free one), or 8080.
 * Ends the program where the argument is not a port.
 */
unsigned short page_port(int argc, char *argv[]);

/* Prints on stdout the address at which the server listens. */
void page_announce(const TCPSERVER_INFO *server);

/*
 * Waits for the first bytes of the client, one is enough, and sends the page.
 * A client that leaves without a byte gets nothing.  The caller closes the
 * client afterwards.
 * Returns 0 when the page was sent, else 1.
 */
int page_serve(TCPCLIENT_INFO *client);

#endif
