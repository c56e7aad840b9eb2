/*
 * Expected sections that are in neither the sections nor any answer: ids of
 * another index, or mistakes; see score_part.h.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/table.h"
#include "harness/score/score_part.h"

enum { IDS_MAX = 1 << 22 };

struct hashes {
	struct table table;	/* of v, by itself */
	uint64_t *v;
	size_t cap;
};

struct lost_id {
	uint64_t hash, case_index;
	size_t at;		/* place in the case's list */
	char *id;
};

struct score_lost_ids {
	struct hashes seen;	/* in answers, and in no section */
	struct lost_id *v;	/* each once a case */
	size_t n, cap;
	const char **names;	/* the result */
};

struct score_lost_ids *
score_lost_new(void)
{
	return calloc(1, sizeof(struct score_lost_ids));
}

void
score_lost_free(struct score_lost_ids *l)
{
	size_t i;

	if (l == NULL)
		return;
	for (i = 0; i < l->n; i++)
		free(l->v[i].id);
	free(l->v);
	table_fini(&l->seen.table);
	free(l->seen.v);
	free(l->names);
	free(l);
}

static int
same_hash(const void *ctx, const void *key, uint32_t at)
{
	const uint64_t *v = ctx;

	return v[at] == *(const uint64_t *)key;
}

static int
hashes_has(const struct hashes *h, uint64_t hash)
{
	return table_find(&h->table, hash, same_hash, h->v, &hash) !=
	    TABLE_NONE;
}

static int
hashes_add(struct hashes *h, uint64_t hash)
{
	uint64_t *v;

	if (hashes_has(h, hash))
		return 0;
	if (h->table.n == h->cap) {
		v = table_grow(&h->table, h->v, &h->cap, sizeof(*v));
		if (v == NULL)
			return -1;
		h->v = v;
	}
	h->v[h->table.n] = hash;
	table_put(&h->table, hash, h->table.n);
	return 0;
}

static uint64_t
hash_of(const char *id)
{
	return hash_table(id, strlen(id));
}

static int
see(struct score_lost_ids *l, const struct sections *s,
    const struct snippet *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (v[i].section_id == NULL || l->seen.table.n >= IDS_MAX ||
		    sections_find(s, v[i].section_id) != NULL)
			continue;
		if (hashes_add(&l->seen, hash_of(v[i].section_id)) != 0)
			return -1;
	}
	return 0;
}

static int
lose(struct score_lost_ids *l, const char *id, uint64_t index, size_t at)
{
	size_t cap = l->cap == 0 ? 16 : l->cap * 2;
	struct lost_id *v;

	if (l->n >= IDS_MAX)
		return 0;
	if (l->n == l->cap) {
		v = realloc(l->v, cap * sizeof(*v));
		if (v == NULL)
			return -1;
		l->v = v;
		l->cap = cap;
	}
	v = &l->v[l->n];
	*v = (struct lost_id){ hash_of(id), index, at, strdup(id) };
	if (v->id == NULL)
		return -1;
	l->n++;
	return 0;
}

int
score_lost_add(struct score_lost_ids *l, const struct score_job *job,
    const struct score_case *c, struct err *err)
{
	const struct gold_list *ids = &c->gold.section_ids;
	size_t i;
	int bad = 0;

	for (i = 0; i < c->n_one && !bad; i++) {
		const struct answer *a = c->one[i].answer;

		bad = see(l, job->sections, a->retrieved, a->n_retrieved) ||
		    see(l, job->sections, a->cited, a->n_cited);
	}
	for (i = 0; i < ids->n && !bad; i++) {
		if (sections_find(job->sections, ids->v[i]) == NULL)
			bad = lose(l, ids->v[i], c->index, i) != 0;
	}
	return bad ? err_set(err, RC_NOMEM, "out of memory for scoring") :
	    RC_OK;
}

/* The order of the cases, whatever that of the records was. */
static int
by_place(const void *a, const void *b)
{
	const struct lost_id *x = a, *y = b;

	if (x->case_index != y->case_index)
		return x->case_index < y->case_index ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

int
score_lost_finish(struct score_lost_ids *l, struct score_lost *out,
    struct err *err)
{
	uint64_t last = UINT64_MAX;
	size_t i, k;

	l->names = calloc(SCORE_LOST_SHOWN, sizeof(*l->names));
	if (l->names == NULL)
		return err_set(err, RC_NOMEM, "out of memory for scoring");
	assert(l->n == 0 || l->v != NULL);
	out->n = 0;
	if (l->n > 0)
		qsort(l->v, l->n, sizeof(*l->v), by_place);
	for (i = 0; i < l->n; i++) {
		if (hashes_has(&l->seen, l->v[i].hash))
			continue;
		out->cases += l->v[i].case_index != last;
		last = l->v[i].case_index;
		for (k = 0; k < out->n; k++) {
			if (strcmp(l->names[k], l->v[i].id) == 0)
				break;
		}
		if (k < out->n)
			continue;
		if (out->n < SCORE_LOST_SHOWN)
			l->names[out->n++] = l->v[i].id;
		else
			out->more = 1;
	}
	out->ids = l->names;
	return RC_OK;
}
