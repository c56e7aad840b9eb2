/* OpenMetrics text, for a push gateway or a node exporter's folder. */
#include <math.h>
#include <string.h>

#include "harness/base/json.h"
#include "reports/glyph.h"
#include "reports/reports.h"

/* A label's value: backslash, quote and line end are what the format minds;
 * cleaning has removed the last. */
static void
label(struct buf *out, const char *name, const char *value)
{
	struct buf t;
	const char *p;

	buf_init(&t, SIZE_MAX / 4);
	glyph_clean(&t, value == NULL ? "" : value);
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
family(struct buf *out, const char *name, const char *type,
    const char *help)
{
	buf_printf(out, "# TYPE lockstep_%s %s\n# HELP lockstep_%s %s\n",
	    name, type, name, help);
}

static void
value(struct buf *out, double v)
{
	buf_puts(out, "} ");
	if (isfinite(v))
		json_write_num(out, v);
	else
		buf_puts(out, "NaN");
	buf_putc(out, '\n');
}

/* NAME{suite="..."[,KEY="..."]} V */
static void
sample(struct buf *out, const struct result *r, const char *name,
    const char *key, const char *of, double v)
{
	buf_printf(out, "lockstep_%s{", name);
	label(out, "suite", r->run.suite_name);
	if (key != NULL) {
		buf_putc(out, ',');
		label(out, key, of);
	}
	value(out, v);
}

static void
put_verdict(struct buf *out, const struct result *r)
{
	int v;

	family(out, "verdict", "stateset", "Verdict of the run.");
	for (v = 0; v < VERDICT_N; v++)
		sample(out, r, "verdict", "lockstep_verdict",
		    verdict_name((enum verdict)v),
		    r->verdict == (enum verdict)v);
	family(out, "exit_status", "gauge", "Exit status of the run.");
	sample(out, r, "exit_status", NULL, NULL, r->exit_status);
}

static void
put_cases(struct buf *out, const struct result *r)
{
	int v;

	family(out, "cases", "gauge", "Cases by verdict.");
	for (v = 0; v < CASE_V_N; v++)
		sample(out, r, "cases", "verdict",
		    case_verdict_name((enum case_verdict)v),
		    (double)r->count.of[v]);
}

/* What was asked beyond the plan; nothing where nothing was. */
static void
put_again(struct buf *out, const struct result *r)
{
	const struct {
		enum again_is is;
		uint64_t n;
	} of[] = {
		{ AGAIN_LOST, r->again.lost }, { AGAIN_NOISE, r->again.noise },
		{ AGAIN_BETTER, r->again.better },
		{ AGAIN_OPEN, r->again.open },
	};
	size_t i;

	if (!r->again.known)
		return;
	family(out, "asked_again_cases", "gauge", "Undecided cases by what "
	    "fresh answers say.");
	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		sample(out, r, "asked_again_cases", "is",
		    again_is_name(of[i].is), (double)of[i].n);
	family(out, "latency_pairs_beyond_plan", "gauge", "Pairs of requests "
	    "that were sent for their latency alone.");
	sample(out, r, "latency_pairs_beyond_plan", "of", "short plan",
	    (double)r->again.pairs);
	sample(out, r, "latency_pairs_beyond_plan", "of", "undecided",
	    (double)r->again.pairs_again);
}

static void
put_gates(struct buf *out, const struct result *r)
{
	static const struct {
		const char *name, *help;
	} of[] = {
		{ "gate_value", "Effect of the candidate, in the unit of the "
		    "gate." },
		{ "gate_limit", "Margin or limit of the gate." },
		{ "gate_noise", "Half of the 95 % interval." },
		{ "gate_failed", "1 when the gate failed." },
	};
	size_t k, i;

	for (k = 0; k < sizeof(of) / sizeof(of[0]); k++) {
		family(out, of[k].name, "gauge", of[k].help);
		for (i = 0; i < r->n_gates; i++) {
			const struct result_gate *g = &r->gates[i];
			const double v[] = { g->value, g->limit, g->noise,
			    g->verdict == GATE_FAIL };

			sample(out, r, of[k].name, "gate", g->name, v[k]);
		}
	}
}

static void
put_latency(struct buf *out, const struct result *r)
{
	static const char *const names[] = { "0.5", "0.95", "0.99", "1" };
	size_t a, q;

	family(out, "latency_seconds", "gauge",
	    "Latency of an arm at a quantile.");
	for (a = 0; a < ARM_N; a++) {
		const struct result_arm *arm = &r->arm[a];
		const double v[] = { arm->p50_ns, arm->p95_ns, arm->p99_ns,
		    arm->max_ns };

		for (q = 0; arm->present && q < 4; q++) {
			buf_puts(out, "lockstep_latency_seconds{");
			label(out, "suite", r->run.suite_name);
			buf_printf(out, ",arm=\"%s\",quantile=\"%s\"",
			    arm->name, names[q]);
			value(out, v[q] / 1e9);
		}
	}
}

static void
put_outcomes(struct buf *out, const struct result *r)
{
	size_t a;
	int o;

	family(out, "responses", "gauge", "Responses of an arm by outcome.");
	for (a = 0; a < ARM_N; a++) {
		for (o = 0; r->arm[a].present && o < OUTCOME_N; o++) {
			buf_puts(out, "lockstep_responses{");
			label(out, "suite", r->run.suite_name);
			buf_printf(out, ",arm=\"%s\",outcome=\"%s\"",
			    r->arm[a].name, outcome_name((enum outcome)o));
			value(out, (double)r->arm[a].outcomes[o]);
		}
	}
}

static void
put_stale(struct buf *out, const struct result *r)
{
	size_t a;

	family(out, "stale_resends", "gauge", "Requests sent again, not "
	    "errors: the kept connection was already closed.");
	for (a = 0; a < ARM_N; a++) {
		if (!r->arm[a].present)
			continue;
		buf_puts(out, "lockstep_stale_resends{");
		label(out, "suite", r->run.suite_name);
		buf_printf(out, ",arm=\"%s\"", r->arm[a].name);
		value(out, (double)r->arm[a].stale);
	}
}

static void
write_openmetrics(const struct result *r, const struct report_opts *o,
    struct buf *out)
{
	(void)o;
	put_verdict(out, r);
	put_cases(out, r);
	put_again(out, r);
	put_gates(out, r);
	put_latency(out, r);
	put_outcomes(out, r);
	put_stale(out, r);
	buf_puts(out, "# EOF\n");
}

const struct report_format report_openmetrics = {
	.name = "openmetrics", .file = "metrics.prom",
	.write = write_openmetrics, .on_request = 1,
	.help = "gauges for a metrics system; written on request only",
};
