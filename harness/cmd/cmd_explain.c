/* lockstep explain: the arithmetic of one gate, and what would change it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_page.h"
#include "harness/cmd/cmd_result.h"
#include "harness/judge/gate.h"
#include "harness/judge/gate_kind.h"
#include "harness/result/result.h"

struct explain_opts {
	const char *home;
	int json;
};

static const struct opt table[] = {
	CMD_OPT_HOME(offsetof(struct explain_opts, home)),
	{ "json", 0, OPT_FLAG, offsetof(struct explain_opts, json), 0, 0,
	    NULL, "print the gate's numbers as one JSON document" },
	CMD_OPT_END
};

static const struct opt_cmd cmd = {
	"explain", "RUN [GATE]",
	"Shows how one gate reached its verdict, from the stored numbers:\n"
	"effect, margin, interval, p before and after Holm's adjustment, what\n"
	"the gate could detect, and what would change its verdict. Without a\n"
	"gate: the verdict's reasons and the list of gates. A run may also be\n"
	"a folder with a report.json in it.\n\n"
	"  lockstep explain last answer_drift",
	table
};

static void
row(const char *what, const char *value)
{
	(void)printf("  %-22s %s\n", what, value);
}

static void
num(const char *what, const struct result_gate *g, double v)
{
	char text[CMD_NUM];

	if (isfinite(v))
		row(what, cmd_value(g, v, text));
}

static void
level(const char *what, const struct result_gate *g, double v)
{
	char text[CMD_NUM];

	if (isfinite(v))
		row(what, cmd_level(g, v, text));
}

static void
share(const char *what, double p)
{
	char text[CMD_NUM];

	(void)snprintf(text, sizeof(text), "%.4g", p);
	if (isfinite(p))
		row(what, text);
}

/* Its row in the table: "slice:tags.tenant=a/cases" and, of several suites,
 * "shop/cases" are judged as `cases` is. NULL: a scorer's. */
static const struct gate_row *
row_of(const struct result_gate *g)
{
	const char *slash = strrchr(g->name, '/');
	int i = gate_find(slash == NULL ? g->name : slash + 1);

	return i < 0 ? NULL : &gate_rows[i];
}

static int
is_slice(const struct result_gate *g)
{
	return strstr(g->name, "slice:") != NULL;
}

/* A level is compared with a limit, a change with a margin. */
static const char *
bound_of(const struct result_gate *g)
{
	const struct gate_row *x = row_of(g);
	size_t n = strlen(g->name);

	if (x == NULL)
		return n > 6 && strcmp(g->name + n - 6, "_limit") == 0 ?
		    "limit" : "margin";
	return g->class == GATE_HARD || x->how->kind->level ? "limit" :
	    "margin";
}

static const char *
counted(const struct result_gate *g)
{
	const struct gate_row *x = row_of(g);

	return x == NULL ? "cases" : x->how->kind->counts;
}

/* Whether half of alpha is this gate's own. */
static int
half(const struct result_gate *g)
{
	const struct gate_row *x = row_of(g);

	return x != NULL && x->how->half;
}

static void
rule_hard(const struct result *r, const struct result_gate *g)
{
	(void)printf("  2. Does the test against the baseline reject at %g (a "
	    "hard stop,\n     outside Holm)?  ", r->rules.hard_p);
	if (isfinite(g->p))
		(void)printf("p = %.4g: %s.\n", g->p,
		    g->p <= r->rules.hard_p ? "yes" : "no");
	else
		(void)printf("There is no baseline to test against.\n");
}

/* Latency is measured on before it is undecided. */
static int
measured_on(const struct result_gate *g)
{
	const struct gate_row *x = row_of(g);

	return x != NULL && x->how->kind->live;
}

static void
rule_gate(const struct result *r, const struct result_gate *g)
{
	(void)printf("  2. Does the test of no change reject at %g, shared "
	    "%s?\n     p = %.4g, adjusted %.4g: %s.\n",
	    r->rules.alpha, is_slice(g) ? "by all slices (Holm)" :
	    half(g) ? "by all (half is its own)" :
	    "by all gates (Holm)", g->p,
	    g->p_holm, g->p_holm <= r->rules.alpha ? "yes" : "no");
	if (g->p_holm <= r->rules.alpha)
		return;
	(void)printf("  3. Is %s at most %g (INCONCLUSIVE), or does chance "
	    "explain it (PASS)?\n", is_slice(g) ? "the adjusted p" : "p",
	    measured_on(g) ? fmin(LIMITS_AGAIN_P,
	    r->rules.inconclusive_p) : r->rules.inconclusive_p);
}

static void
rule(const struct result *r, const struct result_gate *g)
{
	int beyond = result_gate_beyond(g);

	(void)printf("\nThe rule\n");
	if (g->class == GATE_INFO) {
		(void)printf("  Information only: it never changes the "
		    "verdict.\n");
		return;
	}
	(void)printf("  1. Is the effect beyond its %s?  %s.\n",
	    bound_of(g), beyond ? "Yes" : "No");
	if (beyond && g->class == GATE_HARD)
		rule_hard(r, g);
	else if (beyond && isfinite(g->p_holm))
		rule_gate(r, g);
	else if (!beyond && r->rules.strict &&
	    g->verdict == GATE_INCONCLUSIVE)
		(void)printf("  2. strict: is the one-sided 95 %% bound also "
		    "within it?  No.\n");
}

/* Which line of the suite leaves it unjudged. */
static void
say_off(const struct result_gate *g)
{
	const struct gate_row *x = row_of(g);

	(void)printf("  ");
	if (is_slice(g))
		cmd_wrap(2, "or remove that key from `slices` in the suite: "
		    "the slice is then not judged");
	else if (x == NULL)
		cmd_wrap(2, "or set gate: false for the metric: it is then not "
		    "judged");
	else
		(void)printf("or set gates.%s: false in the suite: it is then "
		    "not judged\n", x->name);
}

/* The limit at which this very effect would have been within. */
static void
say_limit(const char *or, const struct result_gate *g)
{
	char what[CMD_NUM];

	if (!result_gate_beyond(g))
		return;
	(void)snprintf(what, sizeof(what), "%sa %s of at %s", or,
	    bound_of(g), g->higher_is_worse ? "least" : "most");
	num(what, g, g->value);
}

static void
what_if(const struct result_gate *g)
{
	(void)printf("\nWhat would change the verdict\n");
	switch (g->verdict) {
	case GATE_FAIL:
	case GATE_REVIEW:
		say_limit("", g);
		say_off(g);
		break;
	case GATE_INCONCLUSIVE:
		if (isfinite(g->n_needed))
			(void)printf("  about %.0f %s instead of "
			    "%llu\n", g->n_needed, counted(g),
			    (unsigned long long)g->n);
		say_limit(isfinite(g->n_needed) ? "or " : "", g);
		if (!isfinite(g->n_needed) && !result_gate_beyond(g)) {
			(void)printf("  data: ");
			cmd_wrap(8, g->why);
		}
		break;
	case GATE_PASS:
		if (g->class == GATE_INFO)
			(void)printf("  nothing: this gate never changes the "
			    "verdict\n");
		else if (isfinite(g->visible))
			num("an effect above", g, g->visible);
		else
			num(g->higher_is_worse ? "an effect above" :
			    "a level below", g, g->limit);
		break;
	case GATE_NOT_JUDGED:
		(void)printf("  data: ");
		cmd_wrap(8, g->why);
		break;
	}
}

static const struct result_scored *
scored_of(const struct result *r, const char *metric)
{
	size_t i;

	for (i = 0; i < r->n_scored; i++) {
		if (strcmp(r->scored[i].name, metric) == 0)
			return &r->scored[i];
	}
	return NULL;
}

static void
say_what(const struct result *r, const struct result_gate *g)
{
	const struct result_scored *scored = scored_of(r, g->metric);
	const struct gate_row *x = row_of(g);

	(void)cmd_put(0, g->title);
	(void)printf(" (");
	(void)cmd_put(0, g->name);
	(void)printf("): %s\n", gate_verdict_name(g->verdict));
	if (x != NULL)
		cmd_wrap(0, x->help);
	else if (scored != NULL) {
		(void)printf("value that the scorer ");
		(void)cmd_put(0, scored->scorer);
		(void)printf(" gives the answers; %s is better\n",
		    scored->higher_is_better ? "more" : "less");
	}
	(void)printf("run ");
	(void)cmd_put(0, r->run.id == NULL ? "?" : r->run.id);
	(void)printf(", suite ");
	cmd_wrap(0, r->run.suite_name == NULL ? "?" : r->run.suite_name);
}

static void
explain(const struct result *r, const struct result_gate *g)
{
	char text[CMD_NUM];

	say_what(r, g);
	(void)printf("\nThe numbers\n");
	level("baseline", g, g->base);
	level("candidate", g, g->cand);
	num("effect", g, g->value);
	num(bound_of(g), g, g->limit);
	if (isfinite(g->ci[0]) && isfinite(g->ci[1])) {
		num("other questions, from", g, g->ci[0]);
		num("           95 %, to", g, g->ci[1]);
	}
	(void)snprintf(text, sizeof(text), "%llu %s",
	    (unsigned long long)g->n, counted(g));
	row("n", text);
	if (*g->test != '\0') {
		(void)printf("  %-22s ", "test");
		cmd_wrap(25, g->test);
	}
	share("p of no change", g->p);
	share("p, adjusted", g->p_holm);
	num("chance alone, +-", g, g->noise);
	num("a PASS can hide", g, g->hides);
	num("surely seen", g, g->visible);
	if (g->verdict != GATE_NOT_JUDGED)
		rule(r, g);
	what_if(g);
	if (*g->why == '\0' || g->verdict == GATE_NOT_JUDGED)
		return;
	(void)printf("\n");
	cmd_wrap(0, g->why);
}

/* The report's words for a gate, "cases lost", also as cases_lost. */
static int
same_words(const char *name, const char *title)
{
	for (; *name != '\0' && (*name == *title ||
	    (*name == '_' && *title == ' ')); name++, title++)
		continue;
	return *name == '\0' && *title == '\0';
}

static int
find(const struct result *r, const char *name, const struct result_gate **out,
    struct err *err)
{
	const char *names[256];
	const char *near;
	size_t i, n = 0;

	*out = result_gate_find(r, name);
	for (i = 0; i < r->n_gates && *out == NULL; i++) {
		if (same_words(name, r->gates[i].title))
			*out = &r->gates[i];
	}
	if (*out != NULL)
		return RC_OK;
	for (i = 0; i < r->n_gates && n < sizeof(names) / sizeof(names[0]);
	    i++)
		names[n++] = r->gates[i].name;
	near = opt_nearest(name, names, n);
	return err_set(err, RC_USAGE, "run %s has no gate \"%s\"%s%s; give no "
	    "gate to list the run's gates", r->run.id, name,
	    near != NULL ? "; did you mean " : "", near != NULL ? near : "");
}

/* Without a gate: what can be named. */
static void
list_gates(const struct result *r)
{
	size_t i;

	(void)printf("%s %s: ", verdict_symbol(r->verdict),
	    verdict_name(r->verdict));
	cmd_wrap(4 + strlen(verdict_name(r->verdict)), r->headline);
	for (i = 0; i < r->n_reasons; i++) {
		(void)printf("  - ");
		cmd_wrap_reason(4, &r->reasons[i]);
	}
	(void)printf("\ngates of run ");
	cmd_wrap(13, r->run.id == NULL ? "?" : r->run.id);
	for (i = 0; i < r->n_gates; i++) {
		(void)printf("  ");
		if (cmd_put(-22, r->gates[i].name) > 22)
			(void)printf("\n%24s", "");
		(void)printf(" %-13s ",
		    gate_verdict_name(r->gates[i].verdict));
		cmd_wrap(39, r->gates[i].title);
	}
}

int
cmd_explain(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct explain_opts o = { 0 };
	struct result *r = NULL;
	const struct result_gate *g = NULL;
	struct cmd_line line;
	struct buf b;
	int rc;

	rc = cmd_begin(&cmd, argc, argv, &o, &line, &err);
	if (rc == RC_OK && (line.n < 1 || line.n > 2 ||
	    (line.n == 1 && o.json)))
		rc = err_set(&err, RC_USAGE, "give a RUN, such as `last`, and "
		    "a GATE; without a GATE the run's gates are listed");
	if (rc == RC_OK)
		rc = cmd_result_open(o.home, line.rest[0], &r, &err);
	if (rc == RC_OK && line.n == 2)
		rc = find(r, line.rest[1], &g, &err);
	if (rc == RC_OK && line.n == 1) {
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
	return cmd_end("explain", &line, rc, 0, &err);
}
