/* The answers of a case as numbers for the replicate test; see replica.h and
 * score_part.h. */
#include <math.h>
#include <string.h>

#include "harness/base/rng.h"
#include "harness/score/lambda_table.h"
#include "harness/score/score_part.h"

/* Which metrics of an observation are numbers of an answer. */
static const struct {
	int what;
	enum metric_id id;
} numbers[] = {
	{ REPLICA_QUESTION, M_DS_QUESTION_RETRIEVED },
	{ REPLICA_CONTEXT, M_DS_QUESTION_CONTEXT },
	{ REPLICA_COVERAGE, M_COVERAGE },
	{ REPLICA_PRECISION, M_CITATION_PRECISION },
	{ REPLICA_RECALL, M_CITATION_RECALL },
	{ REPLICA_ANCHORS, M_ANCHORS },
};
enum { NUMBERS = sizeof(numbers) / sizeof(numbers[0]) };

static void
take_numbers(const struct score_job *job, const struct score_case *c,
    const struct score_variant *x, struct replica_variant *out)
{
	const struct score_one *o;
	size_t k;
	int a, w;

	for (w = 0; w < REPLICA_ANSWER_N; w++)
		out->x[w][0] = out->x[w][1] = out->x[w][2] = NAN;
	for (a = 0; a < 3; a++) {
		o = x->of[a];
		if (o == NULL)
			continue;
		out->answered |= (uint8_t)(1u << a);
		out->x[REPLICA_GOOD][a] = (float)score_good(job, c, o);
		for (w = 0; w < NUMBERS; w++)
			out->x[numbers[w].what][a] =
			    (float)o->m[numbers[w].id];
		for (k = 0; o->scored != NULL && k < job->suite->n_scored; k++)
			out->x[REPLICA_SCORER + k][a] =
			    o->scored[k].missing == SCORER_HERE ?
			    (float)o->scored[k].v : NAN;
	}
}

static void
take_variant(const struct score_job *job, const struct score_case *c,
    uint32_t v, struct replica_variant *out)
{
	const struct score_variant *x = &c->variant[v];
	int i;

	memset(out, 0, sizeof(*out));
	out->v = v;
	out->twice = x->twice;
	take_numbers(job, c, x, out);
	for (i = 0; i < REPLICA_PAIRS; i++) {
		out->ds[i] = (float)x->ds[i];
		out->order[i] = (float)x->order[i];
	}
	out->drift = (float)x->drift;
}

/* ---- what is equal in everything ----------------------------------------- */

static int
both_arms(const struct replica_variant *v)
{
	const int lone = v->twice == STAT_BASE ? STAT_CAND : STAT_BASE;

	return (v->answered >> lone & 1) != 0 &&
	    (v->answered & ~(1 << lone)) != 0;
}

/* Answered by the baseline alone. */
static int
is_gone(const struct replica_variant *v)
{
	const unsigned base = 1u << STAT_BASE |
	    (v->twice == STAT_BASE ? 1u << STAT_ECHO : 0);

	return v->answered != 0 && (v->answered & ~base) == 0;
}

/* 0 or NaN: relabeling makes no difference of it. */
static int
is_nothing(float d)
{
	return !(d < 0 || d > 0);
}

/* NaN is NaN. */
static int
same_bits(float a, float b)
{
	uint32_t x, y;

	memcpy(&x, &a, sizeof(x));
	memcpy(&y, &b, sizeof(y));
	return x == y;
}

static int
is_still(const struct replica_variant *v)
{
	int first = (v->answered & 1) != 0 ? STAT_BASE : STAT_CAND, w, a;

	for (w = 0; w < REPLICA_ANSWER_N; w++) {
		for (a = 0; a < 3; a++) {
			if ((v->answered >> a & 1) != 0 &&
			    !same_bits(v->x[w][a], v->x[w][first]))
				return 0;
		}
	}
	for (a = 0; a < REPLICA_PAIRS; a++) {
		if (!is_nothing(v->ds[a]) || !is_nothing(v->order[a]))
			return 0;
	}
	return is_nothing(v->drift);
}

static void
count_good(const struct replica_variant *v, struct replica_case *out)
{
	int a, arm;

	for (a = 0; a < 3; a++) {
		if ((v->answered >> a & 1) == 0)
			continue;
		arm = a == STAT_ECHO ? v->twice : a;
		out->still_asked[arm]++;
		out->still_good[arm] += v->x[REPLICA_GOOD][a] > 0;
	}
}

static void
count_still(const struct replica_variant *v, struct replica_case *out)
{
	int first = (v->answered & 1) != 0 ? STAT_BASE : STAT_CAND, w;
	const int lone = v->twice == STAT_BASE ? STAT_CAND : STAT_BASE;

	for (w = 0; w < REPLICA_ANSWER_N; w++) {
		if (isnan(v->x[w][first]))
			continue;
		out->still[w].n++;
		out->still[w].sum += v->x[w][first];
	}
	out->still_floor[v->twice] += !isnan(v->ds[lone]);
	out->still_drift += !isnan(v->drift);
	out->still_order += !isnan(v->order[STAT_ECHO]) &&
	    !isnan(v->order[lone]);
}

/* ---- lambda -------------------------------------------------------------- */

static void
relabel_lambda(const struct score_job *job, struct score_case *c)
{
	struct lambda_three *three = arena_calloc(&c->arena, c->per_case,
	    sizeof(*three));
	struct lambda_case lc;
	struct lambda_relabel in = { .v = three, .n = c->per_case, .c = &lc,
		.whole = c->replica.whole, .arena = &c->arena,
		.seed = rng_u64(job->plan->seed, 0x6c616d626461, c->index) };
	const struct score_variant *x;
	uint32_t v;
	int a;

	/* declining is right there, and looks like a collapse */
	if (three == NULL || c->gold.unanswerable)
		return;
	score_lambda_case(job, c, &lc);
	for (v = 0; v < c->per_case; v++) {
		x = &c->variant[v];
		three[v].twice = x->twice;
		for (a = 0; a < 3; a++)
			three[v].answered |= (uint8_t)((x->of[a] != NULL) <<
			    a);
		score_lambda_of(c, score_at(c, v, ARM_BASELINE),
		    &three[v].of[STAT_BASE]);
		score_lambda_of(c, score_at(c, v, ARM_CANDIDATE),
		    &three[v].of[STAT_CAND]);
		score_lambda_of(c, x->of[STAT_ECHO],
		    &three[v].of[STAT_ECHO]);
	}
	lambda_relabel(&in, &c->replica.tables.convergence,
	    &c->replica.tables.flip);
}

void
score_replica(const struct score_job *job, struct score_case *c)
{
	struct replica_case *out = &c->replica;
	struct replica_variant one;
	uint32_t v;

	memset(out, 0, sizeof(*out));
	out->case_index = c->index;
	out->per_case = c->per_case;
	out->whole = job->plan->arm_on[ARM_BASELINE2] != 0;
	if (c->variant == NULL)
		return;
	for (v = 0; v < c->per_case; v++) {
		take_variant(job, c, v, &one);
		if (!both_arms(&one)) {
			count_good(&one, out);
			if (is_gone(&one) && v < 64)
				out->gone |= UINT64_C(1) << v;
			continue;
		}
		if (is_still(&one)) {
			count_good(&one, out);
			count_still(&one, out);
			continue;
		}
		if (out->v == NULL)
			out->v = arena_calloc(&c->arena, c->per_case,
			    sizeof(*out->v));
		if (out->v == NULL)
			return;
		out->v[out->n++] = one;
	}
	if (job->plan->arm_on[ARM_BASELINE])
		relabel_lambda(job, c);
}
