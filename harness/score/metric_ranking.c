/* Ranked retrieval against gold: recall, precision, MRR, nDCG and MAP. */
#include <math.h>

#include "harness/score/measure_part.h"
#include "harness/score/rank.h"

enum { GOLD_MAX = 256 };

/* returns 1 when the list could be judged */
static int
judge(const struct metric_in *in, struct rank_hits *h,
    enum metric_missing *why)
{
	struct rank_gold gold[GOLD_MAX];
	size_t i, n = in->n_gold_ids < GOLD_MAX ? in->n_gold_ids : GOLD_MAX;

	if (in->gold->unanswerable || !extract_maps_retrieved(in->spec))
		*why = METRIC_NOT_APPLICABLE;
	else if (n == 0)
		*why = METRIC_NO_GOLD;
	else if (in->answer->n_retrieved == 0)
		*why = METRIC_NO_RETRIEVED;
	else
		*why = METRIC_HERE;
	if (*why != METRIC_HERE)
		return 0;
	for (i = 0; i < n; i++)
		gold[i] = (struct rank_gold){ in->gold_ids[i], 1 };
	rank_judge(in->ids, in->n_ids, gold, n, h);
	return 1;
}

double
calc_recall_at_k(const struct metric_in *in, enum metric_missing *why)
{
	struct rank_hits h;

	return judge(in, &h, why) ? rank_recall(&h, 0) : NAN;
}

double
calc_precision_at_k(const struct metric_in *in, enum metric_missing *why)
{
	struct rank_hits h;

	if (!judge(in, &h, why))
		return NAN;
	/* snippets without an id that could be right are wrong ones */
	return h.n == 0 ? 0 : rank_precision(&h, 0);
}

double
calc_mrr(const struct metric_in *in, enum metric_missing *why)
{
	struct rank_hits h;

	return judge(in, &h, why) ? rank_mrr(&h) : NAN;
}

double
calc_ndcg_at_k(const struct metric_in *in, enum metric_missing *why)
{
	struct rank_hits h;

	if (!judge(in, &h, why))
		return NAN;
	return rank_ndcg(&h, h.n == 0 ? 1 : h.n);
}

double
calc_map(const struct metric_in *in, enum metric_missing *why)
{
	struct rank_hits h;

	return judge(in, &h, why) ? rank_map(&h) : NAN;
}
