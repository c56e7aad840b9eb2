/*
 * A cursor over JSON text: the project's one scanner, under the trees of
 * json.h and under what needs none (traces).  It takes RFC 8259 and nothing
 * else.  Integers are exact to 64 bits, strings keep their length, values that
 * nobody asks for are checked and skipped without allocating.
 *
 * Errors are sticky: after the first one every call answers "nothing".
 * Thread rule: one cursor belongs to one thread.
 */
#ifndef LOCKSTEP_JSCAN_H
#define LOCKSTEP_JSCAN_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/arena.h"

enum {
	JSCAN_DEPTH_MAX = 1000,
	JSCAN_SLACK = 16	/* bytes that a copy may touch behind its end */
};

struct jscan {
	const char *p, *end;
	const char *bad;	/* what is wrong, or NULL */
	int nomem;		/* it was memory */
	int cut;		/* what is wrong may be that the text ends */
	int escaped;		/* jscan_raw() met an escape */
	int nul;		/* a string held \u0000 */
	int lone;		/* a string held half of a surrogate pair: read
				   as U+FFFD, or, with keep_lone, as the three
				   bytes that UTF-8 would have for it */
	int keep_lone;
};

/* text need not be NUL-terminated and must outlive the cursor. */
void jscan_init(struct jscan *s, const char *text, size_t n);

/* The first byte of the next value ('{', '[', '"', 't', 'f', 'n', '-' or a
 * digit), white space skipped; 0 at the end or after an error. */
char jscan_peek_on(struct jscan *s);	/* past blanks */
static inline char
jscan_peek(struct jscan *s)
{
	if (s->p < s->end && (unsigned char)*s->p > ' ')
		return *s->p;
	return jscan_peek_on(s);
}

/*
 * Goes through an object: call once after the '{' is next, with *first = 1,
 * then after each value.
 * returns 1 and the raw key (escapes not undone), the cursor before its
 *         value; 0 behind the '}', or after an error
 */
int jscan_key(struct jscan *s, int *first, const char **key, size_t *n);

/* jscan_key() in two steps, for a key whose escapes are to be undone: 1 when
 * the cursor is before a key, to be read by jscan_str(); then the colon. */
int jscan_member(struct jscan *s, int *first);
int jscan_colon(struct jscan *s);

/* The same for an array: 1 when the cursor is before an element. */
int jscan_item(struct jscan *s, int *first);

/*
 * Steps over a string.
 * *from, *n  its inside as written, its escapes checked
 * returns 1 or 0
 */
int jscan_raw(struct jscan *s, const char **from, size_t *n);

/*
 * Copies the string whose opening quote is next, escapes undone, and a NUL.
 * out     room for its inside as written (jscan_raw()) and JSCAN_SLACK more
 * returns its length
 */
size_t jscan_copy(struct jscan *s, char *out);

/*
 * The same in mem. It may hold a NUL (s->nul). A null is NULL.
 * returns it, or NULL
 */
const char *jscan_str(struct jscan *s, struct arena *mem, size_t *n);

/* A number, rounded towards zero, saturated. dflt for null. */
int64_t jscan_i64(struct jscan *s, int64_t dflt);

/* A number as it is written. returns 1 or 0 */
int jscan_number(struct jscan *s, const char **from, size_t *n);

/* "true", "false" or "null", which is next. returns 1 or 0 */
int jscan_word(struct jscan *s, const char *word);

/* Any value. */
void jscan_skip(struct jscan *s);

/* The end of the text was reached with nothing but white space left. */
int jscan_end(struct jscan *s);

#endif
