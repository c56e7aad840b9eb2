/*
 * Private to credential*.c; of texts within texts: credential_walk_part.h.
 */
#ifndef LOCKSTEP_CREDENTIAL_PART_H
#define LOCKSTEP_CREDENTIAL_PART_H

#include <stddef.h>

#include "harness/base/buf.h"

enum { CREDENTIAL_NAME_MAX = 128 };

/* Whether a name looks like a credential's; one that is too long to be
 * judged does. */
int credential_looks(const char *s, size_t n);

/* "Bearer abc" and nothing else: a scheme with what it carries. */
int credential_carrier(const char *p, size_t n);

/* Undoes percent-escapes once. returns whether there were any */
int credential_unescape(const char *s, size_t n, struct buf *out);

/* Where a name stands. */
enum credential_place { IN_JSON = 1, IN_FORM = 2, IN_ADDRESS = 4,
    IN_PATH = 8 };

/* Whether what is named so in a body is a credential: by lists of names. */
int credential_member(const char *s, size_t n, enum credential_place place);

/* The same of a name in JSON, which may be written in escapes. */
int credential_member_json(const char *s, size_t n);

/* Whether an object of that name holds credentials: in it, names count as in
 * a form. */
int credential_holder(const char *s, size_t n);

/*
 * Whether the value of a parameter "code" is an authorization code: it is
 * long and no word, or a "state" is beside it.
 */
int credential_code(const char *value, size_t n, int state);

/* Whether a text may end in such a name, by its last two bytes. */
int credential_member_ends(const char *s, size_t n,
    enum credential_place place);

/* Whether bytes [i,end) of p, a segment of a path that may begin anywhere
 * before, are a token: by the segments before it. */
int credential_segment(const char *p, size_t i, size_t end);

/* How a text stands within another. */
enum credential_escape {
	ESCAPE_NONE,
	ESCAPE_JSON,		/* the inside of a string */
	ESCAPE_FORM,		/* a form's value: percent and plus */
	ESCAPE_UTF16LE, ESCAPE_UTF16BE
};

/*
 * Undoes the one escape, or takes the one byte, at p; n > 0.
 * *used   how many bytes of p that was, 1..12
 * returns how many bytes of out it became, 1..4; half of a surrogate pair is
 *         U+FFFD
 */
size_t credential_step(enum credential_escape how, const char *p, size_t n,
    size_t *used, char out[4]);

/* Appends n bytes with their escapes undone so. */
void credential_undo(enum credential_escape how, const char *p, size_t n,
    struct buf *out);

/*
 * Cleans what a value may be: a URL, a path with a query, or either in
 * percent-escapes, several times over.
 * returns 1 when something was replaced, 0 when out is the same as p
 */
int credential_clean(struct buf *out, const char *p, size_t n, int depth);

#endif
