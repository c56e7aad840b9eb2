/*
 * Writes with an idempotency key, and what became of each key: what the
 * drills of idempotency, rollback and read-only windows send.
 */
#ifndef LOCKSTEP_DRILL_WRITES_H
#define LOCKSTEP_DRILL_WRITES_H

#include "harness/drill/drill_part.h"

enum { WRITE_KEY = 64, WRITE_ID = 96 };

/* One key: a body of its own, and the effects that answers named. */
struct write_key {
	char key[WRITE_KEY];
	uint64_t n;			/* in its body */
	char effect[WRITE_ID];		/* the first that was named; "" */
	char other[WRITE_ID];		/* one that differs from it; "" */
	uint32_t answered;		/* 2xx */
	int never;			/* the last answer does not change */
	char refused[160];		/* the last answer that was none */
};

struct writes {
	struct drill *d;
	const char *method, *path, *key_header;
	const struct json *body;	/* or NULL: a member with the number */
	struct json_ptr *effect_id, *diff;
	struct wave wave;
	struct write_key *v;
	size_t n;
};

/* returns RC_OK, caller ends with writes_fini(); RC_USAGE: the suite has no
 * write.path, and a pointer is wrong; RC_NOMEM */
int writes_init(struct writes *w, struct drill *d, int concurrency,
    struct err *err);
void writes_fini(struct writes *w);

/* Draws n new keys in place of the old ones. */
int writes_keys(struct writes *w, size_t n, struct err *err);

/*
 * Adds a request of key i to the wave.
 * other  1: with another body
 */
struct ask *writes_add(struct writes *w, size_t i, int other,
    struct err *err);

/* What an answer of the wave names becomes its key's. */
void writes_take(struct writes *w, const struct ask *a);

/* Sends the wave, takes what the answers name, and forgets the wave. */
int writes_send(struct writes *w, struct err *err);

/* The same, and pulls a lever when a fifth of the wave was sent. */
int writes_send_beside(struct writes *w, const char *lever,
    struct err *err);

/* Asks again, at most six times, for keys that were not served: after no
 * answer, 409 (it is being served), 425, and what is worth a retry. */
int writes_settle(struct writes *w, struct err *err);

/* Keys with a second effect, and keys without an answer; *first of each */
size_t writes_twice(const struct writes *w, const struct write_key **first);
size_t writes_lost(const struct writes *w, const struct write_key **first);

#endif
