/* Reading safetensors files. */
#include "harness/meaning/safetensors.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"

struct safetensors {
	struct tensor *v;
	size_t n;
	unsigned char *own;	/* the file's bytes; NULL when borrowed */
};

static const struct {
	const char *name;
	size_t size;
} types[TENSOR_TYPE_N] = {
	[TENSOR_F64] = { "F64", 8 }, [TENSOR_F32] = { "F32", 4 },
	[TENSOR_F16] = { "F16", 2 }, [TENSOR_BF16] = { "BF16", 2 },
	[TENSOR_I64] = { "I64", 8 }, [TENSOR_I32] = { "I32", 4 },
	[TENSOR_I16] = { "I16", 2 }, [TENSOR_I8] = { "I8", 1 },
	[TENSOR_U8] = { "U8", 1 },
};

size_t
tensor_size(enum tensor_type type)
{
	return types[type].size;
}

/* A whole number in [0, 2^53]; returns 0 when j is none. */
static int
size_from(const struct json *j, size_t *out)
{
	double x = json_num(j, -1);

	if (json_kind(j) != JSON_NUMBER || !(x >= 0 && x <= 0x1p53) ||
	    x != floor(x))
		return 0;
	*out = (size_t)x;
	return 1;
}

static int
read_shape(struct tensor *t, const struct json *shape, struct err *err)
{
	const struct json *d;

	if (json_kind(shape) != JSON_ARRAY)
		return err_set(err, RC_FORMAT, "tensor %.64s has no shape",
		    t->name);
	t->count = 1;
	for (d = json_first(shape); d != NULL; d = json_next(d)) {
		if (t->n_dims == SAFETENSORS_DIMS ||
		    !size_from(d, &t->dim[t->n_dims]))
			return err_set(err, RC_FORMAT, "tensor %.64s has a "
			    "wrong shape", t->name);
		if (t->dim[t->n_dims] != 0 &&
		    t->count > SIZE_MAX / 8 / t->dim[t->n_dims])
			return err_set(err, RC_FORMAT, "tensor %.64s is too "
			    "large", t->name);
		t->count *= t->dim[t->n_dims++];
	}
	t->bytes = t->count * types[t->type].size;
	return RC_OK;
}

static int
read_tensor(struct tensor *t, const struct json *j,
    const unsigned char *data, size_t n, struct err *err)
{
	const struct json *at = json_get(j, "data_offsets");
	const char *type = json_get_str(j, "dtype");
	size_t from, to;
	int rc;

	while (type != NULL && t->type < TENSOR_TYPE_N &&
	    strcmp(types[t->type].name, type) != 0)
		t->type++;
	if (type == NULL || t->type == TENSOR_TYPE_N)
		return err_set(err, RC_FORMAT, "tensor %.64s has type %.16s",
		    t->name, type ? type : "none");
	rc = read_shape(t, json_get(j, "shape"), err);
	if (rc != RC_OK)
		return rc;
	if (json_size(at) != 2 || !size_from(json_at(at, 0), &from) ||
	    !size_from(json_at(at, 1), &to) || from > to || to > n ||
	    to - from != t->bytes)
		return err_set(err, RC_FORMAT, "tensor %.64s: its offsets do "
		    "not fit its shape and the file", t->name);
	t->data = data + from;
	return RC_OK;
}

static int
by_place(const void *a, const void *b)
{
	const struct tensor *x = a, *y = b;

	if (x->data != y->data)
		return x->data < y->data ? -1 : 1;
	return x->bytes < y->bytes ? -1 : x->bytes > y->bytes;
}

/* One behind the other, from the first byte to the last. */
static int
check_places(struct safetensors *s, const unsigned char *data, size_t n,
    struct err *err)
{
	const unsigned char *p = data;
	size_t i;

	qsort(s->v, s->n, sizeof(*s->v), by_place);
	for (i = 0; i < s->n; i++) {
		if (s->v[i].data != p)
			return err_set(err, RC_FORMAT, "tensor %.64s overlaps "
			    "another or leaves a gap", s->v[i].name);
		p += s->v[i].bytes;
	}
	if (p != data + n)
		return err_set(err, RC_FORMAT, "bytes that belong to no "
		    "tensor");
	return RC_OK;
}

static int
read_header(struct safetensors *s, const struct json *head,
    const unsigned char *data, size_t n, struct err *err)
{
	size_t cap = json_size(head);
	const struct json *j;
	int rc;

	if (json_kind(head) != JSON_OBJECT || cap > SAFETENSORS_MAX)
		return err_set(err, RC_FORMAT, "the header is not an object of "
		    "at most %d tensors", SAFETENSORS_MAX);
	s->v = calloc(cap + 1, sizeof(*s->v));
	if (s->v == NULL)
		return err_set(err, RC_NOMEM, "tensors");
	for (j = json_first(head); j != NULL; j = json_next(j)) {
		struct tensor *t = &s->v[s->n];

		if (strcmp(json_key(j), "__metadata__") == 0)
			continue;
		if (safetensors_find(s, json_key(j)) != NULL)
			return err_set(err, RC_FORMAT, "two tensors are named "
			    "%.64s", json_key(j));
		t->name = strdup(json_key(j));
		if (t->name == NULL)
			return err_set(err, RC_NOMEM, "tensors");
		s->n++;
		rc = read_tensor(t, j, data, n, err);
		if (rc != RC_OK)
			return rc;
	}
	return check_places(s, data, n, err);
}

int
safetensors_parse(const void *p, size_t n, struct safetensors **out,
    struct err *err)
{
	const unsigned char *b = p;
	struct safetensors *s;
	struct json *head;
	uint64_t len = 0;
	int rc, i;

	*out = NULL;
	for (i = 7; i >= 0 && n >= 8; i--)
		len = len << 8 | b[i];
	if (n < 8 || len > SAFETENSORS_HEADER || len > n - 8)
		return err_set(err, RC_FORMAT, "not a safetensors file: the "
		    "header is longer than the file");
	head = json_parse((const char *)b + 8, (size_t)len, err);
	if (head == NULL)
		return RC_FORMAT;
	s = calloc(1, sizeof(*s));
	rc = s == NULL ? err_set(err, RC_NOMEM, "tensors") :
	    read_header(s, head, b + 8 + len, n - 8 - (size_t)len, err);
	json_free(head);
	if (rc != RC_OK) {
		safetensors_close(&s);
		return rc;
	}
	*out = s;
	return RC_OK;
}

/* The bytes of a file; NULL with an error. */
static unsigned char *
slurp(const char *path, size_t max_bytes, size_t *n, struct err *err)
{
	FILE *f = fopen(path, "rb");
	unsigned char *p = NULL;
	long size = -1;

	if (f == NULL) {
		(void)err_errno(err, RC_IO, "%s", path);
		return NULL;
	}
	if (fseek(f, 0, SEEK_END) == 0)
		size = ftell(f);
	if (size < 0 || fseek(f, 0, SEEK_SET) != 0) {
		(void)err_errno(err, RC_IO, "%s", path);
	} else if ((size_t)size > max_bytes) {
		(void)err_set(err, RC_FORMAT, "%s: more than %zu bytes", path,
		    max_bytes);
	} else if ((p = malloc((size_t)size + 1)) == NULL) {
		(void)err_set(err, RC_NOMEM, "%s", path);
	} else if (fread(p, 1, (size_t)size, f) != (size_t)size) {
		(void)err_errno(err, RC_IO, "%s", path);
		free(p);
		p = NULL;
	} else {
		*n = (size_t)size;
	}
	(void)fclose(f);
	return p;
}

int
safetensors_open(const char *path, size_t max_bytes,
    struct safetensors **out, struct err *err)
{
	unsigned char *p;
	size_t n = 0;
	int rc;

	*out = NULL;
	p = slurp(path, max_bytes, &n, err);
	if (p == NULL)
		return err != NULL ? (int)err->code : RC_IO;
	rc = safetensors_parse(p, n, out, err);
	if (rc != RC_OK || *out == NULL) {
		err_prefix(err, "%s", path);
		free(p);
		return rc;
	}
	(*out)->own = p;
	return RC_OK;
}

void
safetensors_close(struct safetensors **s)
{
	size_t i;

	if (*s == NULL)
		return;
	for (i = 0; i < (*s)->n; i++)
		free((*s)->v[i].name);
	free((*s)->v);
	free((*s)->own);
	free(*s);
	*s = NULL;
}

const struct tensor *
safetensors_find(const struct safetensors *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->n; i++) {
		assert(s->v[i].name != NULL);
		if (strcmp(s->v[i].name, name) == 0)
			return &s->v[i];
	}
	return NULL;
}

/* ---- values ------------------------------------------------------------ */

static uint64_t
bits_at(const unsigned char *p, size_t size)
{
	uint64_t x = 0;

	while (size-- > 0)
		x = x << 8 | p[size];
	return x;
}

static float
float_of_bits(uint32_t u)
{
	float f;

	memcpy(&f, &u, sizeof(f));
	return f;
}

/* IEEE 754 binary16. */
static float
half(uint32_t h)
{
	uint32_t sign = (h & 0x8000u) << 16, e = h >> 10 & 31, m = h & 1023;

	if (e == 31)
		return float_of_bits(sign | 0x7F800000u | m << 13);
	if (e == 0)
		return (sign != 0 ? -1.0f : 1.0f) * (float)m * 0x1p-24f;
	return float_of_bits(sign | (e + 112) << 23 | m << 13);
}

double
tensor_value(const struct tensor *t, size_t i)
{
	const size_t size = types[t->type].size;
	uint64_t u;
	double d;

	assert(i < t->count);
	u = bits_at(t->data + i * size, size);
	switch (t->type) {
	case TENSOR_F64:
		memcpy(&d, &u, sizeof(d));
		return d;
	case TENSOR_F32:
		return (double)float_of_bits((uint32_t)u);
	case TENSOR_F16:
		return (double)half((uint32_t)u);
	case TENSOR_BF16:
		return (double)float_of_bits((uint32_t)u << 16);
	case TENSOR_I64:
		return (double)(int64_t)u;
	case TENSOR_I32:
		return (double)(int32_t)(uint32_t)u;
	case TENSOR_I16:
		return (double)(int16_t)(uint16_t)u;
	case TENSOR_I8:
		return (double)(int8_t)(uint8_t)u;
	default:
		return (double)u;
	}
}

void
tensor_floats(const struct tensor *t, size_t i, size_t n, float *out)
{
	const unsigned char *p = t->data + i * types[t->type].size;
	size_t k;

	assert(i <= t->count && n <= t->count - i);
	if (t->type == TENSOR_F32) {
		for (k = 0; k < n; k++)
			out[k] = float_of_bits((uint32_t)bits_at(p + 4 * k,
			    4));
	} else if (t->type == TENSOR_I8) {
		for (k = 0; k < n; k++)
			out[k] = (float)(int8_t)p[k];
	} else if (t->type == TENSOR_F16) {
		for (k = 0; k < n; k++)
			out[k] = half((uint32_t)bits_at(p + 2 * k, 2));
	} else {
		for (k = 0; k < n; k++)
			out[k] = (float)tensor_value(t, i + k);
	}
}
