/*
 * iCalendar (RFC 5545): which events of a calendar are under way. Read by
 * libical, which is loaded at the first call; here is what bounds it.  One
 * thread.
 */
#ifndef LOCKSTEP_ICAL_H
#define LOCKSTEP_ICAL_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/json.h"

/*
 * The occurrences of VEVENTs that [from, to] touches, in the file's order.
 * text     a whole calendar, at most ICAL_BYTES_MAX
 * *out     a list of {id, kind, start, end, regions[], scope[]}: start and end
 *          in UTC, end the last second; id from SUMMARY, kind from CATEGORIES,
 *          regions from LOCATION, scope from RESOURCES; caller frees
 * returns RC_OK; RC_FORMAT: no calendar, an event without a time, a time zone
 *         that is not known, a rule that repeats more often than daily,
 *         EXRULE, too many rules or dates, more than 2 s of processor time;
 *         RC_IO: libical is not installed; RC_NOMEM
 */
#define ICAL_BYTES_MAX ((size_t)8 << 20)
int ical_windows(const char *text, size_t n, int64_t from_s, int64_t to_s,
    struct json **out, struct err *err);

#endif
