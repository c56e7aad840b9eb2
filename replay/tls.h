/*
 * TLS to a service (OpenSSL), over a socket that never blocks.  The service
 * is checked against the system's authorities, or those of a file.
 *
 * A connection belongs to one thread.
 */
#ifndef LOCKSTEP_TLS_H
#define LOCKSTEP_TLS_H

#include <stddef.h>
#include <sys/types.h>

#include "harness/base/err.h"

struct tls;
struct tls_conn;

/*
 * host     the name that certificates are checked against; an address when
 *          numeric
 * ca_file  or NULL
 * returns RC_OK, caller closes; RC_IO (ca_file), RC_NOMEM
 */
int tls_open(const char *host, int numeric, const char *ca_file,
    struct tls **out, struct err *err);
void tls_close(struct tls **t);

/* fd  a connected socket, borrowed. returns 0 or -1: no memory */
int tls_conn_new(struct tls *t, int fd, struct tls_conn **out);
void tls_conn_free(struct tls_conn *c);

/* Shakes hands. returns 1 done, 0 wait for the socket, -1 with why */
int tls_conn_step(struct tls_conn *c, char why[128]);

/* returns the bytes; 0: the end (reading); -EAGAIN: later; another -errno */
ssize_t tls_conn_read(struct tls_conn *c, char *to, size_t n);
ssize_t tls_conn_write(struct tls_conn *c, const char *p, size_t n);

/* No more will be written. */
void tls_conn_shut(struct tls_conn *c);

#endif
