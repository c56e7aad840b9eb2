/*
 * What the embedders share among themselves: the layout of a vector, the
 * table of kinds, the lexical part.  Included by embed*.c only.
 */
#ifndef LOCKSTEP_EMBED_PART_H
#define LOCKSTEP_EMBED_PART_H

#include <pthread.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/meaning/embed.h"

/* ---- vectors --------------------------------------------------------------
 *
 * Dense part: dim int16 (exact sums, unit length EMBED_UNIT) or dim float
 * (unit length 1).  Lexical part: n_lex ascending buckets (uint16), then
 * their values (int16), unit length EMBED_UNIT.  By Cauchy and Schwarz no
 * partial dot product of two int16 parts exceeds 2^28 and a little.
 */
#define EMBED_UNIT 16384
#define EMBED_LEX_BUCKETS EMBED_LEXICAL_MAX
#define EMBED_DIM_MAX 16384

enum embed_dense { EMBED_DENSE_NONE, EMBED_DENSE_I16, EMBED_DENSE_F32 };

struct embed_vec {
	uint32_t bytes;		/* of the whole block */
	uint32_t n_lex;
	uint32_t dim;
	uint32_t dense;		/* enum embed_dense */
	double dense_len;	/* exact lengths of the parts as stored; 0 */
	double lex_len;		/*   when a part is absent */
	unsigned char data[];	/* dense, bucket numbers, bucket values */
};

/* An uninitialised vector of the shape; NULL when memory is out. */
struct embed_vec *embed_vec_new(enum embed_dense dense, size_t dim,
    size_t n_lex);
int16_t *embed_vec_i16(struct embed_vec *v);
float *embed_vec_f32(struct embed_vec *v);
uint16_t *embed_vec_lex_at(struct embed_vec *v);
int16_t *embed_vec_lex_val(struct embed_vec *v);
/* Computes the lengths after the parts were written. */
void embed_vec_seal(struct embed_vec *v);

/* A float vector of unit length from n finite floats. NULL: *why is
 * EMBED_EMPTY (its length is 0), EMBED_FAILED (a value is not finite) or
 * EMBED_OK (memory is out). */
struct embed_vec *embed_vec_from_f32(const float *x, size_t n,
    enum embed_missing *why);

/*
 * The greatest cosine of a with any of n vectors whose dense parts weigh w
 * and lexical parts 1-w; NaN when none has one. Symmetric to the last bit.
 */
double embed_vec_cos_best(const struct embed_vec *a,
    const struct embed_vec *const *b, size_t n, double w);

/* ---- kinds ------------------------------------------------------------- */

/*
 * One valid text, not empty, within EMBED_TEXT_MAX, to a vector.
 * scratch one per thread, from scratch_new
 * *out    NULL with *why, when there is no token
 * returns RC_OK or RC_NOMEM
 */
typedef int embed_one_fn(const struct embedder *e, void *scratch,
    struct embed_str text, struct embed_vec **out, enum embed_missing *why);
/* All texts at once, for services. As embedder_embed(); texts are valid;
 * why[i] other than EMBED_OK: leave it alone. */
typedef int embed_many_fn(struct embedder *e, const struct embed_str *texts,
    size_t n, struct embed_vec **out, enum embed_missing *why,
    struct err *err);

struct embed_kind {
	const char *name;	/* "builtin"; "model2vec:" takes an argument */
	int (*open)(struct embedder *e, const char *arg,
	    const struct embed_opts *opts, struct err *err);
	void (*close)(struct embedder *e);
	void *(*scratch_new)(const struct embedder *e);
	void (*scratch_free)(void *scratch);
	embed_one_fn *one;	/* or NULL */
	embed_many_fn *many;	/* or NULL */
	const char *(*trouble)(const struct embedder *e);	/* or NULL */
};
extern const struct embed_kind embed_builtin_kind, embed_lexical_kind,
    embed_model2vec_kind, embed_openai_kind;

enum { EMBED_SPARE_MAX = 16 };
struct embedder {
	struct embed_info info;
	char *name;
	double dense_weight;	/* of the dense part of a cosine */
	int serial;
	const struct embed_kind *kind;
	void *state;		/* the kind's own */
	pthread_mutex_t lock;	/* of the spare ones */
	void *spare[EMBED_SPARE_MAX];	/* unused scratch */
	size_t n_spare;
	struct embed_usage usage;
};

/* ---- the lexical part, also half of builtin ---------------------------- */

struct lex_scratch;
struct lex_scratch *lex_scratch_new(void);	/* NULL: memory is out */
void lex_scratch_free(struct lex_scratch *s);

/* Counts the features of a text; returns how many buckets were touched. */
size_t lex_count(struct lex_scratch *s, struct embed_str text);
/* Writes the buckets and values of unit length, as many as lex_count()
 * returned (> 0), and forgets the counts. */
void lex_write(struct lex_scratch *s, uint16_t *at, int16_t *val);
/* Which buckets the text touches, ascending, for the tool that counts
 * document frequencies; forgets the counts. returns lex_count()'s answer */
size_t lex_touched(struct lex_scratch *s, struct embed_str text,
    uint16_t *at);

#endif
