/* What the files of `lockstep trace slice` share. */
#ifndef LOCKSTEP_CMD_TRACE_SLICE_PART_H
#define LOCKSTEP_CMD_TRACE_SLICE_PART_H

#include "harness/traffic/trace_cut.h"
#include "harness/traffic/where.h"

/* cmd_trace_stratum.c: what a sample is divided among. */
struct stratum {
	enum { STRATUM_PATH, STRATUM_HOUR, STRATUM_STATUS, STRATUM_OUTCOME,
	    STRATUM_POINTER } by;
	int64_t wall_ns;	/* of the trace's start, 0: not known */
	struct where *look;
	struct where_ptr *ptr;
};

/*
 * word    "path", "hour", "status", "outcome" or a pointer into the record
 * p       takes the function and s, which outlives it
 * returns RC_OK, RC_USAGE, RC_FORMAT (a pointer), RC_NOMEM, or as
 *         trace_reader_open(); stratum_close() in any case
 */
int stratum_open(struct stratum *s, const char *word, const char *trace,
    struct trace_pick *p, struct err *err);
void stratum_close(struct stratum *s);

/* cmd_trace_different.c: exchanges whose questions differ most. */
enum { DIFFERENT_MAX = 10000 };	/* different wordings that are compared */
struct different {
	uint64_t *draws;	/* as of trace_pick */
	size_t n;
	uint64_t wordings, without, beyond;	/* without a question; beyond
						   DIFFERENT_MAX wordings */
};

/*
 * Sets the draws of p to those of k of the exchanges that it chooses.
 * embedder  its spec, or NULL
 * returns RC_OK; RC_USAGE (none has a question); as trace_next();
 *         different_fini() in any case
 */
int different_choose(struct different *d, const char *trace, size_t k,
    const char *embedder, struct trace_pick *p, struct err *err);
void different_fini(struct different *d);

#endif
