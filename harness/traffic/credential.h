/*
 * Credentials in captured traffic: which headers and query parameters hold
 * them.  None may reach a trace, store or report.  Safe from any thread.
 */
#ifndef LOCKSTEP_CREDENTIAL_H
#define LOCKSTEP_CREDENTIAL_H

#include "harness/base/buf.h"

/* What stands in place of a query parameter's value. */
#define CREDENTIAL_GONE "REDACTED"

enum credential {
	CREDENTIAL_NO,
	CREDENTIAL_LIKELY,	/* looks like one: token, secret, key, ... */
	CREDENTIAL_SURE		/* Authorization, Cookie, ... */
};

/*
 * By a header's name. Names are judged word by word (words end at '-', '_',
 * '.' and capitals): "X-Session-Token" is likely, "X-RateLimit-Tokens" and
 * "Idempotency-Key" are not.
 */
enum credential credential_header(const char *name);

/*
 * Appends a request target or URL: user information is left out, and the
 * values of query parameters that look like credentials are replaced.
 */
void credential_target(struct buf *out, const char *target);

/* Whether a header's value is a URL or target to be cleaned by
 * credential_target(): Referer, Location, Content-Location. */
int credential_is_url(const char *name);

/* The rules in words, for a trace's head. */
extern const char credential_rules[];

#endif
