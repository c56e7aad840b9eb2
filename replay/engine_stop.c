/* When a run begins and ends, as workers set and query it; see
 * engine_part.h. */
#include "harness/base/mono.h"
#include "replay/engine_part.h"

void
engine_halt(struct engine *e, enum engine_stop why)
{
	int none = ENGINE_DONE;

	(void)atomic_compare_exchange_strong(&e->reason, &none, (int)why);
	atomic_store(&e->stopping, 1);
}

void
engine_fatal(struct engine *e, const struct err *err)
{
	(void)pthread_mutex_lock(&e->err_lock);
	if (!atomic_load(&e->fatal)) {
		e->err = *err;
		atomic_store(&e->fatal, 1);
	}
	(void)pthread_mutex_unlock(&e->err_lock);
	engine_halt(e, ENGINE_INTERRUPTED);
}

/* Cases already started are finished: half a case cannot be judged. */
void
engine_wind_down(struct engine *e)
{
	uint64_t per_case = e->job->plan->per_case;
	uint64_t next = atomic_load(&e->next);
	uint64_t end = (next + per_case - 1) / per_case * per_case;
	int none = ENGINE_DONE;

	if (end >= atomic_load(&e->limit))
		return;
	(void)atomic_compare_exchange_strong(&e->reason, &none,
	    ENGINE_BUDGET);
	atomic_store(&e->limit, end);
}

void
engine_begin(struct engine *e)
{
	int64_t time = e->job->suite->budget_time_ns;

	e->t0_ns = mono_now_ns();
	if (e->span_ns < 0)
		e->span_ns = e->t0_ns - e->base_ns;
	if (e->job->max_time_ns > 0 &&
	    (time == 0 || e->job->max_time_ns < time))
		time = e->job->max_time_ns;
	if (time > 0)
		e->end_ns = e->t0_ns + time;
}

void
engine_worker_ended(struct engine *e)
{
	(void)pthread_mutex_lock(&e->start);
	if (--e->running == 0)
		(void)pthread_cond_signal(&e->ended);
	(void)pthread_mutex_unlock(&e->start);
}
