/*
 * Parts of traces and traces of parts: choosing exchanges, slicing, merging.
 * Lines are copied byte for byte, records of unknown types included; body
 * files go along.
 */
#ifndef LOCKSTEP_TRACE_CUT_H
#define LOCKSTEP_TRACE_CUT_H

#include <stddef.h>
#include <stdint.h>

#include "harness/traffic/redact.h"
#include "harness/traffic/trace.h"

/* Called now and then with the exchanges read so far, for a progress line. */
typedef void trace_tick_fn(void *ctx, uint64_t exchanges);

/* Whether an exchange is wanted, by all of its record. returns 1 or 0 */
typedef int trace_test_fn(void *ctx, const struct exchange *ex,
    const char *line, size_t n);

/* Which stratum an exchange belongs to, by all of its record. */
typedef uint64_t trace_stratum_fn(void *ctx, const struct exchange *ex,
    const char *line, size_t n);

/*
 * Which exchanges; all conditions must hold, an empty one always does.
 * Borrows everything.
 */
struct trace_pick {
	int64_t from_ns, to_ns;		/* sent in [from,to); -1: open */
	const char *const *ids;
	size_t n_ids;
	const char *const *cases;
	size_t n_cases;
	unsigned arms, outcomes;	/* bits 1 << arm; 0: any */
	trace_test_fn *test;	/* asked last, once an exchange and pass; or
				   NULL */
	void *test_ctx;
	uint64_t sample;	/* 0: all; see trace_slice() */
	uint64_t seed;
	trace_stratum_fn *stratum;	/* with a sample; or NULL */
	void *stratum_ctx;
	const uint64_t *draws;	/* of trace_draw(), ascending: the units to
				   keep instead of a sample; or NULL */
	size_t n_draws;
	trace_tick_fn *tick;	/* or NULL */
	void *tick_ctx;
};

/*
 * What chooses the unit that an exchange belongs to: its case, else its
 * session, else itself.
 */
uint64_t trace_draw(uint64_t seed, const struct exchange *ex);

/* Chooses everything. */
void trace_pick_init(struct trace_pick *p);

/* Whether it chooses an exchange; sample and test are not looked at. */
int trace_pick_has(const struct trace_pick *p, const struct exchange *ex);

/* The same with the test; ex is all of the record at line. */
int trace_pick_takes(const struct trace_pick *p, const struct exchange *ex,
    const char *line, size_t n);

/*
 * Reads a record and says whether it is chosen, test included.
 * *ex     as of exchange_peek(), or with a test of exchange_parse()
 * returns 1, 0, or an error as exchange_parse()
 */
int trace_pick_line(const struct trace_pick *p, struct exchange_rec *rec,
    const char *line, size_t n, struct exchange *ex, struct err *err);

struct trace_cut {
	uint64_t seen;		/* exchanges in the source */
	uint64_t written;
	uint64_t units;		/* cases, sessions or lone exchanges chosen */
	uint64_t strata;	/* that the sample was divided among */
};

/*
 * Writes the chosen exchanges of a trace to another, in their order, with
 * all records of other types; the head keeps the source's clock and holds
 * its head under "source".
 * sample  that many units, chosen by seed and name alone: all exchanges of a
 *         case (else of a session, else the exchange itself) stay together.
 *         With strata each gets its share of them; a unit counts in one of
 *         its own
 * returns RC_OK; as trace_next() on a damaged source; RC_IO
 */
int trace_slice(const char *in, const char *out, const struct trace_pick *p,
    const struct trace_opts *o, struct trace_cut *cut, struct err *err);

/*
 * Joins traces in the order in which their exchanges were sent, by wall
 * clock. Times are moved to the earliest trace's start, which changes the
 * digits of "sent" and "due" and nothing else of a line.
 * n       1..TRACE_MERGE_MAX
 */
enum { TRACE_MERGE_MAX = 256 };
int trace_merge(const char *const *in, size_t n, const char *out,
    const struct trace_opts *o, struct trace_cut *cut, struct err *err);

/*
 * Writes a trace without credentials and what the rules find (redact.h), its
 * body files included.  The head tells the rules and how often each hit; the
 * source's head and records of unknown types are left out, since they may
 * hold anything.  Reads the source twice.
 * hits    redact_n(r)
 * returns RC_OK; as trace_next() on a damaged source; RC_IO, RC_NOMEM
 */
struct trace_redact_opts {
	struct trace_opts trace;
	trace_tick_fn *tick;	/* or NULL */
	void *tick_ctx;
};
int trace_redact(const char *in, const char *out, const struct redact *r,
    const struct trace_redact_opts *o, struct trace_cut *cut,
    uint64_t *hits, struct err *err);

/* The wall clock of a head's start, 0 when it has none. */
int64_t trace_head_wall_ns(const struct json *head);

/*
 * Appends an exchange's line with delta_ns added to its times since the
 * trace's start (top-level "sent" and "due", and "sent" of attempts).
 * returns RC_OK or RC_FORMAT
 */
int exchange_shift(struct buf *out, const char *line, size_t n,
    int64_t delta_ns, struct err *err);

#endif
