/*
 * What a judged run leaves undecided, to be asked again (METRICS 4,
 * "Confirm"): cases whose share of good answers moved, where the gate on cases
 * is beyond its margin and chance does not explain it well, critical cases
 * with a loss that is not proven, cases that the candidate did not answer while
 * the baseline did, and latency gates alike, also those that have too few
 * blocks of time to be judged.
 */
#ifndef LOCKSTEP_UNDECIDED_H
#define LOCKSTEP_UNDECIDED_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/judge/verdict.h"
#include "harness/result/result.h"
#include "harness/terms/cell.h"

/* Beyond the margin with a p up to this is worth asking again. */
#define UNDECIDED_P .20

struct undecided_case {
	uint64_t case_index;
	double drop;	/* of its share of good answers; below 0: it rose */
	int critical;	/* a critical case with a loss that is not proven */
	int unanswered;	/* undecided_unanswered(); of a critical one also
			   where some of its variants are */
	uint64_t lost;	/* of a critical one the variants that were lost, or
			   not answered: a bit each; 0: all */
};

/*
 * Whether the candidate answered too few variants of a case to judge it, and
 * the baseline enough: its own fault, or a moment's.
 */
int undecided_unanswered(const struct result_case *c,
    const struct cell *cell);

struct undecided {
	struct undecided_case *cases;	/* critical ones first, then those
					   without answers, then the most
					   moved, then in the suite's order */
	size_t n_cases;
	int by_gate;		/* the gate on cases is undecided: not critical
				   cases alone */
	int latency_body, latency_p95;	/* that gate is undecided */
	double blocks_short;	/* result_gate's, the larger of the two */
};

/*
 * Finds it in a result that was judged from `in`.
 * max     cases at most; critical ones are never left out
 * *out    caller frees with undecided_free()
 * returns RC_OK, RC_NOMEM or RC_IO
 */
int undecided_find(const struct verdict_in *in, const struct result *r,
    size_t max, struct undecided *out, struct err *err);
void undecided_free(struct undecided *u);

/* Whether anything is. */
int undecided_any(const struct undecided *u);

#endif
