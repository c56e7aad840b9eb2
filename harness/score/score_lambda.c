/* The answers of a case as lambda sees them; see score_part.h. */
#include "harness/score/score_part.h"

void
score_lambda_of(const struct score_case *c, const struct score_one *o,
    struct lambda_variant *v)
{
	v->contains = -1;
	/* a failure that the case expects has nothing to converge */
	if (o == NULL || o->expected || (o->answered &&
	    o->answer->outcome == OUTCOME_HTTP_4XX))
		return;
	v->asked = 1;
	v->failed = !o->answered;
	if (!o->answered)
		return;
	v->refused = o->answer->outcome == OUTCOME_REFUSED ||
	    o->answer->outcome == OUTCOME_FILTERED;
	v->no_answer = c->has[!score_of_base(o)].answer && o->text == NULL &&
	    !v->refused && extract_maps_answer(o->spec);
	if (o->why[M_ANSWER_OK] == METRIC_HERE)
		v->contains = o->m[M_ANSWER_OK] > 0;
	v->retrieved = o->ids;
	v->n_retrieved = o->n_ids;
	v->cited = o->cited;
	v->n_cited = o->n_cited;
}

/* What a candidate cites anew says nothing of a baseline that cites nothing. */
static enum lambda_by
judged_by(const struct score_case *c)
{
	size_t i;
	int base, cites[2] = { 0, 0 }, has_base = 0, maps = 0;

	for (i = 0; i < c->n_one; i++) {
		base = score_of_base(&c->one[i]);
		has_base |= base && c->one[i].answered;
		cites[base] |= c->one[i].n_cited > 0;
		maps |= extract_maps_retrieved(c->one[i].spec);
	}
	if (has_base ? cites[1] : cites[0])
		return LAMBDA_BY_CITATIONS;
	if (c->has_ids || (maps && c->n_gold_ids > 0))
		return LAMBDA_BY_RETRIEVED;
	return LAMBDA_BY_NOTHING;
}

void
score_lambda_case(const struct score_job *job, const struct score_case *c,
    struct lambda_case *out)
{
	*out = (struct lambda_case){ .gold = c->gold_ids,
		.n_gold = c->n_gold_ids, .by = judged_by(c),
		.embedder = job->embedder };
}
