/* Numbers of pairs to evidence, evidence to stops; see live_part.h. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "harness/judge/live_part.h"

#define ROW_COUNT LIVE_COUNT
#define ROW_SIZE LIVE_SIZE
#define ROW_SIGN LIVE_SIGN
#define ROW_BLOCK LIVE_BLOCK
#define ROW_HARD LIVE_HARD
#define ROW_SOFT LIVE_SOFT
#define ROW_DRIFT LIVE_DRIFT
const struct live_row live_rows[LIVE_TESTS] = {
#define LIVE_ROW(name, title, unit, kind, class, limit) { #name, title, unit, \
    ROW_##kind, ROW_##class, offsetof(struct limits, limit), \
    GATE_ID_##limit },
#include "harness/judge/live_rows.h"
};

/* A quantile of 95 % is beyond a distance when more than this share is. */
#define TAIL_SHARE 0.05

int
live_is_on(const struct live *l, int test)
{
	return !limits_is_off(&l->o.suite->limits, live_rows[test].gate);
}

int
live_is_hard(const struct live *l, int test)
{
	const enum drift_class drift = l->o.suite->limits.drift;

	switch (live_rows[test].class) {
	case LIVE_HARD:
		return 1;
	case LIVE_DRIFT:
		return drift == DRIFT_HARD ||
		    (drift == DRIFT_AUTO && !l->pins.intended);
	default:
		return 0;
	}
}

double
live_limit(const struct live *l, int test)
{
	double x = limits_at(&l->o.suite->limits, live_rows[test].limit);

	if (test == LIVE_TEST_drift_tail)
		return TAIL_SHARE;
	return strcmp(live_rows[test].unit, "ratio") == 0 ? 1 + x : x;
}

/* ---- alpha ------------------------------------------------------------- */

/*
 * alpha is shared evenly over the tests; half of each share is for what was
 * seen since the start, half for windows: window w has 1 / ((w+1)(w+2)) of
 * that half, which sums to 1.  So all looks at all windows together err with
 * a chance of alpha at most, while a fault that begins in the fortieth window
 * needs some five more discordant pairs than one in the first.
 */
double
live_threshold(const struct live *l, double part)
{
	return -log(l->o.alpha / LIVE_TESTS * part);
}

double
live_window_part(uint64_t w)
{
	return .5 / ((double)(w + 1) * (double)(w + 2));
}

/* ---- one process ------------------------------------------------------- */

static void
proc_add(struct live_proc *x, const struct live_row *row,
    const struct live_pair *p, const struct live_effect *e)
{
	int bits;

	/* every pair counts that could have shown the harm */
	x->pairs++;
	x->differ += p->differ != 0;
	if (isfinite(e->base) && isfinite(e->cand)) {
		x->levels++;
		x->base += e->base;
		x->cand += e->cand;
	}
	if (!isfinite(e->d))
		return;
	if (row->kind == LIVE_COUNT) {
		bits = (int)e->d;
		x->pos += bits == 2;
		x->neg += bits == 1;
		x->both += bits == 3;
		return;
	}
	x->echoed += p->differ && p->echo->ex != NULL;
	x->pos += e->d > 0;
	x->neg += e->d < 0;
	x->sum += e->d;
	x->square += e->d * e->d;
	if (row->kind == LIVE_SIZE)
		stat_symmetry_add(&x->size, e->d);
}

static int
is_of_third(int test)
{
	return test >= LIVE_TEST_changed && test <= LIVE_TEST_citations;
}

static int
is_coverage(int test)
{
	return test == LIVE_TEST_coverage || test == LIVE_TEST_coverage_floor;
}

void
live_tests_add(struct live *l, const struct live_pair *p)
{
	const struct live_effect *e;
	int i;

	for (i = 0; i < LIVE_TESTS; i++) {
		e = &p->of[i];
		if (live_rows[i].kind == LIVE_BLOCK)
			continue;
		/* pairs that could not have shown it are no pairs of it */
		if (is_of_third(i) ? !p->both || p->cached : isnan(e->base))
			continue;
		proc_add(&l->test[i].life, &live_rows[i], p, e);
		proc_add(&l->test[i].window, &live_rows[i], p, e);
	}
}

void
live_tests_alone(struct live *l, const struct live_look *candidate)
{
	struct live_test *t = &l->test[LIVE_TEST_http_5xx];

	t->life.alone++;
	t->window.alone++;
	t->life.alone_bad += candidate->http_5xx != 0;
	t->window.alone_bad += candidate->http_5xx != 0;
}

void
live_tests_window(struct live *l)
{
	int i;

	for (i = 0; i < LIVE_TESTS; i++)
		memset(&l->test[i].window, 0, sizeof(l->test[i].window));
}

/*
 * A 5xx of a request whose partner was not found: nothing tells whether the
 * primary failed, too, so the share itself is held against the limit.  This
 * e-process is that of other requests than the pairs', so their product is
 * one; half of it stays at 1, that a good share here does not excuse pairs.
 */
static double
alone_log(const struct live *l, const struct live_proc *x)
{
	double e;

	if (x->alone == 0)
		return 0;
	e = stat_evalue_above_log(x->alone_bad, x->alone,
	    live_limit(l, LIVE_TEST_http_5xx));
	return fmax(e, 0) - M_LN2 + log1p(exp(-fabs(e)));
}

static double
log_e(const struct live *l, int test, const struct live_proc *x)
{
	double sign = stat_evalue_upper_log(x->pos, x->pos + x->neg), size;

	if (test == LIVE_TEST_http_5xx)
		return sign + alone_log(l, x);
	if (live_rows[test].kind != LIVE_SIZE)
		return sign;
	/* the mean of two e-values is one */
	size = stat_symmetry_log(&x->size);
	return fmax(sign, size) - M_LN2 +
	    log1p(exp(-fabs(sign - size)));
}

/*
 * The effect.  Harm that a third answer shows is known of the pairs that have
 * one; those that differ and have none are like them (which have one is
 * chance), and those that do not differ have none of it.
 */
static double
value_of(int test, const struct live_proc *x)
{
	const double n = (double)(x->pairs + x->alone);
	const double differ = (double)x->differ / n;
	const double net = (double)x->pos - (double)x->neg;

	if (x->pairs + x->alone == 0)
		return NAN;
	if (is_of_third(test)) {
		if (x->differ == 0)
			return 0;
		return x->echoed == 0 ? NAN : differ *
		    (live_rows[test].kind == LIVE_SIGN ? net : x->sum) /
		    (double)x->echoed;
	}
	switch (test) {
	case LIVE_TEST_http_5xx:
		return (double)(x->pos + x->both + x->alone_bad) / n;
	case LIVE_TEST_coverage:
		return (x->base - x->cand) / (double)x->levels;
	case LIVE_TEST_coverage_floor:
		return x->cand / (double)x->levels;
	case LIVE_TEST_cost:
		return x->cand / x->base;
	default:
		return net / n;
	}
}

static int
is_beyond(const struct live *l, int test, double value)
{
	return test == LIVE_TEST_coverage_floor ?
	    value < live_limit(l, test) : value > live_limit(l, test);
}

/* ---- stops ------------------------------------------------------------- */

int64_t
live_wall_now(const struct live *l)
{
	return l->opened_wall_ns + (l->last_ns - l->opened_at_ns);
}

void
live_stop(struct live *l, int test, int hard, const char *why)
{
	struct live_stop *s;

	if (l->n_stops == LIVE_TESTS_MAX)
		return;
	s = &l->stop[l->n_stops++];
	s->test = test;
	s->hard = hard;
	/* pins are looked at before their pair is counted */
	s->pair = test < 0 ? l->pairs + 1 : l->pairs;
	s->wall_ns = live_wall_now(l);
	(void)snprintf(s->why, sizeof(s->why), "%s", why);
}

static void
say_value(char out[32], const struct live_row *row, double v)
{
	if (strcmp(row->unit, "ratio") == 0)
		(void)snprintf(out, 32, "%+.1f %%", 100 * (v - 1));
	else if (strcmp(row->unit, "distance") == 0)
		(void)snprintf(out, 32, "%.3f", v);
	else
		(void)snprintf(out, 32, "%.2f %%", 100 * v);
}

static void
say_why(const struct live *l, int test, const struct live_proc *x,
    int window, char out[LIVE_WORDS_MAX])
{
	const struct live_row *row = &live_rows[test];
	char value[32], limit[32];
	size_t n;

	say_value(value, row, value_of(test, x));
	say_value(limit, row, live_limit(l, test));
	(void)snprintf(out, LIVE_WORDS_MAX, "%s: %s (limit %s); worse on the "
	    "candidate alone in %llu pairs, on the primary alone in %llu, of "
	    "%llu %s", row->title, value, limit, (unsigned long long)x->pos,
	    (unsigned long long)x->neg, (unsigned long long)x->pairs,
	    window ? "in this window" : "since the start");
	if (x->alone == 0)
		return;
	n = strlen(out);
	(void)snprintf(out + n, LIVE_WORDS_MAX - n, "; %llu of %llu without a "
	    "partner", (unsigned long long)x->alone_bad,
	    (unsigned long long)x->alone);
}

static void
judge_one(struct live *l, int test)
{
	struct live_test *t = &l->test[test];
	const struct live_proc *x = NULL;
	char why[LIVE_WORDS_MAX];

	if (log_e(l, test, &t->life) >= live_threshold(l, .5) &&
	    is_beyond(l, test, value_of(test, &t->life)))
		x = &t->life;
	else if (log_e(l, test, &t->window) >=
	    live_threshold(l, live_window_part(l->windows)) &&
	    is_beyond(l, test, value_of(test, &t->window)))
		x = &t->window;
	if (x == NULL)
		return;
	t->stopped = 1;
	say_why(l, test, x, x == &t->window, why);
	live_stop(l, test, live_is_hard(l, test), why);
}

/* Ids are HASH-NUMBER-ARM: equal requests have the same hash. */
static struct live_example *
example_of(struct live *l, const char *id)
{
	const size_t n = strcspn(id, "-");
	size_t i;

	for (i = 0; i < l->n_examples; i++) {
		if (strcspn(l->example[i].id, "-") == n &&
		    strncmp(l->example[i].id, id, n) == 0)
			return &l->example[i];
	}
	return NULL;
}

/* Worst first; of equals the latest. */
static void
sort_in(struct live *l, struct live_example *e)
{
	const struct live_example x = *e;

	for (; e > l->example && e[-1].harm <= x.harm; e--)
		*e = e[-1];
	*e = x;
}

/* The requests that speak loudest for harm, each once. */
static void
keep_example(struct live *l, int test, const char *id, double harm)
{
	struct live_example *e = example_of(l, id);

	if (e != NULL && harm < e->harm) {
		e->n++;
		return;
	}
	if (e == NULL) {
		if (l->n_examples == LIVE_EXAMPLES_MAX &&
		    l->example[LIVE_EXAMPLES_MAX - 1].harm > harm)
			return;
		l->n_examples -= l->n_examples == LIVE_EXAMPLES_MAX;
		e = &l->example[l->n_examples++];
		e->n = 0;
	}
	(void)snprintf(e->id, sizeof(e->id), "%s", id);
	e->test = test;
	e->harm = harm;
	e->n++;
	sort_in(l, e);
}

void
live_tests_example(struct live *l, const struct live_pair *p)
{
	double d, most = 0;
	int i, of = -1;

	for (i = 0; i < LIVE_TESTS; i++) {
		d = p->of[i].d;
		if (live_rows[i].kind == LIVE_COUNT)
			d = d == 2 ? 1 : 0;
		if (i == LIVE_TEST_cost || !(d > most))
			continue;
		most = d;
		of = i;
	}
	if (of >= 0 && p->candidate->ex->id != NULL)
		keep_example(l, of, p->candidate->ex->id, most);
}

void
live_tests_judge(struct live *l)
{
	int i;

	for (i = 0; i < LIVE_TESTS; i++) {
		if (live_rows[i].kind != LIVE_BLOCK && !l->test[i].stopped &&
		    live_is_on(l, i))
			judge_one(l, i);
	}
}

/* ---- the snapshot ------------------------------------------------------ */

void
live_test_look(const struct live *l, int test, struct live_test_status *out)
{
	const struct live_test *t = &l->test[test];
	const double life = log_e(l, test, &t->life) / live_threshold(l, .5);
	const double window = log_e(l, test, &t->window) /
	    live_threshold(l, live_window_part(l->windows));
	const struct live_proc *x = window > life ? &t->window : &t->life;

	out->n = t->life.pairs + t->life.alone;
	out->judged = out->n > 0 && live_is_on(l, test);
	out->value = value_of(test, x);
	out->evidence = fmax(window, life);
	if (t->life.levels == 0 || is_of_third(test))
		return;
	out->base = t->life.base / (double)t->life.levels;
	out->cand = t->life.cand / (double)t->life.levels;
	if (is_coverage(test) && t->life.levels == 0)
		out->judged = 0;
}
