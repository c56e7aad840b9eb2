/*
 * The order of a run's cases: by their recorded arrivals; or, when a budget
 * may end it early, a seeded random sequence of which every prefix is a
 * stratified sample; else the plan's own order.
 */
#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/rng.h"
#include "harness/traffic/trace.h"
#include "replay/engine_part.h"

enum { STREAM_SAMPLE = 0x73616d70, STREAM_STRATUM = 0x73747261 };

/* A case and what it is sorted by. */
struct placed {
	uint64_t index;
	uint64_t group;		/* hash of its stratum */
	double key;
};

/* When a recorded exchange was sent. */
struct arrival {
	uint64_t id;		/* hash */
	int64_t at_ns;
};

static int
by_group(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static int
by_key(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

static int
by_id(const void *a, const void *b)
{
	const struct arrival *x = a, *y = b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->at_ns < y->at_ns ? -1 : x->at_ns > y->at_ns;
}

static int
set_order(struct engine *e, const struct placed *p, uint64_t n,
    struct err *err)
{
	uint64_t i;

	e->order = calloc(n + 1, sizeof(*e->order));
	if (e->order == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	for (i = 0; i < n; i++)
		e->order[i] = p[i].index;
	return RC_OK;
}

/* ---- a sample ----------------------------------------------------------- */

/* The hash of a case's stratum, 0 without one. */
static uint64_t
stratum_of(const struct json_ptr *ptr, const struct json *doc)
{
	struct buf b;
	uint64_t h;

	if (ptr == NULL)
		return 0;
	buf_init(&b, 1 << 20);
	json_write(&b, json_ptr_find(ptr, doc));
	h = hash_u64(buf_str(&b), b.len);
	buf_fini(&b);
	return h;
}

/*
 * Within a stratum of n cases in random order, case i is at (i + u) / n of the
 * run: every stratum is spread evenly over it.
 */
static void
spread(struct placed *p, uint64_t n, uint64_t seed)
{
	uint64_t from, to, i;
	double u;

	for (from = 0; from < n; from = to) {
		for (to = from; to < n && p[to].group == p[from].group; to++)
			continue;
		u = rng_unit(seed, STREAM_STRATUM, p[from].group);
		for (i = from; i < to; i++)
			p[i].key = ((double)(i - from) + u) /
			    (double)(to - from);
	}
}

static int
order_sample(struct engine *e, struct placed *p, struct err *err)
{
	const struct suite *s = e->job->suite;
	uint64_t n = e->job->plan->n_cases, i;
	struct json_ptr *ptr = NULL;
	struct gold g;
	int rc = RC_OK;

	if (s->stratify != NULL) {
		ptr = json_ptr_new(s->stratify, err);
		if (ptr == NULL)
			return err->code;
	}
	gold_init(&g);
	for (i = 0; i < n && rc == RC_OK; i++) {
		p[i].index = i;
		p[i].key = rng_unit(s->seed, STREAM_SAMPLE, i);
		if (ptr == NULL)
			continue;
		rc = caseset_get(e->job->cases, i, &g, err);
		if (rc == RC_OK)
			p[i].group = stratum_of(ptr, g.doc);
	}
	gold_fini(&g);
	json_ptr_free(ptr);
	if (rc != RC_OK)
		return rc;
	qsort(p, n, sizeof(*p), by_group);
	spread(p, n, s->seed);
	qsort(p, n, sizeof(*p), by_key);
	return set_order(e, p, n, err);
}

/* ---- arrivals ----------------------------------------------------------- */

struct arrivals {
	struct arrival *v;
	size_t n, cap;
};

static int
add_arrival(struct arrivals *a, const struct exchange *ex, struct err *err)
{
	const char *id = ex->key.case_id != NULL ? ex->key.case_id : ex->id;
	struct arrival *v;
	size_t cap;

	if (ex->sent_ns < 0)
		return RC_OK;
	if (a->n == a->cap) {
		cap = a->cap == 0 ? 1024 : a->cap * 2;
		v = realloc(a->v, cap * sizeof(*v));
		if (v == NULL)
			return err_set(err, RC_NOMEM, "out of memory");
		a->v = v;
		a->cap = cap;
	}
	a->v[a->n].id = hash_u64(id, strlen(id));
	a->v[a->n++].at_ns = ex->sent_ns;
	return RC_OK;
}

static int
read_arrivals(const char *path, struct arrivals *a, struct err *err)
{
	struct exchange_rec *mem = exchange_rec_new();
	struct trace_reader *r;
	struct trace_rec rec;
	struct exchange ex;
	int rc;

	if (mem == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = trace_reader_open(path, 1, &r, err);
	while (rc == RC_OK && (rc = trace_next(r, &rec, err)) == 1) {
		rc = exchange_peek(mem, rec.line, rec.n, &ex, err);
		if (rc == 1)
			rc = add_arrival(a, &ex, err);
		if (rc < 0)
			break;
	}
	trace_reader_close(&r);
	exchange_rec_free(mem);
	if (rc == RC_OK && a->n > 0)
		qsort(a->v, a->n, sizeof(*a->v), by_id);
	return rc;
}

/* The time of an id, or -1. */
static int64_t
arrival_of(const struct arrivals *a, const char *id)
{
	uint64_t h = id == NULL ? 0 : hash_u64(id, strlen(id));
	size_t lo = 0, hi = a->n, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (a->v[mid].id < h)
			lo = mid + 1;
		else
			hi = mid;
	}
	return id != NULL && lo < a->n && a->v[lo].id == h ? a->v[lo].at_ns :
	    -1;
}

/* A case's own `at`, in seconds, or its recorded exchange's time. */
static int
place_by_arrival(struct engine *e, const struct arrivals *a,
    struct placed *p, struct err *err)
{
	uint64_t n = e->job->plan->n_cases, i;
	struct gold g;
	int64_t at;
	int rc = RC_OK;

	gold_init(&g);
	for (i = 0; i < n && rc == RC_OK; i++) {
		rc = caseset_get(e->job->cases, i, &g, err);
		if (rc != RC_OK)
			break;
		p[i].index = i;
		p[i].key = json_get_num(g.doc, "at", -1) * 1e9;
		at = arrival_of(a, g.recorded);
		if (p[i].key < 0)
			p[i].key = (double)(at >= 0 ? at :
			    arrival_of(a, g.id));
		if (p[i].key < 0)
			rc = err_set(err, RC_USAGE, "pace: recorded, but case "
			    "%s has no time: take the cases from a trace, or "
			    "give each `at`, in seconds", g.id);
	}
	gold_fini(&g);
	return rc;
}

static int
order_arrivals(struct engine *e, struct placed *p, struct err *err)
{
	const struct suite *s = e->job->suite;
	uint64_t n = e->job->plan->n_cases, i;
	struct arrivals a = { NULL, 0, 0 };
	int64_t *ts = calloc(n + 1, sizeof(*ts));
	int rc = RC_OK;

	if (ts == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	if (s->cases_trace != NULL)
		rc = read_arrivals(s->cases_trace, &a, err);
	if (rc == RC_OK)
		rc = place_by_arrival(e, &a, p, err);
	free(a.v);
	if (rc == RC_OK) {
		qsort(p, n, sizeof(*p), by_key);
		for (i = 0; i < n; i++)
			ts[i] = (int64_t)p[i].key;
		rc = pace_set_arrivals(&e->pace, ts, n,
		    e->job->plan->per_case, s, err);
	}
	if (rc == RC_OK)
		rc = set_order(e, p, n, err);
	free(ts);
	return rc;
}

/* ---- both --------------------------------------------------------------- */

static int
has_budget(const struct engine *e)
{
	const struct suite *s = e->job->suite;

	return e->job->max_time_ns > 0 || s->budget_time_ns > 0 ||
	    s->budget_requests > 0 || s->budget_usd > 0;
}

int
engine_order_init(struct engine *e, struct err *err)
{
	struct placed *p;
	int rc;

	if (e->job->round != ROUND_PLAN ||
	    (e->pace.mode != PACE_RECORDED && !has_budget(e)))
		return RC_OK;
	p = calloc(e->job->plan->n_cases + 1, sizeof(*p));
	if (p == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = e->pace.mode == PACE_RECORDED ? order_arrivals(e, p, err) :
	    order_sample(e, p, err);
	free(p);
	return rc;
}

void
engine_item(const struct engine *e, uint64_t k, struct plan_item *out)
{
	const struct plan *p = e->job->plan;

	if (e->job->round != ROUND_PLAN || k >= e->n_items) {
		engine_again_item(e, k, out);
		return;
	}
	if (e->order != NULL)
		k = e->order[k / p->per_case] * p->per_case + k % p->per_case;
	plan_item(p, k, out);
}
