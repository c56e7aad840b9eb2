/* The seventeen guardrails; see guardrail.h. */
#include "harness/terms/guardrail.h"

#include <assert.h>

static const struct guardrail rows[GUARDRAIL_N] = {
	{ "rollout readiness gate", "one decision: ship or not",
	    "lockstep drill suites/guardrails/readiness.yml --candidate URL" },
	{ "staged canary", "the candidate is no worse than the baseline",
	    "lockstep ramp, or lockstep run suites/canary.yml" },
	{ "blue/green switch", "one pointer, with a way back",
	    "lockstep drill suites/guardrails/switch.yml --candidate URL" },
	{ "version pinning", "what ran is what was tested",
	    "lockstep drill suites/guardrails/pins.yml --candidate URL" },
	{ "vector index build and swap", "the new index is complete and right",
	    "lockstep drill suites/guardrails/swap.yml --candidate URL" },
	{ "cache warm-up and invalidation", "no stale or mixed answers",
	    "lockstep drill suites/guardrails/cache.yml --candidate URL" },
	{ "rate limit and backpressure", "stable under load",
	    "lockstep drill suites/guardrails/rate_limit.yml --candidate "
	    "URL" },
	{ "feature flags", "a flagged path stays behind its flag",
	    "lockstep drill suites/guardrails/flags.yml --candidate URL" },
	{ "idempotency and dedupe", "retries cause no second effect",
	    "lockstep drill suites/guardrails/idempotency.yml --candidate "
	    "URL" },
	{ "retry and backoff", "clients behave",
	    "lockstep drill suites/guardrails/retry.yml --candidate URL" },
	{ "rollback and fast recovery", "the exit works",
	    "lockstep drill suites/guardrails/rollback.yml --candidate "
	    "URL" },
	{ "postmortem and regression tests", "a fault never ships again",
	    "lockstep promote RUN, lockstep prove SUITE" },
	{ "release calendar and freeze", "no change in the wrong window",
	    "lockstep drill CALENDAR.yml" },
	{ "incident communication", "the right words in time",
	    "lockstep drill suites/guardrails/communication.yml" },
	{ "shadow traffic", "real traffic, no harm",
	    "lockstep shadow --listen ADDR --primary URL --candidate URL" },
	{ "read-only window", "writes stop, reads live",
	    "lockstep drill suites/guardrails/read_only.yml --candidate "
	    "URL" },
	{ "data migration", "nothing lost",
	    "lockstep drill suites/guardrails/migration.yml --baseline OLD "
	    "--candidate NEW" },
};

const struct guardrail *
guardrail_at(int n)
{
	assert(n >= 1 && n <= GUARDRAIL_N);
	return &rows[n - 1];
}
