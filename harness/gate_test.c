/* How a gate measures: see gate_test.h. One function a kind of gate. */
#include "harness/gate_test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/rng.h"
#include "harness/stat.h"

/* Effects are called visible when they would fail this often. */
static const double power_seen = .8;

static int
swapped(const struct gate_in *in, uint64_t i)
{
	return in->swap != NULL && (in->swap[i / 32] >> (i % 32) & 1) != 0;
}

/* What one pass over the cells gives. */
struct column {
	double *d;		/* effects, NaN left out */
	size_t n;
	double base, cand;	/* mean levels over the same cases */
};

static int
load(const struct gate_in *in, const struct gate_row *row,
    struct column *col, struct err *err)
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
	for (i = 0; i < n; i++) {
		const struct cell *c = cells_get(cells, i);

		d = row->effect(c);
		if (isnan(d))
			continue;
		flip = swapped(in, i);
		col->d[col->n++] = flip ? -d : d;
		if (row->level != NULL) {
			base += row->level(c, flip);
			cand += row->level(c, !flip);
		}
	}
	if (row->level != NULL && col->n > 0) {
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
	return draw;
}

/* In a relabelling an effect within its margin needs no test. */
static int
needs_test(const struct gate_in *in, const struct result_gate *g)
{
	return in->swap == NULL || g->value > g->limit;
}

/* The level of one test when all of the family are judged together. */
static double
level(const struct gate_in *in)
{
	return in->limits->alpha / (double)gate_family();
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

	g->visible = stat_visible(&d, t->n, power_seen);
}

static int
measure_mean(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct stat_test *t, struct err *err)
{
	struct stat_draw draw = draw_of(in, row);
	struct column col;
	int rc = load(in, row, &col, err);

	if (rc == RC_OK && col.n > 0) {
		g->n = col.n;
		g->value = mean(col.d, col.n);
		g->base = col.base;
		g->cand = col.cand;
		g->test = "sign-flip permutation";
		if (needs_test(in, g)) {
			rc = stat_signflip_mean(col.d, col.n, &draw,
			    STAT_GREATER, t);
			fill(g, t);
			fill_visible(in, g, t);
		}
	}
	free(col.d);
	return rc;
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/*
 * The estimate is the 95th percentile; the test counts how many cases lie
 * beyond the limit against its mirror image, because the quantile's own sign
 * flip cannot reject at .005 below 140 cases.
 */
static int
measure_tail(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct stat_test *t, struct err *err)
{
	struct column col;
	size_t lo, hi;
	int rc = load(in, row, &col, err);

	if (rc == RC_OK && col.n > 0) {
		g->n = col.n;
		g->test = "sign-flip of the tail";
		rc = stat_signflip_tail(col.d, col.n, g->limit, STAT_GREATER,
		    t);
		g->p = t->p;
		qsort(col.d, col.n, sizeof(*col.d), compare);
		g->value = stat_quantile(col.d, col.n, .95);
		stat_quantile_ci(col.n, .95, .95, &lo, &hi);
		g->ci[0] = lo >= 1 ? col.d[lo - 1] : NAN;
		g->ci[1] = hi <= col.n ? col.d[hi - 1] : NAN;
	}
	free(col.d);
	return rc;
}

static int
measure_info(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct err *err)
{
	struct column col;
	int rc = load(in, row, &col, err);

	if (rc == RC_OK && col.n > 0) {
		qsort(col.d, col.n, sizeof(*col.d), compare);
		g->n = col.n;
		g->value = stat_quantile(col.d, col.n, .5);
	}
	free(col.d);
	return rc;
}

static int
measure_ratio(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct stat_test *t, struct err *err)
{
	struct stat_draw draw = draw_of(in, row);
	struct column col;
	int rc = load(in, row, &col, err);

	if (rc == RC_OK && col.n > 0 && col.base > 0) {
		g->n = col.n;
		g->base = col.base;
		g->cand = col.cand;
		g->value = col.cand / col.base;
		g->test = "sign-flip permutation";
		if (needs_test(in, g)) {
			rc = stat_signflip_mean(col.d, col.n, &draw,
			    STAT_GREATER, t);
			t->lo = 1 + t->lo / col.base;
			t->hi = 1 + t->hi / col.base;
			t->se /= col.base;
			fill(g, t);
			g->noise += 1;
			g->limit -= 1;
			fill_visible(in, g, t);
			g->limit += 1;
			g->visible += 1;
		}
	}
	free(col.d);
	return rc;
}

/* Latency margins are shares, but never less than so many nanoseconds. */
static void
raise_limit(struct result_gate *g, double floor_ns)
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
	g->visible = exp(stat_visible(&d, t->n, power_seen));
}

static int
measure_body(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct stat_test *t, struct err *err)
{
	struct column col;
	int rc = load(in, row, &col, err);

	if (rc == RC_OK && col.n > 0) {
		g->n = col.n;
		g->test = "Wilcoxon signed-rank";
		rc = stat_signed_rank(col.d, col.n, .95, STAT_GREATER, t);
		g->value = exp(t->estimate);
		g->ci[0] = exp(t->lo);
		g->ci[1] = exp(t->hi);
		g->base = in->score->arm[ARM_BASELINE].p50_ns;
		g->cand = in->score->arm[ARM_CANDIDATE].p50_ns;
		raise_limit(g, in->limits->latency_body_floor_ns);
		fill_ln(in, g, t, stat_sd_of(t));
	}
	free(col.d);
	return rc;
}

/* Both arms' latencies, labels swapped where a relabelling says so. */
static int
load_pairs(const struct gate_in *in, double **a, double **b,
    struct err *err)
{
	const struct score_pairs *p = &in->score->pairs;
	size_t i;
	int flip;

	*a = malloc((p->n + 1) * sizeof(**a));
	*b = malloc((p->n + 1) * sizeof(**b));
	if (*a == NULL || *b == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < p->n; i++) {
		flip = swapped(in, p->case_index[i]);
		(*a)[i] = (double)(flip ? p->cand[i] : p->base[i]);
		(*b)[i] = (double)(flip ? p->base[i] : p->cand[i]);
	}
	return RC_OK;
}

static int
measure_p95(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct stat_test *t, struct err *err)
{
	struct stat_draw draw = draw_of(in, row);
	struct stat_pairs pairs = { .n = in->score->pairs.n };
	double *a, *b;
	int rc = load_pairs(in, &a, &b, err);

	pairs.a = a;
	pairs.b = b;
	/* A relabelling leaves this gate out: it is judged by swapping the
	 * very labels that are swapped here. */
	if (rc == RC_OK && pairs.n > 0 && in->swap == NULL) {
		g->n = pairs.n;
		g->test = "within-pair swap permutation";
		rc = stat_swap_quantile(&pairs, .95, &draw, STAT_GREATER, t);
		qsort(a, pairs.n, sizeof(*a), compare);
		qsort(b, pairs.n, sizeof(*b), compare);
		g->base = stat_quantile(a, pairs.n, .95);
		g->cand = stat_quantile(b, pairs.n, .95);
		g->value = t->estimate;
		g->ci[0] = t->lo;
		g->ci[1] = t->hi;
		raise_limit(g, in->limits->latency_p95_floor_ns);
		fill_ln(in, g, t, stat_sd_of(t));
	}
	free(a);
	free(b);
	return rc;
}

/* Counts of pairs in error on one arm only, of the kind that the row names,
 * and the candidate's rate over all its first attempts. */
static void
measure_rate(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g)
{
	const struct cells *cells = in->score->cells;
	uint64_t b_only = 0, c_only = 0, sent[2] = { 0 }, bad[2] = { 0 };
	struct stat_design d;
	uint64_t n = cells_n(cells), i;
	int a, flip;
	double lo, hi;

	for (i = 0; i < n; i++) {
		const struct cell *c = cells_get(cells, i);
		const uint16_t *k = strcmp(row->name, "errors") == 0 ? c->err :
		    strcmp(row->name, "http_429") == 0 ? c->http_429 :
		    c->http_5xx;

		flip = swapped(in, i);
		b_only += k[flip];
		c_only += k[!flip];
		for (a = 0; a < 2; a++) {
			const struct cell_arm *arm = &c->arm[a ^ flip];

			sent[a] += arm->n;
			bad[a] += k == c->err ? arm->n_error :
			    k == c->http_429 ? arm->n_429 : arm->n_5xx;
		}
	}
	if (sent[1] == 0)
		return;
	g->n = sent[1];
	g->cand = g->value = (double)bad[1] / (double)sent[1];
	stat_wilson(bad[1], sent[1], .95, &lo, &hi);
	g->ci[0] = lo;
	g->ci[1] = hi;
	g->noise = (hi - lo) / 2;
	if (!in->paired) {
		/* Alone, the rate itself must be beyond its limit. */
		g->test = "Wilson interval";
		g->p = lo > g->limit ? .001 : g->value > g->limit ? .05 : 1;
		return;
	}
	g->base = sent[0] == 0 ? NAN : (double)bad[0] / (double)sent[0];
	g->test = "McNemar, exact";
	g->p = stat_mcnemar(b_only, c_only, STAT_GREATER);
	d.alpha = level(in);
	d.margin = g->limit;
	d.sd = sent[0] == 0 ? 0 : (double)b_only / (double)sent[0];
	g->visible = stat_visible_mcnemar(&d, (size_t)sent[1], power_seen);
}

static void
measure_cases(const struct gate_in *in, struct result_gate *g,
    struct stat_test *t)
{
	const struct cells *cells = in->score->cells;
	uint64_t lost = 0, fixed = 0, judged = 0, pass[2] = { 0 };
	uint64_t n = cells_n(cells), i;
	struct stat_design d;
	int flip;

	for (i = 0; i < n; i++) {
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
	g->visible = stat_visible_mcnemar(&d, (size_t)judged, power_seen);
}

static int
measure_absolute(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct stat_test *t, struct err *err)
{
	const struct cells *cells = in->score->cells;
	uint64_t n = cells_n(cells), i, nb = 0;
	double *v = malloc(((size_t)n + 1) * sizeof(*v));
	double x, base = 0;
	size_t k = 0;
	int flip, rc = RC_OK;

	if (v == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < n; i++) {
		flip = swapped(in, i);
		x = row->level(cells_get(cells, i), !flip);
		if (isfinite(x))
			v[k++] = x;
		x = row->level(cells_get(cells, i), flip);
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
	}
	free(v);
	if (k > 0 && nb > 0) {
		g->base = base / (double)nb;
		x = g->higher_is_worse ? g->base - g->limit :
		    g->limit - g->base;
		if (row->class == GATE_GATE && (x > 0 ||
		    (g->higher_is_worse ? g->base >= g->value :
		    g->base <= g->value)) &&
		    (g->higher_is_worse ? g->value > g->limit :
		    g->value < g->limit))
			g->why = "the baseline is no better: listed as a "
			    "defect of the baseline";
	}
	return rc;
}

static void
measure_pass_rate(const struct gate_in *in, struct result_gate *g)
{
	const struct cells *cells = in->score->cells;
	uint64_t n = cells_n(cells), i, pass = 0, judged = 0;
	double lo, hi;

	for (i = 0; i < n; i++) {
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
}

int
gate_measure(const struct gate_in *in, const struct gate_row *row,
    struct result_gate *g, struct stat_test *t, struct err *err)
{
	if (!in->paired && row->kind != KIND_ABSOLUTE &&
	    row->kind != KIND_RATE && row->kind != KIND_PASS_RATE) {
		g->why = "there is no baseline to compare with";
		return RC_OK;
	}
	if (in->paired && row->kind == KIND_PASS_RATE) {
		g->why = "there is a baseline: cases are compared";
		return RC_OK;
	}
	if (!in->latency &&
	    (row->kind == KIND_BODY || row->kind == KIND_P95)) {
		g->why = "an arm was not asked live";
		return RC_OK;
	}
	switch (row->kind) {
	case KIND_MEAN:
		return measure_mean(in, row, g, t, err);
	case KIND_TAIL:
		return measure_tail(in, row, g, t, err);
	case KIND_BODY:
		return measure_body(in, row, g, t, err);
	case KIND_P95:
		return measure_p95(in, row, g, t, err);
	case KIND_RATIO:
		return measure_ratio(in, row, g, t, err);
	case KIND_ABSOLUTE:
		return measure_absolute(in, row, g, t, err);
	case KIND_INFO:
		return measure_info(in, row, g, err);
	case KIND_CASES:
		measure_cases(in, g, t);
		return RC_OK;
	case KIND_RATE:
		measure_rate(in, row, g);
		return RC_OK;
	case KIND_PASS_RATE:
		measure_pass_rate(in, g);
		return RC_OK;
	}
	return RC_OK;
}
