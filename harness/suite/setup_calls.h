/*
 * The calls that must come first: what a client does once before it asks (a
 * session, a collection's handshake), found in a trace by the suite's `setup`.
 * They are not cases. What the service named in its answers stands under other
 * names on another stack: the pointers of `ids` say where. Immutable once
 * made, but for setup_calls_has(): one thread at a time.
 */
#ifndef LOCKSTEP_SETUP_CALLS_H
#define LOCKSTEP_SETUP_CALLS_H

#include <stddef.h>

#include "harness/base/err.h"
#include "harness/base/json.h"
#include "harness/suite/suite.h"
#include "harness/traffic/exchange.h"

enum { SETUP_CALLS_MAX = 1000, SETUP_IDS_MAX = 10000 };

/* One of them, as it was recorded; strings belong to it. */
struct setup_call {
	char *id, *method, *target;
	char *type, *coding;		/* of the body, or NULL */
	char *body;			/* NULL: none */
	size_t body_n;
	char *answer;			/* its JSON, or NULL */
	size_t answer_n;
	size_t rule;			/* of `setup` */
};

struct setup_calls;

/* The rules alone. *out: NULL when the suite has none; caller frees */
int setup_calls_new(const struct suite *s, struct setup_calls **out,
    struct err *err);
void setup_calls_free(struct setup_calls *c);	/* NULL is safe */

/* Whether an exchange of the cases' trace is one of them. c may be NULL. */
int setup_calls_has(struct setup_calls *c, const struct exchange *ex,
    const char *line, size_t n);

/*
 * Reads the calls themselves, each once, in the order they were sent.
 * returns RC_OK; RC_FORMAT (a rule that no exchange meets, too many), RC_IO
 */
int setup_calls_load(struct setup_calls *c, struct err *err);
size_t setup_calls_n(const struct setup_calls *c);
const struct setup_call *setup_calls_at(const struct setup_calls *c,
    size_t i);

/* Calls fn for each value that `ids` of the call's rule finds in an answer. */
void setup_calls_ids(const struct setup_calls *c,
    const struct setup_call *call, const struct json *answer,
    json_each_fn *fn, void *ctx);

#endif
