/* lockstep compare: two runs side by side. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/cmd/cmd.h"
#include "harness/cmd/cmd_line.h"
#include "harness/cmd/cmd_opts.h"
#include "harness/cmd/cmd_page.h"
#include "harness/cmd/cmd_result.h"
#include "harness/result/result.h"

struct compare_opts {
	const char *home;
	int json, all;
};

static const struct opt compare_table[] = {
	{ "all", 'a', OPT_FLAG, offsetof(struct compare_opts, all), 0, 0,
	    NULL, "also show what did not change" },
	CMD_OPT_HOME(offsetof(struct compare_opts, home)),
	CMD_OPT_JSON(offsetof(struct compare_opts, json)),
	CMD_OPT_END
};

static const struct opt_cmd compare_cmd = {
	"compare", "RUN RUN",
	"Shows what changed from one judged run to another: verdict, gates,\n"
	"the candidate's levels, pins, and each case whose verdict differs.\n"
	"It gives no verdict. For a verdict, give both runs to `run` as "
	"arms.\n\n"
	"  lockstep compare 20260131-1200 last\n"
	"  lockstep compare copied/run last\n\n"
	"A run may also be a folder with a report.json in it.\n"
	"Exit status: 0, or 2 when a run cannot be read.", compare_table
};

/* Two runs: before and after. */
struct two {
	struct result *r[2];
	struct result_reader rd[2];
	struct result_index *index[2];	/* once their orders differ */
};

static int
same_num(double a, double b)
{
	return (isnan(a) && isnan(b)) || a == b;
}

static int
gate_changed(const struct result_gate *a, const struct result_gate *b)
{
	return a == NULL || b == NULL || a->verdict != b->verdict ||
	    !same_num(a->value, b->value) || !same_num(a->cand, b->cand);
}

/* A number before and after, "-" where it is not known. */
static void
tell_pair(const char *before, const char *after)
{
	(void)cmd_put(8, before);
	(void)printf(" → ");
	(void)cmd_put(-8, after);
}

static const char *
word_of(const struct result_gate *g)
{
	return g == NULL ? "not in it" : gate_verdict_name(g->verdict);
}

/* b or k NULL: only the other run has this gate. */
static void
tell_gate(const struct result_gate *b, const struct result_gate *k)
{
	const struct result_gate *any = k != NULL ? k : b;
	char v[4][CMD_NUM];

	(void)printf("  ");
	if (cmd_put(-19, any->name) > 19)
		(void)printf("\n%21s", "");
	tell_pair(cmd_value(any, b == NULL ? NAN : b->value, v[0]),
	    cmd_value(any, k == NULL ? NAN : k->value, v[1]));
	tell_pair(cmd_level(any, b == NULL ? NAN : b->cand, v[2]),
	    cmd_level(any, k == NULL ? NAN : k->cand, v[3]));
	(void)printf(" %s", word_of(b));
	if (strcmp(word_of(b), word_of(k)) != 0)
		(void)printf(" → %s", word_of(k));
	(void)printf("\n");
}

/* Called for each gate of either run; before or after NULL: not there. */
typedef void gate_fn(void *ctx, const struct result_gate *before,
    const struct result_gate *after);

static void
each_gate(const struct two *t, gate_fn *fn, void *ctx)
{
	const struct result_gate *g;
	size_t i;

	for (i = 0; i < t->r[1]->n_gates; i++) {
		g = &t->r[1]->gates[i];
		fn(ctx, result_gate_find(t->r[0], g->name), g);
	}
	for (i = 0; i < t->r[0]->n_gates; i++) {
		g = &t->r[0]->gates[i];
		if (result_gate_find(t->r[1], g->name) == NULL)
			fn(ctx, g, NULL);
	}
}

struct gates_told {
	int all;
	size_t shown;
};

static void
tell_changed(void *ctx, const struct result_gate *b,
    const struct result_gate *k)
{
	struct gates_told *t = ctx;

	if (!t->all && !gate_changed(b, k))
		return;
	if (t->shown++ == 0)
		(void)printf("\n  %-18s %17s %18s   %s\n", "gate", "effect",
		    "candidate", "verdict");
	tell_gate(b, k);
}

static void
tell_gates(const struct two *t, int all)
{
	struct gates_told told = { all, 0 };

	each_gate(t, tell_changed, &told);
	if (told.shown == 0)
		(void)printf("\nNo gate changed.\n");
}

/* The case of that id in one run, which stands at i as a rule. */
static int
case_of(struct two *t, int run, const char *id, size_t i,
    const struct result_case **out, struct err *err)
{
	int rc = RC_OK;

	*out = result_case_at(&t->rd[run], i);
	if (*out != NULL && strcmp((*out)->id, id) == 0)
		return RC_OK;
	if (t->index[run] == NULL)
		rc = result_index_new(t->r[run], &t->index[run], err);
	*out = rc != RC_OK ? NULL : result_index_find(t->index[run], id,
	    NULL);
	return rc;
}

/* Called for each case that changed; before or after NULL: not there. */
typedef void case_fn(void *ctx, const struct result_case *before,
    const struct result_case *after);

/*
 * Calls fn for the cases of one run: those that changed, and those which only
 * this one has.
 * both    0: the latter alone
 * *n      counts the calls
 */
static int
cases_of(struct two *t, int run, int both, case_fn *fn, void *ctx, size_t *n,
    struct err *err)
{
	const struct result_case *c, *other;
	struct result_reader rd;
	size_t i;
	int rc = RC_OK;

	result_reader_init(&rd, t->r[run]);
	for (i = 0; rc == RC_OK && (c = result_case_next(&rd)) != NULL; i++) {
		rc = case_of(t, !run, c->id, i, &other, err);
		if (rc != RC_OK || (other != NULL &&
		    (!both || other->verdict == c->verdict)))
			continue;
		fn(ctx, run == 1 ? other : c, run == 1 ? c : other);
		++*n;
	}
	if (rc == RC_OK)
		rc = result_reader_check(&rd, err);
	(void)result_reader_fini(&rd);
	return rc;
}

static int
each_case(struct two *t, case_fn *fn, void *ctx, size_t *n, struct err *err)
{
	int rc = cases_of(t, 1, 1, fn, ctx, n, err);

	return rc == RC_OK ? cases_of(t, 0, 0, fn, ctx, n, err) : rc;
}

static void
tell_case(void *ctx, const struct result_case *b, const struct result_case *k)
{
	const struct result_case *any = k != NULL ? k : b;

	(void)ctx;
	(void)printf("  ");
	(void)cmd_put(0, any->id);
	(void)printf(": %s → %s\n    ",
	    b == NULL ? "not in it" : case_verdict_name(b->verdict),
	    k == NULL ? "not in it" : case_verdict_name(k->verdict));
	cmd_wrap(4, any->question);
	if (k != NULL && k->n_why > 0) {
		(void)printf("    ");
		cmd_wrap(4, k->why[0]);
	}
}

static const char *
pin_of(const struct result_arm *arm, const char *name)
{
	size_t i;

	for (i = 0; i < arm->n_pins; i++) {
		if (strcmp(arm->pins[i].name, name) == 0)
			return arm->pins[i].value;
	}
	return NULL;
}

static void
tell_pin(const char *name, const char *before, const char *after)
{
	struct buf b;

	buf_init(&b, (size_t)1 << 20);
	buf_printf(&b, "%s of the candidate: %s → %s", name,
	    before == NULL ? "not sent" : before,
	    after == NULL ? "not sent" : after);
	(void)printf("  ");
	cmd_wrap(2, buf_str(&b));
	buf_fini(&b);
}

static void
tell_pins(const struct two *t)
{
	const struct result_arm *b = &t->r[0]->arm[ARM_CANDIDATE];
	const struct result_arm *k = &t->r[1]->arm[ARM_CANDIDATE];
	const char *before;
	size_t i;

	for (i = 0; i < k->n_pins; i++) {
		before = pin_of(b, k->pins[i].name);
		if (before == NULL || strcmp(before, k->pins[i].value) != 0)
			tell_pin(k->pins[i].name, before, k->pins[i].value);
	}
	for (i = 0; i < b->n_pins; i++) {
		if (pin_of(k, b->pins[i].name) == NULL)
			tell_pin(b->pins[i].name, b->pins[i].value, NULL);
	}
}

static int
comparable(const struct two *t, const char **why)
{
	const struct result *a = t->r[0], *b = t->r[1];

	*why = NULL;
	if (a->run.suite_name == NULL || b->run.suite_name == NULL ||
	    strcmp(a->run.suite_name, b->run.suite_name) != 0)
		*why = "they are of different suites";
	else if (a->run.embedder_hash != NULL && b->run.embedder_hash != NULL
	    && strcmp(a->run.embedder_hash, b->run.embedder_hash) != 0)
		*why = "their embedders differ: do not compare distances";
	else if (!same_num(a->run.curve_t, b->run.curve_t))
		*why = "their embedders' curves differ: do not compare "
		    "distances";
	else if (a->run.hash_cases != NULL && b->run.hash_cases != NULL &&
	    strcmp(a->run.hash_cases, b->run.hash_cases) != 0)
		*why = "their cases differ";
	return *why == NULL;
}

static int
tell(struct two *t, int all, struct err *err)
{
	const char *why;
	size_t i, n = 0;
	int rc;

	for (i = 0; i < 2; i++) {
		(void)printf("%s  ", i == 0 ? "before" : "after ");
		(void)cmd_put(0, t->r[i]->run.id == NULL ? "?" :
		    t->r[i]->run.id);
		(void)printf("  %s %s\n        ",
		    verdict_symbol(t->r[i]->verdict),
		    verdict_name(t->r[i]->verdict));
		cmd_wrap(8, t->r[i]->headline);
	}
	if (!comparable(t, &why))
		(void)printf("caution: %s\n", why);
	tell_pins(t);
	tell_gates(t, all);
	(void)printf("\nCases\n");
	rc = each_case(t, tell_case, NULL, &n, err);
	if (rc == RC_OK && n == 0)
		(void)printf("  no case changed its verdict\n");
	return rc;
}

static void
json_case(void *ctx, const struct result_case *b, const struct result_case *k)
{
	struct json_out *o = ctx;

	json_out_obj(o);
	json_put_str(o, "id", k != NULL ? k->id : b->id);
	json_put_str(o, "before", b == NULL ? NULL :
	    case_verdict_name(b->verdict));
	json_put_str(o, "after", k == NULL ? NULL :
	    case_verdict_name(k->verdict));
	json_out_end(o, '}');
	buf_drain(o->b);
}

static void
json_gate(void *ctx, const struct result_gate *b, const struct result_gate *k)
{
	struct json_out *o = ctx;

	json_out_obj(o);
	json_put_str(o, "name", k != NULL ? k->name : b->name);
	json_put_num(o, "value_before", b == NULL ? NAN : b->value);
	json_put_num(o, "value_after", k == NULL ? NAN : k->value);
	json_put_num(o, "candidate_before", b == NULL ? NAN : b->cand);
	json_put_num(o, "candidate_after", k == NULL ? NAN : k->cand);
	json_put_str(o, "verdict_before", b == NULL ? NULL :
	    gate_verdict_name(b->verdict));
	json_put_str(o, "verdict_after", k == NULL ? NULL :
	    gate_verdict_name(k->verdict));
	json_put_bool(o, "changed", gate_changed(b, k));
	json_out_end(o, '}');
}

static enum rc
print(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	return fwrite(p, 1, n, stdout) == n ? RC_OK : RC_IO;
}

static int
tell_json(struct two *t, struct err *err)
{
	static const char *const side[2] = { "before", "after" };
	struct json_out o;
	const char *why;
	struct buf out;
	size_t i, n = 0;
	int rc;

	buf_init(&out, (size_t)1 << 30);
	buf_sink(&out, print, NULL);
	json_out_init(&o, &out, 1);
	json_out_obj(&o);
	for (i = 0; i < 2; i++) {
		json_out_key(&o, side[i]);
		json_out_obj(&o);
		json_put_str(&o, "run", t->r[i]->run.id);
		json_put_str(&o, "verdict", verdict_name(t->r[i]->verdict));
		json_put_str(&o, "headline", t->r[i]->headline);
		json_out_end(&o, '}');
	}
	(void)comparable(t, &why);
	json_put_str(&o, "caution", why);
	json_out_key(&o, "gates");
	json_out_arr(&o);
	each_gate(t, json_gate, &o);
	json_out_end(&o, ']');
	json_out_key(&o, "cases");
	json_out_arr(&o);
	rc = each_case(t, json_case, &o, &n, err);
	json_out_end(&o, ']');
	json_out_end(&o, '}');
	buf_putc(&out, '\n');
	buf_flush(&out);
	if (rc == RC_OK)
		rc = buf_check(&out, "standard output", err);
	buf_fini(&out);
	return rc;
}

int
cmd_compare(int argc, char **argv)
{
	struct err err = ERR_INIT;
	struct compare_opts o = { NULL, 0, 0 };
	struct two t = { 0 };
	struct cmd_line line;
	size_t i;
	int rc;

	rc = cmd_begin(&compare_cmd, argc, argv, &o, &line, &err);
	if (rc == RC_OK && line.n != 2)
		rc = err_set(&err, RC_USAGE, "give two RUNs; `last` can be one "
		    "of them");
	for (i = 0; rc == RC_OK && i < 2; i++)
		rc = cmd_result_open(o.home, line.rest[i], &t.r[i], &err);
	for (i = 0; i < 2; i++)
		result_reader_init(&t.rd[i], t.r[i]);
	if (rc == RC_OK && o.json)
		rc = tell_json(&t, &err);
	else if (rc == RC_OK)
		rc = tell(&t, o.all, &err);
	for (i = 0; i < 2; i++) {
		(void)result_reader_fini(&t.rd[i]);
		result_index_free(t.index[i]);
		result_free(t.r[i]);
	}
	return cmd_end("compare", &line, rc, 0, &err);
}
