/*
 * Where a server listens: addresses as they are typed, and the socket.
 */
#ifndef LOCKSTEP_LISTEN_H
#define LOCKSTEP_LISTEN_H

#include "harness/base/err.h"

enum { LISTEN_HOST_BYTES = 256, LISTEN_PORT_BYTES = 16,
    LISTEN_URL_BYTES = LISTEN_HOST_BYTES + 32 };

/*
 * "PORT", ":PORT" and "HOST:PORT"; without a host it is loopback. HOST may be
 * a name, an IPv4 or a bracketed IPv6 address. Port 0: any free one.
 * host, port  at least LISTEN_HOST_BYTES and LISTEN_PORT_BYTES
 * returns RC_OK or RC_USAGE
 */
int listen_parse(const char *s, char *host, char *port, struct err *err);

/*
 * Opens a socket that listens and never blocks.
 * *fd   caller closes
 * url   "http://127.0.0.1:8080", the port resolved; LISTEN_URL_BYTES
 * returns RC_OK; RC_NET (in use, no such host), RC_USAGE
 */
int listen_open(const char *s, int *fd, char *url, struct err *err);

#endif
