/*
 * Scorers: other people's judges (SCORERS.md).  A scorer is a command that
 * stays running, reads one JSON line an observation and writes one back for
 * each, with the metrics that the suite declares.
 *
 * What a scorer does not answer is missing with a reason.  Answers are kept
 * between runs through functions that the program hands in.  A set belongs
 * to one thread at a time.
 */
#ifndef LOCKSTEP_SCORER_H
#define LOCKSTEP_SCORER_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/hash.h"
#include "harness/meaning/embed.h"
#include "harness/suite/suite.h"
#include "harness/terms/scorer_metric.h"

enum scorer_missing {
	SCORER_HERE,
	SCORER_DECLINED,	/* it said null, and perhaps why */
	SCORER_LEFT_OUT,	/* its answer lacks the metric */
	SCORER_BAD_VALUE,	/* not a number, or beyond SCORER_VALUE_MAX */
	SCORER_NO_ANSWER,	/* it died, was silent, or was given up */
	SCORER_NOT_ASKED,	/* there is nothing to judge */
	SCORER_MISSING_N
};

enum { SCORER_WHY_MAX = 160 };

/* One metric of one observation. */
struct scorer_value {
	double v;		/* NaN exactly when missing */
	enum scorer_missing missing;
	char why[SCORER_WHY_MAX];	/* of what is missing; printable */
};

/* What is asked: a JSON object without an id, which is added. */
struct scorer_ask {
	const char *p;		/* borrowed */
	size_t n;
	struct scorer_value *out;	/* one a metric of the scorer */
};

struct scorer_set;

/*
 * The scorers of a suite; none is started before it is asked.
 * suite   borrowed; NULL is returned for one without scorers
 * keep    copied: where answers are kept between runs; NULL: nowhere
 * returns RC_OK, caller closes with scorer_set_close(); RC_NOMEM, RC_IO
 */
int scorer_set_open(const struct suite *suite, const struct embed_store *keep,
    struct scorer_set **out, struct err *err);
/* Ends what was started. NULL inside is safe. */
void scorer_set_close(struct scorer_set **set);

/*
 * Asks every scorer: asks[i] holds n[i] for scorer i.  Equal lines are asked
 * once.  A scorer that fails is data; returns RC_OK, or RC_NOMEM, RC_DB.
 */
int scorer_set_ask(struct scorer_set *set, struct scorer_ask *const *asks,
    const size_t *n, struct err *err);

/* What makes a scorer's answers comparable: a hash of its command, of the
 * files that the command names, of version and metrics. */
const char *scorer_set_hash(const struct scorer_set *set, size_t i);

struct scorer_stats {
	uint64_t asked;		/* lines sent */
	uint64_t kept;		/* answers that were kept from before */
	uint64_t same;		/* lines equal to another one */
	uint64_t starts;	/* of its process */
	uint64_t strange;	/* lines back that answer nothing asked */
	uint64_t undeclared;	/* metrics back that the suite lacks */
	char undeclared_name[SCORER_NAME_MAX];	/* the first of them */
};
struct scorer_stats scorer_set_stats(const struct scorer_set *set, size_t i);

/*
 * Starts each scorer of a suite with an empty input, which must end it with
 * status 0; one that still runs after SCORER_TRY_NS is taken for well.
 * returns RC_OK; RC_USAGE with what it said last; RC_IO
 */
#define SCORER_TRY_NS (10 * INT64_C(1000000000))
int scorers_try(const struct suite *suite, struct err *err);

/*
 * Whether a command begins with a program's name, a blank behind it, that is
 * not there; anything else is the shell's business.
 * word    the name
 */
int scorer_lacks_program(const char *exec, char *word, size_t cap);

#endif
