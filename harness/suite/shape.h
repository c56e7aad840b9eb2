/*
 * The common shape of several JSON documents: for every pointer (`*` for the
 * elements of a list), how many have it, and its values. Bounded: pointers
 * beyond SHAPE_NODES_MAX and values nested deeper than SHAPE_DEPTH are
 * ignored. One thread at a time.
 */
#ifndef LOCKSTEP_SHAPE_H
#define LOCKSTEP_SHAPE_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/json.h"
#include "harness/base/table.h"

enum { SHAPE_NODES_MAX = 2048, SHAPE_DEPTH = 16, SHAPE_VALUES = 512 };

struct shape_node {
	char *path;
	size_t docs;		/* that have it */
	size_t n;		/* values, in all of them */
	size_t texts, numbers, bools, objects, lists, nulls;
	size_t bytes;		/* of the texts */
	size_t spaced;		/* texts of two words or more */
	size_t urls;		/* that begin with http */
	size_t elements, most;	/* of lists: in all, in one */
	size_t falling, pairs;	/* of numbers in a list: each beside the one
				   before it */
	double last;		/* the number before */
	uint64_t *values;	/* hashes of scalars, sorted not at all */
	size_t n_values;	/* different ones, at most SHAPE_VALUES */
	char *first;		/* the first scalar as text */
	size_t last_doc;	/* private */
};

struct shape {
	struct table table;
	struct shape_node *v;
	size_t n, cap;
	size_t docs;
	char path[2048];	/* private */
	int nomem;
};

void shape_init(struct shape *s);
void shape_fini(struct shape *s);

/* Counts a document; with same_doc != 0 it is more of the last one (the
 * events of a stream). */
void shape_add(struct shape *s, const struct json *doc, int same_doc);

/* returns the node of a pointer, or NULL */
const struct shape_node *shape_find(const struct shape *s, const char *path);

/* Whether a value (by its text) is one of those that a node has. */
int shape_has(const struct shape_node *n, uint64_t hash);

#endif
