/* What three answers add, and one case's own evidence; see
 * stat_replicate.h. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/err.h"
#include "harness/stat/stat_replicate.h"

/* Answers of one arm in x, turned k times. */
static double
mean_of_arm(const double x[3], int k, int arm, int twice)
{
	double own = x[stat_turned(arm, k)];

	return arm == twice ? (own + x[stat_turned(STAT_ECHO, k)]) / 2 : own;
}

int
stat_replicate_differ(const double x[3], int twice, double by[STAT_TURNS])
{
	const int lone = twice == STAT_BASE ? STAT_CAND : STAT_BASE;
	const int has_twice = !isnan(x[twice]), has_echo =
	    !isnan(x[STAT_ECHO]);
	double d;
	int k;

	if (isnan(x[lone]) || (!has_twice && !has_echo))
		return 0;
	if (has_twice && has_echo) {
		for (k = 0; k < STAT_TURNS; k++)
			by[k] = mean_of_arm(x, k, STAT_CAND, twice) -
			    mean_of_arm(x, k, STAT_BASE, twice);
		return STAT_TURNS;
	}
	d = x[lone] - x[has_twice ? twice : STAT_ECHO];
	by[0] = lone == STAT_CAND ? d : -d;
	by[1] = -by[0];
	return 2;
}

/* ---- one case ------------------------------------------------------------ */

/* Counts of the case's drop under all relabelings, in halves of a variant:
 * share[h + 2 * n]. */
struct drops {
	double *share, *next;
	size_t n, n_all;
};

static void
convolve(struct drops *d, const double *by, int choices)
{
	double *swap;
	size_t i;
	int k, h;

	memset(d->next, 0, (4 * d->n_all + 1) * sizeof(*d->next));
	for (i = 2 * (d->n_all - d->n); i <= 2 * (d->n_all + d->n); i++) {
		for (k = 0; k < choices; k++) {
			h = (int)lround(2 * by[k]);
			d->next[(size_t)((int)i + h)] += d->share[i] /
			    choices;
		}
	}
	d->n++;
	swap = d->share;
	d->share = d->next;
	d->next = swap;
}

static void
count_good(const double x[3], int twice, struct stat_replicate_good *out)
{
	int i, arm;

	for (i = 0; i < 3; i++) {
		arm = i == STAT_ECHO ? twice : i;
		if (isnan(x[i]))
			continue;
		out->asked[arm]++;
		out->good[arm] += x[i] > 0;
	}
}

/* What whole stacks turned add up to: the variants that have all three
 * answers, or where none has, those that have two. */
struct whole {
	double turn[STAT_TURNS], swap[STAT_TURNS];
	uint32_t turns;
};

static void
add_whole(struct whole *w, const double *by, int choices)
{
	double *sum = choices == STAT_TURNS ? w->turn : w->swap;
	int k;

	for (k = 0; k < choices; k++)
		sum[k] += by[k];
	w->turns += choices == STAT_TURNS;
}

static double
whole_p(const struct whole *w)
{
	const double *sum = w->turns > 0 ? w->turn : w->swap;
	int k, hits = 0, choices = w->turns > 0 ? STAT_TURNS : 2;

	for (k = 0; k < choices; k++)
		hits += sum[k] >= sum[0] - 1e-9;
	return (double)hits / choices;
}

static double
upper(const struct drops *d, double sum)
{
	size_t i = (size_t)(2 * (long)d->n_all + lround(2 * sum));
	double p = 0;

	for (; i <= 4 * d->n_all; i++)
		p += d->share[i];
	return fmin(p, 1);
}

int
stat_replicate_case(const double (*x)[3], const int *twice, size_t n,
    int whole, struct stat_replicate_good *out)
{
	double *mem = calloc(8 * n + 2, sizeof(*mem));
	struct drops d = { mem, mem + 4 * n + 1, 0, n };
	struct whole w = { .turns = 0 };
	double by[STAT_TURNS], sum = 0;
	int k, choices;
	size_t i;

	*out = (struct stat_replicate_good){ .drop = NAN, .p = 1 };
	if (mem == NULL)
		return RC_NOMEM;
	d.share[2 * n] = 1;
	for (i = 0; i < n; i++) {
		count_good(x[i], twice[i], out);
		choices = stat_replicate_differ(x[i], twice[i], by);
		if (choices == 0)
			continue;
		out->n++;
		for (k = 0; k < choices; k++)
			by[k] = -by[k];
		sum += by[0];
		add_whole(&w, by, choices);
		convolve(&d, by, choices);
	}
	if (out->n > 0) {
		out->drop = sum / out->n;
		out->p = whole ? whole_p(&w) : upper(&d, sum);
	}
	free(mem);
	return RC_OK;
}
