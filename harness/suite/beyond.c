/* Requests allowed beyond the plan; see beyond.h. */
#include "harness/suite/beyond.h"

#include <string.h>

int
beyond_judges_latency(const struct suite *s)
{
	return !limits_is_off(&s->limits, GATE_ID_latency_body) ||
	    !limits_is_off(&s->limits, GATE_ID_latency_p95);
}

void
beyond_of(const struct suite *s, const struct plan *p,
    const int live[ARM_N], struct beyond *out)
{
	const struct suite_confirm *c = &s->confirm;
	int both = live[ARM_BASELINE] && live[ARM_CANDIDATE];
	int paired = p->arm_on[ARM_BASELINE] && p->arm_on[ARM_CANDIDATE];

	memset(out, 0, sizeof(*out));
	/* with a second deployment the unit is the deployment: what it would
	 * answer again says nothing of another one */
	if (paired && live[ARM_CANDIDATE] && !p->arm_on[ARM_BASELINE2]) {
		out->cases = c->cases < p->n_cases ? c->cases :
		    (uint32_t)p->n_cases;
		out->repeats = c->repeats;
		out->clears = !both;
	}
	out->answers = (uint64_t)out->cases * out->repeats *
	    (unsigned)(1 + both);
	/* recorded arrivals have no more of their kind */
	if (!both || !beyond_judges_latency(s) || s->pace == PACE_RECORDED)
		return;
	out->measure_on = c->measure_on;
	out->rounds = c->rounds;
	out->latencies = c->rounds == 0 ? 0 : 2 * p->n_items;
}
