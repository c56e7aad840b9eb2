/*
 * One stage of a job alone, for the budget of `make bench`: what the job's
 * own functions take when nothing else is done, on a run's own data.
 *
 *	bench_stages cases SUITE
 *	bench_stages transfer URL REQUESTS CONNECTIONS BODY_FILE
 *	bench_stages capture TRACE
 *	bench_stages compress TRACE OUT
 *	bench_stages extract TRACE SUITE
 *	bench_stages store TRACE HOME
 *
 * Prints: cases, requests or records, and the CPU seconds they took.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "harness/base/mono.h"
#include "harness/result/store.h"
#include "harness/suite/caseset.h"
#include "harness/suite/suite.h"
#include "harness/terms/metric.h"
#include "harness/traffic/trace.h"
#include "replay/http.h"

enum {
	BATCH = 64,		/* records between two looks at the clock */
	PIECE_BYTES = 256 << 10,
	SYNC_BYTES = 8 << 20,	/* as the engine's writer */
	BODY_MAX = 8 << 20
};

struct outcome_of_stage {
	uint64_t n;
	int64_t cpu_ns;
};

/* Whole lines of a trace. */
struct batch {
	struct buf text;
	size_t at[BATCH + 1];
	int n;
};

static int64_t
cpu_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

/* ---- traces ------------------------------------------------------------ */

static int
next_batch(struct trace_reader *r, struct batch *b, struct err *err)
{
	struct trace_rec rec;
	int rc = 1;

	buf_reset(&b->text);
	b->n = 0;
	b->at[0] = 0;
	while (b->n < BATCH && (rc = trace_next(r, &rec, err)) == 1) {
		if (!rec.is_exchange)
			continue;
		buf_add(&b->text, rec.line, rec.n);
		buf_putc(&b->text, '\n');
		b->at[++b->n] = b->text.len;
	}
	return rc < 0 ? rc : buf_check(&b->text, "a batch", err);
}

/* What is timed of a batch; adds to cpu_ns only what counts. */
typedef int batch_fn(void *ctx, const struct batch *b,
    struct outcome_of_stage *out, struct err *err);

static int
each_batch(const char *path, batch_fn *fn, void *ctx,
    struct outcome_of_stage *out, struct err *err)
{
	struct trace_reader *r;
	struct batch b;
	int rc = trace_reader_open(path, 1, &r, err);

	if (rc != RC_OK)
		return rc;
	buf_init(&b.text, 1 << 30);
	do {
		rc = next_batch(r, &b, err);
		if (rc == RC_OK && b.n > 0)
			rc = fn(ctx, &b, out, err);
		out->n += (uint64_t)b.n;
	} while (rc == RC_OK && b.n > 0);
	buf_fini(&b.text);
	trace_reader_close(&r);
	return rc;
}

/* ---- the stages -------------------------------------------------------- */

static int
stage_cases(char **argv, struct outcome_of_stage *out, struct err *err)
{
	struct suite_over over = { .seed = 1 };
	struct caseset *cases = NULL;
	struct suite *suite = NULL;
	int64_t from;
	int rc = suite_load(argv[0], &over, &suite, err);

	from = cpu_ns();
	if (rc == RC_OK)
		rc = caseset_open(suite, NULL, &cases, err);
	out->cpu_ns = cpu_ns() - from;
	if (rc == RC_OK)
		out->n = caseset_n(cases);
	caseset_close(&cases);
	suite_free(suite);
	return rc;
}

static size_t
read_file(const char *path, char *to, size_t cap)
{
	FILE *f = fopen(path, "rb");
	size_t n = 0;

	if (f == NULL)
		return 0;
	n = fread(to, 1, cap, f);
	(void)fclose(f);
	return n;
}

/* Keeps as many requests under way as there are connections. */
static int
send_all(struct http_client *c, uint64_t n, int conns, const char *body,
    struct err *err)
{
	static const struct ex_header headers[] = {
		{ "Content-Type", "application/json" },
		{ "X-Lockstep-Run", "20000101-000000-000000" },
		{ "X-Lockstep-Shadow", "true" },
		{ "Idempotency-Key", "ls-00000000000000000000000000000000" },
	};
	struct http_call *call;
	uint64_t sent = 0, done = 0;
	int rc = RC_OK;

	while (rc == RC_OK && done < n) {
		while (rc == RC_OK && sent < n &&
		    sent - done < (uint64_t)conns) {
			call = http_get(c, 0);
			if (call == NULL)
				return err_set(err, RC_NOMEM, "no memory");
			call->method = "POST";
			call->target = "/";
			call->headers = headers;
			call->n_headers = 4;
			call->body = body;
			call->body_n = strlen(body);
			call->deadline_ns = mono_now_ns() + 10 * MONO_S;
			rc = http_start(c, call, err);
			sent++;
		}
		if (rc == RC_OK)
			rc = http_wait(c, mono_now_ns() + MONO_S, err);
		while ((call = http_done(c)) != NULL) {
			if (call->outcome != OUTCOME_OK)
				return err_set(err, RC_NET, "%s", call->why);
			http_put(c, call);
			done++;
		}
	}
	return rc;
}

static int
stage_transfer(char **argv, struct outcome_of_stage *out, struct err *err)
{
	struct http_origin_opts o = { .url = argv[0] };
	struct http_client_opts opts = { 0 };
	struct http_client *client = NULL;
	struct http_origin *origin = NULL;
	char body[4096];
	int64_t from;
	int rc = http_global_init(err);

	out->n = strtoull(argv[1], NULL, 10);
	body[read_file(argv[3], body, sizeof(body) - 1)] = '\0';
	if (rc == RC_OK)
		rc = http_origin_new(&o, &origin, err);
	opts.origins = &origin;
	opts.n_origins = 1;
	opts.connections = atoi(argv[2]);
	opts.body_max = BODY_MAX;
	if (rc == RC_OK)
		rc = http_client_new(&opts, &client, err);
	from = cpu_ns();
	if (rc == RC_OK)
		rc = send_all(client, out->n, opts.connections, body, err);
	out->cpu_ns = cpu_ns() - from;
	http_client_free(client);
	http_origin_free(origin);
	return rc;
}

struct capture {
	struct exchange_rec *rec[BATCH];
	struct exchange ex[BATCH];
	struct buf lines;
};

static int
capture_batch(void *ctx, const struct batch *b, struct outcome_of_stage *out,
    struct err *err)
{
	struct capture *c = ctx;
	int64_t from;
	int i, rc = 1;

	for (i = 0; i < b->n && rc >= 0; i++)
		rc = exchange_parse(c->rec[i], b->text.p + b->at[i],
		    b->at[i + 1] - b->at[i] - 1, &c->ex[i], err);
	if (rc < 0)
		return rc;
	from = cpu_ns();
	for (i = 0; i < b->n; i++) {
		exchange_write(&c->lines, &c->ex[i]);
		buf_putc(&c->lines, '\n');
	}
	if (c->lines.len > PIECE_BYTES)
		buf_reset(&c->lines);
	out->cpu_ns += cpu_ns() - from;
	return RC_OK;
}

static int
stage_capture(char **argv, struct outcome_of_stage *out, struct err *err)
{
	struct capture c;
	int i, rc;

	buf_init(&c.lines, 1 << 30);
	for (i = 0; i < BATCH; i++)
		c.rec[i] = exchange_rec_new();
	rc = each_batch(argv[0], capture_batch, &c, out, err);
	for (i = 0; i < BATCH; i++)
		exchange_rec_free(c.rec[i]);
	buf_fini(&c.lines);
	return rc;
}

struct compress {
	struct trace_writer *w;
	size_t unsynced;
};

static int
compress_batch(void *ctx, const struct batch *b, struct outcome_of_stage *out,
    struct err *err)
{
	struct compress *c = ctx;
	int64_t from = cpu_ns();
	int rc = trace_write_lines(c->w, b->text.p, b->text.len,
	    (uint64_t)b->n, err);

	c->unsynced += b->text.len;
	if (rc == RC_OK && c->unsynced >= SYNC_BYTES) {
		rc = trace_flush(c->w, 1, err);
		c->unsynced = 0;
	}
	out->cpu_ns += cpu_ns() - from;
	return rc;
}

static int
stage_compress(char **argv, struct outcome_of_stage *out, struct err *err)
{
	struct trace_opts o = { .kind = "bench",
		.level = TRACE_LEVEL_OBSERVATIONS };
	struct compress c = { NULL, 0 };
	int rc = trace_writer_open(argv[1], &o, 1, &c.w, err);

	if (rc == RC_OK)
		rc = each_batch(argv[0], compress_batch, &c, out, err);
	if (rc == RC_OK)
		rc = trace_writer_close(&c.w, err);
	trace_writer_abandon(&c.w);
	return rc;
}

struct extraction {
	const struct extract_spec *spec;
	struct exchange_rec *rec;
	struct answer answer;
};

static int
extract_batch(void *ctx, const struct batch *b, struct outcome_of_stage *out,
    struct err *err)
{
	struct extraction *x = ctx;
	struct exchange ex;
	int64_t from = cpu_ns();
	int i, rc = 1;

	for (i = 0; i < b->n && rc >= 0; i++) {
		rc = exchange_parse(x->rec, b->text.p + b->at[i],
		    b->at[i + 1] - b->at[i] - 1, &ex, err);
		if (rc == 1)
			rc = extract_answer(x->spec, &ex, &x->answer, err);
	}
	out->cpu_ns += cpu_ns() - from;
	return rc < 0 ? rc : RC_OK;
}

static int
stage_extract(char **argv, struct outcome_of_stage *out, struct err *err)
{
	struct suite_over over = { .seed = 1 };
	struct suite *suite = NULL;
	struct extraction x;
	int rc = suite_load(argv[1], &over, &suite, err);

	if (rc != RC_OK)
		return rc;
	x.spec = suite->extract;
	x.rec = exchange_rec_new();
	answer_init(&x.answer);
	rc = each_batch(argv[0], extract_batch, &x, out, err);
	answer_fini(&x.answer);
	exchange_rec_free(x.rec);
	suite_free(suite);
	return rc;
}

struct storing {
	struct store *store;
	double m[METRIC_N];
	uint64_t n;
};

static int
store_batch(void *ctx, const struct batch *b, struct outcome_of_stage *out,
    struct err *err)
{
	struct storing *s = ctx;
	struct store_obs row = { .m = s->m };
	int64_t from = cpu_ns();
	int i;

	(void)err;
	for (i = 0; i < b->n; i++) {
		row.case_n = s->n / 3;
		row.arm = (enum arm)(s->n++ % 3);
		row.total_ns = (int64_t)s->n;
		store_obs_put(s->store, &row);
	}
	out->cpu_ns += cpu_ns() - from;
	return RC_OK;
}

static int
stage_store(char **argv, struct outcome_of_stage *out, struct err *err)
{
	struct store_run run = { .suite_name = "bench" };
	struct storing s = { NULL, { 0 }, 0 };
	int64_t from;
	int i, rc = store_open(argv[1], &s.store, err);

	for (i = 0; i < METRIC_N; i++)
		s.m[i] = (double)i / 7;
	if (rc == RC_OK)
		rc = store_run_new(s.store, argv[1], &run, err);
	if (rc == RC_OK)
		rc = store_obs_begin(s.store, run.id, err);
	if (rc == RC_OK)
		rc = each_batch(argv[0], store_batch, &s, out, err);
	from = cpu_ns();
	if (rc == RC_OK)
		rc = store_obs_end(s.store, err);
	out->cpu_ns += cpu_ns() - from;
	store_close(&s.store);
	return rc;
}

static const struct {
	const char *name;
	int args;
	int (*fn)(char **argv, struct outcome_of_stage *out, struct err *err);
} stages[] = {
	{ "cases", 1, stage_cases },
	{ "transfer", 4, stage_transfer },
	{ "capture", 1, stage_capture },
	{ "compress", 2, stage_compress },
	{ "extract", 2, stage_extract },
	{ "store", 2, stage_store },
};

int
main(int argc, char **argv)
{
	struct outcome_of_stage out = { 0, 0 };
	struct err err = ERR_INIT;
	size_t i;

	for (i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		if (argc < 2 || strcmp(argv[1], stages[i].name) != 0 ||
		    argc - 2 != stages[i].args)
			continue;
		if (stages[i].fn(argv + 2, &out, &err) != RC_OK) {
			(void)fprintf(stderr, "bench_stages: %s\n", err.msg);
			return 1;
		}
		(void)printf("%llu %.6f\n", (unsigned long long)out.n,
		    (double)out.cpu_ns / 1e9);
		return 0;
	}
	(void)fprintf(stderr, "usage: bench_stages STAGE ...; see its "
	    "source\n");
	return 2;
}
