/*
 * Credentials in captured traffic: which headers and query parameters hold
 * them.  None may reach a trace, store or report.  Safe from any thread.
 */
#ifndef LOCKSTEP_CREDENTIAL_H
#define LOCKSTEP_CREDENTIAL_H

#include <stdint.h>

#include "harness/base/buf.h"

/* Replaces a query parameter's value. */
#define CREDENTIAL_GONE "REDACTED"

enum credential {
	CREDENTIAL_NO,
	CREDENTIAL_LIKELY,	/* looks like one: token, secret, key, ... */
	CREDENTIAL_SURE		/* Authorization, Cookie, ... */
};

/*
 * By a header's name. Names are checked word by word (words end at capitals
 * and at anything that is not a letter or digit), also with the usual words
 * run together: "X-Session-Token", "X-CSRFToken" and "PHPSESSID" are likely,
 * so are the headers by which a load balancer says who is asking.
 * "Idempotency-Key" is not, nor a token that is counted or pages
 * ("max_tokens", "token_count", "next_page_token") or a key that sorts
 * ("cache-key", "sort_key").
 */
enum credential credential_header(const char *name);

/* Whether a value is or holds one whatever its name: a bearer, basic or other
 * scheme with what it carries, a JSON web token, a key by its prefix. */
int credential_value(const char *p, size_t n);

/* Whether a WebSocket's subprotocol is one: browsers can send no header, so
 * services take a token as a part of its name. */
int credential_subprotocol(const char *name, const char *value);

/*
 * Appends a request target or URL: user information is left out, and the
 * values of parameters (query, fragment, path) that look like credentials are
 * replaced, also in an address within it, percent-escaped however often.
 */
void credential_target(struct buf *out, const char *target);

/* Whether a value is JSON, as it is or in base64, with a credential in it. */
int credential_json(const char *p, size_t n);

/*
 * Appends a target with every parameter replaced that is such JSON, escaped
 * up to three times.
 * returns 1 when something was replaced, 0 when out is the same as target
 */
int credential_query(struct buf *out, const char *target);

/*
 * Appends a header's value with what a list in it ("user=1,token=abc") gives
 * to names that look like credentials replaced.
 * returns 1 when something was replaced, 0 when out is the same as text
 */
int credential_pairs(struct buf *out, const char *text);

/*
 * Appends any text with every address in it cleaned so, and replaced as a
 * whole where it is a token.
 * returns 1 when something was replaced, 0 when out is the same as text
 */
int credential_text(struct buf *out, const char *text);

/*
 * Long strings of JSON in which there was nothing, by 64 bits of a hash whose
 * key is the process's own: passages come again and again. Zeroed at first.
 */
enum { CREDENTIAL_KNOWN = 4096 };
struct credential_known {
	uint64_t hash[CREDENTIAL_KNOWN];
};

/*
 * The credential members of a JSON body, of a line of JSON each, of events
 * that hold JSON, of a form (also multipart), and of texts within them; what
 * has the shape of a secret anywhere, addresses with credentials, and both
 * over the events of a stream.
 * to      NULL: they are only counted; else n bytes that are a copy of p, in
 *         which they become asterisks (a number zeros): the length stays
 * known   or NULL
 * returns how many there are
 */
size_t credential_body(const char *p, size_t n, char *to,
    struct credential_known *known);

/* The rules in words, for a trace's head. */
extern const char credential_rules[];

#endif
