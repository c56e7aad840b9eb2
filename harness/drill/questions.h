/*
 * The suite's questions as requests of a drill, and what their answers say.
 */
#ifndef LOCKSTEP_DRILL_QUESTIONS_H
#define LOCKSTEP_DRILL_QUESTIONS_H

#include "harness/base/hash.h"
#include "harness/drill/drill_part.h"
#include "harness/drill/fence.h"
#include "harness/drill/scores.h"
#include "harness/suite/caseset.h"
#include "harness/suite/template.h"

enum { QUESTION_EXTRA = 8 };

struct questions {
	struct drill *d;
	struct caseset *cases;		/* NULL: the suite has none */
	struct template *path[ARM_N], *body[ARM_N];
	const char *method[ARM_N];
	struct gold gold;
	size_t n;			/* 1 without cases */
	struct ex_header extra[QUESTION_EXTRA];	/* headers of each request */
	size_t n_extra;
};

/*
 * Opens the suite's cases, at most max of them. A suite without cases asks
 * one question of our own: any answer shows pins, caches and limits.
 */
int questions_init(struct questions *q, struct drill *d, size_t max,
    struct err *err);
void questions_fini(struct questions *q);

/* Adds question i to a wave. tag is i. NULL with an error. */
struct ask *questions_add(struct questions *q, struct wave *w, enum arm arm,
    size_t i, struct err *err);

/* What an answer says. */
struct reading {
	int usable;		/* an answer, or declined */
	char ranking[HASH_HEX];	/* of the ids and texts retrieved */
	char answer[HASH_HEX];	/* of the answer's text */
	struct json *pins;	/* {name: value}, perhaps empty; owned */
	char pins_hash[HASH_HEX];
	struct fence fence;
	struct scores scores;
	int expected, covered;	/* sections of the case, and those retrieved */
	char why[160];		/* when it is not usable */
};

/* Reads the answer to question a->tag. caller ends with reading_fini() */
int reading_of(struct questions *q, const struct ask *a, struct reading *r,
    struct err *err);
void reading_fini(struct reading *r);
/* One pin as text, "" when there is none; until reading_fini(). */
const char *reading_pin(const struct reading *r, const char *name);

#endif
