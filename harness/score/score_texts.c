/* The texts of a case, and their embeddings; see score_part.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/score/score_part.h"

/* Snippets meet questions by their windows; answers, sections and what is
 * compared with them by whole vectors. */
static void
want(struct ctext *t, unsigned parts)
{
	if (t != NULL)
		t->parts |= parts;
}

static void
texts_of(struct score_case *c, struct score_one *o, const struct suite *s)
{
	const struct answer *a = o->answer;
	const char *wording;
	size_t i, n;
	const size_t first = score_of_base(o) ? 0 : 1;
	int made;

	if (!o->answered)
		return;
	wording = gold_wording(&c->gold, s, o->ex.key.p, &n, &made);
	if (wording != NULL && !c->gold.no_question)
		o->question = ctexts_add(&c->texts, wording, n);
	want(o->question, EMBED_WHOLE);
	if (a->text != NULL && a->text_n > 0)
		o->said = ctexts_add(&c->texts, a->text, a->text_n);
	want(o->said, EMBED_WHOLE);
	o->text = a->outcome == OUTCOME_REFUSED ||
	    a->outcome == OUTCOME_FILTERED ? NULL : o->said;
	for (i = first; i < 2; i++) {
		c->has[i].answer |= o->text != NULL;
		c->has[i].clean |= o->text != NULL && !a->garbled;
		c->has[i].whole |= o->text != NULL &&
		    a->outcome == OUTCOME_OK;
	}
	o->n_snippets = a->n_retrieved < METRIC_SNIPPETS_MAX ?
	    a->n_retrieved : METRIC_SNIPPETS_MAX;
	o->snippets = arena_calloc(&c->arena, o->n_snippets + 1,
	    sizeof(struct ctext *));
	for (i = 0; o->snippets != NULL && i < o->n_snippets; i++) {
		if (a->retrieved[i].text_n == 0)
			continue;
		o->snippets[i] = ctexts_add(&c->texts, a->retrieved[i].text,
		    a->retrieved[i].text_n);
		want(o->snippets[i], EMBED_WINDOWS);
		if (c->n_expected > 0 || i == 0)
			want(o->snippets[i], EMBED_WHOLE);
		c->has[first].text |= o->snippets[i] != NULL;
		c->has[1].text |= o->snippets[i] != NULL;
	}
	if (o->snippets == NULL)
		o->n_snippets = 0;
}

/* Copies of the sections named that are known, each to carry its doc. */
static size_t
find_sections(const struct score_job *job, struct score_case *c,
    const struct gold_list *ids, struct section ***out,
    struct ctext ***texts)
{
	const struct section *known;
	struct section *s;
	size_t i, n = 0;

	*out = arena_calloc(&c->arena, ids->n + 1, sizeof(struct section *));
	*texts = arena_calloc(&c->arena, ids->n + 1, sizeof(struct ctext *));
	for (i = 0; i < ids->n && *out != NULL && *texts != NULL; i++) {
		known = sections_find(job->sections, ids->v[i]);
		s = known == NULL ? NULL : arena_alloc(&c->arena, sizeof(*s));
		if (s == NULL)
			continue;
		*s = *known;
		(*texts)[n] = ctexts_add(&c->texts, s->text, s->text_n);
		want((*texts)[n], EMBED_WHOLE);
		if ((*texts)[n] != NULL)
			(*out)[n++] = s;
	}
	return n;
}

static void
find_answers(struct score_case *c)
{
	const struct gold_list *from = &c->gold.answers;
	size_t i;

	c->answers = arena_calloc(&c->arena, from->n + 1,
	    sizeof(struct ctext *));
	for (i = 0; i < from->n && c->answers != NULL; i++) {
		c->answers[c->n_answers] = ctexts_add(&c->texts, from->v[i],
		    from->len[i]);
		c->n_answers += c->answers[c->n_answers] != NULL;
	}
}

/* What the candidate may answer instead of what the baseline does. */
static void
find_accepted(const struct score_job *job, struct score_case *c)
{
	uint32_t p, n = job->plan->paraphrases;
	const char *text;
	size_t text_n;

	c->accepted = NULL;
	if (accepted_find(job->accepted, c->gold.id) == NULL)
		return;
	c->accepted = arena_calloc(&c->arena, n, sizeof(struct ctext *));
	for (p = 0; p < n && c->accepted != NULL; p++) {
		text = accepted_text(job->accepted, c->gold.id, p, &text_n);
		if (text != NULL)
			c->accepted[p] = ctexts_add(&c->texts, text, text_n);
		want(c->accepted[p], EMBED_WHOLE);
	}
}

void
score_texts(const struct score_job *job, struct score_case *c)
{
	size_t i;

	c->n_expected = find_sections(job, c, &c->gold.section_ids,
	    &c->expected, &c->expected_text);
	c->n_decoys = find_sections(job, c, &c->gold.decoy_ids, &c->decoys,
	    &c->decoy_text);
	find_answers(c);
	find_accepted(job, c);
	for (i = 0; i < c->n_one; i++)
		texts_of(c, &c->one[i], job->suite);
}

/* ---- embedding --------------------------------------------------------- */

/* Sections carry their own pointer to what their text became. */
static void
share_docs(struct section *const *s, struct ctext *const *texts, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		s[i]->doc = texts[i]->doc;
}

static size_t
gather(struct score_case *const *c, size_t n, struct embed_want *wants)
{
	const struct ctext *t;
	size_t i, k = 0;
	uint32_t x;

	for (i = 0; i < n; i++) {
		for (x = 0; x < c[i]->texts.table.n; x++) {
			t = c[i]->texts.v[x];
			if (t->parts == 0)
				continue;
			if (wants != NULL)
				wants[k] = (struct embed_want){
				    { t->p, t->n }, t->parts };
			k++;
		}
	}
	return k;
}

static void
spread(struct score_case *const *c, size_t n,
    const struct embed_doc *const *docs)
{
	struct ctext *t;
	size_t i;
	uint32_t x;

	for (i = 0; i < n; i++) {
		for (x = 0; x < c[i]->texts.table.n; x++) {
			t = c[i]->texts.v[x];
			if (t->parts != 0)
				t->doc = *docs++;
		}
		share_docs(c[i]->expected, c[i]->expected_text,
		    c[i]->n_expected);
		share_docs(c[i]->decoys, c[i]->decoy_text, c[i]->n_decoys);
	}
}

int
score_embed(const struct score_job *job, struct score_case *const *c,
    size_t n, struct err *err)
{
	size_t k = gather(c, n, NULL);
	struct embed_want *wants = calloc(k + 1, sizeof(*wants));
	const struct embed_doc **docs = calloc(k + 1,
	    sizeof(const struct embed_doc *));
	int rc = RC_NOMEM;

	if (wants != NULL && docs != NULL) {
		(void)gather(c, n, wants);
		rc = embed_set_fetch(job->embeds, wants, k, docs, err);
		if (rc == RC_OK)
			spread(c, n, docs);
	} else {
		(void)err_set(err, RC_NOMEM, "out of memory for embeddings");
	}
	free(wants);
	free((void *)docs);
	return rc;
}
