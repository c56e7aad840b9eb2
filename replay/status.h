/*
 * A small server beside a recording that says how it is: GET /healthz (it
 * runs), /readyz (200, or 503 with what is wrong), /metrics (OpenMetrics
 * text), and, where there are such, / (a page of HTML, under a strict policy:
 * no script, nothing from elsewhere), /status (JSON) and /gate (whose status
 * is the answer).  One thread, one client at a time, nothing is kept open.
 * Posts may be slow: each has a thread of its own, eight large ones at once and
 * 64 of up to 4 KB, others are answered 503.
 */
#ifndef LOCKSTEP_STATUS_H
#define LOCKSTEP_STATUS_H

#include "harness/base/buf.h"
#include "harness/base/err.h"

struct status_source {
	void *ctx;
	/* Appends the lines of /metrics, without the mark of their end. */
	void (*metrics)(void *ctx, struct buf *out);
	/* Appends what is wrong; nothing: it is ready. */
	void (*trouble)(void *ctx, struct buf *out);
	/* Appends a JSON document; NULL: there is no /status. */
	void (*status)(void *ctx, struct buf *out);
	/* Appends a line of text. returns what /gate answers: 200, 403, 409
	 * or 503; NULL: there is no /gate. */
	int (*gate)(void *ctx, struct buf *out);
	/* Appends a page of HTML; NULL: there is none. */
	void (*page)(void *ctx, struct buf *out);
	/* A POST to /v1/pairs, with the value of its Authorization (or "");
	 * on any thread. Appends the answer. returns its status. First it is
	 * called with a body of NULL: only after a 200 the body is read. NULL:
	 * nothing is taken. */
	int (*post)(void *ctx, const char *auth, const char *body, size_t n,
	    struct buf *out);
};

struct status;

/*
 * listen  listen_parse()
 * returns RC_OK, caller ends with status_stop(); RC_NET, RC_USAGE, RC_NOMEM
 */
int status_start(const char *listen, const struct status_source *from,
    struct status **out, struct err *err);
void status_stop(struct status **s);		/* NULL is safe */

/* "http://127.0.0.1:PORT" */
const char *status_url(const struct status *s);

#endif
