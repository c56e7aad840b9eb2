/* Exchanges whose questions differ most; see cmd_trace_slice_part.h. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/table.h"
#include "harness/base/text.h"
#include "harness/cmd/cmd_embedder.h"
#include "harness/cmd/cmd_trace_slice_part.h"
#include "harness/meaning/cluster.h"
#include "harness/suite/question.h"
#include "harness/traffic/trace_each.h"

/* The wordings of a trace, each once. */
struct reading {
	struct different *d;
	uint64_t seed;
	struct question_reader reader;
	struct extract_spec *spec;
	struct table table;
	struct embed_str *v;
	char **text;		/* of v, ours */
	uint64_t *draw;		/* of the first exchange that asked it */
	size_t n;
};

static int
same(const void *ctx, const void *key, uint32_t at)
{
	const struct embed_str *a = &((const struct reading *)ctx)->v[at];
	const struct embed_str *k = key;

	return a->n == k->n && memcmp(a->s, k->s, k->n) == 0;
}

static int
keep(struct reading *r, const char *q, size_t n, const struct exchange *ex)
{
	const struct embed_str k = { q, n };
	uint64_t h = hash_table(q, n);
	char *copy;

	if (table_find(&r->table, h, same, r, &k) != TABLE_NONE)
		return RC_OK;
	if (r->n == DIFFERENT_MAX) {
		r->d->beyond++;
		return RC_OK;
	}
	copy = malloc(n + 1);
	if (copy == NULL || table_room(&r->table, r->n + 1) != 0) {
		free(copy);
		return RC_NOMEM;
	}
	memcpy(copy, q, n);
	copy[n] = '\0';
	r->text[r->n] = copy;
	r->v[r->n] = (struct embed_str){ copy, n };
	r->draw[r->n] = trace_draw(r->seed, ex);
	table_put(&r->table, h, (uint32_t)r->n++);
	return RC_OK;
}

static int
add(void *ctx, const struct exchange *ex, const struct trace_rec *rec,
    struct err *err)
{
	struct reading *r = ctx;
	struct json *body = NULL;
	size_t n;
	const char *q = question_of(&r->reader, r->spec, ex, &body, &n);
	int rc = RC_OK;

	(void)rec;
	if (q == NULL || text_is_blank(q, n))
		r->d->without++;
	else
		rc = keep(r, q, n, ex);
	json_free(body);
	return rc == RC_OK ? rc : err_set(err, RC_NOMEM, "out of memory");
}

static int
by_value(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static int
pick(struct reading *r, struct embedder *e, size_t k, struct err *err)
{
	struct embed_vec **vec = calloc(r->n, sizeof(*vec));
	enum embed_missing *why = calloc(r->n, sizeof(*why));
	size_t *among = calloc(r->n, sizeof(*among)), i;
	size_t *picked = calloc(k + 1, sizeof(*picked));
	struct different *d = r->d;
	int rc = RC_OK;

	d->draws = calloc(k + 1, sizeof(*d->draws));
	if (vec == NULL || why == NULL || among == NULL || picked == NULL ||
	    d->draws == NULL)
		rc = err_set(err, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = embedder_embed(e, r->v, r->n, vec, why, err);
	for (i = 0; rc == RC_OK && i < r->n; i++)
		among[i] = i;
	if (rc == RC_OK)
		rc = cluster_different(e, vec, among, r->n, k, picked, err);
	for (i = 0; rc == RC_OK && i < k && picked[i] < r->n; i++)
		d->draws[d->n++] = r->draw[picked[i]];
	if (rc == RC_OK && d->draws != NULL && d->n > 0)
		qsort(d->draws, d->n, sizeof(*d->draws), by_value);
	for (i = 0; vec != NULL && i < r->n; i++)
		free(vec[i]);
	free(vec);
	free(why);
	free(among);
	free(picked);
	return rc;
}

int
different_choose(struct different *d, const char *trace, size_t k,
    const char *embedder, struct trace_pick *p, struct err *err)
{
	struct reading r = { .d = d, .seed = p->seed };
	struct cmd_embedder *keeper = NULL;
	struct embedder *e = NULL;
	size_t i;
	int rc;

	memset(d, 0, sizeof(*d));
	table_init(&r.table);
	question_reader_init(&r.reader);
	r.spec = extract_new(NULL, err);
	r.v = calloc(DIFFERENT_MAX, sizeof(*r.v));
	r.text = calloc(DIFFERENT_MAX, sizeof(*r.text));
	r.draw = calloc(DIFFERENT_MAX, sizeof(*r.draw));
	rc = r.spec == NULL || r.v == NULL || r.text == NULL || r.draw == NULL ?
	    err_set(err, RC_NOMEM, "out of memory") :
	    trace_each(trace, p, add, &r, NULL, err);
	if (rc == RC_OK && r.n == 0)
		rc = err_set(err, RC_USAGE, "%s: no chosen exchange has a "
		    "question; --sample takes some without looking at them",
		    trace);
	if (rc == RC_OK)
		rc = cmd_embedder_open(embedder, &keeper, &e, err);
	if (rc == RC_OK)
		rc = pick(&r, e, k < r.n ? k : r.n, err);
	d->wordings = r.n;
	p->draws = d->draws;
	p->n_draws = d->n;
	cmd_embedder_close(&keeper);
	for (i = 0; r.text != NULL && i < r.n; i++)
		free(r.text[i]);
	free(r.v);
	free(r.text);
	free(r.draw);
	extract_free(r.spec);
	question_reader_fini(&r.reader);
	table_fini(&r.table);
	return rc;
}

void
different_fini(struct different *d)
{
	free(d->draws);
	memset(d, 0, sizeof(*d));
}
