/* The engine: sets a run up, starts its workers, ends it; see engine.h. */
#include "replay/engine.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "harness/suite/beyond.h"
#include "harness/traffic/coding.h"
#include "replay/engine_part.h"
#include "replay/recorded.h"

/* ---- set-up ------------------------------------------------------------- */

/* A socket for each request, and some more; more than most limits allow. */
static void
raise_fd_limit(void)
{
	struct rlimit rl;

	if (getrlimit(RLIMIT_NOFILE, &rl) != 0 || rl.rlim_cur == rl.rlim_max)
		return;
	rl.rlim_cur = rl.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &rl);
}

/* The smallest cap of all: no worker may be left without a share of it. */
static int
workers_for(const struct engine *e)
{
	const struct suite *s = e->job->suite;
	int n = e->job->threads, i, cap;

	if (n <= 0)
		n = (int)sysconf(_SC_NPROCESSORS_ONLN);
	if (e->waves)
		return 1;	/* a wave is one loop's */
	if (e->pace.mode == PACE_CLOSED && n > s->concurrency)
		n = s->concurrency;
	for (i = 0; i < e->n_stacks; i++) {
		cap = e->stack[i].target->concurrency;
		if (cap > 0 && n > cap)
			n = cap;
	}
	return n < 1 ? 1 : n;
}

/* Worker i's share of a cap of n. */
static int
share(int n, int workers, int i)
{
	return n / workers + (i < n % workers);
}

static int
worker_init(struct worker *w, struct engine *e, int i, struct err *err)
{
	const struct suite *s = e->job->suite;
	const struct suite_target *t;
	struct http_client_opts o = { 0 };
	int64_t now = mono_now_ns();
	int j;

	w->e = e;
	w->index = i;
	w->gold_index = UINT64_MAX;
	gold_init(&w->gold);
	buf_init(&w->was_bytes, CODING_TEXT_MAX);
	answer_init(&w->answer);
	clean_init(&w->clean);
	w->late = hist_new();
	w->latency = hist_new();
	if (w->late == NULL || w->latency == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	w->slots = e->pace.mode == PACE_CLOSED ?
	    share(s->concurrency, e->n_workers, i) :
	    share(ENGINE_FLIGHTS_MAX, e->n_workers, i);
	for (j = 0; j < e->n_stacks; j++) {
		t = e->stack[j].target;
		stack_init(&w->stack[j], share(t->concurrency, e->n_workers,
		    i), t->rate / e->n_workers, t->burst / e->n_workers,
		    s->seed + (uint64_t)i * ARM_N + (uint64_t)j, now);
	}
	o.origins = e->origins;
	o.n_origins = e->n_stacks;
	o.connections = w->slots;
	o.body_max = s->body_max;
	return http_client_new(&o, &w->client, err);
}

static void
worker_fini(struct worker *w)
{
	if (w->e == NULL)
		return;
	flight_fini(w);
	http_client_free(w->client);
	gold_fini(&w->gold);
	answer_fini(&w->answer);
	clean_fini(&w->clean);
	hist_free(w->late);
	hist_free(w->latency);
}

/* ---- running ------------------------------------------------------------ */

static uint64_t
requests_of(const struct engine_job *job)
{
	return job->round == ROUND_PLAN ? plan_requests(job->plan) :
	    2 * job->n_asks;
}

static void
report_progress(struct engine *e, struct worker *w, int64_t start_ns,
    uint64_t *last_done)
{
	struct engine_progress p;
	int64_t v;
	int i;

	memset(&p, 0, sizeof(p));
	p.elapsed_ns = mono_now_ns() - start_ns;
	p.total = requests_of(e->job);
	for (i = 0; i < e->n_workers; i++) {
		p.done += atomic_load(&w[i].pub.done);
		p.errors += atomic_load(&w[i].pub.errors);
		v = atomic_load(&w[i].pub.p95_ns);
		p.p95_ns = v > p.p95_ns ? v : p.p95_ns;
		v = atomic_load(&w[i].pub.late_p99_ns);
		p.late_p99_ns = v > p.late_p99_ns ? v : p.late_p99_ns;
	}
	if (p.done > p.total)
		p.total = p.done;
	p.per_second = (double)(p.done - *last_done);
	p.eta_ns = p.done == 0 || p.done >= p.total ? -1 :
	    (int64_t)((double)p.elapsed_ns / (double)p.done *
	    (double)(p.total - p.done));
	*last_done = p.done;
	e->job->progress(e->job->progress_ctx, &p);
}

/* Waits for the workers to end, and reports progress every second. */
static void
await_all(struct engine *e, struct worker *w)
{
	int64_t start = mono_now_ns(), next = start;
	uint64_t last_done = 0;
	struct timespec ts;

	(void)pthread_mutex_lock(&e->start);
	while (e->running > 0) {
		next += MONO_S;
		ts.tv_sec = (time_t)(next / MONO_S);
		ts.tv_nsec = (long)(next % MONO_S);
		while (e->running > 0 && pthread_cond_timedwait(&e->ended,
		    &e->start, &ts) == 0)
			continue;
		if (e->job->progress == NULL || e->running == 0)
			continue;
		(void)pthread_mutex_unlock(&e->start);
		report_progress(e, w, start, &last_done);
		(void)pthread_mutex_lock(&e->start);
	}
	(void)pthread_mutex_unlock(&e->start);
	if (e->job->progress != NULL && mono_now_ns() - start > MONO_S)
		report_progress(e, w, start, &last_done);
}

static void
sum_stats(const struct engine *e, const struct worker *w,
    struct engine_stats *out)
{
	struct engine_arm_stats *to;
	const struct engine_arm_stats *from;
	int i, a, o;

	for (i = 0; i < e->n_workers; i++) {
		out->skipped += w[i].skipped;
		out->written += w[i].written;
		out->observations += w[i].skipped + w[i].written;
		out->pairs += w[i].pairs;
		for (a = 0; a < ARM_N; a++) {
			to = &out->arm[a];
			from = &w[i].stats[a];
			out->sent += from->sent;
			to->sent += from->sent;
			to->answered += from->answered;
			to->retries += from->retries;
			to->stale += from->stale;
			to->bytes_in += from->bytes_in;
			to->bytes_out += from->bytes_out;
			to->cost += from->cost;
			for (o = 0; o < OUTCOME_N; o++)
				to->outcomes[o] += from->outcomes[o];
		}
	}
}

static void
sum_lateness(const struct engine *e, struct worker *w,
    struct engine_stats *out)
{
	int i;

	out->paced = e->pace.mode != PACE_CLOSED;
	if (!out->paced)
		return;
	for (i = 1; i < e->n_workers; i++)
		hist_merge(w[0].late, w[i].late);
	out->late_p50_ns = hist_quantile(w[0].late, .5);
	out->late_p99_ns = hist_quantile(w[0].late, .99);
	out->late_max_ns = hist_max(w[0].late);
}

/*
 * Starts the workers. They wait until all started threads are counted: if some
 * cannot be started, fewer threads take the whole load and the barrier is made
 * for them.
 */
static int
start_workers(struct engine *e, struct worker *w, struct err *err)
{
	int i, n, rc;

	for (i = 0; i < e->n_workers; i++) {
		rc = worker_init(&w[i], e, i, err);
		if (rc != RC_OK)
			return rc;
	}
	(void)pthread_mutex_lock(&e->start);
	for (n = 0; n < e->n_workers; n++) {
		if (pthread_create(&w[n].thread, NULL, worker_main, &w[n]) !=
		    0)
			break;
	}
	e->n_workers = e->running = n;
	if (n > 0)
		(void)pthread_barrier_init(&e->warm, NULL, (unsigned)n);
	(void)pthread_mutex_unlock(&e->start);
	return n > 0 ? RC_OK :
	    err_set(err, RC_NOMEM, "cannot start a thread");
}

static int
send_all(struct engine *e, struct trace_writer *tw, struct engine_stats *out,
    struct err *err)
{
	int i, n = e->n_workers, rc;
	struct worker *w = calloc((size_t)n, sizeof(*w));

	if (w == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	rc = writer_start(tw, ENGINE_QUEUE_BYTES,
	    e->pace.mode != PACE_CLOSED, &e->writer, err);
	if (rc == RC_OK)
		rc = start_workers(e, w, err);
	if (rc == RC_OK) {
		await_all(e, w);
		for (i = 0; i < e->n_workers; i++)
			(void)pthread_join(w[i].thread, NULL);
		(void)pthread_barrier_destroy(&e->warm);
		sum_stats(e, w, out);
		sum_lateness(e, w, out);
	}
	for (i = 0; i < n; i++)
		worker_fini(&w[i]);
	free(w);
	if (writer_stop(&e->writer, err) != RC_OK)
		return err->code;
	if (rc == RC_OK && atomic_load(&e->fatal))
		rc = err_set(err, e->err.code, "%s", e->err.msg);
	return rc;
}

/* ---- the trace ---------------------------------------------------------- */

/*
 * One process a run: a lock on a file beside the trace.
 * returns the descriptor, or an error
 */
static int
lock_run(const char *trace_path, struct err *err)
{
	struct buf path;
	int fd, rc;

	buf_init(&path, 1 << 16);
	buf_printf(&path, "%s.lock", trace_path);
	rc = buf_check(&path, "a path", err);
	fd = rc != RC_OK ? -1 :
	    open(path.p, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (rc == RC_OK && fd < 0)
		rc = err_errno(err, RC_IO, "%s", path.p);
	if (rc == RC_OK && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		(void)close(fd);
		rc = errno == EWOULDBLOCK ? err_set(err, RC_USAGE,
		    "%s: another process is working on this run", trace_path)
		    : err_errno(err, RC_IO, "%s", path.p);
	}
	buf_fini(&path);
	return rc == RC_OK ? fd : rc;
}

static int
open_trace(struct engine *e, struct trace_writer **tw, struct err *err)
{
	const struct engine_job *job = e->job;
	struct json *extra = json_new(JSON_OBJECT);
	struct trace_opts o = { .kind = "run", .argc = job->argc,
		.argv = job->argv, .extra = extra,
		.level = TRACE_LEVEL_OBSERVATIONS };
	int64_t end_ns = 0;
	int rc;

	if (extra == NULL ||
	    json_set(extra, "run", json_new_str(job->run_id)) != RC_OK ||
	    json_set(extra, "suite", json_new_str(job->suite->name)) !=
	    RC_OK ||
	    json_set(extra, "suite_hash", json_new_str(job->suite->hash)) !=
	    RC_OK) {
		json_free(extra);
		return err_set(err, RC_NOMEM, "out of memory");
	}
	rc = job->resume ? trace_writer_resume(job->trace_path, &o, tw, err) :
	    trace_writer_open(job->trace_path, &o, 0, tw, err);
	json_free(extra);
	/* what was recovered must be readable before it is counted */
	if (rc == RC_OK && job->resume)
		rc = trace_flush(*tw, 1, err);
	if (rc == RC_OK && job->resume)
		rc = engine_scan(e, job->trace_path, &end_ns, err);
	/* The time continues at the end of the trace. The wall clock is not
	 * used: it may have been set meanwhile. */
	e->base_ns = mono_now_ns() - end_ns;
	return rc;
}

/* ---- recorded arms ------------------------------------------------------ */

struct put_ctx {
	struct engine *e;
	struct trace_writer *tw;
	const char *src;
	struct buf scratch;
};

static int
put_recorded(void *ctx, const char *line, size_t n, struct err *err)
{
	struct put_ctx *p = ctx;
	struct ex_key key;
	int rc = exchange_peek_key(line, n, &p->scratch, &key, err);

	if (rc == 1)
		rc = engine_mark(p->e, &key, err);
	if (rc != 1)
		return rc;
	rc = trace_body_copy(p->src, p->e->job->trace_path, line, n, err);
	return rc == RC_OK ? trace_write(p->tw, line, n, err) : rc;
}

static int
copy_recorded(struct engine *e, struct trace_writer *tw,
    struct engine_stats *out, struct err *err)
{
	const struct engine_job *job = e->job;
	struct put_ctx ctx = { .e = e, .tw = tw };
	struct recorded_job from = { .cases = job->cases,
		.plan = job->plan, .suite = job->suite };
	struct recorded_stats st;
	int a, rc = RC_OK;

	buf_init(&ctx.scratch, TRACE_LINE_MAX);
	for (a = 0; a < ARM_N && rc == RC_OK; a++) {
		if (job->recorded[a].path == NULL)
			continue;
		ctx.src = from.src = job->recorded[a].path;
		from.from = job->recorded[a].from;
		from.to = (enum arm)a;
		rc = recorded_copy(&from, put_recorded, &ctx, &st, err);
		out->arm[a].copied = st.copied;
		out->observations += st.copied;
		out->arm[a].missing = st.missing;
	}
	buf_fini(&ctx.scratch);
	return rc == RC_OK ? trace_flush(tw, 1, err) : rc;
}

/* ---- a run -------------------------------------------------------------- */

/* The first variant with something to send: where a resumed schedule is. */
static void
find_start(struct engine *e)
{
	const uint64_t n = e->n_items;
	struct pace_cursor cursor = { 0, 0 };
	struct plan_item item;
	uint64_t k;
	int i, missing = 0;

	for (k = 0; k < n && !missing; k++) {
		engine_item(e, k, &item);
		for (i = 0; i < item.n_arms; i++)
			missing |= e->arm[item.arms[i]].live &&
			    !engine_is_done(e, &item, item.arms[i]);
		if (missing)
			break;
	}
	/* pairs for latency begin after the plan's last */
	if (k < n || e->pairs_max > 0)
		e->first_due_ns = pace_due_ns(&e->pace, &cursor, k);
}

/* The variants that a budget of requests pays for: whole cases, if there is
 * one. */
static void
set_limit(struct engine *e)
{
	const struct plan *p = e->job->plan;
	uint64_t budget = e->job->suite->budget_requests;
	uint64_t limit = e->n_items, each;

	if (e->job->round != ROUND_PLAN) {
		/* requests sent for them before are paid for */
		atomic_store(&e->next, e->job->round == ROUND_CONFIRM ? 0 :
		    e->pairs_done[e->job->round]);
		atomic_store(&e->limit, limit);
		return;
	}
	each = p->n_items == 0 ? 1 : plan_requests(p) / p->n_items;
	if (budget > 0 && each > 0 && budget / each < limit) {
		limit = budget / each;
		if (limit > p->per_case)
			limit -= limit % p->per_case;
		atomic_store(&e->reason, ENGINE_BUDGET);
	}
	atomic_store(&e->limit, limit);
}

static int
prepare(struct engine *e, struct err *err)
{
	const struct suite *s = e->job->suite;
	int rc = http_global_init(err);

	raise_fd_limit();
	e->end_ns = INT64_MAX;
	e->span_ns = -1;
	atomic_store(&e->spent_nano, (int64_t)(e->job->spent_usd * 1e9));
	(void)pthread_mutex_init(&e->err_lock, NULL);
	(void)pthread_mutex_init(&e->start, NULL);
	mono_cond_init(&e->ended);
	if (rc == RC_OK)
		rc = pace_init(&e->pace, s, err);
	if (rc == RC_OK)
		engine_again_init(e);
	if (rc == RC_OK)
		rc = engine_order_init(e, err);
	if (rc == RC_OK)
		rc = engine_marks_init(e, err);
	if (rc == RC_OK)
		rc = engine_arms_init(e, err);
	e->waves = e->pace.mode == PACE_CLOSED && e->n_stacks > 1 &&
	    e->job->round != ROUND_CONFIRM && beyond_judges_latency(s);
	e->n_workers = workers_for(e);
	return rc;
}

static void
unprepare(struct engine *e)
{
	engine_arms_fini(e);
	pace_fini(&e->pace);
	free(e->done);
	free(e->order);
	(void)pthread_mutex_destroy(&e->err_lock);
	(void)pthread_mutex_destroy(&e->start);
	(void)pthread_cond_destroy(&e->ended);
}

static int
run_locked(struct engine *e, struct engine_stats *out, struct err *err)
{
	struct trace_writer *tw = NULL;
	struct err later = ERR_INIT;
	int rc = open_trace(e, &tw, err);

	if (rc == RC_OK && e->job->round == ROUND_PLAN)
		rc = copy_recorded(e, tw, out, err);
	if (rc == RC_OK) {
		set_limit(e);
		find_start(e);
	}
	if (rc == RC_OK && e->n_stacks > 0)
		rc = send_all(e, tw, out, err);
	/* after a failure the end is still written, if possible */
	if (trace_writer_close(&tw, rc == RC_OK ? err : &later) != RC_OK &&
	    rc == RC_OK)
		rc = err->code;
	return rc;
}

static int
is_any_here(const struct engine_job *job)
{
	int a;

	for (a = 0; a < ARM_N; a++) {
		if (job->url[a] != NULL && machine_is_here(job->url[a]))
			return 1;
	}
	return 0;
}

int
engine_run(const struct engine_job *job, struct engine_stats *out,
    struct err *err)
{
	int64_t start = mono_now_ns(), cpu = mono_cpu_ns();
	struct machine_cpu machine = { 0, 0 };
	struct engine e;
	int fd, rc;

	memset(out, 0, sizeof(*out));
	memset(&e, 0, sizeof(e));
	e.job = job;
	out->planned = requests_of(job);
	fd = lock_run(job->trace_path, err);
	if (fd < 0)
		return fd;
	if (is_any_here(job))
		(void)machine_cpu_now(&machine);
	rc = prepare(&e, err);
	if (rc == RC_OK)
		rc = run_locked(&e, out, err);
	out->stop = (enum engine_stop)atomic_load(&e.reason);
	out->alike = e.alike;
	unprepare(&e);
	(void)close(fd);
	out->elapsed_ns = mono_now_ns() - start;
	out->cpu_ns = mono_cpu_ns() - cpu;
	machine_cpu_since(&machine, &out->machine);
	return rc;
}
