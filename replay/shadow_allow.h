/*
 * Which requests may be mirrored: reads, by route. A rule is a method and a
 * path, as in "POST /query", where * in the path stands for any characters.
 * Immutable once made; pure.
 */
#ifndef LOCKSTEP_SHADOW_ALLOW_H
#define LOCKSTEP_SHADOW_ALLOW_H

#include <stddef.h>

#include "harness/base/err.h"
#include "harness/traffic/exchange.h"
#include "replay/h1_lines.h"

/*
 * Checks a rule. A route that is asked by POST may be a read; PUT, PATCH and
 * DELETE are writes by their definition and no rule allows them.
 * returns RC_OK or RC_USAGE
 */
int shadow_allow_check(const char *rule, struct err *err);

/* Whether one of n rules allows a request; target with its query. */
int shadow_allow(const char *const *rules, size_t n, struct h1_str method,
    struct h1_str target);

/*
 * Whether a request asks for another method than it says, as frameworks allow:
 * by X-HTTP-Method-Override and the like, or by a parameter _method of its
 * target or of a form that it sends, also spelt with percent escapes, also of
 * a form in parts.
 * returns 1: for one that no rule allows; 0
 */
int shadow_allow_hides(const struct ex_header *h, size_t n,
    const char *target, size_t target_n, const char *body, size_t body_n);

#endif
