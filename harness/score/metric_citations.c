/* `citation_precision` and `citation_recall`: cited against gold. */
#include <string.h>

#include "harness/score/measure_part.h"

static size_t
cited_and_gold(const struct metric_in *in)
{
	size_t i, k, hits = 0;

	for (i = 0; i < in->n_cited; i++) {
		for (k = 0; k < in->n_gold_ids; k++) {
			if (strcmp(in->cited[i], in->gold_ids[k]) == 0) {
				hits++;
				break;
			}
		}
	}
	return hits;
}

static int
applies(const struct metric_in *in, enum metric_missing *why)
{
	if (in->gold->unanswerable || !extract_maps_citations(in->spec))
		*why = METRIC_NOT_APPLICABLE;
	else if (in->n_gold_ids == 0)
		*why = METRIC_NO_GOLD;
	else if (in->answer->outcome == OUTCOME_REFUSED ||
	    in->answer->outcome == OUTCOME_FILTERED)
		*why = METRIC_NO_ANSWER;
	else
		*why = METRIC_HERE;
	return *why == METRIC_HERE;
}

double
calc_citation_precision(const struct metric_in *in, enum metric_missing *why)
{
	if (!applies(in, why))
		return metric_none(why, *why);
	if (in->answer->n_cited == 0)
		return metric_none(why, METRIC_NO_CITATIONS);
	if (in->n_cited == 0)
		return 0;
	return (double)cited_and_gold(in) / (double)in->n_cited;
}

double
calc_citation_recall(const struct metric_in *in, enum metric_missing *why)
{
	if (!applies(in, why))
		return metric_none(why, *why);
	if (in->answer->n_cited == 0)
		return metric_none(why, METRIC_NO_CITATIONS);
	return (double)cited_and_gold(in) / (double)in->n_gold_ids;
}
