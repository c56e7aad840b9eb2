/*
 * Which operation of an OpenAPI description asks a question, and a body that
 * its schema takes.  Pure; everything in the description is hostile.
 */
#ifndef LOCKSTEP_OPENAPI_H
#define LOCKSTEP_OPENAPI_H

#include "harness/base/err.h"
#include "harness/base/json.h"

/* A request with "{{question}}" where the question goes. */
struct openapi_ask {
	char method[8], path[512];	/* path: with the query, if any */
	struct json *body;		/* owned; NULL: none */
};

/*
 * doc     OpenAPI 3, or 2 as far as it is the same
 * only    a path that is wanted, or NULL: the most likely one
 * returns 1; 0: no operation takes a question; RC_NOMEM. caller frees body
 */
int openapi_find(const struct json *doc, const char *only,
    struct openapi_ask *out, struct err *err);

#endif
