/*
 * The safetensors file format: named arrays of numbers.
 *
 * Eight bytes of header length, a JSON header, then data. Nothing in it is
 * trusted: names, types, shapes and offsets are checked against each other and
 * against the file's size before a tensor is handed out, and tensors may
 * neither overlap nor leave gaps.
 * source  github.com/huggingface/safetensors, "Format"
 */
#ifndef LOCKSTEP_SAFETENSORS_H
#define LOCKSTEP_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

#define SAFETENSORS_DIMS 8
#define SAFETENSORS_MAX 1024		/* tensors of a file */
#define SAFETENSORS_HEADER (1u << 20)	/* bytes of a header */

enum tensor_type {
	TENSOR_F64, TENSOR_F32, TENSOR_F16, TENSOR_BF16, TENSOR_I64,
	TENSOR_I32, TENSOR_I16, TENSOR_I8, TENSOR_U8, TENSOR_TYPE_N
};

struct tensor {
	char *name;
	enum tensor_type type;
	size_t n_dims;
	size_t dim[SAFETENSORS_DIMS];
	size_t count;			/* product of dims */
	const unsigned char *data;	/* little-endian, unaligned */
	size_t bytes;
};

struct safetensors;

/*
 * Reads a file of at most max_bytes.
 * returns RC_OK, caller closes; RC_IO, RC_FORMAT, RC_NOMEM
 */
int safetensors_open(const char *path, size_t max_bytes,
    struct safetensors **out, struct err *err);

/* The same of bytes in memory, borrowed until the close. */
int safetensors_parse(const void *p, size_t n, struct safetensors **out,
    struct err *err);
void safetensors_close(struct safetensors **s);

/* The tensor of that name, which lives as long as the file, or NULL. */
const struct tensor *safetensors_find(const struct safetensors *s,
    const char *name);

/* Bytes of one value. */
size_t tensor_size(enum tensor_type type);

/* Value i, i < count, as a double. Exact but for I64 beyond 2^53. */
double tensor_value(const struct tensor *t, size_t i);

/* n values from the i-th on as floats; i + n <= count. */
void tensor_floats(const struct tensor *t, size_t i, size_t n, float *out);

#endif
