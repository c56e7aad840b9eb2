/* Vectors: layout, loading, cosine. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/embed_impl.h"

static size_t
dense_bytes(enum embed_dense dense, size_t dim)
{
	size_t one = dense == EMBED_DENSE_I16 ? sizeof(int16_t) :
	    dense == EMBED_DENSE_F32 ? sizeof(float) : 0;

	return one * dim;
}

/*
 * Where the value of a bucket stands: a bit for each bucket, and how many
 * bits there are before each word.
 */
enum { INDEX_WORDS = EMBED_LEX_BUCKETS / 64 };
struct lex_index {
	uint64_t bits[INDEX_WORDS];
	uint16_t before[INDEX_WORDS];
};

/* Bytes of the block in memory, of which `bytes` are stored. */
static size_t
block_bytes(size_t bytes, size_t n_lex)
{
	return n_lex == 0 ? bytes :
	    (bytes + 7) / 8 * 8 + sizeof(struct lex_index);
}

static struct lex_index *
index_of(const struct embed_vec *v)
{
	uintptr_t at = (uintptr_t)v + (v->bytes + 7) / 8 * 8;

	return (struct lex_index *)at;
}

struct embed_vec *
embed_vec_new(enum embed_dense dense, size_t dim, size_t n_lex)
{
	struct embed_vec *v;
	size_t bytes;

	assert(dim <= EMBED_DIM_MAX && n_lex <= EMBED_LEX_BUCKETS);
	bytes = sizeof(*v) + dense_bytes(dense, dim) + n_lex * 4;
	v = malloc(block_bytes(bytes, n_lex));
	if (v == NULL)
		return NULL;
	memset(v, 0, sizeof(*v));
	v->bytes = (uint32_t)bytes;
	v->dense = dense;
	v->dim = dense == EMBED_DENSE_NONE ? 0 : (uint32_t)dim;
	v->n_lex = (uint32_t)n_lex;
	return v;
}

/* Parts lie at multiples of their size: the header is 32 bytes, floats come
 * first, everything behind is of two bytes. */
static const int16_t *
vec_i16(const struct embed_vec *v)
{
	return (const void *)v->data;
}

static const float *
vec_f32(const struct embed_vec *v)
{
	return (const void *)v->data;
}

static const uint16_t *
vec_lex_at(const struct embed_vec *v)
{
	return (const void *)(v->data +
	    dense_bytes((enum embed_dense)v->dense, v->dim));
}

static const int16_t *
vec_lex_val(const struct embed_vec *v)
{
	return (const void *)(vec_lex_at(v) + v->n_lex);
}

int16_t *
embed_vec_i16(struct embed_vec *v)
{
	return (void *)v->data;
}

float *
embed_vec_f32(struct embed_vec *v)
{
	return (void *)v->data;
}

uint16_t *
embed_vec_lex_at(struct embed_vec *v)
{
	return (void *)(v->data +
	    dense_bytes((enum embed_dense)v->dense, v->dim));
}

int16_t *
embed_vec_lex_val(struct embed_vec *v)
{
	return (void *)(embed_vec_lex_at(v) + v->n_lex);
}

size_t
embed_vec_bytes(const struct embed_vec *v)
{
	return v->bytes;
}

size_t
embed_vec_memory(const struct embed_vec *v)
{
	return block_bytes(v->bytes, v->n_lex);
}

/* Whole numbers: the same whatever the order of the sum. */
static int64_t
dot_i16(const int16_t *a, const int16_t *b, size_t n)
{
	int32_t sum = 0;
	size_t i;

	for (i = 0; i < n; i++)
		sum += (int32_t)a[i] * b[i];
	return sum;
}

/* Eight sums side by side, so that the compiler may vectorise without
 * changing the order that the source states. */
static double
dot_f32(const float *a, const float *b, size_t n)
{
	double part[8] = { 0 };
	size_t i, k;

	for (i = 0; i + 8 <= n; i += 8) {
		for (k = 0; k < 8; k++)
			part[k] += (double)a[i + k] * b[i + k];
	}
	for (k = 0; i < n; i++, k++)
		part[k] += (double)a[i] * b[i];
	return ((part[0] + part[4]) + (part[1] + part[5])) +
	    ((part[2] + part[6]) + (part[3] + part[7]));
}

static double
dense_dot(const struct embed_vec *a, const struct embed_vec *b)
{
	if (a->dense != b->dense || a->dim != b->dim)
		return 0;
	if (a->dense == EMBED_DENSE_I16)
		return (double)dot_i16(vec_i16(a), vec_i16(b), a->dim);
	if (a->dense == EMBED_DENSE_F32)
		return dot_f32(vec_f32(a), vec_f32(b), a->dim);
	return 0;
}

/* source: Warren, Hacker's Delight, 5-1; a call of libgcc's costs more */
static unsigned
count_bits(uint64_t x)
{
	x -= x >> 1 & 0x5555555555555555;
	x = (x & 0x3333333333333333) + (x >> 2 & 0x3333333333333333);
	x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
	return (unsigned)(x * 0x0101010101010101 >> 56);
}

/*
 * Looks the shorter list's buckets up in the longer one's index: a question
 * has a fifth of a window's buckets, and most of them are not there.  The
 * hits are collected without a branch, which would be mispredicted at each.
 */
static double
lex_dot(const struct embed_vec *a, const struct embed_vec *b)
{
	const struct embed_vec *s = a->n_lex < b->n_lex ? a : b;
	const struct embed_vec *l = s == a ? b : a;
	const uint16_t *at = vec_lex_at(s);
	const int16_t *s_val = vec_lex_val(s), *l_val = vec_lex_val(l);
	const struct lex_index *ix = index_of(l);
	uint16_t hit[EMBED_LEX_BUCKETS + 1];
	int32_t sum = 0;
	size_t i, k, n = 0;

	for (i = 0; i < s->n_lex; i++) {
		hit[n] = (uint16_t)i;
		n += ix->bits[at[i] / 64] >> at[i] % 64 & 1;
	}
	for (k = 0; k < n; k++) {
		unsigned bucket = at[hit[k]];
		uint64_t below = ((uint64_t)1 << bucket % 64) - 1;

		i = ix->before[bucket / 64] +
		    count_bits(ix->bits[bucket / 64] & below);
		sum += (int32_t)s_val[hit[k]] * l_val[i];
	}
	return sum;
}

static void
index_lex(struct embed_vec *v)
{
	const uint16_t *at = vec_lex_at(v);
	struct lex_index *ix = index_of(v);
	unsigned sum = 0;
	size_t i;

	memset(ix, 0, sizeof(*ix));
	for (i = 0; i < v->n_lex; i++)
		ix->bits[at[i] / 64] |= (uint64_t)1 << at[i] % 64;
	for (i = 0; i < INDEX_WORDS; i++) {
		ix->before[i] = (uint16_t)sum;
		sum += count_bits(ix->bits[i]);
	}
}

void
embed_vec_seal(struct embed_vec *v)
{
	const int16_t *val = vec_lex_val(v);

	v->dense_len = sqrt(dense_dot(v, v));
	v->lex_len = sqrt((double)dot_i16(val, val, v->n_lex));
	if (v->n_lex > 0)
		index_lex(v);
}

struct embed_vec *
embed_vec_from_f32(const float *x, size_t n, enum embed_missing *why)
{
	struct embed_vec *v;
	double len;
	float *out;
	size_t i;

	*why = EMBED_FAILED;
	for (i = 0; i < n; i++) {
		if (!isfinite(x[i]))
			return NULL;
	}
	len = sqrt(dot_f32(x, x, n));
	if (!(len > 0)) {
		*why = EMBED_EMPTY;
		return NULL;
	}
	v = embed_vec_new(EMBED_DENSE_F32, n, 0);
	*why = EMBED_OK;
	if (v == NULL)
		return NULL;
	out = embed_vec_f32(v);
	for (i = 0; i < n; i++)
		out[i] = (float)(x[i] / len);
	embed_vec_seal(v);
	return v;
}

size_t
embed_vec_dense(const struct embed_vec *v, float *out, size_t cap)
{
	size_t n = v->dim < cap ? v->dim : cap, i;

	for (i = 0; i < n; i++) {
		double x = v->dense == EMBED_DENSE_I16 ? vec_i16(v)[i] :
		    (double)vec_f32(v)[i];

		out[i] = v->dense_len > 0 ? (float)(x / v->dense_len) : 0;
	}
	return n;
}

size_t
embed_vec_lexical(const struct embed_vec *v, uint16_t *at, float *val,
    size_t cap)
{
	size_t n = v->n_lex < cap ? v->n_lex : cap, i;

	for (i = 0; i < n; i++) {
		at[i] = vec_lex_at(v)[i];
		val[i] = v->lex_len > 0 ?
		    (float)(vec_lex_val(v)[i] / v->lex_len) : 0;
	}
	return n;
}

double
embed_vec_cos(const struct embed_vec *a, const struct embed_vec *b, double w)
{
	double dot = 0, la = 0, lb = 0;

	if (a->dense_len > 0)
		la += w;
	if (b->dense_len > 0)
		lb += w;
	if (a->dense_len > 0 && b->dense_len > 0)
		dot += w * dense_dot(a, b) / (a->dense_len * b->dense_len);
	if (a->lex_len > 0)
		la += 1 - w;
	if (b->lex_len > 0)
		lb += 1 - w;
	if (a->lex_len > 0 && b->lex_len > 0)
		dot += (1 - w) * lex_dot(a, b) / (a->lex_len * b->lex_len);
	if (!(la > 0 && lb > 0))
		return NAN;
	return dot / sqrt(la * lb);
}

/* Values within the bound that keeps 32-bit sums exact, buckets ascending. */
static int
vec_sound(const struct embed_vec *v)
{
	const uint16_t *at = vec_lex_at(v);
	const int16_t *p = vec_lex_val(v);
	int64_t lex = 0, dense = 0;
	size_t i;

	for (i = 0; i < v->n_lex; i++) {
		if (at[i] >= EMBED_LEX_BUCKETS || (i > 0 && at[i] <= at[i - 1]))
			return 0;
		lex += (int64_t)p[i] * p[i];
	}
	for (i = 0; v->dense == EMBED_DENSE_I16 && i < v->dim; i++)
		dense += (int64_t)vec_i16(v)[i] * vec_i16(v)[i];
	for (i = 0; v->dense == EMBED_DENSE_F32 && i < v->dim; i++) {
		if (!(fabsf(vec_f32(v)[i]) <= 1.001f))
			return 0;
	}
	return lex <= INT32_MAX / 4 && dense <= INT32_MAX / 4;
}

struct embed_vec *
embed_vec_load(const void *p, size_t n)
{
	struct embed_vec head, *v;

	if (n < sizeof(head))
		return NULL;
	memcpy(&head, p, sizeof(head));
	if (head.bytes != n || head.dense > EMBED_DENSE_F32 ||
	    head.dim > EMBED_DIM_MAX || head.n_lex > EMBED_LEX_BUCKETS ||
	    (head.dense == EMBED_DENSE_NONE && head.dim != 0) ||
	    n != sizeof(head) + dense_bytes((enum embed_dense)head.dense,
	    head.dim) + (size_t)head.n_lex * 4)
		return NULL;
	v = malloc(block_bytes(n, head.n_lex));
	if (v == NULL)
		return NULL;
	memcpy(v, p, n);
	if (!vec_sound(v)) {
		free(v);
		return NULL;
	}
	embed_vec_seal(v);
	return v;
}
