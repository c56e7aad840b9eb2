/*
 * A release calendar: windows in UTC, and which of them are active. Pure;
 * nodes belong to the document.
 */
#ifndef LOCKSTEP_DRILL_CALENDAR_H
#define LOCKSTEP_DRILL_CALENDAR_H

#include <stdint.h>

#include "harness/base/json.h"

/*
 * "2025-11-27T00:00:00Z", "2025-11-27T00:00Z" or "2025-11-27", in UTC.
 * end    1: a date alone is the end of that day
 * *out_s seconds since 1970
 * returns 0, or -1: it is no time
 */
int calendar_time(const char *text, int end, int64_t *out_s);

/* What a change is. NULL: any. */
struct change {
	int64_t now_s;
	const char *region, *scope, *tier;
};

/*
 * Whether a window is active for a change: now within [start, end], and its
 * regions and scope, where both it and the change name some, hold the
 * change's. returns 1, 0, or -1: its times cannot be read
 */
int calendar_active(const struct json *window, const struct change *c);

/*
 * Whether a rule of `forbid_when` forbids the change in an active window:
 * KIND_active, or KIND_active_and_tier_in with `tiers`.
 */
int calendar_forbids(const struct json *rule, const struct json *window,
    const struct change *c);

/* Without rules: a soft freeze stops T2 and T3, any other freeze all tiers
 * but T0, and a change without a tier is stopped by each. */
int calendar_forbids_by_kind(const struct json *window,
    const struct change *c);

#endif
