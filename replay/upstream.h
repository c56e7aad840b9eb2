/*
 * The service behind a proxy: where it is, and connections to it, plain or
 * TLS (OpenSSL), none of which ever blocks.
 *
 * upstream_open() and upstream_close() from one thread; a connection belongs
 * to the thread that made it.
 */
#ifndef LOCKSTEP_UPSTREAM_H
#define LOCKSTEP_UPSTREAM_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "harness/base/err.h"
#include "harness/traffic/exchange.h"

struct upstream;

struct upstream_opts {
	const char *url;	/* http(s)://[user:pw@]host[:port][/prefix] */
	const char *ca_file;	/* or NULL: the system's */
};

/* returns RC_OK, caller closes; RC_USAGE (no http URL), RC_IO (ca_file),
 * RC_NOMEM. A name that nobody knows yet is no error here. */
int upstream_open(const struct upstream_opts *o, struct upstream **out,
    struct err *err);
void upstream_close(struct upstream **u);

/* Whether it speaks TLS. */
int upstream_is_tls(const struct upstream *u);
/* What stands in Host: host[:port], as the URL says it. */
const char *upstream_authority(const struct upstream *u);
/* The URL's path without a slash at its end, perhaps "". */
const char *upstream_prefix(const struct upstream *u);
/* What the URL's user and password make of Authorization, or NULL. */
const char *upstream_authorization(const struct upstream *u);

struct upstream_conn;

/*
 * Begins to connect.
 * returns RC_OK, caller ends with upstream_conn_free(); RC_NOMEM; RC_NET with
 *         *why (at least 128 bytes)
 */
int upstream_connect(struct upstream *u, struct upstream_conn **out,
    char why[128]);
void upstream_conn_free(struct upstream_conn *c);

/* To be watched; another one after upstream_conn_step() said 2. */
int upstream_conn_fd(const struct upstream_conn *c);

/*
 * Goes on connecting; to be called whenever its fd is ready.
 * *outcome, why  of a failure: OUTCOME_UNREACHABLE or _TLS
 * returns 1 it is there; 0 wait; 2 wait for another fd; -1 it failed
 */
int upstream_conn_step(struct upstream_conn *c, enum outcome *outcome,
    char why[128]);

/*
 * Read and write what goes without waiting.
 * returns the bytes; 0: the end (reading); -EAGAIN: later; another -errno
 */
ssize_t upstream_conn_read(struct upstream_conn *c, char *to, size_t n);
ssize_t upstream_conn_write(struct upstream_conn *c, const char *p, size_t n);

/* No more will be written. */
void upstream_conn_shut(struct upstream_conn *c);

#endif
