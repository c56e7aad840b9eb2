/* Two or three answers to the numbers that are tested; see live_part.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/live_part.h"
#include "harness/score/rank.h"

/* Answers nearer than this to the third count as equally near: a rule that
 * swaps of primary and candidate do not touch. */
#define DS_SAME 0.01
#define CACHED_FACTOR 3

/* ---- distances from the third answer ----------------------------------- */

static double
far_order(const struct live_look *x, const struct live_look *ref)
{
	if (x->n_ids == 0 || ref->n_ids == 0)
		return x->n_ids == ref->n_ids ? 0 : 1;
	return 1 - rbo_ext(x->ids, x->n_ids, ref->ids, ref->n_ids, 0.9);
}

static double
far_top(const struct live_look *x, const struct live_look *ref)
{
	if (x->n_ids == 0 || ref->n_ids == 0)
		return x->n_ids != ref->n_ids;
	return strcmp(x->ids[0], ref->ids[0]) != 0;
}

/* The share of what the reference has that x has not. */
static double
lost(const char *const *x, size_t nx, const char *const *ref, size_t n)
{
	size_t i, k, gone = 0;

	for (i = 0; i < n; i++) {
		for (k = 0; k < nx && strcmp(x[k], ref[i]) != 0; k++)
			continue;
		gone += k == nx;
	}
	return n == 0 ? 0 : (double)gone / (double)n;
}

static double
far_snippets(const struct live_look *x, const struct live_look *ref)
{
	return lost(x->ids, x->n_ids, ref->ids, ref->n_ids);
}

/* A citation without a field that the reference's carry is lost, too. */
static double
far_cited(const struct live_look *x, const struct live_look *ref)
{
	if (ref->n_cited > 0 && x->n_cited > 0 &&
	    (ref->cited_have & ~x->cited_have) != 0)
		return 1;
	return lost(x->cited, x->n_cited, ref->cited, ref->n_cited);
}

static void
from_third(struct live_pair *p, int test,
    double (*far)(const struct live_look *, const struct live_look *))
{
	p->of[test].d = far(p->candidate, p->echo) - far(p->primary, p->echo);
}

/* ---- texts ------------------------------------------------------------- */

static int
same_text(const struct live_look *a, const struct live_look *b)
{
	return a->text_n == b->text_n && (a->text_n == 0 ||
	    memcmp(a->text, b->text, a->text_n) == 0);
}

/* ΔS of candidate and of primary from the echo. */
static int
distances(struct embedder *e, const struct live_pair *p, double ds[2],
    struct err *err)
{
	const struct embed_str t[3] = {
		{ p->echo->text, p->echo->text_n },
		{ p->candidate->text, p->candidate->text_n },
		{ p->primary->text, p->primary->text_n } };
	struct embed_vec *v[3] = { NULL, NULL, NULL };
	enum embed_missing why[3];
	int i, rc = embedder_embed(e, t, 3, v, why, err);

	for (i = 0; i < 2 && rc == RC_OK; i++)
		ds[i] = embed_ds(e, embed_raw(e, v[0], v[i + 1]));
	for (i = 0; i < 3; i++)
		free(v[i]);
	return rc;
}

static int
compare_texts(struct live *l, struct live_pair *p, struct err *err)
{
	const double tail = limits_at(&l->o.suite->limits,
	    live_rows[LIVE_TEST_drift_tail].limit);
	double ds[2], d = 0;
	int rc;

	if (p->primary->text == NULL || p->candidate->text == NULL ||
	    p->echo->text == NULL)
		return RC_OK;
	if (!same_text(p->primary, p->candidate)) {
		rc = distances(l->o.embedder, p, ds, err);
		if (rc != RC_OK)
			return rc;
		/* a text that has no vector equals itself all the same */
		if (same_text(p->primary, p->echo))
			ds[1] = 0;
		if (same_text(p->candidate, p->echo))
			ds[0] = 0;
		d = ds[0] - ds[1];
	}
	p->of[LIVE_TEST_drift].d = d;
	p->of[LIVE_TEST_changed].d = fabs(d) < DS_SAME ? 0 : d;
	p->of[LIVE_TEST_drift_tail].d = fabs(d) > tail ? d : 0;
	return RC_OK;
}

/* ---- what needs no third answer ---------------------------------------- */

static void
count(struct live_pair *p, int test, int base, int cand)
{
	p->of[test].d = base + 2 * cand;
	p->of[test].base = base;
	p->of[test].cand = cand;
}

static void
measure_alone(struct live_pair *p)
{
	const struct live_look *b = p->primary, *c = p->candidate;

	count(p, LIVE_TEST_errors, b->error, c->error);
	count(p, LIVE_TEST_http_5xx, b->http_5xx, c->http_5xx);
	if (!p->both)
		return;
	if (b->elsewhere)
		count(p, LIVE_TEST_empty, b->wordless, c->wordless);
	else
		count(p, LIVE_TEST_empty, b->mute, c->mute);
	count(p, LIVE_TEST_tool_loop, b->tool_loop, c->tool_loop);
	if (b->cost > 0 && c->cost > 0) {
		p->of[LIVE_TEST_cost].d = log(c->cost / b->cost);
		p->of[LIVE_TEST_cost].base = b->cost;
		p->of[LIVE_TEST_cost].cand = c->cost;
	}
}

static int
measure_coverage(struct live *l, struct live_pair *p, struct err *err)
{
	struct live_effect *e = &p->of[LIVE_TEST_coverage];
	int rc = live_gold_coverage(l->gold, p->primary, p->candidate,
	    &e->base, &e->cand, err);

	e->d = e->base - e->cand;
	p->of[LIVE_TEST_coverage_floor] = *e;
	return rc;
}

/* The bytes of the primary's own answer, over three times as fast. */
static int
is_cached(const struct live_look *first, const struct live_look *again)
{
	const struct exchange *a = first->ex, *b = again->ex;

	return a->res_body.p != NULL && b->res_body.p != NULL &&
	    a->res_body.n == b->res_body.n &&
	    memcmp(a->res_body.p, b->res_body.p, a->res_body.n) == 0 &&
	    a->total_ns > 0 && b->total_ns >= 0 &&
	    b->total_ns * CACHED_FACTOR < a->total_ns;
}

static int
measure_third(struct live *l, struct live_pair *p, struct err *err)
{
	if (p->echo->ex == NULL || !p->echo->answered)
		return RC_OK;
	p->cached = is_cached(p->primary, p->echo);
	if (p->cached || !p->differ)
		return RC_OK;
	if (p->primary->n_ids + p->candidate->n_ids > 0) {
		from_third(p, LIVE_TEST_order, far_order);
		from_third(p, LIVE_TEST_flip_rate, far_top);
		from_third(p, LIVE_TEST_snippets, far_snippets);
	}
	if (p->primary->n_cited + p->candidate->n_cited > 0)
		from_third(p, LIVE_TEST_citations, far_cited);
	return compare_texts(l, p, err);
}

int
live_pair_measure(struct live *l, struct live_pair *p, struct err *err)
{
	int i, rc = RC_OK;

	for (i = 0; i < LIVE_TESTS; i++)
		p->of[i] = (struct live_effect){ NAN, NAN, NAN };
	p->both = p->primary->answered && p->candidate->answered;
	p->differ = p->cached = 0;
	measure_alone(p);
	if (!p->both)
		return RC_OK;
	live_look_ids(p->primary, p->candidate, p->echo);
	p->differ = live_look_differ(p->primary, p->candidate);
	if (l->gold != NULL)
		rc = measure_coverage(l, p, err);
	return rc != RC_OK ? rc : measure_third(l, p, err);
}
