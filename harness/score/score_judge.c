/* Metrics of each observation, lambda of each arm; see score_part.h. */
#include <math.h>
#include <string.h>

#include "harness/score/score_part.h"

/* Which fields a citation must carry: those mapped that any answer of the
 * case had. A preset maps more than one API sends. */
static unsigned
cited_fields(const struct score_case *c, const struct score_one *o)
{
	return extract_cited_fields(o->spec) & c->cited_fields &
	    (FIELD_SNIPPET_ID | FIELD_SECTION_ID | FIELD_SOURCE_URL |
	    FIELD_OFFSETS | FIELD_TOKENS);
}

static void
observe(const struct score_job *job, struct score_case *c,
    struct score_one *o)
{
	const struct suite_target *t = suite_target_of(job->suite,
	    o->ex.key.arm);
	struct metric_in in = {
		.suite = job->suite, .spec = o->spec, .gold = &c->gold,
		.answer = o->answer, .exchange = &o->ex,
		.embedder = job->embedder, .scratch = &c->arena,
		.question = o->question == NULL ? NULL : o->question->doc,
		.snippets = o->snippets, .n_snippets = o->n_snippets,
		.answer_text = o->text, .sections = job->sections,
		.expected = (const struct section *const *)c->expected,
		.expected_text = c->expected_text,
		.n_expected = c->n_expected,
		.decoys = (const struct section *const *)c->decoys,
		.n_decoys = c->n_decoys,
		.gold_answers = c->answers, .n_gold_answers = c->n_answers,
		.ids = o->ranked, .n_ids = o->n_ids,
		.cited = o->cited, .n_cited = o->n_cited,
		.gold_ids = c->gold_ids, .n_gold_ids = c->n_gold_ids,
		.by_section = c->kind == ID_SECTION,
		.cited_fields = cited_fields(c, o),
		.price_in = t->present ? t->price_in : NAN,
		.price_out = t->present ? t->price_out : NAN,
		.paced = job->paced,
	};

	int i;

	metrics_observe(&in, o->m, o->why);
	for (i = 0; i < METRIC_N; i++) {
		c->has[1].m[i] |= o->why[i] == METRIC_HERE;
		c->has[0].m[i] |= o->why[i] == METRIC_HERE && score_of_base(o);
	}
}

/* ---- lambda ------------------------------------------------------------ */

/* The same with its answer, which graded stability compares. */
static void
variant_of(struct score_case *c, const struct score_one *o,
    struct lambda_variant *v)
{
	score_lambda_of(c, o, v);
	if (!v->asked || v->failed || o->text == NULL)
		return;
	v->answer = ctext_norm(o->text, &c->arena);
	v->answer_n = o->text->norm_n;
	v->answer_doc = o->text->doc;
}

static void
judge_lambda(const struct score_job *job, struct score_case *c, int arm)
{
	struct lambda_case lc;
	struct lambda_variant *v = arena_calloc(&c->arena, c->per_case,
	    sizeof(*v));
	uint32_t i;

	c->state[arm] = arena_calloc(&c->arena, c->per_case,
	    sizeof(*c->state[arm]));
	if (v == NULL || c->state[arm] == NULL)
		return;
	score_lambda_case(job, c, &lc);
	for (i = 0; i < c->per_case; i++)
		variant_of(c, score_at(c, i, (enum arm)arm), &v[i]);
	c->lambda[arm].state = c->state[arm];
	lambda_judge(v, c->per_case, &lc, &c->lambda[arm]);
}

void
score_judge(const struct score_job *job, struct score_case *c)
{
	size_t i;
	int arm;

	for (i = 0; i < c->n_one; i++)
		observe(job, c, &c->one[i]);
	for (arm = ARM_BASELINE; arm <= ARM_CANDIDATE; arm++)
		judge_lambda(job, c, arm);
	score_pair(job, c);
	if (arena_check(&c->arena, "a case", &c->err) != RC_OK)
		return;
	score_fold(job, c);
	score_replica(job, c);
	(void)arena_check(&c->arena, "a case", &c->err);
}
