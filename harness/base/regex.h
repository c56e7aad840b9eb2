/*
 * Regular expressions (PCRE2, UTF-8) with limits on: a pattern or a text that
 * would take too long ends in "no match, limit reached", never in a stall.
 * A compiled pattern is immutable and may be used from any thread.
 */
#ifndef LOCKSTEP_REGEX_H
#define LOCKSTEP_REGEX_H

#include <stddef.h>

#include "harness/base/err.h"

struct regex;

/*
 * returns the compiled pattern, caller frees; NULL with RC_FORMAT (what is
 *         wrong, and at which character) or RC_NOMEM in err
 */
struct regex *regex_new(const char *pattern, struct err *err);
void regex_free(struct regex *re);

/* What regex_find() answers beside 0 and 1. */
enum { REGEX_LIMIT = -1 };

/*
 * The first match in s at or after byte `at`.
 * *from, *to  bytes [from,to) of the match; may be NULL
 * returns 1 found, 0 not, REGEX_LIMIT when a limit was reached first
 */
int regex_find(const struct regex *re, const char *s, size_t n, size_t at,
    size_t *from, size_t *to);

#endif
