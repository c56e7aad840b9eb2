/* The answers to each variant, compared with each other; see score_part.h. */
#include <math.h>
#include <string.h>

#include "harness/score/json_apart.h"
#include "harness/score/score_part.h"

static const struct score_one *
answered_at(const struct score_case *c, uint32_t v, enum arm a)
{
	const struct score_one *o = score_at(c, v, a);

	return o != NULL && o->answered ? o : NULL;
}

static void
find_answers(const struct score_case *c, uint32_t v, struct score_variant *x)
{
	const struct score_one *echo = answered_at(c, v, ARM_BASELINE2);

	x->of[STAT_BASE] = answered_at(c, v, ARM_BASELINE);
	x->of[STAT_CAND] = answered_at(c, v, ARM_CANDIDATE);
	x->twice = STAT_BASE;
	if (echo == NULL) {
		echo = answered_at(c, v, ARM_CANDIDATE2);
		x->twice = echo == NULL ? STAT_BASE : STAT_CAND;
	}
	x->of[STAT_ECHO] = echo;
}

/* ---- texts --------------------------------------------------------------- */

/* The text that answers are compared by: what was said, or the first passage
 * where nothing was said to the case by anybody. */
static const struct ctext *
text_of(const struct score_one *o, int said)
{
	if (o == NULL)
		return NULL;
	if (said)
		return o->said;
	return o->n_snippets == 0 ? NULL : o->snippets[0];
}

static double
distance(const struct score_job *job, const struct ctext *a,
    const struct ctext *b)
{
	if (a == NULL || b == NULL || a->doc == NULL || b->doc == NULL)
		return NAN;
	return a == b ? 0 : metric_ds(job->embedder, a->doc, b->doc);
}

/* Of what was said: JSON by its members, too. */
static double
said_apart(const struct score_job *job, const struct ctext *a,
    const struct ctext *b)
{
	double ds = distance(job, a, b), json;

	if (!isfinite(ds) || a == b)
		return ds;
	json = json_apart(a->p, a->n, b->p, b->n);
	return isnan(json) ? ds : fmax(ds, json);
}

/* What the three texts are from each other. */
static void
distances(const struct score_job *job, const struct score_variant *x,
    int said, double ds[3])
{
	const struct ctext *t[3];
	int i;

	for (i = 0; i < 3; i++)
		t[i] = text_of(x->of[i], said);
	for (i = 0; i < 3; i++)
		ds[i] = said ? said_apart(job, t[(i + 1) % 3],
		    t[(i + 2) % 3]) : distance(job, t[(i + 1) % 3],
		    t[(i + 2) % 3]);
}

static void
compare_texts(const struct score_job *job, const struct score_case *c,
    int said, struct score_variant *x)
{
	const int lone = x->twice == STAT_BASE ? STAT_CAND : STAT_BASE;
	const struct score_one *cand = x->of[STAT_CAND];
	const struct ctext *accepted = c->accepted == NULL || cand == NULL ?
	    NULL : c->accepted[cand->ex.key.p];
	double ds[3], between;

	distances(job, x, said, ds);
	between = accepted == NULL || !said ? ds[STAT_ECHO] :
	    said_apart(job, accepted, cand->said);
	x->drift = between - ds[lone];
	memcpy(x->ds, ds, sizeof(ds));
	x->between = between;
	if (said)
		return;
	/* passages are not answers */
	x->ds[0] = x->ds[1] = x->ds[2] = x->between = NAN;
}

/* ---- order --------------------------------------------------------------- */

static int
same_ids(const struct score_one *a, const struct score_one *b)
{
	size_t i;

	for (i = 0; a->n_ids == b->n_ids && i < a->n_ids; i++) {
		if (strcmp(a->ids[i], b->ids[i]) != 0)
			return 0;
	}
	return a->n_ids == b->n_ids;
}

static double
disorder(const struct score_one *a, const struct score_one *b)
{
	if (a == NULL || b == NULL)
		return NAN;
	if (a->n_ids > 0 && same_ids(a, b))
		return 0;
	return 1 - rbo_ext(a->ids, a->n_ids, b->ids, b->n_ids, 0.9);
}

void
score_pair(const struct score_job *job, struct score_case *c)
{
	struct score_variant *x;
	uint32_t v;
	int i, said = 0;
	size_t k;

	for (k = 0; k < c->n_one; k++)
		said |= c->one[k].said != NULL && c->one[k].said->doc != NULL;
	c->variant = arena_calloc(&c->arena, c->per_case,
	    sizeof(*c->variant));
	for (v = 0; c->variant != NULL && v < c->per_case; v++) {
		x = &c->variant[v];
		find_answers(c, v, x);
		compare_texts(job, c, said, x);
		for (i = 0; i < 3; i++)
			x->order[i] = disorder(x->of[(i + 1) % 3],
			    x->of[(i + 2) % 3]);
	}
}
