/* What the formats share; not for others. */
#ifndef LOCKSTEP_IMPORT_PART_H
#define LOCKSTEP_IMPORT_PART_H

#include "harness/base/arena.h"
#include "harness/base/buf.h"
#include "harness/base/json.h"
#include "harness/import/import.h"
#include "harness/traffic/exchange.h"

/* ---- sink.c: where exchanges go ---------------------------------------- */

/* caller closes, also after an error */
int import_open(const struct import_opts *o, struct import_account *account,
    struct import **out, struct err *err);
/* Ends the trace; returns rc, or what went wrong at the end. */
int import_close(struct import **im, int rc, struct err *err);

enum { IMPORT_HEADERS_MAX = 256 };

/* ---- taken.c: which messages a trace has ------------------------------- */

struct import_taken;

struct import_taken *import_taken_new(void);	/* NULL: no memory */
void import_taken_free(struct import_taken *t);

/*
 * Reads a trace of this topic.
 * *start_ns  the clock that its times count from
 * returns RC_OK; RC_USAGE: it is another one; RC_IO, RC_FORMAT, RC_NOMEM
 */
int import_taken_load(struct import_taken *t, const char *path,
    const char *topic, int64_t *start_ns, struct err *err);

/* Whether it says up to where everything was taken: no trace before it has to
 * be read. */
int import_taken_placed(const struct import_taken *t);

/* How many parts of it cannot be read. */
uint64_t import_taken_damaged(const struct import_taken *t);

/* returns 1: it has this message; 0: not; -1: its partition ends before what
 * the trace has, so it is another topic of this name */
int import_taken_has(const struct import_taken *t,
    const struct import_message *m);
/* It was taken, whatever became of it. returns RC_OK or RC_NOMEM */
int import_taken_add(struct import_taken *t, const struct import_message *m);
/* Everything before what was taken last counts as taken from here on: as a
 * record, appended to b, which is sticky. */
void import_taken_put(struct import_taken *t, struct buf *b);

/* ---- behind.c: which messages a trace in parts has ---------------------- */

/*
 * Reads the newest parts, as many as it takes to know, and where none knows
 * the trace of that name.
 * *start_ns  as import_taken_load(); stays as it is where there is none
 * returns RC_OK, caller frees *out; RC_USAGE: of another topic, or somebody
 *         writes to it; RC_IO, RC_FORMAT, RC_NOMEM
 */
int import_behind(const struct trace_parts *parts, const char *path,
    const char *topic, struct import_taken **out, int64_t *start_ns,
    struct err *err);

/* ---- sink.c, again ------------------------------------------------------ */

/* The next exchange is of this message; NULL: of none. Borrowed. */
void import_of(struct import *im, const struct import_message *m);
/* returns 1: the trace has it, which is counted; 0: not; RC_USAGE: the topic
 * is another one than the trace's */
int import_has(struct import *im, const struct import_message *m,
    struct err *err);
/* A message was taken. returns RC_OK or RC_NOMEM */
int import_took(struct import *im, const struct import_message *m,
    struct err *err);
/* Puts everything on the disk, and says so to the queue. */
int import_keep(struct import *im, struct err *err);

/* ---- import_ndjson.c --------------------------------------------------- */

/* Takes JSON of any shape by the pointers of the options. */
struct import_mapper;
struct import_mapper *import_mapper_new(struct import *im);	/* or NULL */
void import_mapper_free(struct import_mapper *p);

/* What a record does not say itself. */
struct import_dflt {
	const char *id;		/* or NULL */
	int64_t at_ns;		/* or -1 */
};
/* src  where it stands. returns as import_item() */
int import_mapped(struct import_mapper *p, const struct import_src *src,
    const struct json *v, const struct import_dflt *dflt, struct err *err);

/* The options of this import. */
const struct import_opts *import_options(const struct import *im);

/* Counts a record that was read. */
void import_seen(struct import *im);

/* Counts a record that cannot be used. what: a static text */
struct import_at {
	const char *path;
	uint64_t line;		/* from 0 */
};
void import_unusable_at(struct import *im, const struct import_at *at,
    const char *what);

/* Counts texts that the source had cut short. */
void import_truncated(struct import *im, uint64_t n);

/*
 * Writes one exchange. ex->sent_ns is the wall clock here (nanoseconds since
 * 1970; -1: unknown); ex->id NULL gets a number. Headers are cleaned in
 * place.
 * returns RC_OK (also when it lies outside the time or the sample), RC_IO,
 *         RC_NOMEM
 */
int import_exchange(struct import *im, struct exchange *ex,
    struct ex_header *req, struct ex_header *res, struct err *err);

/* ---- source.c: bytes and values of an input ---------------------------- */

/* The longest line or JSON value that is read. */
#define IMPORT_VALUE_MAX ((size_t)64 << 20)

/* Up to n bytes; fewer only at the end. returns RC_OK or an error */
int import_read(struct import_src *src, char *p, size_t n, size_t *got,
    struct err *err);

/*
 * The next line without its end, borrowed until the next call.
 * returns 1; 0 at the end; RC_IO, RC_NOMEM. A line that is too long is
 *         counted and passed over
 */
int import_line(struct import *im, struct import_src *src, const char **line,
    size_t *n, struct err *err);

/*
 * Calls fn for each JSON value of the input: each element of the array at
 * `path` (keys joined by '.'; "log.entries") of every document in it; with
 * path NULL each document, and each element of a document that is an array.
 * A value that is no JSON, or too long, is counted and passed over.
 * returns RC_OK, what fn returned, RC_IO, RC_FORMAT (no document has the
 *         path), RC_NOMEM
 */
typedef int import_value_fn(void *ctx, const struct json *v,
    struct err *err);
int import_values(struct import *im, struct import_src *src,
    const char *path, import_value_fn *fn, void *ctx, struct err *err);

/* Calls fn for each element of the member `data`, as an API gives a page of
 * records; for the value itself where there is none. */
int import_page(const struct json *v, import_value_fn *fn, void *ctx,
    struct err *err);

/*
 * Counts a record that cannot be used; where it stands is taken from src.
 * what    a static text: "an entry without a request"
 */
void import_unusable(struct import *im, const struct import_src *src,
    const char *what);

/* Inputs one after the other; paths are borrowed. caller closes, also after
 * an error */
int import_src_open(const char *const *paths, size_t n,
    struct import_src **out, struct err *err);
void import_src_close(struct import_src **src);
/* Says where what comes next stands; the path is borrowed. */
void import_src_at(struct import_src *src, const struct import_at *at);
/* Reads what the options' feed gives instead. */
void import_src_feed(struct import_src *src, const struct import_opts *o);

/* ---- item.c: what is known of a request without its bytes -------------- */

struct import_doc {
	const char *id, *text, *source;		/* or NULL */
	double score;		/* NaN: unknown */
};

/* A question and its answer, of sources that keep no HTTP. Texts are
 * borrowed; NULL where unknown. */
struct import_item {
	const char *id, *session;
	int64_t at_ns;		/* wall clock; -1: unknown */
	int64_t total_ns, ttft_ns;	/* -1: unknown */
	const char *question;
	const struct json *messages;	/* as sent, or NULL */
	const char *answer;
	int answer_cut;		/* the source had cut it short */
	const struct json *tool_calls;
	const struct import_doc *docs;
	size_t n_docs;
	int has_docs;		/* there was a retrieval, also one of nothing */
	double tokens_in, tokens_out, cost;	/* NaN: unknown */
	const char *model, *user, *tenant;
	const struct json *tags;	/* an object, or NULL */
	const char *error;	/* the service's words, or NULL: it answered */
	int status;		/* 0: 200, or 500 with an error */
};

/* All unknown. */
void import_item_init(struct import_item *it);

/*
 * Writes an item as an exchange of the generic preset's shape: POST /query
 * with {question, …}, answered by {answer, retrieved, usage, …}.  An answer
 * that was cut short is left out, and counted: it is never a baseline.
 * An item without a question is counted as unusable.
 */
int import_item(struct import *im, const struct import_src *src,
    const struct import_item *it, struct err *err);

/* ---- small things ------------------------------------------------------ */

/* RFC 3339 ("2026-01-31T12:00:00.5Z", with offsets) to nanoseconds since
 * 1970; -1: it is none. */
int64_t import_time(const char *s);

/* A number or a text that holds one; NaN otherwise. */
double import_num(const struct json *j);

/* The text of a value: a string as it is, anything else as JSON in the
 * arena; NULL of NULL and null. */
const char *import_text(struct arena *a, const struct json *j);

/* The last user message of a list of chat messages; NULL: there is none. */
const char *import_user_message(struct arena *a, const struct json *messages);

/* The text of a message's content: a string, or parts with "text". */
const char *import_content(struct arena *a, const struct json *content);

/*
 * The question or the answer in what a step was given or gave: a text, chat
 * messages, or the usual member of an object ("question", "answer", …); a
 * text that is JSON is looked into.  NULL: there is none.
 */
const char *import_asked(struct arena *a, const struct json *v);
const char *import_said(struct arena *a, const struct json *v);

/* A list of passages in what a retriever gave, and what each says. */
const struct json *import_doc_list(struct arena *a, const struct json *v);
const char *import_doc_id(struct arena *a, const struct json *doc);
const char *import_doc_text(struct arena *a, const struct json *doc);
double import_doc_score(const struct json *doc);

/* By a pointer, or NULL; text NULL: no value. */
struct json *import_find(const char *pointer, const struct json *j);

#endif
