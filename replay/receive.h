/*
 * Takes in what is POSTed to one path: the proxy's front (PROXY.md) with its
 * strictness and limits, a service behind it that answers all alike, and a
 * function that gets whole bodies.
 */
#ifndef LOCKSTEP_RECEIVE_H
#define LOCKSTEP_RECEIVE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/traffic/exchange.h"

struct receive;

/*
 * Called on the receiver's own thread, which takes nothing else meanwhile.
 * codings  of the body, as coding_undo() takes them, or NULL
 */
typedef void receive_fn(void *ctx, const char *codings, const char *body,
    size_t n);

struct receive_opts {
	const char *listen;	/* listen_parse() */
	const char *path;	/* "/v1/traces"; others' bodies are not kept */
	size_t body_max;	/* longer ones are refused: 413 */
	size_t bodies_max;	/* memory of all that are on their way in;
				   what finds no room is refused: 503 and
				   Retry-After */
	const char *answer;	/* as ack.h */
	receive_fn *fn;
	void *ctx;
};

/* returns RC_OK, caller ends with receive_stop(); RC_NET, RC_USAGE,
 * RC_NOMEM */
int receive_start(const struct receive_opts *o, struct receive **out,
    struct err *err);
void receive_stop(struct receive **r);		/* NULL is safe */

/* "http://127.0.0.1:4318" */
const char *receive_url(const struct receive *r);

#endif
