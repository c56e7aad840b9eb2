/* What a judged run leaves undecided; see undecided.h. */
#include "harness/judge/undecided.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/judge/critical.h"
#include "harness/score/cells.h"
#include "harness/score/replica.h"

/* A gate that is beyond its limit, and neither FAIL nor chance. */
static int
gate_undecided(const struct result *r, const char *name)
{
	const struct result_gate *g = result_gate_find(r, name);

	return g != NULL && result_gate_beyond(g) &&
	    g->verdict != GATE_FAIL && g->verdict != GATE_NOT_JUDGED &&
	    g->p <= UNDECIDED_P;
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
	if (dx != dy)
		return dx < dy ? 1 : -1;
	return (x->case_index > y->case_index) -
	    (x->case_index < y->case_index);
}

static int
look_at(const struct verdict_in *in, const struct result_case *c,
    uint64_t i, struct replica_case *rc_case, struct undecided *out,
    struct err *err)
{
	struct stat_replicate_good e;
	int critical, rc = replicas_get(in->score->replicas, i, rc_case, err);

	if (rc <= 0)
		return rc;
	rc = replica_evidence(rc_case, &e);
	if (rc != RC_OK)
		return err_set(err, rc, "out of memory");
	critical = c->critical && critical_open(&in->suite->limits, &e);
	if (e.n > 0 && (critical || (out->by_gate && e.drop != 0)))
		out->cases[out->n_cases++] = (struct undecided_case){ i,
			e.drop, critical };
	return RC_OK;
}

static int
look_at_cases(const struct verdict_in *in, const struct result *r,
    struct undecided *out, struct err *err)
{
	const struct result_case *c;
	struct replica_case one;
	struct result_reader rd;
	uint64_t i;
	int rc = RC_OK;

	out->cases = calloc(r->n_cases + 1, sizeof(*out->cases));
	if (out->cases == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	replica_case_init(&one);
	result_reader_init(&rd, r);
	for (i = 0; rc == RC_OK && (c = result_case_next(&rd)) != NULL; i++) {
		if (!c->quarantined && (out->by_gate || c->critical))
			rc = look_at(in, c, i, &one, out, err);
	}
	if (rc == RC_OK)
		rc = result_reader_check(&rd, err);
	(void)result_reader_fini(&rd);
	replica_case_fini(&one);
	return rc;
}

int
undecided_find(const struct verdict_in *in, const struct result *r,
    size_t max, struct undecided *out, struct err *err)
{
	int rc;

	*out = (struct undecided){ .by_gate = gate_undecided(r, "cases"),
		.latency_body = gate_undecided(r, "latency_body"),
		.latency_p95 = gate_undecided(r, "latency_p95"),
		.blocks_short = fmax(blocks_short(r, "latency_body"),
		    blocks_short(r, "latency_p95")) };
	if (!r->arm[ARM_BASELINE].present || in->score->replicas == NULL)
		return RC_OK;
	rc = look_at_cases(in, r, out, err);
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
