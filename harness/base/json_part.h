/*
 * Private to json*.c: the nodes that values are made of.
 *
 * A number keeps its text as written, a string its length. A member with a
 * later member of the same name stays in the list, so that duplicates can be
 * found, but all readers skip it.
 */
#ifndef LOCKSTEP_JSON_PART_H
#define LOCKSTEP_JSON_PART_H

#include "harness/base/json.h"

enum {
	NODE_OWN_KEY = 1,	/* the key has memory of its own */
	NODE_OUTDONE = 2,	/* by a later member of that name */
	NODE_TWICE = 4		/* it holds one that is outdone */
};

struct json {
	struct json *next;
	const char *key;	/* NULL: no member of an object */
	union {
		struct {
			struct json *first, *last;	/* arrays, objects */
		};
		const char *text;	/* strings, numbers; and a NUL */
	};
	uint32_t key_n, key_hash;
	uint32_t n;		/* children that count, bytes of the text, or
				   the truth of a bool */
	uint8_t kind, flags;
};

static inline void
json_append(struct json *to, struct json *c)
{
	c->next = NULL;
	if (to->last == NULL)
		to->first = c;
	else
		to->last->next = c;
	to->last = c;
	to->n++;
}

/* Where a value, and its key, begin in the text; value_at is the key's too
 * where there is none. */
typedef int json_seen_fn(void *ctx, const struct json *j, size_t key_at,
    size_t value_at);

/* json_parse(), calling seen for every value in the order of the text; what
 * it returns but RC_OK ends the parse. */
struct json *json_parse_seen(const char *text, size_t n, json_seen_fn *seen,
    void *ctx, struct err *err);

/* "line 3, column 8: not valid JSON: a colon is missing" */
int json_err(struct err *err, size_t line, size_t column, const char *why);

/* Line and column of text[at], both from 1, counted on from where they are. */
void json_place(const char *text, size_t at, size_t *line, size_t *column);

/* A member's key and its colon. */
void json_write_key(struct buf *b, const struct json *m);

/* A cheap hash of a key; equal keys have equal ones. */
uint32_t json_key_hash(const char *key, size_t n);

#endif
