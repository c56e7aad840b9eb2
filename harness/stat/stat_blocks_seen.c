/* What blocks of time can see; see stat_blocks.h. */
#include <math.h>

#include "harness/stat/stat_blocks.h"
#include "harness/stat/stat_dist.h"

#define SURELY .98		/* 49 in 50 */

double
stat_blocks_seen(const struct stat_blocks *b, const struct stat_block_test *t,
    double margin, double alpha)
{
	const struct stat_blocks_design d = { b->n_blocks, t->t.se, margin,
		b->floor, alpha };

	if (b->n_blocks < stat_blocks_least(b))
		return INFINITY;
	return stat_blocks_visible(&d, SURELY);
}

/* A statistic that rejects varies more: its own spread is estimated, too
 * (the variance of a noncentral t). */
static double
rejects(const struct stat_blocks_design *d, double df, double *spread)
{
	double t = dist_t_quantile(1 - d->alpha, df);

	*spread = sqrt(1 + t * t / (2 * df));
	return t;
}

double
stat_blocks_visible(const struct stat_blocks_design *d, double power)
{
	double df = (double)d->n_blocks - 1, sure, reject, spread;

	if (d->n_blocks < STAT_BLOCKS_GROWN_MIN || !isfinite(d->se))
		return INFINITY;
	sure = dist_t_quantile(power, df);
	reject = rejects(d, df, &spread) + sure * spread;
	return exp(fmax(log(d->margin) + d->se * sure, d->floor +
	    d->se * reject));
}

double
stat_blocks_power(const struct stat_blocks_design *d, double effect)
{
	double df = (double)d->n_blocks - 1, reject, spread, past;

	if (d->n_blocks < STAT_BLOCKS_GROWN_MIN || !isfinite(d->se))
		return 0;
	if (!(d->se > 0))
		return effect > d->margin && effect > 1;
	reject = rejects(d, df, &spread);
	past = (log(effect) - log(d->margin)) / d->se;
	return dist_t_cdf(fmin(past, ((log(effect) - d->floor) / d->se -
	    reject) / spread), df);
}
