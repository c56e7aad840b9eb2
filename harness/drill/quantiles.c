/* Quantiles; see quantiles.h. */
#include "harness/drill/quantiles.h"

#include <stdlib.h>

static int
by_size(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

void
quantiles(int64_t *v, size_t n, int64_t *p50, int64_t *p95)
{
	*p50 = *p95 = 0;
	if (n == 0)
		return;
	qsort(v, n, sizeof(*v), by_size);
	*p50 = v[n / 2];
	*p95 = v[(n * 95 + 99) / 100 - 1];
}
