/* lockstep explain: the arithmetic of one gate, and what would change it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cmd.h"
#include "harness/cmd_page.h"
#include "harness/gate.h"
#include "harness/opt.h"
#include "harness/result.h"
#include "harness/store.h"

struct explain_opts {
	const char *home;
	int json;
};

static const struct opt table[] = {
	{ "home", 0, OPT_STR, offsetof(struct explain_opts, home), 0, 0,
	    "DIR", "state folder (LOCKSTEP_HOME, else .lockstep)" },
	{ "json", 0, OPT_FLAG, offsetof(struct explain_opts, json), 0, 0,
	    NULL, "the gate's numbers as one JSON document" },
	{ NULL, 0, OPT_FLAG, 0, 0, 0, NULL, NULL }
};

static const struct opt_cmd cmd = {
	"explain", "RUN [GATE]",
	"Shows how one gate came to its verdict, from the stored numbers:\n"
	"effect, margin, interval, p before and after Holm's adjustment, what\n"
	"the gate could have seen, and what would have changed its word.\n\n"
	"  lockstep explain last answer_drift",
	table
};

static void
num(const char *what, const char *unit, double v)
{
	if (!isfinite(v))
		return;
	if (strcmp(unit, "distance") == 0 || strcmp(unit, "score") == 0)
		(void)printf("  %-22s %.4f\n", what, v);
	else if (strcmp(unit, "ratio") == 0)
		(void)printf("  %-22s %+.2f %%\n", what, 100 * (v - 1));
	else
		(void)printf("  %-22s %.2f %%\n", what, 100 * v);
}

/* Levels of latency are times; all other levels have the gate's unit. */
static void
level(const char *what, const struct result_gate *g, double v)
{
	if (isfinite(v) && strcmp(g->metric, "total_ns") == 0)
		(void)printf("  %-22s %.2f ms\n", what, v / 1e6);
	else
		num(what, strcmp(g->unit, "ratio") == 0 ? "distance" :
		    g->unit, v);
}

static int
beyond(const struct result_gate *g)
{
	return g->higher_is_worse ? g->value > g->limit :
	    g->value < g->limit;
}

static void
rule(const struct result_gate *g)
{
	(void)printf("\nThe rule\n");
	if (g->class == GATE_INFO) {
		(void)printf("  Information: it decides nothing.\n");
		return;
	}
	(void)printf("  1. Is the effect beyond its %s?  %s.\n",
	    g->class == GATE_HARD ? "limit" : "margin",
	    beyond(g) ? "Yes" : "No");
	if (!beyond(g))
		return;
	if (g->class == GATE_HARD) {
		(void)printf("  2. Does the test against the baseline reject "
		    "at .005 (a hard stop,\n     outside Holm)?  p = %.4g: "
		    "%s.\n", g->p, g->p <= .005 ? "yes" : "no");
		return;
	}
	(void)printf("  2. Does the test of no change reject after Holm's "
	    "adjustment?\n     p = %.4g, adjusted %.4g.\n", g->p, g->p_holm);
	if (g->verdict != GATE_FAIL)
		(void)printf("  3. If not: is p at most .10 (INCONCLUSIVE), "
		    "or does chance explain\n     it (PASS)?\n");
}

static void
what_if(const struct result_gate *g)
{
	(void)printf("\nWhat would change it\n");
	switch (g->verdict) {
	case GATE_FAIL:
	case GATE_REVIEW:
		num("a margin above", g->unit, g->value);
		if (strcmp(g->unit, "score") == 0)
			(void)printf("  or gate: false of the metric, which "
			    "leaves it unjudged\n");
		else
			(void)printf("  or gates.%s: false in the suite, "
			    "which leaves it unjudged\n", g->name);
		break;
	case GATE_INCONCLUSIVE:
		if (isfinite(g->n_needed))
			(void)printf("  about %.0f %s instead of %llu would "
			    "decide it\n", g->n_needed,
			    strcmp(g->name, "latency_p95") == 0 ? "pairs" :
			    "cases", (unsigned long long)g->n);
		num("or a margin above", g->unit, g->value);
		break;
	case GATE_PASS:
		if (g->class != GATE_INFO)
			num("an effect above", g->unit, g->visible);
		break;
	case GATE_NOT_JUDGED:
		(void)printf("  data: ");
		cmd_wrap(8, g->why);
		break;
	}
}

static const struct result_own *
own_of(const struct result *r, const char *metric)
{
	size_t i;

	for (i = 0; i < r->n_own; i++) {
		if (strcmp(r->own[i].name, metric) == 0)
			return &r->own[i];
	}
	return NULL;
}

static void
explain(const struct result *r, const struct result_gate *g)
{
	const struct result_own *own = own_of(r, g->metric);
	int row = gate_find(g->name);

	(void)printf("%s (%s): %s\n", g->title, g->name,
	    gate_verdict_name(g->verdict));
	if (row >= 0)
		cmd_wrap(0, gate_rows[row].help);
	else if (own != NULL)
		(void)printf("what the scorer %s says of the answers; %s is "
		    "better\n", own->scorer, own->higher_is_better ?
		    "more" : "less");
	(void)printf("run %s, suite %s\n\nThe numbers\n", r->run.id,
	    r->run.suite_name);
	level("baseline", g, g->base);
	level("candidate", g, g->cand);
	num("effect", g->unit, g->value);
	num(g->class == GATE_HARD ? "limit" : "margin", g->unit, g->limit);
	if (isfinite(g->ci[0]) && isfinite(g->ci[1])) {
		num("95 % interval, from", g->unit, g->ci[0]);
		num("              to", g->unit, g->ci[1]);
	}
	(void)printf("  %-22s %llu\n", "n", (unsigned long long)g->n);
	if (*g->test != '\0')
		(void)printf("  %-22s %s\n", "test", g->test);
	if (isfinite(g->p))
		(void)printf("  %-22s %.4g\n", "p of no change", g->p);
	if (isfinite(g->p_holm))
		(void)printf("  %-22s %.4g\n", "p after Holm", g->p_holm);
	num("chance alone, +-", g->unit, g->noise);
	num("seen 4 times in 5", g->unit, g->visible);
	if (g->verdict != GATE_NOT_JUDGED)
		rule(g);
	what_if(g);
	if (*g->why == '\0' || g->verdict == GATE_NOT_JUDGED)
		return;
	(void)printf("\n");
	cmd_wrap(0, g->why);
}

static int
find(const struct result *r, const char *name, const struct result_gate **out,
    struct err *err)
{
	const char *names[256];
	const char *near;
	size_t i, n = 0;

	for (i = 0; i < r->n_gates; i++) {
		if (strcmp(r->gates[i].name, name) == 0) {
			*out = &r->gates[i];
			return RC_OK;
		}
		if (n < sizeof(names) / sizeof(names[0]))
			names[n++] = r->gates[i].name;
	}
	near = opt_nearest(name, names, n);
	return err_set(err, RC_USAGE, "run %s has no gate \"%s\"%s%s%s",
	    r->run.id, name, near != NULL ? "; did you mean " : "",
	    near != NULL ? near : "", near != NULL ? "?" : "");
}

static int
open_result(const char *home, const char *word, struct result **out,
    struct err *err)
{
	struct store *store = NULL;
	struct store_run run;
	char path[1100];
	int rc = store_open(store_home(home), &store, err);

	if (rc == RC_OK)
		rc = store_run_find(store, word, &run, err);
	if (rc == RC_OK) {
		(void)snprintf(path, sizeof(path), "%s/report.json", run.dir);
		rc = result_read(path, out, err);
	}
	store_close(&store);
	return rc;
}

/* Without a gate: what can be named. */
static void
list_gates(const struct result *r)
{
	size_t i;

	(void)printf("gates of run %s:\n", r->run.id);
	for (i = 0; i < r->n_gates; i++)
		(void)printf("  %-22s %-13s %s\n", r->gates[i].name,
		    gate_verdict_name(r->gates[i].verdict),
		    r->gates[i].title);
}

int
cmd_explain(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct explain_opts o = { 0 };
	struct result *r = NULL;
	const struct result_gate *g = NULL;
	const char **rest = calloc((size_t)argc + 1, sizeof(*rest));
	struct buf b;
	size_t n = 0;
	int rc;

	rc = rest == NULL ? RC_NOMEM :
	    opt_parse(&cmd, argc, argv, &o, rest, &n, &err);
	if (rc == RC_OK && (n < 1 || n > 2 || (n == 1 && o.json)))
		rc = err_set(&err, RC_USAGE, "name a run (`last` will do) and "
		    "a gate; without a gate those of the run are listed");
	if (rc == RC_OK)
		rc = open_result(o.home, rest[0], &r, &err);
	if (rc == RC_OK && n == 2)
		rc = find(r, rest[1], &g, &err);
	if (rc == RC_OK && n == 1) {
		list_gates(r);
	} else if (rc == RC_OK && o.json) {
		buf_init(&b, 1 << 20);
		result_write_gate(g, &b);
		(void)printf("%s\n", buf_str(&b));
		buf_fini(&b);
	} else if (rc == RC_OK) {
		explain(r, g);
	}
	result_free(r);
	free(rest);
	if (rc == OPT_HELP)
		return 0;
	return rc == RC_OK ? 0 : cmd_fail("explain", &err);
}
