/* From observations to a case's state and reasons (METRICS 4, "From
 * observation to case"); see score_part.h. */
#include <math.h>

#include "harness/score/score_part.h"

/* What decides whether a limit applies. */
struct limits_of {
	const struct score_case *c;
	const struct limits *l;
	const struct gold *g;
	int paired;		/* there is another arm to compare with */
	const struct score_has *has;	/* what other answers have */
};

static int
below(const struct score_one *o, enum metric_id id, double limit)
{
	return o->why[id] == METRIC_HERE && o->m[id] < limit;
}

static int
lacks(const struct score_one *o, enum metric_id id, enum metric_missing why)
{
	return o->why[id] == why;
}

/* Passages were sent, and every one is blank. */
static int
all_blank(const struct answer *a)
{
	size_t i, blank = 0;

	for (i = 0; i < a->n_retrieved; i++) {
		if (a->retrieved[i].text != NULL)
			return 0;
		blank += a->retrieved[i].blank != 0;
	}
	return blank > 0;
}

static unsigned
question_reasons(const struct limits_of *x, const struct score_one *o)
{
	const enum metric_id id = M_DS_QUESTION_RETRIEVED;
	unsigned out = 0;

	/* a text that other answers of the case carry is missing here */
	if ((o->why[id] == METRIC_HERE && o->m[id] >= x->l->ds_case_max) ||
	    (x->has->text && lacks(o, id, METRIC_NO_TEXT)))
		out |= CASE_QUESTION;
	if (below(o, M_COVERAGE, x->l->coverage_min) ||
	    (x->has->text && lacks(o, M_COVERAGE, METRIC_NO_TEXT)) ||
	    (x->g->section_ids.n > 0 && all_blank(o->answer) &&
	    !lacks(o, M_COVERAGE, METRIC_HERE)))
		out |= CASE_COVERAGE;
	if (o->answer->n_retrieved == 0 && extract_maps_retrieved(o->spec) &&
	    (x->has->snippets || x->g->section_ids.n > 0 ||
	    x->g->snippet_ids.n > 0))
		out |= CASE_EMPTY;
	return out;
}

static unsigned
citation_reasons(const struct limits_of *x, const struct score_one *o)
{
	int none = o->answer->n_cited == 0 &&
	    o->answer->outcome == OUTCOME_OK &&
	    extract_maps_citations(o->spec);
	unsigned out = 0;

	if (below(o, M_SCHEMA_OK, 1))
		out |= CASE_SCHEMA;
	if (below(o, M_CITATION_PRECISION, x->l->citation_precision_min) ||
	    below(o, M_CITATION_RECALL, x->l->citation_recall_min))
		out |= CASE_CITATIONS;
	if (none && (x->has->cited || x->l->require_citations))
		out |= CASE_CITATIONS;
	return out;
}

/* A blank is not an answer, nor is none where one is expected, nor are bytes
 * that are not text when others are text. */
static int
is_mute(const struct limits_of *x, const struct score_one *o)
{
	if (!extract_maps_answer(o->spec) ||
	    (o->answer->outcome != OUTCOME_OK &&
	    o->answer->outcome != OUTCOME_CUT))
		return 0;
	return o->answer->blank || (o->text == NULL && (x->has->answer ||
	    x->g->answers.n > 0 || x->g->answerable)) ||
	    (o->answer->garbled && x->has->clean);
}

static unsigned
answer_reasons(const struct limits_of *x, const struct score_one *o)
{
	int expects = gold_expects(x->g);
	unsigned out = 0;

	if (below(o, M_EXPECT_OK, 1))
		out |= CASE_EXPECT;
	if (below(o, M_ANSWER_OK, 1) ||
	    (x->has->answer && lacks(o, M_ANSWER_OK, METRIC_NO_ANSWER)))
		out |= CASE_ANSWER;
	if (is_mute(x, o))
		out |= CASE_MUTE;
	/* Without expectations a refusal may well be right; only that the
	 * other arm answers makes it a fault. */
	if (o->answer->outcome == OUTCOME_REFUSED && (expects || x->paired))
		out |= CASE_REFUSED;
	if (o->answer->outcome == OUTCOME_FILTERED && (expects || x->paired))
		out |= CASE_FILTERED;
	/* a suite may want its answers short: all of them are, then */
	if (o->answer->outcome == OUTCOME_CUT && x->has->whole)
		out |= CASE_CUT;
	return out;
}

/* A number that another answer to the case has and this one has not; the limits
 * above tell the common ones by name. */
static unsigned
lost_reasons(const struct limits_of *x, const struct score_one *o)
{
	static const struct {
		enum metric_id id;
		unsigned reason;
	} rows[] = {
		{ M_DS_QUESTION_RETRIEVED, CASE_QUESTION },
		{ M_DS_QUESTION_CONTEXT, CASE_QUESTION },
		{ M_COVERAGE, CASE_COVERAGE },
		{ M_CITATION_PRECISION, CASE_CITATIONS },
		{ M_CITATION_RECALL, CASE_CITATIONS },
		{ M_ANSWER_OK, CASE_ANSWER },
	};
	unsigned out = 0;
	size_t i;

	if (o->answer->outcome == OUTCOME_REFUSED ||
	    o->answer->outcome == OUTCOME_FILTERED)
		return 0;	/* named by that */
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (x->has->m[rows[i].id] &&
		    !lacks(o, rows[i].id, METRIC_HERE) &&
		    !lacks(o, rows[i].id, METRIC_NOT_APPLICABLE))
			out |= rows[i].reason;
	}
	if (x->has->m[M_ANCHORS] && !lacks(o, M_ANCHORS, METRIC_HERE) &&
	    (extract_retrieved_fields(o->spec) & FIELD_OFFSETS) != 0)
		out |= CASE_LOST;
	if (x->has->m[M_COST] && !lacks(o, M_COST, METRIC_HERE) &&
	    !limits_is_off(x->l, GATE_ID_cost))
		out |= CASE_LOST;
	return out;
}

/* What the assertions of a case say of an answer without its text. */
static unsigned
failure_reasons(const struct limits_of *x, const struct score_one *o)
{
	unsigned out = below(o, M_EXPECT_OK, 1) ? CASE_EXPECT : 0;

	if (o->expected || o->answer->outcome == OUTCOME_HTTP_4XX)
		return out;
	if (o->answer->outcome == OUTCOME_SERVICE_ERROR)
		return out | CASE_BROKEN;
	return out | (extract_maps_answer(o->spec) ? CASE_MUTE : 0U) |
	    (x->has->snippets ? CASE_EMPTY : 0U);
}

/* The limits that one answered variant misses. */
static unsigned
reasons_of(const struct limits_of *x, const struct score_one *o)
{
	unsigned out, lost;

	if (!outcome_is_answer(o->answer->outcome))
		return failure_reasons(x, o);
	if (x->g->unanswerable)
		return (below(o, M_EXPECT_OK, 1) ? CASE_EXPECT : 0) |
		    (below(o, M_REFUSED, 1) ? CASE_UNANSWERABLE : 0);
	out = question_reasons(x, o) | citation_reasons(x, o) |
	    answer_reasons(x, o);
	/* that there is nothing says it all */
	lost = lost_reasons(x, o);
	if ((out & CASE_EMPTY) != 0)
		lost &= ~(unsigned)(CASE_QUESTION | CASE_COVERAGE | CASE_LOST);
	if ((out & CASE_MUTE) != 0)
		lost &= ~(unsigned)CASE_ANSWER;
	return out | lost;
}

static unsigned
lambda_reasons(const struct limits_of *x, const struct lambda *lambda,
    size_t spare)
{
	unsigned out = 0;

	if (x->g->unanswerable || isnan(lambda->convergence))
		return 0;
	if (lambda->convergence < x->l->lambda_convergent &&
	    lambda->counts[LAMBDA_CONVERGENT] + spare < lambda->answered)
		out |= CASE_CONVERGENCE;
	if (lambda->counts[LAMBDA_CHAOS] > spare)
		out |= CASE_CHAOS;
	return out;
}

/* The variants that have a part in these reasons. */
static size_t
missing(const struct limits_of *x, int arm, unsigned reasons)
{
	const enum lambda_state *state = x->c->lambda[arm].state;
	const struct score_one *o;
	size_t n = 0;
	uint32_t v;
	int off;

	for (v = 0; v < x->c->per_case && reasons != 0; v++) {
		o = score_at(x->c, v, (enum arm)arm);
		if (o == NULL || !o->answered)
			continue;
		off = v < LAMBDA_MAX &&
		    (((reasons & CASE_CONVERGENCE) != 0 &&
		    state[v] != LAMBDA_CONVERGENT) ||
		    ((reasons & CASE_CHAOS) != 0 &&
		    state[v] == LAMBDA_CHAOS));
		n += off || (reasons_of(x, o) & reasons) != 0;
	}
	return n;
}

static int
is_paired(const struct score_case *c, int arm)
{
	uint32_t v;

	for (v = 0; v < c->per_case; v++) {
		if (score_at(c, v, (enum arm)!arm) != NULL)
			return 1;
	}
	return 0;
}

/* Declined, or stopped by a filter, where nothing says whether that is right:
 * no expectation, and no other arm. */
static int
is_open(const struct limits_of *x, const struct score_one *o)
{
	return !x->paired && !gold_expects(x->g) &&
	    (o->answer->outcome == OUTCOME_REFUSED ||
	    o->answer->outcome == OUTCOME_FILTERED);
}

/*
 * Sections are expected, nothing else is, and nothing can be seen of them: no
 * passage or citation comes, or with neither text nor id.  There is no other
 * arm to compare with, so nothing at all is judged.
 */
static int
is_blind(const struct limits_of *x, const struct score_one *o)
{
	static const enum metric_id ids[] = { M_COVERAGE, M_RECALL_AT_K,
		M_CITATION_PRECISION, M_CITATION_RECALL };
	const struct gold *g = x->g;
	size_t i;

	if (x->paired || g->section_ids.n + g->snippet_ids.n == 0 ||
	    g->answers.n + g->n_expect > 0)
		return 0;
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		if (o->why[ids[i]] == METRIC_HERE)
			return 0;
	}
	return outcome_is_answer(o->answer->outcome);
}

unsigned
score_reasons(const struct score_job *job, const struct score_case *c,
    const struct score_one *o)
{
	const enum arm a = o->ex.key.arm;
	const int arm = a == ARM_CANDIDATE || a == ARM_CANDIDATE2;
	struct limits_of x = { c, &job->suite->limits, &c->gold,
		is_paired(c, arm), &c->has[arm] };

	return reasons_of(&x, o);
}

int
score_good(const struct score_job *job, const struct score_case *c,
    const struct score_one *o)
{
	return score_reasons(job, c, o) == 0;
}

void
score_limits(const struct score_job *job, struct score_case *c, int arm)
{
	struct limits_of x = { c, &job->suite->limits, &c->gold,
		is_paired(c, arm), &c->has[arm] };
	struct cell_arm *out = &c->cell.arm[arm];
	size_t missed[CASE_REASONS] = { 0 };
	size_t answered = 0, open = 0, blind = 0, spare = 0;
	const struct score_one *o;
	unsigned bits;
	uint32_t v;
	int i;

	for (v = 0; v < c->per_case; v++) {
		o = score_at(c, v, (enum arm)arm);
		if (o == NULL || !o->answered)
			continue;
		answered++;
		open += (size_t)is_open(&x, o);
		blind += (size_t)is_blind(&x, o);
		bits = reasons_of(&x, o);
		for (i = 0; i < CASE_REASONS; i++)
			missed[i] += bits >> i & 1;
	}
	/* k of m must hold: so many may miss a limit */
	if (x.l->k_of_m > 0 && x.l->k_of_m < answered)
		spare = answered - x.l->k_of_m;
	bits = lambda_reasons(&x, &c->lambda[arm], spare);
	for (i = 0; i < CASE_REASONS; i++)
		bits |= missed[i] > spare ? 1u << i : 0;
	if (answered * 2 < c->per_case || answered == 0)
		out->state = CASE_UNJUDGED;
	else
		out->state = bits == 0 ? CASE_PASS : CASE_FAIL;
	out->missed = (uint16_t)missing(&x, arm, bits);
	if (out->state == CASE_PASS && open * 2 > answered) {
		out->state = CASE_UNJUDGED;
		bits = CASE_REFUSED;
	} else if (out->state == CASE_PASS && blind * 2 > answered) {
		out->state = CASE_UNJUDGED;
	}
	out->reasons = (uint16_t)bits;
}
