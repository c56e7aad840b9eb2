/* `answer_ok` and `refused`: right answers and refusals. */
#include <string.h>

#include "harness/score/cover.h"
#include "harness/score/measure_part.h"
#include "harness/score/phrase.h"

#define SENTENCE_SHARE 0.70	/* as much of them as coverage asks */

static int
says(const struct metric_in *in, struct ctext *expected)
{
	const struct ctext_words *want, *have;

	want = ctext_words(expected, in->scratch);
	if (want->n == 0)
		return 0;
	if (strstr(ctext_norm(in->answer_text, in->scratch),
	    ctext_norm(expected, in->scratch)) != NULL)
		return want->n > PHRASE_WORDS ||
		    phrase_stands(expected, in->answer_text, in->scratch);
	if (want->n <= PHRASE_WORDS)
		return 0;
	have = ctext_words(in->answer_text, in->scratch);
	return (double)cover_unigrams(want, &have, 1, in->scratch) >=
	    SENTENCE_SHARE * (double)want->n;
}

double
calc_answer_ok(const struct metric_in *in, enum metric_missing *why)
{
	size_t i;

	if (in->gold->unanswerable || !extract_maps_answer(in->spec))
		return metric_none(why, METRIC_NOT_APPLICABLE);
	if (in->n_gold_answers == 0)
		return metric_none(why, METRIC_NO_GOLD);
	if (in->answer_text == NULL || in->answer_text->n == 0)
		return metric_none(why, METRIC_NO_ANSWER);
	for (i = 0; i < in->n_gold_answers; i++) {
		if (says(in, in->gold_answers[i]))
			return 1;
	}
	return 0;
}

double
calc_refused(const struct metric_in *in, enum metric_missing *why)
{
	if (!extract_maps_answer(in->spec))
		return metric_none(why, METRIC_NOT_APPLICABLE);
	return in->answer->outcome == OUTCOME_REFUSED ||
	    in->answer->outcome == OUTCOME_FILTERED;
}
