/*
 * Spans of one trace join into one item: the question from the root or the
 * retriever, passages from the retriever, the answer from the model.  Traces
 * stay open until the input ends or too many are; the oldest then goes.
 */
#ifndef LOCKSTEP_IMPORT_SPANS_PART_H
#define LOCKSTEP_IMPORT_SPANS_PART_H

#include "harness/import/import_part.h"

/* Traces that are open at once, and bytes of their texts. */
enum { SPANS_OPEN_MAX = 8192 };
#define SPANS_BYTES_MAX ((size_t)192 << 20)

struct spans;
struct spans_trace;

int spans_new(struct import *im, const struct import_src *src,
    struct spans **out, struct err *err);
void spans_free(struct spans *s);

/* The open trace of an id, a new one where there is none; NULL: an error. */
struct spans_trace *spans_of(struct spans *s, const char *trace_id,
    struct err *err);

/* How sure a text is what it is taken for; the surest stays, of equals the
 * first. */
enum spans_rank {
	SPANS_GUESS = 1,	/* any span's input or output */
	SPANS_MODEL,		/* the model's messages */
	SPANS_RETRIEVER,	/* what was searched for */
	SPANS_ROOT		/* of the whole request */
};

void spans_question(struct spans_trace *t, enum spans_rank rank,
    const char *text);
void spans_answer(struct spans_trace *t, enum spans_rank rank,
    const char *text, int cut);
/* Passages of one search; those of a later stage (a reranker) replace them. */
void spans_docs_begin(struct spans_trace *t, int stage);
void spans_doc(struct spans_trace *t, int stage, const struct import_doc *d);
void spans_time(struct spans_trace *t, int64_t start_ns, int64_t end_ns);
/* Adds to what was there. */
void spans_tokens(struct spans_trace *t, double in, double out);
void spans_error(struct spans_trace *t, const char *text);

enum spans_word { SPANS_MODEL_NAME, SPANS_SESSION, SPANS_USER, SPANS_TENANT,
	SPANS_TAGS, SPANS_TOOLS, SPANS_WORDS };
/* The first one stays. SPANS_TAGS and SPANS_TOOLS are JSON texts. */
void spans_word(struct spans_trace *t, enum spans_word w, const char *text);

/* Writes the traces that are still open, in the order of their first span. */
int spans_end(struct spans *s, struct err *err);

#endif
