/*
 * The "normalizer" of a tokenizer.json: steps from text to text.
 */
#ifndef LOCKSTEP_TOKENIZER_NORM_H
#define LOCKSTEP_TOKENIZER_NORM_H

#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/base/json.h"

#define NORM_STEPS_MAX 128
#define NORM_BYTES_MAX (64u << 20)	/* of a text between two steps */

enum norm_kind {
	NORM_BERT, NORM_REPLACE, NORM_SPACES, NORM_STRIP, NORM_LOWER,
	NORM_ACCENTS, NORM_FORM
};

struct norm_step {
	enum norm_kind kind;
	unsigned flags;		/* BERT: WORDPIECE_*; STRIP: 1 left, 2 right;
				   FORM: enum text_form */
	const char *find, *put;	/* REPLACE, SPACES; live as long as the JSON */
};

struct norm {
	struct norm_step step[NORM_STEPS_MAX];
	size_t n;
};

/*
 * Reads the value of "normalizer" (null: no steps).
 * returns RC_OK; RC_FORMAT names what is not understood
 */
int norm_read(struct norm *m, const struct json *j, struct err *err);

/*
 * Applies the steps to valid UTF-8.
 * a, b    room, reset here; *out is the one that holds the result
 * returns RC_OK or RC_NOMEM
 */
int norm_apply(const struct norm *m, const char *s, size_t n, struct buf *a,
    struct buf *b, struct buf **out);

#endif
