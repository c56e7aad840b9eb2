/* Many runs of the rig; see many.h. */
#include "tests/bench/verdict/many.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef _OPENMP
#include <omp.h>
#endif

#include "harness/judge/gate.h"

void
bench_die(const struct err *err)
{
	(void)fprintf(stderr, "bench_verdict: %s\n", err->msg);
	exit(2);
}

static int
thread(void)
{
#ifdef _OPENMP
	return omp_get_thread_num();
#else
	return 0;
#endif
}

static int
threads(void)
{
	int n = 1;

#ifdef _OPENMP
	n = omp_get_max_threads() < RIGS_MAX ? omp_get_max_threads() :
	    RIGS_MAX;
	omp_set_num_threads(n);
#endif
	return n;
}

void
rigs_open(struct rigs *r, const struct rig_world *w, const char *options,
    const char *dir)
{
	struct err err = ERR_INIT;
	char path[600];
	int i;

	r->n = threads();
	for (i = 0; i < r->n; i++) {
		(void)snprintf(path, sizeof(path), "%s/run-%d.jsonl.zst",
		    dir, i);
		if (rig_open(&r->v[i], w, options, path, &err) != RC_OK)
			bench_die(&err);
	}
}

void
rigs_close(struct rigs *r)
{
	int i;

	for (i = 0; i < r->n; i++)
		rig_close(&r->v[i]);
}

/* What is kept of a run. */
struct seen_run {
	enum verdict verdict;
	double body, p95, floor;
	double lost;		/* share of the cases */
	uint64_t asked;
	unsigned char by[RIG_GATES];	/* enum gate_verdict */
};

static double
gate_number(const struct result *r, const char *name, int base)
{
	size_t i;

	for (i = 0; i < r->n_gates; i++) {
		if (strcmp(r->gates[i].name, name) == 0)
			return base ? r->gates[i].base : r->gates[i].value;
	}
	return NAN;
}

static void
look_at_gates(const struct result *r, struct seen_run *out)
{
	size_t i;
	int at;

	for (i = 0; i < r->n_gates; i++) {
		at = gate_find(r->gates[i].name);
		if (at >= 0)
			out->by[at] = (unsigned char)r->gates[i].verdict;
	}
}

static void
run_one(const struct many *m, unsigned i, struct seen_run *out)
{
	struct rig_ask ask = { m->from + i, m->fault, m->lost };
	struct err err = ERR_INIT;
	struct rig_seen seen;
	struct result *r;

	if (rig_run(&m->rigs->v[thread()], &ask, &seen, &r, &err) != RC_OK)
		bench_die(&err);
	out->lost = seen.share[GATE_ID_cases];
	look_at_gates(r, out);
	out->asked = m->rigs->v[thread()].asked_again;
	out->verdict = r->verdict;
	out->body = gate_number(r, "latency_body", 0);
	out->p95 = gate_number(r, "latency_p95", 0);
	out->floor = gate_number(r, "instability", 1);
	if (m->keep != NULL && i < m->kept)
		m->keep[i] = r;
	else
		result_free(r);
}

static int
counts(const struct many *m, const struct seen_run *v)
{
	return m->exactly == 0 || (unsigned)(v->lost *
	    (double)m->rigs->v[0].w->plan.n_cases + .5) == m->exactly;
}

/* Runs in parallel, as many as are wanted, in the order of their numbers.
 * returns how many of those that count there are */
static unsigned
run_all(const struct many *m, struct seen_run *v)
{
	unsigned tries = m->exactly == 0 ? 1 : TRIES_MAX, round, i, k = 0;
	struct seen_run *some = calloc(m->n + 1, sizeof(*some));

	if (some == NULL)
		exit(2);
	for (round = 0; round < tries && k < m->n; round++) {
#pragma omp parallel for schedule(dynamic)
		for (i = 0; i < m->n; i++)
			run_one(m, round * m->n + i, &some[i]);
		for (i = 0; i < m->n && k < m->n; i++) {
			if (counts(m, &some[i]))
				v[k++] = some[i];
		}
	}
	free(some);
	return k;
}

struct tally
run_many(const struct many *m)
{
	struct seen_run *v = calloc(m->n + 1, sizeof(*v));
	struct tally t = { .n = 0 };
	unsigned i, g;

	if (v == NULL)
		exit(2);
	t.n = run_all(m, v);
	for (i = 0; i < t.n; i++) {
		t.of[v[i].verdict]++;
		t.body += v[i].body / t.n;
		t.p95 += v[i].p95 / t.n;
		t.floor += v[i].floor / t.n;
		t.again += v[i].asked > 0;
		t.asked += (double)v[i].asked;
		for (g = 0; g < RIG_GATES; g++) {
			if (v[i].by[g] < GATE_VERDICTS)
				t.by[g][v[i].by[g]]++;
		}
	}
	t.asked /= t.again > 0 ? t.again : 1;
	free(v);
	return t;
}

void
tally_tell(const struct tally *t, struct json_out *json)
{
	char key[80];
	int v, g;

	json_out_key(json, "runs");
	json_out_int(json, t->n);
	for (v = 0; v < VERDICT_N; v++) {
		json_out_key(json, verdict_name((enum verdict)v));
		json_out_int(json, t->of[v]);
	}
	json_out_key(json, "asked_again");
	json_out_int(json, t->again);
	json_out_key(json, "requests_again");
	json_out_num(json, t->asked);
	json_out_key(json, "gates");
	json_out_obj(json);
	for (v = GATE_PASS + 1; v < GATE_VERDICTS; v++) {
		for (g = 0; gate_rows[g].name != NULL; g++) {
			if (t->by[g][v] == 0)
				continue;
			(void)snprintf(key, sizeof(key), "%s %s",
			    gate_rows[g].name,
			    gate_verdict_name((enum gate_verdict)v));
			json_out_key(json, key);
			json_out_int(json, t->by[g][v]);
		}
	}
	json_out_end(json, '}');
}
