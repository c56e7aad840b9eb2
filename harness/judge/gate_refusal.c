/* Whether questions without an answer are declined each time. See
 * gate_how.h. */
#include <math.h>

#include "harness/judge/gate_kind.h"

static double
level_refusal(const struct cell *c, int arm)
{
	return c->unanswerable ? (double)c->arm[arm].graded[GRADE_REFUSAL] :
	    NAN;
}

const struct gate_how gate_refusal_consistency = {
	.kind = &gate_kind_absolute, .level = level_refusal, .less_is_worse = 1,
	.of = GATE_OF_UNANSWERABLE,
	.worst = 1,
};
