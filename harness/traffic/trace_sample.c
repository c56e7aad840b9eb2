/* Which units of a trace are in a sample; see trace_cut.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/rng.h"
#include "harness/base/share.h"
#include "harness/traffic/trace_part.h"

struct entry {
	uint64_t draw, stratum;
};

struct survey {
	const struct trace_pick *p;
	struct exchange_rec *rec;
	struct entry *v;
	size_t n, cap;
};

uint64_t
trace_draw(uint64_t seed, const struct exchange *ex)
{
	const char *unit = ex->key.case_id != NULL ? ex->key.case_id :
	    ex->session != NULL ? ex->session : ex->id;

	return rng_u64(seed, 0, rng_seed_from(unit, strlen(unit)));
}

static int
by_draw(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->draw != y->draw)
		return x->draw < y->draw ? -1 : 1;
	return x->stratum < y->stratum ? -1 : x->stratum > y->stratum;
}

static int
by_stratum(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->stratum != y->stratum)
		return x->stratum < y->stratum ? -1 : 1;
	return x->draw < y->draw ? -1 : x->draw > y->draw;
}

/* One entry a unit, sorted by draw. */
static void
tidy(struct survey *s)
{
	size_t i, n = 0;

	if (s->n > 0)
		qsort(s->v, s->n, sizeof(*s->v), by_draw);
	for (i = 0; i < s->n; i++) {
		if (n == 0 || s->v[i].draw != s->v[n - 1].draw)
			s->v[n++] = s->v[i];
	}
	s->n = n;
}

static int
keep(struct survey *s, const struct exchange *ex, const struct trace_rec *rec,
    struct err *err)
{
	struct entry *to;
	size_t cap;

	if (s->n == s->cap) {
		cap = s->cap == 0 ? 1024 : s->cap * 2;
		to = realloc(s->v, cap * sizeof(*to));
		if (to == NULL)
			return err_set(err, RC_NOMEM, "out of memory");
		s->v = to;
		s->cap = cap;
	}
	s->v[s->n].draw = trace_draw(s->p->seed, ex);
	s->v[s->n++].stratum = s->p->stratum == NULL ? 0 :
	    s->p->stratum(s->p->stratum_ctx, ex, rec->line, rec->n);
	return RC_OK;
}

/* Who is there to be chosen. */
static int
look(struct survey *s, const char *in, struct err *err)
{
	struct trace_reader *r;
	struct trace_rec rec;
	struct exchange ex;
	int rc;

	rc = trace_reader_open(in, 0, &r, err);
	if (rc != RC_OK)
		return rc;
	while ((rc = trace_next(r, &rec, err)) == 1) {
		if (!rec.is_exchange)
			continue;
		rc = trace_pick_line(s->p, s->rec, rec.line, rec.n, &ex, err);
		if (rc == 1)
			rc = keep(s, &ex, &rec, err);
		if (rc < 0)
			break;
	}
	trace_reader_close(&r);
	return rc;
}

/* Keeps the first of each stratum, its share of them. */
static int
choose(struct survey *s, size_t want, struct trace_cut *cut,
    struct err *err)
{
	struct share *v = calloc(s->n + 1, sizeof(*v));
	struct entry *kept = calloc(want + 1, sizeof(*kept));
	size_t i, k = 0, n = 0;

	if (v == NULL || kept == NULL) {
		free(v);
		free(kept);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	qsort(s->v, s->n, sizeof(*s->v), by_stratum);
	for (i = 0; i < s->n; i++) {
		if (i == 0 || s->v[i].stratum != s->v[i - 1].stratum)
			v[k++].from = i;
		v[k - 1].n++;
	}
	cut->strata = k;
	share_divide(v, k, s->n, want);
	for (i = 0; i < k; i++) {
		memcpy(kept + n, s->v + v[i].from,
		    v[i].take * sizeof(*kept));
		n += v[i].take;
	}
	free(v);
	free(s->v);
	s->v = kept;
	s->n = n;
	qsort(s->v, s->n, sizeof(*s->v), by_draw);
	return RC_OK;
}

int
trace_sample(const char *in, const struct trace_pick *p,
    struct exchange_rec *rec, struct trace_cut *cut, uint64_t **v,
    size_t *n, struct err *err)
{
	struct survey s = { .p = p, .rec = rec };
	int rc = look(&s, in, err);
	size_t i;

	*v = NULL;
	*n = 0;
	if (rc == RC_OK) {
		tidy(&s);
		if (s.n > p->sample)
			rc = choose(&s, (size_t)p->sample, cut, err);
	}
	if (rc == RC_OK) {
		*v = malloc((s.n + 1) * sizeof(**v));
		if (*v == NULL)
			rc = err_set(err, RC_NOMEM, "out of memory");
	}
	for (i = 0; rc == RC_OK && i < s.n; i++)
		(*v)[(*n)++] = s.v[i].draw;
	cut->units = s.n;
	free(s.v);
	return rc;
}
