/* One gate measured by its kind; see gate_part.h. */
#include "harness/judge/gate_part.h"

int
gate_measure(const struct gate_job *job, struct result_gate *g,
    struct gate_seen *seen, struct err *err)
{
	const struct gate_kind *kind = job->row->how->kind;

	if (!job->in->paired && !kind->alone)
		g->why = "there is no baseline to compare with";
	else if (job->in->paired && !kind->paired)
		g->why = "not used with a baseline: cases are compared instead";
	else if (kind->live && !job->in->latency)
		g->why = "an arm was not live";
	else
		return kind->measure(job, g, seen, err);
	return RC_OK;
}
