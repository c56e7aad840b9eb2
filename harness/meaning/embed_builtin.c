/*
 * The built-in embedder: a static token table at 4 bits a value, half and
 * half with lexical vectors.
 *
 * A text's dense vector is the sum over its distinct pieces of sqrt(count) x
 * row, in whole numbers: the roots in 256ths, a row's values -7..7 times its
 * 12-bit scale.  So the sum is exact whatever its order and the vector the
 * same on every machine.  fixtures/embedding makes the table and describes
 * the file.
 */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/meaning/embed_part.h"
#include "harness/meaning/wordpiece.h"

extern const unsigned char blob_table[], blob_table_end[];
extern const unsigned char blob_idf[EMBED_LEX_BUCKETS];

#define DIM 256
#define HALF (DIM / 2)
#define HEAD_BYTES 24
#define ROOT_TABLE 64
#define ROOT_ONE 256		/* sqrt(1) */
#define SCALE_MAX 4095

struct table {
	const unsigned char *scales;	/* uint16, little-endian */
	const unsigned char *levels;	/* HALF bytes a row */
	size_t rows;
	struct wordpiece *pieces;
	int32_t root[ROOT_TABLE];
};

struct scratch {
	struct lex_scratch *lex;
	uint32_t *count;		/* a row each */
	uint32_t *used;			/* rows with a count, n_used */
	size_t n_used;
};

/* ---- the file ---------------------------------------------------------- */

static uint32_t
u32_at(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

static uint32_t
scale_at(const struct table *t, size_t row)
{
	const unsigned char *p = t->scales + 2 * row;

	return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

/* The vocabulary: a length byte and the piece, in the order of the rows. */
static int
table_pieces(struct table *t, const unsigned char *p,
    const unsigned char *end)
{
	size_t row;

	t->pieces = wordpiece_new(t->rows, WORDPIECE_BERT);
	if (t->pieces == NULL)
		return RC_NOMEM;
	for (row = 0; row < t->rows; row++) {
		if (p >= end || end - p < 1 + *p)
			return RC_FORMAT;
		if (wordpiece_add(t->pieces, (const char *)p + 1, *p,
		    (uint32_t)row) != RC_OK)
			return RC_NOMEM;
		p += 1 + *p;
	}
	return p == end ? RC_OK : RC_FORMAT;
}

static int
table_read(struct table *t, const unsigned char *p, size_t n)
{
	uint64_t bytes, i;

	if (n < HEAD_BYTES || memcmp(p, "lockstTT", 8) != 0 ||
	    u32_at(p + 8) != 1 || u32_at(p + 16) != DIM)
		return RC_FORMAT;
	t->rows = u32_at(p + 12);
	bytes = HEAD_BYTES + (uint64_t)t->rows * (2 + HALF) + u32_at(p + 20);
	if (t->rows == 0 || bytes != n)
		return RC_FORMAT;
	t->scales = p + HEAD_BYTES;
	t->levels = t->scales + 2 * t->rows;
	for (i = 0; i < t->rows; i++) {
		if (scale_at(t, i) > SCALE_MAX)
			return RC_FORMAT;
	}
	for (i = 0; i < ROOT_TABLE; i++)
		t->root[i] = (int32_t)(sqrt((double)i) * ROOT_ONE + .5);
	return table_pieces(t, t->levels + t->rows * HALF, p + n);
}

/* ---- summing ----------------------------------------------------------- */

static int
count_piece(void *ctx, uint32_t row)
{
	struct scratch *s = ctx;

	if (s->count[row]++ == 0)
		s->used[s->n_used++] = row;
	return 0;
}

static int32_t
root_of(const struct table *t, uint32_t count)
{
	return count < ROOT_TABLE ? t->root[count] :
	    (int32_t)(sqrt((double)count) * ROOT_ONE + .5);
}

/* Rows whose piece occurs once: products fit 16 bits, sums 32. */
static void
add_once(int32_t *sum, const unsigned char *levels, int16_t scale)
{
	size_t i;

	for (i = 0; i < HALF; i++) {
		sum[i] += (int16_t)(((levels[i] & 15) - 8) * scale);
		sum[i + HALF] += (int16_t)(((levels[i] >> 4) - 8) * scale);
	}
}

static void
add_often(int64_t *sum, const unsigned char *levels, int32_t weight)
{
	size_t i;

	for (i = 0; i < HALF; i++) {
		sum[i] += (int64_t)((levels[i] & 15) - 8) * weight;
		sum[i + HALF] += (int64_t)((levels[i] >> 4) - 8) * weight;
	}
}

/* Sums the counted rows and forgets the counts. A text of EMBED_TEXT_MAX
 * bytes has at most 2^22 pieces: a weight is at most 2^11 * 256 * 4095, and
 * 30,000 rows that occur once sum to at most 30,000 * 8 * 4095: below 2^31. */
static void
sum_rows(const struct table *t, struct scratch *s, double *x)
{
	int32_t once[DIM] = { 0 };
	int64_t often[DIM] = { 0 };
	size_t i, row;
	int repeated = 0;

	for (i = 0; i < s->n_used; i++) {
		const unsigned char *levels;

		row = s->used[i];
		levels = t->levels + row * HALF;
		if (s->count[row] == 1) {
			add_once(once, levels, (int16_t)scale_at(t, row));
		} else {
			add_often(often, levels, root_of(t, s->count[row]) *
			    (int32_t)scale_at(t, row));
			repeated = 1;
		}
		s->count[row] = 0;
	}
	s->n_used = 0;
	for (i = 0; i < DIM; i++)
		x[i] = (double)once[i] * ROOT_ONE;
	for (i = 0; repeated && i < DIM; i++)
		x[i] += (double)often[i];
}

/* To whole numbers of length EMBED_UNIT; all 0 when the sum is. */
static void
scale_to_unit(const double *x, int16_t *out)
{
	double part[4] = { 0 }, sum, f;
	size_t i, k;

	for (i = 0; i < DIM; i += 4) {
		for (k = 0; k < 4; k++)
			part[k] += x[i + k] * x[i + k];
	}
	sum = (part[0] + part[2]) + (part[1] + part[3]);
	f = sum > 0 ? EMBED_UNIT / sqrt(sum) : 0;
	for (i = 0; i < DIM; i++)
		out[i] = (int16_t)(x[i] * f + (x[i] < 0 ? -.5 : .5));
}

/* ---- the embedder ------------------------------------------------------ */

static int
builtin_one(const struct embedder *e, void *scratch, struct embed_str text,
    struct embed_vec **out, enum embed_missing *why)
{
	const struct table *t = e->state;
	struct scratch *s = scratch;
	struct embed_vec *v;
	double x[DIM];
	size_t n_lex;

	wordpiece_each(t->pieces, text.s, text.n, count_piece, s);
	n_lex = lex_count(s->lex, text);
	if (s->n_used == 0 && n_lex == 0) {
		*why = EMBED_EMPTY;
		return RC_OK;
	}
	v = embed_vec_new(EMBED_DENSE_I16, DIM, n_lex);
	sum_rows(t, s, x);
	if (v == NULL)
		return RC_NOMEM;
	scale_to_unit(x, embed_vec_i16(v));
	lex_write(s->lex, embed_vec_lex_at(v), embed_vec_lex_val(v));
	embed_vec_seal(v);
	*out = v;
	return RC_OK;
}

static void
builtin_close(struct embedder *e)
{
	struct table *t = e->state;

	if (t != NULL)
		wordpiece_free(t->pieces);
	free(t);
}

/* Of the tables that are compiled in: once a process, for it takes as long as
 * scoring a hundred cases. */
static char tables_hash[HASH_HEX];

static void
hash_tables(void)
{
	char hex[2 * HASH_HEX];

	hash_hex(blob_table, (size_t)(blob_table_end - blob_table), hex);
	hash_hex(blob_idf, EMBED_LEX_BUCKETS, hex + HASH_HEX - 1);
	hash_hex(hex, strlen(hex), tables_hash);
}

static int
builtin_open(struct embedder *e, const char *arg,
    const struct embed_opts *opts, struct err *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	const size_t bytes = (size_t)(blob_table_end - blob_table);
	struct table *t = calloc(1, sizeof(*t));
	int rc;

	(void)arg;
	(void)opts;
	e->state = t;
	rc = t == NULL ? RC_NOMEM : table_read(t, blob_table, bytes);
	if (rc != RC_OK)
		return err_set(err, (enum rc)rc, rc == RC_NOMEM ?
		    "memory for the token table" : "the compiled-in token "
		    "table is damaged");
	(void)pthread_once(&once, hash_tables);
	memcpy(e->info.weights_hash, tables_hash, sizeof(tables_hash));
	e->info.dim = DIM;
	e->dense_weight = 0.5;
	/* Fitted on 1,000 SQuAD questions by tests/bench/bench_meaning.c. */
	e->info.curve = (struct embed_curve){
		.t = 0.6640, .t_lo = 0.6426, .t_hi = 0.6640 };
	return RC_OK;
}

static void
builtin_scratch_free(void *scratch)
{
	struct scratch *s = scratch;

	if (s == NULL)
		return;
	lex_scratch_free(s->lex);
	free(s->count);
	free(s->used);
	free(s);
}

static void *
builtin_scratch(const struct embedder *e)
{
	const struct table *t = e->state;
	struct scratch *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->lex = lex_scratch_new();
	s->count = calloc(t->rows, sizeof(*s->count));
	s->used = calloc(t->rows, sizeof(*s->used));
	if (s->lex == NULL || s->count == NULL || s->used == NULL) {
		builtin_scratch_free(s);
		return NULL;
	}
	return s;
}

const struct embed_kind embed_builtin_kind = {
	.name = "builtin",
	.open = builtin_open,
	.close = builtin_close,
	.scratch_new = builtin_scratch,
	.scratch_free = builtin_scratch_free,
	.one = builtin_one,
};
