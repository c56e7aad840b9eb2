/* A trace that could not be written to its end; see trace.h. */
#include "harness/traffic/trace_part.h"

#include <stdio.h>

/* The exchanges that a reader finds. A block that the disk took in part is
 * read as far as it goes, so that no counter of ours can tell. */
static uint64_t
readable(const struct trace_writer *w)
{
	struct trace_reader *r;
	struct trace_rec rec;
	char path[64];
	uint64_t n = 0;
	int rc;

	if (trace_where(w) == TRACE_DELETED)
		return 0;
	/* by its descriptor: it may have another name now */
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d",
	    trace_writer_fd(w));
	if (trace_reader_open(path, 1, &r, NULL) != RC_OK)
		return 0;
	while ((rc = trace_next(r, &rec, NULL)) == 1 || rc == RC_FORMAT)
		n += rc == 1 && rec.is_exchange;
	trace_reader_close(&r);
	return n;
}

void
trace_writer_give_up(struct trace_writer **wp, const char *reason,
    trace_drop_fn *each, void *ctx, struct trace_account *out)
{
	struct trace_counts *c = trace_writer_counts(*wp);
	uint64_t n = readable(*wp);

	if (n < c->written)
		trace_drop(*wp, reason, c->written - n);
	c->written = n;
	trace_account(*wp, out);
	out->safe = n;
	if (each != NULL)
		trace_each_drop(*wp, each, ctx);
	trace_writer_abandon(wp);
}
