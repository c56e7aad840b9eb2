/* What a suite can see; see plan_see.h. */
#include "harness/judge/plan_see.h"

#include <math.h>
#include <string.h>

#include "harness/judge/gate_test.h"
#include "harness/stat/stat_dist.h"

const double see_power[SEE_POWERS] = { .8, .98 };

static const double z95 = 1.959964;

/* ---- the noise of earlier runs ------------------------------------------- */

/* Pairs that flip each way without a change, from the width of Bonett and
 * Price's interval: the smaller of both ways is what chance did. */
static double
flips_each_way(const struct store_gate *g)
{
	double n = (double)g->n, se = g->noise / z95, all;

	all = (se * se * (n + 2) + g->value * g->value) * (n + 2) - 2;
	return fmax(0, (all / n - fabs(g->value)) / 2);
}

double
plan_see_sd(const struct gate_row *row, const struct store_gate *g)
{
	double root = sqrt((double)g->n);

	if (g->n == 0 || !isfinite(g->noise))
		return NAN;
	switch (row->how->kind) {
	case KIND_MEAN:
	case KIND_ABSOLUTE:
		return g->noise / z95 * root;
	case KIND_BODY:
	case KIND_P95:
	case KIND_RATIO:
		return (g->noise - 1) / z95 * root;
	case KIND_CASES:
		return flips_each_way(g);
	case KIND_RATE:
		return g->base;
	default:
		return NAN;
	}
}

enum { RUNS_MAX = 20 };

/* A rise of fast answers must be of so many nanoseconds too. */
static void
raise_margin(struct see_gate *s, const struct store_gate *h, size_t n,
    double floor_ns)
{
	if (n > 0 && h[0].base > 0)
		s->margin = fmax(s->margin, 1 + floor_ns / h[0].base);
}

/* Root of the mean square over earlier runs: those that passed, since a
 * broken candidate is noisier than chance; where none did, all. */
static int
measured_sd(const struct see_in *in, struct store *store,
    struct see_gate *s, struct err *err)
{
	const struct store_past past = { .suite_name = in->suite->name,
		.gate = s->row->name };
	struct store_gate h[RUNS_MAX];
	double sd, sum[2] = { 0, 0 };
	size_t n = 0, k[2] = { 0, 0 }, i;
	int passed, rc;

	if (store == NULL)
		return RC_OK;
	rc = store_gate_history(store, &past, h, RUNS_MAX, &n, err);
	if (rc != RC_OK)
		return rc;
	if (s->row->how->kind == KIND_BODY)
		raise_margin(s, h, n, in->suite->limits.latency_body_floor_ns);
	else if (s->row->how->kind == KIND_P95)
		raise_margin(s, h, n, in->suite->limits.latency_p95_floor_ns);
	for (i = 0; i < n; i++) {
		sd = plan_see_sd(s->row, &h[i]);
		if (!isfinite(sd))
			continue;
		passed = strcmp(h[i].run_verdict, "PASS") == 0;
		sum[passed] += sd * sd;
		k[passed]++;
	}
	passed = k[1] > 0;
	if (k[passed] == 0)
		return RC_OK;
	s->runs = k[passed];
	s->sd = sqrt(sum[passed] / (double)k[passed]);
	return RC_OK;
}

/* ---- what it sees ------------------------------------------------------- */

/* At least k of n cases, and so many that signs alone reject at alpha; above
 * n: there are not so many. */
static uint64_t
hits_needed(double alpha, uint64_t n, uint64_t k)
{
	while (k <= n && pow(.5, (double)k) > alpha)
		k++;
	return k;
}

/* The share of cases that must be hit so that, with this power, enough of
 * them are. */
static double
hit_share(double alpha, uint64_t n, uint64_t k, double power)
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
	const struct limits *l = &in->suite->limits;

	return (struct stat_design){ s->row->class == GATE_HARD ? l->hard_p :
	    l->alpha / gate_family(in->own, in->n_own), s->margin, s->sd };
}

/* More than one case, or request, in twenty must lie beyond the limit. */
static uint64_t
tail_rank(const struct see_gate *s)
{
	return s->n - stat_quantile_rank((size_t)s->n, .95) + 1;
}

/* How many cases show a harm: each of so many, with one probability. */
struct hits {
	uint64_t of;
	double p;
};

static double
chance_of(const struct hits *h, uint64_t k)
{
	if (h->p >= 1)
		return k == h->of;
	return h->p > 0 ? exp(dist_binom_log(h->of, k, h->p)) : k == 0;
}

/*
 * McNemar, where k pairs change for the worse and chance adds as many each
 * way as it does without a change; more than FLIPS of one kind do not matter.
 */
static double
power_counts(const struct see_gate *s, const struct stat_design *d,
    const struct hits *h)
{
	enum { FLIPS = 40 };
	const struct hits noise = { s->n, d->sd };
	double power = 0, p;
	uint64_t k, worse, better;

	for (k = 0; k <= h->of; k++) {
		for (worse = 0; worse < FLIPS && worse <= s->n; worse++) {
			p = chance_of(h, k) * chance_of(&noise, worse);
			for (better = 0; better < FLIPS && better <= s->n &&
			    p > 1e-9; better++)
				power += stat_mcnemar(k + worse, better,
				    STAT_GREATER) <= d->alpha &&
				    (double)(k + worse) - (double)better >
				    d->margin * (double)s->n ?
				    p * chance_of(&noise, better) : 0;
		}
	}
	return fmin(1, power);
}

/*
 * Harm of one size to a share of the cases.  Turning signs leaves sizes, so
 * that the test compares the sum of k such cases with the root of the sum of
 * all squares, theirs and the noise's; the noise decides how often it is
 * reached, and chance how many are hit.
 */
static double
power_hits(const struct see_gate *s, const struct stat_design *d, double each,
    const struct hits *h)
{
	double n = (double)s->n, noise = sqrt(n) * d->sd, power = 0, need, k;
	double seen, z = dist_normal_quantile(1 - d->alpha);
	uint64_t i;

	for (i = 1; i <= h->of; i++) {
		k = (double)i;
		need = fmax(d->margin * n,
		    z * sqrt(k * each * each + noise * noise));
		seen = noise > 0 ?
		    dist_normal_cdf((k * each - need) / noise) :
		    k * each > need;
		power += chance_of(h, i) * seen;
	}
	return fmin(1, power);
}

/*
 * Shares are all or nothing: a mean drop of a tenth is one case in ten that
 * lost everything, and so many must be hit that the test can tell.
 */
static double
visible_mean(const struct see_gate *s, const struct stat_design *d,
    double power)
{
	double even = stat_visible(d, (size_t)s->n, power), lo = 0, hi = 1;
	struct hits h = { s->n, 1 };
	int i;

	if (strcmp(s->row->unit, "share") != 0)
		return even;
	if (power_hits(s, d, 1, &h) < power)
		return INFINITY;
	for (i = 0; i < 40; i++) {
		h.p = (lo + hi) / 2;
		if (power_hits(s, d, 1, &h) >= power)
			hi = h.p;
		else
			lo = h.p;
	}
	return fmax(even, hi);
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
	return hit_share(1, s->n, k, power);
}

static double
visible(const struct see_in *in, const struct see_gate *s, double power)
{
	struct stat_design d = design_of(in, s);

	if (s->n < s->row->how->min_n || s->n == 0)
		return INFINITY;
	if (isnan(s->sd))
		return NAN;
	switch (s->row->how->kind) {
	case KIND_TAIL:
		return hit_share(d.alpha, s->n, tail_rank(s), power);
	case KIND_PASS_RATE:
		/* the share itself decides */
		return hit_share(1, s->n, (uint64_t)((double)s->n *
		    (1 - s->margin) + 1e-9) + 1, power);
	case KIND_RATE:
		if (!in->paired)
			return visible_alone(s, d.alpha, power);
		return stat_visible_mcnemar(&d, (size_t)s->n, power);
	case KIND_CASES:
		return stat_visible_mcnemar(&d, (size_t)s->n, power);
	case KIND_BODY:
	case KIND_P95:
		d.margin = log(s->margin);
		return exp(stat_visible(&d, (size_t)s->n, power));
	case KIND_RATIO:
		d.margin = s->margin - 1;
		return 1 + stat_visible(&d, (size_t)s->n, power);
	case KIND_ABSOLUTE:
		d.margin = 0;
		return stat_visible(&d, (size_t)s->n, power);
	default:
		return visible_mean(s, &d, power);
	}
}

double
plan_see_power(const struct see_in *in, const struct see_gate *s,
    const struct see_harm *x)
{
	struct stat_design d = design_of(in, s);
	struct hits h = { x->of > 0 ? x->of : s->n, x->share };
	uint64_t k;

	if (s->n < s->row->how->min_n || s->n == 0 || !(x->share > 0) ||
	    isnan(s->sd))
		return 0;
	if (x->of > 0)
		h.p = fmin(1, x->share * (double)s->n / (double)x->of);
	switch (s->row->how->kind) {
	case KIND_TAIL:
		k = hits_needed(d.alpha, s->n, tail_rank(s));
		return k > h.of ? 0 : dist_binom_upper(h.of, k, h.p);
	case KIND_CASES:
		return x->of > 0 ? power_counts(s, &d, &h) :
		    stat_power_mcnemar(&d, (size_t)s->n, x->effect);
	case KIND_RATE:
		return stat_power_mcnemar(&d, (size_t)s->n, x->effect);
	case KIND_P95:
		/* a few that are much slower move it by a leap, once enough
		 * of them are drawn */
		if (x->share < 1)
			return dist_binom_upper(s->n, tail_rank(s), x->share);
		d.margin = log(s->margin);
		return stat_power(&d, (size_t)s->n, log(x->effect));
	case KIND_BODY:
		d.margin = log(s->margin);
		return stat_power(&d, (size_t)s->n, log(x->effect));
	case KIND_RATIO:
		d.margin = s->margin - 1;
		return stat_power(&d, (size_t)s->n, x->effect - 1);
	case KIND_ABSOLUTE:
		d.margin = 0;
		return stat_power(&d, (size_t)s->n, x->effect);
	default:
		return x->share < 1 ?
		    power_hits(s, &d, x->effect / x->share, &h) :
		    stat_power(&d, (size_t)s->n, x->effect);
	}
}

static double
strict_n(const struct see_gate *s)
{
	struct stat_design d = { GATE_STRICT_ALPHA, s->margin, s->sd };

	switch (s->row->how->kind) {
	case KIND_BODY:
	case KIND_P95:
		d.margin = log(s->margin);
		break;
	case KIND_RATIO:
		d.margin = s->margin - 1;
		break;
	case KIND_CASES:
		d.sd = sqrt(2 * s->sd);
		break;
	case KIND_RATE:
		d.sd = sqrt(s->sd * (1 - s->sd));
		d.margin = fmax(0, s->margin - s->sd);
		break;
	case KIND_MEAN:
		break;
	default:
		return gate_strict_n(s->row, d.margin);
	}
	return fmax(gate_strict_n(s->row, d.margin), stat_n_strict(&d, .5));
}

static uint64_t
units(const struct see_in *in, const struct gate_row *row)
{
	const uint64_t of[] = {
		[GATE_OF_ALL] = in->plan->n_cases,
		[GATE_OF_GOLD] = in->n_gold,
		[GATE_OF_UNANSWERABLE] = in->n_unanswerable,
	};

	if (row->how->kind == KIND_P95 || row->how->kind == KIND_RATE)
		return in->plan->n_items;
	return of[row->how->of];
}

static int
applies(const struct see_in *in, const struct gate_row *row)
{
	const struct gate_in rows = { .limits = &in->suite->limits };
	enum gate_kind kind = row->how->kind;
	int levels = kind == KIND_ABSOLUTE || kind == KIND_PASS_RATE;

	if (gate_is_off(&rows, row) || row->class == GATE_INFO ||
	    (row->how->pair != NULL && in->paired))
		return 0;
	if (!in->paired)
		return levels || row->how->kind == KIND_RATE;
	if (levels || (row->how->kind == KIND_RATIO && !in->priced))
		return 0;
	return in->latency ||
	    (row->how->kind != KIND_BODY && row->how->kind != KIND_P95);
}

int
plan_see(const struct see_in *in, struct store *store,
    struct see_gate *out, size_t *n, struct err *err)
{
	const struct gate_in rows = { .own = in->own, .n_own = in->n_own };
	const struct limits *l = &in->suite->limits;
	const struct gate_row *row;
	struct see_gate *s;
	size_t k;
	int i, rc = RC_OK;

	*n = 0;
	for (k = 0; (row = gate_row_at(&rows, k)) != NULL && rc == RC_OK;
	    k++) {
		if (!applies(in, row) || units(in, row) == 0)
			continue;
		s = &out[(*n)++];
		memset(s, 0, sizeof(*s));
		s->row = row;
		s->unit = row->how->kind == KIND_TAIL ? "share" : row->unit;
		s->n = units(in, row);
		s->margin = *(const double *)(const void *)
		    ((const char *)l + row->limit) +
		    (strcmp(row->unit, "ratio") == 0);
		/* what a scorer says has no typical noise */
		s->sd = row->own > 0 ? NAN : row->how->typical;
		s->strict_n = NAN;
		rc = measured_sd(in, store, s, err);
		for (i = 0; i < SEE_POWERS; i++) {
			s->visible[i] = visible(in, s, see_power[i]);
			s->slow[i] = row->how->kind != KIND_P95 ||
			    s->n < row->how->min_n ? NAN : hit_share(1, s->n,
			    tail_rank(s), see_power[i]);
		}
		if (l->strict &&
		    (row->how->kind != KIND_ABSOLUTE || !in->paired))
			s->strict_n = strict_n(s);
	}
	return rc;
}
