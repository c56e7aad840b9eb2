/* Largest remainders; see share.h. */
#include "harness/base/share.h"

#include <math.h>
#include <stdlib.h>

static int
by_rest(const void *a, const void *b)
{
	const struct share *x = a, *y = b;

	if (x->rest > y->rest || x->rest < y->rest)
		return x->rest > y->rest ? -1 : 1;
	return x->from < y->from ? -1 : x->from > y->from;
}

void
share_divide(struct share *v, size_t n, size_t total, size_t want)
{
	size_t given = 0, i;
	double exact;

	for (i = 0; i < n; i++) {
		exact = (double)want * (double)v[i].n / (double)total;
		v[i].take = (size_t)floor(exact);
		v[i].rest = exact - floor(exact);
		given += v[i].take;
	}
	qsort(v, n, sizeof(*v), by_rest);
	for (i = 0; i < n && given < want; i++) {
		if (v[i].take < v[i].n) {
			v[i].take++;
			given++;
		}
	}
}
