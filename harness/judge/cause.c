/* Likely causes from evidence; see cause.h. One row a rule. */
#include "harness/judge/cause.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/cause_part.h"

/* The 95th percentile has risen so many times as much as the middle, both as
 * logarithms: only the slow requests are slower. Slower throughout gives 1. */
#define TAIL_ALONE 3.

/* returns the confidence in (0,1], 0 when the rule does not apply, and the
 * sentence that says why */
typedef double cause_fn(const struct evidence *e, const char **why);

/* Harm, sure or possible; a missing proof (strict) is not evidence. */
static int
fails(const struct evidence *e, const char *name)
{
	const struct result_gate *g = result_gate_find(e->r, name);

	return g != NULL && result_gate_beyond(g) &&
	    (g->verdict == GATE_FAIL || g->verdict == GATE_INCONCLUSIVE ||
	    g->verdict == GATE_REVIEW);
}

static int
answers_moved(const struct evidence *e)
{
	return fails(e, "answer_drift") || fails(e, "answer_drift_tail");
}

static int
retrieval_hurt(const struct evidence *e)
{
	return e->lost + e->outranked > 0 || fails(e, "coverage") ||
	    fails(e, "question_drift") || fails(e, "answer_drift") ||
	    fails(e, "cases");
}

/* The value of a pin that differs between the arms, or NULL. */
static const struct result_pin_change *
pin_changed(const struct evidence *e, const char *name)
{
	size_t i;

	for (i = 0; i < e->r->n_pins; i++) {
		if (strcmp(e->r->pins[i].name, name) == 0)
			return &e->r->pins[i];
	}
	return NULL;
}

/* Whether the arm sent more than one value of some pin (or of this one). */
static const char *
pin_varies(const struct evidence *e, enum arm a, const char *only)
{
	const struct result_arm *arm = &e->r->arm[a];
	size_t i, j;

	for (i = 0; i < arm->n_pins; i++) {
		if (only != NULL && strcmp(arm->pins[i].name, only) != 0)
			continue;
		for (j = i + 1; j < arm->n_pins; j++) {
			if (strcmp(arm->pins[i].name, arm->pins[j].name) == 0)
				return arm->pins[i].name;
		}
	}
	return NULL;
}

static double
rate(const struct evidence *e, enum arm a, enum outcome o)
{
	const struct result_arm *arm = &e->r->arm[a];

	return arm->sent == 0 ? 0 :
	    (double)arm->outcomes[o] / (double)arm->sent;
}

static double
mixed_index(const struct evidence *e, const char **why)
{
	if (pin_varies(e, ARM_CANDIDATE, "INDEX_HASH") == NULL)
		return 0;
	*why = "the candidate answered from more than one index: INDEX_HASH "
	    "changed from answer to answer";
	return .95;
}

static double
pin_drift(const struct evidence *e, const char **why)
{
	const char *pin = pin_varies(e, ARM_CANDIDATE, NULL);

	if (pin == NULL)
		return 0;
	*why = result_fmt(e->r,
	    "the candidate reported several values of %s during the run", pin);
	return .9;
}

static double
index_swap(const struct evidence *e, const char **why)
{
	if (pin_changed(e, "INDEX_HASH") == NULL || !retrieval_hurt(e))
		return 0;
	if (e->lost > 0)
		*why = result_fmt(e->r, "INDEX_HASH differs between the arms "
		    "and %zu question%s lost %s passage", e->lost,
		    e->lost == 1 ? "" : "s", e->lost == 1 ? "its" : "their");
	else
		*why = "INDEX_HASH differs between the arms and retrieval is "
		    "worse";
	return .8;
}

/* What the worst questions retrieve now, whatever was asked. */
static double
empty_index(const struct evidence *e, const char **why)
{
	if (e->seen == 0 || e->none < e->seen || e->none < 2)
		return 0;
	*why = result_fmt(e->r, "the %zu worst questions retrieve nothing: the "
	    "index is empty, or a wrong one is queried", e->none);
	return .7;
}

static double
one_for_all(const struct evidence *e, const char **why)
{
	if (e->same_top == 0)
		return 0;
	*why = result_fmt(e->r, "%s now comes first for %zu of the %zu worst "
	    "questions: questions are no longer distinguished",
	    e->top, e->same_top, e->seen);
	return .65;
}

static double
shorter_lists(const struct evidence *e, const char **why)
{
	if (e->fewer < 2 || e->fewer < e->seen)
		return 0;
	*why = result_fmt(e->r, "fewer passages are retrieved for each of the "
	    "%zu worst questions: a limit or a filter removes them",
	    e->fewer);
	return .5;
}

static double
data_loss(const struct evidence *e, const char **why)
{
	const unsigned long long pass = e->r->count.of[CASE_V_PASS];

	if (e->lost == 0 && e->empty > 0 && e->empty * 2 >= e->regressions) {
		*why = result_fmt(e->r, "%zu regressed question%s nothing at "
		    "all in some of %s wordings", e->empty,
		    e->empty == 1 ? " retrieves" : "s retrieve",
		    e->empty == 1 ? "its" : "their");
		return .55;
	}
	if (e->lost == 0 || e->lost * 2 < e->regressions)
		return 0;
	*why = result_fmt(e->r, "%zu of %zu regressed question%s no longer "
	    "retrieve%s %s", e->lost, e->regressions,
	    e->regressions == 1 ? "" : "s", e->lost == 1 ? "s" : "",
	    e->partly > 0 ? "most of what is expected" :
	    "the expected section in any wording");
	if (pass > 0)
		*why = result_fmt(e->r, "%s; %llu question%s pass%s", *why,
		    pass, pass == 1 ? "" : "s", pass == 1 ? "es" : "");
	return pin_changed(e, "INDEX_HASH") != NULL ? .6 : .75;
}

/* Without expectations: a list without some passages, and otherwise as it was,
 * is what a search finds where these are missing. */
static double
passages_gone(const struct evidence *e, const char **why)
{
	if (e->regressions == 0 && e->gone > 0 && !fails(e, "order") &&
	    answers_moved(e)) {
		*why = result_fmt(e->r, "%zu of the %zu worst questions %s "
		    "what the baseline retrieves: %s", e->gone, e->seen,
		    e->gone == 1 ? "lacks" : "lack", e->first_gone);
		return .5;
	}
	if (e->regressions > 0 || e->thinned < 2 || e->thinned < e->seen ||
	    e->left == 0 || !fails(e, "order"))
		return 0;
	*why = result_fmt(e->r, "the passages that came first for the %zu "
	    "worst questions are gone, and the next ones moved up in their "
	    "old order", e->seen);
	return .6;
}

static double
analyzer(const struct evidence *e, const char **why)
{
	const struct result_pin_change *p = pin_changed(e, "ANALYZER_CONF");

	if (p == NULL)
		p = pin_changed(e, "TOK_VER");
	if (p == NULL || !retrieval_hurt(e))
		return 0;
	*why = result_fmt(e->r, "%s differs between the arms and retrieval "
	    "is worse", p->name);
	return .75;
}

static double
embedding(const struct evidence *e, const char **why)
{
	static const char *const names[] = { "EMBED_MODEL_VER", "EMBED_DIM",
	    "NORM", "metric" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (pin_changed(e, names[i]) == NULL || !retrieval_hurt(e))
			continue;
		*why = result_fmt(e->r, "%s differs between the arms and "
		    "retrieval is worse", names[i]);
		return .75;
	}
	return 0;
}

static double
reranker(const struct evidence *e, const char **why)
{
	const struct result_pin_change *p = pin_changed(e, "RERANK_CONF");
	/* a variant without an answer does not converge either */
	int gone = (e->empty + e->refused + e->mute) * 2 >= e->regressions &&
	    e->regressions > 0;
	const char *hurt = fails(e, "lambda_flip") ? "the top result changes" :
	    fails(e, "flip_rate") ? "the top result changes" :
	    fails(e, "lambda") && !gone ? "citations change" :
	    fails(e, "instability") ? "the answer changes" : NULL;

	if (hurt == NULL && fails(e, "order") && e->empty == 0) {
		*why = "the ranking differs from the baseline's";
		return p != NULL ? .85 : e->lost > 0 ? .3 : .45;
	}
	if (hurt == NULL)
		return 0;
	*why = result_fmt(e->r, "%s from variant to variant of one question"
	    "%s%s", hurt, e->r->arm[ARM_BASELINE].present ?
	    " more often than on the baseline" : "",
	    p != NULL ? ", and RERANK_CONF differs" : "");
	if (e->lost > 0)
		return .45;
	return p != NULL ? .85 : .65;
}

static double
wrong_rank(const struct evidence *e, const char **why)
{
	/* one or two cases move by chance in any pair of stacks */
	if (e->outranked == 0 || e->outranked * 2 < e->regressions ||
	    (e->outranked < 3 + 2 * e->r->count.of[CASE_V_FIX] &&
	    !fails(e, "cases")))
		return 0;
	*why = result_fmt(e->r, "%zu regressed question%s still retrieve%s "
	    "the expected section, but another one comes first", e->outranked,
	    e->outranked == 1 ? "" : "s", e->outranked == 1 ? "s" : "");
	return .6;
}

/* Of retrieval, where answers moved alone: nobody may say that it did not
 * change who cannot see it. */
static const char *
retrieval_is(const struct evidence *e)
{
	if (e->regressions > 0 ? e->shown == 0 : e->lists == 0)
		return "; the answers do not show what was retrieved";
	if (e->regressions == 0 && e->gone > 0)
		return ", and so did what is retrieved";
	return " although retrieval is unchanged";
}

static double
prompt(const struct evidence *e, const char **why)
{
	const struct result_pin_change *p = pin_changed(e, "PROMPT_VER");

	if (e->refused > 0)
		*why = result_fmt(e->r, "%zu question%s %s declined%s%s",
		    e->refused, e->refused == 1 ? "" : "s",
		    e->refused == 1 ? "is" : "are", retrieval_is(e),
		    p != NULL ? ", and PROMPT_VER differs" : "");
	else if (e->mute > 0)
		*why = result_fmt(e->r, "%zu question%s %s no answer%s%s",
		    e->mute, e->mute == 1 ? "" : "s",
		    e->mute == 1 ? "gets" : "get", retrieval_is(e),
		    p != NULL ? ", and PROMPT_VER differs" : "");
	else if (e->cited_wrong > 0)
		*why = result_fmt(e->r, "retrieval is unchanged, but %zu "
		    "answer%s wrong sections", e->cited_wrong,
		    e->cited_wrong == 1 ? " cites" : "s cite");
	else if (e->uncited_fields > 0)
		*why = "citations lack fields that the baseline's carry";
	/* unless they moved because the faults of some are mended */
	else if ((e->regressions > 0 || e->r->count.of[CASE_V_FIX] == 0) &&
	    !fails(e, "order") && answers_moved(e))
		*why = result_fmt(e->r, "answers moved%s", retrieval_is(e));
	else
		return 0;
	if (p != NULL)
		return .85;
	if (e->refused + e->mute + e->cited_wrong + e->uncited_fields > 0)
		return .65;
	return e->regressions == 0 && e->gone > 0 ? .2 : .35;
}

/* Whether typical requests are as fast as before, or slower by little beside
 * the slow ones: a long tail moves the middle, too. */
static int
tail_alone(const struct evidence *e)
{
	const struct result_gate *body = result_gate_find(e->r,
	    "latency_body");
	const struct result_gate *p95 = result_gate_find(e->r, "latency_p95");

	return !fails(e, "latency_body") ||
	    log(p95->value) > TAIL_ALONE * log(body->value);
}

static double
weak_load_controls(const struct evidence *e, const char **why)
{
	double more;

	more = rate(e, ARM_CANDIDATE, OUTCOME_HTTP_429) -
	    rate(e, ARM_BASELINE, OUTCOME_HTTP_429);
	if (more > .005) {
		*why = result_fmt(e->r, "%.1f %% of the candidate's answers "
		    "were 429 under the same load", 100 *
		    rate(e, ARM_CANDIDATE, OUTCOME_HTTP_429));
		return .85;
	}
	more = rate(e, ARM_CANDIDATE, OUTCOME_TIMEOUT) -
	    rate(e, ARM_BASELINE, OUTCOME_TIMEOUT);
	if (more > .005) {
		*why = result_fmt(e->r, "%.1f %% of the candidate's answers "
		    "were late or missing", 100 *
		    rate(e, ARM_CANDIDATE, OUTCOME_TIMEOUT));
		return .7;
	}
	/* what is slower throughout, or breaks by itself, is so without load */
	if (fails(e, "latency_p95") && tail_alone(e)) {
		*why = "the candidate's slow requests are slower under the "
		    "same load, its typical ones are not";
		return .4;
	}
	return 0;
}

static double
cache(const struct evidence *e, const char **why)
{
	if (!e->r->trust.cached_echoes || e->regressions == 0)
		return 0;
	if (e->same_top > 0) {
		*why = result_fmt(e->r, "answers come from a cache, and %s "
		    "comes first for %zu of the %zu worst questions", e->top,
		    e->same_top, e->seen);
		return .7;
	}
	*why = "a repeated question got the same bytes much faster: there is "
	    "an answer cache in front of the stack";
	return .3;
}

static const struct {
	const char *class, *guardrail;
	cause_fn *fn;
} rules[] = {
	{ "index swap error", "5 vector index build and swap", mixed_index },
	{ "pin drift", "4 version pinning", pin_drift },
	{ "index swap error", "5 vector index build and swap", index_swap },
	{ "index swap error", "5 vector index build and swap", empty_index },
	{ "embedding/metric mismatch", "5 vector index build and swap",
	    one_for_all },
	{ "data loss", "5 vector index build and swap", data_loss },
	{ "data loss", "5 vector index build and swap", passages_gone },
	{ "tokenizer/analyzer change", "4 version pinning", analyzer },
	{ "embedding/metric mismatch", "5 vector index build and swap",
	    embedding },
	{ "reranker instability", "12 postmortem and regression tests",
	    reranker },
	{ "reranker instability", "12 postmortem and regression tests",
	    wrong_rank },
	{ "reranker instability", "12 postmortem and regression tests",
	    shorter_lists },
	{ "prompt regression", "4 version pinning", prompt },
	{ "load controls weak", "7 rate limit and backpressure",
	    weak_load_controls },
	{ "cache namespace bug", "6 cache warm-up and invalidation", cache },
};

enum { N_RULES = sizeof(rules) / sizeof(rules[0]) };

static void
look_at(struct evidence *e, const struct result_case *c)
{
	double before = (double)c->m[0][M_RECALL_AT_K];
	double after = (double)c->m[1][M_RECALL_AT_K];
	double top_b = (double)c->m[0][M_MRR], top_c = (double)c->m[1][M_MRR];

	e->regressions++;
	e->shown += !isnan((double)c->m[1][M_DS_QUESTION_RETRIEVED]) ||
	    !isnan((double)c->m[1][M_RECALL_AT_K]);
	if ((c->reasons[1] & CASE_EMPTY) != 0)
		e->empty++;
	e->partly += after > 0 && after < before / 2;
	if (before > 0 && after < before / 2)
		e->lost++;
	else if (top_c < top_b)
		e->outranked++;
	else if ((c->reasons[1] & CASE_REFUSED) != 0)
		e->refused++;
	else if ((c->reasons[1] & CASE_MUTE) != 0)
		e->mute++;
	else if ((c->reasons[1] & CASE_CITATIONS) != 0)
		e->cited_wrong++;
	else if ((c->reasons[1] & CASE_SCHEMA) != 0)
		e->uncited_fields++;
	if ((c->reasons[1] & (CASE_CONVERGENCE | CASE_CHAOS)) != 0)
		e->unstable++;
}

static int
look_at_cases(struct evidence *e, struct err *err)
{
	const struct result_case *c;
	struct result_reader rd;

	if (e->r->count.of[CASE_V_REGRESSION] == 0)
		return RC_OK;
	result_reader_init(&rd, e->r);
	while ((c = result_case_next(&rd)) != NULL) {
		if (c->verdict == CASE_V_REGRESSION)
			look_at(e, c);
	}
	(void)result_reader_check(&rd, err);
	return result_reader_fini(&rd);
}

static int
more_likely(const void *a, const void *b)
{
	const struct result_cause *x = a, *y = b;

	if (x->confidence != y->confidence)
		return x->confidence < y->confidence ? 1 : -1;
	return strcmp(x->class, y->class);
}

static int
add_cause(struct result *r, size_t rule, double confidence, const char *why)
{
	struct result_cause *c = &r->causes[r->n_causes];
	const char **evidence = result_alloc(r, sizeof(*evidence));

	if (evidence == NULL)
		return RC_NOMEM;
	evidence[0] = why;
	c->class = rules[rule].class;
	c->confidence = confidence;
	c->evidence = evidence;
	c->n_evidence = 1;
	c->guardrail = rules[rule].guardrail;
	r->n_causes++;
	return RC_OK;
}

int
causes_name(struct result *r, struct err *err)
{
	struct evidence e = { .r = r };
	const char *why;
	double confidence;
	size_t i, j;
	int rc;

	r->n_causes = 0;
	if (r->verdict == VERDICT_PASS)
		return RC_OK;
	rc = look_at_cases(&e, err);
	if (rc != RC_OK)
		return rc;
	cause_worst(&e);
	r->causes = result_alloc(r, N_RULES * sizeof(*r->causes));
	if (r->causes == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < N_RULES; i++) {
		why = NULL;
		confidence = rules[i].fn(&e, &why);
		for (j = 0; j < r->n_causes; j++) {
			if (strcmp(r->causes[j].class, rules[i].class) == 0)
				break;
		}
		if (confidence <= 0 || j < r->n_causes)
			continue;
		if (add_cause(r, i, confidence, why) != RC_OK)
			return err_set(err, RC_NOMEM, "out of memory");
	}
	if (r->n_causes > 1)
		qsort(r->causes, r->n_causes, sizeof(*r->causes),
		    more_likely);
	if (r->n_causes > 3)
		r->n_causes = 3;
	return RC_OK;
}
