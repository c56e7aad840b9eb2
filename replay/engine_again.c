/*
 * Requests beyond the plan (METRICS 4): undecided cases for their answers, and
 * pairs only for their latency. They go to the run's own trace, under keys
 * that name their round.
 */
#include <stdlib.h>

#include "harness/base/mono.h"
#include "replay/engine_part.h"

/* Pairs that a budget of requests still allows after the plan. */
static uint64_t
pairs_left(const struct engine *e)
{
	uint64_t budget = e->job->suite->budget_requests;
	uint64_t planned = plan_requests(e->job->plan);

	if (budget == 0)
		return UINT32_MAX;
	return budget > planned ? (budget - planned) / 2 : 0;
}

void
engine_again_init(struct engine *e)
{
	const struct engine_job *job = e->job;

	if (job->round != ROUND_PLAN) {
		/* answers keep no schedule, nor does what has no arrivals */
		if (job->round == ROUND_CONFIRM ||
		    e->pace.mode == PACE_RECORDED)
			e->pace.mode = PACE_CLOSED;
		e->n_items = job->n_asks;
		return;
	}
	e->n_items = job->plan->n_items;
	if (job->measure_on_ns > 0 && e->pace.mode != PACE_RECORDED &&
	    e->n_items > 0)
		e->pairs_max = pairs_left(e);
}

void
engine_again_item(const struct engine *e, uint64_t k, struct plan_item *out)
{
	const int live[ARM_N] = { e->arm[ARM_BASELINE].live,
		e->arm[ARM_CANDIDATE].live };
	enum ex_round round = e->job->round;
	struct plan_ask ask;

	if (round == ROUND_CONFIRM) {
		plan_ask_item(e->job->plan, round, &e->job->asks[k], live,
		    out);
		return;
	}
	if (round == ROUND_PLAN) {
		round = ROUND_LATENCY;
		k = k - e->n_items + e->pairs_done[round];
	}
	plan_latency_ask(e->job->plan, round, k, &ask);
	plan_ask_item(e->job->plan, round, &ask, live, out);
}

uint64_t
engine_ask_of(const struct engine *e, uint64_t case_index, uint32_t n)
{
	const struct plan_ask key = { case_index, 0, n }, *at;

	if (e->job->n_asks == 0)
		return UINT64_MAX;
	at = bsearch(&key, e->job->asks, (size_t)e->job->n_asks,
	    sizeof(*at), plan_ask_order);
	return at == NULL ? UINT64_MAX : (uint64_t)(at - e->job->asks);
}

int
engine_measures_on(const struct engine *e, uint64_t k,
    const struct hist *latency)
{
	int64_t block = 4 * hist_quantile(latency, .5);
	int64_t now = mono_now_ns();

	if (e->job->round != ROUND_PLAN ||
	    k - e->n_items + e->pairs_done[ROUND_LATENCY] >= e->pairs_max ||
	    now > e->end_ns || atomic_load(&e->reason) != ENGINE_DONE)
		return 0;
	if (block < e->job->measure_on_ns)
		block = e->job->measure_on_ns;
	return now - e->base_ns - e->span_ns < ENGINE_BLOCKS * block;
}
