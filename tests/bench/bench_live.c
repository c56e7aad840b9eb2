/*
 * How soon the live verdict stops a candidate with a planted fault, and
 * whether it leaves equal ones alone, however often it is looked at: the demo
 * stack is called in this process, twenty requests a second of a clock that is
 * not waited for, and each pair is judged as `shadow` does.
 *
 *	bench_live DIR OUT.json RUNS WINDOWS [ROW...]
 *
 * DIR holds suite.yml and what it names. RUNS candidates a row; healthy ones
 * live for WINDOWS windows of 500 requests and are looked at after each
 * request. ROW: the rows whose name begins so, else all.
 *
 * Exit status 1: of 40 healthy candidates more than one was stopped, or of 40
 * with a fault that is promised fewer than 38 within 500 requests.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/json.h"
#include "harness/base/rng.h"
#include "harness/judge/live.h"
#include "tests/bench/verdict/rig.h"

enum { PROMISED = 500, RUNS_MAX = 400, RENDER_MAX = 1 << 20 };

/* A stack as real ones are, and one whose answers are sampled; see
 * bench_verdict.c. */
#define NOISE "--noise .03 --errors .002 --latency 20ms --sigma .25 " \
    "--tail .01x8"
#define SAMPLED NOISE " --sampled 1"

struct row {
	const char *name, *says;
	const char *stack;	/* options of both */
	const char *fault;	/* of the candidate; NULL: healthy */
	int promised;		/* within PROMISED requests */
	int soft;		/* a soft stop is what it should bring */
};

static const struct row rows[] = {
	{ "healthy-steady", "equal, steady", NOISE, NULL, 1, 0 },
	{ "healthy-sampled", "equal, answers sampled", SAMPLED, NULL, 1,
	    0 },
	{ "missing=.1", "sections are not in the index", NOISE, "missing=.1",
	    1, 0 },
	{ "missing=.05", "half of it", NOISE, "missing=.05", 0, 0 },
	{ "sampled-missing=.2", "the same, answers sampled", SAMPLED,
	    "missing=.2", 1, 0 },
	{ "wrongtop=.1", "a neighbour ranks first and answers", NOISE,
	    "wrongtop=.1", 1, 0 },
	{ "stale=.1", "an older text is served", NOISE, "stale=.1", 1, 0 },
	{ "stale=.05", "half of it", NOISE, "stale=.05", 0, 0 },
	{ "seedorder=.15", "order depends on the seed", NOISE,
	    "seedorder=.15", 1, 0 },
	{ "seedorder=.1", "a third less of it", NOISE, "seedorder=.1", 0,
	    0 },
	{ "wrongcite=.1", "another section is cited", NOISE, "wrongcite=.1",
	    1, 0 },
	{ "empty=.05", "nothing is found", NOISE, "empty=.05", 1, 0 },
	{ "refuse=.05", "the answer is declined", NOISE, "refuse=.05", 1,
	    0 },
	{ "dropfields", "citations lack fields", NOISE, "dropfields", 1,
	    0 },
	{ "5xx=.06", "500, 502 or 503", NOISE, "5xx=.06", 1, 0 },
	{ "5xx=.03", "half of it", NOISE, "5xx=.03", 0, 0 },
	{ "timeout=.05", "no answer in time", NOISE, "timeout=.05", 1, 0 },
	{ "oldpins", "an old release's pins, pins.equal", NOISE, "oldpins", 1,
	    0 },
	{ "pinsdrift=100", "PROMPT_VER changes after 100 requests", NOISE,
	    "pinsdrift=100", 1, 0 },
	{ "mixedindex=.01", "one answer in 100 from an old index", NOISE,
	    "mixedindex=.01", 1, 0 },
	{ "slow=1.5", "all slower by half", NOISE, "slow=1.5", 1, 1 },
	{ "slow=1.25", "all slower by a quarter", NOISE, "slow=1.25", 1,
	    1 },
	{ "tail=.15", "15 % eight times as slow", NOISE, "tail=.15", 1,
	    1 },
	{ "tail=.1", "10 % eight times as slow", NOISE, "tail=.1", 0, 1 },
};
enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

/* ---- one candidate ----------------------------------------------------- */

/* What a thread asks with. */
struct asker {
	const struct rig_world *w;
	struct bench_stack *stack[2];
	struct gold gold;
	struct buf target, body, kept[3];	/* the answers' bytes */
};

static void
die(const struct err *err)
{
	(void)fprintf(stderr, "bench_live: %s\n", err->msg);
	exit(2);
}

static void
asker_open(struct asker *a, const struct rig_world *w, const struct row *r)
{
	int i;

	memset(a, 0, sizeof(*a));
	a->w = w;
	gold_init(&a->gold);
	buf_init(&a->target, RENDER_MAX);
	buf_init(&a->body, RENDER_MAX);
	for (i = 0; i < 3; i++)
		buf_init(&a->kept[i], 8 << 20);
	for (i = 0; i < 2; i++) {
		a->stack[i] = bench_stack_new(w->sections_file, w->gold_file,
		    r->stack);
		if (a->stack[i] == NULL)
			exit(2);
	}
}

static void
asker_close(struct asker *a)
{
	int i;

	for (i = 0; i < 2; i++)
		bench_stack_free(a->stack[i]);
	for (i = 0; i < 3; i++)
		buf_fini(&a->kept[i]);
	gold_fini(&a->gold);
	buf_fini(&a->target);
	buf_fini(&a->body);
}

/* The question of request i: any wording of any case, any seed. */
static int
render(struct asker *a, uint64_t run, uint64_t i, struct err *err)
{
	const struct suite *s = a->w->suite;
	struct template_vars v = { .run = "bench" };
	uint64_t n = caseset_n(a->w->cases);
	int made, rc = caseset_get(a->w->cases,
	    rng_below(run, 1, i, n), &a->gold, err);

	if (rc != RC_OK)
		return rc;
	v.seed = (int64_t)rng_below(run, 2, i, 1000);
	v.question = gold_wording(&a->gold, s, (uint32_t)rng_below(run, 3, i,
	    s->paraphrases), &v.question_n, &made);
	v.doc = a->gold.doc;
	v.request = a->gold.request;
	buf_reset(&a->target);
	buf_reset(&a->body);
	rc = template_render(a->w->path, &v, &a->target, err);
	return rc != RC_OK ? rc : template_render(a->w->body, &v, &a->body,
	    err);
}

static void
ask(struct asker *a, int stack, int slot, int64_t at_ns, struct exchange *ex)
{
	struct bench_answer res;

	bench_stack_ask(a->stack[stack], buf_str(&a->target),
	    buf_str(&a->body), a->body.len, &res);
	exchange_init(ex);
	ex->id = "bench";
	ex->sent_ns = at_ns;
	ex->total_ns = res.hang ? INT64_C(10000000000) : res.service_ns;
	ex->method = "POST";
	ex->target = buf_str(&a->target);
	ex->req_body = (struct ex_bytes){ buf_str(&a->body), a->body.len,
		NULL };
	ex->outcome = res.hang ? OUTCOME_TIMEOUT : res.status == 200 ?
	    OUTCOME_OK : res.status == 429 ? OUTCOME_HTTP_429 :
	    OUTCOME_HTTP_5XX;
	if (res.hang)
		return;
	buf_reset(&a->kept[slot]);
	buf_add(&a->kept[slot], res.body, res.n);
	ex->status = res.status;
	ex->res_body = (struct ex_bytes){ buf_str(&a->kept[slot]), res.n,
		NULL };
}

struct seen {
	uint64_t at;		/* the request that stopped it; 0: none */
	uint64_t echoes;	/* asked until then */
	char test[LIVE_ID_MAX];
};

/* Adds pairs until it stops or has had `most`. */
static void
run_one(struct asker *a, const struct row *r, uint64_t run, uint64_t most,
    struct seen *out)
{
	/* traffic brings no gold with it */
	const struct live_opts o = { .suite = a->w->suite,
		.embedder = a->w->embedder, .wall_ns = 1 };
	const enum live_verdict stop = r->fault == NULL || r->soft ?
	    LIVE_SOFT_STOP : LIVE_HARD_STOP;
	static __thread struct live_status s;
	struct exchange ex[3];
	struct err err = ERR_INIT;
	struct live *l;
	uint64_t i;
	size_t k = 0;
	int rc, echo;

	memset(out, 0, sizeof(*out));
	if (bench_stack_fault(a->stack[1], r->fault) != 0)
		exit(2);
	bench_stack_reseed(a->stack[0], 2 * run + 1);
	bench_stack_reseed(a->stack[1], 2 * run + 2);
	rc = live_open(&l, &o, &err);
	for (i = 0; i < most && rc == RC_OK && out->at == 0; i++) {
		int64_t at = (int64_t)((double)i * RIG_EVERY_S * 1e9);

		rc = render(a, run, i, &err);
		if (rc != RC_OK)
			break;
		ask(a, 0, 0, at, &ex[0]);
		ask(a, 1, 1, at + 1000000, &ex[1]);
		echo = live_wants_echo(l, &ex[0], &ex[1], &err);
		if (echo > 0) {
			ask(a, 0, 2, at + 2000000, &ex[2]);
			out->echoes++;
		}
		rc = echo < 0 ? echo : live_add(l, &ex[0], &ex[1],
		    echo ? &ex[2] : NULL, &err);
		if (rc == RC_OK && live_verdict(l) >= stop)
			out->at = i + 1;
	}
	if (rc != RC_OK)
		die(&err);
	live_status(l, &s);
	while (k + 1 < s.n_stops && !s.stop[k].hard)
		k++;
	if (s.n_stops > 0)
		(void)snprintf(out->test, sizeof(out->test), "%s",
		    s.stop[k].test < 0 ? "pins" : s.test[s.stop[k].test].name);
	if (getenv("BENCH_LIVE_SHOW") != NULL && s.n_stops > 0)
		(void)fprintf(stderr, "%s run %llu: request %llu: %s\n",
		    r->name, (unsigned long long)run,
		    (unsigned long long)out->at, s.stop[k].why);
	live_close(&l);
}

/* ---- many -------------------------------------------------------------- */

static int
by_at(const void *x, const void *y)
{
	const struct seen *a = x, *b = y;
	uint64_t p = a->at == 0 ? UINT64_MAX : a->at;
	uint64_t q = b->at == 0 ? UINT64_MAX : b->at;

	return (p > q) - (p < q);
}

/* The names of the tests that stopped, with how often. */
static void
who_stopped(const struct seen *v, unsigned n, struct buf *out)
{
	unsigned i, k, times;

	buf_reset(out);
	for (i = 0; i < n; i++) {
		if (v[i].test[0] == '\0')
			continue;
		for (k = 0; k < i && strcmp(v[k].test, v[i].test) != 0; k++)
			continue;
		if (k < i)
			continue;
		for (times = 0; k < n; k++)
			times += strcmp(v[k].test, v[i].test) == 0;
		buf_printf(out, "%s%s %u", out->len > 0 ? ", " : "",
		    v[i].test, times);
	}
}

static void
tell(const struct row *r, const struct seen *v, unsigned n, unsigned within,
    unsigned stopped, struct json_out *json)
{
	struct buf who;
	char mid[24] = "-";
	uint64_t at = v[n / 2].at;

	buf_init(&who, 4096);
	who_stopped(v, n, &who);
	if (at > 0)
		(void)snprintf(mid, sizeof(mid), "%llu",
		    (unsigned long long)at);
	(void)printf("| %-18s | %-38s | %3u | %3u | %3u | %6s | %s |\n",
	    r->name, r->says, n, within, stopped, mid, buf_str(&who));
	(void)fflush(stdout);
	json_out_obj(json);
	json_out_key(json, "row");
	json_out_str(json, r->name);
	json_out_key(json, "candidates");
	json_out_int(json, n);
	json_out_key(json, "within_500");
	json_out_int(json, within);
	json_out_key(json, "stopped");
	json_out_int(json, stopped);
	json_out_key(json, "median_requests");
	if (at > 0)
		json_out_int(json, (int64_t)at);
	else
		json_out_null(json);
	json_out_key(json, "by");
	json_out_str(json, buf_str(&who));
	json_out_end(json, '}');
	buf_fini(&who);
}

/* returns whether the row's promise holds */
static int
run_row(const struct rig_world *w, const struct row *r, unsigned n,
    uint64_t windows, struct json_out *json)
{
	static struct seen v[RUNS_MAX];
	const uint64_t most = r->fault == NULL ? windows * PROMISED :
	    r->promised ? 2 * PROMISED : 8 * PROMISED;
	const uint64_t first = 1000 * (uint64_t)(r - rows);
	unsigned within = 0, stopped = 0, i;

#pragma omp parallel default(none) shared(w, r, n, most, v, first)
	{
		struct asker a;
		unsigned k;

		asker_open(&a, w, r);
#pragma omp for schedule(dynamic)
		for (k = 0; k < n; k++)
			run_one(&a, r, first + k, most, &v[k]);
		asker_close(&a);
	}
	for (i = 0; i < n; i++) {
		stopped += v[i].at > 0;
		within += v[i].at > 0 && v[i].at <= PROMISED;
	}
	qsort(v, n, sizeof(v[0]), by_at);
	tell(r, v, n, within, stopped, json);
	if (r->fault == NULL)
		return stopped <= (n + 39) / 40;
	return !r->promised || within * 40 >= 38 * n;
}

static int
chosen(const struct row *r, char **names, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		if (strncmp(r->name, names[i], strlen(names[i])) == 0)
			return 1;
	}
	return n == 0;
}

int
main(int argc, char **argv)
{
	struct rig_world w;
	struct err err = ERR_INIT;
	struct json_out json;
	struct buf text;
	char suite[600];
	unsigned runs = argc > 3 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
	uint64_t windows = argc > 4 ? strtoull(argv[4], NULL, 10) : 0;
	int broken = 0;
	size_t i;
	FILE *f;

	if (argc < 5 || runs == 0 || runs > RUNS_MAX) {
		(void)fprintf(stderr, "usage: bench_live DIR OUT.json RUNS "
		    "WINDOWS [ROW...]\n");
		return 2;
	}
	(void)snprintf(suite, sizeof(suite), "%s/suite.yml", argv[1]);
	if (rig_world_open(&w, suite, &err) != RC_OK)
		die(&err);
	buf_init(&text, 1 << 20);
	json_out_init(&json, &text, 1);
	json_out_arr(&json);
	(void)printf("| candidate | | runs | stopped within 500 requests | "
	    "ever | median request | by |\n|---|---|---|---|---|---|---|\n");
	for (i = 0; i < ROWS; i++) {
		if (!chosen(&rows[i], argv + 5, argc - 5) ||
		    run_row(&w, &rows[i], runs, windows, &json))
			continue;
		broken = 1;
		(void)fprintf(stderr, "bench_live: %s: not as promised\n",
		    rows[i].name);
	}
	json_out_end(&json, ']');
	f = fopen(argv[2], "w");
	if (f == NULL || fwrite(buf_str(&text), 1, text.len, f) != text.len ||
	    fclose(f) != 0) {
		perror(argv[2]);
		broken = 2;
	}
	buf_fini(&text);
	rig_world_close(&w);
	return broken;
}
