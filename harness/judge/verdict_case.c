/* From cells to the cases of the result; see verdict_part.h. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/utf8.h"
#include "harness/judge/verdict_part.h"
#include "harness/score/cells.h"
#include "harness/score/replica.h"
#include "harness/stat/stat.h"
#include "harness/traffic/credential.h"

static enum case_verdict
case_verdict(const struct cell *c, int paired)
{
	enum case_state b = (enum case_state)c->arm[0].state;
	enum case_state k = (enum case_state)c->arm[1].state;

	if (k == CASE_UNJUDGED || (paired && b == CASE_UNJUDGED))
		return CASE_V_UNJUDGED;
	if (!paired)
		return k == CASE_PASS ? CASE_V_PASS : CASE_V_FAIL;
	if (b == CASE_PASS)
		return k == CASE_PASS ? CASE_V_PASS : CASE_V_REGRESSION;
	return k == CASE_PASS ? CASE_V_FIX : CASE_V_DEFECT;
}

/* The number of a reason, on one arm; NaN: it has none. */
static double
reason_value(const struct result_case *c, int reason, int arm)
{
	switch (1 << reason) {
	case CASE_QUESTION:
		return (double)c->m[arm][M_DS_QUESTION_RETRIEVED];
	case CASE_COVERAGE:
		return (double)c->m[arm][M_COVERAGE];
	case CASE_CONVERGENCE:
		return (double)c->convergence[arm];
	case CASE_SCHEMA:
		return (double)c->m[arm][M_SCHEMA_OK];
	case CASE_CITATIONS:
		return (double)c->m[arm][M_CITATION_PRECISION];
	case CASE_EXPECT:
		return (double)c->m[arm][M_EXPECT_OK];
	case CASE_ANSWER:
		return (double)c->m[arm][M_ANSWER_OK];
	default:
		return NAN;
	}
}

/* The sentences of one case. */
struct words {
	const char *why[CASE_REASONS + 2];
	char text[CASE_REASONS][192];
	char moved[80];
	char answers[160];
	struct buf question;	/* where it holds a credential or a NUL */
};

#define QUESTION_MAX ((size_t)64 << 20)

/* Reports go further than the gold: into pull requests. */
static const char *
shown_question(struct words *w, const struct gold *g)
{
	struct buf plain;

	if (g->question == NULL || (memchr(g->question, '\0',
	    g->question_n) == NULL &&
	    credential_body(g->question, g->question_n, NULL, NULL) == 0))
		return g->question;
	buf_init(&plain, QUESTION_MAX);
	utf8_string(&plain, g->question, g->question_n);
	buf_reset(&w->question);
	buf_add(&w->question, buf_str(&plain), plain.len);
	if (w->question.bad == RC_OK)
		(void)credential_body(buf_str(&plain), plain.len,
		    w->question.p, NULL);
	buf_fini(&plain);
	if (w->question.bad != RC_OK)
		return "";
	return w->question.p;
}

static const char *
say_reason(const struct result_case *c, int i, int paired, char text[192])
{
	double after = reason_value(c, i, 1), before = reason_value(c, i, 0);

	if (!isfinite(after))
		return case_reason_text(i);
	if (paired && isfinite(before))
		(void)snprintf(text, 192, "%s: %.2f, was %.2f",
		    case_reason_text(i), after, before);
	else
		(void)snprintf(text, 192, "%s: %.2f", case_reason_text(i),
		    after);
	return text;
}

/* The order of reasons: first what came instead of an answer, because it
 * explains the others. */
static const unsigned telling[] = {
	CASE_BROKEN, CASE_FILTERED, CASE_EMPTY, CASE_MUTE, CASE_REFUSED,
	CASE_CUT, CASE_QUESTION, CASE_COVERAGE,
	CASE_CONVERGENCE, CASE_CHAOS, CASE_SCHEMA, CASE_CITATIONS,
	CASE_EXPECT, CASE_ANSWER, CASE_UNANSWERABLE, CASE_LOST,
};
_Static_assert(sizeof(telling) / sizeof(telling[0]) == CASE_REASONS,
    "each of them");

/* Report an answer that moved this far, even if its case passes: a case
 * without expectations shows nothing else. */
#define MOVED .1

/* No fault was found, and it declined: nothing says whether that is right. */
static int
is_open(const struct cell *c)
{
	return c->arm[1].state == CASE_UNJUDGED && c->arm[1].missed == 0 &&
	    (c->arm[1].reasons & CASE_REFUSED) != 0;
}

/* It answered, and shows nothing of what is expected. */
static int
is_blind(const struct cell *c)
{
	return c->arm[1].state == CASE_UNJUDGED && c->arm[0].n == 0 &&
	    c->arm[1].answered > 0 && c->arm[1].answered * 2 >= c->arm[1].n;
}

static void
say_case(struct result_case *c, const struct cell *cell, int paired,
    const char *kept_out, struct words *w)
{
	int i;

	if (kept_out != NULL)
		w->why[c->n_why++] = kept_out;
	else if (is_open(cell))
		w->why[c->n_why++] = "it was declined, and the case does not "
		    "say whether it should be (unanswerable: true or false)";
	else if (is_blind(cell))
		w->why[c->n_why++] = "it expects sections, and its answers "
		    "show no text or id of a passage (extract), so nothing "
		    "was judged";
	else if (c->verdict == CASE_V_UNJUDGED)
		w->why[c->n_why++] = cell->arm[0].n + cell->arm[1].n == 0 ?
		    "it was not asked" :
		    "fewer than half of its variants got an answer";
	else if (c->verdict == CASE_V_PASS && (double)c->drift >= MOVED) {
		(void)snprintf(w->moved, sizeof(w->moved), "its answer moved "
		    "by \xce\x94S %.2f more than the noise", (double)c->drift);
		w->why[c->n_why++] = w->moved;
	}
	for (i = 0; i < CASE_REASONS && c->verdict == CASE_V_FIX; i++) {
		if ((c->reasons[0] >> i & 1) == 0)
			continue;
		(void)snprintf(w->text[i], sizeof(w->text[i]), "before: %s",
		    case_reason_text(i));
		w->why[c->n_why++] = w->text[i];
	}
	for (i = 0; i < CASE_REASONS && c->verdict != CASE_V_FIX &&
	    !is_open(cell); i++) {
		if ((c->reasons[1] & telling[i]) != 0)
			w->why[c->n_why++] = say_reason(c,
			    __builtin_ctz(telling[i]), paired, w->text[i]);
	}
	c->why = w->why;
}

enum { WORST = sizeof(((struct result *)NULL)->worst) / sizeof(size_t) };

/* Found while going through the cases. */
struct pass {
	const struct verdict_in *in;
	struct result *r;
	int paired, has_gold;
	double harm[WORST];	/* of the worst cases */
	uint64_t into_band, out_of_band, judged, open;
	double ds;		/* sum over the judged */
	struct words words;
	struct replica_case replica;
};

/* What the case's own answers prove: "6 of 6 answers, was 0 of 9". */
static void
say_answers(struct result_case *c, double alpha, struct words *w)
{
	(void)snprintf(w->answers, sizeof(w->answers), "%.0f of %.0f answers "
	    "miss a limit, was %.0f of %.0f: %s (p = %.2g)",
	    (double)c->bad[1], (double)c->asked[1], (double)c->bad[0],
	    (double)c->asked[0], (double)c->p <= alpha ?
	    "these alone prove it" : "these alone do not prove it",
	    (double)c->p);
	w->why[c->n_why++] = w->answers;
}

/* The evidence of a case with a bad answer. */
static int
fill_answers(struct pass *p, uint64_t i, struct result_case *c,
    struct err *err)
{
	const struct replicas *all = p->in->score->replicas;
	struct stat_replicate_good e;
	int rc, a;

	if (!p->paired || all == NULL)
		return RC_OK;
	rc = replicas_get(all, i, &p->replica, err);
	if (rc <= 0)
		return rc;
	if (replica_evidence(&p->replica, &e) != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	if (e.n == 0 || (e.good[0] == e.asked[0] && e.good[1] == e.asked[1]))
		return RC_OK;
	c->has_answers = 1;
	for (a = 0; a < 2; a++) {
		c->asked[a] = (float)e.asked[a];
		c->bad[a] = (float)(e.asked[a] - e.good[a]);
	}
	c->p = (float)e.p;
	if (c->verdict == CASE_V_REGRESSION)
		say_answers(c, p->in->suite->limits.alpha, &p->words);
	return RC_OK;
}

/* Its texts are those of g and w. */
static void
fill_case(const struct gold *g, const struct cell *cell, int paired,
    const char *kept_out, struct words *w, struct result_case *c)
{
	int a, i;

	memset(c, 0, sizeof(*c));
	c->id = g->id;
	c->question = shown_question(w, g);
	c->verdict = case_verdict(cell, paired);
	if (kept_out != NULL) {
		c->verdict = CASE_V_UNJUDGED;
		c->quarantined = 1;
	}
	c->critical = g->critical;
	c->flipped = c->verdict == CASE_V_REGRESSION ||
	    c->verdict == CASE_V_FIX;
	c->review = paired && kept_out == NULL && cell->arm[1].in_band &&
	    !cell->arm[0].in_band;
	for (a = 0; a < 2; a++) {
		c->reasons[a] = cell->arm[a].reasons;
		memcpy(c->m[a], cell->arm[a].m, sizeof(c->m[a]));
		memcpy(c->lambda[a], cell->arm[a].lambda,
		    sizeof(c->lambda[a]));
		c->convergence[a] = cell->arm[a].convergence;
		c->flip_rate[a] = cell->arm[a].flip_rate;
		c->variance_ratio[a] = cell->arm[a].variance_ratio;
		for (i = 0; i < LAMBDA_GRADES; i++)
			c->graded[i][a] = cell->arm[a].graded[i];
	}
	memcpy(c->scored, cell->scored, sizeof(c->scored));
	c->drift = cell->drift;
	c->ds_answer = cell->ds_answer;
	if (g->section_ids.n > 0)
		c->expected = g->section_ids.v[0];
	say_case(c, cell, paired, kept_out, w);
}

static int
bad(const struct result_case *c)
{
	return c->verdict == CASE_V_REGRESSION || c->verdict == CASE_V_FAIL;
}

/* It was asked and got no answer: its text is worth a look. */
static int
silent(const struct result_case *c, const struct cell *cell)
{
	return c->verdict == CASE_V_UNJUDGED && !c->quarantined &&
	    cell->arm[1].answered * 2 < cell->arm[1].n;
}

/* How bad a case is: critical ones first, then by what it lost. */
static double
harm(const struct result_case *c)
{
	double v = 100.0 * bad(c) + 50.0 * (bad(c) && c->critical);
	double lost = (double)c->m[0][M_COVERAGE] -
	    (double)c->m[1][M_COVERAGE];
	double rise = (double)c->m[1][M_DS_QUESTION_RETRIEVED] -
	    (double)c->m[0][M_DS_QUESTION_RETRIEVED];
	double slack = (double)c->convergence[0] - (double)c->convergence[1];

	v += isfinite(lost) ? 4 * lost : 0;
	v += isfinite(rise) ? 2 * rise : 0;
	v += isfinite(slack) ? slack : 0;
	return v + (isfinite((double)c->drift) ? 2 * (double)c->drift : 0);
}

/* The worst five, by insertion: equal harm keeps the suite's order. */
static void
pick_worst(struct pass *p, const struct result_case *c,
    const struct cell *cell, size_t i)
{
	struct result *r = p->r;
	double x = harm(c) + (silent(c, cell) ? 40 : 0);
	size_t k;

	if (!bad(c) && x < 2 * MOVED)
		return;
	if (r->n_worst == WORST && x <= p->harm[WORST - 1])
		return;
	k = r->n_worst < WORST ? r->n_worst++ : WORST - 1;
	for (; k > 0 && p->harm[k - 1] < x; k--) {
		p->harm[k] = p->harm[k - 1];
		r->worst[k] = r->worst[k - 1];
	}
	p->harm[k] = x;
	r->worst[k] = i;
}

static void
look_at_band(struct pass *p, const struct result_case *c,
    const struct cell *cell)
{
	double ds = (double)cell->arm[1].m[M_DS_QUESTION_RETRIEVED];
	int pass = c->verdict == CASE_V_PASS;

	p->into_band += pass && cell->arm[1].in_band && !cell->arm[0].in_band;
	p->out_of_band += pass && cell->arm[0].in_band &&
	    !cell->arm[1].in_band;
	if (!isfinite(ds))
		return;
	p->ds += ds;
	p->judged++;
}

/* METRICS: REVIEW when more cases moved from pass into the review band than
 * the noise explains; without a baseline when the mean lies in it. */
static void
judge_band(const struct pass *x)
{
	const struct limits *l = &x->in->suite->limits;
	uint64_t in_only = x->into_band, out_only = x->out_of_band;
	struct result *r = x->r;
	double sum, p;

	/* without the distance gate there is no band */
	if ((l->off >> gate_find("ds_max") & 1) != 0)
		return;
	if (!x->paired) {
		sum = x->judged > 0 ? x->ds / (double)x->judged : NAN;
		if (sum >= l->ds_max && sum < l->ds_case_max)
			verdict_raise(r, VERDICT_REVIEW, result_fmt(r,
			    "the mean distance from question to snippet, %.3f, "
			    "is in the review band (%.2f to %.2f)",
			    sum, l->ds_max, l->ds_case_max));
		return;
	}
	p = stat_mcnemar(in_only, out_only, STAT_GREATER);
	if (p <= l->alpha && x->judged > 0 && ((double)in_only -
	    (double)out_only) / (double)x->judged > l->cases)
		verdict_raise(r, VERDICT_REVIEW, result_fmt(r, "%llu cases "
		    "moved into the review band (%.2f to %.2f) and %llu out "
		    "of it, p = %.4f", (unsigned long long)in_only,
		    l->ds_max, l->ds_case_max, (unsigned long long)out_only,
		    p));
}

static int
take_case(struct pass *p, uint64_t i, struct gold *g, struct err *err)
{
	const struct verdict_in *in = p->in;
	const struct cell *cell;
	const char *kept_out;
	struct result_case c;
	int rc = caseset_get(in->cases, i, g, err);

	if (rc != RC_OK)
		return rc;
	kept_out = in->suite->quarantine == NULL ? NULL :
	    verdict_quarantined(in, p->r, g->id);
	cell = cells_get(in->score->cells, i);
	fill_case(g, cell, p->paired, kept_out, &p->words, &c);
	if (kept_out == NULL)
		rc = fill_answers(p, i, &c, err);
	if (rc != RC_OK)
		return rc;
	p->has_gold |= gold_expects(g);
	p->open += kept_out == NULL && is_open(cell);
	if (kept_out == NULL) {
		look_at_band(p, &c, cell);
		pick_worst(p, &c, cell, (size_t)i);
	}
	return result_case_add(p->r, &c, err);
}

/* A few judged cases cannot stand for many unknown ones: a recording may have
 * only some, or stacks may not have answered. */
static void
judge_unjudged(const struct verdict_in *in, struct result *r, uint64_t open)
{
	uint64_t apart = r->count.quarantined;
	uint64_t unjudged = r->count.of[CASE_V_UNJUDGED] - apart;
	uint64_t asked = r->n_cases - apart;

	if (open > 0 && unjudged * 2 > asked)
		verdict_raise(r, VERDICT_INCONCLUSIVE, result_fmt(r, "%llu of "
		    "%llu questions were declined, and the suite does not say "
		    "whether they should be (unanswerable: true or false)",
		    (unsigned long long)open, (unsigned long long)asked));
	else if (asked > 0 && unjudged == asked)
		verdict_raise(r, VERDICT_INCONCLUSIVE,
		    "no case could be judged");
	else if (!in->replay.sample && unjudged * 2 > asked)
		verdict_raise(r, VERDICT_INCONCLUSIVE, result_fmt(r, "only "
		    "%llu of %llu cases could be judged: too few to stand for "
		    "the rest", (unsigned long long)(asked - unjudged),
		    (unsigned long long)asked));
}

/* If no case passes on either stack, the expectations cannot show a change:
 * the gold may belong to another corpus. */
static void
judge_none_pass(struct result *r)
{
	uint64_t judged = r->n_cases - r->count.of[CASE_V_UNJUDGED];

	if (!r->arm[ARM_BASELINE].present || judged == 0 ||
	    r->count.of[CASE_V_DEFECT] < judged)
		return;
	verdict_raise(r, VERDICT_INCONCLUSIVE, result_fmt(r, "%s on either "
	    "stack: these limits cannot tell the stacks apart (lockstep check "
	    "--case shows the request, show --case the answer and the limit "
	    "it misses)", judged == 1 ? "the only case does not pass" :
	    result_fmt(r, "none of %llu cases passes",
	    (unsigned long long)judged)));
}

int
verdict_cases(const struct verdict_in *in, struct result *r, int *has_gold,
    struct err *err)
{
	struct pass p = { .in = in, .r = r,
	    .paired = r->arm[ARM_BASELINE].present };
	uint64_t n = caseset_n(in->cases), i;
	struct gold g;
	int rc = RC_OK;

	gold_init(&g);
	buf_init(&p.words.question, QUESTION_MAX);
	replica_case_init(&p.replica);
	for (i = 0; i < n && rc == RC_OK; i++)
		rc = take_case(&p, i, &g, err);
	replica_case_fini(&p.replica);
	if (rc == RC_OK)
		rc = verdict_critical(in, r, err);
	gold_fini(&g);
	buf_fini(&p.words.question);
	r->variants = in->plan->n_items;
	*has_gold |= p.has_gold;
	if (rc != RC_OK)
		return rc;
	judge_unjudged(in, r, p.open);
	judge_none_pass(r);
	judge_band(&p);
	return RC_OK;
}
