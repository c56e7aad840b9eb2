/* Paired latencies with their times, and errors with theirs; see
 * score_part.h. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "harness/base/number.h"
#include "harness/score/score_part.h"

/* Latencies by variant in the order of the plan, every step-th one. */
struct score_times {
	uint64_t step;
	float *base, *cand;	/* NaN: not both answered */
	float *ttft_base, *ttft_cand;
	int64_t *at;
	uint32_t *case_index;
	size_t n;
	uint64_t seen;
	struct score_error *errors;
	size_t n_errors, errors_max;
	uint64_t errors_seen;
};

static uint64_t
step_of(const struct plan *p)
{
	uint64_t items = p->n_cases * p->per_case;
	uint64_t step = (items + SCORE_PAIRS_MAX - 1) / SCORE_PAIRS_MAX;

	step = step == 0 ? 1 : step;
	/* or the sample would hold the same variants of all cases */
	while (step > 1 && number_gcd(step, p->per_case) != 1)
		step++;
	return step;
}

struct score_times *
score_times_new(const struct plan *p)
{
	struct score_times *t = calloc(1, sizeof(*t));
	size_t i;

	assert(p->per_case > 0);
	if (t == NULL)
		return NULL;
	t->step = step_of(p);
	assert(t->step > 0);
	t->n = (size_t)(p->n_cases * p->per_case / t->step + 1);
	t->base = malloc(t->n * sizeof(*t->base));
	t->cand = malloc(t->n * sizeof(*t->cand));
	t->ttft_base = malloc(t->n * sizeof(*t->ttft_base));
	t->ttft_cand = malloc(t->n * sizeof(*t->ttft_cand));
	t->at = malloc(t->n * sizeof(*t->at));
	t->case_index = malloc(t->n * sizeof(*t->case_index));
	if (t->base == NULL || t->cand == NULL || t->ttft_base == NULL ||
	    t->ttft_cand == NULL || t->at == NULL || t->case_index == NULL) {
		score_times_free(t);
		return NULL;
	}
	for (i = 0; i < t->n; i++)
		t->base[i] = NAN;
	return t;
}

void
score_times_free(struct score_times *t)
{
	if (t == NULL)
		return;
	free(t->base);
	free(t->cand);
	free(t->ttft_base);
	free(t->ttft_cand);
	free(t->at);
	free(t->case_index);
	free(t->errors);
	free(t);
}

static int
is_timed(const struct score_one *o)
{
	return o->answered && isfinite(o->m[M_TOTAL_NS]);
}

static void
add_pair(struct score_times *t, uint64_t case_index, uint64_t item,
    const struct score_one *x, const struct score_one *y)
{
	t->seen++;
	if (item % t->step != 0)
		return;
	item /= t->step;
	t->base[item] = (float)x->m[M_TOTAL_NS];
	t->cand[item] = (float)y->m[M_TOTAL_NS];
	t->ttft_base[item] = (float)x->m[M_TTFT_NS];
	t->ttft_cand[item] = (float)y->m[M_TTFT_NS];
	t->at[item] = x->ex.sent_ns < y->ex.sent_ns ? x->ex.sent_ns :
	    y->ex.sent_ns;
	t->case_index[item] = (uint32_t)case_index;
}

/* The first attempt is the one that is judged. */
static struct score_error
error_of(const struct score_case *c, uint32_t v, int arm,
    const struct score_one *o)
{
	struct score_error e = { .case_index = c->index, .v = v,
		.arm = (uint8_t)arm, .cause = (uint8_t)o->first,
		.from_ns = o->ex.sent_ns };
	int64_t lasted = o->ex.total_ns;

	if (o->ex.n_attempts > 0) {
		e.from_ns = o->ex.attempts[0].sent_ns;
		lasted = o->ex.attempts[0].total_ns;
	}
	e.to_ns = e.from_ns + (lasted > 0 ? lasted : 0);
	return e;
}

static int
add_error(struct score_times *t, const struct score_error *e)
{
	size_t max = t->errors_max == 0 ? 64 : 2 * t->errors_max;
	struct score_error *v;

	t->errors_seen++;
	if (t->n_errors == SCORE_ERRORS_MAX)
		return 0;
	if (t->n_errors == t->errors_max) {
		v = realloc(t->errors, max * sizeof(*v));
		if (v == NULL)
			return -1;
		t->errors = v;
		t->errors_max = max;
	}
	t->errors[t->n_errors++] = *e;
	return 0;
}

int
score_times_add(struct score_times *t, const struct score_case *c,
    struct err *err)
{
	const struct score_one *o[2];
	struct score_error e;
	uint32_t v;
	int a, bad = 0;

	for (v = 0; v < c->per_case; v++) {
		o[0] = score_at(c, v, ARM_BASELINE);
		o[1] = score_at(c, v, ARM_CANDIDATE);
		if (o[0] == NULL || o[1] == NULL)
			continue;
		if (is_timed(o[0]) && is_timed(o[1]))
			add_pair(t, c->index, c->index * c->per_case + v,
			    o[0], o[1]);
		for (a = 0; a < 2; a++) {
			if (!o[a]->error)
				continue;
			e = error_of(c, v, a, o[a]);
			e.both = o[!a]->error != 0;
			bad |= add_error(t, &e);
		}
	}
	return bad ? err_set(err, RC_NOMEM, "out of memory for errors") :
	    RC_OK;
}

static int
by_plan(const void *a, const void *b)
{
	const struct score_error *x = a, *y = b;

	if (x->case_index != y->case_index)
		return x->case_index < y->case_index ? -1 : 1;
	if (x->v != y->v)
		return x->v < y->v ? -1 : 1;
	return (x->arm > y->arm) - (x->arm < y->arm);
}

void
score_times_finish(struct score_times *t, struct score_pairs *pairs,
    struct score_errors *errors)
{
	size_t i, kept = 0;

	for (i = 0; i < t->n; i++) {
		if (isnan(t->base[i]))
			continue;
		t->base[kept] = t->base[i];
		t->cand[kept] = t->cand[i];
		t->ttft_base[kept] = t->ttft_base[i];
		t->ttft_cand[kept] = t->ttft_cand[i];
		t->at[kept] = t->at[i];
		t->case_index[kept++] = t->case_index[i];
	}
	*pairs = (struct score_pairs){ t->base, t->cand, t->ttft_base,
		t->ttft_cand, t->at, t->case_index, kept, t->seen, kept };
	/* which ones were kept of too many depends on the order of records */
	if (t->errors_seen > t->n_errors)
		t->n_errors = 0;
	if (t->n_errors > 0)
		qsort(t->errors, t->n_errors, sizeof(*t->errors), by_plan);
	*errors = (struct score_errors){ t->errors, t->n_errors,
		t->errors_seen };
}
