/* The citation fence and the chain's stability; see chain.h. */
#include "harness/drill/chain.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char prompt[] = "prompt regression";

void
chain_fence(struct drill *d, const struct phase *p)
{
	size_t i, says = 0, mute = 0, unknown = 0, foreign = 0;
	size_t cites = 0;
	const struct fence *f;

	for (i = 0; i < p->n; i++) {
		f = &p->v[i].fence;
		if (!p->v[i].usable || !f->says)
			continue;
		says++;
		cites += f->cites;
		mute += !f->cites;
		unknown += f->cites && f->unknown;
		foreign += f->foreign;
	}
	if (cites == 0 && !d->suite->limits.require_citations) {
		drill_skip(d, "answers cite what they say", says == 0 ?
		    "no answer says anything" : "no answer has citations; "
		    "extract.citations says where they are, and "
		    "gates.citations.required that they must be there");
		return;
	}
	(void)drill_check(d, "answers cite what they say", mute == 0 &&
	    unknown == 0, prompt, "%zu of %zu answers have no citation, %zu "
	    "cite what was not retrieved", mute, says, unknown);
	(void)drill_check(d, "and say what they cite", foreign == 0, prompt,
	    "%zu of %zu answers have their words from a section that they "
	    "do not cite", foreign, cites);
}

void
chain_stable(struct drill *d, const struct phase *a, const struct phase *b)
{
	double most = 1 - d->suite->limits.lambda_convergent;
	size_t i, n = 0, moved = 0;

	for (i = 0; i < a->n && i < b->n; i++) {
		if (!a->v[i].usable || !b->v[i].usable)
			continue;
		n++;
		moved += strcmp(a->v[i].ranking, b->v[i].ranking) != 0 ||
		    strcmp(a->v[i].fence.cited, b->v[i].fence.cited) != 0;
	}
	(void)drill_check(d, "its chain is stable", (double)moved <= most *
	    (double)n, "reranker instability", "%zu of %zu questions, asked "
	    "again, had other passages or citations; limit %.0f %%", moved,
	    n, most * 100);
}

/* ---- scores ------------------------------------------------------------- */

/* What the manifest says to open then. */
static void
add_actions(struct drill *d, char out[300])
{
	const struct json *m = json_first(drill_doc(d,
	    "gates.index_metric_sanity.actions_on_fail"));
	size_t n = 0;

	out[0] = '\0';
	for (; m != NULL && n < 220; m = json_next(m)) {
		if (json_get_str(m, "open") != NULL)
			n += (size_t)snprintf(out + n, 300 - n, "%s%.70s",
			    n == 0 ? "; open " : ", ", json_get_str(m,
			    "open"));
	}
}

void
chain_scores(struct drill *d, const struct phase *p)
{
	static const char name[] = "its scores are its metric's";
	const struct json *pins = json_get(d->out, "pins");
	const char *metric = json_get_str(pins, "metric");
	const char *rerank = json_get_str(pins, "RERANK_CONF");
	struct scores all = { .n = 0 };
	char why[160] = "", open[300];
	const char *wrong;
	size_t i;

	for (i = 0; i < p->n; i++)
		scores_add(&all, &p->v[i].scores);
	if (all.n == 0) {
		drill_skip(d, name, "needs the passages' scores: --set "
		    "extract.retrieved.score=POINTER");
		return;
	}
	if (metric == NULL && drill_doc(d, "gates.index_metric_sanity") ==
	    NULL) {
		drill_skip(d, name, "needs the pin metric: what scores they "
		    "are");
		return;
	}
	wrong = scores_wrong(&all, metric, json_get_str(pins, "NORM"),
	    rerank != NULL && strcasecmp(rerank, "none") != 0, why);
	add_actions(d, open);
	(void)drill_check(d, name, wrong == NULL,
	    "embedding/metric mismatch", "%zu scores by %.40s%s%s%s", all.n,
	    metric == NULL ? "a metric that is no pin" : metric,
	    wrong == NULL ? "" : ": ", why, wrong == NULL ? "" : open);
}
