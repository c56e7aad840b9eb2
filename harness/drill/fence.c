/* The citation fence; see fence.h. */
#include "harness/drill/fence.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/text.h"

enum { WORDS_MAX = 4096, LETTERS_MIN = 3, IDS_MAX = 256 };

/* Distinct words of a text, as sorted hashes. */
struct words {
	uint64_t v[WORDS_MAX];
	size_t n;
};

static int
by_hash(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void
words_of(const char *s, size_t n, struct words *w)
{
	struct text_words it;
	const char *word;
	size_t len, i, k = 0;

	w->n = 0;
	text_words_init(&it, s, s == NULL ? 0 : n);
	while (w->n < WORDS_MAX && text_words_next(&it, &word, &len)) {
		if (text_length(word, len) >= LETTERS_MIN)
			w->v[w->n++] = hash_table(word, len);
	}
	qsort(w->v, w->n, sizeof(w->v[0]), by_hash);
	for (i = 0; i < w->n; i++) {
		if (i == 0 || w->v[i] != w->v[k - 1])
			w->v[k++] = w->v[i];
	}
	w->n = k;
}

static int
holds(const struct words *w, uint64_t word)
{
	return bsearch(&word, w->v, w->n, sizeof(w->v[0]), by_hash) != NULL;
}

static int
same(const char *a, const char *b)
{
	return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Whether a citation names a passage; -1: by its id, under another section. */
static int
names(const struct snippet *c, const struct snippet *s)
{
	if (same(c->snippet_id, s->snippet_id))
		return c->section_id == NULL || s->section_id == NULL ||
		    strcmp(c->section_id, s->section_id) == 0 ? 1 : -1;
	return c->snippet_id == NULL && same(c->section_id, s->section_id);
}

static int
is_cited(const struct answer *w, const struct snippet *s)
{
	size_t i;

	for (i = 0; i < w->n_cited; i++) {
		if (names(&w->cited[i], s) == 1 ||
		    same(w->cited[i].section_id, s->section_id))
			return 1;
	}
	return 0;
}

static int
is_known(const struct answer *w, const struct snippet *c)
{
	size_t i;
	int how, found = 0;

	for (i = 0; i < w->n_retrieved; i++) {
		how = names(c, &w->retrieved[i]);
		if (how < 0)
			return 0;
		found |= how;
	}
	return found;
}

/*
 * An answer's words, counted in what it cites and in the best of the other
 * passages: more than a fifth of them, and two, must be of the other one.
 */
static int
is_foreign(const struct answer *w)
{
	struct words *a = malloc(2 * sizeof(*a)), *s = a + 1;
	unsigned char *cited = calloc(WORDS_MAX, 1);
	size_t i, k, best = 0, own = 0, n, need;
	int foreign;

	if (a == NULL || cited == NULL) {
		free(a);
		free(cited);
		return 0;
	}
	words_of(w->text, w->text_n, a);
	for (i = 0; i < w->n_retrieved; i++) {
		words_of(w->retrieved[i].text, w->retrieved[i].text_n, s);
		for (k = n = 0; k < a->n; k++) {
			if (!holds(s, a->v[k]))
				continue;
			n++;
			if (is_cited(w, &w->retrieved[i]))
				cited[k] = 1;
		}
		if (!is_cited(w, &w->retrieved[i]) && n > best)
			best = n;
	}
	for (k = 0; k < a->n; k++)
		own += cited[k];
	need = a->n / 5 > 2 ? a->n / 5 : 2;
	foreign = best >= own + need;
	free(a);
	free(cited);
	return foreign;
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void
hash_cited(const struct answer *w, char out[HASH_HEX])
{
	const char *ids[IDS_MAX];
	struct buf b;
	size_t i, n = 0;

	for (i = 0; i < w->n_cited && n < IDS_MAX; i++) {
		ids[n] = w->cited[i].snippet_id != NULL ?
		    w->cited[i].snippet_id : w->cited[i].section_id;
		n += ids[n] != NULL;
	}
	qsort(ids, n, sizeof(ids[0]), by_text);
	buf_init(&b, 1 << 20);
	for (i = 0; i < n; i++)
		buf_printf(&b, "%s\n", ids[i]);
	hash_hex(buf_str(&b), b.len, out);
	buf_fini(&b);
}

void
fence_of(const struct answer *w, struct fence *out)
{
	size_t i;

	memset(out, 0, sizeof(*out));
	out->says = w->text_n > 0 && !w->blank &&
	    w->outcome != OUTCOME_REFUSED;
	out->cites = w->n_cited > 0;
	for (i = 0; i < w->n_cited; i++)
		out->unknown |= !is_known(w, &w->cited[i]);
	out->foreign = out->says && out->cites && !out->unknown &&
	    is_foreign(w);
	hash_cited(w, out->cited);
}
