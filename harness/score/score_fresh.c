/*
 * Fresh answers to cases that the plan left undecided: scored like a case
 * whose variants they are, on the fresh ones alone; see score_part.h.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/score/score_part.h"

/* plan: that of the run, whose variants were asked */
static void
count(const struct score_job *job, const struct plan *plan,
    const struct score_case *c, struct score_fresh *out)
{
	const struct score_one *o;
	uint64_t asked = 0;
	uint64_t v;
	size_t i;

	memset(out, 0, sizeof(*out));
	out->case_index = c->index;
	for (i = 0; i < c->n_one; i++) {
		o = &c->one[i];
		v = plan_variant(plan, &o->ex.key);
		if (v < 64 && !(asked >> v & 1)) {
			asked |= UINT64_C(1) << v;
			out->variants++;
		}
		out->asked[o->ex.key.arm]++;
		if (!o->answered)
			continue;
		out->answered[o->ex.key.arm]++;
		out->good[o->ex.key.arm] += score_good(job, c, o) != 0;
	}
}

static int
judge_batch(const struct score_job *job, const struct plan *plan,
    struct score_batch *b, struct score_out *out, struct err *err)
{
	size_t i;
	int rc = score_batch_run(job, b, err);

	for (i = 0; i < b->n && rc == RC_OK; i++)
		count(job, plan, b->c[i], &out->fresh[out->n_fresh++]);
	score_batch_reset(b);
	return rc;
}

static int
by_index(const void *a, const void *b)
{
	const struct score_fresh_case *x = a, *y = b;

	return (x->index > y->index) - (x->index < y->index);
}

int
score_fresh_judge(struct score_fresh_lines *f, const struct score_job *job,
    struct score_batch *b, struct score_out *out, struct err *err)
{
	struct score_job again = *job;
	struct plan plan = *job->plan;
	size_t i;
	int rc = RC_OK;

	if (f->n == 0)
		return RC_OK;
	out->fresh = calloc(f->n, sizeof(*out->fresh));
	if (out->fresh == NULL)
		return err_set(err, RC_NOMEM, "out of memory for scoring");
	plan.paraphrases = plan.seeds = 1;
	plan.repeats = plan.per_case = f->per_case;
	plan.n_items = plan.n_cases * plan.per_case;
	again.plan = &plan;
	again.scorers = NULL;
	again.accepted = NULL;
	qsort(f->v, f->n, sizeof(*f->v), by_index);
	for (i = 0; i < f->n && rc == RC_OK; i++) {
		score_batch_add(b, f->v[i].index, f->v[i].lines);
		f->v[i].lines = NULL;
		if (score_batch_full(b) || i + 1 == f->n)
			rc = judge_batch(&again, job->plan, b, out, err);
	}
	return rc;
}
