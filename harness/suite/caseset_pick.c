/* Which cases of a set are kept: a stratified sample, then a filter. */
#include <stdlib.h>
#include <string.h>

#include "harness/base/rng.h"
#include "harness/base/share.h"
#include "harness/suite/caseset_part.h"

enum { STREAM_SAMPLE = 0x73616d70 };

/* ---- the sample -------------------------------------------------------- */

struct pick {
	uint64_t stratum, draw;
	size_t index;
};

static int
by_stratum(const void *a, const void *b)
{
	const struct pick *x = a, *y = b;

	if (x->stratum != y->stratum)
		return x->stratum < y->stratum ? -1 : 1;
	if (x->draw != y->draw)
		return x->draw < y->draw ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static void
keep_marked(struct caseset *cs, const unsigned char *keep)
{
	size_t i, n = 0;

	for (i = 0; i < cs->n; i++) {
		if (keep[i])
			cs->v[n++] = cs->v[i];
	}
	cs->n = n;
}

static size_t
strata(const struct pick *p, size_t n, struct share *out)
{
	size_t i, k = 0;

	for (i = 0; i < n; i++) {
		if (i == 0 || p[i].stratum != p[i - 1].stratum) {
			memset(&out[k], 0, sizeof(out[k]));
			out[k++].from = i;
		}
		out[k - 1].n++;
	}
	return k;
}

int
caseset_sample(struct caseset *cs, const struct suite *s, struct err *err)
{
	struct pick *p = calloc(cs->n + 1, sizeof(*p));
	struct share *v = calloc(cs->n + 1, sizeof(*v));
	unsigned char *keep = calloc(cs->n + 1, 1);
	size_t i, j, k;
	int rc = RC_OK;

	if (p == NULL || v == NULL || keep == NULL) {
		rc = err_set(err, RC_NOMEM, "out of memory");
		goto out;
	}
	for (i = 0; i < cs->n; i++) {
		p[i].stratum = cs->strata != NULL ? cs->strata[i] : 0;
		p[i].draw = rng_u64(s->seed, STREAM_SAMPLE, cs->draw[i]);
		p[i].index = i;
	}
	qsort(p, cs->n, sizeof(*p), by_stratum);
	k = strata(p, cs->n, v);
	share_divide(v, k, cs->n, (size_t)s->sample);
	for (i = 0; i < k; i++) {
		for (j = 0; j < v[i].take; j++)
			keep[p[v[i].from + j].index] = 1;
	}
	keep_marked(cs, keep);
out:
	free(p);
	free(v);
	free(keep);
	return rc;
}

/* ---- the filter -------------------------------------------------------- */

static int
tag_holds(const struct json *tags, const char *asked)
{
	size_t n = strcspn(asked, "=");
	const struct json *j;
	const char *word;
	struct buf b;
	int same;

	for (j = json_first(tags); j != NULL; j = json_next(j)) {
		if (strlen(json_key(j)) != n ||
		    memcmp(json_key(j), asked, n) != 0)
			continue;
		if (asked[n] == '\0')
			return json_kind(j) != JSON_NULL &&
			    json_bool(j, 1) != 0;
		buf_init(&b, 1 << 16);
		word = json_word(j, &b);
		if (word == NULL) {
			json_write(&b, j);
			word = buf_str(&b);
		}
		same = strcmp(word, asked + n + 1) == 0;
		buf_fini(&b);
		return same;
	}
	return 0;
}

static int
holds(const struct gold *g, const struct caseset_filter *f)
{
	size_t i;

	for (i = 0; i < f->n_ids; i++) {
		if (strcmp(f->ids[i], g->id) == 0)
			break;
	}
	if (f->n_ids > 0 && i == f->n_ids)
		return 0;
	for (i = 0; i < f->n_tags; i++) {
		if (!tag_holds(g->tags, f->tags[i]))
			return 0;
	}
	return 1;
}

int
caseset_filter(struct caseset *cs, const struct caseset_filter *f,
    struct err *err)
{
	unsigned char *keep = calloc(cs->n + 1, 1);
	struct gold g;
	size_t i, nth = 0;
	int rc = RC_OK;

	if (keep == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	gold_init(&g);
	for (i = 0; i < cs->n && rc == RC_OK; i++) {
		keep[i] = 1;
		if (f->n_ids > 0 || f->n_tags > 0) {
			rc = caseset_get(cs, i, &g, err);
			keep[i] = rc == RC_OK && holds(&g, f);
		}
		if (keep[i] && f->shards > 1)
			keep[i] = nth++ % f->shards == f->shard - 1;
	}
	if (rc == RC_OK)
		keep_marked(cs, keep);
	gold_fini(&g);
	free(keep);
	return rc;
}
