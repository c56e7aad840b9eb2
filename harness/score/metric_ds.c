/* ΔS between question, snippets and sections. */
#include <math.h>

#include "harness/meaning/embed.h"
#include "harness/score/ctext.h"
#include "harness/score/measure_part.h"

double
metric_ds(const struct embedder *e, const struct embed_doc *a,
    const struct embed_doc *b)
{
	if (a == NULL || b == NULL)
		return NAN;
	if (a == b && a->whole != NULL)
		return 0;
	return embed_ds(e, embed_raw(e, a->whole, b->whole));
}

static double
raw_to(const struct embedder *e, const struct embed_doc *question,
    struct ctext *t)
{
	unsigned i;

	if (question == NULL || t == NULL || t->doc == NULL)
		return NAN;
	for (i = 0; i < CTEXT_ASKED && i < t->n_asked; i++) {
		if (t->asked[i] == question)
			return t->raw[i];
	}
	i = t->n_asked++ % CTEXT_ASKED;
	t->asked[i] = question;
	t->raw[i] = embed_raw_windows(e, question->whole, t->doc);
	return t->raw[i];
}

void
calc_raw_distances(const struct metric_in *in, double *raw)
{
	size_t i;

	for (i = 0; i < in->n_snippets; i++)
		raw[i] = raw_to(in->embedder, in->question, in->snippets[i]);
}

/* Why no snippet has a distance. */
static enum metric_missing
why_none(const struct metric_in *in)
{
	size_t i;

	if (!extract_maps_retrieved(in->spec) || in->question == NULL)
		return METRIC_NOT_APPLICABLE;
	if (in->answer->n_retrieved == 0)
		return METRIC_NO_RETRIEVED;
	for (i = 0; i < in->n_snippets; i++) {
		if (in->snippets[i] != NULL)
			return METRIC_NO_EMBEDDING;
	}
	return METRIC_NO_TEXT;
}

/* The snippet nearest to the question; n_snippets when there is none. */
static size_t
nearest(const struct metric_in *in)
{
	size_t i, best = in->n_snippets;

	for (i = 0; i < in->n_snippets; i++) {
		if (!isnan(in->raw[i]) && (best == in->n_snippets ||
		    in->raw[i] < in->raw[best]))
			best = i;
	}
	return best;
}

double
calc_ds_question_retrieved_raw(const struct metric_in *in,
    enum metric_missing *why)
{
	size_t best = nearest(in);

	if (best == in->n_snippets)
		return metric_none(why, why_none(in));
	return in->raw[best];
}

double
calc_ds_question_retrieved(const struct metric_in *in,
    enum metric_missing *why)
{
	double raw = calc_ds_question_retrieved_raw(in, why);

	return isnan(raw) ? raw : embed_ds(in->embedder, raw);
}

double
calc_ds_question_context(const struct metric_in *in, enum metric_missing *why)
{
	double sum = 0, weights = 0, w;
	size_t i;

	for (i = 0; i < in->n_snippets; i++) {
		if (isnan(in->raw[i]))
			continue;
		w = 1 / log2((double)i + 2);
		sum += w * embed_ds(in->embedder, in->raw[i]);
		weights += w;
	}
	if (weights <= 0)
		return metric_none(why, why_none(in));
	return sum / weights;
}

/* ΔS between a snippet and the nearest of some sections; NaN: none. */
static double
to_nearest(const struct metric_in *in, const struct ctext *snippet,
    const struct section *const *sections, size_t n)
{
	double best = NAN, ds;
	size_t i;

	for (i = 0; snippet != NULL && i < n; i++) {
		ds = metric_ds(in->embedder, snippet->doc, sections[i]->doc);
		if (!isnan(ds) && !(ds >= best))
			best = ds;
	}
	return best;
}

double
calc_ds_retrieved_anchor(const struct metric_in *in, enum metric_missing *why)
{
	double best = NAN, ds;
	size_t i;

	if (in->n_expected == 0)
		return metric_none(why, METRIC_NO_GOLD);
	for (i = 0; i < in->n_snippets; i++) {
		ds = to_nearest(in, in->snippets[i], in->expected,
		    in->n_expected);
		if (!isnan(ds) && !(ds >= best))
			best = ds;
	}
	return isnan(best) ? metric_none(why, why_none(in)) : best;
}

double
calc_ds_anchor_margin(const struct metric_in *in, enum metric_missing *why)
{
	size_t best = nearest(in);
	double decoy, right;

	if (in->n_expected == 0 || in->n_decoys == 0)
		return metric_none(why, METRIC_NO_GOLD);
	if (best == in->n_snippets)
		return metric_none(why, why_none(in));
	decoy = to_nearest(in, in->snippets[best], in->decoys, in->n_decoys);
	right = to_nearest(in, in->snippets[best], in->expected,
	    in->n_expected);
	if (isnan(decoy) || isnan(right))
		return metric_none(why, METRIC_NO_EMBEDDING);
	return decoy - right;
}
