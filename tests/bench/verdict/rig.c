/* Runs without a network; see rig.h. */
#include "tests/bench/verdict/rig.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/mono.h"
#include "harness/judge/confirm_ask.h"
#include "harness/judge/gate.h"
#include "harness/judge/verdict.h"
#include "harness/score/cells.h"
#include "harness/score/score.h"
#include "harness/traffic/trace.h"

enum { RENDER_MAX = 1 << 20, LINE_MAX_BYTES = 32 << 20,
	EMBED_BYTES = 64 << 20 };

static const int64_t deadline_ns = INT64_C(10000000000);
static const int64_t every_ns = (int64_t)(RIG_EVERY_S * 1e9);

/* ---- what threads share -------------------------------------------------- */

int
rig_world_open(struct rig_world *w, const char *suite, struct err *err)
{
	struct suite_over over = { .seed = 0 };
	struct embed_opts eo = { .spec = NULL };
	char *path;
	int rc;

	memset(w, 0, sizeof(*w));
	rc = suite_load(suite, &over, &w->suite, err);
	if (rc == RC_OK)
		rc = caseset_open(w->suite, NULL, &w->cases, err);
	if (rc != RC_OK)
		return rc;
	path = suite_resolve(w->suite, w->suite->sections_file);
	(void)snprintf(w->sections_file, sizeof(w->sections_file), "%s", path);
	free(path);
	path = suite_resolve(w->suite, w->suite->cases_file);
	(void)snprintf(w->gold_file, sizeof(w->gold_file), "%s", path);
	free(path);
	eo.spec = w->suite->embedder;
	rc = sections_open(w->sections_file, &w->sections, err);
	if (rc == RC_OK)
		rc = embedder_open(&eo, &w->embedder, err);
	if (rc != RC_OK)
		return rc;
	plan_init(&w->plan, w->suite, caseset_n(w->cases));
	w->path = template_new_text(w->suite->request_path, TEMPLATE_PATH,
	    err);
	w->body = template_new(w->suite->body, err);
	return w->path == NULL || w->body == NULL ? err->code : RC_OK;
}

void
rig_world_close(struct rig_world *w)
{
	template_free(w->path);
	template_free(w->body);
	embedder_close(&w->embedder);
	sections_close(&w->sections);
	caseset_close(&w->cases);
	suite_free(w->suite);
}

/* ---- one thread's own ---------------------------------------------------- */

int
rig_open(struct rig *r, const struct rig_world *w, const char *noise,
    const char *trace, struct err *err)
{
	int i, rc;

	memset(r, 0, sizeof(*r));
	r->w = w;
	gold_init(&r->gold);
	buf_init(&r->target, RENDER_MAX);
	buf_init(&r->body, RENDER_MAX);
	buf_init(&r->line, LINE_MAX_BYTES);
	(void)snprintf(r->trace, sizeof(r->trace), "%s", trace);
	rc = embed_set_open(w->embedder, EMBED_BYTES, NULL, &r->embeds, err);
	for (i = 0; i < 2 && rc == RC_OK && noise != NULL; i++) {
		r->stack[i] = bench_stack_new(w->sections_file, w->gold_file,
		    noise);
		if (r->stack[i] == NULL)
			rc = err_set(err, RC_USAGE, "no stack: %s", noise);
	}
	return rc;
}

void
rig_close(struct rig *r)
{
	bench_stack_free(r->stack[0]);
	bench_stack_free(r->stack[1]);
	embed_set_close(&r->embeds);
	gold_fini(&r->gold);
	buf_fini(&r->target);
	buf_fini(&r->body);
	buf_fini(&r->line);
}

/* ---- recording ----------------------------------------------------------- */

static int
render(struct rig *r, const struct plan_item *it, struct err *err)
{
	const struct suite *s = r->w->suite;
	struct template_vars v = { .seed = s->seeds[it->s],
		.paraphrase = it->p, .repeat = it->r, .run = "bench" };
	int made, rc = caseset_get(r->w->cases, it->case_index, &r->gold, err);

	if (rc != RC_OK)
		return rc;
	v.question = gold_wording(&r->gold, s, it->p, &v.question_n,
	    &made);
	v.doc = r->gold.doc;
	v.request = r->gold.request;
	buf_reset(&r->target);
	buf_reset(&r->body);
	rc = template_render(r->w->path, &v, &r->target, err);
	if (rc == RC_OK)
		rc = template_render(r->w->body, &v, &r->body, err);
	return rc;
}

static enum outcome
outcome_of_response(const struct bench_answer *res)
{
	if (res->hang)
		return OUTCOME_TIMEOUT;
	if (res->status == 200)
		return OUTCOME_OK;
	if (res->status == 429)
		return OUTCOME_HTTP_429;
	return res->status < 500 ? OUTCOME_HTTP_4XX : OUTCOME_HTTP_5XX;
}

/* Asks one arm what was rendered, and writes what became of it. */
static int
ask(struct rig *r, const struct plan_item *it, enum arm arm,
    struct trace_writer *w, struct err *err)
{
	struct bench_answer res;
	struct exchange ex;
	char id[48];
	int rc;

	bench_stack_ask(r->stack[arm % 2], buf_str(&r->target),
	    buf_str(&r->body), r->body.len, &res);
	exchange_init(&ex);
	(void)snprintf(id, sizeof(id), "%llu-%u-%d-%d-%u",
	    (unsigned long long)it->case_index, it->v, (int)arm,
	    (int)it->round, it->n);
	ex.id = id;
	ex.key = (struct ex_key){ r->gold.id, it->p, it->s, it->r, arm,
		it->round, it->n };
	ex.sent_ns = r->clock_ns;
	ex.total_ns = res.hang ? deadline_ns : res.service_ns;
	ex.ttfb_ns = res.hang ? -1 : res.service_ns;
	ex.outcome = outcome_of_response(&res);
	ex.url = "http://127.0.0.1:1";
	ex.method = "POST";
	ex.target = buf_str(&r->target);
	ex.req_body = (struct ex_bytes){ buf_str(&r->body), r->body.len, NULL };
	if (!res.hang) {
		ex.status = res.status;
		ex.res_body = (struct ex_bytes){ res.body, res.n, NULL };
	}
	buf_reset(&r->line);
	exchange_write(&r->line, &ex);
	rc = buf_check(&r->line, "a record", err);
	return rc != RC_OK ? rc : trace_write(w, buf_str(&r->line),
	    r->line.len, err);
}

static const struct trace_opts trace_opts = { .kind = "run", .level = 1,
	.start_wall_ns = INT64_C(1767225600000000000) };

/* A variant's requests, less those of arms that are lost. */
static int
ask_all(struct rig *r, const struct plan_item *it, unsigned lost,
    struct trace_writer *w, struct err *err)
{
	int i, rc = render(r, it, err);

	for (i = 0; i < it->n_arms && rc == RC_OK; i++) {
		r->clock_ns += MONO_MS;
		if ((lost >> it->arms[i] & 1) == 0)
			rc = ask(r, it, it->arms[i], w, err);
	}
	return rc;
}

int
rig_record(struct rig *r, const struct rig_ask *x, struct err *err)
{
	struct trace_writer *w = NULL;
	struct plan_item it;
	uint64_t k;
	int rc;

	if (bench_stack_fault(r->stack[1], x->fault) != 0)
		return err_set(err, RC_USAGE, "no fault %s", x->fault);
	bench_stack_reseed(r->stack[0], 2 * x->number + 1);
	bench_stack_reseed(r->stack[1], 2 * x->number + 2);
	rc = trace_writer_open(r->trace, &trace_opts, 1, &w, err);
	r->asked_again = 0;
	for (k = 0; k < r->w->plan.n_items && rc == RC_OK; k++) {
		plan_item(&r->w->plan, k, &it);
		r->clock_ns = (int64_t)k * every_ns;
		rc = ask_all(r, &it, x->lost, w, err);
	}
	if (rc != RC_OK) {
		trace_writer_abandon(&w);
		return rc;
	}
	return trace_writer_close(&w, err);
}

/* ---- beyond the plan ----------------------------------------------------- */

/* Both stacks are there to be asked. */
static const int live[ARM_N] = { [ARM_BASELINE] = 1, [ARM_CANDIDATE] = 1 };

static int
ask_beyond(struct rig *r, enum ex_round round, const struct plan_ask *asks,
    uint64_t from, uint64_t n, unsigned lost, struct trace_writer *w,
    struct err *err)
{
	const struct plan *p = &r->w->plan;
	struct plan_item it;
	struct plan_ask one;
	int rc = RC_OK;

	for (; from < n && rc == RC_OK; from++) {
		if (asks != NULL)
			one = asks[from];
		else
			plan_latency_ask(p, round, from, &one);
		plan_ask_item(p, round, &one, live, &it);
		r->clock_ns += every_ns;
		rc = ask_all(r, &it, lost, w, err);
		r->asked_again += 2;
	}
	return rc;
}

/* What the result leaves undecided, behind the run's trace, as the program
 * asks it. *sent: whether anything was */
static int
rig_again(struct rig *r, const struct rig_ask *x, const struct result *res,
    int *sent, struct err *err)
{
	struct trace_writer *w = NULL;
	struct plan_ask *asks = NULL;
	struct beyond b;
	uint64_t n, pairs = confirm_ask_pairs(res, UINT64_MAX);
	int rc;

	beyond_of(r->w->suite, &r->w->plan, live, &b);
	rc = confirm_ask_cases(res, &r->w->plan, &b, UINT64_MAX, &asks, &n,
	    err);
	*sent = rc == RC_OK && n + pairs > 0;
	if (*sent)
		rc = trace_writer_resume(r->trace, &trace_opts, &w, err);
	if (*sent && rc == RC_OK)
		rc = ask_beyond(r, ROUND_CONFIRM, asks, 0, n, x->lost, w,
		    err);
	if (*sent && rc == RC_OK)
		rc = ask_beyond(r, ROUND_LATENCY_AGAIN, NULL,
		    res->again.latency_there, pairs, x->lost, w, err);
	free(asks);
	if (rc != RC_OK)
		trace_writer_abandon(&w);
	return rc != RC_OK ? rc : trace_writer_close(&w, err);
}

/* ---- judging ------------------------------------------------------------- */

static int
lost_case(const struct cell *c)
{
	return c->arm[0].state == CASE_PASS && c->arm[1].state == CASE_FAIL;
}

/* A case's harm by a gate; NaN: it has none. */
static double
harm_of(const struct gate_row *row, const struct cell *c)
{
	double rise;

	if (row->id == GATE_ID_cases)
		return lost_case(c);
	if (row->how->effect != NULL)
		return row->how->effect(c);
	if (row->how->what == REPLICA_DRIFT)
		return (double)c->drift;
	if (row->how->harm == 0 || row->how->level == NULL)
		return NAN;
	rise = row->how->level(c, 1) - row->how->level(c, 0);
	return row->how->harm * rise;
}

static void
look(const struct score_out *s, const struct limits *l,
    struct rig_seen *seen)
{
	uint64_t n = cells_n(s->cells), i, k;
	size_t g;
	double d, margin;

	for (g = 0; gate_rows[g].name != NULL; g++) {
		margin = *(const double *)(const void *)
		    ((const char *)l + gate_rows[g].limit);
		seen->share[g] = seen->size[g] = 0;
		for (i = k = 0; i < n; i++) {
			d = harm_of(&gate_rows[g], cells_get(s->cells, i));
			if (!(d > margin))
				continue;
			seen->size[g] += d;
			k++;
		}
		seen->size[g] /= k > 0 ? (double)k : 1;
		seen->share[g] = (double)k / (double)n;
	}
}

int
rig_judge(struct rig *r, uint64_t number, int threads,
    struct rig_seen *seen, struct result **out, struct err *err)
{
	const struct rig_world *w = r->w;
	struct score_job job = { .suite = w->suite, .cases = w->cases,
		.plan = &w->plan, .sections = w->sections,
		.embeds = r->embeds, .embedder = w->embedder,
		.trace_path = r->trace, .threads = threads };
	struct verdict_in in = { .suite = w->suite, .cases = w->cases,
		.plan = &w->plan, .embedder = w->embedder,
		.started_wall_ns = INT64_C(1767225600000000000),
		.threads = threads };
	struct score_out *scored = NULL;
	char id[40];
	int rc = score_run(&job, &scored, err);

	if (rc != RC_OK)
		return rc;
	(void)snprintf(id, sizeof(id), "bench-%llu",
	    (unsigned long long)number);
	in.score = scored;
	in.run_id = id;
	in.live[ARM_BASELINE] = in.live[ARM_CANDIDATE] = 1;
	in.replay.stop_reason = "plan complete";
	beyond_of(w->suite, &w->plan, live, &in.beyond);
	if (seen != NULL)
		look(scored, &w->suite->limits, seen);
	rc = verdict_build(&in, out, err);
	score_free(scored);
	return rc;
}

int
rig_run(struct rig *r, const struct rig_ask *ask, struct rig_seen *seen,
    struct result **out, struct err *err)
{
	int more = 1, rc = rig_record(r, ask, err);

	*out = NULL;
	while (more && rc == RC_OK) {
		result_free(*out);
		*out = NULL;
		rc = rig_judge(r, ask->number, 1, seen, out, err);
		/* of the plan's answers alone */
		seen = NULL;
		if (rc == RC_OK)
			rc = rig_again(r, ask, *out, &more, err);
	}
	return rc;
}
