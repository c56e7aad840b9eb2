/* Expectations by question; see promote_gold.h. */
#include "harness/suite/promote_gold.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/hash.h"
#include "harness/base/text.h"

/* A wording, by the hash of its words; the earliest case comes first. */
struct wording {
	uint64_t hash, case_index;
};

struct promote_gold {
	const struct caseset *cases;
	struct wording *v;
	size_t n, cap;
	struct buf folded, words;
	struct gold gold;
};

enum { QUESTION_MAX = 1 << 20 };

/* Letters and digits, folded, one blank between words. */
static int
hash_words(struct promote_gold *g, const char *s, uint64_t *hash)
{
	const char *p;
	int space = 0;

	buf_reset(&g->folded);
	buf_reset(&g->words);
	if (text_normalise(s, strlen(s), TEXT_NFKC_FOLD, &g->folded, NULL) !=
	    RC_OK)
		return 0;
	for (p = buf_str(&g->folded); *p != '\0'; p++) {
		unsigned char c = (unsigned char)*p;

		if (c < 0x80 && !isalnum(c)) {
			space = g->words.len > 0;
			continue;
		}
		if (space)
			buf_putc(&g->words, ' ');
		buf_putc(&g->words, *p);
		space = 0;
	}
	*hash = hash_u64(buf_str(&g->words), g->words.len);
	return g->words.len > 0;
}

static int
add(struct promote_gold *g, const char *text, uint64_t index)
{
	struct wording *v;
	uint64_t h;

	if (text == NULL || !hash_words(g, text, &h))
		return RC_OK;
	if (g->n == g->cap) {
		g->cap = g->cap == 0 ? 1024 : g->cap * 2;
		v = realloc(g->v, g->cap * sizeof(*v));
		if (v == NULL)
			return RC_NOMEM;
		g->v = v;
	}
	g->v[g->n++] = (struct wording){ h, index };
	return RC_OK;
}

static int
compare(const void *a, const void *b)
{
	const struct wording *x = a, *y = b;

	if (x->hash != y->hash)
		return x->hash > y->hash ? 1 : -1;
	return (x->case_index > y->case_index) -
	    (x->case_index < y->case_index);
}

static int
add_case(struct promote_gold *g, uint64_t i, struct err *err)
{
	size_t k;
	int rc = caseset_get(g->cases, i, &g->gold, err);

	if (rc != RC_OK)
		return rc;
	rc = add(g, g->gold.question, i);
	for (k = 0; k < g->gold.paraphrases.n && rc == RC_OK; k++)
		rc = add(g, g->gold.paraphrases.v[k], i);
	return rc == RC_OK ? rc : err_set(err, RC_NOMEM, "out of memory");
}

int
promote_gold_open(const struct caseset *cases, struct promote_gold **out,
    struct err *err)
{
	struct promote_gold *g = calloc(1, sizeof(*g));
	uint64_t i, n = caseset_n(cases);
	int rc = RC_OK;

	*out = NULL;
	if (g == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	g->cases = cases;
	buf_init(&g->folded, QUESTION_MAX);
	buf_init(&g->words, QUESTION_MAX);
	gold_init(&g->gold);
	for (i = 0; i < n && rc == RC_OK; i++)
		rc = add_case(g, i, err);
	if (rc != RC_OK) {
		promote_gold_close(g);
		return rc;
	}
	if (g->n > 0)
		qsort(g->v, g->n, sizeof(*g->v), compare);
	*out = g;
	return RC_OK;
}

void
promote_gold_close(struct promote_gold *g)
{
	if (g == NULL)
		return;
	buf_fini(&g->folded);
	buf_fini(&g->words);
	gold_fini(&g->gold);
	free(g->v);
	free(g);
}

/* The case that asks this, into g->gold. */
static int
find(struct promote_gold *g, const char *question)
{
	size_t lo = 0, hi = g->n, mid;
	uint64_t h;

	if (question == NULL || !hash_words(g, question, &h))
		return 0;
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (g->v[mid].hash < h)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < g->n && g->v[lo].hash == h && caseset_get(g->cases,
	    g->v[lo].case_index, &g->gold, NULL) == RC_OK;
}

/* What says that an answer is right. */
static const char *const expects[] = { "section_ids", "section_id",
	"snippet_ids", "snippet_id", "answers", "answer", "expect",
	"unanswerable" };

int
promote_gold_knows(struct promote_gold *g, const char *question)
{
	size_t i, n = sizeof(expects) / sizeof(expects[0]);

	if (!find(g, question))
		return 0;
	for (i = 0; i < n; i++) {
		if (json_get(g->gold.doc, expects[i]) != NULL)
			break;
	}
	return i < n;
}

int
promote_gold_take(struct promote_gold *g, const char *question,
    struct json *doc, int *found, size_t *n)
{
	static const char *const beside[] = { "decoy_ids", "tags" };
	const struct json *v;
	size_t i, taken = 0;
	int rc = RC_OK;

	if (!find(g, question))
		return RC_OK;
	for (i = 0; i < sizeof(expects) / sizeof(expects[0]) && rc == RC_OK;
	    i++) {
		v = json_get(g->gold.doc, expects[i]);
		if (v == NULL)
			continue;
		rc = json_set(doc, expects[i], json_copy(v));
		taken++;
	}
	for (i = 0; i < sizeof(beside) / sizeof(beside[0]) && rc == RC_OK;
	    i++) {
		v = json_get(g->gold.doc, beside[i]);
		if (v != NULL)
			rc = json_set(doc, beside[i], json_copy(v));
	}
	if (rc != RC_OK || taken == 0)
		return rc;
	*found = 1;
	++*n;
	return json_set(doc, "gold", json_new_str(g->gold.id));
}
