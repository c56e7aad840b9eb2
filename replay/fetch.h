/*
 * One request at a time, with waiting: for what needs the network but is not
 * load (is a stack ready? an embedding service, `init`). A session keeps its
 * connection; it belongs to one thread.
 */
#ifndef LOCKSTEP_FETCH_H
#define LOCKSTEP_FETCH_H

#include "replay/http.h"

struct fetch;

/* body_max: bytes of an answer. *out: caller closes with fetch_close() */
int fetch_open(const struct http_origin_opts *o, size_t body_max,
    struct fetch **out, struct err *err);
void fetch_close(struct fetch **f);

/* What is asked. */
struct fetch_req {
	const char *method, *target;
	const struct ex_header *headers;
	size_t n_headers;
	const char *body;	/* NULL: none */
	size_t body_n;
	int64_t timeout_ns;
};

/*
 * Sends a request and waits for its end.
 * *out    the call, with its outcome and answer; valid until the next
 *         fetch_ask() or fetch_close()
 * returns RC_OK whatever the service did; else an error of our own
 */
int fetch_ask(struct fetch *f, const struct fetch_req *req,
    const struct http_call **out, struct err *err);

#endif
