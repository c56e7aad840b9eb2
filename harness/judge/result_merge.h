/* Several suites' results as one: one verdict, one report. */
#ifndef LOCKSTEP_RESULT_MERGE_H
#define LOCKSTEP_RESULT_MERGE_H

#include "harness/base/err.h"
#include "harness/result/result.h"

/*
 * Merges n results. Cases and gates are named SUITE/NAME; the verdict is the
 * most severe one; counts are sums.
 * v         n results; with n == 1 the only one is moved and v[0] nulled
 * fail_on   bits (1 << verdict); 0: the verdict is the exit status
 * *out      caller frees with result_free()
 * returns RC_OK, RC_NOMEM or RC_IO
 */
int result_merge(struct result **v, size_t n, unsigned fail_on,
    struct result **out, struct err *err);

#endif
