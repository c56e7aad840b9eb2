/*
 * Character sets: an answer that is not in UTF-8 becomes it where it is read.
 * A trace keeps the bytes as they came.
 *
 * What counts is, in this order: a byte order mark of UTF-16 or UTF-32; the
 * charset of Content-Type; the NULs beside the first signs of JSON in UTF-16.
 * Bytes that are valid UTF-8 stay as they are though another charset is
 * said, unless it has a form of its own (UTF-16, UTF-32, escapes): services
 * say iso-8859-1 of UTF-8 more often than a text of iso-8859-1 looks like it.
 * Safe from any thread.
 */
#ifndef LOCKSTEP_CHARSET_H
#define LOCKSTEP_CHARSET_H

#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/traffic/exchange.h"

enum { CHARSET_NAME_MAX = 32 };

/*
 * What a body is to be read from, or NULL: it is UTF-8, or nothing is said.
 * name     room for it
 */
const char *charset_of(const struct ex_header *headers, size_t n,
    const struct ex_bytes *body, char name[static CHARSET_NAME_MAX]);

/*
 * Appends the text in UTF-8.
 * text_max  bytes of it at most
 * returns RC_OK; RC_FORMAT (a charset that is not known, bytes that are none
 *         of it, too large: the message says which); RC_NOMEM
 */
int charset_undo(const char *name, const char *p, size_t n, size_t text_max,
    struct buf *out, struct err *err);

#endif
