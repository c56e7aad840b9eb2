/*
 * UTF-8 at the speed of the trace writer: checking, and writing the inside
 * of a JSON string, in one pass.  What text means is text.h's business.
 * Safe from any thread.
 */
#ifndef LOCKSTEP_UTF8_H
#define LOCKSTEP_UTF8_H

#include <stddef.h>

#include "harness/base/buf.h"

/*
 * The length of the sequence at s, 1..4.
 * returns 0 when it is not well-formed (RFC 3629: no surrogates, nothing
 *         overlong, nothing past U+10FFFF) within n bytes; n > 0
 */
size_t utf8_len(const char *s, size_t n);

/*
 * Appends the inside of a JSON string.
 * replace  what is not UTF-8 becomes U+FFFD and a NUL \u0000; else such a
 *          byte ends the call
 * returns 0; -1 when it ended early, with part of it appended
 */
int utf8_json(struct buf *b, const char *s, size_t n, int replace);

/*
 * Appends the next piece of a text. Half of a surrogate pair at its begin and
 * the other at the end of what is there become the letter that they are: a
 * service may cut a text between them.
 */
void utf8_append(struct buf *b, const char *s, size_t n);

/*
 * Appends a text that is going to be a string: each NUL, which would end it,
 * becomes U+FFFD, as reports show any control character.
 */
void utf8_string(struct buf *b, const char *s, size_t n);

#endif
