/* Choosing exchanges; see trace_cut.h. */
#include "harness/traffic/trace_cut.h"

#include <string.h>

void
trace_pick_init(struct trace_pick *p)
{
	memset(p, 0, sizeof(*p));
	p->from_ns = p->to_ns = -1;
}

static int
among(const char *const *v, size_t n, const char *s)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (strcmp(v[i], s) == 0)
			return 1;
	}
	return 0;
}

int
trace_pick_has(const struct trace_pick *p, const struct exchange *ex)
{
	if (p->from_ns >= 0 && ex->sent_ns < p->from_ns)
		return 0;
	if (p->to_ns >= 0 && ex->sent_ns >= p->to_ns)
		return 0;
	if (p->outcomes != 0 && !(p->outcomes & 1u << ex->outcome))
		return 0;
	if (p->arms != 0 && (ex->key.case_id == NULL ||
	    !(p->arms & 1u << ex->key.arm)))
		return 0;
	if (p->n_ids > 0 && !among(p->ids, p->n_ids, ex->id))
		return 0;
	return p->n_cases == 0 || (ex->key.case_id != NULL &&
	    among(p->cases, p->n_cases, ex->key.case_id));
}

int
trace_pick_takes(const struct trace_pick *p, const struct exchange *ex,
    const char *line, size_t n)
{
	return trace_pick_has(p, ex) &&
	    (p->test == NULL || p->test(p->test_ctx, ex, line, n));
}

int
trace_pick_line(const struct trace_pick *p, struct exchange_rec *rec,
    const char *line, size_t n, struct exchange *ex, struct err *err)
{
	int rc = p->test == NULL && p->stratum == NULL ?
	    exchange_peek(rec, line, n, ex, err) :
	    exchange_parse(rec, line, n, ex, err);

	return rc != 1 ? rc : trace_pick_takes(p, ex, line, n);
}
