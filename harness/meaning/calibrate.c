/* Calibration: AUC, the cut, its bootstrap interval, limits. */
#include "harness/meaning/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/rng.h"
#include "harness/stat/stat.h"

#define RESAMPLES 1000

struct group {
	double *v;		/* the values that are there, sorted */
	size_t n;
};

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void
sort(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
}

/* Number of sorted values <= x. */
static size_t
count_within(const double *v, size_t n, double x)
{
	size_t lo = 0, hi = n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (v[mid] <= x)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

static double
share_within(const struct group *g, double x)
{
	return g->n == 0 ? NAN :
	    (double)count_within(g->v, g->n, x) / (double)g->n;
}

/* ---- ranks ------------------------------------------------------------- */

struct ranked {
	double value;
	size_t at;
};

static int
by_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	return x->value < y->value ? -1 : x->value > y->value;
}

/* Midranks of n values into out; returns RC_OK or RC_NOMEM. */
static int
midranks(const double *v, size_t n, double *out)
{
	struct ranked *r = malloc((n + 1) * sizeof(*r));
	size_t i, k, end;

	if (r == NULL)
		return RC_NOMEM;
	for (i = 0; i < n; i++)
		r[i] = (struct ranked){ v[i], i };
	qsort(r, n, sizeof(*r), by_ranked);
	for (i = 0; i < n; i = end) {
		for (end = i + 1; end < n && r[end].value == r[i].value;)
			end++;
		for (k = i; k < end; k++)
			out[r[k].at] = ((double)i + (double)end + 1) / 2;
	}
	free(r);
	return RC_OK;
}

double
calibrate_auc(const double *a, size_t na, const double *b, size_t nb)
{
	double *v = malloc((na + nb + 1) * 2 * sizeof(*v)), sum = 0;
	double *rank = v == NULL ? NULL : v + na + nb;
	size_t i;

	if (na == 0 || nb == 0 || v == NULL) {
		free(v);
		return NAN;
	}
	memcpy(v, a, na * sizeof(*v));
	memcpy(v + na, b, nb * sizeof(*v));
	if (midranks(v, na + nb, rank) != RC_OK) {
		free(v);
		return NAN;
	}
	for (i = 0; i < na; i++)
		sum += rank[i];
	free(v);
	sum -= (double)na * ((double)na + 1) / 2;
	return 1 - sum / ((double)na * (double)nb);
}

double
calibrate_spearman(const double *x, const double *y, size_t n)
{
	double *a = malloc((n + 1) * 2 * sizeof(*a));
	double *b = a == NULL ? NULL : a + n;
	double mean = ((double)n + 1) / 2, sab = 0, saa = 0, sbb = 0;
	size_t i;

	if (a == NULL || midranks(x, n, a) != RC_OK ||
	    midranks(y, n, b) != RC_OK) {
		free(a);
		return NAN;
	}
	for (i = 0; i < n; i++) {
		sab += (a[i] - mean) * (b[i] - mean);
		saa += (a[i] - mean) * (a[i] - mean);
		sbb += (b[i] - mean) * (b[i] - mean);
	}
	free(a);
	return saa > 0 && sbb > 0 ? sab / sqrt(saa * sbb) : NAN;
}

/* ---- the cut ----------------------------------------------------------- */

double
calibrate_cut(double *a, size_t na, double *b, size_t nb, double *accuracy)
{
	double best = -1, cut = NAN, x, next, score;
	size_t i = 0, k = 0;

	sort(a, na);
	sort(b, nb);
	while (i < na) {
		x = a[i];
		while (i < na && a[i] <= x)
			i++;
		while (k < nb && b[k] <= x)
			k++;
		score = (double)i / (double)na + (double)(nb - k) / (double)nb;
		if (score <= best)
			continue;
		best = score;
		next = i < na ? a[i] : INFINITY;
		if (k < nb && b[k] < next)
			next = b[k];
		cut = isinf(next) ? x : (x + next) / 2;
	}
	if (accuracy != NULL)
		*accuracy = best / 2;
	return cut;
}

/* Values of the questions that were drawn; NaN ones are left out. */
static size_t
resample(const double *v, size_t n, uint64_t seed, uint64_t b, double *out)
{
	size_t i, k, m = 0;

	for (i = 0; i < n; i++) {
		k = (size_t)rng_below(seed, b, i, n);
		if (!isnan(v[k]))
			out[m++] = v[k];
	}
	return m;
}

/* The 95 % percentile interval of t over resampled questions. */
static int
bootstrap(const struct calibrate_in *in, const double *wrong,
    struct embed_curve *curve)
{
	size_t resamples = in->resamples > 0 ? (size_t)in->resamples :
	    RESAMPLES, b, n = 0, nr, nw;
	double *t = malloc((resamples + 2 * in->n) * sizeof(*t));
	double *r = t == NULL ? NULL : t + resamples, *w;

	if (t == NULL)
		return RC_NOMEM;
	w = r + in->n;
	for (b = 0; b < resamples; b++) {
		nr = resample(in->right, in->n, in->seed, b, r);
		nw = resample(wrong, in->n, in->seed, b, w);
		if (nr > 0 && nw > 0)
			t[n++] = calibrate_cut(r, nr, w, nw, NULL);
	}
	sort(t, n);
	curve->t_lo = stat_quantile(t, n, 0.025);
	curve->t_hi = stat_quantile(t, n, 0.975);
	free(t);
	return RC_OK;
}

/* ---- the whole --------------------------------------------------------- */

static int
group_init(struct group *g, const double *v, size_t n)
{
	size_t i;

	g->n = 0;
	g->v = malloc((n + 1) * sizeof(*g->v));
	if (g->v == NULL)
		return RC_NOMEM;
	for (i = 0; v != NULL && i < n; i++) {
		if (!isnan(v[i]))
			g->v[g->n++] = v[i];
	}
	sort(g->v, g->n);
	return RC_OK;
}

/* The curve's two directions. */
static double
ds_of(const struct embed_curve *c, double raw)
{
	return raw <= c->t ? EMBED_LIMIT * raw / c->t : EMBED_LIMIT +
	    (2 - EMBED_LIMIT) * (raw - c->t) / (2 - c->t);
}

static double
raw_of(const struct embed_curve *c, double ds)
{
	return ds <= EMBED_LIMIT ? ds * c->t / EMBED_LIMIT : c->t +
	    (ds - EMBED_LIMIT) * (2 - c->t) / (2 - EMBED_LIMIT);
}

static void
propose(struct calibrate_out *out, const struct group *g)
{
	const struct group *right = &g[CALIBRATE_RIGHT];
	struct calibrate_limit *l = out->limit;
	size_t i;

	l[0] = (struct calibrate_limit){ .why = "pass, by default",
	    .ds = EMBED_LIMIT };
	l[1] = (struct calibrate_limit){ .why = "fail, by default",
	    .ds = 0.60 };
	l[2] = (struct calibrate_limit){ .why = "95 % of the right ones pass",
	    .ds = ds_of(&out->curve, stat_quantile(right->v, right->n, .95)) };
	l[3] = (struct calibrate_limit){ .why = "99 % of the right ones pass",
	    .ds = ds_of(&out->curve, stat_quantile(right->v, right->n, .99)) };
	for (i = 0; i < CALIBRATE_LIMITS; i++) {
		/* Not to lose the very value that made the limit. */
		double raw = raw_of(&out->curve, l[i].ds) + 1e-12;

		l[i].rejected = 1 - share_within(right, raw);
		l[i].same = share_within(&g[CALIBRATE_SAME], raw);
		l[i].other = share_within(&g[CALIBRATE_OTHER], raw);
	}
}

static int
measure(const struct calibrate_in *in, struct group *g,
    struct calibrate_out *out)
{
	struct group *right = &g[CALIBRATE_RIGHT];
	struct group *wrong = &g[CALIBRATE_SAME];
	size_t i;

	out->against_other = wrong->n < CALIBRATE_MIN;
	if (out->against_other)
		wrong = &g[CALIBRATE_OTHER];
	out->auc_same = calibrate_auc(right->v, right->n,
	    g[CALIBRATE_SAME].v, g[CALIBRATE_SAME].n);
	out->auc_other = calibrate_auc(right->v, right->n,
	    g[CALIBRATE_OTHER].v, g[CALIBRATE_OTHER].n);
	out->curve.t = calibrate_cut(right->v, right->n, wrong->v, wrong->n,
	    &out->balanced_accuracy);
	/* Degenerate distances must not make a degenerate curve. */
	out->curve.t = fmin(fmax(out->curve.t, 0.001), 1.999);
	if (bootstrap(in, out->against_other ? in->other : in->same,
	    &out->curve) != RC_OK)
		return RC_NOMEM;
	for (i = 0; i < CALIBRATE_GROUPS; i++)
		out->group[i] = (struct calibrate_group){ .n = g[i].n,
		    .p10 = stat_quantile(g[i].v, g[i].n, .1),
		    .p50 = stat_quantile(g[i].v, g[i].n, .5),
		    .p90 = stat_quantile(g[i].v, g[i].n, .9),
		    .at_limit = share_within(&g[i], out->curve.t) };
	propose(out, g);
	return RC_OK;
}

int
calibrate(const struct calibrate_in *in, struct calibrate_out *out,
    struct err *err)
{
	struct group g[CALIBRATE_GROUPS] = { { NULL, 0 } };
	int rc = RC_OK, few = 0;

	memset(out, 0, sizeof(*out));
	if (group_init(&g[CALIBRATE_RIGHT], in->right, in->n) != RC_OK ||
	    group_init(&g[CALIBRATE_SAME], in->same, in->n) != RC_OK ||
	    group_init(&g[CALIBRATE_OTHER], in->other, in->n) != RC_OK)
		rc = RC_NOMEM;
	if (rc == RC_OK)
		few = g[CALIBRATE_RIGHT].n < CALIBRATE_MIN ||
		    (g[CALIBRATE_SAME].n < CALIBRATE_MIN &&
		    g[CALIBRATE_OTHER].n < CALIBRATE_MIN);
	if (few)
		rc = err_set(err, RC_USAGE, "calibration needs at least %d "
		    "questions with a right and a wrong section; there are "
		    "%zu, %zu of the same document and %zu of others",
		    CALIBRATE_MIN, g[CALIBRATE_RIGHT].n, g[CALIBRATE_SAME].n,
		    g[CALIBRATE_OTHER].n);
	else if (rc == RC_OK)
		rc = measure(in, g, out);
	if (rc == RC_NOMEM)
		(void)err_set(err, RC_NOMEM, "distances");
	free(g[CALIBRATE_RIGHT].v);
	free(g[CALIBRATE_SAME].v);
	free(g[CALIBRATE_OTHER].v);
	return rc;
}
