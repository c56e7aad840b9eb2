/*
 * What is reported about an arm as a whole; see score_part.h.
 *
 * Cases arrive in the order in which they were completed, so everything
 * here is a count, a histogram or a sum of integers: the same in any order.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/hist.h"
#include "harness/score/score_part.h"

#define FAILURES_MAX ((size_t)1 << 16)
#define PICO 1e-12
#define USD_MAX 1e6		/* of one answer: more is not a price */

struct arm_sum {
	struct score_arm told;
	struct hist *total, *ttft;
	struct score_pins *pins, *words;
	int64_t cost_pico;
	int priced;
	int64_t last_ok_ns;	/* sent; -1: none yet */
	int64_t *failed_ns;	/* when what failed later was sent */
	size_t n_failed;
};

struct score_arms {
	struct arm_sum arm[ARM_N];
};

struct score_arms *
score_arms_new(void)
{
	struct score_arms *a = calloc(1, sizeof(*a));
	int i, bad = a == NULL;

	for (i = 0; i < ARM_N && !bad; i++) {
		a->arm[i].last_ok_ns = -1;
		a->arm[i].total = hist_new();
		a->arm[i].ttft = hist_new();
		a->arm[i].pins = score_pins_new();
		a->arm[i].words = score_pins_new();
		a->arm[i].failed_ns = malloc(2 * FAILURES_MAX *
		    sizeof(*a->arm[i].failed_ns));
		bad = a->arm[i].total == NULL || a->arm[i].ttft == NULL ||
		    a->arm[i].pins == NULL || a->arm[i].words == NULL ||
		    a->arm[i].failed_ns == NULL;
	}
	if (bad) {
		score_arms_free(a);
		return NULL;
	}
	return a;
}

void
score_arms_free(struct score_arms *a)
{
	int i;

	if (a == NULL)
		return;
	for (i = 0; i < ARM_N; i++) {
		hist_free(a->arm[i].total);
		hist_free(a->arm[i].ttft);
		score_pins_free(a->arm[i].pins);
		score_pins_free(a->arm[i].words);
		free(a->arm[i].failed_ns);
	}
	free(a);
}

static int
later_first(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;

	return (*x < *y) - (*x > *y);
}

/* Keeps the latest failures; those before the last success never count. */
static void
add_failure(struct arm_sum *s, int64_t at_ns)
{
	size_t i, kept = 0;

	s->failed_ns[s->n_failed++] = at_ns;
	if (s->n_failed < 2 * FAILURES_MAX)
		return;
	for (i = 0; i < s->n_failed; i++) {
		if (s->failed_ns[i] > s->last_ok_ns)
			s->failed_ns[kept++] = s->failed_ns[i];
	}
	qsort(s->failed_ns, kept, sizeof(*s->failed_ns), later_first);
	s->n_failed = kept < FAILURES_MAX ? kept : FAILURES_MAX;
}

static uint64_t
tail_of(const struct arm_sum *s)
{
	uint64_t tail = 0;
	size_t i;

	for (i = 0; i < s->n_failed; i++)
		tail += s->failed_ns[i] > s->last_ok_ns;
	return tail;
}

static void
add_cost(struct arm_sum *s, double usd)
{
	int64_t pico;

	if (!isfinite(usd) || usd < 0)
		return;
	pico = (int64_t)llround((usd < USD_MAX ? usd : USD_MAX) / PICO);
	s->priced = 1;
	s->cost_pico = pico > INT64_MAX - s->cost_pico ? INT64_MAX :
	    s->cost_pico + pico;
}

static int
add_pins(struct arm_sum *s, const struct answer *a)
{
	size_t i;
	int rc = RC_OK;

	for (i = 0; i < a->n_pins && rc == RC_OK; i++)
		rc = score_pins_add(s->pins, a->pins[i].name,
		    a->pins[i].value);
	return rc;
}

/* A status that an answer has on its way says nothing of its end. */
static int
says_end(const char *finish)
{
	return finish != NULL && strcmp(finish, "in_progress") != 0 &&
	    strcmp(finish, "queued") != 0;
}

/* What an answer reports about itself: a reason, or what stood for a text. */
static int
add_words(struct arm_sum *s, const struct score_one *o)
{
	const struct answer *a = o->answer;

	s->told.blank += o->answered && a->blank;
	s->told.uncoded += o->answered && a->uncoded;
	if (o->answered && outcome_is_answer(a->outcome) && !o->ex.generic &&
	    extract_maps_finish(o->spec)) {
		s->told.ended += (uint64_t)says_end(a->finish);
		s->told.endless += (uint64_t)!says_end(a->finish);
	}
	if (a->why == NULL || o->expected)
		return RC_OK;
	switch (a->outcome) {
	case OUTCOME_OK:
	case OUTCOME_UNDECODABLE:
	case OUTCOME_BAD_JSON:
	case OUTCOME_EXTRACT_FAILED:
	case OUTCOME_SERVICE_ERROR:
	case OUTCOME_FILTERED:
	case OUTCOME_CUT:
		return score_pins_add(s->words, outcome_name(a->outcome),
		    a->why);
	default:
		return RC_OK;
	}
}

static int
add_one(struct arm_sum *s, const struct score_one *o)
{
	int64_t at = o->ex.sent_ns >= 0 ? o->ex.sent_ns : o->ex.due_ns;

	s->told.sent++;
	s->told.outcomes[o->answer->outcome]++;
	s->told.status_401 += o->ex.status == 401;
	s->told.status_403 += o->ex.status == 403;
	s->told.stale += o->ex.stale;
	add_cost(s, o->m[M_COST]);
	if (!o->answered) {
		add_failure(s, at);
		return add_pins(s, o->answer);
	}
	s->told.answered++;
	if (extract_maps_retrieved(o->spec) &&
	    outcome_is_answer(o->answer->outcome)) {
		s->told.lists++;
		s->told.retrieved += o->answer->n_retrieved;
	}
	if (at > s->last_ok_ns)
		s->last_ok_ns = at;
	if (o->why[M_TOTAL_NS] == METRIC_HERE)
		hist_add(s->total, (int64_t)o->m[M_TOTAL_NS]);
	if (o->why[M_TTFT_NS] == METRIC_HERE)
		hist_add(s->ttft, (int64_t)o->m[M_TTFT_NS]);
	return add_pins(s, o->answer);
}

int
score_arms_add(struct score_arms *a, const struct score_case *c,
    struct err *err)
{
	size_t i;
	int rc = RC_OK;

	for (i = 0; i < c->n_one && rc == RC_OK; i++)
		rc = add_one(&a->arm[c->one[i].ex.key.arm], &c->one[i]);
	for (i = 0; i < c->n_one && rc == RC_OK; i++)
		rc = add_words(&a->arm[c->one[i].ex.key.arm], &c->one[i]);
	return rc == RC_OK ? RC_OK :
	    err_set(err, RC_NOMEM, "out of memory for pins");
}

static double
quantile(const struct hist *h, double q)
{
	return hist_n(h) == 0 ? NAN : (double)hist_quantile(h, q);
}

int
score_arms_finish(struct score_arms *a, struct score_arm out[ARM_N],
    struct err *err)
{
	struct arm_sum *s;
	int i, rc = RC_OK;

	for (i = 0; i < ARM_N && rc == RC_OK; i++) {
		s = &a->arm[i];
		out[i] = s->told;
		out[i].tail_failures = tail_of(s);
		out[i].p50_ns = quantile(s->total, .50);
		out[i].p95_ns = quantile(s->total, .95);
		out[i].p99_ns = quantile(s->total, .99);
		out[i].max_ns = quantile(s->total, 1);
		out[i].ttft_p50_ns = quantile(s->ttft, .50);
		out[i].ttft_p95_ns = quantile(s->ttft, .95);
		out[i].cost_usd = s->priced ?
		    (double)s->cost_pico * PICO : NAN;
		rc = score_pins_finish(s->pins, &out[i].pins,
		    &out[i].n_pins);
		if (rc == RC_OK)
			rc = score_pins_finish(s->words, &out[i].words,
			    &out[i].n_words);
	}
	return rc == RC_OK ? RC_OK :
	    err_set(err, (enum rc)rc, "out of memory for pins");
}
