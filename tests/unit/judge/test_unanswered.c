/* Cases that the candidate does not answer while the baseline does: asked
 * again, and judged by the fresh answers. */
#include "tests/unit/judge/verdict_rules.h"

/* Of six variants of the first k cases none is answered. */
static void
silence(struct made *w, unsigned k, int arm)
{
	unsigned i;

	for (i = 0; i < k; i++) {
		struct cell_arm *x = &w->cell[i].arm[arm];

		x->state = CASE_UNJUDGED;
		x->answered = 0;
		x->n_error = MADE_VARIANTS;
	}
}

/* Eight fresh requests on each stack; of them the candidate answers so many
 * of each silent case. */
static void
ask_again(struct made *w, uint64_t case_index, uint32_t good,
    uint32_t answered)
{
	static struct score_fresh fresh[8];

	if (w->score.n_fresh == 0)
		w->score.fresh = fresh;
	w->in.beyond.cases = 20;
	w->in.beyond.repeats = 8;
	fresh[w->score.n_fresh++] = (struct score_fresh){ case_index,
		{ 8, 8 }, { 8, answered }, { 8, good }, 6 };
}

static void
one(struct made *w)
{
	silence(w, 1, 1);
	w->in.not_asked = "confirm is off";
}

static void
one_then(struct made *w, uint32_t good, uint32_t answered)
{
	silence(w, 1, 1);
	ask_again(w, 0, good, answered);
}

static void
one_again(struct made *w)
{
	one_then(w, 0, 0);
}

static void
one_wrong_again(struct made *w)
{
	one_then(w, 0, 8);
}

static void
one_moment(struct made *w)
{
	one_then(w, 8, 8);
}

static void
one_at_times(struct made *w)
{
	one_then(w, 4, 4);
}

static void
one_recorded(struct made *w)
{
	one_again(w);
	w->score.fresh[0].asked[0] = w->score.fresh[0].answered[0] =
	    w->score.fresh[0].good[0] = 0;
	w->in.beyond.clears = 1;
}

/* The baseline's answers miss a limit: they are answers. */
static void
one_bad_before(struct made *w)
{
	one_again(w);
	w->score.fresh[0].good[0] = 0;
}

/* Five, of which the first is answered so often then, the others always. */
static void
five_then(struct made *w, uint32_t first)
{
	unsigned i;

	silence(w, 5, 1);
	for (i = 0; i < 5; i++)
		ask_again(w, i, i == 0 ? first : 8, i == 0 ? first : 8);
}

static void
five_moments(struct made *w)
{
	five_then(w, 7);
}

static void
one_of_five(struct made *w)
{
	five_then(w, 0);
}

/* Three others lose one answer in nine, which may be chance, and when they are
 * asked again all of them: the gate on cases counts its own. */
static void
one_moment_and_losses(struct made *w)
{
	unsigned i;

	one_moment(w);
	for (i = 1; i < 4; i++) {
		w->cell[i].arm[1].state = CASE_FAIL;
		w->cell[i].arm[1].reasons = CASE_COVERAGE;
		w->cell[i].arm[1].missed = 1;
		ask_again(w, i, 0, 8);
	}
}

static void
one_before(struct made *w)
{
	silence(w, 1, 0);
}

/* A budget ended before the candidate was asked three times. */
static void
one_cut_short(struct made *w)
{
	silence(w, 1, 1);
	w->cell[0].arm[1].n = w->cell[0].arm[1].answered = 2;
	w->cell[0].arm[1].n_error = 0;
}

static void
one_on_both(struct made *w)
{
	silence(w, 1, 0);
	silence(w, 1, 1);
}

#define CRITICAL "cases: {file: gold.jsonl, critical: true}\n"
#define ROW(name, more, spoil, verdict, says) \
	{ name, 0, more, 0, spoil, verdict, NULL, GATE_PASS, says }

static const struct rule rules[] = {
	ROW("not asked again", NULL, one, VERDICT_INCONCLUSIVE, "does not "
	    "answer 1 question that the baseline answers (c0); not asked "
	    "again: confirm is off"),
	ROW("again not answered", NULL, one_again, VERDICT_FAIL,
	    "(c0); asked again, 0 of 8 of its answers and 8 of 8 of the "
	    "baseline's are good"),
	ROW("again not answered, and was no good answer", NULL,
	    one_bad_before, VERDICT_FAIL, "(c0); asked again, 0 of 8 of its "
	    "answers and 8 of 8 of the baseline's came"),
	ROW("answered, and wrong", NULL, one_wrong_again, VERDICT_FAIL,
	    "0 of 8"),
	ROW("a moment's", NULL, one_moment, VERDICT_PASS, NULL),
	ROW("half of the time", NULL, one_at_times, VERDICT_INCONCLUSIVE,
	    "4 of 8"),
	ROW("a recording cannot be asked again", NULL, one_recorded,
	    VERDICT_INCONCLUSIVE, "0 of 8 of its answers"),
	ROW("an outage", NULL, five_moments, VERDICT_PASS, NULL),
	ROW("an outage, and one that stays silent", NULL, one_of_five,
	    VERDICT_FAIL, "does not answer 1 question that the baseline "
	    "answers (c0); asked again, 0 of 8 of its answers and 8 of 8 of "
	    "the baseline's are good"),
	{ "a moment's, beside losses", 0, "gates: {cases: 0.001, coverage: "
	    "false}\n", 0, one_moment_and_losses, VERDICT_FAIL, "cases",
	    GATE_FAIL, "3 questions asked again 8 times each: 3 lost, 0 "
	    "noise, 0 better" },
	ROW("the baseline's fault", NULL, one_before, VERDICT_PASS, NULL),
	ROW("not asked in the first place", NULL, one_cut_short,
	    VERDICT_PASS, NULL),
	ROW("neither answers", NULL, one_on_both, VERDICT_PASS, NULL),
	ROW("critical, not asked again", CRITICAL, one, VERDICT_INCONCLUSIVE,
	    "critical case c0 could not be judged"),
	ROW("critical, again not answered", CRITICAL, one_again,
	    VERDICT_FAIL, "critical case c0: the candidate does not answer "
	    "it; asked again, 0 of 8"),
	ROW("critical, and was no good answer", CRITICAL, one_bad_before,
	    VERDICT_FAIL, "asked again, 0 of 8 answers of the candidate and 8 "
	    "of 8 of the baseline came: lost"),
	ROW("critical, a moment's", CRITICAL, one_moment, VERDICT_PASS,
	    NULL),
};

int
main(void)
{
	return RUN_RULES(rules);
}
