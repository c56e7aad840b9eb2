/*
 * The recorded request that a case was made of: its method, target, content
 * type and body, byte for byte.
 *
 * A case keeps it in three members: `body`, where the bytes are one line of
 * JSON, an object or a list; `target`; and `sent`:
 *
 *	{"method": "PUT", "headers": [["Content-Type", "text/plain"]],
 *	 "body_text": "the bytes", "body_b64": "the bytes", "target_b64": ...}
 *
 * where body_text and body_b64 stand for a body that is not just a line of
 * JSON, and target_b64 for a target that is not UTF-8.
 */
#ifndef LOCKSTEP_SENT_H
#define LOCKSTEP_SENT_H

#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/suite/caseset.h"
#include "harness/traffic/exchange.h"

struct sent_request {
	int known;		/* `sent` is there: NULL was not sent */
	const char *method;	/* or NULL */
	const char *target;	/* or NULL */
	const char *body;	/* NULL: none */
	size_t body_n;
	const char *type, *coding;	/* Content-Type, -Encoding; or NULL */
	int has_headers;	/* they are known */
};

/*
 * What a case says of it; everything belongs to g and scratch, until g is
 * another case.
 * scratch  where bytes are put that the case holds as base64
 * returns RC_OK, or RC_NOMEM
 */
int sent_of(const struct gold *g, struct buf *scratch,
    struct sent_request *r, struct err *err);

/* The case's `body` as it stands in its line, n bytes; NULL: there is none. */
const char *sent_line_body(const struct gold *g, size_t *n);

/*
 * The body without its content codings. out is reset.
 * returns the text, in out or r; NULL when it cannot be undone, or there is
 *         none
 */
const char *sent_text(const struct sent_request *r, struct buf *out,
    size_t *n);

/* Whether a text is the placeholder of that name alone. NULL is none. */
int sent_is_recorded(const char *text, const char *name);
/* Whether a suite sends requests as they were recorded: a question is then
 * not needed. */
int sent_replays(const struct suite *s);

/* How a request is sent whose body is {{body}} alone. */
struct sent_rule {
	int any_method, any_path;	/* the suite says none */
};
struct sent_rule sent_rule_of(const struct suite *s,
    const struct suite_target *t);

/* The method and, where the recorded target is meant, "{{target}}"; each NULL
 * where the suite's holds. A request without a body, which asks by its target,
 * keeps it. */
const char *sent_method(const struct sent_rule *rule,
    const struct sent_request *r);
const char *sent_path(const struct sent_rule *rule,
    const struct sent_request *r, int has_body);

/*
 * Writes the members `target`, `sent` and `body` of a case.
 * body    the request's body without its codings, parsed; or NULL
 */
void sent_write(struct json_out *o, const struct exchange *ex,
    const struct json *body);

#endif
