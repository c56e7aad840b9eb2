/* The snapshot of a live comparison; see live_part.h. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "harness/judge/live_part.h"

static enum live_verdict
verdict_of(const struct live *l)
{
	size_t i;
	enum live_verdict v = l->windows > 0 ? LIVE_HEALTHY : LIVE_WATCHING;

	for (i = 0; i < l->n_stops; i++) {
		if (l->stop[i].hard)
			return LIVE_HARD_STOP;
		v = LIVE_SOFT_STOP;
	}
	return v;
}

enum live_verdict
live_verdict(struct live *l)
{
	enum live_verdict v;

	(void)pthread_mutex_lock(&l->lock);
	v = verdict_of(l);
	(void)pthread_mutex_unlock(&l->lock);
	return v;
}

/* The first stop that makes the verdict what it is. */
static void
say_reason(const struct live *l, struct live_status *s)
{
	const int hard = s->verdict == LIVE_HARD_STOP;
	size_t i;

	for (i = 0; i < l->n_stops; i++) {
		if (!hard || l->stop[i].hard) {
			(void)snprintf(s->reason, sizeof(s->reason), "%s",
			    l->stop[i].why);
			return;
		}
	}
	if (s->verdict == LIVE_HEALTHY)
		(void)snprintf(s->reason, sizeof(s->reason), "no harm found "
		    "in %llu pairs, %llu full windows", (unsigned long long)
		    l->pairs, (unsigned long long)l->windows);
	else
		(void)snprintf(s->reason, sizeof(s->reason), "%llu of %llu "
		    "pairs of the first window", (unsigned long long)
		    l->window_pairs, (unsigned long long)l->o.window_pairs);
}

static double
quantile(const struct hist *h, double q)
{
	int64_t v = hist_quantile(h, q);

	return v < 0 ? NAN : (double)v;
}

static void
look_at_arms(const struct live *l, struct live_status *s)
{
	int i;

	for (i = 0; i < 3; i++) {
		s->arm[i].sent = l->sent[i];
		s->arm[i].answered = l->answered[i];
		memcpy(s->arm[i].outcomes, l->outcomes[i],
		    sizeof(s->arm[i].outcomes));
		s->arm[i].p50_ns = quantile(l->time.life[i], .5);
		s->arm[i].p95_ns = quantile(l->time.life[i], .95);
		s->arm[i].p99_ns = quantile(l->time.life[i], .99);
	}
}

static void
look_at_tests(const struct live *l, struct live_status *s)
{
	struct live_test_status *t;
	size_t k;
	int i;

	for (i = 0; i < LIVE_TESTS; i++) {
		t = &s->test[s->n_tests++];
		t->name = live_rows[i].name;
		t->title = live_rows[i].title;
		t->unit = live_rows[i].unit;
		t->hard = live_is_hard(l, i);
		t->limit = live_limit(l, i);
		t->stopped = l->test[i].stopped;
		t->value = t->base = t->cand = t->lo = t->hi = NAN;
		if (live_rows[i].kind == LIVE_BLOCK)
			live_time_look(l, i, t);
		else
			live_test_look(l, i, t);
		for (k = 0; k < l->n_stops; k++) {
			if (l->stop[k].test == i)
				memcpy(t->why, l->stop[k].why,
				    sizeof(t->why));
		}
	}
}

static void
look_at_pins(const struct live *l, struct live_status *s)
{
	const struct live_pin *x;
	struct live_pin_status *p;
	size_t i;

	for (i = 0; i < l->pins.n; i++) {
		x = &l->pins.v[i];
		p = &s->pin[s->n_pins++];
		memcpy(p->name, x->name, sizeof(p->name));
		memcpy(p->baseline, x->value[0], sizeof(p->baseline));
		memcpy(p->candidate, x->value[1], sizeof(p->candidate));
		p->differs = strcmp(x->value[0], x->value[1]) != 0;
		p->drifted = x->other[0] + x->other[1] > 0;
	}
}

static void
look_at_counts(const struct live *l, struct live_status *s)
{
	(void)snprintf(s->suite, sizeof(s->suite), "%s", l->o.suite->name);
	s->started_wall_ns = l->began_wall_ns;
	s->now_wall_ns = live_wall_now(l);
	s->pairs = l->pairs;
	s->alone = l->alone;
	s->compared = l->compared;
	s->differ = l->differ;
	s->echoes = l->echoes;
	s->cached_echoes = l->cached;
	s->floor = l->echoes == 0 ? NAN : (double)l->self_differ /
	    (double)l->echoes;
	s->windows = l->windows;
	s->window_pairs = l->window_pairs;
	s->window_length = l->o.window_pairs;
	s->seconds = l->last_ns < 0 ? 0 : (double)l->last_ns / 1e9;
	s->window_seconds = l->last_ns < 0 ? 0 :
	    (double)(l->last_ns - l->window_at_ns) / 1e9;
	s->window_seconds_length = (double)l->o.window_ns / 1e9;
	s->alpha = l->o.alpha;
	s->resumed = l->resumed;
}

void
live_status(struct live *l, struct live_status *s)
{
	memset(s, 0, sizeof(*s));
	(void)pthread_mutex_lock(&l->lock);
	s->verdict = verdict_of(l);
	say_reason(l, s);
	look_at_counts(l, s);
	look_at_arms(l, s);
	look_at_tests(l, s);
	look_at_pins(l, s);
	memcpy(s->stop, l->stop, sizeof(s->stop));
	s->n_stops = l->n_stops;
	memcpy(s->example, l->example, sizeof(s->example));
	s->n_examples = l->n_examples;
	(void)pthread_mutex_unlock(&l->lock);
}
