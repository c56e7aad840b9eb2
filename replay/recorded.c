/* Arms that are not URLs; see recorded.h. */
#include "replay/recorded.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/hash.h"
#include "harness/base/log.h"
#include "harness/base/table.h"
#include "harness/traffic/extract.h"

/* Which case has a recorded id. */
struct id_case {
	uint64_t hash, case_index;
};

struct copy {
	const struct recorded_job *job;
	trace_put_fn *put;
	void *ctx;
	struct id_case *ids;	/* NULL until a record without a key comes */
	struct table by_id;	/* of ids */
	uint8_t *taken;		/* a bit a variant */
	struct buf line, quoted;
	uint64_t have;		/* the case that is in the gold at hand */
	struct recorded_stats *out;
};

static int
same_hash(const void *ctx, const void *key, uint32_t at)
{
	const struct id_case *v = ctx;

	return v[at].hash == *(const uint64_t *)key;
}

static uint32_t
find_hash(const struct copy *c, uint64_t hash)
{
	return table_find(&c->by_id, hash, same_hash, c->ids, &hash);
}

static uint64_t
hash_of(const char *id)
{
	return hash_table(id, strlen(id));
}

/* Of two cases with one id the first has it. */
static void
id_put(struct copy *c, const char *id, uint64_t case_index)
{
	uint64_t hash = hash_of(id);

	if (find_hash(c, hash) != TABLE_NONE)
		return;
	c->ids[c->by_id.n] = (struct id_case){ hash, case_index };
	table_put(&c->by_id, hash, c->by_id.n);
}

static int
load_ids(struct copy *c, struct err *err)
{
	uint64_t n = caseset_n(c->job->cases), i;
	struct gold g;
	int rc = RC_OK;

	c->ids = calloc(2 * n + 1, sizeof(*c->ids));
	if (c->ids == NULL || table_room(&c->by_id, 2 * n) != 0)
		return err_set(err, RC_NOMEM, "out of memory");
	gold_init(&g);
	for (i = 0; i < n && rc == RC_OK; i++) {
		rc = caseset_get(c->job->cases, i, &g, err);
		if (rc != RC_OK)
			break;
		if (g.recorded != NULL)
			id_put(c, g.recorded, i);
		id_put(c, g.id, i);
	}
	gold_fini(&g);
	return rc;
}

static uint64_t
find_id(const struct copy *c, const char *id)
{
	uint32_t at = find_hash(c, hash_of(id));

	return at == TABLE_NONE ? UINT64_MAX : c->ids[at].case_index;
}

/*
 * The case a record belongs to; its key is completed.
 * returns UINT64_MAX when it is none of ours
 */
static uint64_t
case_of(const struct copy *c, struct exchange *ex, struct gold *g,
    struct err *err)
{
	const struct plan *p = c->job->plan;
	uint64_t i;

	if (ex->key.case_id != NULL) {
		if (ex->key.round != ROUND_PLAN || (c->job->from != ARM_N &&
		    ex->key.arm != c->job->from))
			return UINT64_MAX;
		if (ex->key.p >= p->paraphrases || ex->key.s >= p->seeds ||
		    ex->key.r >= p->repeats)
			return UINT64_MAX;
		return caseset_find(c->job->cases, ex->key.case_id);
	}
	/* production asked once: its answer is not also its own echo */
	if (c->job->to != ARM_BASELINE && c->job->to != ARM_CANDIDATE)
		return UINT64_MAX;
	i = ex->id == NULL ? UINT64_MAX : find_id(c, ex->id);
	if (i == UINT64_MAX || caseset_get(c->job->cases, i, g, err) != RC_OK)
		return UINT64_MAX;
	ex->key.case_id = g->id;
	ex->key.p = ex->key.s = ex->key.r = 0;
	return i;
}

static int
has_bytes(const struct ex_bytes *b, const char *s, size_t n)
{
	return b->p != NULL && memmem(b->p, b->n, s, n) != NULL;
}

/*
 * Whether a request asked what its case asks now: a case whose text was
 * edited has no recorded answer. Where the request shows no question nobody
 * can tell, and it counts.
 * returns 1, 0, or an error
 */
static int
asked_this(struct copy *c, const struct exchange *ex, uint64_t i,
    struct gold *g, struct err *err)
{
	const struct suite *s = c->job->suite;
	const char *wording, *was = NULL;
	struct json *body;
	size_t n, was_n = 0;
	int made, rc = RC_OK, same = 1;

	if (ex->req_body.n == 0)
		return 1;
	if (c->have != i)
		rc = caseset_get(c->job->cases, i, g, err);
	c->have = rc == RC_OK ? i : UINT64_MAX;
	if (rc != RC_OK)
		return rc;
	if (g->no_question)
		return 1;
	wording = gold_wording(g, s, ex->key.p, &n, &made);
	/* what was made of a wording depends on the suite's seed */
	if (wording == NULL || made)
		return 1;
	buf_reset(&c->quoted);
	json_write_str(&c->quoted, wording, n);
	if (buf_check(&c->quoted, "a question", err) != RC_OK)
		return err->code;
	if (has_bytes(&ex->req_body, c->quoted.p + 1, c->quoted.len - 2))
		return 1;
	/* written in another way, or another question */
	body = json_parse(ex->req_body.p, ex->req_body.n, NULL);
	if (body != NULL)
		was = extract_question(s->extract, body, &was_n);
	if (was != NULL)
		same = memmem(was, was_n, wording, n) != NULL;
	json_free(body);
	return same;
}

static int
take_exchange(struct copy *c, struct exchange *ex, struct gold *g,
    struct err *err)
{
	const struct plan *p = c->job->plan;
	int rc, raw = ex->key.case_id == NULL;
	uint64_t i, v;

	i = case_of(c, ex, g, err);
	if (raw)
		c->have = UINT64_MAX;	/* it looks into several cases */
	if (err->code != RC_OK)
		return err->code;
	if (i == UINT64_MAX) {
		c->out->foreign++;
		return RC_OK;
	}
	if (!raw) {
		rc = asked_this(c, ex, i, g, err);
		if (rc < 0)
			return rc;
		if (rc == 0) {
			c->out->stale++;
			return RC_OK;
		}
	}
	v = i * p->per_case + plan_variant(p, &ex->key);
	if (c->taken[v / 8] >> v % 8 & 1)
		return RC_OK;
	c->taken[v / 8] |= (uint8_t)(1u << v % 8);
	ex->key.arm = c->job->to;
	buf_reset(&c->line);
	exchange_write(&c->line, ex);
	rc = buf_check(&c->line, "a recorded answer", err);
	if (rc != RC_OK)
		return rc;
	c->out->copied++;
	return c->put(c->ctx, c->line.p, c->line.len, err);
}

static int
copy_all(struct copy *c, struct trace_reader *r, struct err *err)
{
	struct exchange_rec *mem = exchange_rec_new();
	struct trace_rec rec;
	struct exchange ex;
	struct gold g;
	int rc = mem == NULL ? err_set(err, RC_NOMEM, "out of memory") : 1;

	gold_init(&g);
	while (rc == 1 && (rc = trace_next(r, &rec, err)) == 1) {
		rc = exchange_parse(mem, rec.line, rec.n, &ex, err);
		if (rc == 1 && ex.key.case_id == NULL && c->ids == NULL &&
		    load_ids(c, err) != RC_OK)
			rc = err->code;
		if (rc == 1 && take_exchange(c, &ex, &g, err) != RC_OK)
			rc = err->code;
		if (rc == 0)
			rc = 1;
	}
	gold_fini(&g);
	exchange_rec_free(mem);
	return rc;
}

/* How many requests the plan has for an arm. */
static uint64_t
planned(const struct plan *plan, enum arm arm)
{
	struct plan_item item;
	uint64_t k, n = 0;
	int i;

	for (k = 0; k < plan->n_items; k++) {
		plan_item(plan, k, &item);
		for (i = 0; i < item.n_arms; i++)
			n += item.arms[i] == arm;
	}
	return n;
}

/* What the user should know of a recording; an echo's is its arm's. */
static void
warn(const struct recorded_job *job, const struct trace_reader *r,
    const struct recorded_stats *out)
{
	struct trace_info info;

	if (job->to != ARM_BASELINE && job->to != ARM_CANDIDATE)
		return;
	trace_reader_info(r, &info);
	if (info.torn)
		log_msg(LOG_WARN, "recorded", "%s: cut off; the readable part "
		    "is used; `lockstep trace verify` shows more", job->src);
	if (out->stale > 0)
		log_msg(LOG_WARN, "recorded", "%s: %llu answers are left out: "
		    "the suite no longer asks these questions",
		    job->src, (unsigned long long)out->stale);
	if (out->copied == 0 && out->foreign > 0)
		log_msg(LOG_WARN, "recorded", "%s: none of its %llu exchanges "
		    "belongs to a case of this suite; to ask what it recorded, "
		    "use cases: {trace: FILE}", job->src,
		    (unsigned long long)out->foreign);
}

int
recorded_copy(const struct recorded_job *job, trace_put_fn *put, void *ctx,
    struct recorded_stats *out, struct err *err)
{
	struct copy c = { .job = job, .put = put, .ctx = ctx, .out = out };
	struct trace_reader *r;
	uint64_t n;
	int rc;

	memset(out, 0, sizeof(*out));
	c.taken = calloc(1, job->plan->n_cases * job->plan->per_case / 8 + 1);
	if (c.taken == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	c.have = UINT64_MAX;
	buf_init(&c.line, TRACE_LINE_MAX);
	buf_init(&c.quoted, TRACE_LINE_MAX);
	rc = trace_reader_open(job->src, 1, &r, err);
	if (rc == RC_OK) {
		rc = copy_all(&c, r, err);
		if (rc == RC_OK)
			warn(job, r, out);
		trace_reader_close(&r);
	}
	if (rc == RC_OK) {
		n = planned(job->plan, job->to);
		out->missing = n > out->copied ? n - out->copied : 0;
	} else if (strncmp(err->msg, job->src, strlen(job->src)) != 0) {
		err_prefix(err, "%s", job->src);
	}
	free(c.taken);
	table_fini(&c.by_id);
	free(c.ids);
	buf_fini(&c.line);
	buf_fini(&c.quoted);
	return rc;
}
