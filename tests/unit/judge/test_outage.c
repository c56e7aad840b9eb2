/* Errors and when they came: what is one event, and what counts each time. */
#include "tests/unit/judge/verdict_rules.h"

/* Failures of the candidate alone: how, this far apart, this long each. */
static void
fail_apart(struct made *w, enum outcome how, int64_t apart_ns,
    int64_t long_ns)
{
	enum { N = 20 };
	static struct score_error v[N];
	unsigned i;

	errors(w, N, 1, 0);
	for (i = 0; i < N; i++)
		v[i] = (struct score_error){ .case_index = i, .arm = 1,
			.cause = (uint8_t)how, .from_ns = apart_ns * i,
			.to_ns = apart_ns * i + long_ns };
	w->score.errors.v = v;
	w->score.errors.n = w->score.errors.seen = N;
}

static void
restart(struct made *w)
{
	fail_apart(w, OUTCOME_RESET, 1000, 1000000);
}

/* At one time, and yet each answer is cut in half by itself. */
static void
halves(struct made *w)
{
	fail_apart(w, OUTCOME_BAD_JSON, 1000, 1000000);
}

static void
restarts(struct made *w)
{
	fail_apart(w, OUTCOME_RESET, 500000000, 1000000);
}

/* The baseline has no observation at all. */
static void
no_baseline_5xx(struct made *w)
{
	unsigned i;

	errors(w, 20, 1, 1);
	for (i = 0; i < w->n; i++)
		w->cell[i].arm[0] = (struct cell_arm){ .state =
		    CASE_UNJUDGED };
	w->score.arm[ARM_BASELINE].sent = w->score.arm[0].answered = 0;
}

/* A server error that takes a while, at a steady rate: all of them overlap. */
static void
slow_5xx(struct made *w)
{
	unsigned i;

	fail_apart(w, OUTCOME_HTTP_5XX, 300000000, 400000000);
	for (i = 0; i < 20; i++)
		w->cell[i].arm[1].n_5xx = w->cell[i].http_5xx[1] = 1;
}

/* The same of a service that is down meanwhile. */
static void
outage_5xx(struct made *w)
{
	unsigned i, n = 0;

	slow_5xx(w);
	for (i = 0; i < w->score.pairs.n; i++) {
		if (w->at_ns[i] > 6100000000)
			w->at_ns[n++] = w->at_ns[i];
	}
	w->score.pairs.n = w->score.pairs.planned = n;
}

/* Slow ones, in a run so long that of the answers only a tenth is kept. */
static void
sampled_5xx(struct made *w)
{
	unsigned i;

	slow_5xx(w);
	w->score.pairs.n = w->score.pairs.planned /= 10;
	for (i = 0; i < w->score.pairs.n; i++)
		w->at_ns[i] = w->at_ns[i * 10];
}

/* Each takes its deadline, so that all of them overlap. */
static void
time_out(struct made *w)
{
	fail_apart(w, OUTCOME_TIMEOUT, 100000000, 500000000);
}

static void
time_out_at_once(struct made *w)
{
	fail_apart(w, OUTCOME_TIMEOUT, 1000000, 500000000);
}

static const struct rule rules[] = {
	{ "a restart is not a hundred errors", 0, NULL, 0, restart,
	    VERDICT_PASS, "errors", GATE_PASS, NULL },
	{ "answers that cannot be read are", 0, NULL, 0, halves,
	    VERDICT_FAIL, "errors", GATE_FAIL, NULL },
	{ "errors at different times are", 0, NULL, 0, restarts,
	    VERDICT_FAIL, "errors", GATE_FAIL, NULL },
	{ "slow server errors at a steady rate are no restart", 0, NULL, 0,
	    slow_5xx, VERDICT_FAIL, "http_5xx", GATE_FAIL, NULL },
	{ "nor are they in a run of which a sample is kept", 0, NULL, 0,
	    sampled_5xx, VERDICT_FAIL, "http_5xx", GATE_FAIL, NULL },
	{ "those of an outage are one event", 0, NULL, 0, outage_5xx,
	    VERDICT_PASS, "http_5xx", GATE_PASS, NULL },
	{ "without any baseline no chance explains them", 0, NULL, 0,
	    no_baseline_5xx, VERDICT_INVALID, "http_5xx", GATE_NOT_JUDGED,
	    NULL },
	{ "time-outs that overlap are so many errors", 0, NULL, 0, time_out,
	    VERDICT_FAIL, "errors", GATE_FAIL, NULL },
	{ "time-outs of one standstill are one event", 0, NULL, 0,
	    time_out_at_once, VERDICT_PASS, "errors", GATE_PASS, NULL },
};

int
main(void)
{
	return RUN_RULES(rules);
}
