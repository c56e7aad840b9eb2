/* From a case's answers to the input of statistics; see replica.h. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/err.h"
#include "harness/score/replica.h"

/* ---- what one variant adds, by its relabelings --------------------------- */

/* Of a number: candidate's less baseline's. returns the choices, 0: none */
static int
of_answers(const struct replica_variant *v, int what, double by[STAT_TURNS])
{
	const double x[3] = { (double)v->x[what][0], (double)v->x[what][1],
		(double)v->x[what][2] };

	return stat_replicate_differ(x, v->twice, by);
}

/* ΔS within the arm that was asked twice: of the two answers but the odd
 * one, which is the other arm's. */
static int
of_floor(const struct replica_variant *v, double by[STAT_TURNS])
{
	const int lone = v->twice == STAT_BASE ? STAT_CAND : STAT_BASE;
	int k;

	if (isnan(v->ds[0]) || isnan(v->ds[1]) || isnan(v->ds[2]))
		return 0;
	for (k = 0; k < STAT_TURNS; k++) {
		by[k] = (double)v->ds[stat_turned(lone, k)];
		if (v->twice == STAT_BASE)
			by[k] = -by[k];
	}
	return STAT_TURNS;
}

static int
of_sign(double d, double by[STAT_TURNS])
{
	if (isnan(d))
		return 0;
	by[0] = d;
	by[1] = -d;
	return 2;
}

/* The arms' order against the echo's; its sign turns. */
static double
order_of(const struct replica_variant *v)
{
	const int lone = v->twice == STAT_BASE ? STAT_CAND : STAT_BASE;

	return (double)v->order[STAT_ECHO] - (double)v->order[lone];
}

static int
choices_of(const struct replica_variant *v, int what, double by[STAT_TURNS])
{
	switch (what) {
	case REPLICA_INSTABILITY:
		return of_floor(v, by);
	case REPLICA_DRIFT:
		return of_sign((double)v->drift, by);
	case REPLICA_ORDER:
		return of_sign(order_of(v), by);
	default:
		return of_answers(v, what, by);
	}
}

/* ---- how many variants a case's mean is over ----------------------------- */

/* What a variant's share is divided by: instability has a mean of each
 * arm's echoes. */
struct over {
	uint32_t n[2];		/* by `twice`; else both the same */
};

static void
count_over(const struct replica_case *c, int what, struct over *o)
{
	double by[STAT_TURNS];
	uint32_t still = what < REPLICA_ANSWER_N ? c->still[what].n :
	    what == REPLICA_DRIFT ? c->still_drift : c->still_order;
	size_t i;
	int split = what == REPLICA_INSTABILITY;

	o->n[0] = split ? c->still_floor[0] : still;
	o->n[1] = split ? c->still_floor[1] : still;
	for (i = 0; i < c->n; i++) {
		if (choices_of(&c->v[i], what, by) == 0)
			continue;
		o->n[0] += !split || c->v[i].twice == STAT_BASE;
		o->n[1] += !split || c->v[i].twice == STAT_CAND;
	}
}

/* ---- whole deployments --------------------------------------------------- */

/* All variants of a case relabeled together: those that all three answered, or
 * where there is none, those that two did. */
struct whole {
	double turn[STAT_TURNS], swap[2];
	uint32_t turns, swaps;
};

static void
add_whole(struct whole *w, const double *by, int choices)
{
	int k;

	for (k = 0; k < choices; k++) {
		if (choices == STAT_TURNS)
			w->turn[k] += by[k];
		else
			w->swap[k] += by[k];
	}
	w->turns += choices == STAT_TURNS;
	w->swaps += choices == 2;
}

static int
put_whole(const struct replica_case *c, const struct whole *w,
    struct stat_replicate *r, size_t stat)
{
	const struct stat_unit u = { c->case_index, 0 };

	if (w->turns > 0)
		return stat_replicate_turn(r, stat, &u, w->turn);
	return w->swaps > 0 ? stat_replicate_swap(r, stat, &u, w->swap) :
	    RC_OK;
}

/* ---- sums over variants -------------------------------------------------- */

/* The arms' own means, echoes included. */
static void
add_levels(const struct replica_variant *v, int what,
    struct replica_effect *out)
{
	double sum[2] = { 0, 0 };
	int i, arm, n[2] = { 0, 0 };

	for (i = 0; i < 3; i++) {
		if (isnan(v->x[what][i]))
			continue;
		arm = i == STAT_ECHO ? v->twice : i;
		sum[arm] += (double)v->x[what][i];
		n[arm]++;
	}
	out->base += sum[0] / n[0];
	out->cand += sum[1] / n[1];
}

static int
sum_variants(const struct replica_case *c, int what, double sign,
    struct stat_replicate *r, size_t stat, struct replica_effect *out)
{
	struct over over;
	struct whole w = { .turns = 0 };
	double by[STAT_TURNS];
	int k, choices, rc = RC_OK;
	size_t i;

	count_over(c, what, &over);
	if (over.n[0] == 0 || over.n[1] == 0)
		return RC_OK;
	out->n = over.n[0];
	out->value = 0;
	for (i = 0; i < c->n && rc == RC_OK; i++) {
		const struct stat_unit u = { c->case_index, c->v[i].v };

		choices = choices_of(&c->v[i], what, by);
		if (choices == 0)
			continue;
		for (k = 0; k < choices; k++)
			by[k] /= over.n[c->v[i].twice];
		out->value += by[0];
		if (what < REPLICA_ANSWER_N)
			add_levels(&c->v[i], what, out);
		for (k = 0; k < choices; k++)
			by[k] *= sign;
		if (c->whole)
			add_whole(&w, by, choices);
		else if (r != NULL)
			rc = choices == 2 ? stat_replicate_swap(r, stat, &u,
			    by) : stat_replicate_turn(r, stat, &u, by);
	}
	return rc == RC_OK && c->whole && r != NULL ?
	    put_whole(c, &w, r, stat) : rc;
}

/* ---- tables -------------------------------------------------------------- */

static int
from_table(const struct replica_case *c, const struct stat_table *t,
    double sign, struct stat_replicate *r, size_t stat,
    struct replica_effect *out)
{
	float value[STAT_TABLE_MAX];
	struct stat_table signed_table = *t;
	size_t i;

	if (t->value == NULL)
		return RC_OK;
	assert(t->n <= STAT_TABLE_MAX);
	out->value = (double)t->value[0];
	out->n = 1;
	if (r == NULL)
		return RC_OK;
	for (i = 0; i < t->n; i++)
		value[i] = (float)sign * t->value[i];
	signed_table.value = value;
	return stat_replicate_table(r, stat, c->case_index, &signed_table);
}

int
replica_effect(const struct replica_case *c, int what, double sign,
    struct stat_replicate *r, size_t stat, struct replica_effect *out)
{
	int rc;

	*out = (struct replica_effect){ .value = NAN };
	if (what == REPLICA_CONVERGENCE)
		rc = from_table(c, &c->tables.convergence, sign, r, stat,
		    out);
	else if (what == REPLICA_FLIP)
		rc = from_table(c, &c->tables.flip, sign, r, stat, out);
	else
		rc = sum_variants(c, what, sign, r, stat, out);
	if (what >= REPLICA_ANSWER_N || isnan(out->value)) {
		out->base = out->cand = NAN;
		return rc;
	}
	out->base = (out->base + (double)c->still[what].sum) / out->n;
	out->cand = (out->cand + (double)c->still[what].sum) / out->n;
	return rc;
}

/* ---- tails and evidence -------------------------------------------------- */

size_t
replica_drifts(const struct replica_case *c, float *d, uint32_t *v,
    uint32_t *of)
{
	double sum = 0;
	size_t i, n = 0;

	*of = c->still_drift;
	for (i = 0; i < c->n; i++) {
		if (isnan(c->v[i].drift))
			continue;
		++*of;
		sum += (double)c->v[i].drift;
		d[n] = c->v[i].drift;
		v[n++] = c->v[i].v;
	}
	if (!c->whole || n == 0)
		return n;
	d[0] = (float)sum;
	v[0] = 0;
	return 1;
}

uint64_t
replica_lost(const struct replica_case *c)
{
	uint64_t lost = 0;
	size_t i;

	for (i = 0; i < c->n; i++) {
		struct replica_effect e = { .base = 0, .cand = 0 };

		add_levels(&c->v[i], REPLICA_GOOD, &e);
		/* false where an arm has none: NaN */
		if (e.cand < e.base && c->v[i].v < 64)
			lost |= UINT64_C(1) << c->v[i].v;
	}
	return lost;
}

int
replica_evidence(const struct replica_case *c,
    struct stat_replicate_good *out)
{
	double (*x)[3] = malloc((c->n + 1) * sizeof(*x));
	int *twice = malloc((c->n + 1) * sizeof(*twice)), a;
	uint32_t still = c->still[REPLICA_GOOD].n;
	int rc = x == NULL || twice == NULL ? RC_NOMEM : RC_OK;
	size_t i;

	for (i = 0; i < c->n && rc == RC_OK; i++) {
		for (a = 0; a < 3; a++)
			x[i][a] = (double)c->v[i].x[REPLICA_GOOD][a];
		twice[i] = c->v[i].twice;
	}
	if (rc == RC_OK)
		rc = stat_replicate_case((const double (*)[3])x, twice, c->n,
		    c->whole, out);
	free(x);
	free(twice);
	if (rc != RC_OK)
		return rc;
	for (a = 0; a < 2; a++) {
		out->good[a] += c->still_good[a];
		out->asked[a] += c->still_asked[a];
	}
	if (out->n + still > 0)
		out->drop = (out->n > 0 ? out->drop * out->n : 0) /
		    (out->n + still);
	out->n += still;
	return RC_OK;
}
