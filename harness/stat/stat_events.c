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

/* How many requests were answered well that were sent up to a time. */
static size_t
answered_until(const struct stat_answered *good, int64_t at_ns)
{
	size_t from = 0, to = good->n, mid;

	while (from < to) {
		mid = from + (to - from) / 2;
		if (good->at_ns[mid] <= at_ns)
			from = mid + 1;
		else
			to = mid;
	}
	return from;
}

/* An event as long as its errors. */
struct lasting {
	int64_t to_ns;
	size_t n;
};

static int
is_outage(const struct stat_answered *good, int64_t from_ns,
    const struct lasting *x)
{
	const double bad = (double)x->n, well = good->stand_for *
	    (double)(answered_until(good, x->to_ns) -
	    answered_until(good, from_ns - 1));

	return bad * 2 >= bad + well &&
	    (x->to_ns - from_ns) / 2 <= good->span_ns / 4;
}

/* An error lasts until something is answered again: quick ones do not
 * overlap. */
static int
join(const struct stat_span *v, size_t n, const struct stat_answered *good,
    uint32_t *event)
{
	struct stat_span *longer = calloc(n + 1, sizeof(*longer));
	int events;
	size_t i, next;

	if (longer == NULL)
		return RC_NOMEM;
	for (i = 0; i < n; i++) {
		longer[i] = v[i];
		next = answered_until(good, v[i].to_ns);
		if (!v[i].each && next < good->n)
			longer[i].to_ns = good->at_ns[next] - 1;
	}
	events = stat_events(longer, n, event);
	free(longer);
	return events;
}

int
stat_outages(const struct stat_span *v, size_t n,
    const struct stat_answered *good, uint32_t *event)
{
	struct lasting *of = calloc(n + 1, sizeof(*of));
	int events = of == NULL ? RC_NOMEM : join(v, n, good, event);
	uint32_t e;
	size_t i;

	for (i = 0; events > 0 && i < n; i++) {
		e = event[i];
		if (of[e].n++ == 0 || v[i].to_ns > of[e].to_ns)
			of[e].to_ns = v[i].to_ns;
	}
	for (i = 0; events > 0 && i < n; i++) {
		e = event[i];
		if (e == i || is_outage(good, v[e].from_ns, &of[e]))
			continue;
		event[i] = (uint32_t)i;
		events++;
	}
	free(of);
	return events;
}
