/* Holm's step-down adjustment of a family of p-values. */
#include "harness/stat/stat.h"

#include <math.h>
#include <stdlib.h>

#include "harness/base/err.h"

struct ranked {
	double p;
	size_t at;
};

/* By p, then by place, so that equal p keep one order everywhere. */
static int
compare(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->p != y->p)
		return x->p < y->p ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

int
stat_holm(const double *p, size_t m, double *adjusted)
{
	struct ranked *order = malloc((m + 1) * sizeof *order);
	double floor_p = 0;
	size_t i, n = 0;

	if (order == NULL)
		return RC_NOMEM;
	for (i = 0; i < m; i++) {
		if (!isnan(p[i]))
			order[n++] = (struct ranked){ p[i], i };
		adjusted[i] = p[i];
	}
	qsort(order, n, sizeof *order, compare);
	for (i = 0; i < n; i++) {
		floor_p = fmax(floor_p, order[i].p * (double)(n - i));
		adjusted[order[i].at] = fmin(1, floor_p);
	}
	free(order);
	return RC_OK;
}

const struct stat_method stat_method_holm = {
	.name = "holm",
	.title = "Holm's step-down adjustment",
	.when = "several gates may fail one run: keeps the chance of any "
	    "false failure at alpha",
	.assumptions = "each p holds on its own; the tests may depend on "
	    "each other in any way",
	.source = "Holm, Scand. J. Statist. 6, 1979",
};
