/* SPDX-License-Identifier: MIT */
/*
 * What the three servers of the lesson have in common: the port they are
 * given, and the page they serve.  How they serve it to many is the lesson.
 */
#ifndef TUTORIAL_PAGE_H
#define TUTORIAL_PAGE_H

#include <tcpserver.h>

/*
 * The port to wait on: the only argument (0: any free one), or 8080.
 * Ends the program where the argument is not a port.
 */
unsigned short page_port(int argc, char *argv[]);

/* Says on stdout where the page is to be had. */
void page_announce(const TCPSERVER_INFO *server);

/*
 * Waits for whatever the client says, one byte is enough, and sends the page.
 * A client that leaves without a byte gets nothing.  The caller closes the
 * client afterwards.
 * Returns 0 when the page was sent, else 1.
 */
int page_serve(TCPCLIENT_INFO *client);

#endif
