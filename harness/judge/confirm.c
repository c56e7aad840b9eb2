/* Judges undecided cases by fresh answers; see confirm.h. The test is in
 * confirm_p.c. */
#include "harness/judge/confirm.h"

#include <math.h>
#include <string.h>

#include "harness/judge/critical.h"
#include "harness/judge/undecided.h"
#include "harness/judge/verdict_part.h"
#include "harness/score/cells.h"
#include "harness/score/replica.h"

static const struct score_fresh *
fresh_of(const struct verdict_in *in, uint64_t case_index)
{
	size_t i;

	for (i = 0; i < in->score->n_fresh; i++) {
		if (in->score->fresh[i].case_index == case_index)
			return &in->score->fresh[i];
	}
	return NULL;
}

/*
 * What a case lost that the candidate did not answer, of as many requests:
 * good answers, or any where fewer than half of the baseline's are good.
 * returns whether it is any
 */
static int
of_requests(const struct score_fresh *f, const struct confirm_sample *plan,
    struct confirm_sample *out)
{
	struct confirm_sample any = { { f->answered[0], f->answered[1] },
		{ f->asked[0], f->asked[1] } };

	*out = (struct confirm_sample){ { f->good[0], f->good[1] },
		{ f->asked[0], f->asked[1] } };
	if (plan != NULL) {
		out->good[0] = plan->good[0];
		out->n[0] = any.good[0] = any.n[0] = plan->n[0];
	}
	/* chosen by the baseline alone: the larger drop would be luck */
	if (out->good[0] * 2 >= any.good[0])
		return 0;
	*out = any;
	return 1;
}

/* The answers to a case in the plan. returns 1, 0: none are known, or an
 * error */
static int
of_plan(const struct verdict_in *in, uint64_t case_index,
    struct confirm_sample *out, struct err *err)
{
	struct stat_replicate_good e;
	struct replica_case c;
	int i, rc;

	replica_case_init(&c);
	rc = replicas_get(in->score->replicas, case_index, &c, err);
	if (rc == 1 && replica_evidence(&c, &e) != RC_OK)
		rc = err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; rc == 1 && i < 2; i++) {
		out->good[i] = e.good[i];
		out->n[i] = e.asked[i];
	}
	replica_case_fini(&c);
	return rc;
}

/* The answers of one case; a recorded baseline has only its own. Where the
 * candidate did not answer, a request without an answer is a bad one; *any:
 * and each that came a good one. */
static int
sample_of(const struct verdict_in *in, const struct score_fresh *f,
    int unanswered, struct confirm_sample *out, int *any, struct err *err)
{
	struct confirm_sample plan = { { 0, 0 }, { 0, 0 } };
	int rc = in->beyond.clears ? of_plan(in, f->case_index, &plan, err) :
	    0;

	*any = 0;
	if (rc < 0)
		return rc;
	if (unanswered) {
		*any = of_requests(f, rc == 1 ? &plan : NULL, out);
		return RC_OK;
	}
	*out = (struct confirm_sample){ { f->good[0], f->good[1] },
		{ f->answered[0], f->answered[1] } };
	if (rc == 1) {
		out->good[0] = plan.good[0];
		out->n[0] = plan.n[0];
	}
	return RC_OK;
}

/* Of a sum: all of them, none, or some. */
static const char *
what_counts(size_t any, size_t n)
{
	return any == 0 ? "are good" : any == n ? "came" : "count";
}

/* One case alone: lost, better, or noise. */
static int
judge_one(const struct confirm_sample *s, struct result_again *a)
{
	struct confirm_sample other = { { s->good[1], s->good[0] },
		{ s->n[1], s->n[0] } };
	double back;
	int rc = confirm_p(s, 1, &a->p);

	if (rc == RC_OK)
		rc = confirm_p(&other, 1, &back);
	if (rc != RC_OK)
		return rc;
	if (s->n[0] == 0 || s->n[1] == 0)
		a->is = AGAIN_OPEN;
	else if (a->p <= LIMITS_AGAIN_P)
		a->is = AGAIN_LOST;
	else
		a->is = back <= LIMITS_AGAIN_P ? AGAIN_BETTER :
		    AGAIN_NOISE;
	return RC_OK;
}

/* What a test over the cases of the gate needs. */
struct gathered {
	struct confirm_sample *s;
	size_t n;
	uint64_t missing;	/* answers not yet asked for */
	uint64_t missing_all;	/* those of cases without answers, too */
	uint64_t of[AGAIN_N];	/* what became of the n */
};

static int
take_case(const struct verdict_in *in, struct result *r,
    const struct undecided_case *u, struct gathered *all, struct err *err)
{
	struct result_again *a = &r->again.cases[r->again.n];
	const struct score_fresh *f = fresh_of(in, u->case_index);
	struct confirm_sample s = { { 0, 0 }, { 0, 0 } };
	uint32_t repeats = in->beyond.repeats, missing = 0;
	struct gold g;
	int i, any = 0, rc;

	gold_init(&g);
	rc = caseset_get(in->cases, u->case_index, &g, err);
	if (rc == RC_OK && f != NULL)
		rc = sample_of(in, f, u->unanswered, &s, &any, err);
	if (rc == RC_OK) {
		*a = (struct result_again){ .id = result_str(r, g.id),
			.index = u->case_index, .variants = u->lost,
			.critical = u->critical,
			.unanswered = u->unanswered, .p = NAN };
		for (i = in->beyond.clears; i < 2; i++)
			missing += repeats - (f == NULL ? 0 :
			    f->asked[i] < repeats ? f->asked[i] : repeats);
		for (i = 0; i < 2; i++) {
			a->good[i] = any ? f->good[i] : s.good[i];
			a->answered[i] = u->unanswered && f != NULL &&
			    f->asked[i] > 0 ? f->answered[i] : s.n[i];
		}
		r->again.n++;
		if (f != NULL && judge_one(&s, a) != RC_OK)
			rc = err_set(err, RC_NOMEM, "out of memory");
		all->missing_all += missing;
		if (!u->unanswered) {
			all->missing += missing;
			all->of[a->is]++;
			all->s[all->n++] = s;
		}
	}
	gold_fini(&g);
	return rc;
}

/* The gate on cases, only by fresh answers. */
static void
settle_gate(const struct verdict_in *in, struct result *r,
    struct result_gate *g, const struct gathered *all)
{
	const double alpha = in->suite->limits.alpha * CONFIRM_ALPHA_SHARE;
	double p = r->again.p;

	if (p <= alpha && !in->beyond.clears)
		g->verdict = GATE_FAIL;
	else if (p <= LIMITS_AGAIN_P || all->missing > 0)
		g->verdict = GATE_INCONCLUSIVE;
	else
		g->verdict = GATE_PASS;
	g->n_needed = NAN;
	g->why = result_fmt(r, "%s; %zu question%s asked again %llu times "
	    "each: %llu lost, %llu noise, %llu better (p = %.2g, a loss is "
	    "proven at %.4f)%s%s", g->why, all->n, all->n == 1 ? "" : "s",
	    (unsigned long long)r->again.repeats,
	    (unsigned long long)all->of[AGAIN_LOST],
	    (unsigned long long)all->of[AGAIN_NOISE],
	    (unsigned long long)all->of[AGAIN_BETTER], p, alpha,
	    in->beyond.clears ? "; a recorded baseline cannot be asked again, "
	    "so this can rule out a loss but not prove one" : "",
	    all->missing > 0 ? "; some answers are missing" : "");
}

static void
count(struct result *r)
{
	size_t i;

	for (i = 0; i < r->again.n; i++) {
		const struct result_again *a = &r->again.cases[i];

		r->again.lost += a->is == AGAIN_LOST;
		r->again.noise += a->is == AGAIN_NOISE;
		r->again.better += a->is == AGAIN_BETTER;
		r->again.open += a->is == AGAIN_OPEN;
	}
}

static struct result_gate *
gate_of_cases(struct result *r)
{
	size_t i;

	for (i = 0; i < r->n_gates; i++) {
		if (strcmp(r->gates[i].name, "cases") == 0)
			return &r->gates[i];
	}
	return NULL;
}

static int
judge_cases(const struct verdict_in *in, struct result *r,
    const struct undecided *u, struct err *err)
{
	struct gathered all = { .s = NULL };
	struct result_gate *g = gate_of_cases(r);
	size_t i;
	int rc = RC_OK;

	all.s = result_alloc(r, (u->n_cases + 1) * sizeof(*all.s));
	r->again.cases = result_alloc(r, (u->n_cases + 1) *
	    sizeof(*r->again.cases));
	if (all.s == NULL || r->again.cases == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < u->n_cases && rc == RC_OK; i++)
		rc = take_case(in, r, &u->cases[i], &all, err);
	if (rc != RC_OK)
		return rc;
	count(r);
	r->again.missing = all.missing_all;
	if (r->again.open == r->again.n || all.n == 0)
		return RC_OK;
	if (confirm_p(all.s, all.n, &r->again.p) != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	if (u->by_gate && g != NULL)
		settle_gate(in, r, g, &all);
	return RC_OK;
}

/* Where blocks grew, how many pairs there may be instead of so many; more than
 * are kept would be asked in vain. */
static uint64_t
most_grown(const struct verdict_in *in, uint64_t pairs)
{
	const struct score_pairs *p = &in->score->pairs;
	int64_t from = INT64_MAX, to = INT64_MIN;
	double within;
	size_t i;

	for (i = 0; i < p->n; i++) {
		from = p->at_ns[i] < from ? p->at_ns[i] : from;
		to = p->at_ns[i] > to ? p->at_ns[i] : to;
	}
	if (p->n < 2 || to <= from)
		return pairs * BEYOND_ROUNDS_GROWN;
	within = (double)p->n * BEYOND_SHORT_S * 1e9 /
	    ((double)to - (double)from);
	within = fmin(within, SCORE_PAIRS_MAX);
	return (uint64_t)fmax((double)pairs * BEYOND_ROUNDS_GROWN,
	    fmin((double)pairs * BEYOND_ROUNDS_SHORT, within));
}

/*
 * How many pairs for latency alone there should be, all rounds together. An
 * undecided latency gets another round as long as the plan, and is judged
 * after each; too few blocks of time get as many pairs as are enough, in more
 * rounds where they may all be slower. Before there are enough nothing FAILs,
 * so measuring on does not raise the chance of a false alarm. Recorded
 * arrivals are never extended.
 */
static uint64_t
pairs_wanted(const struct verdict_in *in, const struct undecided *u)
{
	const struct score_more *more = &in->score->more;
	const uint64_t all = in->score->pairs.n, once = all - more->again;
	uint64_t most = once * in->beyond.rounds;
	double n = 0;

	if (once == 0 || in->suite->pace == PACE_RECORDED || more->cached)
		return 0;
	/* whole rounds */
	if (u->latency_body || u->latency_p95) {
		n = (double)(more->asked - more->asked % once + once);
		if (u->blocks_short > 0)
			most = most_grown(in, most);
	}
	if (u->blocks_short > 0)
		n = fmax(n, ceil((double)all * (1 + u->blocks_short)) -
		    (double)once);
	return n < (double)most ? (uint64_t)n : most;
}

int
confirm_judge(const struct verdict_in *in, struct result *r, struct err *err)
{
	const struct score_more *more = &in->score->more;
	struct undecided u;
	size_t i;
	int rc;

	r->again.p = NAN;
	r->again.repeats = in->beyond.repeats;
	r->again.pairs = more->pairs - more->again;
	r->again.pairs_again = more->again;
	r->again.errors[0] = more->errors[0];
	r->again.errors[1] = more->errors[1];
	r->requests += more->sent[0] + more->sent[1];
	for (i = 0; i < in->score->n_fresh; i++)
		r->requests += in->score->fresh[i].asked[0] +
		    in->score->fresh[i].asked[1];
	if (in->beyond.cases == 0 && in->beyond.rounds == 0)
		return RC_OK;
	rc = undecided_find(in, r, in->beyond.cases, &u, err);
	if (rc != RC_OK)
		return rc;
	r->again.latency = pairs_wanted(in, &u);
	r->again.latency_there = in->score->more.asked;
	if (in->beyond.cases > 0 && u.n_cases > 0)
		rc = judge_cases(in, r, &u, err);
	undecided_free(&u);
	return rc;
}

/* ---- critical cases ------------------------------------------------------ */

/* Lost in the plan, and more than once again, where the baseline never lost
 * any: too few to prove it, and no noise of equal stacks. */
static int
comes_again(const struct verdict_in *in, uint64_t case_index,
    const struct confirm_sample *s)
{
	struct confirm_sample plan;
	struct err err = ERR_INIT;

	return s->n[1] >= s->good[1] + 2 && s->good[0] == s->n[0] &&
	    of_plan(in, case_index, &plan, &err) == 1 &&
	    plan.good[0] == plan.n[0] && plan.good[1] < plan.n[1];
}

enum verdict
confirm_critical(const struct verdict_in *in, struct result *r,
    uint64_t case_index, int unanswered, const char **more)
{
	enum verdict v = VERDICT_INCONCLUSIVE;
	const struct score_fresh *f = fresh_of(in, case_index);
	struct stat_replicate_good e = { .n = 0 };
	struct confirm_sample s;
	struct err err = ERR_INIT;
	double p;
	int i, any, half, again;

	if (f == NULL ||
	    sample_of(in, f, unanswered, &s, &any, &err) != RC_OK ||
	    s.n[0] == 0 || s.n[1] == 0 || confirm_p(&s, 1, &p) != RC_OK)
		return v;
	for (i = 0; i < 2; i++) {
		e.good[i] = s.good[i];
		e.asked[i] = s.n[i];
	}
	e.n = s.n[0] < s.n[1] ? s.n[0] : s.n[1];
	e.drop = (double)s.good[0] / s.n[0] - (double)s.good[1] / s.n[1];
	again = comes_again(in, case_index, &s);
	/* equal answers that come and go may be lost by half, too */
	half = critical_half(&e);
	if (!in->beyond.clears && ((half && p <= LIMITS_AGAIN_P) ||
	    p * (double)in->score->n_fresh <= in->suite->limits.alpha))
		v = VERDICT_FAIL;
	else
		v = half || again || p <= LIMITS_AGAIN_P ?
		    VERDICT_INCONCLUSIVE : VERDICT_PASS;
	*more = result_fmt(r, "%s; asked again%s, %u of %u answers of the "
	    "candidate and %u of %u of the baseline %s: %s (p = %.2g)",
	    *more, f->variants == 0 || f->variants >= in->plan->per_case ?
	    "" : result_fmt(r, " in %u of its %u variants", f->variants,
	    in->plan->per_case), s.good[1], s.n[1], s.good[0], s.n[0],
	    what_counts(any != 0, 1),
	    v == VERDICT_FAIL ? "lost" : v == VERDICT_PASS ? "noise" :
	    "still undecided", p);
	return v;
}

/* ---- cases without answers ----------------------------------------------- */

/* How many there are, and the first of them: "q3, q9". */
struct named {
	uint64_t n;
	const char *ids;
};

static void
name_one(struct result *r, struct named *x, const char *id)
{
	enum { NAMED = 4 };

	x->n++;
	if (x->n <= NAMED)
		x->ids = result_fmt(r, "%s%s%s", x->ids, x->n == 1 ? "" : ", ",
		    id);
	else if (x->n == NAMED + 1)
		x->ids = result_fmt(r, "%s, ...", x->ids);
}

static int
name_all(const struct verdict_in *in, struct result *r, struct named *x,
    struct err *err)
{
	const struct result_case *c;
	struct result_reader rd;
	uint64_t i;
	int rc;

	*x = (struct named){ 0, "" };
	result_reader_init(&rd, r);
	for (i = 0; (c = result_case_next(&rd)) != NULL; i++) {
		if (!c->critical && undecided_unanswered(c,
		    cells_get(in->score->cells, i)))
			name_one(r, x, c->id);
	}
	rc = result_reader_check(&rd, err);
	(void)result_reader_fini(&rd);
	return rc;
}

/* What the fresh answers say of them. */
struct silent {
	struct confirm_sample *s, sum;	/* of each that was asked, and of those
					   that are named */
	size_t asked, any;	/* any: of them, by whether they came at all */
	struct named lost;	/* those that stay without good answers */
};

static void
add_up(struct confirm_sample *sum, const struct confirm_sample *s)
{
	int a;

	for (a = 0; a < 2; a++) {
		sum->good[a] += s->good[a];
		sum->n[a] += s->n[a];
	}
}

/* Critical ones are judged one by one. */
static int
gather_unanswered(const struct verdict_in *in, struct result *r,
    struct silent *x, struct err *err)
{
	struct confirm_sample lost = { { 0, 0 }, { 0, 0 } };
	const struct score_fresh *f;
	size_t i;
	int any, rc = RC_OK;

	for (i = 0; i < r->again.n && rc == RC_OK; i++) {
		const struct result_again *a = &r->again.cases[i];
		struct confirm_sample *s = &x->s[x->asked];

		f = a->unanswered && !a->critical && a->is != AGAIN_OPEN ?
		    fresh_of(in, a->index) : NULL;
		if (f == NULL)
			continue;
		x->asked++;
		rc = sample_of(in, f, 1, s, &any, err);
		add_up(&x->sum, s);
		x->any += any != 0;
		if (a->is == AGAIN_LOST) {
			add_up(&lost, s);
			name_one(r, &x->lost, a->id);
		}
	}
	if (x->lost.n > 0)
		x->sum = lost;
	return rc;
}

/* The p is that of all that were asked, not of the worst alone. */
static const char *
say_unanswered(const struct verdict_in *in, struct result *r,
    const struct named *named, const struct silent *x, double p)
{
	const struct confirm_sample *s = &x->sum;
	const char *why = in->not_asked, *what = result_fmt(r, "the candidate "
	    "does not answer %llu question%s that the baseline answers (%s)",
	    (unsigned long long)named->n, named->n == 1 ? "" : "s", named->ids);

	if (x->asked == 0)
		return result_fmt(r, "%s%s%s", what, why == NULL ? "" :
		    "; not asked again: ", why == NULL ? "" : why);
	return result_fmt(r, "%s; asked again, %u of %u of its answers and %u "
	    "of %u of the baseline's %s (p = %.2g%s)", what, s->good[1],
	    s->n[1], s->good[0], s->n[0], what_counts(x->any, x->asked), p,
	    x->lost.n == 0 || x->lost.n ==
	    x->asked ? "" : result_fmt(r, " over all %zu that were asked "
	    "again", x->asked));
}

int
confirm_unanswered(const struct verdict_in *in, struct result *r,
    struct err *err)
{
	const double alpha = in->suite->limits.alpha * CONFIRM_ALPHA_SHARE;
	struct silent x = { .lost = { 0, "" } };
	struct named all;
	double p = 1;
	int rc;

	if (!r->arm[ARM_BASELINE].present)
		return RC_OK;
	rc = name_all(in, r, &all, err);
	if (rc != RC_OK || all.n == 0)
		return rc;
	x.s = result_alloc(r, (r->again.n + 1) * sizeof(*x.s));
	if (x.s == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = gather_unanswered(in, r, &x, err);
	if (rc != RC_OK)
		return rc;
	if (x.asked > 0 && confirm_p(x.s, x.asked, &p) != RC_OK)
		return err_set(err, RC_NOMEM, "out of memory");
	if (x.asked > 0 && p > LIMITS_AGAIN_P)
		return RC_OK;
	verdict_raise(r, x.asked > 0 && p <= alpha && !in->beyond.clears ?
	    VERDICT_FAIL : VERDICT_INCONCLUSIVE, say_unanswered(in, r,
	    x.lost.n > 0 ? &x.lost : &all, &x, p));
	return RC_OK;
}

/* ---- words --------------------------------------------------------------- */

static const char *
say_cases(const struct verdict_in *in, struct result *r)
{
	const char *why = in->not_asked;
	size_t n = r->again.n;

	if (n == 0)
		return NULL;
	if (r->again.open == n)
		return result_fmt(r, "%zu undecided question%s not asked "
		    "again%s%s", n, n == 1 ? " was" : "s were", why == NULL ?
		    "" : ": ", why == NULL ? "" : why);
	return result_fmt(r, "%zu undecided question%s asked again %llu times "
	    "%s: %llu lost, %llu noise%s%s", n, n == 1 ? "" : "s",
	    (unsigned long long)r->again.repeats, n == 1 ? "on each stack" :
	    "each", (unsigned long long)r->again.lost,
	    (unsigned long long)r->again.noise, r->again.better == 0 ? "" :
	    result_fmt(r, ", %llu better",
	    (unsigned long long)r->again.better), r->again.open == 0 ? "" :
	    result_fmt(r, ", %llu not answered",
	    (unsigned long long)r->again.open));
}

static const char *
say_latency(struct result *r)
{
	unsigned long long on = r->again.pairs, more = r->again.pairs_again;
	uint64_t bad = r->again.errors[0] + r->again.errors[1];

	if (on + more == 0)
		return NULL;
	return result_fmt(r, "latency measured with %llu more pair%s%s%s", on +
	    more, on + more == 1 ? "" : "s", more == 0 ? "" : result_fmt(r,
	    ", %llu of them because it was undecided", more), bad == 0 ? "" :
	    result_fmt(r, " (%llu requests failed)",
	    (unsigned long long)bad));
}

void
confirm_say(const struct verdict_in *in, struct result *r)
{
	const char *cases = say_cases(in, r), *latency = say_latency(r);

	if (cases != NULL && latency != NULL)
		r->again.say = result_fmt(r, "%s; %s", cases, latency);
	else
		r->again.say = cases != NULL ? cases : latency;
	r->again.known = r->again.say != NULL;
}
