/*
 * Which ids a case is compared by; see score_part.h.
 *
 * One kind for all arms of a case, so that an arm that drops its ids is seen
 * and never compared by something else.
 */
#include <math.h>
#include <string.h>

#include "harness/score/score_part.h"

static const char *
id_of(const struct snippet *s, enum id_kind kind)
{
	switch (kind) {
	case ID_SECTION:
		return s->section_id;
	case ID_SNIPPET:
		return s->snippet_id;
	case ID_URL:
		return s->source_url;
	case ID_TEXT:
		return s->text;
	}
	return NULL;
}

/* What any answer of the case carries. */
struct carried {
	int kind[ID_TEXT + 1];
};

static void
look(const struct snippet *s, size_t n, struct carried *has)
{
	size_t i;
	int k;

	for (i = 0; i < n && i < RANK_MAX; i++) {
		for (k = ID_SECTION; k <= ID_TEXT; k++)
			has->kind[k] |= id_of(&s[i], (enum id_kind)k) != NULL;
	}
}

static enum id_kind
choose_kind(const struct score_case *c)
{
	struct carried has = { { 0 } };
	size_t i;
	int k;

	for (i = 0; i < c->n_one; i++)
		look(c->one[i].answer->retrieved, c->one[i].answer->n_retrieved,
		    &has);
	for (k = ID_SECTION; k < ID_TEXT && !has.kind[k]; k++)
		continue;
	/* an API without retrieved items may still cite */
	if (k == ID_TEXT && !has.kind[ID_TEXT]) {
		for (i = 0; i < c->n_one; i++)
			look(c->one[i].answer->cited,
			    c->one[i].answer->n_cited, &has);
		for (k = ID_SECTION; k < ID_TEXT && !has.kind[k]; k++)
			continue;
	}
	if (k == ID_SECTION && c->gold.section_ids.n == 0 &&
	    c->gold.snippet_ids.n > 0 && has.kind[ID_SNIPPET])
		return ID_SNIPPET;
	return (enum id_kind)k;
}

/* ---- the lists of one observation -------------------------------------- */

struct list {
	const char **v;
	double *score;		/* or NULL */
	size_t n, max;
};

static int
list_init(struct arena *a, size_t n, struct list *l)
{
	l->n = 0;
	l->max = n < RANK_MAX ? n : RANK_MAX;
	l->v = arena_calloc(a, l->max + 1, sizeof(*l->v));
	l->score = arena_calloc(a, l->max + 1, sizeof(*l->score));
	return l->v == NULL || l->score == NULL ? -1 : 0;
}

static void
list_add(struct list *l, const char *id, double score)
{
	size_t i;

	if (id == NULL || l->n == l->max)
		return;
	for (i = 0; i < l->n; i++) {
		if (strcmp(l->v[i], id) == 0)
			return;
	}
	l->score[l->n] = score;
	l->v[l->n++] = id;
}

static int
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* A citation's id; one that lacks it borrows that of the retrieved snippet
 * it points at. */
static const char *
cited_id(const struct answer *a, const struct snippet *c, enum id_kind kind)
{
	const char *id = id_of(c, kind);
	const struct snippet *r;
	size_t i;

	for (i = 0; id == NULL && i < a->n_retrieved && i < RANK_MAX; i++) {
		r = &a->retrieved[i];
		if (same(c->snippet_id, r->snippet_id) ||
		    same(c->section_id, r->section_id) ||
		    same(c->source_url, r->source_url))
			id = id_of(r, kind);
	}
	return id;
}

static void
list_ids(struct score_case *c, struct score_one *o)
{
	const struct answer *a = o->answer;
	struct list ids, cited;
	size_t i;

	if (!o->answered || list_init(&c->arena, a->n_retrieved, &ids) != 0 ||
	    list_init(&c->arena, a->n_cited, &cited) != 0)
		return;
	for (i = 0; i < a->n_retrieved; i++)
		list_add(&ids, id_of(&a->retrieved[i], c->kind),
		    a->retrieved[i].score);
	for (i = 0; i < a->n_cited; i++) {
		list_add(&cited, cited_id(a, &a->cited[i], c->kind), NAN);
		c->cited_fields |= a->cited[i].have;
	}
	o->ids = ids.v;
	o->n_ids = ids.n;
	o->cited = cited.v;
	o->n_cited = cited.n;
	o->ranked = arena_calloc(&c->arena, ids.n + 1, sizeof(*o->ranked));
	if (o->ranked == NULL)
		return;
	memcpy(o->ranked, ids.v, ids.n * sizeof(*ids.v));
	rank_break_ties(o->ranked, ids.score, ids.n);
	c->has_ids |= ids.n > 0;
	for (i = score_of_base(o) ? 0 : 1; i < 2; i++) {
		c->has[i].cited |= a->n_cited > 0;
		c->has[i].snippets |= a->n_retrieved > 0;
	}
}

/* ---- gold -------------------------------------------------------------- */

/* Snippet ids stand for section ids where the sections file knows them by
 * that name (or where there is no such file to tell). */
static int
snippets_are_sections(const struct score_job *job, const struct score_case *c)
{
	size_t i, k;

	if (job->sections == NULL)
		return 1;
	for (i = 0; i < c->n_one; i++) {
		for (k = 0; k < c->one[i].n_ids; k++) {
			if (sections_find(job->sections,
			    c->one[i].ids[k]) != NULL)
				return 1;
		}
	}
	return 0;
}

static void
gold_from(struct score_case *c, const struct gold_list *from)
{
	struct list l;
	size_t i;

	if (list_init(&c->arena, from->n, &l) != 0)
		return;
	for (i = 0; i < from->n; i++)
		list_add(&l, from->v[i], NAN);
	c->gold_ids = l.v;
	c->n_gold_ids = l.n;
}

static void
gold_from_urls(const struct score_job *job, struct score_case *c)
{
	const struct gold_list *from = &c->gold.section_ids;
	const struct section *s;
	struct list l;
	size_t i;

	if (list_init(&c->arena, from->n, &l) != 0)
		return;
	for (i = 0; i < from->n; i++) {
		s = sections_find(job->sections, from->v[i]);
		if (s != NULL)
			list_add(&l, s->source_url, NAN);
	}
	c->gold_ids = l.v;
	c->n_gold_ids = l.n;
}

static void
find_gold(const struct score_job *job, struct score_case *c)
{
	const struct gold *g = &c->gold;

	if (c->kind == ID_SNIPPET && g->snippet_ids.n > 0)
		gold_from(c, &g->snippet_ids);
	else if (c->kind == ID_SECTION ||
	    (c->kind == ID_SNIPPET && snippets_are_sections(job, c)))
		gold_from(c, &g->section_ids);
	else if (c->kind == ID_URL)
		gold_from_urls(job, c);
}

void
score_ids(const struct score_job *job, struct score_case *c)
{
	size_t i;

	c->kind = choose_kind(c);
	for (i = 0; i < c->n_one; i++)
		list_ids(c, &c->one[i]);
	find_gold(job, c);
}
