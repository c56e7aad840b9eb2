/*
 * Describes a service from several of its exchanges: which known API it has,
 * else where its answers have each value, and how to ask it. One thread at a
 * time.
 */
#ifndef LOCKSTEP_GUESS_H
#define LOCKSTEP_GUESS_H

#include <stddef.h>

#include "harness/base/err.h"
#include "harness/base/json.h"
#include "harness/traffic/exchange.h"

enum { GUESS_MAX = 200, GUESS_NOTES_MAX = 24, GUESS_LINE_MAX = 1 << 20 };

enum guess_sure { GUESS_SURE, GUESS_LIKELY, GUESS_MAYBE };

/* One thing that was found. */
struct guess_note {
	const char *what;	/* "answer", "passages: text", ... */
	char pointer[512];
	enum guess_sure sure;
	size_t in, of;		/* answers that have it, of those looked at */
};

struct guess {
	struct guess_line {
		char *p;
		size_t n;
	} *line;		/* the exchanges, as records */
	size_t n;

	/* what came of guess_make() */
	const char *preset;	/* of a known API, or NULL */
	struct json *extract;	/* what a suite says, owned */
	struct json *body;	/* the request's template, owned; NULL: it
				   differs from call to call, or there is
				   none: it is sent as it was */
	char question[512];	/* pointer of the question in the request, or
				   "": it is found without, or there is none */
	size_t questions;	/* exchanges that hold one */
	size_t understood;	/* that the extraction makes sense of */
	size_t streams;
	char varies[256];	/* members of the request that differ */
	struct guess_note note[GUESS_NOTES_MAX];
	size_t n_notes;
};

void guess_init(struct guess *g);
void guess_fini(struct guess *g);

/* Takes a copy of a record; larger ones, and more than GUESS_MAX, are passed
 * over. returns RC_OK or RC_NOMEM */
int guess_add(struct guess *g, const char *line, size_t n, struct err *err);

/* Looks at all of them. returns RC_OK; RC_FORMAT: nothing in them is known;
 * RC_NOMEM */
int guess_make(struct guess *g, struct err *err);

#endif
