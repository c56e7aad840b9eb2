/* Vectors: layout, loading, cosine. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/meaning/embed_part.h"

static size_t
dense_bytes(enum embed_dense dense, size_t dim)
{
	size_t one = dense == EMBED_DENSE_I16 ? sizeof(int16_t) :
	    dense == EMBED_DENSE_F32 ? sizeof(float) : 0;

	return one * dim;
}

struct embed_vec *
embed_vec_new(enum embed_dense dense, size_t dim, size_t n_lex)
{
	struct embed_vec *v;
	size_t bytes;

	assert(dim <= EMBED_DIM_MAX && n_lex <= EMBED_LEX_BUCKETS);
	bytes = sizeof(*v) + dense_bytes(dense, dim) + n_lex * 4;
	v = malloc(bytes);
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

/*
 * The lexical part of one vector spread over a table, along which others'
 * are gathered. A merge of two sorted lists mispredicts a branch in two
 * steps of three and takes four times as long.
 */
static _Thread_local int16_t lex_table[EMBED_LEX_BUCKETS];

static void
lex_spread(const struct embed_vec *v)
{
	const uint16_t *at = vec_lex_at(v);
	const int16_t *val = vec_lex_val(v);
	size_t i;

	for (i = 0; i < v->n_lex; i++)
		lex_table[at[i]] = val[i];
}

static void
lex_wipe(const struct embed_vec *v)
{
	const uint16_t *at = vec_lex_at(v);
	size_t i;

	for (i = 0; i < v->n_lex; i++)
		lex_table[at[i]] = 0;
}

static double
lex_gather(const struct embed_vec *v)
{
	const uint16_t *at = vec_lex_at(v);
	const int16_t *val = vec_lex_val(v);
	int32_t even = 0, odd = 0;
	size_t i;

	for (i = 0; i + 2 <= v->n_lex; i += 2) {
		even += (int32_t)lex_table[at[i]] * val[i];
		odd += (int32_t)lex_table[at[i + 1]] * val[i + 1];
	}
	if (i < v->n_lex)
		even += (int32_t)lex_table[at[i]] * val[i];
	return (double)even + odd;
}

void
embed_vec_seal(struct embed_vec *v)
{
	const int16_t *val = vec_lex_val(v);

	v->dense_len = sqrt(dense_dot(v, v));
	v->lex_len = sqrt((double)dot_i16(val, val, v->n_lex));
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

/* The lexical part of a is in the table. */
static double
spread_cos(const struct embed_vec *a, const struct embed_vec *b, double w)
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
		dot += (1 - w) * lex_gather(b) / (a->lex_len * b->lex_len);
	if (!(la > 0 && lb > 0))
		return NAN;
	return dot / sqrt(la * lb);
}

double
embed_vec_cos_best(const struct embed_vec *a,
    const struct embed_vec *const *b, size_t n, double w)
{
	double best = NAN, cos;
	size_t i;

	lex_spread(a);
	for (i = 0; i < n; i++) {
		cos = spread_cos(a, b[i], w);
		if (isnan(best) || cos > best)
			best = cos;
	}
	lex_wipe(a);
	return best;
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
	v = malloc(n);
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
