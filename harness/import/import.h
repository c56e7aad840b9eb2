/*
 * Import: makes a trace from traffic that other tools have kept.
 *
 * In: files of a known format (HAR, OTLP spans, exports, logs).  Out: one
 * exchange a request, in the trace format, credentials left out.  A format is
 * one file import_NAME.c and one row of formats.h.  Input is streamed; memory
 * is one record, and for spans the traces that are still open.  What cannot be
 * used is counted under a reason, with its first place.
 */
#ifndef LOCKSTEP_IMPORT_H
#define LOCKSTEP_IMPORT_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/base/err.h"
#include "harness/traffic/clean.h"
#include "harness/traffic/exchange.h"
#include "harness/traffic/redact.h"
#include "harness/traffic/trace_parts.h"

struct import;
struct import_src;

/* Where a format's records keep what: JSON pointers, NULL where unset. Only
 * formats that say so look at them. */
struct import_map {
	const char *question, *answer, *docs, *doc_text, *doc_id;
	const char *id, *time, *session, *request, *response;
};

/*
 * Reads one input and hands every exchange on.
 * returns RC_OK (unusable records are counted, not errors), RC_IO,
 *         RC_FORMAT (the input is not of this format at all), RC_NOMEM
 */
typedef int import_fn(struct import *im, struct import_src *src,
    struct err *err);

struct import_format {
	const char *name;	/* as on the command line */
	const char *help;	/* one line */
	int mapped;		/* struct import_map applies */
	import_fn *read;
};

/*
 * What to say of a file of which nothing could be used: the format that it
 * looks like, and what to type; or that it is empty. Standard input is not
 * looked at.
 * format  as which it was read
 * out     a sentence; "" where nothing is known
 */
void import_hint(const char *path, const char *format, char *out, size_t cap);

/* RFC 3339 or a date to nanoseconds since 1970; -1: it is neither. */
int64_t import_when(const char *s);

/* Ends with NULL. */
extern const struct import_format *const import_formats[];
/* NULL: there is none. */
const struct import_format *import_format_of(const char *name);

/*
 * Gives the next JSON document of an input that is no file, as text appended
 * to out.
 * returns 1; 0 at the end; RC_NET, RC_IO, RC_FORMAT, RC_NOMEM
 */
typedef int import_feed_fn(void *ctx, struct buf *out, struct err *err);

/* ---- messages of a queue ----------------------------------------------- */

/* One message; borrowed until the next call. */
struct import_message {
	const char *p;
	size_t n;
	int32_t partition;	/* 0 or more */
	int64_t offset;		/* within it, growing */
	int64_t end;		/* how far it went when reading it began, or
				   later; -1: unknown */
	int64_t at_ns;		/* its time, wall clock; -1: unknown */
	int64_t start_ns;	/* what the times of an exchange in it count
				   from, wall clock; -1: it does not say */
};

/*
 * Gives the next message.
 * returns IMPORT_MESSAGE; IMPORT_KEEP: what was given is put on the disk, and
 *         kept() called; IMPORT_END; RC_NET, RC_IO, RC_NOMEM
 */
enum { IMPORT_END, IMPORT_MESSAGE, IMPORT_KEEP };
typedef int import_next_fn(void *ctx, struct import_message *m,
    struct err *err);
/* What was given is in the trace and on the disk. last: it is closed.
 * returns RC_OK, or what ends the import */
typedef int import_kept_fn(void *ctx, int last, struct err *err);

/*
 * A queue instead of files. Where the trace is there already, and is of this
 * topic, the import goes on behind it, in the next part where it is in parts;
 * a message that it has is passed over.
 */
struct import_queue {
	const char *brokers, *topic, *group;	/* for the trace's head */
	struct trace_limits limits;	/* of parts; 0: one trace */
	trace_say_fn *say;	/* told of them; or NULL */
	void *say_ctx;
	import_next_fn *next;
	import_kept_fn *kept;
	void *ctx;
};

/*
 * Takes an exchange, cleaned of credentials; borrowed for the call. Its sent_ns
 * is the wall clock, -1 unknown.
 * returns RC_OK, or an error that ends the import
 */
typedef int import_take_fn(void *ctx, const struct exchange *ex,
    struct err *err);

struct import_opts {
	const struct import_queue *queue;	/* of format kafka; or NULL */
	import_take_fn *take;	/* gets them instead of a trace; or NULL */
	void *take_ctx;
	import_feed_fn *feed;	/* read instead of files; or NULL */
	void *feed_ctx;
	const char *feed_name;	/* for messages */
	const struct import_format *format;
	const char *out;	/* the trace; must not exist */
	struct import_map map;
	/* wall clock, nanoseconds since 1970; 0: no bound */
	int64_t since_ns, until_ns;
	double sample;		/* share of the exchanges, (0,1]; 1: all */
	uint64_t seed;
	const char *url;	/* stands before targets of records that have
				   none; or NULL */
	const char *const *keep;	/* headers that stay, as in clean.h */
	size_t n_keep;
	const struct redact *redact;	/* or NULL */
	int argc;
	char **argv;
	void (*tick)(void *ctx, uint64_t exchanges);	/* or NULL */
	void *tick_ctx;
};

/* Why records were not used. */
enum { IMPORT_REASONS_MAX = 32 };
struct import_reason {
	char what[96];
	char first[160];	/* "FILE:LINE" of the first one */
	uint64_t n;
};

struct import_account {
	uint64_t read;		/* records of the input */
	uint64_t written;	/* exchanges */
	uint64_t outside;	/* of another time, or not in the sample */
	struct import_reason unusable[IMPORT_REASONS_MAX];
	size_t n_unusable;
	uint64_t truncated;	/* texts that the source had cut short */
	uint64_t again;		/* messages that the trace had already */
	uint64_t damaged;	/* parts of that trace that cannot be read:
				   what they had is not read again */
	uint64_t parts;		/* traces that were begun, if it is in parts */
	struct trace_tidied tidied;	/* older ones that were deleted */
};

/*
 * Imports inputs ("-" is standard input), zstd and plain, into one trace.
 * What fails leaves no trace behind, unless it is of a queue: that goes on.
 * returns RC_OK, RC_IO, RC_FORMAT, RC_NOMEM, RC_USAGE; the account is filled
 *         in any case
 */
int import_run(const struct import_opts *o, const char *const *paths,
    size_t n_paths, struct import_account *account, struct err *err);

#endif
