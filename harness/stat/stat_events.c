/* Errors that are one event; see stat_blocks.h. */
#include <limits.h>
#include <stdlib.h>

#include "harness/base/err.h"
#include "harness/stat/stat_blocks.h"

/* A span and its place. */
struct placed {
	struct stat_span s;
	uint32_t of;
};

static int
by_kind_and_time(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->s.arm != y->s.arm)
		return x->s.arm < y->s.arm ? -1 : 1;
	if (x->s.cause != y->s.cause)
		return x->s.cause < y->s.cause ? -1 : 1;
	if (x->s.from_ns != y->s.from_ns)
		return x->s.from_ns < y->s.from_ns ? -1 : 1;
	return (x->of > y->of) - (x->of < y->of);
}

int
stat_events(const struct stat_span *v, size_t n, uint32_t *event)
{
	struct placed *p = malloc((n + 1) * sizeof(*p));
	int64_t until = INT64_MIN;
	size_t i, first = 0;
	int events = 0;

	if (p == NULL)
		return RC_NOMEM;
	for (i = 0; i < n; i++)
		p[i] = (struct placed){ v[i], (uint32_t)i };
	qsort(p, n, sizeof(*p), by_kind_and_time);
	for (i = 0; i < n; i++) {
		if (i == 0 || p[i].s.arm != p[i - 1].s.arm ||
		    p[i].s.cause != p[i - 1].s.cause ||
		    p[i].s.from_ns > until) {
			first = i;
			until = p[i].s.to_ns;
			events++;
		}
		if (p[i].s.to_ns > until)
			until = p[i].s.to_ns;
		event[p[i].of] = p[first].of;
	}
	free(p);
	return events;
}
