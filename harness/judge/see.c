/* How kinds of gates predict what they can see; see see.h. */
#include "harness/judge/see.h"

#include <math.h>
#include <string.h>

#include "harness/judge/gate_part.h"
#include "harness/judge/sight.h"
#include "harness/stat/stat_blocks.h"
#include "harness/stat/stat_dist.h"

static const double z95 = 1.959964;

/* ---- the noise of earlier runs ------------------------------------------- */

double
see_spread_mean(const struct store_gate *g)
{
	return g->noise / z95 * sqrt((double)g->n);
}

double
see_spread_ratio(const struct store_gate *g)
{
	return (g->noise - 1) / z95 * sqrt((double)g->n);
}

double
see_spread_rate(const struct store_gate *g)
{
	return g->base;
}

/* ---- how many are hit ---------------------------------------------------- */

/* At least k of n cases, and so many that signs alone reject at alpha; above
 * n: there are not so many. */
static uint64_t
hits_needed(double alpha, uint64_t n, uint64_t k)
{
	while (k <= n && pow(.5, (double)k) > alpha)
		k++;
	return k;
}

double
see_hit_share(double alpha, uint64_t n, uint64_t k, double power)
{
	double lo = 0, hi = 1, mid;
	int i;

	k = hits_needed(alpha, n, k);
	if (k > n)
		return INFINITY;
	for (i = 0; i < 40; i++) {
		mid = (lo + hi) / 2;
		if (dist_binom_upper(n, k, mid) >= power)
			hi = mid;
		else
			lo = mid;
	}
	return hi;
}

static struct stat_design
design_of(const struct see_in *in, const struct see_gate *s)
{
	return (struct stat_design){ gate_alpha_of(&in->suite->limits,
	    s->row, in->family, in->paired),
	    s->margin, s->sd };
}

uint64_t
see_tail_rank(const struct see_gate *s)
{
	return s->n - stat_quantile_rank((size_t)s->n, .95) + 1;
}

/* How many cases show a harm: each of so many, with one probability. */
struct hits {
	uint64_t of;
	double p;
};

static struct hits
hits_of(const struct see_gate *s, const struct see_harm *x)
{
	struct hits h = { x->of > 0 ? x->of : s->n, x->share };

	if (x->of > 0)
		h.p = fmin(1, x->share * (double)s->n / (double)x->of);
	return h;
}

static double
chance_of(const struct hits *h, uint64_t k)
{
	if (h->p >= 1)
		return k == h->of;
	return h->p > 0 ? exp(dist_binom_log(h->of, k, h->p)) : k == 0;
}

/* ---- the replicate test -------------------------------------------------- */

enum { WORLDS = 99 };

/* Noise of equal stacks, as a normal sum. */
struct noise {
	double sd;
	double world[WORLDS];
};

static double
tail(const void *ctx, double x)
{
	const struct noise *m = ctx;

	if (m->sd > 0)
		return dist_normal_cdf(-x / m->sd);
	return x <= 1e-9;
}

static struct sight
sight_of(const struct see_in *in, const struct see_gate *s, struct noise *m)
{
	const struct stat_design d = design_of(in, s);
	int i;

	m->sd = s->sd * sqrt((double)s->n);
	for (i = 0; i < WORLDS; i++)
		m->world[i] = m->sd > 0 ? m->sd *
		    dist_normal_quantile((i + .5) / WORLDS) : 0;
	return (struct sight){ .tail = tail, .ctx = m, .world = m->world,
		.n_world = WORLDS, .n = (double)s->n,
		.per_case = in->plan->per_case, .margin = s->margin,
		.alpha = d.alpha,
		.inconclusive_p = in->suite->limits.inconclusive_p };
}

double
see_visible_replicate(const struct see_in *in, const struct see_gate *s,
    double power)
{
	const struct stat_design d = design_of(in, s);
	struct noise m;
	struct sight sight = sight_of(in, s, &m);

	if (strcmp(s->row->unit, "share") == 0)
		return sight_sure_cases(&sight, 1, power) / (double)s->n;
	return stat_visible(&d, (size_t)s->n, power);
}

double
see_hidden_replicate(const struct see_in *in, const struct see_gate *s,
    double chance)
{
	struct noise m;
	struct sight sight = sight_of(in, s, &m);

	return strcmp(s->row->unit, "share") == 0 ?
	    sight_hidden_cases(&sight, 1, chance) / (double)s->n :
	    sight_hidden_even(&sight, 2, chance);
}

double
see_power_replicate(const struct see_in *in, const struct see_gate *s,
    const struct see_harm *x)
{
	const struct stat_design d = design_of(in, s);
	const struct hits h = hits_of(s, x);
	struct noise m;
	struct sight sight = sight_of(in, s, &m);
	struct sight_loss loss = { 0, x->effect / x->share };
	double power = 0, p;
	uint64_t k;

	if (x->share >= 1)
		return stat_power(&d, (size_t)s->n, x->effect);
	for (k = 1; k <= h.of; k++) {
		p = chance_of(&h, k);
		loss.cases = (double)k;
		if (p > 1e-9)
			power += p * sight_fail(&sight, &loss);
	}
	return fmin(1, power);
}

/* ---- tails, shares, rates ------------------------------------------------ */

double
see_visible_tail(const struct see_in *in, const struct see_gate *s,
    double power)
{
	return see_hit_share(design_of(in, s).alpha, s->n, see_tail_rank(s),
	    power);
}

double
see_power_tail(const struct see_in *in, const struct see_gate *s,
    const struct see_harm *x)
{
	const struct hits h = hits_of(s, x);
	uint64_t k = hits_needed(design_of(in, s).alpha, s->n,
	    see_tail_rank(s));

	return k > h.of ? 0 : dist_binom_upper(h.of, k, h.p);
}

double
see_visible_share(const struct see_in *in, const struct see_gate *s,
    double power)
{
	(void)in;
	/* the share itself decides */
	return see_hit_share(1, s->n, (uint64_t)((double)s->n *
	    (1 - s->margin) + 1e-9) + 1, power);
}

/* A rate without a baseline: so many failures that chance does not explain
 * them at the limit (exact binomial). */
static double
visible_alone(const struct see_gate *s, double alpha, double power)
{
	uint64_t k = 1;

	while (k <= s->n && ((double)k <= s->margin * (double)s->n ||
	    dist_binom_upper(s->n, k, s->margin) > alpha))
		k++;
	return see_hit_share(1, s->n, k, power);
}

double
see_visible_rate(const struct see_in *in, const struct see_gate *s,
    double power)
{
	const struct stat_design d = design_of(in, s);

	return in->paired ? stat_visible_mcnemar(&d, (size_t)s->n, power) :
	    visible_alone(s, d.alpha, power);
}

double
see_power_rate(const struct see_in *in, const struct see_gate *s,
    const struct see_harm *x)
{
	const struct stat_design d = design_of(in, s);

	return stat_power_mcnemar(&d, (size_t)s->n, x->effect);
}

/*
 * What is neither FAIL nor INCONCLUSIVE is PASS, so what still PASSes is what
 * FAILs at the level of INCONCLUSIVE; of hard stops there is none.
 */
static struct stat_design
design_of_pass(const struct see_in *in, const struct see_gate *s)
{
	struct stat_design d = design_of(in, s);

	if (s->row->class != GATE_HARD)
		d.alpha = in->suite->limits.inconclusive_p;
	return d;
}

double
see_hidden_tail(const struct see_in *in, const struct see_gate *s,
    double chance)
{
	return see_hit_share(design_of_pass(in, s).alpha, s->n,
	    see_tail_rank(s), 1 - chance);
}

double
see_hidden_rate(const struct see_in *in, const struct see_gate *s,
    double chance)
{
	const struct stat_design d = design_of_pass(in, s);

	return in->paired ? stat_visible_mcnemar(&d, (size_t)s->n,
	    1 - chance) : visible_alone(s, d.alpha, 1 - chance);
}

/* ---- levels and ratios --------------------------------------------------- */

double
see_visible_level(const struct see_in *in, const struct see_gate *s,
    double power)
{
	struct stat_design d = design_of(in, s);

	d.margin = 0;
	return stat_visible(&d, (size_t)s->n, power);
}

double
see_power_level(const struct see_in *in, const struct see_gate *s,
    const struct see_harm *x)
{
	struct stat_design d = design_of(in, s);

	d.margin = 0;
	return stat_power(&d, (size_t)s->n, x->effect);
}

/* What is tested is more than a floor: from there on it is a mean's test. */
static struct stat_design
from_floor(const struct see_in *in, const struct see_gate *s, double *floor)
{
	struct stat_design d = design_of(in, s);

	*floor = gate_test_floor(s->row, s->margin);
	d.margin = s->row->how->kind->scale(s->margin) - *floor;
	return d;
}

double
see_visible_scaled(const struct see_in *in, const struct see_gate *s,
    double power)
{
	double floor_at;
	struct stat_design d = from_floor(in, s, &floor_at);

	return s->row->how->kind->unscale(stat_visible(&d, (size_t)s->n,
	    power) + floor_at);
}

double
see_hidden_scaled(const struct see_in *in, const struct see_gate *s,
    double chance)
{
	const struct gate_kind *kind = s->row->how->kind;
	struct stat_design d = design_of_pass(in, s);

	d.margin = kind->scale(s->margin);
	return kind->unscale(stat_visible(&d, (size_t)s->n, 1 - chance));
}

double
see_power_scaled(const struct see_in *in, const struct see_gate *s,
    const struct see_harm *x)
{
	double floor_at;
	struct stat_design d = from_floor(in, s, &floor_at);

	return stat_power(&d, (size_t)s->n,
	    s->row->how->kind->scale(x->effect) - floor_at);
}

/* ---- latency ------------------------------------------------------------- */

static struct stat_blocks_design
blocks_of(const struct see_in *in, const struct see_gate *s)
{
	return (struct stat_blocks_design){ s->blocks, s->sd /
	    sqrt((double)s->n), s->margin,
		gate_test_floor(s->row, s->margin), design_of(in, s).alpha };
}

double
see_visible_blocks(const struct see_in *in, const struct see_gate *s,
    double power)
{
	const struct stat_blocks_design d = blocks_of(in, s);

	return stat_blocks_visible(&d, power);
}

double
see_hidden_blocks(const struct see_in *in, const struct see_gate *s,
    double chance)
{
	struct stat_blocks_design d = blocks_of(in, s);

	d.alpha = fmin(LIMITS_AGAIN_P, in->suite->limits.inconclusive_p);
	return stat_blocks_visible(&d, 1 - chance);
}

double
see_power_blocks(const struct see_in *in, const struct see_gate *s,
    const struct see_harm *x)
{
	const struct stat_blocks_design d = blocks_of(in, s);

	return stat_blocks_power(&d, x->effect);
}

/* A few that are much slower move a quantile by a leap, once enough of them
 * are drawn. */
double
see_power_p95(const struct see_in *in, const struct see_gate *s,
    const struct see_harm *x)
{
	return x->share < 1 ? dist_binom_upper(s->n, see_tail_rank(s),
	    x->share) : see_power_blocks(in, s, x);
}
