/*
 * Traces by the HTTP APIs of the stores that keep them, page by page, for
 * `lockstep import`.
 */
#ifndef LOCKSTEP_CMD_IMPORT_API_H
#define LOCKSTEP_CMD_IMPORT_API_H

#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"

struct import_api;

struct import_api_args {
	const char *format;	/* "langfuse", "phoenix" */
	const char *url;	/* of the service */
	const char *project;	/* Phoenix's; NULL: "default" */
	const char *since, *until;	/* as they were given, or NULL */
	int64_t since_ns, until_ns;	/* wall clock; 0: no bound */
	double sample;
	uint64_t seed;
	const char *out;	/* the trace to come */
	int argc;
	char **argv;
};

/*
 * Begins to ask. With a key (trace_key()) the answers are kept in OUT.pages,
 * encrypted, until all are there, and what is there already is not asked for
 * again; without one they are passed on as they come and nothing is kept.
 * returns RC_OK, caller ends with import_api_close(); RC_USAGE, RC_NET, RC_IO
 */
int import_api_open(const struct import_api_args *a, struct import_api **out,
    struct err *err);

/* An import_feed_fn; ctx is the struct import_api. */
int import_api_feed(void *ctx, struct buf *out, struct err *err);

/* Whether the share is drawn already: only what was drawn is asked for. */
int import_api_drawn(const struct import_api *api);

/* How many requests were sent, and traces that were gone meanwhile. */
void import_api_counts(const struct import_api *api, uint64_t *requests,
    uint64_t *gone);

/* done: the import is complete, the pages are not needed any more. */
void import_api_close(struct import_api **api, int done);

#endif
