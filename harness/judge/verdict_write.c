/* Writes verdict, reasons and notes of a result; see verdict_write.h. */
#include "harness/judge/verdict_write.h"

#include <stdint.h>

enum { REASONS_MAX = 64 };

/* METRICS: could not run, INVALID, FAIL, INCONCLUSIVE, REVIEW, PASS. */
int
verdict_gravity(enum verdict v)
{
	static const int rank[VERDICT_N] = {
		[VERDICT_CANNOT_RUN] = 5, [VERDICT_INVALID] = 4,
		[VERDICT_FAIL] = 3, [VERDICT_INCONCLUSIVE] = 2,
		[VERDICT_REVIEW] = 1, [VERDICT_PASS] = 0,
	};

	return rank[v];
}

/* Makes room for a reason of this gravity. returns 0 when all that are kept
 * weigh as much */
static int
make_room(struct result *r, int gravity)
{
	if (r->n_reasons < REASONS_MAX)
		return 1;
	r->reasons_more++;
	if (verdict_gravity(r->reasons[REASONS_MAX - 1].verdict) >=
	    gravity)
		return 0;
	r->n_reasons--;
	return 1;
}

void
verdict_raise(struct result *r, enum verdict v, const char *why)
{
	const char *text;
	size_t i;

	if (verdict_gravity(v) > verdict_gravity(r->verdict))
		r->verdict = v;
	if (why == NULL)
		return;
	if (r->reasons == NULL)
		r->reasons = result_alloc(r,
		    REASONS_MAX * sizeof(*r->reasons));
	if (r->reasons == NULL || !make_room(r, verdict_gravity(v)))
		return;
	text = result_str(r, why);
	if (text == NULL)
		return;
	/* the most severe first; within one verdict in the order of finding */
	for (i = r->n_reasons; i > 0 && verdict_gravity(
	    r->reasons[i - 1].verdict) < verdict_gravity(v); i--)
		r->reasons[i] = r->reasons[i - 1];
	r->reasons[i] = (struct result_reason){ v, text };
	r->n_reasons++;
}

void
verdict_note(struct result *r, const char *text)
{
	enum { NOTES_MAX = 64 };
	const char **notes;

	if (text == NULL || r->n_notes == NOTES_MAX)
		return;
	if (r->notes == NULL)
		r->notes = result_alloc(r, NOTES_MAX * sizeof(*r->notes));
	if (r->notes == NULL)
		return;
	notes = (const char **)(uintptr_t)r->notes;
	notes[r->n_notes++] = text;
}
