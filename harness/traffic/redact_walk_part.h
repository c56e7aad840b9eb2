/* The strings of a body; private to redact_walk.c and redact_body.c. */
#ifndef LOCKSTEP_REDACT_WALK_PART_H
#define LOCKSTEP_REDACT_WALK_PART_H

#include "harness/traffic/redact_part.h"

/* A string of the body: where its inside stands, its text, and the path of
 * keys that leads to it. */
struct piece {
	size_t from, to;	/* raw, without the quotes */
	size_t at, n;		/* its text now, in body.plain */
	uint64_t path;
	/* the path without the places of objects in arrays, and without
	 * those of objects that tell an index of their own */
	uint64_t bare, run;
	uint64_t index, ids;	/* that the objects above tell: hashes */
	int depth;
	int is_key, is_number, done, changed;
	int is_bare;		/* no string: between them, or a line */
};

struct body {
	struct redact_work *w;
	const char *p;
	size_t n;
	struct buf plain;	/* the texts of all pieces */
	struct piece *v;
	size_t n_pieces, cap;
	int depth;		/* of JSON within JSON */
	int is_prose;		/* it is not, or not all of some JSON */
	int bad;
};

/* Collects the texts of a body where its JSON is: all of it, or what stands
 * behind "data:". returns 0 when there is none */
int redact_collect(struct body *b);

/* Which pieces are one text: run k is i[end[k - 1]..end[k]). */
struct runs {
	size_t *i, *end;
	size_t n;
};

/* Sorts what is not yet done into runs; b->bad says when there is no memory.
 * caller frees with redact_runs_free() */
void redact_runs(struct body *b, struct runs *r);
void redact_runs_free(struct runs *r);

/* The path of the piece that a JSON pointer leads to. */
uint64_t redact_path(const char *ptr);

#endif
