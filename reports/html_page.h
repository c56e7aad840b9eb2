/*
 * The frame of every HTML page: it needs no other file. Style and script are
 * inside and named by their hashes in the Content-Security-Policy, which
 * forbids all others, so that recorded text could not run even if an escape
 * were missing.
 */
#ifndef LOCKSTEP_HTML_PAGE_H
#define LOCKSTEP_HTML_PAGE_H

#include "harness/base/buf.h"
#include "harness/result/result.h"

/* Up to the body's begin; the title is "WHAT: NAME". */
void html_begin(struct buf *out, const char *what, const char *name);

/* The footer, and all that was opened: main, body, html. */
void html_end(struct buf *out, const char *version);

/* "good", "warn" or "bad": the classes of the style sheet. */
const char *html_verdict_class(enum verdict v);

#endif
