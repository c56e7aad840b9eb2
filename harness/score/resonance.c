/* See resonance.h. */
#include "harness/score/resonance.h"

#include <math.h>
#include <stdlib.h>

#include "harness/score/cells.h"
#include "harness/stat/stat.h"

enum { TREND_MIN = 4 };

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
	return n % 2 == 1 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
}

/* Means of the windows at each place, summed afresh: no drift of rounding. */
static size_t
windows(const double *v, size_t n, size_t step, double *out)
{
	size_t i, k, count = 0;
	double sum;

	for (i = 0; i + RESONANCE_WINDOW <= n; i += step) {
		sum = 0;
		for (k = 0; k < RESONANCE_WINDOW; k++)
			sum += v[i + k];
		out[count++] = sum / RESONANCE_WINDOW;
	}
	return count;
}

static int
judge(const double *v, const size_t *place, double *means, double alpha,
    struct resonance *out)
{
	struct stat_test t;
	size_t i, n = windows(v, out->n, RESONANCE_WINDOW, means);
	int rc;

	if (n >= TREND_MIN) {
		rc = stat_trend(means, n, STAT_TWO_SIDED, &t);
		if (rc != RC_OK)
			return rc;
		out->trend_p = t.p;
	}
	n = windows(v, out->n, 1, means);
	if (n == 0)
		return RC_OK;
	out->max = -1;
	for (i = 0; i < n; i++) {
		if (means[i] > out->max) {
			out->max = means[i];
			out->max_at = place[i];
		}
	}
	out->median = median(means, n);
	out->flat = out->max <= 2 * out->median &&
	    !(out->trend_p <= alpha);
	return RC_OK;
}

int
resonance_values(const double *v, size_t n, double alpha,
    struct resonance *out, struct err *err)
{
	double *kept = calloc(n + 1, sizeof(*kept));
	double *means = calloc(n + 1, sizeof(*means));
	size_t *place = calloc(n + 1, sizeof(*place));
	size_t i;
	int rc = RC_NOMEM;

	*out = (struct resonance){ .median = NAN, .max = NAN,
		.trend_p = NAN };
	if (kept != NULL && means != NULL && place != NULL) {
		for (i = 0; i < n; i++) {
			if (!isfinite(v[i]))
				continue;
			place[out->n] = i;
			kept[out->n++] = v[i];
		}
		rc = judge(kept, place, means, alpha, out);
	}
	free(kept);
	free(means);
	free(place);
	return rc == RC_OK ? RC_OK :
	    err_set(err, RC_NOMEM, "out of memory for e_resonance");
}

int
resonance_of(const struct cells *cells, double alpha, struct resonance *out,
    struct err *err)
{
	size_t i, n = (size_t)cells_n(cells);
	double *v = malloc((n + 1) * sizeof(*v));
	const struct cell *c;
	int rc;

	*out = (struct resonance){ .median = NAN, .max = NAN,
		.trend_p = NAN };
	if (v == NULL)
		return err_set(err, RC_NOMEM, "out of memory for e_resonance");
	for (i = 0; i < n; i++) {
		c = cells_get(cells, i);
		v[i] = fabs((double)c->arm[1].m[M_DS_QUESTION_RETRIEVED] -
		    (double)c->arm[0].m[M_DS_QUESTION_RETRIEVED]);
	}
	rc = resonance_values(v, n, alpha, out, err);
	free(v);
	return rc;
}
