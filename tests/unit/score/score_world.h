/*
 * A small world for the tests of scoring: a corpus, a suite over it, and
 * runs made up observation by observation, written as a real trace.
 */
#ifndef LOCKSTEP_TESTS_SCORE_WORLD_H
#define LOCKSTEP_TESTS_SCORE_WORLD_H

#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/json.h"
#include "harness/base/rng.h"
#include "harness/score/cells.h"
#include "harness/score/score.h"
#include "harness/suite/plan.h"
#include "harness/traffic/trace.h"
#include "tests/lib/check.h"

enum { WORLD_LINES = 4096, WORLD_EXTRA = 8 };

struct world {
	char dir[256], trace[300];
	struct suite *suite;
	struct caseset *cases;
	struct sections *sections;
	struct embedder *embedder;
	struct embed_set *embeds;
	struct plan plan;
	struct score_job job;
	char *line[WORLD_LINES];	/* of the run, as added */
	size_t n_lines;
	struct buf note;
};

#define LEN(a) (sizeof(a) / sizeof *(a))
#define SIX "{paraphrases: 3, seeds: [1, 2]}"

/* One observation to be made up; made_init() makes a healthy one. */
struct made_obs {
	unsigned case_n, v;
	enum arm arm;
	unsigned first;		/* section that is retrieved first */
	unsigned k;		/* how many follow one another */
	unsigned cited;		/* section that is cited; UINT_MAX: none */
	const char *answer;	/* NULL: the beginning of section `first` */
	int by_text;		/* snippets are bare texts */
	enum outcome outcome;
	int status;
	int64_t sent_ns, total_ns, due_ns;
	const char *pins;	/* a JSON object, or NULL */
	const struct ex_attempt *attempts;
	size_t n_attempts;
	double cost;		/* NaN: not told */
	const char *body;	/* all of it, or NULL: made of the above */
	enum ex_round round;	/* beyond the plan, for the n-th time */
	uint32_t n;
};

/* Words that two sections hardly share. */
static inline void
world_text(unsigned section, char out[512])
{
	size_t len = 0;
	unsigned i;

	for (i = 0; i < 24; i++)
		len += (size_t)snprintf(out + len, 512 - len, "%c%c%c%llx%c",
		    'a' + (int)(section % 23), 'b' + (int)(i % 20),
		    'c' + (int)(section / 23 % 23), (unsigned long long)
		    rng_below(7, section, i, 4096), i % 8 == 7 ? '.' : ' ');
}

static inline void
world_file(const struct world *w, const char *name, const struct buf *b)
{
	char path[300];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(buf_str(b), 1, b->len, f), b->len);
	assert_int_equal(fclose(f), 0);
}

static inline void
world_files(struct world *w, unsigned n, const char *gold,
    const char *variants, const char *more)
{
	char text[512];
	struct buf b;
	unsigned i;

	buf_init(&b, 1 << 22);
	for (i = 0; i < n + WORLD_EXTRA; i++) {
		world_text(i, text);
		buf_printf(&b, "{\"section_id\":\"s%u\",\"text\":\"%s\"}\n", i,
		    text);
	}
	world_file(w, "sections.jsonl", &b);
	buf_reset(&b);
	for (i = 0; i < n; i++) {
		world_text(i, text);
		buf_printf(&b, "{\"id\":\"c%u\",\"question\":\"%.60s?\","
		    "\"paraphrases\":[\"%.40s?\",\"tell me %.50s\"]", i, text,
		    text, text);
		if (gold == NULL)
			buf_printf(&b, ",\"section_ids\":[\"s%u\"]", i);
		buf_printf(&b, "%s}\n", gold == NULL ? "" : gold);
	}
	world_file(w, "gold.jsonl", &b);
	buf_reset(&b);
	buf_printf(&b, "lockstep: 1\nname: world\ncases: gold.jsonl\n"
	    "sections: sections.jsonl\nvariants: %s\n"
	    "targets:\n  baseline: {url: \"http://127.0.0.1:1\"}\n"
	    "  candidate: {url: \"http://127.0.0.1:2\"}\n"
	    "request: {method: POST, path: /query, "
	    "body: {question: \"{{question}}\"}}\n"
	    "extract: {preset: generic, finish: /why}\nembedder: lexical\n%s",
	    variants, more);
	world_file(w, "suite.yml", &b);
	buf_fini(&b);
}

#define world_must(rc, err) do { \
	if ((rc) != RC_OK) \
		fail_msg("%s", (err).msg); \
} while (0)

/*
 * n cases over n + WORLD_EXTRA sections; case i expects section i.
 * gold     NULL; else members for each case instead of its section_ids
 * variants of the suite, e.g. "{paraphrases: 3, seeds: [1, 2]}"
 * more     further lines of the suite
 */
static inline void
world_init(struct world *w, unsigned n, const char *gold,
    const char *variants, const char *more)
{
	struct suite_over over = { .seed = -1 };
	struct embed_opts eo = { .spec = "lexical" };
	struct err err = ERR_INIT;
	char path[300];

	memset(w, 0, sizeof(*w));
	(void)snprintf(w->dir, sizeof(w->dir), "%s/score.XXXXXX",
	    getenv("TMPDIR") != NULL ? getenv("TMPDIR") : "/tmp");
	assert_non_null(mkdtemp(w->dir));
	(void)snprintf(w->trace, sizeof(w->trace), "%s/run.jsonl.zst", w->dir);
	world_files(w, n, gold, variants, more);
	(void)snprintf(path, sizeof(path), "%s/suite.yml", w->dir);
	world_must(suite_load(path, &over, &w->suite, &err), err);
	world_must(caseset_open(w->suite, NULL, &w->cases, &err), err);
	(void)snprintf(path, sizeof(path), "%s/sections.jsonl", w->dir);
	world_must(sections_open(path, &w->sections, &err), err);
	world_must(embedder_open(&eo, &w->embedder, &err), err);
	world_must(embed_set_open(w->embedder, 32 << 20, NULL, &w->embeds,
	    &err), err);
	plan_init(&w->plan, w->suite, caseset_n(w->cases));
	w->job = (struct score_job){ .suite = w->suite, .cases = w->cases,
		.plan = &w->plan, .sections = w->sections,
		.embeds = w->embeds, .embedder = w->embedder,
		.trace_path = w->trace, .threads = 2 };
}

static inline void
world_forget_lines(struct world *w)
{
	while (w->n_lines > 0)
		free(w->line[--w->n_lines]);
}

static inline void
world_fini(struct world *w)
{
	static const char *const names[] = { "sections.jsonl", "gold.jsonl",
		"suite.yml", "run.jsonl.zst" };
	char path[300];
	size_t i;

	world_forget_lines(w);
	embed_set_close(&w->embeds);
	embedder_close(&w->embedder);
	sections_close(&w->sections);
	caseset_close(&w->cases);
	suite_free(w->suite);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", w->dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(w->dir);
}

static inline void
made_init(struct made_obs *m, unsigned case_n, unsigned v, enum arm arm)
{
	int64_t n = (int64_t)(case_n * 64 + v) * ARM_N + (int64_t)arm;

	memset(m, 0, sizeof(*m));
	m->case_n = m->first = m->cited = case_n;
	m->v = v;
	m->arm = arm;
	m->k = 3;
	m->status = 200;
	m->sent_ns = n * 1000000;
	m->total_ns = 20000000 + (int64_t)rng_below(3, case_n, (uint64_t)n,
	    1000000);
	m->due_ns = -1;
	m->cost = NAN;
}

static inline void
made_body(const struct made_obs *m, struct buf *b)
{
	char text[512];
	unsigned i;

	if (m->body != NULL) {
		buf_puts(b, m->body);
		return;
	}
	buf_puts(b, "{\"retrieved\":[");
	for (i = 0; i < m->k; i++) {
		world_text(m->first + i, text);
		buf_printf(b, "%s{\"text\":\"%s\"", i > 0 ? "," : "", text);
		if (!m->by_text)
			buf_printf(b, ",\"snippet_id\":\"s%u/0\","
			    "\"section_id\":\"s%u\",\"from\":0,\"to\":%zu,"
			    "\"score\":%u", m->first + i, m->first + i,
			    strlen(text), 100 - i);
		buf_putc(b, '}');
	}
	buf_puts(b, "],\"citations\":[");
	if (m->cited != UINT32_MAX)
		buf_printf(b, "{\"snippet_id\":\"s%u/0\","
		    "\"section_id\":\"s%u\"}", m->cited, m->cited);
	world_text(m->first, text);
	text[60] = '\0';
	buf_puts(b, "],\"answer\":");
	json_write_str(b, m->answer != NULL ? m->answer : text,
	    strlen(m->answer != NULL ? m->answer : text));
	if (m->pins != NULL)
		buf_printf(b, ",\"pins\":%s", m->pins);
	if (!isnan(m->cost))
		buf_printf(b, ",\"usage\":{\"cost\":%.9f}", m->cost);
	buf_putc(b, '}');
}

static inline void
world_add(struct world *w, const struct made_obs *m)
{
	struct exchange ex;
	struct buf body, line;
	char id[32], case_id[32];

	buf_init(&body, 1 << 20);
	buf_init(&line, 1 << 20);
	made_body(m, &body);
	exchange_init(&ex);
	(void)snprintf(id, sizeof(id), "x%zu", w->n_lines);
	(void)snprintf(case_id, sizeof(case_id), "c%u", m->case_n);
	ex.id = id;
	ex.key.case_id = case_id;
	ex.key.r = m->v % w->plan.repeats;
	ex.key.s = m->v / w->plan.repeats % w->plan.seeds;
	ex.key.p = m->v / w->plan.repeats / w->plan.seeds;
	ex.key.arm = m->arm;
	ex.key.round = m->round;
	ex.key.n = m->n;
	ex.method = "POST";
	ex.target = "/query";
	ex.sent_ns = m->sent_ns;
	ex.due_ns = m->due_ns;
	ex.total_ns = m->total_ns;
	ex.outcome = m->outcome;
	ex.status = m->status;
	ex.attempts = m->attempts;
	ex.n_attempts = m->n_attempts;
	if (m->status != 0) {
		ex.res_body.p = buf_str(&body);
		ex.res_body.n = body.len;
	}
	exchange_write(&line, &ex);
	assert_true(w->n_lines < WORLD_LINES);
	w->line[w->n_lines] = buf_steal(&line);
	assert_non_null(w->line[w->n_lines++]);
	buf_fini(&body);
}

/* Every variant of every case on both arms, with echoes in turn. fault may
 * change an observation. */
typedef void world_fault_fn(struct made_obs *m);

static inline void
world_add_all(struct world *w, world_fault_fn *fault)
{
	struct plan_item item;
	struct made_obs m;
	uint64_t k;
	int a;

	for (k = 0; k < w->plan.n_items; k++) {
		plan_item(&w->plan, k, &item);
		for (a = 0; a < item.n_arms; a++) {
			made_init(&m, (unsigned)item.case_index, item.v,
			    item.arms[a]);
			if (fault != NULL)
				fault(&m);
			world_add(w, &m);
		}
	}
}

/* Writes the run as a trace, in an order that seed tells; 0: as added. */
static inline void
world_write(struct world *w, uint64_t seed)
{
	static uint32_t order[WORLD_LINES];
	struct trace_opts o = { .kind = "run", .start_wall_ns = 1,
		.frame_bytes = 1 << 16 };
	struct trace_writer *tw;
	struct err err = ERR_INIT;
	const char *line;
	size_t i;

	if (seed != 0)
		rng_permute(seed, 0, order, w->n_lines);
	world_must(trace_writer_open(w->trace, &o, 1, &tw, &err), err);
	for (i = 0; i < w->n_lines; i++) {
		line = w->line[seed != 0 ? order[i] : i];
		world_must(trace_write(tw, line, strlen(line), &err), err);
	}
	world_must(trace_writer_close(&tw, &err), err);
}

static inline struct score_out *
world_score(struct world *w)
{
	struct score_out *out;
	struct err err = ERR_INIT;

	world_must(score_run(&w->job, &out, &err), err);
	return out;
}

/* All that scoring told, as text: equal text is an equal result. */
static inline void
world_print_arm(const struct cell_arm *a, struct buf *b)
{
	int i;

	buf_printf(b, " %d %d %x %u/%u/%u/%u", a->state, a->in_band,
	    a->reasons, a->n, a->n_error, a->n_5xx, a->n_429);
	for (i = 0; i < LAMBDA_STATE_N; i++)
		buf_printf(b, " %u", a->lambda[i]);
	for (i = 0; i < METRIC_N; i++)
		buf_printf(b, " %a", (double)a->m[i]);
	for (i = 0; i < LAMBDA_GRADES; i++)
		buf_printf(b, " %a", (double)a->graded[i]);
	buf_printf(b, " %u %a %a %a %a", a->answered, (double)a->convergence,
	    (double)a->flip_rate, (double)a->refusal,
	    (double)a->variance_ratio);
}

static inline void
world_print_replicas(const struct score_out *out, struct buf *b)
{
	struct replica_case c;
	struct replica_effect e;
	struct err err = ERR_INIT;
	uint64_t i;
	size_t k;
	int what;

	replica_case_init(&c);
	for (i = 0; i < cells_n(out->cells); i++) {
		if (replicas_get(out->replicas, i, &c, &err) != 1)
			continue;
		buf_printf(b, "replicas %u", (unsigned)c.n);
		for (what = 0; what < REPLICA_N; what++) {
			(void)replica_effect(&c, what, 1, NULL, 0, &e);
			buf_printf(b, " %a/%u", e.value, e.n);
		}
		for (k = 0; c.tables.flip.value != NULL &&
		    k < c.tables.flip.n; k++)
			buf_printf(b, " %a", (double)c.tables.flip.value[k]);
		buf_putc(b, '\n');
	}
	replica_case_fini(&c);
}

static inline void
world_print(const struct score_out *out, struct buf *b)
{
	const struct cell *c;
	const struct score_arm *a;
	size_t i, k;

	for (i = 0; i < cells_n(out->cells); i++) {
		c = cells_get(out->cells, i);
		buf_printf(b, "%zu %d %d %u %u/%u/%u", i, c->critical,
		    c->cached_echo, c->pairs, c->err[0], c->err[1], c->err[2]);
		world_print_arm(&c->arm[0], b);
		world_print_arm(&c->arm[1], b);
		buf_printf(b, " %a %a %a %a %a %a\n", (double)c->drift,
		    (double)c->ds_answer, (double)c->floor_b,
		    (double)c->floor_c, (double)c->order,
		    (double)c->ln_latency);
	}
	world_print_replicas(out, b);
	for (i = 0; i < ARM_N; i++) {
		a = &out->arm[i];
		buf_printf(b, "arm %zu %llu %llu %llu %a %a %a %a %a\n", i,
		    (unsigned long long)a->sent,
		    (unsigned long long)a->answered,
		    (unsigned long long)a->tail_failures, a->p50_ns,
		    a->p95_ns, a->p99_ns, a->max_ns, a->cost_usd);
		for (k = 0; k < a->n_pins; k++)
			buf_printf(b, "%s=%s %llu\n", a->pins[k].name,
			    a->pins[k].value,
			    (unsigned long long)a->pins[k].n);
	}
	for (i = 0; i < out->pairs.n; i++)
		buf_printf(b, "%u %a %a %a %a %lld\n",
		    out->pairs.case_index[i],
		    (double)out->pairs.base[i], (double)out->pairs.cand[i],
		    (double)out->pairs.ttft_base[i],
		    (double)out->pairs.ttft_cand[i],
		    (long long)out->pairs.at_ns[i]);
	for (i = 0; i < out->errors.n; i++)
		buf_printf(b, "error %llu %u %u %u %u %lld %lld\n",
		    (unsigned long long)out->errors.v[i].case_index,
		    out->errors.v[i].v, out->errors.v[i].arm,
		    out->errors.v[i].both, out->errors.v[i].cause,
		    (long long)out->errors.v[i].from_ns,
		    (long long)out->errors.v[i].to_ns);
	for (i = 0; i < out->n_fresh; i++)
		buf_printf(b, "again %llu %u %u %u %u %u %u\n",
		    (unsigned long long)out->fresh[i].case_index,
		    out->fresh[i].asked[0], out->fresh[i].asked[1],
		    out->fresh[i].answered[0], out->fresh[i].answered[1],
		    out->fresh[i].good[0], out->fresh[i].good[1]);
	buf_printf(b, "%llu %llu %llu %llu\n",
	    (unsigned long long)out->observations,
	    (unsigned long long)out->duplicates,
	    (unsigned long long)out->unknown,
	    (unsigned long long)out->cached_echoes);
}

/* Case 3 loses its section on the candidate; case 5 fails on both arms. */
static inline void
loses(struct made_obs *m)
{
	int candidate = m->arm == ARM_CANDIDATE || m->arm == ARM_CANDIDATE2;

	if ((m->case_n == 3 && candidate) || m->case_n == 5) {
		m->first++;
		m->cited++;
	}
}

#endif
