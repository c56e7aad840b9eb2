/* What a run's trace already has, as a bit for each arm of a variant. */
#include <stdlib.h>
#include <string.h>

#include "harness/traffic/trace.h"
#include "replay/engine_part.h"

static uint64_t
bit_of(const struct plan *p, uint64_t case_index, const struct ex_key *k)
{
	return (case_index * p->per_case + plan_variant(p, k)) * ARM_N +
	    k->arm;
}

/* For a case that is not of this run: UINT64_MAX. */
static uint64_t
find_bit(const struct engine *e, const struct ex_key *k)
{
	const struct plan *p = e->job->plan;
	uint64_t i;

	if (k->case_id == NULL || k->p >= p->paraphrases ||
	    k->s >= p->seeds || k->r >= p->repeats || k->arm >= ARM_N)
		return UINT64_MAX;
	i = caseset_find(e->job->cases, k->case_id);
	return i >= p->n_cases ? UINT64_MAX : bit_of(p, i, k);
}

int
engine_is_done(const struct engine *e, const struct plan_item *item,
    enum arm arm)
{
	struct ex_key k = { .p = item->p, .s = item->s, .r = item->r,
		.arm = arm };
	uint64_t bit;

	/* pairs for latency are counted: those on disk are not sent again */
	if (e->done == NULL || item->round == ROUND_LATENCY ||
	    item->round == ROUND_LATENCY_AGAIN)
		return 0;
	bit = item->round == ROUND_PLAN ?
	    bit_of(e->job->plan, item->case_index, &k) :
	    engine_ask_of(e, item->case_index, item->n) * ARM_N + arm;
	return e->done[bit / 8] >> bit % 8 & 1;
}

int
engine_marks_init(struct engine *e, struct err *err)
{
	e->done = calloc(1, e->n_items * ARM_N / 8 + 1);
	return e->done != NULL ? RC_OK :
	    err_set(err, RC_NOMEM, "out of memory");
}

/* The ask that a record answers, as a bit; UINT64_MAX: none of ours. */
static uint64_t
find_ask(const struct engine *e, const struct ex_key *k)
{
	uint64_t i = k->case_id == NULL ? UINT64_MAX :
	    caseset_find(e->job->cases, k->case_id);

	i = i == UINT64_MAX ? i : engine_ask_of(e, i, k->n);
	return i == UINT64_MAX ? i : i * ARM_N + k->arm;
}

int
engine_mark(struct engine *e, const struct ex_key *key, struct err *err)
{
	uint64_t bit;
	int was;

	if (key->round == ROUND_LATENCY || key->round == ROUND_LATENCY_AGAIN) {
		if (key->n >= e->pairs_done[key->round])
			e->pairs_done[key->round] = (uint64_t)key->n + 1;
		return 0;
	}
	if (key->round != e->job->round)
		return 0;
	bit = key->round == ROUND_PLAN ? find_bit(e, key) : find_ask(e, key);
	if (bit == UINT64_MAX && key->round != ROUND_PLAN)
		return 0;
	if (bit == UINT64_MAX)
		return err_set(err, RC_FORMAT, "a record is not of this "
		    "suite's plan: case %s", key->case_id == NULL ? "?" :
		    key->case_id);
	was = e->done[bit / 8] >> bit % 8 & 1;
	e->done[bit / 8] |= (uint8_t)(1u << bit % 8);
	return !was;
}

static int
scan(struct engine *e, struct trace_reader *r, struct exchange_rec *mem,
    int64_t *end_ns, struct err *err)
{
	struct trace_rec rec;
	struct exchange ex;
	int64_t end;
	int rc;

	while ((rc = trace_next(r, &rec, err)) == 1) {
		rc = exchange_peek(mem, rec.line, rec.n, &ex, err);
		if (rc == 1)
			rc = engine_mark(e, &ex.key, err);
		if (rc < 0)
			break;
		/* an arm copied from elsewhere keeps that trace's clock */
		if (ex.key.case_id == NULL || !e->arm[ex.key.arm].live)
			continue;
		if (e->span_ns < 0 || ex.sent_ns < e->span_ns)
			e->span_ns = ex.sent_ns;
		end = ex.sent_ns + ex.total_ns;
		*end_ns = end > *end_ns ? end : *end_ns;
	}
	return rc;
}

int
engine_scan(struct engine *e, const char *path, int64_t *end_ns,
    struct err *err)
{
	struct exchange_rec *mem = exchange_rec_new();
	struct trace_reader *r;
	int rc;

	*end_ns = 0;
	if (mem == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = trace_reader_open(path, 1, &r, err);
	if (rc == RC_OK) {
		rc = scan(e, r, mem, end_ns, err);
		trace_reader_close(&r);
	}
	exchange_rec_free(mem);
	if (rc != RC_OK)
		err_prefix(err, "%s", path);
	return rc;
}
