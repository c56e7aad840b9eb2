/* /metrics of a live comparison, in OpenMetrics text; see live.h. */
#include <math.h>
#include <string.h>

#include "harness/base/json.h"
#include "reports/glyph.h"
#include "reports/live.h"

static const char *const arms[3] = { "primary", "candidate", "echo" };

static void
family(struct buf *out, const char *name, const char *type,
    const char *help)
{
	buf_printf(out, "# TYPE lockstep_live_%s %s\n"
	    "# HELP lockstep_live_%s %s\n", name, type, name, help);
}

/* The value of a label: what the format minds is escaped. */
static void
label(struct buf *out, const char *name, const char *value)
{
	struct buf t;
	const char *p;

	buf_init(&t, 1 << 16);
	glyph_clean(&t, value);
	buf_printf(out, "%s=\"", name);
	for (p = buf_str(&t); *p != '\0'; p++) {
		if (*p == '\\' || *p == '"')
			buf_putc(out, '\\');
		buf_putc(out, *p);
	}
	buf_putc(out, '"');
	buf_fini(&t);
}

static void
number(struct buf *out, double v)
{
	buf_puts(out, "} ");
	if (isfinite(v))
		json_write_num(out, v);
	else
		buf_puts(out, isnan(v) ? "NaN" : v > 0 ? "+Inf" : "-Inf");
	buf_putc(out, '\n');
}

/* NAME{suite="..."[,KEY="..."]} V */
static void
sample(struct buf *out, const struct live_status *s, const char *name,
    const char *key, const char *of, double v)
{
	buf_printf(out, "lockstep_live_%s{", name);
	label(out, "suite", s->suite);
	if (key != NULL) {
		buf_putc(out, ',');
		label(out, key, of);
	}
	number(out, v);
}

static void
one(struct buf *out, const struct live_status *s, const char *name,
    const char *help, double v)
{
	family(out, name, "gauge", help);
	sample(out, s, name, NULL, NULL, v);
}

/* A counter's samples end in _total, its family does not. */
static void
total(struct buf *out, const struct live_status *s, const char *name,
    const char *help, uint64_t v)
{
	family(out, name, "counter", help);
	buf_printf(out, "lockstep_live_%s_total{", name);
	label(out, "suite", s->suite);
	number(out, (double)v);
}

static void
put_verdict(struct buf *out, const struct live_status *s)
{
	int v;

	family(out, "verdict", "stateset", "What the live comparison says.");
	for (v = 0; v < LIVE_VERDICTS; v++)
		sample(out, s, "verdict", "lockstep_live_verdict",
		    live_verdict_name((enum live_verdict)v),
		    s->verdict == (enum live_verdict)v);
	one(out, s, "verdict_code", "0 watching, 1 healthy, 2 soft stop, "
	    "3 hard stop.", s->verdict);
}

static void
put_counts(struct buf *out, const struct live_status *s)
{
	total(out, s, "pairs", "Pairs that both arms were asked.", s->pairs);
	total(out, s, "unpaired", "Answers of the candidate without a "
	    "partner.", s->alone);
	total(out, s, "compared", "Pairs that both arms answered.",
	    s->compared);
	total(out, s, "differ", "Pairs whose answers differ.", s->differ);
	total(out, s, "echoes", "Pairs whose primary was asked again.",
	    s->echoes);
	total(out, s, "cached_echoes", "Echoes that came from a cache.",
	    s->cached_echoes);
	total(out, s, "windows", "Full windows.", s->windows);
	one(out, s, "window_pairs", "Pairs in the open window.",
	    (double)s->window_pairs);
	one(out, s, "window_pairs_needed", "Pairs of a full window.",
	    (double)s->window_length);
	one(out, s, "noise_floor", "Share of echoes that differ from the "
	    "first answer.", s->floor);
	one(out, s, "start_time_seconds", "When the comparison began.",
	    (double)s->started_wall_ns / 1e9);
}

static void
put_arms(struct buf *out, const struct live_status *s)
{
	static const struct { const char *q; size_t at; } of[3] = {
		{ "0.5", offsetof(struct live_arm_status, p50_ns) },
		{ "0.95", offsetof(struct live_arm_status, p95_ns) },
		{ "0.99", offsetof(struct live_arm_status, p99_ns) } };
	int i, k;

	family(out, "requests", "counter", "Requests by arm and outcome.");
	for (i = 0; i < 3; i++) {
		for (k = 0; k < OUTCOME_N; k++) {
			buf_puts(out, "lockstep_live_requests_total{");
			label(out, "suite", s->suite);
			buf_printf(out, ",arm=\"%s\",outcome=\"%s\"", arms[i],
			    outcome_name((enum outcome)k));
			number(out, (double)s->arm[i].outcomes[k]);
		}
	}
	family(out, "latency_seconds", "gauge", "Latency of answers by arm "
	    "and quantile.");
	for (i = 0; i < 3; i++) {
		for (k = 0; k < 3; k++) {
			buf_puts(out, "lockstep_live_latency_seconds{");
			label(out, "suite", s->suite);
			buf_printf(out, ",arm=\"%s\",quantile=\"%s\"",
			    arms[i], of[k].q);
			number(out, *(const double *)(const void *)
			    ((const char *)&s->arm[i] + of[k].at) / 1e9);
		}
	}
}

static void
put_tests(struct buf *out, const struct live_status *s)
{
	size_t i;

	family(out, "test_value", "gauge", "Effect that a test measures, "
	    "candidate against primary.");
	for (i = 0; i < s->n_tests; i++)
		sample(out, s, "test_value", "test", s->test[i].name,
		    s->test[i].value);
	family(out, "test_limit", "gauge", "Limit of that effect.");
	for (i = 0; i < s->n_tests; i++)
		sample(out, s, "test_limit", "test", s->test[i].name,
		    s->test[i].limit);
	family(out, "test_evidence", "gauge", "Evidence against the "
	    "candidate; 1 proves.");
	for (i = 0; i < s->n_tests; i++)
		sample(out, s, "test_evidence", "test", s->test[i].name,
		    s->test[i].evidence);
	family(out, "test_stopped", "gauge", "1: this test stopped the "
	    "candidate.");
	for (i = 0; i < s->n_tests; i++)
		sample(out, s, "test_stopped", "test", s->test[i].name,
		    s->test[i].stopped);
}

static void
put_pins(struct buf *out, const struct live_status *s)
{
	uint64_t stops = 0;
	size_t i;

	for (i = 0; i < s->n_stops; i++)
		stops += s->stop[i].test < 0;
	one(out, s, "pin_stops", "Stops by pins.", (double)stops);
	if (s->n_pins == 0)
		return;
	family(out, "pin_differs", "gauge", "1: the arms report different "
	    "values of this pin.");
	for (i = 0; i < s->n_pins; i++)
		sample(out, s, "pin_differs", "pin", s->pin[i].name,
		    s->pin[i].differs);
}

void
live_openmetrics(const struct live_status *s, struct buf *out)
{
	put_verdict(out, s);
	put_counts(out, s);
	put_arms(out, s);
	put_tests(out, s);
	put_pins(out, s);
	buf_puts(out, "# EOF\n");
}
