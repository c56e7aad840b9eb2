/*
 * A scored run made by hand, for the tests of gates and verdict: n cases of
 * six variants on two equal stacks, to be spoilt by the test.
 */
#ifndef LOCKSTEP_TESTS_VERDICT_WORLD_H
#define LOCKSTEP_TESTS_VERDICT_WORLD_H

#include <unistd.h>

#include "harness/base/rng.h"
#include "harness/judge/verdict.h"
#include "harness/meaning/embed.h"
#include "harness/score/cells.h"
#include "tests/lib/check.h"

enum { MADE_VARIANTS = 6, MADE_PINS = 4 };

struct made {
	char dir[64];
	unsigned n;
	struct suite *suite;
	struct caseset *cases;
	struct plan plan;
	struct embedder *embedder;
	struct score_out score;
	struct cell *cell;	/* n of them; put into score when judged */
	double jitter;		/* of each answer by itself */
	float *base, *cand;
	uint32_t *index;
	int64_t *at_ns;		/* over twenty seconds */
	struct score_pin pin[ARM_N][MADE_PINS];
	struct verdict_in in;
};

static inline void
made_write(const struct made *w, const char *name, const char *text)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
}

/* -1 and 1 in turn, so that equal stacks differ by chance and not in mean. */
static inline float
made_sign(unsigned i)
{
	return i % 2 == 0 ? 1 : -1;
}

static inline void
made_cell(struct cell *c, unsigned i)
{
	float s = made_sign(i);
	int a;

	cell_init(c, i);
	c->pairs = MADE_VARIANTS;
	for (a = 0; a < 2; a++) {
		struct cell_arm *x = &c->arm[a];

		x->state = CASE_PASS;
		x->n = MADE_VARIANTS;
		x->m[M_DS_QUESTION_RETRIEVED] = .30f + .02f * s;
		x->m[M_DS_QUESTION_CONTEXT] = .35f + .02f * s;
		x->m[M_COVERAGE] = 1;
		x->m[M_CITATION_PRECISION] = x->m[M_CITATION_RECALL] = 1;
		x->convergence = 1;
		x->flip_rate = 0;
		x->lambda[LAMBDA_CONVERGENT] = MADE_VARIANTS;
	}
	c->drift = .004f * s;
	c->ds_answer = .02f;
	c->floor_b = .02f;
	c->floor_c = .02f + .002f * s;
	c->order = .01f * s;
	c->ln_latency = .02f * s;
}

static inline void
made_arm(struct made *w, enum arm a, uint64_t sent)
{
	struct score_arm *x = &w->score.arm[a];

	x->sent = x->answered = x->outcomes[OUTCOME_OK] = sent;
	x->p50_ns = 100e6;
	x->p95_ns = 200e6;
	x->p99_ns = x->max_ns = 300e6;
	x->ttft_p50_ns = x->ttft_p95_ns = x->cost_usd = NAN;
	x->pins = w->pin[a];
}

static inline void
made_init(struct made *w, unsigned n, const char *more, int gold)
{
	struct suite_over over = { .seed = 7 };
	struct embed_opts eo = { .spec = "lexical" };
	struct caseset_filter all = { 0 };
	struct err err = ERR_INIT;
	char *text = malloc(200 * (size_t)n + 4096), path[128];
	size_t at = 0;
	unsigned i;

	memset(w, 0, sizeof(*w));
	w->n = n;
	(void)snprintf(w->dir, sizeof(w->dir), "/tmp/verdict.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	assert_non_null(text);
	for (i = 0; i < n; i++)
		at += (size_t)sprintf(text + at, "{\"id\":\"c%u\",\"question\":"
		    "\"question %u?\",\"tags\":{\"tenant\":\"%s\",\"nth\":%u,"
		    "\"twenty\":%u}%s}\n", i, i, i % 4 == 0 ? "a" :
		    i % 4 == 3 ? "c" : "b", i, i % 20,
		    gold ? ",\"section_ids\":[\"s\"]" : "");
	made_write(w, "gold.jsonl", text);
	(void)sprintf(text, "lockstep: 1\nname: made\n"
	    "variants: {paraphrases: 3, seeds: [1, 2]}\n"
	    "request: {method: POST, path: /q, body: {q: \"{{question}}\"}}\n"
	    "extract: {preset: generic}\n%s", more);
	if (strstr(more, "cases: {") == NULL)
		strcat(text, "cases: gold.jsonl\n");
	if (strstr(more, "targets:") == NULL)
		strcat(text, "targets:\n  baseline: {url: \"http://x:1\"}\n"
		    "  candidate: {url: \"http://x:2\"}\n");
	made_write(w, "suite.yml", text);
	free(text);
	(void)snprintf(path, sizeof(path), "%s/suite.yml", w->dir);
	if (suite_load(path, &over, &w->suite, &err) != RC_OK ||
	    caseset_open(w->suite, &all, &w->cases, &err) != RC_OK ||
	    embedder_open(&eo, &w->embedder, &err) != RC_OK ||
	    cells_new(n, 0, &w->score.cells, &err) != RC_OK)
		fail_msg("%s", err.msg);
	plan_init(&w->plan, w->suite, n);
	w->cell = calloc(n, sizeof(*w->cell));
	w->base = calloc(n * MADE_VARIANTS, sizeof(*w->base));
	w->cand = calloc(n * MADE_VARIANTS, sizeof(*w->cand));
	w->index = calloc(n * MADE_VARIANTS, sizeof(*w->index));
	w->at_ns = calloc(n * MADE_VARIANTS, sizeof(*w->at_ns));
	for (i = 0; i < n; i++)
		made_cell(&w->cell[i], i);
	for (i = 0; i < n * MADE_VARIANTS; i++) {
		w->index[i] = i / MADE_VARIANTS;
		w->at_ns[i] = INT64_C(20000000000) / (n * MADE_VARIANTS) * i;
		w->base[i] = (float)(100e6 * (1 + .1 * (i % 17) / 17.0));
		w->cand[i] = (float)(100e6 * (1 + .1 * ((i + 5) % 17) / 17.0));
	}
	made_arm(w, ARM_BASELINE, n * MADE_VARIANTS);
	made_arm(w, ARM_CANDIDATE, n * MADE_VARIANTS);
	made_arm(w, ARM_BASELINE2, n * MADE_VARIANTS / 2);
	made_arm(w, ARM_CANDIDATE2, n * MADE_VARIANTS / 2);
	w->score.pairs.base = w->base;
	w->score.pairs.cand = w->cand;
	w->score.pairs.case_index = w->index;
	w->score.pairs.at_ns = w->at_ns;
	w->score.pairs.n = w->score.pairs.seen = n * MADE_VARIANTS;
	w->score.pairs.planned = w->score.pairs.n;
	w->in.live[ARM_BASELINE] = w->in.live[ARM_CANDIDATE] = 1;
	w->in.run_id = "20260101-000000-abcdef";
	w->in.started_wall_ns = 1767225600000000000;
	w->in.threads = 1;
	w->in.replay.stop_reason = "plan complete";
	w->in.replay.cpu_idle = NAN;
}

/* The candidate alone, as `targets` without a baseline gives. */
static inline void
made_single(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n; i++) {
		made_cell(&w->cell[i], i);
		w->cell[i].arm[0] = (struct cell_arm){ .state =
		    CASE_UNJUDGED };
		w->cell[i].drift = w->cell[i].order = NAN;
		w->cell[i].ln_latency = w->cell[i].floor_b = NAN;
		w->cell[i].floor_c = NAN;
	}
	for (i = 0; i < ARM_N; i++) {
		if (i != ARM_CANDIDATE)
			memset(&w->score.arm[i], 0, sizeof(w->score.arm[i]));
	}
	w->score.pairs.n = 0;
	w->in.live[ARM_BASELINE] = 0;
}

static inline void
made_pin(struct made *w, enum arm a, const char *name, const char *value,
    uint64_t n)
{
	struct score_arm *x = &w->score.arm[a];

	assert_true(x->n_pins < MADE_PINS);
	uint64_t all = n;
	size_t i;

	for (i = 0; i < x->n_pins; i++)
		all += strcmp(w->pin[a][i].name, name) == 0 ?
		    w->pin[a][i].n : 0;
	w->pin[a][x->n_pins++] = (struct score_pin){ name, value, n, all };
	for (i = 0; i < x->n_pins; i++) {
		if (strcmp(w->pin[a][i].name, name) == 0)
			w->pin[a][i].all = all;
	}
}

/* ---- the answers that would have given such cells ----------------------- */

/* A number of every answer: the arms' means of the cell. */
static inline float
made_jitter(const struct made *w, const struct cell *c, unsigned v, int what)
{
	return (float)(w->jitter * rng_normal(w->n + 1, c->case_index,
	    v * 100 + (unsigned)what));
}

static inline void
made_numbers(const struct made *w, const struct cell *c,
    struct replica_variant *v)
{
	static const int of[][2] = {
		{ REPLICA_QUESTION, M_DS_QUESTION_RETRIEVED },
		{ REPLICA_CONTEXT, M_DS_QUESTION_CONTEXT },
		{ REPLICA_COVERAGE, M_COVERAGE },
		{ REPLICA_PRECISION, M_CITATION_PRECISION },
		{ REPLICA_RECALL, M_CITATION_RECALL },
		{ REPLICA_ANCHORS, M_ANCHORS },
	};
	size_t k;
	int i, arm;

	for (k = 0; k < REPLICA_ANSWER_N; k++)
		v->x[k][0] = v->x[k][1] = v->x[k][2] = NAN;
	for (i = 0; i < 3; i++) {
		arm = i == STAT_ECHO ? v->twice : i;
		for (k = 0; k < sizeof(of) / sizeof(of[0]); k++)
			v->x[of[k][0]][i] = c->arm[arm].m[of[k][1]] +
			    made_jitter(w, c, v->v, (int)k * 3 + i);
		for (k = 0; k < SCORER_METRICS_MAX; k++)
			v->x[REPLICA_SCORER + k][i] = c->scored[arm][k];
		if (c->arm[arm].state != CASE_UNJUDGED)
			v->x[REPLICA_GOOD][i] =
			    c->arm[arm].state == CASE_PASS ||
			    (c->arm[arm].reasons != 0 && (c->arm[arm].reasons &
			    ~(CASE_CONVERGENCE | CASE_CHAOS)) == 0) ||
			    (c->arm[arm].missed > 0 &&
			    v->v >= c->arm[arm].missed);
	}
}

/* A table of eight relabelings, of which none is as large as what was seen,
 * times a variant: a case's number alone proves little. */
static inline struct stat_table
made_table(float value[8], double d)
{
	static const float part[8] = { 1, .5f, -.5f, -1, .25f, -.25f, 0, 0 };
	int i;

	for (i = 0; i < 8; i++)
		value[i] = (float)d * part[i];
	return (struct stat_table){ .value = isnan(d) ? NULL : value,
		.n = 8 };
}

static inline void
made_replica(struct made *w, unsigned i)
{
	struct replica_variant v[MADE_VARIANTS] = { { .v = 0 } };
	struct replica_case c = { .case_index = i, .v = v,
		.per_case = MADE_VARIANTS, .n = MADE_VARIANTS };
	const struct cell *k = &w->cell[i];
	struct err err = ERR_INIT;
	float value[2][8];
	int lone;
	unsigned j;

	for (j = 0; j < MADE_VARIANTS; j++) {
		v[j].v = j;
		v[j].twice = (uint8_t)((i + j) % 2 == 0 ? STAT_BASE :
		    STAT_CAND);
		v[j].answered = 7;
		made_numbers(w, k, &v[j]);
		lone = v[j].twice == STAT_BASE ? STAT_CAND : STAT_BASE;
		v[j].ds[0] = v[j].ds[1] = v[j].ds[2] = k->ds_answer;
		v[j].ds[lone] = v[j].twice == STAT_BASE ? k->floor_b :
		    k->floor_c;
		v[j].order[STAT_ECHO] = k->order + made_jitter(w, k, j, 50);
		v[j].drift = k->drift + made_jitter(w, k, j, 51);
	}
	c.tables.convergence = made_table(value[0],
	    (double)(k->arm[1].convergence - k->arm[0].convergence));
	c.tables.flip = made_table(value[1],
	    (double)(k->arm[1].flip_rate - k->arm[0].flip_rate));
	assert_int_equal(replicas_put(w->score.replicas, &c, &err), RC_OK);
}

static inline void
made_replicas(struct made *w)
{
	struct err err = ERR_INIT;
	unsigned i;

	replicas_free(w->score.replicas);
	assert_int_equal(replicas_new(w->n, &w->score.replicas, &err), RC_OK);
	for (i = 0; i < w->n; i++)
		made_replica(w, i);
}

/* Of cells and replicas that are there. */
static inline struct result *
made_build(struct made *w)
{
	struct err err = ERR_INIT;
	struct result *r = NULL;

	w->in.suite = w->suite;
	w->in.cases = w->cases;
	w->in.plan = &w->plan;
	w->in.score = &w->score;
	w->in.embedder = w->embedder;
	if (verdict_build(&w->in, &r, &err) != RC_OK)
		fail_msg("%s", err.msg);
	return r;
}

static inline struct result *
made_judge(struct made *w)
{
	struct err err = ERR_INIT;
	unsigned i;

	for (i = 0; i < w->n; i++)
		assert_int_equal(cells_put(w->score.cells, &w->cell[i], &err),
		    RC_OK);
	made_replicas(w);
	return made_build(w);
}

static inline const struct result_gate *
made_gate(const struct result *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->n_gates; i++) {
		if (strcmp(r->gates[i].name, name) == 0)
			return &r->gates[i];
	}
	for (i = 0; i < r->n_gates; i++)
		print_message("%s %s %g\n", r->gates[i].name,
		    gate_verdict_name(r->gates[i].verdict), r->gates[i].p);
	fail_msg("no gate %s", name);
	return NULL;
}

static inline void
made_fini(struct made *w)
{
	char path[128];

	cells_free(w->score.cells);
	replicas_free(w->score.replicas);
	embedder_close(&w->embedder);
	caseset_close(&w->cases);
	suite_free(w->suite);
	free(w->cell);
	free(w->base);
	free(w->cand);
	free(w->index);
	free(w->at_ns);
	(void)snprintf(path, sizeof(path), "%s/gold.jsonl", w->dir);
	(void)unlink(path);
	(void)snprintf(path, sizeof(path), "%s/suite.yml", w->dir);
	(void)unlink(path);
	assert_int_equal(rmdir(w->dir), 0);
}

#endif
