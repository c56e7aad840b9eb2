/* The gold case of a question that traffic asks, and how much of its sections
 * both answers cover; see live_part.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/table.h"
#include "harness/base/text.h"
#include "harness/judge/live_part.h"
#include "harness/score/ctext.h"
#include "harness/score/measure.h"
#include "harness/suite/question.h"

enum { ARENA_MAX = 64 << 20, QUESTION_MAX = 1 << 20 };

struct wording {
	unsigned char hash[HASH_TABLE_BYTES];
	uint64_t case_index;
};

struct live_gold {
	const struct live_opts *o;
	struct table table;	/* of v, by hash */
	struct wording *v;
	size_t cap;
	struct question_reader reader;
	struct buf norm;
	struct gold gold;
	struct arena arena;
};

/* ---- questions --------------------------------------------------------- */

static int
same(const void *ctx, const void *key, uint32_t at)
{
	const struct wording *v = ctx;

	return memcmp(v[at].hash, key, HASH_TABLE_BYTES) == 0;
}

/* Blanks at the ends and case do not make another question. */
static int
hash_of(struct live_gold *g, const char *s, size_t n,
    unsigned char out[HASH_TABLE_BYTES], struct err *err)
{
	int rc;

	while (n > 0 && (s[n - 1] == ' ' || s[n - 1] == '\n'))
		n--;
	while (n > 0 && (*s == ' ' || *s == '\n')) {
		s++;
		n--;
	}
	buf_reset(&g->norm);
	rc = text_normalise(s, n, TEXT_NFKC_FOLD, &g->norm, err);
	if (rc == RC_OK)
		hash_table128(buf_str(&g->norm), g->norm.len, out);
	return rc;
}

static uint64_t
short_hash(const unsigned char h[HASH_TABLE_BYTES])
{
	uint64_t out;

	memcpy(&out, h, sizeof(out));
	return out;
}

static int
add_wording(struct live_gold *g, uint64_t case_index, const char *s,
    size_t n, struct err *err)
{
	struct wording w = { .case_index = case_index };
	void *grown;

	/* a wording that is no text asks nothing that traffic asks */
	if (s == NULL || hash_of(g, s, n, w.hash, NULL) != RC_OK)
		return RC_OK;
	if (table_find(&g->table, short_hash(w.hash), same, g->v, w.hash) !=
	    TABLE_NONE)
		return RC_OK;
	if (g->table.n == g->cap || g->v == NULL) {
		grown = table_grow(&g->table, g->v, &g->cap, sizeof(*g->v));
		if (grown == NULL)
			return err_set(err, RC_NOMEM, "out of memory");
		g->v = grown;
	}
	g->v[g->table.n] = w;
	table_put(&g->table, short_hash(w.hash), g->table.n);
	return RC_OK;
}

static int
add_case(struct live_gold *g, uint64_t i, struct err *err)
{
	const struct gold *c = &g->gold;
	size_t k;
	int rc = caseset_get(g->o->cases, i, &g->gold, err);

	if (rc != RC_OK || c->section_ids.n == 0 || c->no_question)
		return rc;
	rc = add_wording(g, i, c->question, c->question_n, err);
	for (k = 0; k < c->paraphrases.n && rc == RC_OK; k++)
		rc = add_wording(g, i, c->paraphrases.v[k],
		    c->paraphrases.len[k], err);
	return rc;
}

int
live_gold_open(const struct live_opts *o, struct live_gold **out,
    struct err *err)
{
	struct live_gold *g;
	uint64_t i;
	int rc = RC_OK;

	*out = NULL;
	if (o->cases == NULL || o->sections == NULL)
		return RC_OK;
	g = calloc(1, sizeof(*g));
	if (g == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	g->o = o;
	table_init(&g->table);
	question_reader_init(&g->reader);
	buf_init(&g->norm, QUESTION_MAX);
	gold_init(&g->gold);
	arena_init(&g->arena, ARENA_MAX);
	for (i = 0; i < caseset_n(o->cases) && rc == RC_OK; i++)
		rc = add_case(g, i, err);
	if (rc != RC_OK || g->table.n == 0)
		live_gold_close(g);
	else
		*out = g;
	return rc;
}

void
live_gold_close(struct live_gold *g)
{
	if (g == NULL)
		return;
	table_fini(&g->table);
	free(g->v);
	question_reader_fini(&g->reader);
	buf_fini(&g->norm);
	gold_fini(&g->gold);
	arena_fini(&g->arena);
	free(g);
}

/* ---- coverage ---------------------------------------------------------- */

/* The case that an exchange asks; UINT64_MAX: none. */
static uint64_t
find(struct live_gold *g, const struct live_look *k)
{
	unsigned char hash[HASH_TABLE_BYTES];
	struct json *body;
	const char *q;
	uint32_t at = TABLE_NONE;
	size_t n;

	q = question_of(&g->reader, k->spec, k->ex, &body, &n);
	if (q != NULL && hash_of(g, q, n, hash, NULL) == RC_OK)
		at = table_find(&g->table, short_hash(hash), same, g->v, hash);
	json_free(body);
	return at == TABLE_NONE ? UINT64_MAX : g->v[at].case_index;
}

/* The case's sections that are known, as texts. */
static size_t
sections_of(struct live_gold *g, struct ctexts *texts,
    const struct section **s, struct ctext **t, size_t max)
{
	const struct section *known;
	size_t i, n = 0;

	for (i = 0; i < g->gold.section_ids.n && n < max; i++) {
		known = sections_find(g->o->sections, g->gold.section_ids.v[i]);
		if (known == NULL)
			continue;
		s[n] = known;
		t[n] = ctexts_add(texts, known->text, known->text_n);
		n += t[n] != NULL;
	}
	return n;
}

static double
coverage(struct live_gold *g, const struct live_look *k)
{
	enum { SECTIONS = 32 };
	const struct section *s[SECTIONS];
	struct ctext *t[SECTIONS], *snippet[LIVE_IDS_MAX];
	const struct answer *a = &k->answer;
	double m[METRIC_N];
	unsigned char why[METRIC_N];
	struct ctexts texts;
	struct metric_in in = { .suite = g->o->suite, .spec = k->spec,
		.gold = &g->gold, .answer = a, .exchange = k->ex,
		.embedder = g->o->embedder, .scratch = &g->arena,
		.sections = g->o->sections, .expected = s,
		.expected_text = t, .snippets = snippet, .price_in = NAN,
		.price_out = NAN };
	size_t i;

	arena_reset(&g->arena);
	ctexts_init(&texts, &g->arena);
	in.n_expected = sections_of(g, &texts, s, t, SECTIONS);
	for (i = 0; i < a->n_retrieved && i < LIVE_IDS_MAX; i++) {
		snippet[i] = a->retrieved[i].text_n == 0 ? NULL :
		    ctexts_add(&texts, a->retrieved[i].text,
		    a->retrieved[i].text_n);
		in.by_section |= a->retrieved[i].section_id != NULL;
	}
	in.n_snippets = i;
	metrics_observe(&in, m, why);
	/* nothing retrieved covers nothing: here it was asked for */
	return in.n_expected > 0 && a->n_retrieved == 0 &&
	    extract_maps_retrieved(k->spec) ? 0 : m[M_COVERAGE];
}

int
live_gold_coverage(struct live_gold *g, const struct live_look *primary,
    const struct live_look *candidate, double *base, double *cand,
    struct err *err)
{
	uint64_t at = find(g, primary);
	int rc;

	*base = *cand = NAN;
	if (at == UINT64_MAX)
		return RC_OK;
	rc = caseset_get(g->o->cases, at, &g->gold, err);
	if (rc != RC_OK)
		return rc;
	*base = coverage(g, primary);
	*cand = coverage(g, candidate);
	if (isnan(*base) || isnan(*cand))
		*base = *cand = NAN;
	return arena_check(&g->arena, "a case", err);
}
