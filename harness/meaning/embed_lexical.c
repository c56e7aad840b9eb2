/*
 * The lexical embedder: hashed words and character n-grams.
 *
 * Words and the 3- to 5-grams of their code points (with the word's edges)
 * are hashed into 16,384 buckets each; a bucket's value is the square root
 * of its count times its inverse document frequency; words and n-grams are
 * brought to unit length and put side by side at equal weight.  16,384
 * rather than 4,096 buckets: the wrong documents that a question seems near
 * to by collisions alone fell from 2.6 to 0.5 in a thousand.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/text.h"
#include "harness/meaning/embed_part.h"

#define LEX_HALF (EMBED_LEX_BUCKETS / 2)
#define GRAM_MIN 3
#define GRAM_MAX 5
#define SQRT_TABLE 64
#define USED_WORDS (EMBED_LEX_BUCKETS / 64)

/* Inverse document frequency of each bucket in eighteenths: words, then
 * n-grams. Made by fixtures/embedding; compiled in by blob.S. */
extern const unsigned char blob_idf[EMBED_LEX_BUCKETS];

struct lex_scratch {
	struct text_words words;
	uint16_t count[EMBED_LEX_BUCKETS];
	uint64_t used[USED_WORDS];
	uint64_t live[USED_WORDS / 64];	/* which of these are not 0 */
	size_t n_used;
	double root[SQRT_TABLE];
	double value[EMBED_LEX_BUCKETS];
	int32_t cps[TEXT_WORD_BYTES + 2];
};

struct lex_scratch *
lex_scratch_new(void)
{
	struct lex_scratch *s = calloc(1, sizeof(*s));
	int i;

	for (i = 0; s != NULL && i < SQRT_TABLE; i++)
		s->root[i] = sqrt((double)i);
	return s;
}

void
lex_scratch_free(struct lex_scratch *s)
{
	free(s);
}

/* FNV-1a's multiplication, then the better high bits: 14 of them. */
static uint32_t
hash_step(uint32_t h, uint32_t x)
{
	return (h ^ x) * 16777619u;
}

static void
touch(struct lex_scratch *s, uint32_t h, uint32_t base)
{
	uint32_t at = base + (((h ^ (h >> 15)) * 0x9E3779B1u) >> 18);

	s->n_used += s->count[at] == 0;
	if (s->count[at] < UINT16_MAX)
		s->count[at]++;
	s->used[at / 64] |= (uint64_t)1 << (at % 64);
	s->live[at / 4096] |= (uint64_t)1 << (at / 64 % 64);
}

/* A word's code points between two edges (space); returns how many. */
static size_t
spread(struct lex_scratch *s, const char *word, size_t len)
{
	const char *p = word, *end = word + len;
	size_t n = 0;

	s->cps[n++] = ' ';
	while (p < end)
		s->cps[n++] = text_next(&p, end);
	s->cps[n++] = ' ';
	return n;
}

static void
touch_grams(struct lex_scratch *s, size_t n)
{
	size_t i, k;
	uint32_t h;

	for (i = 0; i + GRAM_MIN <= n; i++) {
		h = 2166136261u;
		for (k = 0; k < GRAM_MAX && i + k < n; k++) {
			h = hash_step(h, (uint32_t)s->cps[i + k]);
			if (k + 1 >= GRAM_MIN)
				touch(s, h, LEX_HALF);
		}
	}
}

size_t
lex_count(struct lex_scratch *s, struct embed_str text)
{
	int32_t before = 0, now;
	const char *word;
	size_t len, n, i;
	uint32_t h;

	text_words_init(&s->words, text.s, text.n);
	while (text_words_next(&s->words, &word, &len)) {
		n = spread(s, word, len);
		h = 2166136261u;
		for (i = 1; i + 1 < n; i++)
			h = hash_step(h, (uint32_t)s->cps[i]);
		touch(s, h, 0);
		now = n == 3 && text_is_spaceless(s->cps[1]) ? s->cps[1] : 0;
		/* Where no spaces show words, neighbours tell more. */
		if (now != 0 && before != 0)
			touch(s, hash_step(hash_step(2166136261u,
			    (uint32_t)before), (uint32_t)now), LEX_HALF);
		before = now;
		touch_grams(s, n);
	}
	return s->n_used;
}

/* Takes the buckets of one word of used, in order. */
static size_t
drain_word(struct lex_scratch *s, size_t i, uint16_t *at, size_t n)
{
	uint64_t bits;
	double root;
	size_t b;

	for (bits = s->used[i]; bits != 0; bits &= bits - 1) {
		b = i * 64 + (size_t)__builtin_ctzll(bits);
		root = s->count[b] < SQRT_TABLE ? s->root[s->count[b]] :
		    sqrt(s->count[b]);
		s->value[n] = root * blob_idf[b];
		at[n++] = (uint16_t)b;
		s->count[b] = 0;
	}
	s->used[i] = 0;
	return n;
}

/* Takes all buckets in use, in order: at and s->value, as many as are
 * returned; *n_words of them are of words. */
static size_t
lex_drain(struct lex_scratch *s, uint16_t *at, size_t *n_words)
{
	size_t n = 0, i, w;
	uint64_t bits;

	*n_words = 0;
	for (w = 0; w < USED_WORDS / 64; w++) {
		for (bits = s->live[w]; bits != 0; bits &= bits - 1) {
			i = w * 64 + (size_t)__builtin_ctzll(bits);
			n = drain_word(s, i, at, n);
			if (i < LEX_HALF / 64)
				*n_words = n;
		}
		s->live[w] = 0;
	}
	s->n_used = 0;
	return n;
}

/* Values to whole numbers of the given length. */
static void
lex_scale(const double *x, size_t n, double length, int16_t *out)
{
	double sum = 0, f;
	size_t i;

	for (i = 0; i < n; i++)
		sum += x[i] * x[i];
	f = sum > 0 ? length / sqrt(sum) : 0;
	for (i = 0; i < n; i++)
		out[i] = (int16_t)(x[i] * f + 0.5);
}

void
lex_write(struct lex_scratch *s, uint16_t *at, int16_t *val)
{
	const double part = EMBED_UNIT * 0.70710678118654752;
	size_t n, words;

	n = lex_drain(s, at, &words);
	lex_scale(s->value, words, part, val);
	lex_scale(s->value + words, n - words, part, val + words);
}

size_t
lex_touched(struct lex_scratch *s, struct embed_str text, uint16_t *at)
{
	size_t n = lex_count(s, text), words;

	(void)lex_drain(s, at, &words);
	return n;
}

/* ---- the embedder ------------------------------------------------------ */

static int
lexical_one(const struct embedder *e, void *scratch, struct embed_str text,
    struct embed_vec **out, enum embed_missing *why)
{
	struct lex_scratch *s = scratch;
	struct embed_vec *v;
	size_t n;

	(void)e;
	n = lex_count(s, text);
	if (n == 0) {
		*why = EMBED_EMPTY;
		return RC_OK;
	}
	v = embed_vec_new(EMBED_DENSE_NONE, 0, n);
	if (v == NULL)
		return RC_NOMEM;
	lex_write(s, embed_vec_lex_at(v), embed_vec_lex_val(v));
	embed_vec_seal(v);
	*out = v;
	return RC_OK;
}

static int
lexical_open(struct embedder *e, const char *arg,
    const struct embed_opts *opts, struct err *err)
{
	char hex[HASH_HEX];

	(void)arg;
	(void)opts;
	(void)err;
	hash_hex(blob_idf, sizeof(blob_idf), hex);
	memcpy(e->info.weights_hash, hex, sizeof(hex));
	e->dense_weight = 0;
	/* Fitted on 1,000 SQuAD questions by tests/bench/bench_meaning.c. */
	e->info.curve = (struct embed_curve){
		.t = 0.7903, .t_lo = 0.7729, .t_hi = 0.8095 };
	return RC_OK;
}

static void *
lexical_scratch(const struct embedder *e)
{
	(void)e;
	return lex_scratch_new();
}

static void
lexical_scratch_free(void *scratch)
{
	lex_scratch_free(scratch);
}

const struct embed_kind embed_lexical_kind = {
	.name = "lexical",
	.open = lexical_open,
	.scratch_new = lexical_scratch,
	.scratch_free = lexical_scratch_free,
	.one = lexical_one,
};
