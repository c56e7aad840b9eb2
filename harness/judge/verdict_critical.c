/*
 * Critical cases, judged one by one (METRICS 4, "Special cases").
 *
 * A loss is FAIL if the case's own answers prove it (Holm over the critical
 * cases), or if half of them show it while the baseline lost fewer than half
 * as many. Any other loss is INCONCLUSIVE until it is asked again; then the
 * fresh answers decide (confirm.h). If a case lost only convergence, a single
 * answer of another rank makes it a regression. FAIL then needs half of the
 * answered variants, at least two; fewer are for review.
 */
#include <math.h>
#include <stdlib.h>

#include "harness/judge/confirm.h"
#include "harness/judge/critical.h"
#include "harness/judge/undecided.h"
#include "harness/judge/verdict_part.h"
#include "harness/score/cells.h"
#include "harness/score/replica.h"
#include "harness/stat/stat.h"

enum { NAMED = 8 };

/* The critical cases of a run, in the order of the suite. */
struct criticals {
	const struct verdict_in *in;
	struct result *r;
	struct stat_replicate_good *good;
	double *p;
	uint64_t *gone;		/* of struct replica_case */
	size_t n;
	struct buf unjudged;	/* the first of them */
	uint64_t n_unjudged;
	const char *why;	/* of the first of them, or NULL */
};

/* A run with one arm has no loss: p 1. */
static int
gather_one(struct criticals *x, uint64_t i, struct replica_case *c,
    struct err *err)
{
	const struct replicas *all = x->in->score->replicas;
	struct stat_replicate_good *e = &x->good[x->n];
	int rc;

	*e = (struct stat_replicate_good){ .p = 1 };
	x->gone[x->n] = 0;
	if (all != NULL && x->r->arm[ARM_BASELINE].present) {
		rc = replicas_get(all, i, c, err);
		if (rc < 0)
			return rc;
		if (rc > 0 && replica_evidence(c, e) != RC_OK)
			return err_set(err, RC_NOMEM, "out of memory");
		x->gone[x->n] = rc > 0 ? c->gone : 0;
	}
	x->p[x->n++] = e->n > 0 ? e->p : 1;
	return RC_OK;
}

/* Without answers of the candidate alone, fresh ones may decide. */
static void
take_unjudged(struct criticals *x, const struct result_case *c, size_t i)
{
	enum verdict v = VERDICT_INCONCLUSIVE;
	const char *more = "";

	if (undecided_unanswered(c, cells_get(x->in->score->cells, i)))
		v = confirm_critical(x->in, x->r, i, 1, &more);
	if (v == VERDICT_PASS)
		return;
	if (*more != '\0') {
		verdict_raise(x->r, v, result_fmt(x->r, "critical case %s: "
		    "the candidate does not answer it%s", c->id, more));
		return;
	}
	if (x->n_unjudged++ == 0 && c->n_why > 0)
		x->why = result_str(x->r, c->why[0]);
	if (x->n_unjudged <= NAMED)
		buf_printf(&x->unjudged, "%s%s", x->n_unjudged == 1 ? "" :
		    ", ", c->id);
}

static int
gather(struct criticals *x, struct err *err)
{
	const struct result_case *c;
	struct replica_case one;
	struct result_reader rd;
	size_t i;
	int rc = RC_OK;

	replica_case_init(&one);
	result_reader_init(&rd, x->r);
	for (i = 0; rc == RC_OK && (c = result_case_next(&rd)) != NULL; i++) {
		if (!c->critical || c->quarantined)
			continue;
		if (c->verdict == CASE_V_UNJUDGED)
			take_unjudged(x, c, i);
		else
			rc = gather_one(x, i, &one, err);
	}
	if (rc == RC_OK)
		rc = result_reader_check(&rd, err);
	(void)result_reader_fini(&rd);
	replica_case_fini(&one);
	return rc;
}

/* Only convergence got worse, and too little. */
static enum verdict
unstable(struct criticals *x, const struct result_case *c,
    const struct cell_arm *now, const char **more)
{
	double same = c->lambda[1][LAMBDA_CONVERGENT], n = now->answered, lost;

	/* an error is not lost convergence: the error gate judges it */
	lost = fmin(c->lambda[0][LAMBDA_CONVERGENT] - same, n - same);
	if (lost >= 2 && lost * 2 >= n)
		return VERDICT_FAIL;
	*more = result_fmt(x->r, "; for review: %.0f of %.0f answered variants "
	    "lost convergence and nothing else got worse (FAIL needs half of "
	    "them, at least two)", fmax(lost, 0), n);
	return VERDICT_REVIEW;
}

/* What the answers that miss a limit prove. */
static enum verdict
of_answers(struct criticals *x, const struct result_case *c,
    const struct stat_replicate_good *e, double p, const char **more)
{
	const char *how = result_fmt(x->r, "; %u of %u answers miss a limit, "
	    "was %u of %u", e->asked[1] - e->good[1], e->asked[1],
	    e->asked[0] - e->good[0], e->asked[0]);

	if (p <= x->in->suite->limits.alpha || critical_half(e)) {
		*more = how;
		return VERDICT_FAIL;
	}
	*more = result_fmt(x->r, "%s, which may be chance (p = %.4f); repeat "
	    "with --case %s: if it is real, it shows again", how, p, c->id);
	return VERDICT_INCONCLUSIVE;
}

/* Variants without an answer are errors, which only their gates judge, unless
 * they stay without one when they are asked again. */
static enum verdict
unanswered(struct criticals *x, size_t i, const char **more)
{
	const char *how = "";
	enum verdict v = confirm_critical(x->in, x->r, i, 1, &how);

	if (*how == '\0' || v == VERDICT_PASS)
		return VERDICT_PASS;
	*more = how;
	return v;
}

static void
judge(struct criticals *x, const struct result_case *c, size_t k,
    size_t i, const struct cell_arm *now)
{
	static const unsigned convergence = CASE_CONVERGENCE | CASE_CHAOS;
	const struct stat_replicate_good *e = &x->good[k];
	enum verdict v = VERDICT_PASS;
	const char *more = "";

	if (c->verdict == CASE_V_FAIL)
		v = VERDICT_FAIL;
	else if (c->verdict != CASE_V_FIX && critical_loss(e))
		v = of_answers(x, c, e, x->p[k], &more);
	else if (c->verdict == CASE_V_REGRESSION &&
	    (c->reasons[1] & ~convergence) == 0)
		v = unstable(x, c, now, &more);
	if (v == VERDICT_INCONCLUSIVE)
		v = confirm_critical(x->in, x->r, i, 0, &more);
	if (v == VERDICT_PASS && x->gone[k] != 0) {
		v = unanswered(x, i, &more);
		if (v != VERDICT_PASS)
			verdict_raise(x->r, v, result_fmt(x->r, "critical "
			    "case %s: the candidate does not answer some of "
			    "its variants%s", c->id, more));
		return;
	}
	if (v != VERDICT_PASS)
		verdict_raise(x->r, v, result_fmt(x->r,
		    "critical case %s: %s%s", c->id, c->n_why > 0 ?
		    c->why[0] : "some of its answers got worse", more));
}

static int
judge_all(struct criticals *x, struct err *err)
{
	const struct result_case *c;
	struct result_reader rd;
	size_t i, k = 0;

	result_reader_init(&rd, x->r);
	for (i = 0; (c = result_case_next(&rd)) != NULL; i++) {
		if (c->critical && !c->quarantined &&
		    c->verdict != CASE_V_UNJUDGED)
			judge(x, c, k++, i,
			    &cells_get(x->in->score->cells, i)->arm[1]);
	}
	(void)result_reader_check(&rd, err);
	return result_reader_fini(&rd);
}

/* One reason for all: in an outage every case is unjudged. */
static void
tell_unjudged(struct criticals *x)
{
	if (x->n_unjudged == 1)
		verdict_raise(x->r, VERDICT_INCONCLUSIVE, result_fmt(x->r,
		    "critical case %s could not be judged%s%s",
		    buf_str(&x->unjudged), x->why == NULL ? "" : ": ",
		    x->why == NULL ? "" : x->why));
	else if (x->n_unjudged > 1)
		verdict_raise(x->r, VERDICT_INCONCLUSIVE, result_fmt(x->r,
		    "%llu critical cases could not be judged: %s%s",
		    (unsigned long long)x->n_unjudged,
		    buf_str(&x->unjudged), x->n_unjudged > NAMED ?
		    ", ..." : ""));
}

int
verdict_critical(const struct verdict_in *in, struct result *r,
    struct err *err)
{
	struct criticals x = { .in = in, .r = r };
	int rc = RC_OK;

	buf_init(&x.unjudged, SIZE_MAX / 4);
	x.good = calloc(r->n_cases + 1, sizeof(*x.good));
	x.p = calloc(r->n_cases + 1, sizeof(*x.p));
	x.gone = calloc(r->n_cases + 1, sizeof(*x.gone));
	if (x.good == NULL || x.p == NULL || x.gone == NULL)
		rc = err_set(err, RC_NOMEM, "out of memory");
	if (rc == RC_OK)
		rc = gather(&x, err);
	if (rc == RC_OK && stat_holm(x.p, x.n, x.p) != RC_OK)
		rc = err_set(err, RC_NOMEM, "out of memory");
	if (rc == RC_OK && x.n > 0)
		rc = judge_all(&x, err);
	if (rc == RC_OK)
		tell_unjudged(&x);
	buf_fini(&x.unjudged);
	free(x.good);
	free(x.p);
	free(x.gone);
	return rc;
}
