/* Requests that were sent for their latency alone and failed; see
 * confirm_later.c. */
#include "tests/unit/judge/verdict_rules.h"

/* 400 requests on each stack within 20 half seconds. */
static void
more(struct made *w, uint64_t baseline, uint64_t candidate, uint32_t worse0,
    uint32_t worse1)
{
	w->score.more = (struct score_more){ .sent = { 400, 400 },
		.errors = { baseline, candidate }, .blocks = 20,
		.worse = { worse0, worse1 }, .longest = worse1 };
}

static void
all(struct made *w)
{
	more(w, 0, 396, 0, 20);
}

static void
few_of_each(struct made *w)
{
	more(w, 0, 20, 0, 14);
	w->score.more.longest = 4;
}

/* Of 400 requests half in two half seconds. */
static void
outage(struct made *w)
{
	more(w, 0, 150, 0, 2);
}

static void
restart(struct made *w)
{
	more(w, 0, 150, 0, 8);
}

/* More than half of the time, at a stretch: one outage. */
static void
long_restart(struct made *w)
{
	more(w, 0, 200, 0, 11);
}

static void
mostly_turned_away(struct made *w)
{
	more(w, 240, 250, 9, 11);
}

static void
few_blocks(struct made *w)
{
	more(w, 0, 250, 0, 3);
}

static void
both(struct made *w)
{
	more(w, 300, 301, 9, 10);
}

static void
baseline(struct made *w)
{
	more(w, 400, 0, 20, 0);
}

static void
below(struct made *w)
{
	more(w, 0, 2, 0, 2);
}

#define ROW(name, more, spoil, verdict, says) \
	{ name, 0, more, 0, spoil, verdict, NULL, GATE_PASS, says }

static const struct rule rules[] = {
	ROW("nearly all", NULL, all, VERDICT_FAIL, "396 of 400 failed on the "
	    "candidate and 0 of 400 on the baseline; the candidate failed "
	    "more in 20 of 20 half seconds"),
	ROW("some, all the time", NULL, few_of_each, VERDICT_FAIL,
	    "20 of 400"),
	ROW("a moment", NULL, outage, VERDICT_PASS, NULL),
	ROW("some seconds", NULL, restart, VERDICT_INCONCLUSIVE,
	    "150 of 400"),
	ROW("most of them, at once", NULL, few_blocks, VERDICT_INCONCLUSIVE,
	    "250 of 400"),
	ROW("half of the time, at a stretch", NULL, long_restart,
	    VERDICT_INCONCLUSIVE, "200 of 400"),
	ROW("both turn most away", NULL, mostly_turned_away, VERDICT_PASS,
	    NULL),
	ROW("both alike", NULL, both, VERDICT_PASS, NULL),
	ROW("the baseline's", NULL, baseline, VERDICT_PASS, NULL),
	ROW("within the limit", NULL, below, VERDICT_PASS, NULL),
	ROW("not judged", "gates: {errors: false}\n", all, VERDICT_PASS,
	    NULL),
};

int
main(void)
{
	return RUN_RULES(rules);
}
