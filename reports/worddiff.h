/*
 * Which words two texts share: the longest common subsequence of words.
 *
 * Words are runs between spaces; a wide character (Chinese, Japanese, Korean)
 * is a word of its own.  Pure functions, safe from any thread.
 */
#ifndef LOCKSTEP_WORDDIFF_H
#define LOCKSTEP_WORDDIFF_H

#include <stddef.h>

#include "harness/base/err.h"

struct worddiff_word {
	const char *p;		/* into the text */
	size_t n;		/* bytes, the spaces behind it included */
	size_t core;		/* bytes without these spaces */
	int shared;
};

struct worddiff {
	struct worddiff_word *a, *b;
	size_t na, nb;
};

/*
 * Compares two clean texts, which must outlive the result.  Beyond 1,000
 * differing words a side, what lies between the common beginning and the
 * common end counts as different.
 * returns RC_OK, caller calls worddiff_fini(); or RC_NOMEM
 */
int worddiff_init(struct worddiff *d, const char *a, const char *b);
void worddiff_fini(struct worddiff *d);

#endif
