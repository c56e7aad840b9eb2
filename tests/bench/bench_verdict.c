/*
 * How far a verdict can be trusted: equal stacks judged a few hundred times,
 * and planted faults at the dose where `plan` promises that they FAIL 49
 * times in 50, at half, a quarter and an eighth of it; of faults of sections
 * also with one section less than promised.  What is undecided is
 * asked again, as the program does.  Every run has draws of its own; see
 * verdict/rig.h for how it comes about without a network.
 *
 *	bench_verdict DIR OUT.json AA_RUNS DOSE_RUNS [ROW...]
 *
 * DIR holds suite.yml, pins.yml (the same with pins.equal) and what they
 * name; halved doses get half as many runs as the promised one. Prints both
 * tables and writes them as JSON. ROW: these alone; of equal stacks "sampled",
 * "same" and "gone" (arms that do not answer), of faults one's name, "missing",
 * or "missing/1": its dose halved once, and "missing/4": one section less. What
 * plan foretells needs 20 runs of equal stacks besides.
 *
 * Exit status 1: equal stacks FAIL in more than one run of a hundred or are
 * INCONCLUSIVE in more than one of ten, an arm without answers is believed, or
 * a promised dose FAILs in less than 95 of a hundred.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/buf.h"
#include "harness/base/json.h"
#include "harness/judge/gate_kind.h"
#include "harness/judge/plan_see.h"
#include "harness/result/store.h"
#include "harness/stat/stat_dist.h"
#include "tests/bench/verdict/many.h"

enum { HISTORY = 20, DOSES = 4, LESS = DOSES, CANDIDATE_ARMS = 2 };

/* A stack as real ones are: latency 20 ms, log-normal, one request in a
 * hundred eight times as long; 3 % of rankings disturbed; 0.2 % errors. */
#define MEDIAN_MS 20.0
#define SIGMA .25
#define TAIL .01
#define TAIL_FACTOR 8
static const char noise[] =
    "--noise .03 --errors .002 --latency 20ms --sigma .25 --tail .01x8";
static const char sampled[] = "--noise .03 --errors .002 --latency 20ms "
    "--sigma .25 --tail .01x8 --sampled 1";

struct bench {
	const char *dir;
	struct rig_world world, pins;
	struct rigs rigs;	/* noise's stacks */
	unsigned aa_runs, dose_runs;
	char **only;		/* the rows to run, or none: all */
	int n_only;
	struct see_in in;
	struct see_gate gate[RIG_GATES];	/* what plan promises */
	size_t n_gates;
	unsigned fewest;	/* FAILs at a promised dose */
	int broken;		/* of the limits above */
	struct json_out json;
	struct buf text;
};

/* The first runs' results go into the store that plan reads. */
static int
remember(struct store *store, const char *home, const struct suite *s,
    struct result *r, struct err *err)
{
	struct store_run run = { .n_cases = 0 };
	int rc;

	(void)snprintf(run.suite_name, sizeof(run.suite_name), "%s", s->name);
	(void)snprintf(run.suite_path, sizeof(run.suite_path), "%s", s->path);
	(void)snprintf(run.suite_hash, sizeof(run.suite_hash), "%s", s->hash);
	(void)snprintf(run.stacks, sizeof(run.stacks), "aa");
	rc = store_run_new(store, home, &run, err);
	if (rc != RC_OK)
		return rc;
	r->run.id = result_str(r, run.id);
	return store_result_put(store, r, err);
}

/* Whether a row was asked for; halved -1: any dose of a fault. */
static int
chosen(const struct bench *b, const char *name, int halved)
{
	size_t n = strcspn(name, "=");
	const char *rest;
	int i;

	for (i = 0; i < b->n_only; i++) {
		rest = b->only[i] + n;
		if (strncmp(b->only[i], name, n) == 0 && (*rest == '\0' ||
		    (*rest == '/' && (halved < 0 || atoi(rest + 1) ==
		    halved))))
			return 1;
	}
	return b->n_only == 0;
}

/* ---- A/A ----------------------------------------------------------------- */

static const char *
number(double v, char out[16])
{
	(void)snprintf(out, 16, isfinite(v) ? "%.3f" : "-", v);
	return out;
}

static void
tell_aa(struct bench *b, const char *what, const struct tally *t)
{
	char body[16], p95[16], floor[16];

	(void)printf("| %-28s | %3u | %4u | %12u | %6u | %4u | %7u | %3u | "
	    "%s | %s | %s |\n", what, t->n, t->of[VERDICT_PASS],
	    t->of[VERDICT_INCONCLUSIVE], t->of[VERDICT_REVIEW],
	    t->of[VERDICT_FAIL], t->of[VERDICT_INVALID] +
	    t->of[VERDICT_CANNOT_RUN], t->again, number(t->body, body),
	    number(t->p95, p95), number(t->floor, floor));
	(void)fflush(stdout);
	json_out_obj(&b->json);
	json_out_key(&b->json, "stacks");
	json_out_str(&b->json, what);
	tally_tell(t, &b->json);
	json_out_key(&b->json, "latency_ratio");
	json_out_num(&b->json, t->body);
	json_out_key(&b->json, "p95_ratio");
	json_out_num(&b->json, t->p95);
	json_out_key(&b->json, "answer_floor");
	json_out_num(&b->json, t->floor);
	json_out_end(&b->json, '}');
}

static void
limit(struct bench *b, int holds, const char *what)
{
	if (holds)
		return;
	b->broken = 1;
	(void)fprintf(stderr, "bench_verdict: %s\n", what);
}

/* Equal stacks, all of which answered. */
static void
check_equal(struct bench *b, const struct tally *t)
{
	limit(b, t->of[VERDICT_FAIL] <= (t->n + 99) / 100,
	    "equal stacks FAIL in more than one run of a hundred");
	limit(b, t->of[VERDICT_INCONCLUSIVE] <= (t->n + 9) / 10,
	    "equal stacks are INCONCLUSIVE in more than one run of ten");
	limit(b, t->of[VERDICT_INVALID] + t->of[VERDICT_CANNOT_RUN] == 0,
	    "equal stacks could not be judged");
}

/* Of the A/A runs that plan looks back on. */
static void
see(struct bench *b, struct result **keep, unsigned n)
{
	struct err err = ERR_INIT;
	struct store *store = NULL;
	char home[600];
	unsigned i;
	int rc;

	(void)snprintf(home, sizeof(home), "%s/state", b->dir);
	rc = store_open(home, &store, &err);
	for (i = 0; i < n && rc == RC_OK; i++)
		rc = remember(store, home, b->world.suite, keep[i], &err);
	b->in = (struct see_in){ .suite = b->world.suite,
		.family = gate_family(NULL, 0),
		.plan = &b->world.plan, .n_gold = caseset_n(b->world.cases),
		.paired = 1, .latency = 1,
		.seconds = (double)b->world.plan.n_items * RIG_EVERY_S };
	if (rc == RC_OK)
		rc = plan_see(&b->in, store, b->gate, &b->n_gates, &err);
	if (rc != RC_OK)
		bench_die(&err);
	store_close(&store);
}

static void
bench_aa(struct bench *b)
{
	static const struct { const char *name; unsigned lost; } gone[] = {
		{ "no baseline answers", 1 << ARM_BASELINE |
		    1 << ARM_BASELINE2 },
		{ "no candidate answers", 1 << ARM_CANDIDATE |
		    1 << ARM_CANDIDATE2 },
		{ "neither", 15 },
		{ "nobody answers twice", 1 << ARM_BASELINE2 |
		    1 << ARM_CANDIDATE2 },
	};
	struct result *keep[HISTORY] = { NULL };
	struct many m = { &b->rigs, b->aa_runs, 0, NULL, 0, 0,
		keep, HISTORY };
	struct tally t;
	size_t i;

	(void)printf("| equal stacks | runs | PASS | INCONCLUSIVE | REVIEW | "
	    "FAIL | INVALID | asked again | body ratio | p95 ratio | "
	    "ΔS floor |\n|---|---|---|---|---|---|---|---|---|---|---|\n");
	json_out_key(&b->json, "equal_stacks");
	json_out_arr(&b->json);
	if (chosen(b, "sampled", -1)) {
		rigs_open(&b->rigs, &b->world, sampled, b->dir);
		t = run_many(&(struct many){ &b->rigs, b->aa_runs, 100000,
		    NULL, 0, 0, NULL, 0 });
		tell_aa(b, "answers sampled each time", &t);
		check_equal(b, &t);
		rigs_close(&b->rigs);
	}
	rigs_open(&b->rigs, &b->world, noise, b->dir);
	if (!chosen(b, "same", -1) && m.n > HISTORY)
		m.n = HISTORY;
	t = run_many(&m);
	if (chosen(b, "same", -1)) {
		tell_aa(b, "answers the same", &t);
		check_equal(b, &t);
	}
	see(b, keep, m.n < HISTORY ? m.n : HISTORY);
	for (i = 0; i < HISTORY; i++)
		result_free(keep[i]);
	m.keep = NULL;
	m.n = 20;
	for (i = 0; chosen(b, "gone", -1) &&
	    i < sizeof(gone) / sizeof(gone[0]); i++) {
		m.lost = gone[i].lost;
		t = run_many(&m);
		tell_aa(b, gone[i].name, &t);
		limit(b, t.of[VERDICT_INVALID] + t.of[VERDICT_CANNOT_RUN] ==
		    t.n, "an arm without answers was believed");
	}
	json_out_end(&b->json, ']');
}

/* ---- doses --------------------------------------------------------------- */

enum dose_kind {
	OF_SECTIONS,	/* a share of the gold sections */
	OF_ANSWERS,	/* a share of the requests, that changes the answer */
	OF_ERRORS,	/* a share of the requests, that fails them */
	OF_TAIL,	/* a share of the requests, eight times as slow */
	FACTOR,		/* of all service times */
	ALWAYS		/* one answer is enough */
};

struct fault {
	const char *name;	/* of ragstack; with its value when ALWAYS */
	enum dose_kind kind;
	const char *says;
	const char *by;		/* what sees it, when ALWAYS */
};

static const struct fault faults[] = {
	{ "missing", OF_SECTIONS, "gold sections are not in the index", NULL },
	{ "wrongtop", OF_SECTIONS, "a neighbour ranks first and answers",
	    NULL },
	{ "stale", OF_SECTIONS, "an older text is served", NULL },
	{ "seedorder", OF_SECTIONS, "order depends on the seed", NULL },
	{ "wrongcite", OF_SECTIONS, "another section is cited", NULL },
	{ "empty", OF_ANSWERS, "nothing is found", NULL },
	{ "refuse", OF_ANSWERS, "the answer is declined", NULL },
	{ "5xx", OF_ERRORS, "500, 502 or 503", NULL },
	{ "timeout", OF_ERRORS, "no answer in time", NULL },
	{ "slow", FACTOR, "all slower", NULL },
	{ "tail", OF_TAIL, "eight times as slow", NULL },
	{ "mixedindex=.002", ALWAYS, "two answers from an old index",
	    "pin drift" },
	{ "pinsdrift=850", ALWAYS, "PROMPT_VER changes near the end",
	    "pin drift" },
	{ "oldpins", ALWAYS, "an old release's pins, pins.equal",
	    "pins.equal" },
	{ "dropfields", ALWAYS, "citations lack fields",
	    "cases (schema)" },
};

/* What a fault at its full dose does to the cases. */
static void
measure_full(struct bench *b, const struct fault *f, struct rig_seen *out)
{
	struct rig_ask ask = { .number = 500000 };
	struct err err = ERR_INIT;
	struct result *r;
	char spec[64];

	memset(out, 0, sizeof(*out));
	if (f->kind != OF_SECTIONS && f->kind != OF_ANSWERS)
		return;
	(void)snprintf(spec, sizeof(spec), "%s=1", f->name);
	ask.fault = spec;
	if (rig_run(&b->rigs.v[0], &ask, out, &r, &err) != RC_OK)
		bench_die(&err);
	result_free(r);
}

/* P(service time <= t) when a share x of the requests takes eight times. */
static double
service_cdf(double t, double x)
{
	double a = log(t / MEDIAN_MS) / SIGMA;
	double b = log(t / MEDIAN_MS / TAIL_FACTOR) / SIGMA;
	double c = log(t / MEDIAN_MS / TAIL_FACTOR / TAIL_FACTOR) / SIGMA;

	return (1 - x) * ((1 - TAIL) * dist_normal_cdf(a) +
	    TAIL * dist_normal_cdf(b)) + x * ((1 - TAIL) *
	    dist_normal_cdf(b) + TAIL * dist_normal_cdf(c));
}

static double
service_p95(double x)
{
	double lo = MEDIAN_MS, hi = MEDIAN_MS * 1000, mid;
	int i;

	for (i = 0; i < 60; i++) {
		mid = (lo + hi) / 2;
		if (service_cdf(mid, x) >= .95)
			hi = mid;
		else
			lo = mid;
	}
	return hi;
}

/* How often this gate, by plan, would see the fault at dose x.  hit: of how
 * many sections, exactly; 0: a share by chance, as plan itself has it. */
static double
gate_power(const struct bench *b, const struct see_gate *g,
    const struct fault *f, const struct rig_seen *full, double x,
    uint64_t hit)
{
	int row = gate_find(g->row->name);
	int cases = g->row->id == GATE_ID_cases;
	struct see_harm h = { x, 1, 0 };

	switch (f->kind) {
	case OF_SECTIONS:
		h = (struct see_harm){ x * full->share[row] * (cases ? 1 :
		    full->size[row]), x * full->share[row], hit };
		return g->row->how->review ? 0 : plan_see_power(&b->in, g, &h);
	case OF_ANSWERS:
		/* in some of a case's answers: of the means only λ's is
		 * simple, drift and floor move together */
		h.share = full->share[row] *
		    (1 - pow(1 - x, b->world.plan.per_case));
		h.effect = x * full->share[row] *
		    (cases ? 1 : full->size[row]);
		return !cases && strcmp(g->row->name, "lambda") != 0 ? 0 :
		    plan_see_power(&b->in, g, &h);
	case OF_ERRORS:
		return g->row->id == GATE_ID_errors ||
		    (g->row->id == GATE_ID_http_5xx &&
		    strcmp(f->name, "5xx") == 0) ?
		    plan_see_power(&b->in, g, &h) : 0;
	case OF_TAIL:
		h.share = 1 - service_cdf(g->margin * service_p95(0), x);
		return g->row->how->kind->quantile ?
		    plan_see_power(&b->in, g, &h) : 0;
	case FACTOR:
		return g->row->how->kind->live ?
		    plan_see_power(&b->in, g, &h) : 0;
	default:
		return 1;
	}
}

/* What plan foretells of the fault at dose x, and by which gate. */
static double
foretold(const struct bench *b, const struct fault *f,
    const struct rig_seen *full, double x, uint64_t hit, const char **by)
{
	double best = 0, p;
	size_t i;

	*by = f->by;
	for (i = 0; i < b->n_gates && f->kind != ALWAYS; i++) {
		p = gate_power(b, &b->gate[i], f, full, x, hit);
		if (p <= best)
			continue;
		best = p;
		*by = b->gate[i].row->name;
	}
	return f->kind == ALWAYS ? 1 : best;
}

/* Sections are hit whole: the fewest that plan promises to see, of all gold
 * sections; NaN: none. */
static double
promised_sections(const struct bench *b, const struct fault *f,
    const struct rig_seen *full)
{
	double n = (double)b->in.n_gold;
	const char *by;
	uint64_t hit;

	for (hit = 1; hit <= b->in.n_gold; hit++)
		if (foretold(b, f, full, (double)hit / n, hit, &by) >=
		    see_power[SEE_SURE])
			return (double)hit / n;
	return NAN;
}

/* The smallest dose that plan promises to see; NaN: none. */
static double
promised(const struct bench *b, const struct fault *f,
    const struct rig_seen *full)
{
	double none = f->kind == FACTOR ? 1 : 0, lo = none;
	double hi = f->kind == FACTOR ? 10 : 1, mid;
	const char *by;
	int i;

	if (f->kind == OF_SECTIONS)
		return promised_sections(b, f, full);
	if (foretold(b, f, full, hi, 0, &by) < see_power[SEE_SURE])
		return NAN;
	for (i = 0; i < 40; i++) {
		mid = (lo + hi) / 2;
		if (foretold(b, f, full, mid, 0, &by) >= see_power[SEE_SURE])
			hi = mid;
		else
			lo = mid;
	}
	return hi;
}

/* The promised dose, halved so often; of sections the nearest whole number,
 * and LESS is one section less. */
static double
dose_of(const struct bench *b, const struct fault *f, double x, int halved)
{
	double none = f->kind == FACTOR ? 1 : 0, n = (double)b->in.n_gold;

	if (halved == LESS)
		return round(x * n - 1) / n;
	x = none + (x - none) / (1 << halved);
	return f->kind == OF_SECTIONS ? round(x * n) / n : x;
}

static void
tell_dose(struct bench *b, const struct fault *f, const char *dose,
    double told, const char *by, const struct tally *t)
{
	double n = t->n / 100.0;

	(void)printf("| %-15s | %-35s | %9s | %-18s | %3.0f %% | %3u "
	    "| %3.0f %% | %3.0f %% | %3.0f %% | %3.0f %% |\n", f->name,
	    f->says, dose, by, 100 * told, t->n, t->of[VERDICT_FAIL] / n,
	    t->of[VERDICT_INCONCLUSIVE] / n, (t->of[VERDICT_PASS] +
	    t->of[VERDICT_REVIEW]) / n, t->again / n);
	(void)fflush(stdout);
	json_out_obj(&b->json);
	json_out_key(&b->json, "fault");
	json_out_str(&b->json, f->name);
	json_out_key(&b->json, "dose");
	json_out_str(&b->json, dose);
	json_out_key(&b->json, "foretold");
	json_out_num(&b->json, told);
	json_out_key(&b->json, "by");
	json_out_str(&b->json, by);
	tally_tell(t, &b->json);
	json_out_end(&b->json, '}');
}

/* The promised dose, halved so often. returns how many FAIL */
static unsigned
bench_dose(struct bench *b, const struct fault *f,
    const struct rig_seen *full, double promise, int halved)
{
	/* no two doses share a draw, whichever faults are chosen */
	uint64_t from = ((uint64_t)(f - faults) * DOSES + (halved == LESS ?
	    0 : (uint64_t)halved) + 1) * 1000000 +
	    (halved == LESS ? 500000 : 0);
	char spec[64], dose[32];
	const char *by;
	double x = dose_of(b, f, promise, halved);
	uint64_t hit = f->kind == OF_SECTIONS ?
	    (uint64_t)llround(x * (double)b->in.n_gold) : 0;
	double told = foretold(b, f, full, x, hit, &by);
	struct many m = { &b->rigs, halved == 0 || halved == LESS ?
	    b->dose_runs : (b->dose_runs + 1) / 2, from, spec, 0, 0, NULL, 0 };
	struct tally t;

	if (f->kind == ALWAYS) {
		(void)snprintf(spec, sizeof(spec), "%s", f->name);
		(void)snprintf(dose, sizeof(dose), "-");
	} else if (f->kind == OF_SECTIONS) {
		(void)snprintf(spec, sizeof(spec), "%s=%.6f", f->name, x);
		(void)snprintf(dose, sizeof(dose), "%.0f of %llu",
		    x * (double)b->in.n_gold,
		    (unsigned long long)b->in.n_gold);
	} else {
		(void)snprintf(spec, sizeof(spec), "%s=%.6f", f->name, x);
		(void)snprintf(dose, sizeof(dose), f->kind == FACTOR ?
		    "x %.3f" : "%.2f %%", f->kind == FACTOR ? x : 100 * x);
	}
	t = run_many(&m);
	tell_dose(b, f, dose, told, by, &t);
	return t.of[VERDICT_FAIL];
}

static void
bench_fault(struct bench *b, const struct fault *f)
{
	struct rig_seen full;
	static const int order[] = { 0, LESS, 1, 2, 3 };
	size_t n = f->kind == ALWAYS ? 1 : sizeof(order) / sizeof(order[0]);
	double x, dose, last = 0;
	unsigned fails;
	size_t i;

	measure_full(b, f, &full);
	x = f->kind == ALWAYS ? 1 : promised(b, f, &full);
	if (isnan(x)) {
		(void)printf("| %-15s | %-35s | plan promises nothing at this "
		    "size |\n", f->name, f->says);
		return;
	}
	for (i = 0; i < n; i++) {
		if (!chosen(b, f->name, order[i]) ||
		    (order[i] == LESS && f->kind != OF_SECTIONS))
			continue;
		/* of three sections there are no four smaller doses */
		dose = dose_of(b, f, x, order[i]);
		if (dose <= 0 || dose == last)
			continue;
		last = dose;
		fails = bench_dose(b, f, &full, x, order[i]);
		if (order[i] == 0 && fails < b->fewest)
			b->fewest = fails;
	}
}

static void
bench_faults(struct bench *b)
{
	size_t i, n = sizeof(faults) / sizeof(faults[0]);

	(void)printf("\n| fault | what it does | dose | best gate | "
	    "predicted | runs | FAIL | INCONCLUSIVE | PASS, REVIEW | "
	    "asked again |\n|---|---|---|---|---|---|---|---|---|---|\n");
	json_out_key(&b->json, "doses");
	json_out_arr(&b->json);
	for (i = 0; i < n; i++) {
		if (!chosen(b, faults[i].name, -1))
			continue;
		if (strcmp(faults[i].name, "oldpins") != 0) {
			bench_fault(b, &faults[i]);
			continue;
		}
		rigs_close(&b->rigs);
		rigs_open(&b->rigs, &b->pins, noise, b->dir);
		bench_fault(b, &faults[i]);
		rigs_close(&b->rigs);
		rigs_open(&b->rigs, &b->world, noise, b->dir);
	}
	json_out_end(&b->json, ']');
	(void)printf("\nAt the doses that plan promises: %u of %u FAIL, or "
	    "more, for every fault.\n", b->fewest, b->dose_runs);
	json_out_key(&b->json, "fewest_fails_at_promised_dose");
	json_out_int(&b->json, b->fewest);
	limit(b, b->fewest * 100 >= b->dose_runs * 95,
	    "a dose that plan promises FAILs in less than 95 of a hundred");
}

/* ---- the whole ----------------------------------------------------------- */

static void
open_worlds(struct bench *b)
{
	struct err err = ERR_INIT;
	char path[600];

	(void)snprintf(path, sizeof(path), "%s/suite.yml", b->dir);
	if (rig_world_open(&b->world, path, &err) != RC_OK)
		bench_die(&err);
	(void)snprintf(path, sizeof(path), "%s/pins.yml", b->dir);
	if (rig_world_open(&b->pins, path, &err) != RC_OK)
		bench_die(&err);
}

int
main(int argc, char **argv)
{
	static struct bench b;
	FILE *f;

	if (argc < 5) {
		(void)fprintf(stderr, "usage: bench_verdict DIR OUT.json "
		    "AA_RUNS DOSE_RUNS [ROW...]\n");
		return 2;
	}
	b.dir = argv[1];
	b.aa_runs = (unsigned)strtoul(argv[3], NULL, 10);
	b.dose_runs = (unsigned)strtoul(argv[4], NULL, 10);
	b.only = argv + 5;
	b.n_only = argc - 5;
	b.fewest = b.dose_runs;
	open_worlds(&b);
	buf_init(&b.text, 16 << 20);
	json_out_init(&b.json, &b.text, 1);
	json_out_obj(&b.json);
	bench_aa(&b);
	if (b.dose_runs > 0)
		bench_faults(&b);
	json_out_end(&b.json, '}');
	rigs_close(&b.rigs);
	f = fopen(argv[2], "w");
	if (f == NULL || fprintf(f, "%s\n", buf_str(&b.text)) < 0 ||
	    fclose(f) != 0) {
		perror(argv[2]);
		return 2;
	}
	buf_fini(&b.text);
	rig_world_close(&b.world);
	rig_world_close(&b.pins);
	return b.broken;
}
