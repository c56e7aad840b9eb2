/*
 * Before, during and after: the suite's questions asked once through, and
 * what their answers said. Also a load that goes on while a lever is pulled.
 */
#ifndef LOCKSTEP_DRILL_PHASE_H
#define LOCKSTEP_DRILL_PHASE_H

#include "harness/drill/questions.h"

struct seen {
	size_t question;
	int usable, status;
	char ranking[HASH_HEX], answer[HASH_HEX];
	char pins[HASH_HEX];		/* all of them */
	char index[80];			/* its INDEX_HASH; "": none */
	struct fence fence;		/* what it cites */
	struct scores scores;		/* of its passages */
	int64_t sent_ns, total_ns;	/* sent: from the phase's start */
	char why[160];
};

struct phase {
	struct seen *v;
	size_t n, failed;
	int expected, covered;		/* sections, of usable answers */
	int64_t p50_ns, p95_ns;		/* of what was usable */
	char why[160];			/* of the first failure */
};

/*
 * Asks n questions, in the suite's order, round and round.
 * rate  0: one after the other, `concurrency` at a time
 */
int phase_run(struct questions *q, enum arm arm, size_t n, double rate,
    struct phase *out, struct err *err);
void phase_fini(struct phase *p);

/* Whether all that can be compared of two phases in their order is equal:
 * *n questions differ, *first is one. */
void phase_differ(const struct phase *a, const struct phase *b, size_t *n,
    size_t *first);

/* returns RC_OK; RC_USAGE: nothing was usable, and why */
int phase_must_answer(const struct phase *p, struct err *err);

/* A load on a thread of its own. */
struct load;

/* What is done meanwhile: waits and levers, which alone may send. */
typedef int load_meanwhile_fn(void *ctx, const struct load *l,
    struct err *err);

/*
 * Loads drill_arm() at the scenario's `rate` for as long as `meanwhile` runs,
 * at most ten minutes, and waits for the answers. One load at a time.
 * *out     what they said, also when `meanwhile` failed; caller ends with
 *          phase_fini()
 * returns RC_OK, the load's own error, else that of `meanwhile`
 */
int load_while(struct questions *q, load_meanwhile_fn *meanwhile, void *ctx,
    struct phase *out, struct err *err);
/* Since its start. */
int64_t load_now_ns(const struct load *l);

#endif
