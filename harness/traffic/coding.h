/*
 * Content codings (RFC 9110, 8.4): undoes what a body was packed with, in
 * pieces of any size, where an answer is read.  A trace keeps the bytes as
 * they came.
 *
 * Known are gzip (x-gzip; several members), deflate (with zlib's header and
 * without), br and zstd (several frames), lists of them, and identity, in any
 * case.  Bounded: at most CODING_LIST_MAX codings, a text of at most what the
 * caller allows, and at most CODING_RATIO times the packed bytes beyond the
 * first CODING_FREE.
 * Thread rule: one owner at a time.
 */
#ifndef LOCKSTEP_CODING_H
#define LOCKSTEP_CODING_H

#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/traffic/exchange.h"

enum { CODING_LIST_MAX = 4, CODING_RATIO = 1000 };
#define CODING_FREE ((size_t)8 << 20)
/* The largest text that extraction, reports and the engine take. */
#define CODING_TEXT_MAX ((size_t)64 << 20)

struct coding;

/* Takes n unpacked bytes. returns RC_OK, else the unpacking ends with it */
typedef int coding_out_fn(void *ctx, const char *p, size_t n,
    struct err *err);

/*
 * The codings of an answer: the values of all its Content-Encoding lines in
 * one list.
 * list    room for the text
 * returns list, or NULL when there is nothing to undo (none, or identity)
 */
const char *coding_of(const struct ex_header *headers, size_t n,
    char list[static 128]);

/*
 * Begins to undo a list of codings, the last one first.
 * text_max  bytes of unpacked text at most
 * out       borrowed with ctx until coding_free()
 * returns RC_OK, caller frees with coding_free(); RC_FORMAT (a coding that
 *         is not known, or too many; the message names it) or RC_NOMEM
 */
int coding_new(const char *list, size_t text_max, coding_out_fn *out,
    void *ctx, struct coding **into, struct err *err);
void coding_free(struct coding *c);	/* NULL is safe */

/*
 * Undoes the next piece.
 * returns RC_OK; RC_FORMAT (corrupt, or too large: the message says which);
 *         RC_NOMEM; or what out answered
 */
int coding_feed(struct coding *c, const char *p, size_t n, struct err *err);

/* All pieces were fed. returns RC_OK, or RC_FORMAT: the body is truncated */
int coding_end(struct coding *c, struct err *err);

/*
 * Undoes a whole body.
 * out     gets the text; what came before a failure stays in it
 * returns as coding_new(), coding_feed() and coding_end()
 */
int coding_undo(const char *list, const char *p, size_t n, size_t text_max,
    struct buf *out, struct err *err);

#endif
