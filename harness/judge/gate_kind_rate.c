/* The share of requests that failed: McNemar on pairs of first attempts
 * against the baseline, exact binomial without one.  See gate_kind.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/gate_part.h"
#include "harness/judge/gate_sight.h"
#include "harness/judge/see.h"
#include "harness/score/cells.h"
#include "harness/stat/stat.h"
#include "harness/stat/stat_blocks.h"
#include "harness/stat/stat_dist.h"

/* What became of requests, of the kind that a row names. */
struct rates {
	uint64_t b_only, c_only;	/* pairs in error on one arm alone */
	uint64_t sent[2], bad[2];	/* first attempts of each arm */
};

static void
count(const struct gate_in *in, const struct gate_row *row, struct rates *r)
{
	uint64_t n = cells_n(in->score->cells), i;
	const uint16_t *pairs;
	uint16_t bad[2];
	int a;

	*r = (struct rates){ .b_only = 0 };
	for (i = gate_next_case(in, 0, n); i < n;
	    i = gate_next_case(in, i + 1, n)) {
		const struct cell *c = cells_get(in->score->cells, i);

		row->how->bad(c, &pairs, bad);
		r->b_only += pairs[0];
		r->c_only += pairs[1];
		for (a = 0; a < 2; a++) {
			r->sent[a] += c->arm[a].n;
			r->bad[a] += bad[a];
		}
	}
}

/* A request of one arm alone that failed by what the row is of. */
static int
counts(const struct gate_job *job, const struct score_error *e)
{
	const struct gate_how *how = job->row->how;

	return !e->both && gate_looks_at(job->in, e->case_index) &&
	    (how->cause == 0 || how->cause == e->cause);
}

/*
 * How long an error can draw others into its event: a refused connection as
 * long as it lasts.  Requests that time out overlap because each takes its
 * whole deadline, a twentieth of all of them, too: of these only what was
 * under way when a machine stood still, sent within a moment, is one event.
 */
#define TIMEOUT_MOMENT_NS (25 * INT64_C(1000000))

static struct stat_span
span_of(const struct score_error *e)
{
	struct stat_span s = { e->from_ns, e->to_ns, e->arm, e->cause,
		e->cause == (int)OUTCOME_HTTP_429 };

	if (e->cause == (int)OUTCOME_TIMEOUT &&
	    s.to_ns > s.from_ns + TIMEOUT_MOMENT_NS)
		s.to_ns = s.from_ns + TIMEOUT_MOMENT_NS;
	return s;
}

/* Whether a service that is down or overloaded for a while gives this to
 * all who ask meanwhile. What an answer says by itself counts each time. */
static int
lasts(int cause)
{
	switch ((enum outcome)cause) {
	case OUTCOME_HTTP_5XX:
	case OUTCOME_HTTP_429:
	case OUTCOME_TIMEOUT:
	case OUTCOME_RESET:
	case OUTCOME_TLS:
	case OUTCOME_PROTOCOL:
	case OUTCOME_SHED:
	case OUTCOME_UNREACHABLE:
		return 1;
	default:
		return 0;
	}
}

static int
by_time(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* When the plan's pairs were sent that both arms answered. */
static int
answered(const struct gate_job *job, int64_t **at_ns,
    struct stat_answered *out)
{
	const struct score_pairs *p = &job->in->score->pairs;
	size_t n = p->planned < p->n ? p->planned : p->n;

	*out = (struct stat_answered){ .n = n, .stand_for = n == 0 ? 1 :
		(double)(p->seen - (p->n - n)) / (double)n };
	*at_ns = malloc((n + 1) * sizeof(**at_ns));
	if (*at_ns == NULL)
		return RC_NOMEM;
	if (n > 0) {
		memcpy(*at_ns, p->at_ns, n * sizeof(**at_ns));
		qsort(*at_ns, n, sizeof(**at_ns), by_time);
		out->span_ns = (*at_ns)[n - 1] - (*at_ns)[0];
	}
	out->at_ns = *at_ns;
	return RC_OK;
}

/*
 * Errors of one arm that overlap in time and carry one cause that lasts are
 * one event: a restart is not a hundred errors.  Where not all of them are
 * told apart, each counts by itself.
 */
static int
count_events(const struct gate_job *job, struct rates *r)
{
	const struct score_errors *all = &job->in->score->errors;
	struct stat_answered good;
	struct stat_span *v;
	uint32_t *event;
	int64_t *at_ns = NULL;
	uint64_t of[2] = { 0, 0 };
	size_t i, n = 0;
	int rc;

	if (all->n == 0 || all->seen > all->n)
		return RC_OK;
	v = malloc(all->n * sizeof(*v));
	event = malloc(all->n * sizeof(*event));
	for (i = 0; v != NULL && i < all->n; i++) {
		if (!counts(job, &all->v[i]))
			continue;
		if (lasts(all->v[i].cause))
			v[n++] = span_of(&all->v[i]);
		else
			of[all->v[i].arm]++;
	}
	rc = v == NULL || event == NULL ? RC_NOMEM :
	    answered(job, &at_ns, &good);
	/* a recording's times are another clock's */
	if (rc == RC_OK)
		rc = job->in->latency ? stat_outages(v, n, &good, event) :
		    stat_events(v, n, event);
	for (i = 0; i < n && rc >= 0; i++)
		of[v[i].arm] += event[i] == i;
	free(v);
	free(event);
	free(at_ns);
	if (rc < 0)
		return rc;
	r->b_only = of[0];
	r->c_only = of[1];
	return RC_OK;
}

static void
fill_paired(const struct gate_job *job, const struct rates *r,
    struct result_gate *g, struct gate_seen *seen)
{
	struct stat_design d = { gate_alpha(job->in, job->row), g->limit, 0 };

	g->base = r->sent[0] == 0 ? NAN :
	    (double)r->bad[0] / (double)r->sent[0];
	g->test = "McNemar, exact, on events";
	g->p = stat_mcnemar(r->c_only, r->b_only, STAT_GREATER);
	if (r->sent[0] > 0)
		d.sd = (double)r->b_only / (double)r->sent[0];
	g->visible = stat_visible_mcnemar(&d, (size_t)r->sent[1], GATE_SURE);
	if (job->row->class != GATE_HARD)
		d.alpha = job->in->limits->inconclusive_p;
	g->hides = stat_visible_mcnemar(&d, (size_t)r->sent[1],
	    1 - GATE_HIDDEN);
	if (!isfinite(g->hides))
		g->hides = NAN;
	seen->events[0] = r->b_only;
	seen->events[1] = r->c_only;
}

static int
measure(const struct gate_job *job, struct result_gate *g,
    struct gate_seen *seen, struct err *err)
{
	struct stat_test t;
	struct rates r;
	double lo;

	count(job->in, job->row, &r);
	/* a baseline that was not asked explains nothing */
	if (r.sent[1] == 0 || (job->in->paired && r.sent[0] == 0))
		return RC_OK;
	g->n = r.sent[1];
	g->cand = g->value = (double)r.bad[1] / (double)r.sent[1];
	stat_wilson(r.bad[1], r.sent[1], .95, &g->ci[0], &g->ci[1]);
	g->noise = (g->ci[1] - g->ci[0]) / 2;
	stat_wilson(r.bad[1], r.sent[1], 1 - 2 * GATE_STRICT_ALPHA, &lo,
	    &seen->bound);
	seen->units = (size_t)r.sent[1];
	if (job->in->paired) {
		if (count_events(job, &r) != RC_OK)
			return err_set(err, RC_NOMEM, "out of memory");
		fill_paired(job, &r, g, seen);
		stat_paired_share(r.c_only, r.b_only, r.sent[1], .95,
		    STAT_GREATER, &t);
	} else {
		/* Alone, chance must not explain the rate. */
		g->test = "binomial, exact";
		g->p = dist_binom_upper(r.sent[1], r.bad[1], g->limit);
		stat_paired_share(r.bad[1], 0, r.sent[1], .95, STAT_GREATER,
		    &t);
	}
	seen->sd = stat_sd_of(&t);
	return RC_OK;
}

/* Pairs that failed on one arm alone, by the coin that relabeling is. */
static int
look(const struct gate_job *job, int b, const struct gate_seen *seen,
    struct result_gate *g)
{
	uint64_t all = seen->events[0] + seen->events[1], c = 0, i;
	double moved, n = (double)seen->units;

	if (!isfinite(g->base))
		return 0;
	for (i = 0; i < all; i++)
		c += gate_trial_coin(job->in, job->row, b, i);
	moved = ((double)c - (double)seen->events[1]) / n;
	g->value += moved;
	g->p = stat_mcnemar(c, all - c, STAT_GREATER);
	return 1;
}

/* Wilson's end at 0 of n: z^2 / (n + z^2). */
static double
strict_n(const struct gate_row *row, double margin)
{
	static const double z = 1.644854;	/* one-sided 95 % */

	(void)row;
	return ceil(z * z * (1 - margin) / margin);
}

const struct gate_kind gate_kind_rate = {
	.name = "rate", .counts = "requests", .of_items = 1, .alone = 1,
	.paired = 1, .measure = measure, .look = look, .strict_n = strict_n,
	.spread = see_spread_rate, .visible = see_visible_rate,
	.hidden = see_hidden_rate, .power = see_power_rate,
};
