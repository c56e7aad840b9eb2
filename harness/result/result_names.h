/* Names in report.json that its writer and its reader share. Private. */
#ifndef LOCKSTEP_RESULT_NAMES_H
#define LOCKSTEP_RESULT_NAMES_H

#include "harness/terms/metric.h"

static const char *const result_lambda_names[LAMBDA_STATE_N] = {
	[LAMBDA_CONVERGENT] = "convergent",
	[LAMBDA_SPLIT] = "split",
	[LAMBDA_COLLAPSED] = "collapsed",
	[LAMBDA_CHAOS] = "chaos",
	[LAMBDA_NONE] = "not_asked",
};

#endif
