/*
 * Traces: newline-delimited JSON in independent zstd frames with a seek
 * table (TRACE.md).  The same format holds recorded traffic and the
 * observations of a run.
 *
 * Writing and reading stream; memory is a few frames.  One thread per writer
 * or reader; a reader decodes ahead on threads of its own.
 */
#ifndef LOCKSTEP_TRACE_H
#define LOCKSTEP_TRACE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/err.h"
#include "harness/json.h"

#define TRACE_VERSION 1
#define TRACE_LINE_MAX (64u << 20)	/* bytes of one record */

/* ---- writing ---------------------------------------------------------- */

struct trace_writer;

struct trace_opts {
	const char *kind;	/* "recording", "run", "slice", ... */
	int argc;		/* what made it, for the first record */
	char **argv;
	const struct json *extra;	/* members for the head, or NULL */
	int level;		/* zstd level; 0: the default */
	size_t frame_bytes;	/* uncompressed size of a frame; 0: default */
	int64_t start_wall_ns;	/* 0: now */
};

/*
 * Creates path (0600; an existing file is an error unless replace) and
 * writes the head. caller closes with trace_writer_close()
 */
int trace_writer_open(const char *path, const struct trace_opts *o,
    int replace, struct trace_writer **out, struct err *err);

/*
 * Opens a trace that was cut off, keeps every whole record, and goes on
 * behind them; a closing account that is there is dropped.
 */
int trace_writer_resume(const char *path, const struct trace_opts *o,
    struct trace_writer **out, struct err *err);

/* Appends one record (no newline in it); copied before it returns. */
int trace_write(struct trace_writer *w, const char *line, size_t n,
    struct err *err);

/* Counts n exchanges that were seen and not written, with the reason. */
void trace_drop(struct trace_writer *w, const char *reason, uint64_t n);

/*
 * Everything written so far is in the file when it returns, and on the disk
 * when sync is set. A full disk is RC_IO; calling again may succeed.
 */
int trace_flush(struct trace_writer *w, int sync, struct err *err);

/* Writes the closing account and the seek table; nulls *w. */
int trace_writer_close(struct trace_writer **w, struct err *err);

/* ---- reading ---------------------------------------------------------- */

struct trace_reader;

struct trace_rec {
	const char *line;	/* not NUL-terminated; no newline */
	size_t n;
	uint64_t index;		/* of the record in the trace, from 0 */
};

/* What is known of a trace as a whole. */
struct trace_info {
	int version;
	uint64_t records;	/* exchanges read, or told by the tail */
	uint64_t seen, written, dropped;	/* of the closing account */
	int closed;		/* the closing account was there */
	int torn;		/* the file ends within a frame */
	uint64_t bytes_file, bytes_text;
	size_t frames;
	char why[200];		/* what is missing of a torn one */
};

/*
 * Opens a trace (also a plain .jsonl, and "-" for standard input without
 * seeking).
 * threads decode ahead; 0: one per processor, 1: none
 */
int trace_reader_open(const char *path, int threads,
    struct trace_reader **out, struct err *err);
void trace_reader_close(struct trace_reader **r);

/*
 * The next record, in file order whatever the threads; head and tail are
 * records too.
 * returns 1 and *rec (until the next call), 0 at the end, RC_FORMAT (a bad
 *         frame names its number and offset) or RC_IO.  A torn end is an end:
 *         every flushed record is given, and trace_reader_info() tells.
 */
int trace_next(struct trace_reader *r, struct trace_rec *rec,
    struct err *err);

/* The first record, parsed; owned by the reader. NULL when there is none. */
const struct json *trace_reader_head(struct trace_reader *r);

/* Complete only after trace_next() has returned 0. */
void trace_reader_info(const struct trace_reader *r, struct trace_info *out);

/* Function types: anything that gives records, anything that takes them. */
typedef int trace_next_fn(void *ctx, struct trace_rec *rec, struct err *err);
typedef int trace_put_fn(void *ctx, const char *line, size_t n,
    struct err *err);

#endif
