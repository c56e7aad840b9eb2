/* The test of a confirmation; see confirm.h. */
#include <math.h>
#include <stdlib.h>

#include "harness/judge/confirm.h"

static double
ln_choose(uint32_t n, uint32_t k)
{
	int sign;

	return lgamma_r(n + 1., &sign) - lgamma_r(k + 1., &sign) -
	    lgamma_r(n - k + 1., &sign);
}

/* The least and the most good answers that the baseline can have had. */
static uint32_t
least(const struct confirm_sample *s)
{
	uint32_t good = s->good[0] + s->good[1];

	return good > s->n[1] ? good - s->n[1] : 0;
}

static uint32_t
most(const struct confirm_sample *s)
{
	uint32_t good = s->good[0] + s->good[1];

	return good < s->n[0] ? good : s->n[0];
}

/* Convolves dist, of *n values from 0 on, with one case's own; both are
 * counted from the case's least. */
static void
add_case(const struct confirm_sample *s, double *dist, size_t *n,
    double *to)
{
	uint32_t lo = least(s), width = most(s) - lo, k;
	uint32_t good = s->good[0] + s->good[1];
	double all = ln_choose(s->n[0] + s->n[1], good), p;
	size_t i;

	for (i = 0; i < *n + width; i++)
		to[i] = 0;
	for (k = 0; k <= width; k++) {
		p = exp(ln_choose(s->n[0], lo + k) +
		    ln_choose(s->n[1], good - lo - k) - all);
		for (i = 0; i < *n; i++)
			to[i + k] += dist[i] * p;
	}
	*n += width;
	for (i = 0; i < *n; i++)
		dist[i] = to[i];
}

int
confirm_p(const struct confirm_sample *s, size_t n, double *p)
{
	size_t room = 1, n_dist = 1, seen = 0, i;
	double *dist;

	*p = 1;
	for (i = 0; i < n; i++)
		room += most(&s[i]) - least(&s[i]);
	dist = calloc(2 * room, sizeof(*dist));
	if (dist == NULL)
		return RC_NOMEM;
	dist[0] = 1;
	for (i = 0; i < n; i++) {
		if (s[i].n[0] == 0 || s[i].n[1] == 0)
			continue;
		add_case(&s[i], dist, &n_dist, dist + room);
		seen += s[i].good[0] - least(&s[i]);
	}
	for (*p = 0, i = seen; i < n_dist; i++)
		*p += dist[i];
	*p = fmin(1, *p);
	free(dist);
	return RC_OK;
}
