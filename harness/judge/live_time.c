/*
 * Latency by blocks of time (METRICS 4), live.  Blocks of ten widths, 0.5 s
 * and its doublings, are summed side by side; judged is one width: the first
 * that is four median latencies or more, raised whenever neighbouring blocks
 * of it are correlated, never lowered.  Each raise halves what is left of
 * alpha, so that all widths together keep within it.  See live_part.h.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/judge/live_part.h"
#include "harness/stat/stat_blocks.h"

enum { WARM_PAIRS = 40, WINDOW_BLOCKS = 64, BODY = 0, TAIL = 1 };

static double
width_ns(int level)
{
	return STAT_BLOCK_NS * (double)(1 << level);
}

int
live_time_init(struct live_time *t, struct err *err)
{
	int i;

	memset(t, 0, sizeof(*t));
	for (i = 0; i < LIVE_LEVELS; i++)
		t->level[i].at = -1;
	for (i = 0; i < 3; i++)
		t->life[i] = hist_new();
	for (i = 0; i < 2; i++)
		t->window[i] = hist_new();
	for (i = 0; i < 5; i++) {
		if ((i < 3 ? t->life[i] : t->window[i - 3]) == NULL)
			return err_set(err, RC_NOMEM, "out of memory");
	}
	return RC_OK;
}

void
live_time_fini(struct live_time *t)
{
	int i;

	for (i = 0; i < 3; i++)
		hist_free(t->life[i]);
	for (i = 0; i < 2; i++)
		hist_free(t->window[i]);
}

/* ---- limits ------------------------------------------------------------ */

/* The margin, raised to what a rise of the floor's nanoseconds is. */
static double
limit_of(const struct live *l, int series)
{
	const struct limits *m = &l->o.suite->limits;
	const double q = series == BODY ? .5 : .95;
	const double floor_ns = series == BODY ? m->latency_body_floor_ns :
	    m->latency_p95_floor_ns;
	const int64_t at = hist_quantile(l->time.life[0], q);
	double limit = live_limit(l, series == BODY ?
	    LIVE_TEST_latency_body : LIVE_TEST_latency_p95);

	if (at > 0)
		limit = fmax(limit, 1 + floor_ns / (double)at);
	return limit;
}

/* ln of the ratio that the tests are of: half the margin, as the gates. */
static double
floor_of(const struct live *l, int series)
{
	return log(1 + (limit_of(l, series) - 1) / 2);
}

/* ---- blocks ------------------------------------------------------------ */

static void
series_add(struct live_series *s, double d, double shown)
{
	stat_symmetry_add(&s->life, d);
	stat_symmetry_add(&s->window, d);
	s->of.n++;
	s->of.sum += shown;
	s->of.square += shown * shown;
	s->of_window.n++;
	s->of_window.sum += shown;
	s->of_window.square += shown * shown;
}

static void
close_block(const struct live *l, struct live_level *v)
{
	double mean = v->open_sum / (double)v->open_n;

	if (v->n > 0)
		v->cross += v->last * mean;
	v->n++;
	v->window_n++;
	v->sum += mean;
	v->square += mean * mean;
	v->last = mean;
	series_add(&v->series[BODY], mean - floor_of(l, BODY), mean);
	series_add(&v->series[TAIL], v->open_net,
	    v->open_net / (double)v->open_n);
	v->open_n = 0;
	v->open_sum = v->open_net = 0;
}

static void
level_add(struct live *l, int i, int64_t at_ns, double ln, int net)
{
	struct live_level *v = &l->time.level[i];
	int64_t at = at_ns / (int64_t)width_ns(i);

	/* what comes late counts to the block that is open */
	if (at > v->at && v->open_n > 0) {
		close_block(l, v);
		l->time.closed |= i == l->time.chosen;
	}
	if (at > v->at)
		v->at = at;
	v->open_n++;
	v->open_sum += ln;
	v->open_net += net;
}

void
live_time_add(struct live *l, int64_t at_ns, double base_ns, double cand_ns)
{
	struct live_time *t = &l->time;
	double ln = log(cand_ns / base_ns);
	double slow = (double)hist_quantile(t->life[0], .95);
	int i, net = 0;

	t->pairs++;
	if (t->pairs > WARM_PAIRS) {
		/* slow by what was known before this pair */
		net = (cand_ns / exp(floor_of(l, TAIL)) > slow) -
		    (base_ns > slow);
		ln = fmax(-STAT_BLOCK_CLIP, fmin(STAT_BLOCK_CLIP, ln));
		for (i = 0; i < LIVE_LEVELS; i++)
			level_add(l, i, at_ns, ln, net);
	}
	hist_add(t->life[0], (int64_t)base_ns);
	hist_add(t->life[1], (int64_t)cand_ns);
	hist_add(t->window[0], (int64_t)base_ns);
	hist_add(t->window[1], (int64_t)cand_ns);
}

/* ---- which width ------------------------------------------------------- */

/* Of neighbouring blocks; 0 where there are too few, or no spread. */
static double
correlation(const struct live_level *v)
{
	const double n = (double)v->n, mean = v->sum / n;
	const double var = v->square / n - mean * mean;

	if (v->n < 8 || !(var > 0))
		return 0;
	return (v->cross / (n - 1) - mean * mean) / var;
}

static void
choose(struct live_time *t)
{
	const struct live_level *v;
	const double median = (double)hist_quantile(t->life[0], .5);

	while (t->chosen < LIVE_LEVELS - 1 && width_ns(t->chosen) < 4 * median)
		t->chosen++;
	v = &t->level[t->chosen];
	/* looked at whenever the number of blocks has doubled, and so two
	 * standard errors instead of one: many looks would find one */
	if (t->chosen < LIVE_LEVELS - 1 && v->n >= STAT_BLOCKS_MIN &&
	    (v->n & (v->n - 1)) == 0 &&
	    correlation(v) > 2 / sqrt((double)v->n)) {
		t->chosen++;
		t->grown++;
	}
}

static void
new_windows(struct live_time *t)
{
	struct live_level *v = &t->level[t->chosen];
	int i;

	if (v->window_n < WINDOW_BLOCKS)
		return;
	for (i = 0; i < LIVE_SERIES; i++) {
		memset(&v->series[i].window, 0, sizeof(v->series[i].window));
		memset(&v->series[i].of_window, 0,
		    sizeof(v->series[i].of_window));
	}
	v->window_n = 0;
	v->windows++;
	for (i = 0; i < 2; i++)
		hist_reset(t->window[i]);
}

/* ---- judging ----------------------------------------------------------- */

static int
series_of(int test)
{
	return test == LIVE_TEST_latency_body ? BODY : TAIL;
}

/* The ratio that a process speaks of. */
static double
value_of(const struct live *l, int series, int window)
{
	const struct live_time *t = &l->time;
	const struct live_series *s = &t->level[t->chosen].series[series];
	const struct stat_moments_sum *of = window ? &s->of_window : &s->of;
	const int64_t base = hist_quantile(window ? t->window[0] : t->life[0],
	    .95);
	const int64_t cand = hist_quantile(window ? t->window[1] : t->life[1],
	    .95);

	if (series == TAIL)
		return base <= 0 ? NAN : (double)cand / (double)base;
	return of->n == 0 ? NAN : exp(of->sum / (double)of->n);
}

static double
share_of_alpha(const struct live_time *t, int window)
{
	double part = window ?
	    live_window_part(t->level[t->chosen].windows) : .5;

	return part / (double)(1 << (t->grown + 1));
}

static double
evidence(const struct live *l, int test, int window)
{
	const struct live_time *t = &l->time;
	const struct live_series *s =
	    &t->level[t->chosen].series[series_of(test)];

	return stat_symmetry_log(window ? &s->window : &s->life) /
	    live_threshold(l, share_of_alpha(t, window));
}

static void
judge_one(struct live *l, int test)
{
	const struct live_level *v = &l->time.level[l->time.chosen];
	const int series = series_of(test);
	char why[LIVE_WORDS_MAX];
	double value;
	int window;

	for (window = 0; window < 2; window++) {
		value = value_of(l, series, window);
		if (evidence(l, test, window) < 1 ||
		    !(value > limit_of(l, series)))
			continue;
		l->test[test].stopped = 1;
		(void)snprintf(why, sizeof(why), "%s: %+.1f %% (limit %+.1f "
		    "%%) over %llu blocks of %.1f s %s",
		    live_rows[test].title, 100 * (value - 1),
		    100 * (limit_of(l, series) - 1), (unsigned long long)
		    (window ? v->window_n : v->n),
		    width_ns(l->time.chosen) / 1e9,
		    window ? "in this window" : "since the start");
		live_stop(l, test, live_is_hard(l, test), why);
		return;
	}
}

void
live_time_judge(struct live *l)
{
	struct live_time *t = &l->time;
	const uint64_t least = t->grown > 0 ? STAT_BLOCKS_GROWN_MIN :
	    STAT_BLOCKS_MIN;
	int i;

	if (!t->closed)
		return;
	t->closed = 0;
	choose(t);
	/* no stop while neighbours may not be independent: the rule of METRICS
	 * for one look, at the look that decides */
	if (t->level[t->chosen].n < least ||
	    correlation(&t->level[t->chosen]) >
	    1 / sqrt((double)t->level[t->chosen].n))
		return;
	for (i = 0; i < LIVE_TESTS; i++) {
		if (live_rows[i].kind == LIVE_BLOCK && !l->test[i].stopped &&
		    live_is_on(l, i))
			judge_one(l, i);
	}
	new_windows(t);
}

void
live_time_look(const struct live *l, int test, struct live_test_status *out)
{
	const struct live_time *t = &l->time;
	const struct live_level *v = &t->level[t->chosen];
	const int series = series_of(test);
	const int window = evidence(l, test, 1) > evidence(l, test, 0);

	out->n = v->n;
	out->judged = v->n >= STAT_BLOCKS_MIN && live_is_on(l, test);
	out->value = value_of(l, series, window);
	out->limit = limit_of(l, series);
	out->evidence = evidence(l, test, window);
	out->base = (double)hist_quantile(t->life[0], series ? .95 : .5);
	out->cand = (double)hist_quantile(t->life[1], series ? .95 : .5);
	if (series == TAIL || v->n == 0)
		return;
	stat_symmetric_cs(&v->series[BODY].of, 4, .05, &out->lo, &out->hi);
	out->lo = exp(out->lo);
	out->hi = exp(out->hi);
}
