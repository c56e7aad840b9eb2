/*
 * Latencies of pairs that were sent for their latency alone, put behind those
 * of the plan; see score_part.h.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/score/score_part.h"
#include "harness/stat/stat.h"

/* One answer beyond the plan. */
struct later {
	uint64_t case_index;
	int64_t sent_ns;
	uint32_t n, v;
	float total_ns, ttft_ns;	/* NaN: not answered, no stream */
	uint8_t round, arm, error;
};

struct score_latencies {
	struct later *later;
	size_t n_later, cap_later;
	struct score_more more;
	/* the plan's and these together */
	float *ns[4];
	int64_t *at_ns;
	uint32_t *case_index;
};

struct score_latencies *
score_latencies_new(void)
{
	return calloc(1, sizeof(struct score_latencies));
}

void
score_latencies_free(struct score_latencies *l)
{
	int i;

	if (l == NULL)
		return;
	for (i = 0; i < 4; i++)
		free(l->ns[i]);
	free(l->at_ns);
	free(l->case_index);
	free(l->later);
	free(l);
}

/* As M_TOTAL_NS: from the first attempt, and from the intended start where a
 * schedule was kept. */
static float
latency_of(const struct score_job *job, const struct exchange *ex,
    int64_t ns)
{
	int64_t start = ex->sent_ns;

	if (ex->outcome != OUTCOME_OK || ns < 0)
		return NAN;
	if (ex->n_attempts > 0 && ex->attempts[0].sent_ns >= 0)
		start = ex->attempts[0].sent_ns;
	if (job->paced && ex->due_ns >= 0)
		start = ex->due_ns;
	return (float)(ns + ex->sent_ns - start);
}

int
score_latencies_more(struct score_latencies *l, const struct score_job *job,
    uint64_t case_index, const struct exchange *ex, struct err *err)
{
	const struct plan *p = job->plan;
	const enum outcome first = ex->n_attempts > 0 ?
	    ex->attempts[0].outcome : ex->outcome;
	const int error = outcome_is_error(first) != 0;
	struct later *more;
	size_t cap;

	if (ex->key.arm > ARM_CANDIDATE)
		return RC_OK;
	l->more.sent[ex->key.arm]++;
	if (ex->key.round == ROUND_LATENCY_AGAIN &&
	    ex->key.n >= l->more.asked)
		l->more.asked = (uint64_t)ex->key.n + 1;
	l->more.errors[ex->key.arm] += (uint64_t)error;
	if (l->n_later >= (size_t)2 * SCORE_PAIRS_MAX)
		return RC_OK;
	if (l->n_later == l->cap_later) {
		cap = l->cap_later == 0 ? 1024 : 2 * l->cap_later;
		more = realloc(l->later, cap * sizeof(*more));
		if (more == NULL)
			return err_set(err, RC_NOMEM,
			    "out of memory for latencies");
		l->later = more;
		l->cap_later = cap;
	}
	l->later[l->n_later++] = (struct later){ case_index, ex->sent_ns,
		ex->key.n, (uint32_t)plan_variant(p, &ex->key),
		latency_of(job, ex, ex->total_ns),
		latency_of(job, ex, ex->ttft_ns), (uint8_t)ex->key.round,
		(uint8_t)ex->key.arm, (uint8_t)error };
	return RC_OK;
}

static int
by_time(const void *a, const void *b)
{
	const struct later *x = a, *y = b;

	if (x->sent_ns != y->sent_ns)
		return x->sent_ns < y->sent_ns ? -1 : 1;
	if (x->arm != y->arm)
		return x->arm < y->arm ? -1 : 1;
	return (x->total_ns > y->total_ns) - (x->total_ns < y->total_ns);
}

/* One block of time: which arm failed more, if both were asked; *run: in how
 * many by now, one after the other, the candidate did. */
static void
compare_block(struct score_more *more, const uint32_t sent[2],
    const uint32_t bad[2], uint32_t *run)
{
	double share[2];

	if (sent[0] == 0 || sent[1] == 0)
		return;
	share[0] = (double)bad[0] / sent[0];
	share[1] = (double)bad[1] / sent[1];
	more->blocks++;
	more->worse[0] += share[0] > share[1];
	more->worse[1] += share[1] > share[0];
	*run = share[1] > share[0] ? *run + 1 : 0;
	if (*run > more->longest)
		more->longest = *run;
}

/* Requests close in time fail together: only blocks of time can be counted.
 * They are in order of time from here on. */
static void
count_blocks(struct score_latencies *l)
{
	uint32_t sent[2] = { 0, 0 }, bad[2] = { 0, 0 }, run = 0;
	int64_t from = 0;
	size_t i;

	qsort(l->later, l->n_later, sizeof(*l->later), by_time);
	for (i = 0; i < l->n_later; i++) {
		const struct later *x = &l->later[i];

		/* in order of time, whatever a trace says */
		if (i == 0 || (uint64_t)x->sent_ns - (uint64_t)from >=
		    (uint64_t)SCORE_MORE_BLOCK_NS) {
			compare_block(&l->more, sent, bad, &run);
			memset(sent, 0, sizeof(sent));
			memset(bad, 0, sizeof(bad));
			from = x->sent_ns;
		}
		sent[x->arm]++;
		bad[x->arm] += x->error;
	}
	compare_block(&l->more, sent, bad, &run);
}

/* The two of a pair side by side, pairs in the order of sending. */
static int
by_pair(const void *a, const void *b)
{
	const struct later *x = a, *y = b;

	if (x->round != y->round)
		return x->round < y->round ? -1 : 1;
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	if (x->case_index != y->case_index)
		return x->case_index < y->case_index ? -1 : 1;
	if (x->v != y->v)
		return x->v < y->v ? -1 : 1;
	if (x->arm != y->arm)
		return x->arm < y->arm ? -1 : 1;
	return (x->sent_ns > y->sent_ns) - (x->sent_ns < y->sent_ns);
}

static int
are_pair(const struct later *x, const struct later *y)
{
	return x->round == y->round && x->n == y->n &&
	    x->case_index == y->case_index && x->v == y->v &&
	    x->arm == ARM_BASELINE && y->arm == ARM_CANDIDATE &&
	    isfinite(x->total_ns) && isfinite(y->total_ns);
}

/* Room for the plan's pairs and all that may come behind them. */
static int
take_planned(struct score_latencies *l, const struct score_pairs *p)
{
	const float *from[] = { p->base, p->cand, p->ttft_base,
		p->ttft_cand };
	size_t room = p->n + l->n_later;
	int i, bad = 0;

	l->at_ns = calloc(room, sizeof(*l->at_ns));
	l->case_index = calloc(room, sizeof(*l->case_index));
	for (i = 0; i < 4; i++) {
		l->ns[i] = calloc(room, sizeof(**l->ns));
		bad |= l->ns[i] == NULL;
	}
	if (bad || l->at_ns == NULL || l->case_index == NULL)
		return -1;
	for (i = 0; i < 4 && p->n > 0; i++)
		memcpy(l->ns[i], from[i], p->n * sizeof(**l->ns));
	if (p->n > 0) {
		memcpy(l->at_ns, p->at_ns, p->n * sizeof(*l->at_ns));
		memcpy(l->case_index, p->case_index, p->n *
		    sizeof(*l->case_index));
	}
	return 0;
}

static void
add_pair(struct score_latencies *l, size_t at, const struct later *x,
    const struct later *y)
{
	l->ns[0][at] = x->total_ns;
	l->ns[1][at] = y->total_ns;
	l->ns[2][at] = x->ttft_ns;
	l->ns[3][at] = y->ttft_ns;
	l->at_ns[at] = x->sent_ns < y->sent_ns ? x->sent_ns : y->sent_ns;
	l->case_index[at] = (uint32_t)x->case_index;
	l->more.pairs++;
	l->more.again += x->round == ROUND_LATENCY_AGAIN;
}

static int
by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* NaN of none; v is sorted. */
static double
quantile(double *v, size_t n, double q)
{
	if (n == 0)
		return NAN;
	qsort(v, n, sizeof(*v), by_value);
	return stat_quantile(v, n, q);
}

/*
 * What is sent again takes less than a third of what most of the plan's
 * requests took, of which some repeated an echo: a cache knows it by now. The
 * first so many tell, since a machine may be faster later.
 */
#define CACHED_FACTOR 3
#define CACHED_LEAST_NS 5e6
#define CACHED_SLOWER .05

static int
is_cached(const struct score_latencies *l, const float *plan, size_t n_plan,
    int arm, double *room, double *again)
{
	double first;
	size_t i, n;

	for (i = n = 0; i < n_plan; i++) {
		if (isfinite(plan[i]))
			room[n++] = (double)plan[i];
	}
	first = quantile(room, n, .4);
	for (i = n = 0; i < l->n_later && n < n_plan; i++) {
		if (l->later[i].arm == arm && isfinite(l->later[i].total_ns))
			room[n++] = (double)l->later[i].total_ns;
	}
	*again = quantile(room, n, .5);
	return first - *again > CACHED_LEAST_NS &&
	    *again * CACHED_FACTOR < first;
}

/* Nothing is left out that shows a slower candidate by itself: a cache that
 * only the baseline has, stacks that began cold. 1, 0 or -1: out of memory. */
static int
both_cached(const struct score_latencies *l, const struct score_pairs *p)
{
	size_t room = p->n > l->n_later ? p->n : l->n_later;
	double *v = malloc((room + 1) * sizeof(*v)), base, cand;
	int cached = v == NULL ? -1 :
	    is_cached(l, p->base, p->n, ARM_BASELINE, v, &base) &&
	    is_cached(l, p->cand, p->n, ARM_CANDIDATE, v, &cand) &&
	    cand <= base * (1 + CACHED_SLOWER);

	free(v);
	return cached;
}

int
score_latencies_finish(struct score_latencies *l, struct score_out *out,
    struct err *err)
{
	struct score_pairs *p = &out->pairs;
	int cached;
	size_t i, n = p->n;

	if (l->n_later == 0)
		return RC_OK;
	count_blocks(l);
	cached = both_cached(l, p);
	if (cached < 0 || take_planned(l, p) != 0)
		return err_set(err, RC_NOMEM, "out of memory for latencies");
	l->more.cached = cached;
	qsort(l->later, l->n_later, sizeof(*l->later), by_pair);
	for (i = 0; i + 1 < l->n_later; i++) {
		if (!cached && are_pair(&l->later[i], &l->later[i + 1]))
			add_pair(l, n++, &l->later[i], &l->later[i + 1]);
	}
	*p = (struct score_pairs){ l->ns[0], l->ns[1], l->ns[2], l->ns[3],
		l->at_ns, l->case_index, n, p->seen + l->more.pairs,
		p->planned };
	out->more = l->more;
	return RC_OK;
}
