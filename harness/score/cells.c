/* Cells in memory or in a file; see cells.h. */
#include "harness/score/cells.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/tmpfile.h"

enum { WINDOW = 64 };		/* cells read at a time from a file */

struct cells {
	uint64_t n;
	struct cell *v;		/* NULL: they are in the file */
	int fd;
	unsigned long serial;	/* tells this array from a freed one */
};

/* What a thread last read of a file. */
static _Thread_local struct {
	unsigned long serial;
	uint64_t from;
	struct cell v[WINDOW];
} window;

static atomic_ulong serials;

static void
arm_init(struct cell_arm *a)
{
	int i;

	for (i = 0; i < METRIC_N; i++)
		a->m[i] = NAN;
	for (i = 0; i < LAMBDA_GRADES; i++)
		a->graded[i] = NAN;
	a->convergence = a->flip_rate = a->refusal = a->variance_ratio = NAN;
}

void
cell_init(struct cell *c, uint64_t case_index)
{
	int i;

	memset(c, 0, sizeof(*c));
	c->case_index = case_index;
	arm_init(&c->arm[0]);
	arm_init(&c->arm[1]);
	c->drift = c->ds_answer = c->floor_b = c->floor_c = NAN;
	c->order = c->ln_latency = NAN;
	for (i = 0; i < SCORER_METRICS_MAX; i++)
		c->scored[0][i] = c->scored[1][i] = NAN;
}

static int
write_cells(const struct cells *cs, const struct cell *v, size_t n,
    struct err *err)
{
	off_t at = (off_t)(v->case_index * sizeof(*v));

	return tmpfile_write(cs->fd, v, n * sizeof(*v), at, err);
}

static int
fill(struct cells *cs, struct err *err)
{
	struct cell part[WINDOW];
	uint64_t i, k;
	int rc = RC_OK;

	for (i = 0; i < cs->n && cs->v != NULL; i++)
		cell_init(&cs->v[i], i);
	for (; i < cs->n && rc == RC_OK; i += k) {
		for (k = 0; k < WINDOW && i + k < cs->n; k++)
			cell_init(&part[k], i + k);
		rc = write_cells(cs, part, (size_t)k, err);
	}
	return rc;
}

int
cells_new(uint64_t n, uint64_t in_memory, struct cells **out,
    struct err *err)
{
	struct cells *cs = calloc(1, sizeof(*cs));
	int rc;

	*out = NULL;
	if (cs == NULL)
		return err_set(err, RC_NOMEM, "out of memory for cells");
	cs->n = n;
	cs->fd = -1;
	cs->serial = atomic_fetch_add(&serials, 1) + 1;
	if (n <= (in_memory == 0 ? CELLS_IN_MEMORY : in_memory)) {
		cs->v = malloc((size_t)(n + 1) * sizeof(*cs->v));
		rc = cs->v != NULL ? RC_OK :
		    err_set(err, RC_NOMEM, "out of memory for cells");
	} else {
		rc = tmpfile_open(&cs->fd, err);
	}
	if (rc == RC_OK)
		rc = fill(cs, err);
	if (rc != RC_OK) {
		cells_free(cs);
		return rc;
	}
	*out = cs;
	return RC_OK;
}

void
cells_free(struct cells *cs)
{
	if (cs == NULL)
		return;
	if (cs->fd >= 0)
		(void)close(cs->fd);
	free(cs->v);
	free(cs);
}

int
cells_put(struct cells *cs, const struct cell *c, struct err *err)
{
	assert(c->case_index < cs->n);
	if (cs->v == NULL) {
		if (window.serial == cs->serial)
			window.serial = 0;	/* it may hold this one */
		return write_cells(cs, c, 1, err);
	}
	cs->v[c->case_index] = *c;
	return RC_OK;
}

uint64_t
cells_n(const struct cells *cs)
{
	return cs->n;
}

const struct cell *
cells_get(const struct cells *cs, uint64_t i)
{
	size_t want;

	assert(i < cs->n);
	if (cs->v != NULL)
		return &cs->v[i];
	if (window.serial != cs->serial || i < window.from ||
	    i >= window.from + WINDOW) {
		window.from = i - i % WINDOW;
		want = cs->n - window.from < WINDOW ?
		    (size_t)(cs->n - window.from) : WINDOW;
		if (tmpfile_read(cs->fd, window.v, want * sizeof(struct cell),
		    (off_t)(window.from * sizeof(struct cell)), NULL) !=
		    RC_OK) {
			/* our own file, written and never cut: a machine
			 * that cannot read it back cannot go on */
			perror("lockstep: scratch file");
			abort();
		}
		window.serial = cs->serial;
	}
	return &window.v[i - window.from];
}
