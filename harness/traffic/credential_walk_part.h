/*
 * Texts within texts of a body, and overwriting findings at their place in the
 * body; private to credential_walk.c, credential_json.c, credential_stream.c,
 * credential_table.c and credential_body.c.
 */
#ifndef LOCKSTEP_CREDENTIAL_WALK_PART_H
#define LOCKSTEP_CREDENTIAL_WALK_PART_H

#include <stddef.h>

#include "harness/traffic/credential.h"
#include "harness/traffic/credential_part.h"

/* A part of a text, and where it stands, in escapes, in the text above. */
struct walk_piece {
	size_t from, end;	/* there */
	size_t at;		/* here: where it begins */
};

/*
 * A text that is looked through.  One within another has that one above it,
 * and is made of one piece of it, or of several when a stream spreads a text
 * over its events.  A place is found by undoing its piece's escapes once
 * more; what is found comes mostly in order, so that each is undone a few
 * times at most.
 */
struct walk {
	const char *p;
	size_t n;
	char *to;		/* of the outermost: what is overwritten, or
				   NULL */
	size_t found;		/* of the outermost */
	struct walk *up;	/* or NULL */
	struct credential_known *known;	/* of the outermost, or NULL */
	enum credential_escape how;
	const struct walk_piece *piece;
	size_t n_pieces;
	size_t k, at, up_at;	/* a place: its piece, here, and above */
	int depth;
	int in_tokens;		/* there is a list of an answer's tokens */
	size_t holder;		/* the end of an object that holds some */
	int jwk;		/* 1: it holds "kty", -1: it does not */
	int grants;		/* the same of "grant_type" */
	size_t held;		/* bytes of the texts above that were copied */
};

/* Bytes [from,end) are a credential: overwritten in the outermost text. */
void walk_gone(struct walk *w, size_t from, size_t end, char with);

/* The place in the outermost text. */
size_t walk_root(struct walk *w, size_t i, struct walk **root);

/* The end of a string whose first byte is at i: at its closing quote, or n. */
size_t walk_string_end(const struct walk *w, size_t i);

/* The first byte from i on that is no blank of JSON, or n. */
size_t walk_blanks(const struct walk *w, size_t i);

/* A JSON document, or a string that is one whole: no prose that only begins
 * with a quote. */
int walk_is_json(const struct walk *w);

/* Looks through any text: JSON by its members and strings, and whatever has
 * the shape of a secret. */
void walk_text(struct walk *w);

/* Bytes [i,end) of a text, in escapes, as a text of their own. */
void walk_within(struct walk *w, size_t i, size_t end,
    enum credential_escape how);

/* A value that is in no escapes: a token, an address, JSON in base64. */
void walk_flat(struct walk *w, size_t i, size_t end);

/*
 * The texts that a stream spreads over its events, each as one: strings that
 * the same names lead to, and what "data:" lines hold that is no JSON.
 */
void walk_stream(struct walk *w);

/* Columns of a table of comma-separated values, in bytes [i,end), whose head
 * names a credential. */
void walk_table(struct walk *w, size_t i, size_t end);

/* Whether a value, escapes undone, holds an address or token with one. */
int walk_hides(const char *p, size_t n);

#endif
