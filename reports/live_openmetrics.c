/* /metrics of a live comparison, in OpenMetrics text; see live.h. */
#include "reports/live.h"

#include <stddef.h>

#include "reports/prom.h"

static const char *const arms[3] = { "primary", "candidate", "echo" };

static void
one(const struct prom *m, const char *name, const char *help, double v)
{
	prom_family(m, name, "gauge", help);
	prom_sample(m, name, NULL, NULL, v);
}

/* A counter's samples end in _total, its family does not. */
static void
total(const struct prom *m, const char *name, const char *help,
    uint64_t v)
{
	prom_family(m, name, "counter", help);
	prom_begin(m, name, "_total");
	prom_value(m, (double)v);
}

static void
put_verdict(const struct prom *m, const struct live_status *s)
{
	int v;

	prom_family(m, "verdict", "stateset", "What the live comparison says.");
	for (v = 0; v < LIVE_VERDICTS; v++)
		prom_sample(m, "verdict", "lockstep_live_verdict",
		    live_verdict_name((enum live_verdict)v),
		    s->verdict == (enum live_verdict)v);
	one(m, "verdict_code", "0 watching, 1 healthy, 2 soft stop, "
	    "3 hard stop.", s->verdict);
}

static void
put_counts(const struct prom *m, const struct live_status *s)
{
	total(m, "pairs", "Pairs that both arms were asked.", s->pairs);
	total(m, "unpaired", "Answers of the candidate without a "
	    "partner.", s->alone);
	total(m, "compared", "Pairs that both arms answered.",
	    s->compared);
	total(m, "differ", "Pairs whose answers differ.", s->differ);
	total(m, "echoes", "Pairs whose primary was asked again.",
	    s->echoes);
	total(m, "cached_echoes", "Echoes that came from a cache.",
	    s->cached_echoes);
	total(m, "windows", "Full windows.", s->windows);
	one(m, "window_pairs", "Pairs in the open window.",
	    (double)s->window_pairs);
	one(m, "window_pairs_needed", "Pairs of a full window.",
	    (double)s->window_length);
	one(m, "noise_floor", "Share of echoes that differ from the "
	    "first answer.", s->floor);
	one(m, "start_time_seconds", "When the comparison began.",
	    (double)s->started_wall_ns / 1e9);
}

static void
put_arms(const struct prom *m, const struct live_status *s)
{
	static const struct { const char *q; size_t at; } of[3] = {
		{ "0.5", offsetof(struct live_arm_status, p50_ns) },
		{ "0.95", offsetof(struct live_arm_status, p95_ns) },
		{ "0.99", offsetof(struct live_arm_status, p99_ns) } };
	int i, k;

	prom_family(m, "requests", "counter", "Requests by arm and outcome.");
	for (i = 0; i < 3; i++) {
		for (k = 0; k < OUTCOME_N; k++) {
			prom_begin(m, "requests", "_total");
			buf_printf(m->out, ",arm=\"%s\",outcome=\"%s\"",
			    arms[i], outcome_name((enum outcome)k));
			prom_value(m, (double)s->arm[i].outcomes[k]);
		}
	}
	prom_family(m, "latency_seconds", "gauge", "Latency of answers by arm "
	    "and quantile.");
	for (i = 0; i < 3; i++) {
		for (k = 0; k < 3; k++) {
			prom_begin(m, "latency_seconds", "");
			buf_printf(m->out, ",arm=\"%s\",quantile=\"%s\"",
			    arms[i], of[k].q);
			prom_value(m, *(const double *)(const void *)
			    ((const char *)&s->arm[i] + of[k].at) / 1e9);
		}
	}
}

static void
put_tests(const struct prom *m, const struct live_status *s)
{
	size_t i;

	prom_family(m, "test_value", "gauge", "Effect that a test measures, "
	    "candidate against primary.");
	for (i = 0; i < s->n_tests; i++)
		prom_sample(m, "test_value", "test", s->test[i].name,
		    s->test[i].value);
	prom_family(m, "test_limit", "gauge", "Limit of that effect.");
	for (i = 0; i < s->n_tests; i++)
		prom_sample(m, "test_limit", "test", s->test[i].name,
		    s->test[i].limit);
	prom_family(m, "test_evidence", "gauge", "Evidence against the "
	    "candidate; 1 proves.");
	for (i = 0; i < s->n_tests; i++)
		prom_sample(m, "test_evidence", "test", s->test[i].name,
		    s->test[i].evidence);
	prom_family(m, "test_stopped", "gauge", "1: this test stopped the "
	    "candidate.");
	for (i = 0; i < s->n_tests; i++)
		prom_sample(m, "test_stopped", "test", s->test[i].name,
		    s->test[i].stopped);
}

static void
put_pins(const struct prom *m, const struct live_status *s)
{
	uint64_t stops = 0;
	size_t i;

	for (i = 0; i < s->n_stops; i++)
		stops += s->stop[i].test < 0;
	one(m, "pin_stops", "Stops by pins.", (double)stops);
	if (s->n_pins == 0)
		return;
	prom_family(m, "pin_differs", "gauge", "1: the arms report different "
	    "values of this pin.");
	for (i = 0; i < s->n_pins; i++)
		prom_sample(m, "pin_differs", "pin", s->pin[i].name,
		    s->pin[i].differs);
}

void
live_openmetrics(const struct live_status *s, struct buf *out)
{
	const struct prom m = { out, "lockstep_live_", s->suite };

	put_verdict(&m, s);
	put_counts(&m, s);
	put_arms(&m, s);
	put_tests(&m, s);
	put_pins(&m, s);
	buf_puts(out, "# EOF\n");
}
