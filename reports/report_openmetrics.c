/* OpenMetrics text, for a push gateway or a node exporter's folder. */
#include <math.h>

#include "reports/prom.h"
#include "reports/reports.h"

/* What is not finite is not known here. */
static void
value(const struct prom *m, double v)
{
	prom_value(m, isfinite(v) ? v : NAN);
}

static void
sample(const struct prom *m, const char *name, const char *key,
    const char *of, double v)
{
	prom_sample(m, name, key, of, isfinite(v) ? v : NAN);
}

static void
put_verdict(const struct prom *m, const struct result *r)
{
	int v;

	prom_family(m, "verdict", "stateset", "Verdict of the run.");
	for (v = 0; v < VERDICT_N; v++)
		sample(m, "verdict", "lockstep_verdict",
		    verdict_name((enum verdict)v),
		    r->verdict == (enum verdict)v);
	prom_family(m, "exit_status", "gauge", "Exit status of the run.");
	sample(m, "exit_status", NULL, NULL, r->exit_status);
}

static void
put_cases(const struct prom *m, const struct result *r)
{
	int v;

	prom_family(m, "cases", "gauge", "Cases by verdict.");
	for (v = 0; v < CASE_V_N; v++)
		sample(m, "cases", "verdict",
		    case_verdict_name((enum case_verdict)v),
		    (double)r->count.of[v]);
}

/* What was asked beyond the plan; nothing where nothing was. */
static void
put_again(const struct prom *m, const struct result *r)
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
	prom_family(m, "asked_again_cases", "gauge", "Undecided cases by what "
	    "fresh answers say.");
	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		sample(m, "asked_again_cases", "is",
		    again_is_name(of[i].is), (double)of[i].n);
	prom_family(m, "latency_pairs_beyond_plan", "gauge", "Pairs of "
	    "requests that were sent for their latency alone.");
	sample(m, "latency_pairs_beyond_plan", "of", "short plan",
	    (double)r->again.pairs);
	sample(m, "latency_pairs_beyond_plan", "of", "undecided",
	    (double)r->again.pairs_again);
}

static void
put_gates(const struct prom *m, const struct result *r)
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
		prom_family(m, of[k].name, "gauge", of[k].help);
		for (i = 0; i < r->n_gates; i++) {
			const struct result_gate *g = &r->gates[i];
			const double v[] = { g->value, g->limit, g->noise,
			    g->verdict == GATE_FAIL };

			sample(m, of[k].name, "gate", g->name, v[k]);
		}
	}
}

static void
put_latency(const struct prom *m, const struct result *r)
{
	static const char *const names[] = { "0.5", "0.95", "0.99", "1" };
	size_t a, q;

	prom_family(m, "latency_seconds", "gauge",
	    "Latency of an arm at a quantile.");
	for (a = 0; a < ARM_N; a++) {
		const struct result_arm *arm = &r->arm[a];
		const double v[] = { arm->p50_ns, arm->p95_ns, arm->p99_ns,
		    arm->max_ns };

		for (q = 0; arm->present && q < 4; q++) {
			prom_begin(m, "latency_seconds", "");
			buf_printf(m->out, ",arm=\"%s\",quantile=\"%s\"",
			    arm->name, names[q]);
			value(m, v[q] / 1e9);
		}
	}
}

static void
put_outcomes(const struct prom *m, const struct result *r)
{
	size_t a;
	int o;

	prom_family(m, "responses", "gauge", "Responses of an arm by outcome.");
	for (a = 0; a < ARM_N; a++) {
		for (o = 0; r->arm[a].present && o < OUTCOME_N; o++) {
			prom_begin(m, "responses", "");
			buf_printf(m->out, ",arm=\"%s\",outcome=\"%s\"",
			    r->arm[a].name, outcome_name((enum outcome)o));
			value(m, (double)r->arm[a].outcomes[o]);
		}
	}
}

static void
put_stale(const struct prom *m, const struct result *r)
{
	size_t a;

	prom_family(m, "stale_resends", "gauge", "Requests sent again, not "
	    "errors: the kept connection was already closed.");
	for (a = 0; a < ARM_N; a++) {
		if (!r->arm[a].present)
			continue;
		prom_begin(m, "stale_resends", "");
		buf_printf(m->out, ",arm=\"%s\"", r->arm[a].name);
		value(m, (double)r->arm[a].stale);
	}
}

static void
write_openmetrics(const struct result *r, const struct report_opts *o,
    struct buf *out)
{
	const struct prom m = { out, "lockstep_", r->run.suite_name };

	(void)o;
	put_verdict(&m, r);
	put_cases(&m, r);
	put_again(&m, r);
	put_gates(&m, r);
	put_latency(&m, r);
	put_outcomes(&m, r);
	put_stale(&m, r);
	buf_puts(out, "# EOF\n");
}

const struct report_format report_openmetrics = {
	.name = "openmetrics", .file = "metrics.prom",
	.write = write_openmetrics, .on_request = 1,
	.help = "gauges for a metrics system; written on request only",
};
