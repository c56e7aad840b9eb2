/* What a judged run leaves undecided; see undecided.h. */
#include "harness/judge/undecided.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/critical.h"
#include "harness/score/cells.h"
#include "harness/score/replica.h"
#include "harness/stat/stat.h"

int
undecided_unanswered(const struct result_case *c, const struct cell *cell)
{
	return c->verdict == CASE_V_UNJUDGED && !c->quarantined &&
	    cell->arm[0].state != CASE_UNJUDGED &&
	    cell->arm[1].state == CASE_UNJUDGED &&
	    /* asked: a budget may have ended before */
	    cell->arm[1].answered * 2 < cell->arm[1].n;
}

/* A gate that is beyond its limit and did not FAIL. */
static int
gate_beyond(const struct result *r, const char *name)
{
	const struct result_gate *g = result_gate_find(r, name);

	return g != NULL && result_gate_beyond(g) &&
	    g->verdict != GATE_FAIL && g->verdict != GATE_NOT_JUDGED;
}

/* The same, where chance does not explain it. */
static int
gate_undecided(const struct result *r, const char *name)
{
	return gate_beyond(r, name) &&
	    result_gate_find(r, name)->p <= UNDECIDED_P;
}

static double
blocks_short(const struct result *r, const char *name)
{
	const struct result_gate *g = result_gate_find(r, name);

	return g == NULL ? 0 : g->blocks_short;
}

/* Critical ones first, then the most moved. */
static int
by_weight(const void *a, const void *b)
{
	const struct undecided_case *x = a, *y = b;
	double dx = fabs(x->drop), dy = fabs(y->drop);

	if (x->critical != y->critical)
		return y->critical - x->critical;
	if (x->unanswered != y->unanswered)
		return y->unanswered - x->unanswered;
	if (dx != dy)
		return dx < dy ? 1 : -1;
	return (x->case_index > y->case_index) -
	    (x->case_index < y->case_index);
}

/* What was seen of the cases that may be asked again. */
struct look {
	struct {
		uint64_t i;
		struct stat_replicate_good e;
		int critical, unanswered;
		uint64_t lost, gone;	/* replica_lost(), and of the
					   replica_case */
	} *v;
	double *p;		/* of each critical one, in their order */
	size_t n, n_critical;
};

static int
look_at(const struct verdict_in *in, const struct result_case *c,
    uint64_t i, struct replica_case *rc_case, struct look *k,
    struct err *err)
{
	struct stat_replicate_good e = { .n = 0 };
	int rc = replicas_get(in->score->replicas, i, rc_case, err);

	if (rc < 0)
		return rc;
	if (rc > 0 && replica_evidence(rc_case, &e) != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	k->v[k->n].i = i;
	k->v[k->n].e = e;
	k->v[k->n].lost = rc > 0 ? replica_lost(rc_case) : 0;
	k->v[k->n].gone = rc > 0 ? rc_case->gone : 0;
	k->v[k->n++].critical = c->critical;
	if (c->critical)
		k->p[k->n_critical++] = e.n > 0 ? e.p : 1;
	return RC_OK;
}

static int
look_at_cases(const struct verdict_in *in, const struct result *r,
    int by_gate, struct look *k, struct err *err)
{
	const struct result_case *c;
	struct replica_case one;
	struct result_reader rd;
	uint64_t i;
	int rc = RC_OK;

	k->v = calloc(r->n_cases + 1, sizeof(*k->v));
	k->p = calloc(r->n_cases + 1, sizeof(*k->p));
	if (k->v == NULL || k->p == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	replica_case_init(&one);
	result_reader_init(&rd, r);
	for (i = 0; rc == RC_OK && (c = result_case_next(&rd)) != NULL; i++) {
		if (undecided_unanswered(c, cells_get(in->score->cells, i))) {
			k->v[k->n].i = i;
			k->v[k->n].critical = c->critical;
			k->v[k->n++].unanswered = 1;
		} else if (!c->quarantined && c->verdict != CASE_V_UNJUDGED &&
		    (by_gate || c->critical)) {
			rc = look_at(in, c, i, &one, k, err);
		}
	}
	if (rc == RC_OK)
		rc = result_reader_check(&rd, err);
	(void)result_reader_fini(&rd);
	replica_case_fini(&one);
	if (rc == RC_OK && stat_holm(k->p, k->n_critical, k->p) != RC_OK)
		rc = err_set(err, RC_NOMEM, "out of memory");
	return rc;
}

/* A whole loss, of a case that is asked too seldom to prove any. */
static int
whole_loss(const struct look *k)
{
	size_t i;

	for (i = 0; i < k->n; i++) {
		if (k->v[i].e.drop >= 1 - 1e-9)
			return 1;
	}
	return 0;
}

/* Those that moved, those without answers, and critical ones whose loss is
 * not proven beside the other critical ones. */
static int
choose(const struct limits *l, const struct look *k, struct undecided *out,
    struct err *err)
{
	size_t i, at = 0;
	int open;

	out->cases = calloc(k->n + 1, sizeof(*out->cases));
	if (out->cases == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < k->n; i++) {
		if (k->v[i].unanswered) {
			out->cases[out->n_cases++] = (struct undecided_case){
				k->v[i].i, 1, k->v[i].critical, 1, 0 };
			continue;
		}
		open = k->v[i].critical &&
		    critical_open(l, &k->v[i].e, k->p[at]);
		at += k->v[i].critical != 0;
		if (k->v[i].critical && !open && k->v[i].gone != 0)
			out->cases[out->n_cases++] = (struct undecided_case){
				k->v[i].i, 1, 1, 1, k->v[i].gone };
		else if (k->v[i].e.n > 0 &&
		    (open || (out->by_gate && k->v[i].e.drop != 0)))
			out->cases[out->n_cases++] = (struct undecided_case){
				k->v[i].i, k->v[i].e.drop, open, 0,
				open ? k->v[i].lost : 0 };
	}
	return RC_OK;
}

int
undecided_find(const struct verdict_in *in, const struct result *r,
    size_t max, struct undecided *out, struct err *err)
{
	struct look k = { NULL, NULL, 0, 0 };
	int rc;

	*out = (struct undecided){ .by_gate = gate_undecided(r, "cases"),
		.latency_body = gate_undecided(r, "latency_body"),
		.latency_p95 = gate_undecided(r, "latency_p95"),
		.blocks_short = fmax(blocks_short(r, "latency_body"),
		    blocks_short(r, "latency_p95")) };
	if (!r->arm[ARM_BASELINE].present || in->score->replicas == NULL)
		return RC_OK;
	rc = look_at_cases(in, r, gate_beyond(r, "cases"), &k, err);
	out->by_gate |= gate_beyond(r, "cases") && whole_loss(&k);
	if (rc == RC_OK)
		rc = choose(&in->suite->limits, &k, out, err);
	free(k.v);
	free(k.p);
	if (rc != RC_OK) {
		undecided_free(out);
		return rc;
	}
	qsort(out->cases, out->n_cases, sizeof(*out->cases), by_weight);
	while (out->n_cases > max && !out->cases[out->n_cases - 1].critical)
		out->n_cases--;
	return RC_OK;
}

void
undecided_free(struct undecided *u)
{
	free(u->cases);
	u->cases = NULL;
	u->n_cases = 0;
}

int
undecided_any(const struct undecided *u)
{
	return u->n_cases > 0 || u->latency_body || u->latency_p95 ||
	    u->blocks_short > 0;
}
