/* What the replicate test can see; see sight.h. */
#include "harness/judge/sight.h"

#include <math.h>

#include "harness/stat/stat_dist.h"

/* Of m variants that lost, the share in which relabeling keeps the loss with
 * the candidate. */
static const double keep = 1.0 / 3;

/* What relabelings may leave with the candidate of one loss, and how likely
 * each is: the same for every world. */
enum { POINTS_MAX = 700 };	/* 16 sd + 16 at the most sd of one step, 40 */
struct points {
	size_t n;
	double size;		/* of the loss of a variant */
	struct {
		double moved, p;
	} v[POINTS_MAX];
};

/* A variant relabeled either other way shows minus half of its loss. */
static void
points_of(const struct sight *s, const struct sight_loss *x,
    struct points *out)
{
	double m = floor(x->cases * s->per_case + .5);
	double sd = sqrt(m * keep * (1 - keep)), j, from, to, step;
	size_t k;

	out->n = 0;
	out->size = x->each / s->per_case;
	if (!(m > 0))
		return;
	/* what is further out does not matter */
	from = fmax(0, floor(m * keep - 7 * sd - 7));
	to = fmin(m, ceil(m * keep + 9 * sd + 9));
	/* of very many a few points of so smooth a curve will do */
	step = fmax(1, floor(sd / 20));
	for (k = 0; k < POINTS_MAX; k++) {
		j = from + step * (double)k;
		if (j > to)
			break;
		out->v[out->n].moved = 1.5 * j - .5 * m;
		out->v[out->n++].p = step * exp(dist_binom_log((uint64_t)m,
		    (uint64_t)j, keep));
	}
}

/* P(noise + what relabelings make of the loss >= value). */
static double
p_of(const struct sight *s, const struct points *x, double value)
{
	double p = 0;
	size_t k;

	if (x->n == 0)
		return s->tail(s->ctx, value);
	for (k = 0; k < x->n; k++)
		p += x->v[k].p * s->tail(s->ctx, value - x->size *
		    x->v[k].moved);
	return p;
}

/* Worlds from this one on have p up to a level: the p falls with the sum. */
static size_t
first_below(const struct sight *s, const struct sight_loss *x, double level)
{
	double loss = x->cases * x->each;
	size_t lo = 0, hi = s->n_world, mid;
	struct points points;

	points_of(s, x, &points);
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (p_of(s, &points, s->world[mid] + loss) <= level)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* Worlds from this one on are beyond the margin. */
static size_t
first_beyond(const struct sight *s, const struct sight_loss *x)
{
	double loss = x->cases * x->each, limit = s->margin * s->n;
	size_t i;

	for (i = 0; i < s->n_world; i++) {
		if (s->world[i] + loss > limit * (1 + 1e-9))
			break;
	}
	return i;
}

static size_t
larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

double
sight_fail(const struct sight *s, const struct sight_loss *x)
{
	size_t beyond = first_beyond(s, x);

	if (beyond == s->n_world)
		return 0;
	beyond = larger(beyond, first_below(s, x, s->alpha));
	return (double)(s->n_world - beyond) / (double)s->n_world;
}

double
sight_pass(const struct sight *s, const struct sight_loss *x)
{
	size_t beyond = first_beyond(s, x);

	if (beyond < s->n_world)
		beyond = larger(beyond, first_below(s, x, s->inconclusive_p));
	return (double)beyond / (double)s->n_world;
}

double
sight_sure_cases(const struct sight *s, double each, double power)
{
	double lo = 0, hi = floor(s->n), mid;
	struct sight_loss x = { hi, each };

	if (hi < 1 || sight_fail(s, &x) < power)
		return INFINITY;
	while (hi - lo > 1) {
		mid = x.cases = floor((lo + hi) / 2);
		if (sight_fail(s, &x) >= power)
			hi = mid;
		else
			lo = mid;
	}
	return hi;
}

double
sight_hidden_cases(const struct sight *s, double each, double chance)
{
	double lo = 0, hi = floor(s->n), mid;
	struct sight_loss x = { hi, each };

	if (sight_pass(s, &x) >= chance)
		return hi;
	while (hi - lo > 1) {
		mid = x.cases = floor((lo + hi) / 2);
		if (sight_pass(s, &x) >= chance)
			lo = mid;
		else
			hi = mid;
	}
	return lo;
}

enum { STEPS = 30 };

double
sight_sure_even(const struct sight *s, double most, double power)
{
	struct sight_loss x = { s->n, most };
	double lo = 0, hi = most;
	int i;

	if (sight_fail(s, &x) < power)
		return INFINITY;
	for (i = 0; i < STEPS; i++) {
		x.each = (lo + hi) / 2;
		if (sight_fail(s, &x) >= power)
			hi = x.each;
		else
			lo = x.each;
	}
	return hi;
}

double
sight_hidden_even(const struct sight *s, double most, double chance)
{
	struct sight_loss x = { s->n, most };
	double lo = 0, hi = most;
	int i;

	if (sight_pass(s, &x) >= chance)
		return most;
	for (i = 0; i < STEPS; i++) {
		x.each = (lo + hi) / 2;
		if (sight_pass(s, &x) >= chance)
			lo = x.each;
		else
			hi = x.each;
	}
	return lo;
}
