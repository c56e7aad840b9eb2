/*
 * What the files of the trace module share and nobody else includes: frames
 * as chunks of text, and the writer's inside.
 */
#ifndef LOCKSTEP_TRACE_PART_H
#define LOCKSTEP_TRACE_PART_H

#include "harness/traffic/trace.h"
#include "harness/traffic/trace_cut.h"
#include "harness/traffic/zst.h"

enum {
	/* Frames whose text is longer are handed on in parts, before their
	 * checksum is known. */
	TRACE_PART_BYTES = 32 << 20,
	TRACE_WINDOW_LOG = 23,
	TRACE_LEVEL = 3,
	TRACE_FRAME_BYTES = 8 << 20,
	TRACE_DROPS_MAX = 64
};

/* ---- what is read from (trace_place.c) -------------------------------- */

/* An open file, sealed or not. */
struct trace_place {
	struct zst_src src;
	struct seal_file *file;	/* or NULL: it is not sealed */
};

/*
 * Looks whether a file is sealed, and opens it with the process's key.
 * fd      taken, whatever happens; trace_place_close() closes it
 * returns RC_OK; as seal_file_new()
 */
int trace_place_open(int fd, const char *name, struct trace_place *p,
    struct err *err);
void trace_place_close(struct trace_place *p);
/* A source of its own over the same file, for another thread; caller frees
 * src->sealed, before the place is closed. */
int trace_place_again(const struct trace_place *p, struct zst_src *src,
    struct err *err);
/* Where in the file it is what is read from at. */
uint64_t trace_place_at(const struct trace_place *p, uint64_t at);

/* ---- chunks (trace_frames.c) ------------------------------------------ */

/* Decodes the frames of a file ahead, on threads, and gives them in order. */
struct trace_frames;

/* A piece of text: a whole frame, unless frames are huge. */
struct trace_chunk {
	const char *p;
	size_t n;
	size_t frame;		/* number in the file, from 0 */
	uint64_t at, comp;	/* its offset and compressed size */
	int first, last;	/* of its frame */
	int torn;		/* the frame's end is missing */
	int whole;		/* checksum seen: may be copied as it is */
};

int trace_frames_open(const char *path, int threads,
    struct trace_frames **out, struct err *err);
void trace_frames_close(struct trace_frames **f);
/* Only some frames from here on; opened with one thread. */
void trace_frames_pick(struct trace_frames *f, trace_pick_fn *pick,
    void *ctx);

/*
 * The next piece.
 * returns 1 (until the next call); 0 at the end; RC_FORMAT: a bad frame, the
 *         next call goes on behind it; RC_IO, RC_NOMEM
 */
int trace_frames_next(struct trace_frames *f, struct trace_chunk *c,
    struct err *err);

/* The layout; without frames for a plain file or a pipe. */
const struct zst_layout *trace_frames_layout(const struct trace_frames *f);
/* What the frames are read from, of a file. */
const struct trace_place *trace_frames_place(const struct trace_frames *f);
/* Not compressed at all. */
int trace_frames_plain(const struct trace_frames *f);

/* ---- records ---------------------------------------------------------- */

enum trace_type {
	TRACE_HEAD,
	TRACE_EXCHANGE,
	TRACE_TAIL,
	TRACE_ACCOUNT,	/* drops of an earlier part, left by a resume */
	TRACE_OTHER
};

/* What a line's "type" says. TRACE_OTHER for anything else, no JSON too. */
enum trace_type trace_type_of(const char *line, size_t n);

/* ---- accounts (trace_account.c) --------------------------------------- */

struct trace_reason {
	char text[48];
	uint64_t n;
};

/* What was seen, and why it was not written: 0 dropped, 1 refused. */
struct trace_counts {
	uint64_t written;
	uint64_t n[2];
	struct trace_reason reasons[2][TRACE_DROPS_MAX];
	size_t n_reasons[2];
};

void trace_counts_add(struct trace_counts *c, int kind, const char *reason,
    uint64_t n);
void trace_counts_sum(const struct trace_counts *c,
    struct trace_account *out);
void trace_counts_each(const struct trace_counts *c, trace_drop_fn *fn,
    void *ctx);
/* Adds what was not written of an account that was read. returns how many */
uint64_t trace_counts_take(struct trace_counts *c,
    const struct json *account);
/* Appends the closing account, or one in between, as a line. */
void trace_counts_tail(const struct trace_counts *c, struct buf *b);
void trace_counts_account(const struct trace_counts *c, struct buf *b);

/* The head of o as a line, appended to b, which is sticky (trace_head.c). */
void trace_head_line(const struct trace_opts *o, struct buf *b);

/* ---- the writer (trace_write.c) --------------------------------------- */

/* Appends a whole compressed frame that src holds.
 * exchanges  how many it has */
int trace_write_frame(struct trace_writer *w, const struct zst_src *src,
    const struct zst_frame *f, uint64_t exchanges, struct err *err);

const char *trace_writer_path(const struct trace_writer *w);
int trace_writer_fd(const struct trace_writer *w);
struct trace_counts *trace_writer_counts(struct trace_writer *w);
/* Renames what is being written; the directory is synced. */
int trace_writer_rename(struct trace_writer *w, const char *path,
    struct err *err);

/* Creates path for writing without a head. o may be NULL */
int trace_writer_create(const char *path, const struct trace_opts *o,
    int replace, struct trace_writer **out, struct err *err);
/* Ends the frame: what was written can be read without what follows. */
int trace_writer_cut(struct trace_writer *w, struct err *err);
/* The head of o as a record, in a frame of its own. */
int trace_writer_head(struct trace_writer *w, const struct trace_opts *o,
    struct err *err);

/* Adds what was dropped and refused of an account that was read.
 * returns how many */
uint64_t trace_add_drops(struct trace_writer *w, const struct json *account);

/* ---- samples (trace_sample.c) ------------------------------------------ */

/*
 * The draws of the units that are in the sample of p, ascending.
 * cut     its units and strata are set
 * *v      caller frees
 */
int trace_sample(const char *in, const struct trace_pick *p,
    struct exchange_rec *rec, struct trace_cut *cut, uint64_t **v,
    size_t *n, struct err *err);

#endif
