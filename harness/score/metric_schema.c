/* `schema_ok`: citations have their fields and name a retrieved passage. */
#include <string.h>

#include "harness/score/measure_part.h"

static int
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Whether a citation names one of the retrieved snippets, by the finest id
 * that both sides have. */
static int
was_retrieved(const struct answer *a, const struct snippet *c)
{
	const struct snippet *r;
	size_t i;
	int comparable = 0;

	for (i = 0; i < a->n_retrieved; i++) {
		r = &a->retrieved[i];
		if (c->snippet_id != NULL && r->snippet_id != NULL) {
			comparable = 1;
			if (same(c->snippet_id, r->snippet_id))
				return 1;
		} else if (c->section_id != NULL && r->section_id != NULL) {
			comparable = 1;
			if (same(c->section_id, r->section_id))
				return 1;
		} else if (c->source_url != NULL && r->source_url != NULL) {
			comparable = 1;
			if (same(c->source_url, r->source_url))
				return 1;
		}
	}
	return !comparable && a->n_retrieved > 0;
}

double
calc_schema_ok(const struct metric_in *in, enum metric_missing *why)
{
	const struct answer *a = in->answer;
	int subset = extract_maps_retrieved(in->spec) && a->n_retrieved > 0;
	size_t i;

	if (!extract_maps_citations(in->spec))
		return metric_none(why, METRIC_NOT_APPLICABLE);
	if (a->n_cited == 0)
		return metric_none(why, METRIC_NO_CITATIONS);
	for (i = 0; i < a->n_cited; i++) {
		if ((a->cited[i].have & in->cited_fields) != in->cited_fields)
			return 0;
		if (subset && !was_retrieved(a, &a->cited[i]))
			return 0;
	}
	return 1;
}
