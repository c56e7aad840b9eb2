/* The 95th percentile over cases of how far answers moved, tested by flipping
 * signs within variants. See gate_kind.h. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/gate_part.h"
#include "harness/judge/see.h"
#include "harness/score/cells.h"
#include "harness/stat/stat_replicate.h"

/* The d of all cases, as they are read. */
struct tail {
	struct stat_tail t;
	struct stat_tail_case *c;
	float *d, *all;		/* all: the means of the cases */
	uint32_t *v;
	size_t n_d, max_d;
};

static int
make_room(struct tail *x, size_t more)
{
	size_t max = 2 * (x->n_d + more) + 64;
	float *d;
	uint32_t *v;

	if (x->n_d + more <= x->max_d)
		return RC_OK;
	d = realloc(x->d, max * sizeof(*d));
	if (d == NULL)
		return RC_NOMEM;
	x->d = d;
	v = realloc(x->v, max * sizeof(*v));
	if (v == NULL)
		return RC_NOMEM;
	x->v = v;
	x->max_d = max;
	return RC_OK;
}

static int
take_case(struct tail *x, const struct replica_case *c)
{
	struct stat_tail_case *k = &x->c[x->t.n];
	double sum = 0;
	uint32_t of;
	size_t i;

	if (make_room(x, c->n + 1) != RC_OK)
		return RC_NOMEM;
	k->case_index = c->case_index;
	k->first = x->n_d;
	k->n = replica_drifts(c, x->d + x->n_d, x->v + x->n_d, &of);
	k->of = of;
	if (of == 0)
		return RC_OK;
	assert(x->d != NULL);
	for (i = 0; i < k->n; i++)
		sum += (double)x->d[x->n_d + i];
	x->all[x->t.n_all++] = (float)(sum / of);
	if (k->n == 0)
		return RC_OK;
	x->n_d += k->n;
	x->t.n++;
	return RC_OK;
}

static int
take_all(const struct gate_in *in, struct tail *x, struct err *err)
{
	uint64_t n = cells_n(in->score->cells), i;
	struct replica_case c;
	int rc = RC_OK;

	x->c = malloc(((size_t)n + 1) * sizeof(*x->c));
	x->all = malloc(((size_t)n + 1) * sizeof(*x->all));
	if (x->c == NULL || x->all == NULL)
		return RC_NOMEM;
	replica_case_init(&c);
	for (i = gate_next_case(in, 0, n); i < n && rc == RC_OK;
	    i = gate_next_case(in, i + 1, n)) {
		rc = replicas_get(in->score->replicas, i, &c, err);
		rc = rc > 0 ? take_case(x, &c) : rc;
	}
	replica_case_fini(&c);
	return rc;
}

static void
tail_free(struct tail *x)
{
	free(x->c);
	free(x->d);
	free(x->v);
	free(x->all);
}

static int
by_size(const void *a, const void *b)
{
	const float *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* The percentile's interval, had other questions been asked. */
static void
fill_interval(const struct tail *x, struct result_gate *g,
    struct gate_seen *seen)
{
	size_t n = x->t.n_all, lo, hi;

	qsort(x->all, n, sizeof(*x->all), by_size);
	stat_quantile_ci(n, .95, .95, &lo, &hi);
	g->ci[0] = lo >= 1 ? (double)x->all[lo - 1] : NAN;
	g->ci[1] = hi <= n ? (double)x->all[hi - 1] : NAN;
	stat_quantile_ci(n, .95, 1 - 2 * GATE_STRICT_ALPHA, &lo, &hi);
	seen->bound = hi <= n ? (double)x->all[hi - 1] : NAN;
}

static int
measure(const struct gate_job *job, struct result_gate *g,
    struct gate_seen *seen, struct err *err)
{
	const struct gate_in *in = job->in;
	struct stat_tail_out *out = malloc(sizeof(*out));
	struct tail x = { .n_d = 0 };
	int rc = out == NULL ? RC_NOMEM : RC_OK;

	if (rc == RC_OK && in->score->replicas != NULL)
		rc = take_all(in, &x, err);
	if (rc == RC_OK && x.t.n_all > 0) {
		x.t.c = x.c;
		x.t.d = x.d;
		x.t.v = x.v;
		x.t.per_case = replicas_per_case(in->score->replicas);
		x.t.q = .95;
		x.t.limit = g->limit;
		x.t.draw = gate_trial_draw(in);
		rc = stat_replicate_tail(&x.t, out);
		g->n = x.t.n_all;
		g->test = "replicate permutation of the tail";
		g->value = out->value;
		g->p = out->p;
		fill_interval(&x, g, seen);
		seen->look_p = malloc(sizeof(out->look_p));
		if (seen->look_p == NULL)
			rc = RC_NOMEM;
		else
			memcpy(seen->look_p, out->look_p, sizeof(out->look_p));
	}
	tail_free(&x);
	free(out);
	return rc == RC_NOMEM ? err_set(err, rc, "out of memory") : rc;
}

static int
look(const struct gate_job *job, int b, const struct gate_seen *seen,
    struct result_gate *g)
{
	(void)job;
	if (seen->look_p == NULL)
		return 0;
	g->p = (double)seen->look_p[b];
	g->value = g->p < 1 ? INFINITY : 0;
	return 1;
}

/* .95^59 < .05: the largest is a bound. */
static double
strict_n(const struct gate_row *row, double margin)
{
	(void)row;
	(void)margin;
	return 59;
}

const struct gate_kind gate_kind_tail = {
	.name = "tail", .counts = "cases", .paired = 1, .sees_share = 1,
	.measure = measure,
	.look = look, .strict_n = strict_n, .visible = see_visible_tail,
	.hidden = see_hidden_tail,
	.power = see_power_tail,
};
