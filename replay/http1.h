/*
 * The fast transport: plain HTTP/1.1 over sockets of our own, on the epoll
 * descriptor of a client.  Private to http.c, which hands everything else to
 * libcurl.  ENGINE.md has what it costs and what it gains.
 */
#ifndef LOCKSTEP_HTTP1_H
#define LOCKSTEP_HTTP1_H

#include "replay/http_call.h"

struct http1;

/* epfd stays the client's; an event without a pointer is its timer. */
int http1_new(int epfd, int n_origins, struct http1 **out, struct err *err);
void http1_free(struct http1 *h);

/* Sends a call; it comes back from http1_done(). */
int http1_start(struct http1 *h, struct http_call_mem *m, struct err *err);

/* Waits for events until until_ns (0: looks only) and works on them. */
int http1_step(struct http1 *h, int64_t until_ns, struct err *err);

/* The earlier of until_ns and the next deadline. */
int64_t http1_until(const struct http1 *h, int64_t until_ns);

/* The next call that is through. */
struct http_call_mem *http1_done(struct http1 *h);

void http1_abandon(struct http1 *h);

#endif
