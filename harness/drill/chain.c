/* The citation fence and the chain's stability; see chain.h. */
#include "harness/drill/chain.h"

#include <string.h>

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
