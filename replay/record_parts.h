/*
 * The files of a recording: one, or parts that follow one another with the
 * time of their start in their names, of which the oldest are deleted.
 *
 * One thread at a time.
 */
#ifndef LOCKSTEP_RECORD_PARTS_H
#define LOCKSTEP_RECORD_PARTS_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/json.h"
#include "harness/traffic/trace.h"

/* When a part is full, and which are kept; 0: no such limit. */
struct record_limits {
	uint64_t rotate_bytes;	/* of a part, bodies beside it included */
	int64_t rotate_ns;	/* from its first exchange on */
	uint64_t keep_bytes;	/* of all parts together */
	int64_t keep_ns;	/* since a part was written to last */
	size_t keep_files;	/* the one that is being written included */
};

/* Told of a part that is complete, and of one that is deleted: one line, no
 * newline. Called from the recording's own threads. */
typedef void record_say_fn(void *ctx, const char *line);

struct record_parts;

struct record_parts_opts {
	const char *out;	/* the trace; of parts, what their names are
				   made of */
	const char *kind;	/* of the trace; NULL: "recording" */
	int again;		/* the trace is there: go on behind it */
	struct record_limits limits;
	struct json *extra;	/* of the head; taken */
	int argc;
	char **argv;		/* and its words; taken */
	record_say_fn *say;	/* or NULL */
	void *say_ctx;
};

/* One file that is being written. */
struct record_part {
	struct trace_writer *w;
	char *path;
	int deleted;		/* it was found to be gone */
	int again;		/* it was there before: never discarded */
	uint64_t spilled;	/* bytes of bodies beside it */
	int64_t first_ns;	/* its first exchange came; 0: none did */
};

/* returns RC_OK, caller frees with record_parts_free(); RC_NOMEM. What is
 * taken is taken in any case. */
int record_parts_new(const struct record_parts_opts *o,
    struct record_parts **out, struct err *err);
void record_parts_free(struct record_parts *p);

/* Whether there will be more than one. */
int record_parts_rotate(const struct record_parts *p);

/*
 * Creates the next file, with its head.
 * returns RC_OK, caller ends with record_part_free(); RC_IO, RC_NOMEM
 */
int record_parts_open(struct record_parts *p, struct record_part **out,
    struct err *err);

/* Whether a part has reached its size or age. */
int record_parts_full(const struct record_parts *p,
    const struct record_part *part);

/* Frees what is left of a part whose writer is closed, or closes it as a
 * crash would. */
void record_part_free(struct record_part **part);
/* The same, and nothing of it stays. */
void record_part_discard(struct record_part **part);

/* What was deleted so far. */
struct record_tidied {
	uint64_t files, bytes;
};

/*
 * Deletes the oldest parts beyond what is to be kept, of earlier recordings
 * under the same name too, but none that somebody writes to. What cannot be
 * deleted is said and stays.
 */
void record_parts_tidy(struct record_parts *p);
void record_parts_tidied(const struct record_parts *p,
    struct record_tidied *out);

/* Passes a line on to who wants to know. */
void record_parts_say(const struct record_parts *p, const char *line);

#endif
