/* From the observations of a case to its cell; see score_part.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/score/score_part.h"

struct mean {
	double sum;
	size_t n;
};

static void
mean_add(struct mean *m, double v)
{
	if (!isfinite(v))
		return;
	m->sum += v;
	m->n++;
}

static float
mean_of(const struct mean *m)
{
	return m->n == 0 ? NAN : (float)(m->sum / (double)m->n);
}

/* ---- one arm ----------------------------------------------------------- */

static void
fold_counts(struct cell_arm *out, const struct score_one *o)
{
	out->n++;
	out->n_error += o->error != 0;
	out->n_5xx += o->first == OUTCOME_HTTP_5XX;
	out->n_429 += o->first == OUTCOME_HTTP_429;
}

static void
fold_lambda(struct cell_arm *out, const struct lambda *l,
    const struct gold *g)
{
	int i;

	for (i = 0; i < LAMBDA_STATE_N; i++)
		out->lambda[i] = (uint16_t)l->counts[i];
	for (i = 0; i < LAMBDA_GRADES; i++)
		out->graded[i] = (float)l->graded[i];
	/* declining is right there, and looks like a collapse */
	if (g->unanswerable)
		return;
	out->convergence = (float)l->convergence;
	out->flip_rate = (float)l->flip_rate;
}

/* Spread over mean of one wording and seed: its repeats and their echoes. */
static double
spread_of(const struct score_case *c, uint32_t first, uint32_t n, int arm)
{
	static const enum arm echo[2] = { ARM_BASELINE2, ARM_CANDIDATE2 };
	const struct score_one *o;
	double sum = 0, squares = 0, x, mean;
	size_t k = 0;
	uint32_t i;

	for (i = 0; i < 2 * n; i++) {
		o = score_at(c, first + i / 2,
		    i % 2 == 0 ? (enum arm)arm : echo[arm]);
		if (o == NULL || o->why[M_DS_QUESTION_RETRIEVED] !=
		    METRIC_HERE)
			continue;
		x = o->m[M_DS_QUESTION_RETRIEVED];
		sum += x;
		squares += x * x;
		k++;
	}
	if (k < 2 || sum <= 0)
		return NAN;
	mean = sum / (double)k;
	x = (squares - sum * mean) / (double)(k - 1);
	return sqrt(x > 0 ? x : 0) / mean;
}

static float
variance_ratio(const struct plan *p, const struct score_case *c, int arm)
{
	struct mean m = { 0, 0 };
	uint32_t v;

	for (v = 0; v < c->per_case; v += p->repeats)
		mean_add(&m, spread_of(c, v, p->repeats, arm));
	return mean_of(&m);
}

static void
fold_arm(const struct score_job *job, struct score_case *c, int arm)
{
	const struct limits *l = &job->suite->limits;
	struct cell_arm *out = &c->cell.arm[arm];
	struct mean m[METRIC_N] = { { 0, 0 } }, refused = { 0, 0 };
	const struct score_one *o;
	uint32_t v;
	int i;

	for (v = 0; v < c->per_case; v++) {
		o = score_at(c, v, (enum arm)arm);
		if (o == NULL)
			continue;
		fold_counts(out, o);
		if (!o->answered)
			continue;
		out->answered++;
		for (i = 0; i < METRIC_N; i++)
			mean_add(&m[i], o->m[i]);
		mean_add(&refused, o->answer->outcome == OUTCOME_REFUSED);
	}
	for (i = 0; i < METRIC_N; i++)
		out->m[i] = mean_of(&m[i]);
	out->refusal = mean_of(&refused);
	out->in_band =
	    (double)out->m[M_DS_QUESTION_RETRIEVED] >= l->ds_max &&
	    (double)out->m[M_DS_QUESTION_RETRIEVED] < l->ds_case_max;
	fold_lambda(out, &c->lambda[arm], &c->gold);
	out->variance_ratio = variance_ratio(job->plan, c, arm);
	score_limits(job, c, arm);
}

/* ---- pairs ------------------------------------------------------------- */

struct pair_means {
	struct mean drift, ds_answer, floor_b, floor_c, order, ln_latency;
};

/*
 * Byte for byte the same, and one of the two over 3x faster (and by more than
 * 1 ms, below which a scheduler does that): 1 when the one that was sent
 * later is, as a cache makes it; -1 when it is the earlier, which is only a
 * slow request; else 0. What ends before the earlier one does was not
 * answered from its cached answer: both are often sent at once.
 */
static int
from_cache(const struct score_variant *x)
{
	const struct exchange *first, *second, *asked;

	if (x->of[STAT_ECHO] == NULL || x->of[x->twice] == NULL)
		return 0;
	asked = &x->of[x->twice]->ex;
	first = asked;
	second = &x->of[STAT_ECHO]->ex;
	if (second->sent_ns < first->sent_ns) {
		first = second;
		second = asked;
	}
	if (first->res_body.n == 0 ||
	    first->res_body.n != second->res_body.n ||
	    memcmp(first->res_body.p, second->res_body.p,
	    first->res_body.n) != 0 ||
	    first->total_ns < 0 || second->total_ns < 0 ||
	    llabs(first->total_ns - second->total_ns) < MONO_MS)
		return 0;
	if (second->total_ns < first->total_ns / 3)
		return second->sent_ns + second->total_ns >=
		    first->sent_ns + first->total_ns;
	return first->total_ns < second->total_ns / 3 ? -1 : 0;
}

static void
count_errors(struct cell *cell, const struct score_one *b,
    const struct score_one *c)
{
	static const int where[2][2] = { { -1, 1 }, { 0, 2 } };
	int at;

	if (b == NULL || c == NULL)
		return;
	at = where[b->error != 0][c->error != 0];
	if (at >= 0)
		cell->err[at]++;
	at = where[b->first == OUTCOME_HTTP_5XX][c->first == OUTCOME_HTTP_5XX];
	if (at >= 0)
		cell->http_5xx[at]++;
	at = where[b->first == OUTCOME_HTTP_429][c->first == OUTCOME_HTTP_429];
	if (at >= 0)
		cell->http_429[at]++;
}

static void
fold_pair(struct score_case *c, uint32_t v, struct pair_means *m)
{
	const struct score_variant *x = &c->variant[v];
	const struct score_one *b = x->of[STAT_BASE], *k = x->of[STAT_CAND];
	const int lone = x->twice == STAT_BASE ? STAT_CAND : STAT_BASE;

	count_errors(&c->cell, score_at(c, v, ARM_BASELINE),
	    score_at(c, v, ARM_CANDIDATE));
	mean_add(&m->drift, x->drift);
	mean_add(&m->ds_answer, x->between);
	mean_add(x->twice == STAT_BASE ? &m->floor_b : &m->floor_c,
	    x->ds[lone]);
	mean_add(&m->order, x->order[STAT_ECHO] - x->order[lone]);
	c->cached_echo += from_cache(x) > 0;
	c->slow_echo += from_cache(x) < 0;
	if (b == NULL || k == NULL)
		return;
	c->cell.pairs++;
	mean_add(&m->ln_latency, log(k->m[M_TOTAL_NS] / b->m[M_TOTAL_NS]));
}

void
score_fold(const struct score_job *job, struct score_case *c)
{
	struct pair_means m = { .drift = { 0, 0 } };
	uint32_t v;

	cell_init(&c->cell, c->index);
	c->cell.critical = c->gold.critical != 0;
	c->cell.unanswerable = c->gold.unanswerable != 0;
	fold_arm(job, c, ARM_BASELINE);
	fold_arm(job, c, ARM_CANDIDATE);
	for (v = 0; v < c->per_case; v++)
		fold_pair(c, v, &m);
	c->cell.cached_echo = c->cached_echo > 0;
	c->cell.drift = mean_of(&m.drift);
	c->cell.ds_answer = mean_of(&m.ds_answer);
	c->cell.floor_b = mean_of(&m.floor_b);
	c->cell.floor_c = mean_of(&m.floor_c);
	c->cell.order = mean_of(&m.order);
	c->cell.ln_latency = mean_of(&m.ln_latency);
	score_fold_scored(job, c);
}
