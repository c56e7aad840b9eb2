/* For the reader: the answers in the worst cases, before and after. */
#include "harness/judge/verdict_part.h"

static void
copy_side(struct result *r, const struct score_side *s,
    struct result_side *to)
{
	*to = (struct result_side){
		.answer = result_str(r, s->answer),
		.top = result_str(r, s->top),
		.retrieved = result_str(r, s->retrieved),
		.outcome = result_str(r, s->outcome),
		.lambda = result_str(r, s->lambda),
		.sent = result_str(r, s->sent),
		.said = result_str(r, s->said),
		.failed = result_str(r, s->failed),
		.lost = result_str(r, s->lost),
	};
}

int
verdict_texts(const struct verdict_in *in, struct result *r, struct err *err)
{
	uint64_t ids[sizeof(r->worst) / sizeof(r->worst[0])];
	struct score_details d = { 0 };
	struct result_side *sides;
	size_t i, k;
	int a, rc;

	if (in->texts_of == NULL || r->n_worst == 0)
		return RC_OK;
	for (i = 0; i < r->n_worst; i++)
		ids[i] = r->worst[i];
	rc = score_details(in->texts_of, in->score->where, ids, r->n_worst,
	    &d, err);
	for (i = 0; i < d.n && rc == RC_OK; i++) {
		for (k = 0; k + 1 < r->n_worst &&
		    r->worst[k] != d.v[i].case_index; k++)
			;
		sides = result_alloc(r, 2 * sizeof(*sides));
		for (a = 0; a < 2 && sides != NULL; a++)
			copy_side(r, &d.v[i].side[a], &sides[a]);
		r->worst_sides[k] = sides;
	}
	score_details_free(&d);
	return rc;
}
