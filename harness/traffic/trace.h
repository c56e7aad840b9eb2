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

#include "harness/base/err.h"
#include "harness/base/hash.h"
#include "harness/base/json.h"
#include "harness/base/seal.h"
#include "harness/traffic/exchange.h"

#define TRACE_VERSION 1
#define TRACE_LINE_MAX (64u << 20)	/* bytes of one record */

/* The zstd level of what must not cost the sender much: a run's
 * observations (ENGINE.md). */
#define TRACE_LEVEL_OBSERVATIONS 2

/* ---- encryption ------------------------------------------------------- */

/*
 * The key of this process: every trace that is written from now on is sealed
 * with it (seal.h), bodies beside it included, and sealed ones are read with
 * it. NULL: none, as at first. To be called before there are threads.
 */
void trace_key_use(const struct seal_key *k);
/* NULL: there is none. */
const struct seal_key *trace_key(void);

/* ---- writing ---------------------------------------------------------- */

struct trace_writer;

struct trace_opts {
	const char *kind;	/* "recording", "run", "slice", ... */
	int argc;		/* what made it, for the first record */
	char **argv;
	const struct json *extra;	/* members for the head, or NULL */
	int level;		/* zstd level; 0: the default, 3 */
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

/*
 * Appends one record (no newline in it); copied before it returns. While the
 * disk is full, records wait in memory: RC_OK means taken, trace_flush() says
 * whether the file has it.  Blocks are flushed at least every second by the
 * next call; an idle caller calls trace_flush().
 * returns RC_OK; RC_IO: the backlog is full, the record was not taken;
 *         RC_NOMEM; RC_USAGE: longer than TRACE_LINE_MAX
 */
int trace_write(struct trace_writer *w, const char *line, size_t n,
    struct err *err);

/*
 * Appends many records at once, each with its newline: as trace_write() of
 * each, without looking at them. None may be longer than TRACE_LINE_MAX.
 * exchanges  how many of them are exchanges
 */
int trace_write_lines(struct trace_writer *w, const char *text, size_t n,
    uint64_t exchanges, struct err *err);

/* Counts n exchanges that were seen and not written, with the reason. */
void trace_drop(struct trace_writer *w, const char *reason, uint64_t n);
/* The same of requests that were refused: nobody was asked. */
void trace_refuse(struct trace_writer *w, const char *reason, uint64_t n);

/* What the closing account would say now: seen = written + dropped +
 * refused. */
struct trace_account {
	uint64_t seen, written, dropped, refused;
	uint64_t safe;		/* of those written: in the file for certain */
	uint64_t bytes_file;	/* compressed, spilled bodies not included */
};
void trace_account(const struct trace_writer *w, struct trace_account *out);

/* Writes what was dropped and refused so far as a record: a crash before the
 * closing account would forget it. */
int trace_write_drops(struct trace_writer *w, struct err *err);

/* Calls fn for each reason of trace_drop() and trace_refuse(). */
typedef void trace_drop_fn(void *ctx, int refused, const char *reason,
    uint64_t n);
void trace_each_drop(const struct trace_writer *w, trace_drop_fn *fn,
    void *ctx);

/*
 * Writes a body of its own file into PATH.d (0600, named by its hash, once
 * for equal bodies) and syncs it.
 * name    for ex_bytes.spill
 * returns RC_OK or RC_IO
 */
int trace_spill(struct trace_writer *w, const void *p, size_t n,
    char name[HASH_HEX], struct err *err);

/*
 * Everything written so far is in the file when it returns, and on the disk
 * when sync is set. A full disk is RC_IO; calling again may succeed.
 */
int trace_flush(struct trace_writer *w, int sync, struct err *err);

/*
 * Puts on the disk what has been flushed. Another thread may call it while
 * the writer is used, so that a slow disk does not hold up what comes next.
 */
int trace_sync(const struct trace_writer *w, struct err *err);

/*
 * Writes the closing account and the seek table, syncs, and nulls *w. NULL
 * is safe. After RC_IO the file lacks its end; all that was flushed is there
 * and can be read, resumed or repaired.
 */
int trace_writer_close(struct trace_writer **w, struct err *err);

/* Closes without an account, as a crash would: for what failed half-way. */
void trace_writer_abandon(struct trace_writer **w);

/*
 * Gives up on a disk that does not take the rest: closes, looks what a
 * reader finds of it, counts the rest as dropped, nulls *w.
 * each    as trace_each_drop(), or NULL
 * *out    the account: what was written is what can be read
 */
void trace_writer_give_up(struct trace_writer **w, const char *reason,
    trace_drop_fn *each, void *ctx, struct trace_account *out);

/* Whether the file can still be found under its name, and whole. */
enum trace_where {
	TRACE_THERE,
	TRACE_MOVED,		/* it has another name now */
	TRACE_DELETED,		/* it has none: nobody will ever read it */
	TRACE_CUT		/* it is shorter than what was written */
};
int trace_where(const struct trace_writer *w);

/* ---- reading ---------------------------------------------------------- */

struct trace_reader;

struct trace_rec {
	const char *line;	/* not NUL-terminated; no newline */
	size_t n;
	uint64_t index;		/* of the record in the trace, from 0 */
	int is_exchange;	/* by its "type" */
	size_t frame;		/* that holds it; TRACE_FRAMES: several */
};
#define TRACE_FRAMES SIZE_MAX

/* What is known of a trace as a whole. */
struct trace_info {
	int version;
	uint64_t records;	/* exchanges read, or told by the tail */
	uint64_t seen, written, dropped, refused;	/* of the closing
							   account */
	int closed;		/* the closing account was there */
	int torn;		/* the file ends within a frame */
	int table;		/* a seek table that fits the file */
	uint64_t damaged;	/* frames and records that cannot be read */
	uint64_t bytes_file, bytes_text;
	int sealed;		/* encrypted */
	uint64_t lines;		/* records of any kind */
	size_t frames;
	char why[200];		/* what is missing of a torn one, or "" */
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
 * The same, but only the frames that pick() names (their numbers as in
 * struct trace_rec) are decoded and only their records read; all of a pipe's
 * and of a plain file's.  Single-threaded.
 * pick    returns whether a frame is wanted; called in order
 */
typedef int trace_pick_fn(void *ctx, size_t frame);
int trace_reader_open_some(const char *path, trace_pick_fn *pick, void *ctx,
    struct trace_reader **out, struct err *err);

/*
 * The next record, in file order whatever the threads; head and tail are
 * records too.
 * returns 1 and *rec (until the next call), 0 at the end, RC_FORMAT (a bad
 *         frame or line: says which; the next call goes on behind it),
 *         RC_IO or RC_NOMEM.  A torn end is an end: every flushed record is
 *         given, and trace_reader_info() tells.
 */
int trace_next(struct trace_reader *r, struct trace_rec *rec,
    struct err *err);

/* The head, parsed; owned by the reader. NULL when there is none. Known from
 * the open on. */
const struct json *trace_reader_head(struct trace_reader *r);

/* The last account that was read, parsed, with its reasons: the closing one
 * when info says closed. Owned by the reader; NULL when there was none. */
const struct json *trace_reader_account(const struct trace_reader *r);

/* Complete only after trace_next() has returned 0. */
void trace_reader_info(const struct trace_reader *r, struct trace_info *out);

/* ---- random access ---------------------------------------------------- */

/*
 * The exchanges of a trace by position and by id. Opening reads the trace
 * once and keeps 24 bytes an exchange; getting decodes one frame, of which
 * the last few are kept.  Safe from any thread.
 */
struct trace_index;

/* returns RC_OK, caller closes; as trace_next() when the trace is damaged */
int trace_index_open(const char *path, struct trace_index **out,
    struct err *err);
void trace_index_close(struct trace_index **ix);

uint64_t trace_index_n(const struct trace_index *ix);

/* The position of the exchange with an id (the first of several).
 * returns it, or UINT64_MAX; also when a read fails, with err set */
uint64_t trace_index_find(struct trace_index *ix, const char *id,
    struct err *err);

/* Copies exchange i (in file order) into *line, which is reset first.
 * i       below trace_index_n()
 * returns RC_OK, RC_IO, RC_FORMAT, RC_NOMEM */
int trace_index_get(struct trace_index *ix, uint64_t i, struct buf *line,
    struct err *err);

/* ---- bodies beside the trace ------------------------------------------ */

/*
 * Reads a body that was spilled, and checks it against its hash.
 * path    of the trace
 * returns RC_OK; RC_IO; RC_FORMAT: it is not what was recorded
 */
int trace_body_load(const char *path, const struct ex_bytes *body,
    struct buf *out, struct err *err);

/* Copies the body files a line refers to from one trace's folder to
 * another's. returns RC_OK, RC_IO, RC_FORMAT, RC_NOMEM */
int trace_body_copy(const char *from, const char *to, const char *line,
    size_t n, struct err *err);

/* ---- mending ---------------------------------------------------------- */

struct trace_repair {
	uint64_t kept;		/* exchanges in the new file */
	uint64_t lines_bad;	/* records that were no JSON object */
	uint64_t frames_bad;	/* frames that could not be read */
	uint64_t bytes_lost;	/* compressed bytes of them */
	int torn;		/* the end was cut off */
	int aside;		/* none was kept: what was replaced is there
				   still, as FILE.damaged */
	char first_bad[512];	/* where the first damage is, or "" */
};

/*
 * Writes everything readable of a trace to another file, with a fresh seek
 * table and a closing account (drop reasons of an account that was there
 * are kept; what was lost is counted under "damaged", frames not records).
 * Lines are copied byte for byte.
 * out     may equal in: then it is replaced by rename at the end
 */
int trace_repair(const char *in, const char *out, struct trace_repair *rep,
    struct err *err);

/* Function types: anything that gives records, anything that takes them. */
typedef int trace_next_fn(void *ctx, struct trace_rec *rec, struct err *err);
typedef int trace_put_fn(void *ctx, const char *line, size_t n,
    struct err *err);

#endif
