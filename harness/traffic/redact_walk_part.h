/* The strings of a body; private to redact_walk.c and redact_body.c. */
#ifndef LOCKSTEP_REDACT_WALK_PART_H
#define LOCKSTEP_REDACT_WALK_PART_H

#include "harness/traffic/redact_part.h"

/* A string of the body: where its inside stands, its text, and the path of
 * keys that leads to it. */
struct piece {
	size_t from, to;	/* raw, without the quotes */
	size_t at, n;		/* its text, in body.plain */
	uint64_t path;
	int is_key, is_number, done;
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

/* The path of lines of a stream that are no JSON: one text. */
#define REDACT_LINES 2

/* FNV-1a: paths are told by it. */
#define REDACT_MIX 0xcbf29ce484222325ULL
uint64_t redact_mix(uint64_t h, const char *p, size_t n);

/*
 * Collects all strings, and long numbers, of JSON text in bytes [from,to) of
 * the body, and whatever else stands between the strings; documents one after
 * the other share their paths, as the events of a stream do.
 */
void redact_walk(struct body *b, size_t from, size_t to);

/* Bytes [from,to) as they are, as text. path  0: alone */
void redact_bare(struct body *b, size_t from, size_t to, uint64_t path);

#endif
