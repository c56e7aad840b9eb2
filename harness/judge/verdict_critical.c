/*
 * Critical cases, judged one by one (METRICS 4, "Special cases").
 *
 * One regression is FAIL, but for two kinds that equal stacks show, too.
 * Where all that a case lost is convergence, a single answer of another rank
 * is enough to make it one: it takes half of the answered variants, and two,
 * to have lost it; fewer are for review.  And stacks that are noisy by
 * themselves give a wrong answer now and then: where the echoes differ, fewer
 * than half of the variants miss a limit, none of them an assertion, and other
 * cases got better that had missed the same limits in as many variants or
 * more, the run is INCONCLUSIVE, unless so many critical cases would hardly be
 * hit by chance.
 */
#include <math.h>

#include "harness/judge/verdict_part.h"
#include "harness/score/cells.h"
#include "harness/stat/stat_dist.h"

enum {
	NAMED = 8,
	FEW_MAX = 64,	/* more variants than this count as so many */
	BACK_MAX = 1024	/* more are not looked at: that FAILs, if at all */
};
/* Answers that differ by less are the same. */
static const float echo_min = .001f;

/* A case that passes now, and of which the baseline missed few variants. */
struct back {
	unsigned reasons, missed;
};

/* What the cases of a run say together. */
struct criticals {
	const struct verdict_in *in;
	struct result *r;
	uint64_t judged;	/* cases */
	uint64_t critical;	/* of them */
	uint64_t lost[FEW_MAX + 1];	/* critical cases that lost so many
					   variants, or more, but few,
					   whatever the limits: more of them
					   make chance less likely */
	struct back back[BACK_MAX];
	size_t n_back;
	int noisy;		/* echoes differ */
	struct buf unjudged;	/* the first critical ones */
	uint64_t n_unjudged;
};

/* The variants that miss a limit, if those are few; else 0. */
static unsigned
few(const struct cell_arm *a)
{
	if (a->missed * 2 >= a->answered)
		return 0;
	return a->missed < FEW_MAX ? a->missed : FEW_MAX;
}

/* The cases that came back from no less than what this one lost. */
static uint64_t
came_back(const struct criticals *x, unsigned reasons, unsigned k)
{
	uint64_t n = 0;
	size_t i;

	for (i = 0; i < x->n_back; i++)
		n += x->back[i].missed >= k &&
		    (reasons & ~x->back[i].reasons) == 0;
	return n;
}

static void
count(struct criticals *x, const struct result_case *c,
    const struct cell *cell)
{
	unsigned k;

	if (c->verdict == CASE_V_UNJUDGED) {
		if (c->critical && !c->quarantined && x->n_unjudged++ < NAMED)
			buf_printf(&x->unjudged, "%s%s", x->n_unjudged == 1 ?
			    "" : ", ", c->id);
		return;
	}
	x->judged++;
	x->critical += c->critical != 0;
	x->noisy |= cell->floor_b > echo_min || cell->floor_c > echo_min;
	k = few(&cell->arm[0]);
	if (c->verdict == CASE_V_FIX && k > 0 && x->n_back < BACK_MAX)
		x->back[x->n_back++] = (struct back){ c->reasons[0], k };
	if (c->critical && c->verdict == CASE_V_REGRESSION)
		for (k = few(&cell->arm[1]); k > 0; k--)
			x->lost[k]++;
}

/* All that got worse is convergence, and too little of that. */
static enum verdict
unstable(struct criticals *x, const struct result_case *c,
    const struct cell_arm *now, const char **more)
{
	double same = c->lambda[1][LAMBDA_CONVERGENT], n = now->answered, lost;

	if ((c->reasons[1] & ~(unsigned)(CASE_CONVERGENCE | CASE_CHAOS)) != 0)
		return VERDICT_FAIL;
	/* an error took no convergence: the error gate judges it */
	lost = fmin(c->lambda[0][LAMBDA_CONVERGENT] - same, n - same);
	if (lost >= 2 && lost * 2 >= n)
		return VERDICT_FAIL;
	*more = result_fmt(x->r, "; for review, because %.0f of %.0f answered "
	    "variants lost convergence and nothing else got worse: it takes "
	    "half of them, and two, to FAIL", fmax(lost, 0), n);
	return VERDICT_REVIEW;
}

/* The stacks' own noise may have done it. */
static enum verdict
by_chance(struct criticals *x, const struct result_case *c,
    const struct cell_arm *now, const char **more)
{
	unsigned k = few(now);
	uint64_t back;
	double p;

	if (!x->noisy || k == 0 || (c->reasons[1] & CASE_EXPECT) != 0)
		return VERDICT_FAIL;
	back = came_back(x, c->reasons[1], k);
	if (back == 0)
		return VERDICT_FAIL;
	p = dist_binom_upper(x->critical, x->lost[k],
	    (double)back / (double)x->judged);
	if (p <= x->in->suite->limits.alpha)
		return VERDICT_FAIL;
	*more = result_fmt(x->r, "; it may be chance: %u of %u variants miss "
	    "a limit, and %llu of %llu cases came back from the same "
	    "(p = %.4f); with --case %s it shows again if it is real",
	    now->missed, now->answered, (unsigned long long)back,
	    (unsigned long long)x->judged, p, c->id);
	return VERDICT_INCONCLUSIVE;
}

static void
judge(struct criticals *x, const struct result_case *c,
    const struct cell_arm *now)
{
	enum verdict v = VERDICT_FAIL;
	const char *more = "";

	if (c->verdict == CASE_V_REGRESSION) {
		v = unstable(x, c, now, &more);
		if (v == VERDICT_FAIL)
			v = by_chance(x, c, now, &more);
	} else if (c->verdict != CASE_V_FAIL)
		return;
	verdict_raise(x->r, v, result_fmt(x->r, "critical case %s: %s%s",
	    c->id, c->n_why > 0 ? c->why[0] : "it fails", more));
}

/* Told once: an outage leaves all of them so. */
static void
tell_unjudged(struct criticals *x)
{
	if (x->n_unjudged == 1)
		verdict_raise(x->r, VERDICT_INCONCLUSIVE, result_fmt(x->r,
		    "critical case %s could not be judged",
		    buf_str(&x->unjudged)));
	else if (x->n_unjudged > 1)
		verdict_raise(x->r, VERDICT_INCONCLUSIVE, result_fmt(x->r,
		    "%llu critical cases could not be judged: %s%s",
		    (unsigned long long)x->n_unjudged,
		    buf_str(&x->unjudged), x->n_unjudged > NAMED ?
		    ", ..." : ""));
}

/* Over all cases, since what one is worth depends on the others. */
static int
walk(struct criticals *x, int judging, struct err *err)
{
	struct result_reader rd;
	const struct result_case *c;
	size_t i;

	result_reader_init(&rd, x->r);
	for (i = 0; (c = result_case_next(&rd)) != NULL; i++) {
		if (!judging)
			count(x, c, cells_get(x->in->score->cells, i));
		else if (c->critical)
			judge(x, c, &cells_get(x->in->score->cells, i)->arm[1]);
	}
	(void)result_reader_check(&rd, err);
	return result_reader_fini(&rd);
}

int
verdict_critical(const struct verdict_in *in, struct result *r,
    struct err *err)
{
	struct criticals x = { .in = in, .r = r };
	int rc;

	buf_init(&x.unjudged, SIZE_MAX / 4);
	rc = walk(&x, 0, err);
	if (rc == RC_OK && x.critical > 0)
		rc = walk(&x, 1, err);
	if (rc == RC_OK)
		tell_unjudged(&x);
	buf_fini(&x.unjudged);
	return rc;
}
