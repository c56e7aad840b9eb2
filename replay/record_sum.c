/* What the parts of a recording add up to; see record_sum.h. */
#include "replay/record_sum.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void
record_sum_reason(void *ctx, int refused, const char *reason, uint64_t n)
{
	struct record_sum *sum = ctx;
	struct record_reason *r = sum->reasons;
	size_t i;

	for (i = 0; i < sum->n_reasons && (r[i].refused != refused ||
	    strcmp(r[i].text, reason) != 0); i++)
		continue;
	assert(i < RECORD_REASONS_MAX);
	if (i == sum->n_reasons) {
		sum->n_reasons++;
		r[i].refused = refused;
		(void)snprintf(r[i].text, sizeof(r[i].text), "%s", reason);
	}
	r[i].n += n;
}

void
record_sum_add(struct record_sum *sum, const struct trace_account *acc)
{
	sum->acc.seen += acc->seen;
	sum->acc.written += acc->written;
	sum->acc.dropped += acc->dropped;
	sum->acc.refused += acc->refused;
	sum->parts++;
}

void
record_sum_each(const struct record_sum *sum, trace_drop_fn *fn, void *ctx)
{
	size_t i;

	for (i = 0; fn != NULL && i < sum->n_reasons; i++)
		fn(ctx, sum->reasons[i].refused, sum->reasons[i].text,
		    sum->reasons[i].n);
}
