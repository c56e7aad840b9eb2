/* `coverage`: how much of the expected sections was retrieved. */
#include <math.h>
#include <string.h>

#include "harness/score/cover.h"
#include "harness/score/measure_part.h"

/* What was retrieved of one section. */
struct found {
	struct cover_span span[METRIC_SNIPPETS_MAX];
	const struct ctext_words *words[METRIC_SNIPPETS_MAX];
	size_t n_spans, n_words;
	int unlocated;		/* a snippet whose place is not known */
};

static int
slice_is(const struct section *s, const struct cover_span *at,
    const struct ctext *text)
{
	return at->from >= 0 && at->from <= at->to &&
	    (uint64_t)at->to <= s->text_n &&
	    (text == NULL || ((uint64_t)(at->to - at->from) == text->n &&
	    memcmp(s->text + at->from, text->p, text->n) == 0));
}

/*
 * Where a snippet is in a section, in bytes. Offsets count bytes or code
 * points; they are believed when the section has the snippet's text there (or
 * the snippet carries no text): a stale or foreign text at the right place
 * covers nothing.
 * returns 1 when *at is set
 */
static int
locate(const struct section *s, const struct snippet *sn,
    const struct ctext *text, struct cover_span *at)
{
	struct cover_span code;

	if (sn->from < 0 || sn->to < sn->from)
		return 0;
	code.from = cover_byte_of(s->text, s->text_n, sn->from);
	code.to = cover_byte_of(s->text, s->text_n, sn->to);
	at->from = sn->from;
	at->to = sn->to;
	if (text != NULL && slice_is(s, at, text))
		return 1;
	*at = code;
	return slice_is(s, at, text);
}

static void
look_at(const struct metric_in *in, size_t i, const struct section *s,
    struct found *f)
{
	const struct snippet *sn = &in->answer->retrieved[i];
	struct ctext *text = i < in->n_snippets ? in->snippets[i] : NULL;

	if (in->by_section && (sn->section_id == NULL ||
	    strcmp(sn->section_id, s->id) != 0))
		return;
	/* an empty passage covers nothing, whatever its place */
	if (!sn->blank && in->by_section &&
	    locate(s, sn, text, &f->span[f->n_spans])) {
		f->n_spans++;
		return;
	}
	f->unlocated = 1;
	if (text != NULL)
		f->words[f->n_words++] = ctext_words(text, in->scratch);
}

/* Words of section k that are covered; *blind when nothing could tell. */
static size_t
cover_section(const struct metric_in *in, size_t k, int *blind)
{
	struct ctext *text = in->expected_text[k];
	const struct ctext_words *words = ctext_words(text, in->scratch);
	struct found f;
	struct ctext *slice;
	size_t i, n;

	f.n_spans = f.n_words = 0;
	f.unlocated = 0;
	for (i = 0; i < in->answer->n_retrieved &&
	    i < METRIC_SNIPPETS_MAX; i++)
		look_at(in, i, in->expected[k], &f);
	*blind = f.unlocated && f.n_words == 0 && f.n_spans == 0;
	n = cover_merge(f.span, f.n_spans, (int64_t)text->n);
	if (f.n_words == 0)
		return cover_words(words, f.span, n);
	/* places and bare texts together: all as texts */
	for (i = 0; i < n && f.n_words < METRIC_SNIPPETS_MAX; i++) {
		slice = arena_alloc(in->scratch, sizeof(*slice));
		if (slice == NULL)
			break;
		slice->p = text->p + f.span[i].from;
		slice->n = (size_t)(f.span[i].to - f.span[i].from);
		f.words[f.n_words++] = ctext_words(slice, in->scratch);
	}
	return cover_unigrams(words, f.words, f.n_words, in->scratch);
}

double
calc_coverage(const struct metric_in *in, enum metric_missing *why)
{
	size_t k, covered = 0, total = 0, blinds = 0;
	int blind;

	if (in->gold->unanswerable || !extract_maps_retrieved(in->spec))
		return metric_none(why, METRIC_NOT_APPLICABLE);
	if (in->n_expected == 0)
		return metric_none(why, METRIC_NO_GOLD);
	if (in->answer->n_retrieved == 0)
		return metric_none(why, METRIC_NO_RETRIEVED);
	for (k = 0; k < in->n_expected; k++) {
		covered += cover_section(in, k, &blind);
		total += ctext_words(in->expected_text[k], in->scratch)->n;
		blinds += blind != 0;
	}
	if (total == 0 || blinds == in->n_expected)
		return metric_none(why, METRIC_NO_TEXT);
	return (double)covered / (double)total;
}
