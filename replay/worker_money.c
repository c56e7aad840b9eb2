/* What requests cost, against the budget; see engine_part.h. */
#include "replay/engine_part.h"

void
worker_settle(struct worker *w, struct flight *f, const struct http_call *c)
{
	const struct engine_arm *arm = &w->e->arm[f->arm];
	int64_t cost_nano;
	double cost;

	if (w->e->job->suite->budget_usd <= 0)
		return;
	cost = money_of(arm->target, arm->extract, c, &w->answer);
	w->stats[f->arm].cost += cost;
	cost_nano = (int64_t)(cost * 1e9);
	if (cost_nano > w->dearest_nano)
		w->dearest_nano = cost_nano;
	atomic_fetch_add(&w->e->spent_nano, cost_nano - f->reserved_nano);
	f->reserved_nano = 0;
}

int
worker_reserve(struct worker *w, struct flight *f)
{
	enum { GUESS_TOKENS = 4096 };
	const struct suite_target *t = w->e->arm[f->arm].target;
	double usd = w->e->job->suite->budget_usd;
	int64_t want = w->dearest_nano;

	if (usd <= 0)
		return 1;
	if (want == 0)
		want = (int64_t)(1e9 * (t->price_in * (double)f->body.len +
		    t->price_out * GUESS_TOKENS));
	f->reserved_nano = want;
	if (atomic_fetch_add(&w->e->spent_nano, want) + want <=
	    (int64_t)(usd * 1e9))
		return 1;
	atomic_fetch_sub(&w->e->spent_nano, want);
	f->reserved_nano = 0;
	return 0;
}
