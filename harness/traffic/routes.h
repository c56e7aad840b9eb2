/*
 * The kinds of requests in a trace: method and path, with `*` for parts that
 * are ids (numbers, UUIDs, long mixes of letters and digits).  The last of
 * ROUTES_MAX takes all beyond those that have room.
 * One thread at a time.
 */
#ifndef LOCKSTEP_ROUTES_H
#define LOCKSTEP_ROUTES_H

#include <stddef.h>
#include <stdint.h>

#include "harness/base/hist.h"
#include "harness/base/table.h"
#include "harness/traffic/exchange.h"

enum { ROUTES_MAX = 256 };

struct route {
	char *method, *path;	/* "POST", as a path of where.h */
	uint64_t n, answered;	/* exchanges; with a 2xx */
	uint64_t status[6];	/* by their first digit; 0: no answer */
	uint64_t questions;	/* counted by the caller */
	struct hist *total;	/* nanoseconds, of those answered */
};

struct routes {
	struct route v[ROUTES_MAX];
	size_t n;
	struct table table;
	int others;		/* the last one is a mixture */
};

void routes_init(struct routes *r);
void routes_fini(struct routes *r);

/* Counts an exchange. returns its route, or NULL: out of memory */
struct route *routes_add(struct routes *r, const struct exchange *ex);

/* The path of a target with `*` for ids, at most cap bytes with the NUL. */
void routes_path(const char *target, char *out, size_t cap);

#endif
