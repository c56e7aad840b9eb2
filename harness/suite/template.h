/*
 * Request templates: JSON bodies, paths and header values that hold
 * placeholders, compiled once and rendered by appends into a buffer.
 *
 *	{"question": "{{question}}", "seed": "{{seed}}",
 *	 "note": "asked as {{case.id}}"}
 *
 * Known names: question, seed, session, run, arm, paraphrase, repeat, target
 * and body (of the request that the case was made of, in a path and in a body
 * of their own the very bytes), and case.NAME[.NAME...], any member of the
 * case ("case.tags.user").  A string that is one placeholder alone takes
 * the value's own JSON type; where the case has no such value the member of
 * an object is left out, and an element of an array is null.  Within a longer
 * string a missing value is empty.  `{{NAME|url}}` percent-encodes in any
 * text; paths always do.
 *
 * A template is immutable and may be rendered from any thread.
 */
#ifndef LOCKSTEP_TEMPLATE_H
#define LOCKSTEP_TEMPLATE_H

#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/base/json.h"
#include "harness/suite/sent.h"

/* What one request is rendered from; absent strings and values are NULL. */
struct template_vars {
	const char *question;
	size_t question_n;		/* it may hold a NUL */
	int64_t seed;
	uint32_t paraphrase, repeat;	/* indices from 0 */
	const char *session, *run, *arm;
	const struct json *doc;		/* the case: struct gold's doc */
	const struct sent_request *was;	/* sent_of(), or NULL */
	const struct json *request;	/* the case's `request`, merged over a
					   JSON body (RFC 7396), or NULL */
};

enum template_kind {
	TEMPLATE_PLAIN,		/* header values: control bytes become spaces */
	TEMPLATE_PATH,		/* values are percent-encoded */
	TEMPLATE_TEXT		/* bodies that are not JSON: as they are */
};

struct template;

/*
 * Compiles a body. A string is a text body, unless it is one placeholder
 * alone, whose value is then the body; anything else is a JSON body.
 * body    borrowed until template_free()
 * returns the template, caller frees; or NULL with RC_FORMAT (an unknown
 *         placeholder and the nearest known) or RC_NOMEM in err
 */
struct template *template_new(const struct json *body, struct err *err);

/* Compiles a path or header value. text is copied. */
struct template *template_new_text(const char *text, enum template_kind kind,
    struct err *err);

/* NULL is safe. */
void template_free(struct template *t);

/* Whether it is {{body}} alone: the recorded request is meant, with its
 * method, content type and coding. NULL is none. */
int template_is_body(const struct template *t);

/* Whether it holds that placeholder ("seed") at all. */
int template_uses(const struct template *t, const char *name);

/*
 * Appends the rendering to out, which is sticky: check it once.
 * returns RC_OK; RC_FORMAT or RC_NOMEM when a case's `request` cannot be
 *         merged or holds an unknown placeholder (then *err says so)
 */
int template_render(const struct template *t, const struct template_vars *v,
    struct buf *out, struct err *err);

#endif
