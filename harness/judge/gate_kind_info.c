/* A median of the effects over cases: information, no test.  See
 * gate_kind.h. */
#include <stdlib.h>

#include "harness/judge/gate_part.h"
#include "harness/stat/stat.h"
#include "harness/stat/stat_dist.h"

static int
measure(const struct gate_job *job, struct result_gate *g,
    struct gate_seen *seen, struct err *err)
{
	double *d;
	size_t n;
	int rc = gate_effects(job->in, job->row, &d, &n, seen, err);

	if (rc == RC_OK && n > 0) {
		stat_sort(d, n);
		g->n = n;
		g->value = stat_quantile(d, n, .5);
	}
	free(d);
	return rc;
}

const struct gate_kind gate_kind_info = {
	.name = "info", .counts = "cases", .paired = 1, .measure = measure,
};
