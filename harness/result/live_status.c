/* Words of a live comparison; see live_status.h. */
#include "harness/result/live_status.h"

const char *
live_verdict_name(enum live_verdict v)
{
	static const char *const names[LIVE_VERDICTS] = { "watching",
		"healthy", "soft_stop", "hard_stop" };

	return v < LIVE_VERDICTS ? names[v] : "unknown";
}
