/*
 * The first screen: what every report opens with, in this order and in these
 * words.  A writer walks first_rows[] and dresses each row in its own format;
 * the sentences hold recorded text, cleaned of controls but not escaped.
 * Pure functions, safe from any thread.
 */
#ifndef LOCKSTEP_FIRSTSCREEN_H
#define LOCKSTEP_FIRSTSCREEN_H

#include <stddef.h>

#include "harness/base/buf.h"
#include "harness/result/result.h"

enum first_kind {
	FIRST_LINES,	/* write() appends one or more lines */
	FIRST_WORST,	/* the worst cases: r->worst */
	FIRST_GATES,	/* the gates, in the order of first_gates() */
	FIRST_COMMAND	/* write() appends a command to type */
};

/* Appends lines, '\n' between them; nothing when there is nothing to say. */
typedef void first_write_fn(const struct result *r, struct buf *out);

struct first_row {
	const char *label;	/* "what changed", ... */
	enum first_kind kind;
	first_write_fn *write;	/* NULL for FIRST_WORST and FIRST_GATES */
};
extern const struct first_row first_rows[];	/* ends with a NULL label */

/* The verdict as a sentence, without the verdict's word. */
void first_headline(const struct result *r, struct buf *out);

/*
 * Indices of the gates that were judged, worst first, otherwise in the
 * result's order; the others are a row of their own.
 * order   r->n_gates entries
 * returns how many
 */
size_t first_gates(const struct result *r, size_t *order);

/*
 * What one arm said to a case: its answer, else what it retrieved first,
 * else how it failed; "" when nothing is kept. Cleaned, of any length.
 */
void first_side(const struct result_case *c, int arm, struct buf *out);

/* Whether the run compared two arms. */
int first_two_armed(const struct result *r);

#endif
