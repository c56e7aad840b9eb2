/*
 * The files of what is recorded or imported: one, or parts that follow one
 * another with the time of their start in their names, of which the oldest
 * are deleted.
 *
 * One thread at a time.
 */
#ifndef LOCKSTEP_TRACE_PARTS_H
#define LOCKSTEP_TRACE_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/json.h"
#include "harness/traffic/trace.h"

/* When a part is full, and which are kept; 0: no such limit. */
struct trace_limits {
	uint64_t rotate_bytes;	/* of a part, bodies beside it included */
	int64_t rotate_ns;	/* from its first exchange on */
	uint64_t keep_bytes;	/* of all parts together */
	int64_t keep_ns;	/* since a part was written to last */
	size_t keep_files;	/* the one that is being written included */
};

/* Told of a part that is complete, and of one that is deleted: one line, no
 * newline. Called from whatever thread uses the parts. */
typedef void trace_say_fn(void *ctx, const char *line);

struct trace_parts;

struct trace_parts_opts {
	const char *out;	/* the trace; of parts, what their names are
				   made of */
	const char *kind;	/* of the trace; NULL: "recording" */
	int again;		/* the trace is there: go on behind it */
	struct trace_limits limits;
	struct json *extra;	/* of the head; taken */
	int argc;
	char **argv;		/* and its words; copied */
	trace_say_fn *say;	/* or NULL */
	void *say_ctx;
};

/* One file that is being written. */
struct trace_part {
	struct trace_writer *w;
	char *path;
	int deleted;		/* it was found to be gone, or cut short: */
	int cut;		/* what is left of it can be read */
	int again;		/* it was there before: never discarded */
	uint64_t spilled;	/* bytes of bodies beside it */
	int64_t first_ns;	/* its first exchange came; 0: none did */
};

/* returns RC_OK, caller frees with trace_parts_free(); RC_NOMEM. extra is
 * taken in any case. */
int trace_parts_new(const struct trace_parts_opts *o,
    struct trace_parts **out, struct err *err);
void trace_parts_free(struct trace_parts *p);

/* The clock of all parts to come: wall clock, nanoseconds since 1970. Else it
 * is the time of trace_parts_new(). */
void trace_parts_clock(struct trace_parts *p, int64_t start_wall_ns);

/*
 * Calls fn for each part that is in the folder, the newest first, until it
 * returns something else than RC_OK.
 * busy    somebody writes to it
 * returns RC_OK, or what fn returned
 */
typedef int trace_parts_fn(void *ctx, const char *path, int busy,
    struct err *err);
int trace_parts_each(const struct trace_parts *p, trace_parts_fn *fn,
    void *ctx, struct err *err);

/* Whether there will be more than one. */
int trace_parts_rotate(const struct trace_parts *p);

/*
 * Creates the next file, with its head.
 * returns RC_OK, caller ends with trace_part_free(); RC_IO, RC_NOMEM
 */
int trace_parts_open(struct trace_parts *p, struct trace_part **out,
    struct err *err);

/* Whether a part has reached its size or age. */
int trace_parts_full(const struct trace_parts *p,
    const struct trace_part *part);

/* Frees what is left of a part whose writer is closed, or closes it as a
 * crash would. */
void trace_part_free(struct trace_part **part);
/* The same, and nothing of it stays. */
void trace_part_discard(struct trace_part **part);

/* What was deleted so far. */
struct trace_tidied {
	uint64_t files, bytes;
};

/*
 * Deletes the oldest parts beyond what is to be kept, of earlier recordings
 * under the same name too, but none that somebody writes to. What cannot be
 * deleted is said and stays.
 */
void trace_parts_tidy(struct trace_parts *p);
void trace_parts_tidied(const struct trace_parts *p,
    struct trace_tidied *out);

/* Passes a line on to who wants to know. */
void trace_parts_say(const struct trace_parts *p, const char *line);

#endif
