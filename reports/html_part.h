/*
 * What the parts of report.html share. Private to the writer: each part
 * appends its section; recorded text goes through html_line() or html_say().
 */
#ifndef LOCKSTEP_HTML_PART_H
#define LOCKSTEP_HTML_PART_H

#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/result/result.h"

struct html {
	const struct result *r;
	struct buf *out;
	struct buf t;		/* a sentence being made */
};

/* An empty sentence to write to. */
struct buf *html_fresh(struct html *h);

/* Recorded text in one line, escaped; NULL is nothing. */
void html_line(struct html *h, const char *s);

/* h->t, escaped. */
void html_say(struct html *h);

/*
 * An id of an element: prefix, and name with all but letters, digits, '.'
 * and '-' as _XX, so that no name can be taken for another element's.
 */
void html_id(struct html *h, const char *prefix, const char *name);

/* "bad", "good", "warn" or "": the classes of the style sheet. */
const char *html_gate_class(const struct result_gate *g);
const char *html_case_class(enum case_verdict v);

/* The table of gates with its bars. */
void html_gates(struct html *h);
/* Before and after, side by side, of the worst cases. */
void html_worst(struct html *h);
/* The table of all cases. */
void html_cases(struct html *h);
/* Requests, outcomes, latency and pins of each stack. */
void html_arms(struct html *h);

#endif
