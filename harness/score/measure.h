/*
 * Measures one observation: what each metric of metric_rows.h is
 * computed from.  Each metric_*.c file computes what it names.  Pure
 * functions, safe from any thread.
 */
#ifndef LOCKSTEP_MEASURE_H
#define LOCKSTEP_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/buf.h"
#include "harness/suite/caseset.h"
#include "harness/suite/sections.h"
#include "harness/terms/metric.h"
#include "harness/traffic/extract.h"

struct arena;
struct ctext;
struct embed_doc;
struct embedder;

/* Further snippets of an answer are ignored. */
enum { METRIC_SNIPPETS_MAX = 256 };

/*
 * What one observation is judged from. NULL members are absent.
 *
 * Ids are compared in one kind for the whole case, on all arms: section ids
 * where any answer carried them, else snippet ids, source addresses, texts.
 */
struct metric_in {
	const struct suite *suite;
	const struct extract_spec *spec;
	const struct gold *gold;
	const struct answer *answer;
	const struct exchange *exchange;
	const struct embedder *embedder;
	struct arena *scratch;	/* for what lives as long as the case */
	const struct embed_doc *question;	/* of the wording asked */
	struct ctext *const *snippets;	/* a retrieved each, NULL: no text */
	size_t n_snippets;	/* at most METRIC_SNIPPETS_MAX */
	struct ctext *answer_text;	/* or NULL */
	const struct sections *sections;	/* all that are known */
	const struct section *const *expected;	/* gold sections known */
	struct ctext *const *expected_text;	/* of each */
	size_t n_expected;
	const struct section *const *decoys;
	size_t n_decoys;
	struct ctext *const *gold_answers;
	size_t n_gold_answers;
	const char *const *ids;	/* retrieved, best first, none twice */
	size_t n_ids;
	const char *const *cited;	/* none twice */
	size_t n_cited;
	const char *const *gold_ids;	/* n_gold_ids 0: none to compare */
	size_t n_gold_ids;
	int by_section;		/* ids are section ids */
	unsigned cited_fields;	/* FIELD_* that a citation must carry */
	double price_in, price_out;	/* USD a token; NaN: not priced */
	int paced;		/* times count from the intended start */
	const double *raw;	/* question to each snippet, set by
				   metrics_observe(); NaN: no embedding */
};

/*
 * All metrics of one observation. values and why hold METRIC_N each; a value
 * is NaN exactly when its why is not METRIC_HERE. An observation without a
 * response (outcome not ok or refused) has times only.
 */
void metrics_observe(const struct metric_in *in, double *values,
    unsigned char *why);

/* ΔS of two texts by their whole vectors; NaN when either has none. */
double metric_ds(const struct embedder *e, const struct embed_doc *a,
    const struct embed_doc *b);

/*
 * The tables as text, or as one JSON document, for `lockstep metrics`.
 * name    one metric; NULL: all
 * returns 0, or -1 when there is no such metric
 */
int metrics_print(struct buf *out, const char *name, int json);

/* The same of what a suite's scorers return. */
int metrics_print_scorers(struct buf *out, const struct suite *s,
    const char *name, int json);

#endif
