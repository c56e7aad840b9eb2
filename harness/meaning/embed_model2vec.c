/*
 * model2vec:DIR, any static model in model2vec's layout: model.safetensors
 * (embeddings, perhaps weights and mapping) and tokenizer.json.
 *
 * A text's vector is the mean of its tokens' rows, each times its weight, of
 * the first 512 tokens: what the model2vec library 0.10 returns, brought to
 * unit length.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/hash.h"
#include "harness/meaning/embed_part.h"
#include "harness/meaning/safetensors.h"
#include "harness/meaning/tokenizer.h"

#define MODEL_BYTES_MAX ((size_t)4 << 30)
#define TOKENS_MAX 512

struct model {
	struct safetensors *file;
	struct tokenizer *tokenizer;
	const struct tensor *rows;	/* [n,dim] */
	const struct tensor *weights;	/* [ids], or NULL */
	const struct tensor *mapping;	/* [ids] to rows, or NULL */
	size_t dim;
};

struct scratch {
	struct tokenizer_scratch *tokenizer;
	uint32_t ids[TOKENS_MAX];
	size_t n;
	double *sum;			/* dim */
	float *row;
};

/* Every token's row and weight, checked once, so that embedding need not. */
static int
check_tokens(const struct model *m, struct err *err)
{
	const size_t ids = tokenizer_ids(m->tokenizer);
	const size_t n = m->rows->dim[0];
	size_t i;
	double x;

	if ((m->weights != NULL && m->weights->count < ids) ||
	    (m->mapping != NULL && m->mapping->count < ids) ||
	    (m->mapping == NULL && n < ids))
		return err_set(err, RC_FORMAT, "the tokenizer has %zu tokens, "
		    "more than the model", ids);
	for (i = 0; i < ids; i++) {
		x = m->mapping == NULL ? 0 : tensor_value(m->mapping, i);
		if (!(x >= 0 && x < (double)n) || x != floor(x))
			return err_set(err, RC_FORMAT, "token %zu maps beyond "
			    "the table", i);
		if (m->weights != NULL &&
		    !(fabs(tensor_value(m->weights, i)) <= 1e12))
			return err_set(err, RC_FORMAT, "token %zu has no "
			    "finite weight", i);
	}
	return RC_OK;
}

static int
check_model(struct model *m, struct err *err)
{
	m->rows = safetensors_find(m->file, "embeddings");
	m->weights = safetensors_find(m->file, "weights");
	m->mapping = safetensors_find(m->file, "mapping");
	if (m->rows == NULL)	/* sentence-transformers' name */
		m->rows = safetensors_find(m->file, "embedding.weight");
	if (m->rows == NULL || m->rows->n_dims != 2 || m->rows->count == 0)
		return err_set(err, RC_FORMAT, "model.safetensors has no "
		    "table \"embeddings\"");
	m->dim = m->rows->dim[1];
	if (m->dim > EMBED_DIM_MAX)
		return err_set(err, RC_FORMAT, "%zu dimensions; the limit is "
		    "%d", m->dim, EMBED_DIM_MAX);
	return check_tokens(m, err);
}

static int
model_read(struct model *m, const char *dir, char hash[HASH_HEX],
    struct err *err)
{
	char hex[2 * HASH_HEX];
	char *path;
	struct buf b;
	int rc;

	buf_init(&b, 4096);
	buf_printf(&b, "%s/model.safetensors", dir);
	path = buf_steal(&b);
	if (path == NULL)
		return err_set(err, RC_NOMEM, "path of the model");
	rc = safetensors_open(path, MODEL_BYTES_MAX, &m->file, err);
	if (rc == RC_OK)
		rc = hash_file(path, hex, err);
	/* Of the same length: "/tokenizer.json" is shorter. */
	(void)snprintf(path, strlen(path) + 1, "%s/tokenizer.json", dir);
	if (rc == RC_OK)
		rc = tokenizer_open(path, &m->tokenizer, err);
	if (rc == RC_OK)
		rc = hash_file(path, hex + HASH_HEX - 1, err);
	if (rc == RC_OK)
		rc = check_model(m, err);
	if (rc == RC_OK)
		hash_hex(hex, strlen(hex), hash);
	free(path);
	return rc;
}

static int
model2vec_open(struct embedder *e, const char *arg,
    const struct embed_opts *opts, struct err *err)
{
	struct model *m = calloc(1, sizeof(*m));
	char hash[HASH_HEX];
	int rc;

	(void)opts;
	e->state = m;
	if (m == NULL)
		return err_set(err, RC_NOMEM, "model");
	rc = model_read(m, arg, hash, err);
	if (rc != RC_OK)
		return rc;
	memcpy(e->info.weights_hash, hash, sizeof(hash));
	e->info.dim = (int)m->dim;
	return RC_OK;
}

static void
model2vec_close(struct embedder *e)
{
	struct model *m = e->state;

	if (m == NULL)
		return;
	safetensors_close(&m->file);
	tokenizer_close(&m->tokenizer);
	free(m);
}

static void
model2vec_scratch_free(void *scratch)
{
	struct scratch *s = scratch;

	if (s == NULL)
		return;
	tokenizer_scratch_free(s->tokenizer);
	free(s->sum);
	free(s->row);
	free(s);
}

static void *
model2vec_scratch(const struct embedder *e)
{
	const struct model *m = e->state;
	struct scratch *s = calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->tokenizer = tokenizer_scratch_new(m->tokenizer);
	s->sum = calloc(m->dim + 1, sizeof(*s->sum));
	s->row = calloc(m->dim + 1, sizeof(*s->row));
	if (s->tokenizer == NULL || s->sum == NULL || s->row == NULL) {
		model2vec_scratch_free(s);
		return NULL;
	}
	return s;
}

static int
keep_token(void *ctx, uint32_t id)
{
	struct scratch *s = ctx;

	s->ids[s->n++] = id;
	return s->n == TOKENS_MAX;
}

static void
add_row(const struct model *m, struct scratch *s, uint32_t id)
{
	size_t row = m->mapping == NULL ? id :
	    (size_t)tensor_value(m->mapping, id), d;
	double w = m->weights == NULL ? 1 : tensor_value(m->weights, id);

	tensor_floats(m->rows, row * m->dim, m->dim, s->row);
	for (d = 0; d < m->dim; d++)
		s->sum[d] += w * s->row[d];
}

static int
model2vec_one(const struct embedder *e, void *scratch, struct embed_str text,
    struct embed_vec **out, enum embed_missing *why)
{
	const struct model *m = e->state;
	struct scratch *s = scratch;
	size_t i;
	int rc;

	s->n = 0;
	rc = tokenizer_each(m->tokenizer, s->tokenizer, text.s, text.n,
	    keep_token, s);
	if (rc != RC_OK)
		return rc;
	for (i = 0; i < m->dim; i++)
		s->sum[i] = 0;
	for (i = 0; i < s->n; i++)
		add_row(m, s, s->ids[i]);
	for (i = 0; i < m->dim; i++)
		s->row[i] = s->n == 0 ? 0 : (float)(s->sum[i] / (double)s->n);
	*out = embed_vec_from_f32(s->row, m->dim, why);
	return *out == NULL && *why == EMBED_OK ? RC_NOMEM : RC_OK;
}

const struct embed_kind embed_model2vec_kind = {
	.name = "model2vec:",
	.open = model2vec_open,
	.close = model2vec_close,
	.scratch_new = model2vec_scratch,
	.scratch_free = model2vec_scratch_free,
	.one = model2vec_one,
};
