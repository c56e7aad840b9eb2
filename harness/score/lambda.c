/* Whether a case stays convergent across its variants (METRICS 3). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/ned.h"
#include "harness/score/lambda.h"
#include "harness/score/measure.h"
#include "harness/score/rank.h"

/* What the steps below share. */
struct judging {
	const struct lambda_variant *v;
	size_t n;
	const struct lambda_case *c;
	const char *const *ref;		/* the reference set */
	size_t n_ref;
	size_t ref_at;			/* whose it is; n: gold's */
};

static int
by_citations(const struct judging *j)
{
	return j->c->by == LAMBDA_BY_CITATIONS;
}

static const char *const *
ids(const struct judging *j, size_t i, size_t *n)
{
	const struct lambda_variant *v = &j->v[i];

	*n = by_citations(j) ? v->n_cited : v->n_retrieved;
	return by_citations(j) ? v->cited : v->retrieved;
}

/* Jaccard of two variants; two empty sets have nothing in common here. */
static double
alike(const struct judging *j, size_t a, size_t b)
{
	size_t na, nb;
	const char *const *x = ids(j, a, &na);
	const char *const *y = ids(j, b, &nb);
	double s = j->c->alike != NULL ? j->c->alike[j->v[a].class *
	    j->c->n_classes + j->v[b].class] : jaccard(x, na, y, nb);

	return isnan(s) ? 0 : s;
}

static double
ref_overlap(const struct judging *j, size_t i)
{
	size_t n;
	const char *const *x = ids(j, i, &n);
	double s;

	if (j->ref_at < j->n)
		return alike(j, i, j->ref_at);
	s = j->c->hit != NULL ? j->c->hit[j->v[i].class] :
	    jaccard(x, n, j->ref, j->n_ref);
	return isnan(s) ? 0 : s;
}

static int
answered(const struct judging *j, size_t i)
{
	return j->v[i].asked && !j->v[i].failed;
}

static int
collapsed(const struct judging *j, size_t i)
{
	const struct lambda_variant *v = &j->v[i];

	if (v->failed || v->refused || v->no_answer)
		return 1;
	if (j->c->by == LAMBDA_BY_NOTHING)
		return 0;
	return v->n_retrieved == 0 && (!by_citations(j) || v->n_cited == 0);
}

static int
usable(const struct judging *j, size_t i)
{
	return j->v[i].asked && !collapsed(j, i);
}

/* A variant that could be the reference: one that hits the expected sections
 * where any does, or one noisy answer would set all others apart from it. */
static int
eligible(const struct judging *j, size_t i, int some_hit)
{
	return usable(j, i) && (!some_hit || ref_overlap(j, i) > 0);
}

/* The original wording, else the variant most alike to all others; the first
 * of equals; n: none. */
static size_t
reference_of(const struct judging *j)
{
	size_t i, k, best = j->n;
	double sum, best_sum = -1;
	int hit = 0;

	for (i = 0; i < j->n && j->c->n_gold > 0; i++)
		hit |= usable(j, i) && ref_overlap(j, i) > 0;
	if (j->n > 0 && eligible(j, 0, hit))
		return 0;
	for (i = 0; i < j->n; i++) {
		if (!eligible(j, i, hit))
			continue;
		sum = 0;
		for (k = 0; k < j->n; k++) {
			if (k != i && eligible(j, k, hit))
				sum += alike(j, i, k);
		}
		if (sum > best_sum) {
			best = i;
			best_sum = sum;
		}
	}
	return best;
}

/* Without expected sections: the set that most variants agree on. */
static void
find_consensus(struct judging *j)
{
	size_t i, k, agree, n, most = 0;

	for (i = 0; i < j->n; i++) {
		(void)ids(j, i, &n);
		if (!usable(j, i) || n == 0)
			continue;
		agree = 0;
		for (k = 0; k < j->n; k++)
			agree += usable(j, k) && alike(j, i, k) >= 1;
		if (agree > most) {
			most = agree;
			j->ref_at = i;
		}
	}
}

static int
overlaps_another(const struct judging *j, size_t i)
{
	size_t k;

	for (k = 0; k < j->n; k++) {
		if (k != i && usable(j, k) && alike(j, i, k) > 0)
			return 1;
	}
	return 0;
}

static enum lambda_state
state_of(const struct judging *j, size_t i, size_t reference)
{
	double hit;

	if (!j->v[i].asked)
		return LAMBDA_NONE;
	if (collapsed(j, i))
		return LAMBDA_COLLAPSED;
	if (j->c->by == LAMBDA_BY_NOTHING)
		return LAMBDA_NONE;
	hit = ref_overlap(j, i);
	if (hit > 0 && reference < j->n &&
	    (i == reference || alike(j, i, reference) >= 0.5))
		return LAMBDA_CONVERGENT;
	if (hit > 0 || overlaps_another(j, i))
		return LAMBDA_SPLIT;
	return LAMBDA_CHAOS;
}

/* ---- rates ------------------------------------------------------------- */

/* The id that a variant ranks first; NULL when it has none. */
static const char *
top_id(const struct judging *j, size_t i, int by_retrieved)
{
	const struct lambda_variant *v = &j->v[i];

	if (by_retrieved)
		return v->n_retrieved > 0 ? v->retrieved[0] : NULL;
	return v->n_cited > 0 ? v->cited[0] : NULL;
}

static double
flip_rate(const struct judging *j, size_t reference)
{
	const char *mine, *top;
	size_t i, others = 0, flips = 0;
	int by_retrieved = 0;

	for (i = 0; i < j->n; i++)
		by_retrieved |= answered(j, i) && j->v[i].n_retrieved > 0;
	if (reference == j->n || j->c->by == LAMBDA_BY_NOTHING)
		return NAN;
	top = top_id(j, reference, by_retrieved);
	for (i = 0; i < j->n; i++) {
		if (i == reference || !answered(j, i))
			continue;
		mine = top_id(j, i, by_retrieved);
		others++;
		flips += mine == NULL || top == NULL ? mine != top :
		    strcmp(mine, top) != 0;
	}
	return others == 0 ? NAN : (double)flips / (double)others;
}

/* Share of the answered variants; consistency is the larger part's share. */
static void
shares(const struct judging *j, struct lambda *out)
{
	size_t i, n, refused = 0, judged = 0, contain = 0, hit = 0;
	const char *const *x;

	for (i = 0; i < j->n; i++) {
		if (!answered(j, i))
			continue;
		refused += j->v[i].refused != 0;
		judged += j->v[i].contains >= 0;
		contain += j->v[i].contains > 0;
		x = ids(j, i, &n);
		hit += jaccard(x, n, j->c->gold, j->c->n_gold) > 0;
	}
	n = out->answered;
	if (n == 0)
		return;
	out->graded[GRADE_REFUSAL] =
	    (double)(refused * 2 >= n ? refused : n - refused) / (double)n;
	if (judged > 0)
		out->graded[GRADE_CONTAIN] = (double)contain / (double)judged;
	if (j->c->n_gold > 0)
		out->graded[GRADE_GOLD_HIT] = (double)hit / (double)n;
	if (j->c->by != LAMBDA_BY_NOTHING)
		out->convergence = (double)
		    out->counts[LAMBDA_CONVERGENT] / (double)n;
}

/* ---- graded stability: means over the pairs of variants ---------------- */

struct mean {
	double sum;
	size_t n;
};

static void
mean_add(struct mean *m, double v)
{
	if (isnan(v))
		return;
	m->sum += v;
	m->n++;
}

static double
mean_of(const struct mean *m)
{
	return m->n == 0 ? NAN : m->sum / (double)m->n;
}

static int
by_value(const void *a, const void *b)
{
	const float *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double
median(float *v, size_t n)
{
	if (n == 0)
		return NAN;
	qsort(v, n, sizeof(*v), by_value);
	return n % 2 == 1 ? v[n / 2] :
	    ((double)v[n / 2 - 1] + (double)v[n / 2]) / 2;
}

/* Intersection over union of all answered variants' sets. */
static double
common_share(const struct judging *j)
{
	const char *all[RANK_MAX];
	size_t count[RANK_MAX];
	size_t i, k, u, n, n_all = 0, sets = 0, common = 0;
	const char *const *x;

	for (i = 0; i < j->n; i++) {
		if (!answered(j, i))
			continue;
		sets++;
		x = ids(j, i, &n);
		for (k = 0; k < n; k++) {
			for (u = 0; u < n_all &&
			    strcmp(all[u], x[k]) != 0; u++)
				continue;
			if (u == RANK_MAX)
				break;
			if (u == n_all) {
				all[n_all] = x[k];
				count[n_all++] = 0;
			}
			count[u]++;
		}
	}
	for (u = 0; u < n_all; u++)
		common += count[u] == sets;
	return sets < 2 || n_all == 0 ? NAN : (double)common / (double)n_all;
}

/* Of more pairs, the first so many tell the median. */
enum { NED_PAIRS = 2048 };

struct pairs {
	struct mean rank, swap, cite, answer;
	float *ned;
	size_t n_ned, max_ned;
};

static void
pair_add(const struct judging *j, size_t a, size_t b, struct pairs *p)
{
	const struct lambda_variant *x = &j->v[a], *y = &j->v[b];
	size_t nx, ny;
	const char *const *cx = ids(j, a, &nx);
	const char *const *cy = ids(j, b, &ny);

	mean_add(&p->rank, rbo_ext(x->retrieved, x->n_retrieved,
	    y->retrieved, y->n_retrieved, 0.9));
	mean_add(&p->swap, rank_swap_rate(x->retrieved, x->n_retrieved,
	    y->retrieved, y->n_retrieved));
	mean_add(&p->cite, jaccard(cx, nx, cy, ny));
	mean_add(&p->answer, 1 - metric_ds(j->c->embedder, x->answer_doc,
	    y->answer_doc));
	if (x->answer != NULL && y->answer != NULL && p->n_ned < p->max_ned)
		p->ned[p->n_ned++] = (float)ned(x->answer, x->answer_n,
		    y->answer, y->answer_n);
}

static void
graded(const struct judging *j, struct lambda *out)
{
	float ned[NED_PAIRS];
	struct pairs p = { .ned = ned, .max_ned = NED_PAIRS };
	size_t a, b;

	for (a = 0; a < j->n; a++) {
		for (b = a + 1; b < j->n && answered(j, a); b++) {
			if (answered(j, b))
				pair_add(j, a, b, &p);
		}
	}
	out->graded[GRADE_RANK] = mean_of(&p.rank);
	out->graded[GRADE_SWAP] = mean_of(&p.swap);
	out->graded[GRADE_CITE] = mean_of(&p.cite);
	out->graded[GRADE_ANSWER] = mean_of(&p.answer);
	out->graded[GRADE_NED50] = median(p.ned, p.n_ned);
	out->graded[GRADE_CSS] = common_share(j);
}

static struct judging
judging_of(const struct lambda_variant *v, size_t n,
    const struct lambda_case *c)
{
	struct judging j = { .v = v, .c = c };

	j.n = n < LAMBDA_MAX ? n : LAMBDA_MAX;
	j.ref = c->gold;
	j.n_ref = c->n_gold;
	j.ref_at = j.n;
	if (c->n_gold == 0)
		find_consensus(&j);
	return j;
}

void
lambda_rates(const struct lambda_variant *v, size_t n,
    const struct lambda_case *c, double *convergence, double *flip)
{
	struct judging j = judging_of(v, n, c);
	size_t i, reference = reference_of(&j), all = 0, converge = 0;

	for (i = 0; i < j.n; i++) {
		all += answered(&j, i);
		converge += state_of(&j, i, reference) == LAMBDA_CONVERGENT;
	}
	*flip = flip_rate(&j, reference);
	*convergence = all == 0 || c->by == LAMBDA_BY_NOTHING ? NAN :
	    (double)converge / (double)all;
}

void
lambda_judge(const struct lambda_variant *v, size_t n,
    const struct lambda_case *c, struct lambda *out)
{
	enum lambda_state *state = out->state;
	struct judging j = judging_of(v, n, c);
	size_t i;

	*out = (struct lambda){ .state = state, .convergence = NAN,
		.flip_rate = NAN };
	for (i = 0; i < LAMBDA_GRADES; i++)
		out->graded[i] = NAN;
	out->reference = reference_of(&j);
	for (i = 0; i < n; i++) {
		state[i] = i < j.n ? state_of(&j, i, out->reference) :
		    LAMBDA_NONE;
		out->counts[state[i]]++;
		out->answered += i < j.n && answered(&j, i);
	}
	out->flip_rate = flip_rate(&j, out->reference);
	shares(&j, out);
	graded(&j, out);
	if (out->reference == j.n)
		out->reference = n;
}
