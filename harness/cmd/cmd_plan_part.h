/* What `lockstep plan` found, and the functions that print it. */
#ifndef LOCKSTEP_CMD_PLAN_PART_H
#define LOCKSTEP_CMD_PLAN_PART_H

#include "harness/judge/gate_scorer.h"
#include "harness/judge/plan_see.h"
#include "harness/suite/beyond.h"

enum { PLANNED_GATES_MAX = 64 };

struct planned {
	struct suite *suite;
	struct caseset *cases;
	struct store *store;
	struct plan plan;
	struct see_in in;
	uint64_t sent[ARM_N];		/* judged requests */
	uint64_t warmup;		/* of each live arm */
	uint64_t critical;		/* cases */
	struct beyond beyond;
	int assumed[ARM_N];		/* no URL was named */
	double seconds, usd;		/* NaN: not known */
	char seconds_why[160], usd_why[160];
	struct gate_scorer scored;
	struct see_gate gate[PLANNED_GATES_MAX];
	size_t n_gates;
	const struct see_gate *too_small;	/* strict cannot pass */
};

/* Whether an arm is asked over the network. */
int planned_live(const struct planned *p, enum arm a);
/* Requests that leave: recorded arms only answer. */
uint64_t planned_requests(const struct planned *p);

/* For people, and as one JSON document; to stdout. */
void plan_tell(const struct planned *p);
void plan_tell_json(const struct planned *p);

#endif
