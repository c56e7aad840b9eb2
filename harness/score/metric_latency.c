/* Times: from the intended start when paced, else from the actual send. */
#include "harness/score/measure_part.h"

/* A retried request began with its first attempt: retries hide nothing. */
static double
since_start(const struct metric_in *in, int64_t ns, enum metric_missing *why)
{
	const struct exchange *ex = in->exchange;
	int64_t start = ex->sent_ns;

	if (ns < 0)
		return metric_none(why, METRIC_NOT_APPLICABLE);
	if (ex->n_attempts > 0 && ex->attempts[0].sent_ns >= 0)
		start = ex->attempts[0].sent_ns;
	if (in->paced && ex->due_ns >= 0)
		start = ex->due_ns;
	if (start < 0 || ex->sent_ns < 0)
		return (double)ns;
	return (double)(ns + ex->sent_ns - start);
}

double
calc_ttfb_ns(const struct metric_in *in, enum metric_missing *why)
{
	return since_start(in, in->exchange->ttfb_ns, why);
}

double
calc_ttft_ns(const struct metric_in *in, enum metric_missing *why)
{
	return since_start(in, in->exchange->ttft_ns, why);
}

double
calc_itl_ns(const struct metric_in *in, enum metric_missing *why)
{
	if (in->answer->itl_ns < 0)
		return metric_none(why, METRIC_NOT_APPLICABLE);
	return (double)in->answer->itl_ns;
}

double
calc_total_ns(const struct metric_in *in, enum metric_missing *why)
{
	return since_start(in, in->exchange->total_ns, why);
}
