/* What writes verdict, reasons and notes of a result; see verdict_write.h. */
#include "harness/judge/verdict_write.h"

#include <stdint.h>
#include <string.h>

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

/* The gravity of a reason, which begins with its verdict's name. */
static int
gravity_of(const char *reason)
{
	size_t n;
	int v;

	for (v = 0; v < VERDICT_N; v++) {
		n = strlen(verdict_name((enum verdict)v));
		if (strncmp(reason, verdict_name((enum verdict)v), n) == 0 &&
		    reason[n] == ':')
			return verdict_gravity((enum verdict)v);
	}
	return 0;
}

/* Makes room for a reason of this gravity. returns 0 when all that are kept
 * weigh as much */
static int
make_room(struct result *r, int gravity)
{
	if (r->n_reasons < REASONS_MAX)
		return 1;
	r->reasons_more++;
	if (gravity_of(r->reasons[REASONS_MAX - 1]) >= gravity)
		return 0;
	r->n_reasons--;
	return 1;
}

void
verdict_raise(struct result *r, enum verdict v, const char *why)
{
	const char **reasons;
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
	/* the gravest first, in the order of finding within one verdict */
	reasons = (const char **)(uintptr_t)r->reasons;
	for (i = r->n_reasons; i > 0 &&
	    gravity_of(reasons[i - 1]) < verdict_gravity(v); i--)
		reasons[i] = reasons[i - 1];
	reasons[i] = result_fmt(r, "%s: %s", verdict_name(v), why);
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
