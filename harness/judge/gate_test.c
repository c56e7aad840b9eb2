/* How a gate measures: see gate_test.h. One function a kind of gate. */
#include "harness/judge/gate_test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/rng.h"
#include "harness/score/cells.h"
#include "harness/stat/stat.h"
#include "harness/stat/stat_dist.h"

/* Of a one-sided bound of level 1 - GATE_STRICT_ALPHA. */
#define STRICT_CONF (1 - GATE_STRICT_ALPHA)
#define TWO_SIDED (1 - 2 * GATE_STRICT_ALPHA)

static int
swapped(const struct gate_in *in, uint64_t i)
{
	return in->swap != NULL && (in->swap[i / 32] >> (i % 32) & 1) != 0;
}

int
gate_looks_at(const struct gate_in *in, uint64_t i)
{
	return in->only == NULL || (in->only[i / 32] >> (i % 32) & 1) != 0;
}

/* The first case from i on that is looked at; n or more: none. */
static uint64_t
next_case(const struct gate_in *in, uint64_t i, uint64_t n)
{
	uint32_t left;

	while (in->only != NULL && i < n) {
		left = in->only[i / 32] >> (i % 32);
		if (left != 0)
			return i + (uint64_t)__builtin_ctz(left);
		i = (i / 32 + 1) * 32;
	}
	return i;
}

/* What one pass over the cells gives. */
struct column {
	double *d;		/* effects, NaN left out */
	size_t n;
	double base, cand;	/* mean levels over the same cases */
};

/* Which arms of a case have what a row is about. */
static void
count_arms(const struct gate_row *row, const struct cell *c, int flip,
    struct gate_seen *seen)
{
	seen->has[0] += isfinite(row->how->level(c, flip)) != 0;
	seen->has[1] += isfinite(row->how->level(c, !flip)) != 0;
}

static int
load(const struct gate_in *in, const struct gate_row *row,
    struct column *col, struct gate_seen *seen, struct err *err)
{
	const struct cells *cells = in->score->cells;
	uint64_t n = cells_n(cells), i;
	double d, base = 0, cand = 0;
	int flip;

	memset(col, 0, sizeof(*col));
	col->base = col->cand = NAN;
	col->d = malloc(((size_t)n + 1) * sizeof(*col->d));
	if (col->d == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = next_case(in, 0, n); i < n; i = next_case(in, i + 1, n)) {
		const struct cell *c = cells_get(cells, i);

		flip = swapped(in, i);
		if (row->how->level != NULL)
			count_arms(row, c, flip, seen);
		d = row->how->effect(c);
		if (isnan(d))
			continue;
		col->d[col->n++] = flip ? -d : d;
		if (row->how->level != NULL) {
			base += row->how->level(c, flip);
			cand += row->how->level(c, !flip);
		}
	}
	if (row->how->level != NULL && col->n > 0) {
		col->base = base / (double)col->n;
		col->cand = cand / (double)col->n;
	}
	return RC_OK;
}

static double
mean(const double *d, size_t n)
{
	double sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += d[i];
	return n == 0 ? NAN : sum / (double)n;
}

static struct stat_draw
draw_of(const struct gate_in *in, const struct gate_row *row)
{
	struct stat_draw draw = { 0 };

	draw.seed = in->seed;
	draw.stream = rng_seed_from(row->name, strlen(row->name));
	/* 200 relabellings of a large suite need no finer p than this */
	if (in->swap != NULL && cells_n(in->score->cells) >= 5000)
		draw.b = 999;
	return draw;
}

/* Whether a hard stop that borrows this gate's p is beyond its limit. */
static int
lends_p(const struct gate_in *in, const struct gate_row *row, double cand)
{
	const struct gate_row *x;
	double limit;
	size_t i;

	for (i = 0; (x = gate_row_at(in, i)) != NULL; i++) {
		if (x->how->pair == NULL ||
		    strcmp(x->how->pair, row->name) != 0)
			continue;
		limit = *(const double *)(const void *)
		    ((const char *)in->limits + x->limit);
		return gate_higher_is_worse(x) ? cand > limit :
		    cand < limit;
	}
	return 0;
}

/* In a relabelling an effect within its margin needs no test: with p = 1 it
 * stays one of the family that Holm adjusts. */
static int
needs_test(const struct gate_in *in, const struct gate_row *row,
    const struct result_gate *g)
{
	return in->swap == NULL || g->value > g->limit ||
	    lends_p(in, row, g->cand);
}

/* The level of one test when all of the family are judged together. */
static double
level(const struct gate_in *in)
{
	return in->limits->alpha / (double)gate_family(in->own, in->n_own);
}

static void
fill(struct result_gate *g, const struct stat_test *t)
{
	g->p = t->p;
	g->ci[0] = t->lo;
	g->ci[1] = t->hi;
	g->noise = (t->hi - t->lo) / 2;
}

static void
fill_visible(const struct gate_in *in, struct result_gate *g,
    const struct stat_test *t)
{
	struct stat_design d = { level(in), g->limit, stat_sd_of(t) };

	g->visible = stat_visible(&d, t->n, GATE_POWER);
}

static int
measure_mean(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct gate_seen *seen, struct err *err)
{
	struct stat_draw draw = draw_of(in, row);
	struct stat_test *t = &seen->t;
	struct column col;
	int rc = load(in, row, &col, seen, err);

	if (rc == RC_OK && col.n > 0) {
		g->n = col.n;
		g->value = mean(col.d, col.n);
		g->base = col.base;
		g->cand = col.cand;
		g->test = "sign-flip permutation";
		if (needs_test(in, row, g)) {
			rc = stat_signflip_mean(col.d, col.n, &draw,
			    STAT_GREATER, t);
			fill(g, t);
			fill_visible(in, g, t);
		} else {
			g->p = 1;
		}
		if (rc == RC_OK && gate_strict(in, row))
			rc = stat_strict_bound(col.d, col.n, row->how->worst,
			    STRICT_CONF, &seen->bound);
	}
	free(col.d);
	return rc;
}

/*
 * The estimate is the 95th percentile; the test counts how many cases lie
 * beyond the limit against its mirror image, because the quantile's own sign
 * flip cannot reject at .005 below 140 cases.
 */
static int
measure_tail(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct gate_seen *seen, struct err *err)
{
	struct stat_test *t = &seen->t;
	struct column col;
	size_t lo, hi;
	int rc = load(in, row, &col, seen, err);

	if (rc == RC_OK && col.n > 0) {
		g->n = col.n;
		g->test = "sign-flip of the tail";
		rc = stat_signflip_tail(col.d, col.n, g->limit, STAT_GREATER,
		    t);
		g->p = t->p;
		stat_sort(col.d, col.n);
		g->value = stat_quantile(col.d, col.n, .95);
		stat_quantile_ci(col.n, .95, .95, &lo, &hi);
		g->ci[0] = lo >= 1 ? col.d[lo - 1] : NAN;
		g->ci[1] = hi <= col.n ? col.d[hi - 1] : NAN;
		stat_quantile_ci(col.n, .95, TWO_SIDED, &lo, &hi);
		seen->bound = hi <= col.n ? col.d[hi - 1] : NAN;
	}
	free(col.d);
	return rc;
}

static int
measure_info(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct gate_seen *seen, struct err *err)
{
	struct column col;
	int rc = load(in, row, &col, seen, err);

	if (rc == RC_OK && col.n > 0) {
		stat_sort(col.d, col.n);
		g->n = col.n;
		g->value = stat_quantile(col.d, col.n, .5);
	}
	free(col.d);
	return rc;
}

/* The levels of both arms, of cases that have both. */
static int
load_levels(const struct gate_in *in, const struct gate_row *row,
    double **a, double **b, size_t *n, struct gate_seen *seen,
    struct err *err)
{
	uint64_t cases = cells_n(in->score->cells), i;
	double x, y;
	int flip;

	*n = 0;
	*a = malloc(((size_t)cases + 1) * sizeof(**a));
	*b = malloc(((size_t)cases + 1) * sizeof(**b));
	if (*a == NULL || *b == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = next_case(in, 0, cases); i < cases;
	    i = next_case(in, i + 1, cases)) {
		const struct cell *c = cells_get(in->score->cells, i);

		flip = swapped(in, i);
		count_arms(row, c, flip, seen);
		x = row->how->level(c, flip);
		y = row->how->level(c, !flip);
		if (!isfinite(x) || !isfinite(y))
			continue;
		(*a)[*n] = x;
		(*b)[(*n)++] = y;
	}
	return RC_OK;
}

static int
measure_ratio(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct gate_seen *seen, struct err *err)
{
	struct stat_draw draw = draw_of(in, row);
	struct stat_test *t = &seen->t;
	struct stat_pairs pairs;
	struct stat_design d;
	double *a, *b;
	int rc = load_levels(in, row, &a, &b, &pairs.n, seen, err);

	pairs.a = a;
	pairs.b = b;
	if (rc == RC_OK && pairs.n > 0 && mean(a, pairs.n) > 0) {
		g->n = pairs.n;
		g->base = mean(a, pairs.n);
		g->cand = mean(b, pairs.n);
		g->value = g->cand / g->base;
		g->test = "sign-flip permutation";
		if (needs_test(in, row, g)) {
			rc = stat_signflip_ratio(&pairs, &draw, STAT_GREATER,
			    t);
			fill(g, t);
			g->noise += 1;
			d = (struct stat_design){ level(in), g->limit - 1,
			    stat_sd_of(t) };
			g->visible = 1 + stat_visible(&d, t->n, GATE_POWER);
			seen->bound = t->upper;
		} else {
			g->p = 1;
		}
	}
	free(a);
	free(b);
	return rc;
}

void
gate_raise_limit(struct result_gate *g, double floor_ns)
{
	if (g->base > 0)
		g->limit = fmax(g->limit, 1 + floor_ns / g->base);
}

/* From the scale of ln(ratio), where latency is tested, to the ratio. */
static void
fill_ln(const struct gate_in *in, struct result_gate *g,
    const struct stat_test *t, double sd)
{
	struct stat_design d = { level(in), log(g->limit), sd };

	g->p = t->p;
	g->noise = 1 + (g->ci[1] - g->ci[0]) / 2;
	g->visible = exp(stat_visible(&d, t->n, GATE_POWER));
}

/*
 * It does when most averages of two values (i <= j) do.  O(n), and far
 * quicker than the estimate, of which 200 relabellings would need as many.
 */
int
gate_walsh_above(const double *d, size_t n, double value)
{
	size_t above = 0, lo, hi = n;

	/* d[lo] has partners above 2 value - d[lo]: from hi on, and not
	 * before itself */
	for (lo = 0; lo < n; lo++) {
		while (hi > 0 && d[hi - 1] + d[lo] > 2 * value)
			hi--;
		above += n - (hi > lo ? hi : lo);
	}
	return above > n * (n + 1) / 4;
}

static int
measure_body(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct gate_seen *seen, struct err *err)
{
	struct stat_test *t = &seen->t;
	struct column col;
	int rc = load(in, row, &col, seen, err);

	if (rc != RC_OK || col.n == 0) {
		free(col.d);
		return rc;
	}
	g->n = col.n;
	g->test = "Wilcoxon signed-rank";
	g->base = in->score->arm[ARM_BASELINE].p50_ns;
	g->cand = in->score->arm[ARM_CANDIDATE].p50_ns;
	gate_raise_limit(g, in->limits->latency_body_floor_ns);
	if (in->swap != NULL)
		stat_sort(col.d, col.n);
	if (in->swap != NULL &&
	    !gate_walsh_above(col.d, col.n, log(g->limit))) {
		g->value = g->p = 1;	/* within its margin, wherever */
	} else {
		rc = stat_signed_rank(col.d, col.n, .95, STAT_GREATER, t);
		g->value = exp(t->estimate);
		g->ci[0] = exp(t->lo);
		g->ci[1] = exp(t->hi);
		fill_ln(in, g, t, stat_sd_of(t));
		seen->bound = exp(t->upper);
	}
	free(col.d);
	return rc;
}

/* Both arms' latencies, labels swapped where a relabelling says so. */
static int
load_pairs(const struct gate_in *in, double **a, double **b, size_t *n,
    struct err *err)
{
	const struct score_pairs *p = &in->score->pairs;
	size_t i;
	int flip;

	*n = 0;
	*a = malloc((p->n + 1) * sizeof(**a));
	*b = malloc((p->n + 1) * sizeof(**b));
	if (*a == NULL || *b == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < p->n; i++) {
		if (!gate_looks_at(in, p->case_index[i]))
			continue;
		flip = swapped(in, p->case_index[i]);
		(*a)[*n] = (double)(flip ? p->cand[i] : p->base[i]);
		(*b)[(*n)++] = (double)(flip ? p->base[i] : p->cand[i]);
	}
	return RC_OK;
}

/* The q-quantile of unsorted values, which are moved about (Hoare 1961). */
static double
select_quantile(double *v, size_t n, double q)
{
	size_t k = stat_quantile_rank(n, q) - 1, lo = 0, hi = n - 1, i, j;
	double pivot, x;

	while (lo < hi) {
		pivot = v[lo + (hi - lo) / 2];
		i = lo;
		j = hi;
		for (;;) {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i >= j)
				break;
			x = v[i];
			v[i++] = v[j];
			v[j--] = x;
		}
		/* i == j stands on the pivot or past it: both halves shrink */
		if (k <= j)
			hi = j;
		else
			lo = j + 1;
	}
	return v[k];
}

static int
p95_levels(const struct stat_pairs *pairs, struct result_gate *g,
    struct err *err)
{
	double *v = malloc(pairs->n * sizeof(*v));

	if (v == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	memcpy(v, pairs->a, pairs->n * sizeof(*v));
	g->base = select_quantile(v, pairs->n, .95);
	memcpy(v, pairs->b, pairs->n * sizeof(*v));
	g->cand = select_quantile(v, pairs->n, .95);
	g->value = g->cand / g->base;
	free(v);
	return RC_OK;
}

static int
measure_p95(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct gate_seen *seen, struct err *err)
{
	struct stat_draw draw = draw_of(in, row);
	struct stat_test *t = &seen->t;
	struct stat_pairs pairs;
	double *a, *b;
	int rc = load_pairs(in, &a, &b, &pairs.n, err);

	pairs.a = a;
	pairs.b = b;
	if (rc == RC_OK && pairs.n > 0) {
		g->n = pairs.n;
		g->test = "within-pair swap permutation";
		rc = p95_levels(&pairs, g, err);
		gate_raise_limit(g, in->limits->latency_p95_floor_ns);
		if (rc == RC_OK && needs_test(in, row, g)) {
			rc = stat_swap_quantile(&pairs, .95, &draw,
			    STAT_GREATER, t);
			g->ci[0] = t->lo;
			g->ci[1] = t->hi;
			fill_ln(in, g, t, stat_sd_of(t));
			seen->bound = t->upper;
		} else {
			g->p = 1;
		}
	}
	free(a);
	free(b);
	return rc;
}

/* What became of requests, of the kind that a row names. */
struct rates {
	uint64_t b_only, c_only;	/* pairs in error on one arm alone */
	uint64_t sent[2], bad[2];	/* first attempts of each arm */
};

static void
count_rates(const struct gate_in *in, const struct gate_row *row,
    struct rates *r)
{
	uint64_t n = cells_n(in->score->cells), i;
	const uint16_t *pairs;
	uint16_t bad[2];
	int a, flip;

	memset(r, 0, sizeof(*r));
	for (i = next_case(in, 0, n); i < n; i = next_case(in, i + 1, n)) {
		const struct cell *c = cells_get(in->score->cells, i);

		row->how->bad(c, &pairs, bad);
		flip = swapped(in, i);
		r->b_only += pairs[flip];
		r->c_only += pairs[!flip];
		for (a = 0; a < 2; a++) {
			r->sent[a] += c->arm[a ^ flip].n;
			r->bad[a] += bad[a ^ flip];
		}
	}
}

static void
measure_rate(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct gate_seen *seen)
{
	struct rates r;
	struct stat_design d;
	double lo;

	count_rates(in, row, &r);
	if (r.sent[1] == 0)
		return;
	g->n = r.sent[1];
	g->cand = g->value = (double)r.bad[1] / (double)r.sent[1];
	stat_wilson(r.bad[1], r.sent[1], .95, &g->ci[0], &g->ci[1]);
	g->noise = (g->ci[1] - g->ci[0]) / 2;
	stat_wilson(r.bad[1], r.sent[1], TWO_SIDED, &lo, &seen->bound);
	if (!in->paired) {
		/* Alone, chance must not explain the rate. */
		g->test = "binomial, exact";
		g->p = dist_binom_upper(r.sent[1], r.bad[1], g->limit);
		stat_paired_share(r.bad[1], 0, r.sent[1], .95, STAT_GREATER,
		    &seen->t);
		return;
	}
	g->base = r.sent[0] == 0 ? NAN :
	    (double)r.bad[0] / (double)r.sent[0];
	g->test = "McNemar, exact";
	stat_paired_share(r.c_only, r.b_only, r.sent[1], .95, STAT_GREATER,
	    &seen->t);
	g->p = stat_mcnemar(r.c_only, r.b_only, STAT_GREATER);
	d.alpha = level(in);
	d.margin = g->limit;
	d.sd = r.sent[0] == 0 ? 0 : (double)r.b_only / (double)r.sent[0];
	if (in->swap == NULL)
		g->visible = stat_visible_mcnemar(&d, (size_t)r.sent[1],
		    GATE_POWER);
}

static void
measure_cases(const struct gate_in *in, struct result_gate *g,
    struct gate_seen *seen)
{
	struct stat_test *t = &seen->t;
	const struct cells *cells = in->score->cells;
	uint64_t lost = 0, fixed = 0, judged = 0, pass[2] = { 0 };
	uint64_t n = cells_n(cells), i;
	struct stat_design d;
	int flip;

	for (i = next_case(in, 0, n); i < n; i = next_case(in, i + 1, n)) {
		const struct cell *c = cells_get(cells, i);
		enum case_state b, k;

		flip = swapped(in, i);
		b = (enum case_state)c->arm[flip].state;
		k = (enum case_state)c->arm[!flip].state;
		if (b == CASE_UNJUDGED || k == CASE_UNJUDGED)
			continue;
		judged++;
		pass[0] += b == CASE_PASS;
		pass[1] += k == CASE_PASS;
		lost += b == CASE_PASS && k == CASE_FAIL;
		fixed += b == CASE_FAIL && k == CASE_PASS;
	}
	if (judged == 0)
		return;
	stat_paired_share(lost, fixed, judged, .95, STAT_GREATER, t);
	g->n = judged;
	g->value = t->estimate;
	g->base = (double)pass[0] / (double)judged;
	g->cand = (double)pass[1] / (double)judged;
	g->test = "McNemar, exact";
	fill(g, t);
	d.alpha = level(in);
	d.margin = g->limit;
	d.sd = (double)fixed / (double)judged;
	if (in->swap == NULL)
		g->visible = stat_visible_mcnemar(&d, (size_t)judged,
		    GATE_POWER);
	seen->bound = t->upper;
}

/* The bound of a level, as harm beyond its limit; overwrites v. */
static int
absolute_bound(const struct gate_row *row, const struct result_gate *g,
    double *v, size_t n, double *bound)
{
	double sign = g->higher_is_worse ? 1 : -1;
	double worst = g->higher_is_worse ? row->how->worst - g->limit :
	    g->limit;
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		v[i] = sign * (v[i] - g->limit);
	rc = stat_strict_bound(v, n, worst, STRICT_CONF, bound);
	*bound = g->limit + sign * *bound;
	return rc;
}

static int
measure_absolute(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct gate_seen *seen, struct err *err)
{
	struct stat_test *t = &seen->t;
	const struct cells *cells = in->score->cells;
	uint64_t n = cells_n(cells), i, nb = 0;
	double *v = malloc(((size_t)n + 1) * sizeof(*v));
	double x, base = 0;
	size_t k = 0;
	int flip, beyond, rc = RC_OK;

	if (v == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = next_case(in, 0, n); i < n; i = next_case(in, i + 1, n)) {
		const struct cell *c = cells_get(cells, i);

		flip = swapped(in, i);
		count_arms(row, c, flip, seen);
		x = row->how->level(c, !flip);
		if (isfinite(x))
			v[k++] = x;
		x = row->how->level(c, flip);
		if (in->paired && isfinite(x)) {
			base += x;
			nb++;
		}
	}
	if (k > 0) {
		g->n = k;
		g->value = g->cand = mean(v, k);
		g->test = "t, one-sided";
		rc = stat_t_above(v, k, g->limit, g->higher_is_worse ?
		    STAT_GREATER : STAT_LESS, t);
		fill(g, t);
		if (rc == RC_OK && gate_strict(in, row) && row->how->worst > 0)
			rc = absolute_bound(row, g, v, k, &seen->bound);
	}
	free(v);
	if (k > 0 && nb > 0) {
		g->base = base / (double)nb;
		beyond = g->higher_is_worse ? g->base > g->limit :
		    g->base < g->limit;
		if (row->class == GATE_GATE && gate_beyond(g) && beyond)
			g->why = "the baseline lies beyond it, too: listed as "
			    "a defect of the baseline";
	}
	return rc;
}

static void
measure_pass_rate(const struct gate_in *in, struct result_gate *g,
    struct gate_seen *seen)
{
	const struct cells *cells = in->score->cells;
	uint64_t n = cells_n(cells), i, pass = 0, judged = 0;
	double lo, hi;

	for (i = next_case(in, 0, n); i < n; i = next_case(in, i + 1, n)) {
		enum case_state s =
		    (enum case_state)cells_get(cells, i)->arm[1].state;

		judged += s != CASE_UNJUDGED;
		pass += s == CASE_PASS;
	}
	if (judged == 0)
		return;
	stat_wilson(pass, judged, .95, &lo, &hi);
	g->n = judged;
	g->value = g->cand = (double)pass / (double)judged;
	g->ci[0] = lo;
	g->ci[1] = hi;
	g->noise = (hi - lo) / 2;
	g->test = "share";
	/* An absolute promise: the share itself decides. */
	g->p = g->value < g->limit ? 0 : 1;
	stat_wilson(pass, judged, TWO_SIDED, &seen->bound, &hi);
}

int
gate_measure(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct gate_seen *seen, struct err *err)
{
	if (!in->paired && row->how->kind != KIND_ABSOLUTE &&
	    row->how->kind != KIND_RATE && row->how->kind != KIND_PASS_RATE) {
		g->why = "there is no baseline to compare with";
		return RC_OK;
	}
	if (in->paired && row->how->kind == KIND_PASS_RATE) {
		g->why = "there is a baseline: cases are compared";
		return RC_OK;
	}
	if (!in->latency &&
	    (row->how->kind == KIND_BODY || row->how->kind == KIND_P95)) {
		g->why = "an arm was not asked live";
		return RC_OK;
	}
	switch (row->how->kind) {
	case KIND_MEAN:
		return measure_mean(in, row, g, seen, err);
	case KIND_TAIL:
		return measure_tail(in, row, g, seen, err);
	case KIND_BODY:
		return measure_body(in, row, g, seen, err);
	case KIND_P95:
		return measure_p95(in, row, g, seen, err);
	case KIND_RATIO:
		return measure_ratio(in, row, g, seen, err);
	case KIND_ABSOLUTE:
		return measure_absolute(in, row, g, seen, err);
	case KIND_INFO:
		return measure_info(in, row, g, seen, err);
	case KIND_CASES:
		measure_cases(in, g, seen);
		return RC_OK;
	case KIND_RATE:
		measure_rate(in, row, g, seen);
		return RC_OK;
	case KIND_PASS_RATE:
		measure_pass_rate(in, g, seen);
		return RC_OK;
	}
	return RC_OK;
}
