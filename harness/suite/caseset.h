/*
 * The cases of a suite, by index, without holding them in memory: offsets
 * into the gold file (or trace), parsed when asked for.
 * caseset_get() may be called from any thread, each with its own struct gold.
 */
#ifndef LOCKSTEP_CASESET_H
#define LOCKSTEP_CASESET_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/err.h"
#include "harness/base/json.h"
#include "harness/base/regex.h"
#include "harness/suite/suite.h"
#include "harness/traffic/exchange.h"

enum expect_op {
	EXPECT_EQ, EXPECT_GE, EXPECT_LE, EXPECT_CONTAINS,
	EXPECT_NOT_CONTAINS, EXPECT_MATCHES, EXPECT_EXISTS, EXPECT_OP_N
};

struct expect {
	const struct json_ptr *at;
	enum expect_op op;
	const struct json *value;
	const struct regex *re;	/* EXPECT_MATCHES, compiled */
};

struct gold_list {
	const char **v;
	size_t *len;		/* a text may hold a NUL */
	size_t n;
};

/* One case. Everything belongs to it until the next get or gold_fini. */
struct gold {
	uint64_t index;		/* in the case set */
	const char *id, *question;
	size_t question_n;	/* it may hold a NUL */
	int no_question;	/* only a name: the request holds none */
	struct gold_list paraphrases;	/* other wordings, the first is not
					   the original */
	struct gold_list section_ids, decoy_ids, answers, snippet_ids;
	int unanswerable, critical;
	int answerable;		/* it says "unanswerable": false */
	int expects_4xx;	/* an `expect` on /status allows it */
	int expects_error;	/* one looks at what a failing service says */
	struct expect *expect;
	size_t n_expect;
	const struct json *tags, *request;	/* or NULL */
	const char *recorded;	/* id of the recorded exchange, or NULL */
	const struct json *doc;	/* the whole case */
	void *mem;		/* private */
};

struct caseset;

/* What to keep: all conditions must hold; the zero value keeps all. */
struct caseset_filter {
	const char *const *ids;		/* --case */
	size_t n_ids;
	const char *const *tags;	/* --tag NAME or NAME=VALUE */
	size_t n_tags;
	uint32_t shard, shards;		/* --shard I/N, I from 1; 0: no */
};

/*
 * Indexes the cases of a suite: a gold file, an inline list, or a trace each
 * of whose exchanges becomes a case (the observations of a run: one a case).
 * Duplicate ids, an id that is not text and a line that is not JSON are errors
 * with the file's line; a suite without cases is one too. A filter that keeps
 * none is not: caseset_n() is then 0.
 */
int caseset_open(const struct suite *s, const struct caseset_filter *f,
    struct caseset **out, struct err *err);
void caseset_close(struct caseset **cs);

uint64_t caseset_n(const struct caseset *cs);
/* Exchanges of a trace in which no question was found. */
uint64_t caseset_skipped(const struct caseset *cs);
/* A hash over all ids and contents kept, in hex. */
const char *caseset_hash(const struct caseset *cs);

void gold_init(struct gold *g);
void gold_fini(struct gold *g);
/* Whether the case says what a right answer is. */
int gold_expects(const struct gold *g);
int caseset_get(const struct caseset *cs, uint64_t i, struct gold *g,
    struct err *err);
/* returns the index of an id, or UINT64_MAX */
uint64_t caseset_find(const struct caseset *cs, const char *id);

/*
 * The wording of variant p of a case: 0 the original, then its paraphrases,
 * then same-answer questions, then benign perturbations.
 * *len    of the text, which may hold a NUL
 * *made   set when the wording is a perturbation
 * returns the text (belongs to g), or the original when there is none left:
 *         the variant then counts as a repeat
 */
const char *gold_wording(struct gold *g, const struct suite *s, uint32_t p,
    size_t *len, int *made);

/*
 * One assertion against a response: its body, the status at /status, and a
 * header at /headers/NAME (in any case) where the body has no member of that
 * name.
 * body    NULL: it is no JSON
 * returns 1 holds, 0 does not
 */
int expect_holds(const struct expect *e, const struct json *body,
    const struct exchange *ex);

/*
 * Whether the assertions of a case say of a response without a usable answer
 * that it is right: all hold, and one of them found what it looks for in the
 * body or a header (that something is absent, or the status a plain 200, says
 * nothing).
 */
int expect_grounds(const struct gold *g, const struct json *body,
    const struct exchange *ex);
/* "answer contains \"90 days\"" for reports. */
void expect_text(const struct expect *e, struct buf *out);

#endif
