/* Requests that were sent for their latency alone and failed, or came from a
 * cache; see confirm.h. */
#include "harness/judge/confirm.h"
#include "harness/judge/verdict_part.h"
#include "harness/stat/stat.h"

static double
share(const struct score_more *m, int arm)
{
	return m->sent[arm] == 0 ? 0 : (double)m->errors[arm] /
	    (double)m->sent[arm];
}

/* A moment's outage lasts for less than half of the time, however many
 * requests it hits. */
static enum verdict
judge_candidate(const struct verdict_in *in, double p)
{
	const struct limits *l = &in->suite->limits;
	const struct score_more *m = &in->score->more;

	if (share(m, 1) - share(m, 0) <= l->errors)
		return VERDICT_PASS;
	/* one row of half seconds is one outage, unless it is nearly all */
	if (p <= l->alpha * CONFIRM_ALPHA_SHARE &&
	    m->worse[1] * 2 >= m->blocks && (m->longest < m->worse[1] ||
	    m->longest * 4 >= m->blocks * 3))
		return VERDICT_FAIL;
	return p <= LIMITS_AGAIN_P || share(m, 1) - share(m, 0) >= .5 ?
	    VERDICT_INCONCLUSIVE : VERDICT_PASS;
}

void
confirm_failed(const struct verdict_in *in, struct result *r)
{
	const struct score_more *m = &in->score->more;
	double p = stat_mcnemar(m->worse[1], m->worse[0], STAT_GREATER);
	enum verdict v = judge_candidate(in, p);

	if (v == VERDICT_PASS || (in->suite->limits.off >>
	    limits_gate_of("errors") & 1) != 0)
		return;
	verdict_raise(r, v, result_fmt(r, "of the requests sent for their "
	    "latency alone %llu of %llu failed on the candidate and %llu of "
	    "%llu on the baseline; the candidate failed more in %u of %u half "
	    "seconds, the baseline in %u (p = %.2g)",
	    (unsigned long long)m->errors[1], (unsigned long long)m->sent[1],
	    (unsigned long long)m->errors[0], (unsigned long long)m->sent[0],
	    m->worse[1], m->blocks, m->worse[0], p));
}

void
confirm_cached(const struct verdict_in *in, struct result *r)
{
	if (in->score->more.cached)
		verdict_note(r, "Latency: what was sent again for its latency "
		    "was over three times as fast on both stacks as in the "
		    "plan, as a cache answers. It is left out; to have "
		    "latency judged, set no_cache on the target or ask more "
		    "questions.");
}
