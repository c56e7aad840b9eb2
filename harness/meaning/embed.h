/*
 * Meaning: texts to vectors, vectors to distances (METRICS 2).
 *
 * Four embedders behind one interface: `builtin`, `lexical`,
 * `model2vec:DIR`, `openai:URL[#model]`; EMBED.md tells what each is good
 * for.  A distance is 1 - cosine (`raw`); the embedder's curve turns it into
 * the ΔS that limits speak of.  Distances of different embedders or curves
 * never mix: embed_info names both.
 *
 * The core opens no connection: an embedding service is reached through a
 * function that the program hands in.
 */
#ifndef LOCKSTEP_EMBED_H
#define LOCKSTEP_EMBED_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"

/* A text that somebody else owns; any bytes. */
struct embed_str {
	const char *s;
	size_t n;
};

#define EMBED_TEXT_MAX (4u << 20)	/* bytes of one text */

enum embed_missing {
	EMBED_OK = 0,
	EMBED_EMPTY,		/* no token in it: no direction to compare */
	EMBED_TOO_LONG,		/* beyond EMBED_TEXT_MAX */
	EMBED_BAD_UTF8,
	EMBED_FAILED,		/* the provider gave no vector */
	EMBED_MISSING_N
};
const char *embed_missing_text(enum embed_missing why);

/*
 * One embedded text: a single malloc'd block, free with free().  Serialised
 * by copying embed_vec_bytes() bytes, read back through embed_vec_load().
 */
struct embed_vec;
size_t embed_vec_bytes(const struct embed_vec *v);

/*
 * A vector from stored bytes, every field of which is checked.
 * returns the vector, caller frees; NULL when the bytes are none
 */
struct embed_vec *embed_vec_load(const void *p, size_t n);

/* c(0)=0, c(t)=0.45, c(2)=2, straight between; t in (0,2). t_lo and t_hi are
 * the 95 % interval of t. identity: c(x)=x. */
struct embed_curve {
	double t;
	double t_lo, t_hi;
	int identity;
};
#define EMBED_LIMIT 0.45	/* c(t) */

struct embed_info {
	const char *name;	/* the spec it was opened with */
	int dim;		/* of the dense part; 0: none */
	char weights_hash[65];
	struct embed_curve curve;
	int remote;		/* answers come over the network */
};

/* ---- a service that embeds ---------------------------------------------- */

struct embed_http_req {
	const char *url;
	const char *const *headers;	/* "Name: value" each */
	size_t n_headers;
	const char *body;
	size_t body_n;
	int64_t timeout_ns;
	size_t response_max;		/* bytes; more is too large */
};
struct embed_http_res {
	int status;		/* 0: no answer at all, see why */
	char *body;		/* malloc'd or NULL; the embedder frees */
	size_t body_n;
	char retry_after[64];	/* the header's value, "" without one */
	char why[128];		/* when status is 0 */
};
/*
 * Posts n requests side by side and waits for all.  A failing request is
 * data (status 0); the function fails only when nothing could be tried.
 */
typedef int embed_post_fn(void *ctx, const struct embed_http_req *req,
    size_t n, struct embed_http_res *res, struct err *err);

/* ---- embedders --------------------------------------------------------- */

struct embedder;

struct embed_opts {
	const char *spec;	/* "builtin", "lexical", "model2vec:DIR",
				   "openai:URL[#model]" */
	embed_post_fn *post;	/* openai only */
	void *post_ctx;
	const char *api_key;	/* openai: bearer token, or NULL */
	int dim;		/* openai: what must come back; 0: any, fixed
				   by the first answer */
	size_t batch;		/* openai: texts a request; 0: 64 */
	size_t in_flight;	/* openai: requests at once; 0: 4 */
	int64_t timeout_ns;	/* openai: a request; 0: 30 s */
	int64_t deadline_ns;	/* openai: a request with all its retries;
				   0: 120 s */
	int serial;		/* no threads of its own */
};

/*
 * returns RC_OK, caller closes; RC_USAGE (unknown spec),
 *         RC_IO, RC_FORMAT (model files), RC_NOMEM
 */
int embedder_open(const struct embed_opts *opts, struct embedder **out,
    struct err *err);
void embedder_close(struct embedder **e);
const struct embed_info *embedder_info(const struct embedder *e);

/* returns RC_OK; RC_USAGE when t lies outside (0,2) */
int embedder_set_curve(struct embedder *e, const struct embed_curve *curve,
    struct err *err);

/*
 * Embeds n texts.
 * out     n entries: a vector each, caller frees with free(); NULL where
 *         why says so
 * why     n entries
 * returns RC_OK, RC_NOMEM; RC_NET when a service cannot be tried at all
 * threads local embedders: any number of callers at once, and parallel
 *         inside (OpenMP) unless opened serial; remote: one caller at a time
 */
int embedder_embed(struct embedder *e, const struct embed_str *texts,
    size_t n, struct embed_vec **out, enum embed_missing *why,
    struct err *err);

/* What a remote embedder has used so far; zeros for local ones. */
struct embed_usage {
	uint64_t requests, retries, failures, tokens;
};
struct embed_usage embedder_usage(const struct embedder *e);

/* The service's last failure in words, "" without one. */
const char *embedder_trouble(const struct embedder *e);

/* The dense part as floats of unit length; returns the number written, at
 * most cap. */
size_t embed_vec_dense(const struct embed_vec *v, float *out, size_t cap);

/* The lexical part: ascending buckets and their values, the part being of
 * unit length; returns the number written, at most cap. */
size_t embed_vec_lexical(const struct embed_vec *v, uint16_t *at, float *val,
    size_t cap);
#define EMBED_LEXICAL_MAX 32768

/* ---- distances --------------------------------------------------------- */

/* 1 - cosine, clamped to [0,2]; sums are exact or in double. NULL: NaN. */
double embed_raw(const struct embedder *e, const struct embed_vec *a,
    const struct embed_vec *b);

/* The curve; NaN stays NaN. */
double embed_ds(const struct embedder *e, double raw);

/* A document: its whole vector, and its windows (window.h). */
struct embed_doc {
	struct embed_vec *whole;	/* NULL: see why, or not asked for */
	struct embed_vec **win;		/* win[0] == whole when it fits one */
	size_t n_win;
	enum embed_missing why;
};

/*
 * A question against a longer text: the least distance over its windows (its
 * whole vector when it has none).  NaN when either side is missing.
 */
double embed_raw_windows(const struct embedder *e, const struct embed_vec *q,
    const struct embed_doc *d);

/* ---- the set of a run -------------------------------------------------- */

/* Vectors kept between runs. Called from the thread that fetches. */
typedef int embed_get_fn(void *ctx, const char *weights_hash,
    const char *text_hash, void **blob, size_t *n, struct err *err);
	/* *blob malloc'd, caller frees; NULL: not there */
typedef int embed_put_fn(void *ctx, const char *weights_hash,
    const char *text_hash, const void *blob, size_t n, struct err *err);
/* Around the puts of a fetch, or NULL: one transaction, and keeping the
 * store within its bounds. end follows every begin that succeeded. */
typedef int embed_batch_fn(void *ctx, struct err *err);
struct embed_store {
	void *ctx;
	embed_get_fn *get;
	embed_put_fn *put;
	embed_batch_fn *begin, *end;
};

enum { EMBED_WHOLE = 1, EMBED_WINDOWS = 2 };
struct embed_want {
	struct embed_str text;
	unsigned parts;		/* EMBED_WHOLE | EMBED_WINDOWS */
};

struct embed_stats {
	uint64_t asked;		/* wants */
	uint64_t hits;		/* found in memory */
	uint64_t stored;	/* vectors found in the store */
	uint64_t embedded;	/* vectors made */
	uint64_t evicted;	/* texts forgotten again */
	size_t bytes;		/* held now */
};

/*
 * Each distinct text is embedded once; least recently used texts are
 * forgotten beyond max_bytes, pinned ones never.  One thread at a time.
 */
struct embed_set;

/*
 * e       borrowed until embed_set_close()
 * persist copied; NULL: memory alone.  Worth it where embedding costs more
 *         than a look-up: remote embedders, not the built-in ones.
 */
int embed_set_open(struct embedder *e, size_t max_bytes,
    const struct embed_store *persist, struct embed_set **out,
    struct err *err);
void embed_set_close(struct embed_set **set);

/*
 * Makes sure of n texts.
 * out     n entries, pinned until embed_set_release(); the parts asked for
 *         are there, or why tells what is amiss.  A provider's failure is
 *         such a reason and is tried again after the release.
 * returns RC_OK, RC_NOMEM, RC_DB (persist), RC_NET
 */
int embed_set_fetch(struct embed_set *set, const struct embed_want *wants,
    size_t n, const struct embed_doc **out, struct err *err);
void embed_set_release(struct embed_set *set);
struct embed_stats embed_set_stats(const struct embed_set *set);

#endif
