/*
 * Reads a report.json back into a result; see result.h.
 *
 * The file may come from anywhere: a member of the wrong kind is an error
 * that names it, a number out of its range is cut to the range.
 */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/json.h"
#include "harness/base/json_split.h"
#include "harness/result/result.h"
#include "harness/result/result_names.h"

/* Of one case, and of all that is no case.  Writing pins back looks for each
 * name among those before it. */
enum { REPORT_BYTES_MAX = 512 << 20, PIN_ROWS_MAX = 10000 };

/* The first error sticks; all readers below are no-ops after it. */
struct rd {
	struct result *r;
	struct err *err;
	int rc;
	struct arena *one;	/* for what lives as long as one case, whose
				   texts stay in the document; or NULL */
	/* metrics of cases that are not built in; they come before the list
	 * that tells what they are */
	char slot[OWN_METRICS_MAX][OWN_NAME_MAX];
	size_t n_slots;
};

static void
bad(struct rd *rd, const char *key, const char *want)
{
	if (rd->rc == RC_OK)
		rd->rc = err_set(rd->err, RC_FORMAT,
		    "not a report: \"%.80s\" is not %s", key, want);
}

static const char *
keep(struct rd *rd, const char *s)
{
	const char *copy = rd->one != NULL ? s : result_str(rd->r, s);

	if (s != NULL && copy == NULL && rd->rc == RC_OK)
		rd->rc = result_check(rd->r, rd->err);
	return copy;
}

static void *
room(struct rd *rd, size_t n, size_t size)
{
	void *p;

	if (rd->rc != RC_OK || n == 0)
		return NULL;
	if (n > SIZE_MAX / 4 / size)
		p = NULL;
	else
		p = rd->one != NULL ? arena_alloc(rd->one, n * size) :
		    result_alloc(rd->r, n * size);
	if (p == NULL)
		rd->rc = err_set(rd->err, RC_NOMEM,
		    "out of memory for the result");
	return p;
}

/* null and a missing member are NULL. */
static const char *
str(struct rd *rd, const struct json *j, const char *key)
{
	const struct json *v = json_get(j, key);

	if (json_kind(v) == JSON_NONE || json_kind(v) == JSON_NULL)
		return NULL;
	if (json_str(v) == NULL)
		bad(rd, key, "a string");
	return keep(rd, json_str(v));
}

static const char *
str_or_empty(struct rd *rd, const struct json *j, const char *key)
{
	const char *s = str(rd, j, key);

	return s == NULL ? "" : s;
}

/* null and a missing member are NaN. */
static double
num(struct rd *rd, const struct json *j, const char *key)
{
	const struct json *v = json_get(j, key);
	double d;

	if (json_kind(v) == JSON_NONE || json_kind(v) == JSON_NULL)
		return NAN;
	if (json_kind(v) != JSON_NUMBER)
		bad(rd, key, "a number");
	d = json_num(v, NAN);
	return isfinite(d) ? d : NAN;
}

/* The shortest decimal of FLT_MAX lies above it, but rounds to it. */
static float
flt(struct rd *rd, const struct json *j, const char *key)
{
	double d = num(rd, j, key);

	return fabs(d) < (double)FLT_MAX * (1 + 0x1p-25) ? (float)d : NAN;
}

static uint64_t
count_of(const struct json *v, uint64_t max)
{
	int64_t n = json_int(v, 0);

	if (n < 0)
		return 0;
	return (uint64_t)n > max ? max : (uint64_t)n;
}

static uint64_t
u64(struct rd *rd, const struct json *j, const char *key)
{
	const struct json *v = json_get(j, key);

	if (v != NULL && json_kind(v) != JSON_NUMBER)
		bad(rd, key, "a number");
	return count_of(v, INT64_MAX);
}

static int
integer(struct rd *rd, const struct json *j, const char *key)
{
	uint64_t n = u64(rd, j, key);

	return n > INT_MAX ? INT_MAX : (int)n;
}

static int
flag(struct rd *rd, const struct json *j, const char *key)
{
	const struct json *v = json_get(j, key);

	if (v != NULL && json_kind(v) != JSON_BOOL)
		bad(rd, key, "true or false");
	return json_bool(v, 0);
}

static const struct json *
child(struct rd *rd, const struct json *j, const char *key,
    enum json_kind kind)
{
	const struct json *v = json_get(j, key);

	if (v != NULL && json_kind(v) != kind)
		bad(rd, key, kind == JSON_ARRAY ? "an array" : "an object");
	return json_kind(v) == kind ? v : NULL;
}

static const char *const *
strs(struct rd *rd, const struct json *j, const char *key, size_t *n)
{
	const struct json *a = child(rd, j, key, JSON_ARRAY), *v;
	const char **list;

	*n = 0;
	list = room(rd, json_size(a), sizeof(*list));
	for (v = json_first(a); v != NULL && rd->rc == RC_OK;
	    v = json_next(v)) {
		if (json_str(v) == NULL)
			bad(rd, key, "an array of strings");
		list[(*n)++] = keep(rd, json_str(v));
	}
	if (rd->rc != RC_OK)
		*n = 0;
	return (const char *const *)list;
}

typedef const char *name_fn(int i);

/* The value whose name the member holds; 0 with an error when there is none. */
static int
named(struct rd *rd, const struct json *j, const char *key, name_fn *fn, int n)
{
	const char *s = json_get_str(j, key);
	int i;

	for (i = 0; s != NULL && i < n; i++) {
		if (strcmp(fn(i), s) == 0)
			return i;
	}
	bad(rd, key, "a word of this schema");
	return 0;
}

static const char *
name_verdict(int i)
{
	return verdict_name((enum verdict)i);
}

static const char *
name_class(int i)
{
	return gate_class_name((enum gate_class)i);
}

static const char *
name_gate(int i)
{
	return gate_verdict_name((enum gate_verdict)i);
}

static const char *
name_case(int i)
{
	return case_verdict_name((enum case_verdict)i);
}

static const char *
name_direction(int i)
{
	return i ? "higher_is_worse" : "lower_is_worse";
}

static void
read_run(struct rd *rd, const struct json *doc)
{
	struct result *r = rd->r;
	const struct json *j = child(rd, doc, "run", JSON_OBJECT), *k;
	const char *seed = json_get_str(j, "seed");

	r->run.id = str(rd, j, "id");
	r->run.argv = strs(rd, j, "argv", &r->run.n_argv);
	r->run.started = str(rd, j, "started");
	r->run.elapsed_s = num(rd, j, "elapsed_s");
	k = child(rd, j, "suite", JSON_OBJECT);
	r->run.suite_name = str(rd, k, "name");
	r->run.suite_path = str(rd, k, "path");
	r->run.profile = str(rd, k, "profile");
	r->run.owner = str(rd, k, "owner");
	r->run.incident = str(rd, k, "incident");
	k = child(rd, j, "hashes", JSON_OBJECT);
	r->run.hash_suite = str(rd, k, "suite");
	r->run.hash_cases = str(rd, k, "cases");
	r->run.hash_sections = str(rd, k, "sections");
	r->run.hash_trace = str(rd, k, "trace");
	k = child(rd, j, "embedder", JSON_OBJECT);
	r->run.embedder = str(rd, k, "name");
	r->run.embedder_hash = str(rd, k, "hash");
	r->run.embedder_dim = integer(rd, k, "dim");
	r->run.curve_t = num(rd, k, "curve_t");
	r->run.threads = integer(rd, j, "threads");
	if (seed != NULL)
		r->run.seed = strtoull(seed, NULL, 10);
	r->run.stop_reason = str(rd, j, "stop_reason");
	r->run.report_dir = str(rd, j, "report_dir");
}

/* Of a report that is older than this member, METRICS' are taken. */
static void
read_rules(struct rd *rd, const struct json *doc)
{
	const struct json *j = json_get(doc, "rules");
	struct result *r = rd->r;

	if (j == NULL)
		return;
	j = child(rd, doc, "rules", JSON_OBJECT);
	r->rules.alpha = num(rd, j, "alpha");
	r->rules.inconclusive_p = num(rd, j, "inconclusive_p");
	r->rules.hard_p = num(rd, j, "hard_p");
	r->rules.strict = flag(rd, j, "strict");
}

static void
read_counts(struct rd *rd, const struct json *doc)
{
	struct result *r = rd->r;
	const struct json *j = child(rd, doc, "counts", JSON_OBJECT);

	r->count.variants = u64(rd, j, "variants");
	r->count.pass = u64(rd, j, "pass");
	r->count.regressions = u64(rd, j, "regressions");
	r->count.fixes = u64(rd, j, "fixes");
	r->count.defects = u64(rd, j, "defects");
	r->count.fail = u64(rd, j, "fail");
	r->count.unjudged = u64(rd, j, "unjudged");
	r->count.review = u64(rd, j, "review");
}

static void
read_pin_changes(struct rd *rd, const struct json *doc)
{
	struct result *r = rd->r;
	const struct json *j = child(rd, doc, "pins", JSON_OBJECT), *v;
	const struct json *list = child(rd, j, "changed", JSON_ARRAY);

	r->pins_sent = flag(rd, j, "sent");
	r->pins = room(rd, json_size(list), sizeof(*r->pins));
	for (v = json_first(list); v != NULL && rd->rc == RC_OK;
	    v = json_next(v)) {
		struct result_pin_change *p = &r->pins[r->n_pins++];

		p->name = str_or_empty(rd, v, "name");
		p->before = str(rd, v, "before");
		p->after = str(rd, v, "after");
	}
}

static void
read_pins(struct rd *rd, const struct json *j, struct result_arm *a)
{
	const struct json *pins = child(rd, j, "pins", JSON_OBJECT), *p, *v;
	size_t n = 0;

	for (p = json_first(pins); p != NULL; p = json_next(p))
		n += json_size(p);
	if (n > PIN_ROWS_MAX)
		bad(rd, "pins", "of at most 10,000 values");
	a->pins = room(rd, n, sizeof(*a->pins));
	for (p = json_first(pins); p != NULL && rd->rc == RC_OK;
	    p = json_next(p)) {
		if (json_kind(p) != JSON_OBJECT) {
			bad(rd, json_key(p), "an object of values");
			return;
		}
		for (v = json_first(p); v != NULL; v = json_next(v)) {
			struct result_pin *pin = &a->pins[a->n_pins++];

			pin->name = keep(rd, json_key(p));
			pin->value = keep(rd, json_key(v));
			pin->n = count_of(v, INT64_MAX);
		}
	}
}

static void
read_arm(struct rd *rd, const struct json *j, struct result_arm *a)
{
	const struct json *k;
	enum outcome o;

	a->present = 1;
	a->url = str(rd, j, "url");
	a->live = flag(rd, j, "live");
	a->sent = u64(rd, j, "sent");
	k = child(rd, j, "outcomes", JSON_OBJECT);
	for (k = json_first(k); k != NULL; k = json_next(k)) {
		o = outcome_of(json_key(k));
		if (o != OUTCOME_N)
			a->outcomes[o] = count_of(k, INT64_MAX);
	}
	a->stale = u64(rd, j, "stale");
	read_pins(rd, j, a);
	k = child(rd, j, "latency_ns", JSON_OBJECT);
	a->p50_ns = num(rd, k, "p50");
	a->p95_ns = num(rd, k, "p95");
	a->p99_ns = num(rd, k, "p99");
	a->max_ns = num(rd, k, "max");
	k = child(rd, j, "ttft_ns", JSON_OBJECT);
	a->ttft_p50_ns = num(rd, k, "p50");
	a->ttft_p95_ns = num(rd, k, "p95");
	a->cost_usd = num(rd, j, "cost_usd");
}

static void
read_arms(struct rd *rd, const struct json *doc)
{
	const struct json *arms = child(rd, doc, "arms", JSON_OBJECT), *j;
	int a;

	for (a = 0; a < ARM_N; a++) {
		j = child(rd, arms, arm_name((enum arm)a), JSON_OBJECT);
		if (j != NULL)
			read_arm(rd, j, &rd->r->arm[a]);
	}
}

static void
read_gate(struct rd *rd, const struct json *j, struct result_gate *g)
{
	const struct json *ci;

	result_gate_init(g);
	g->name = str_or_empty(rd, j, "name");
	g->title = str_or_empty(rd, j, "title");
	g->metric = str_or_empty(rd, j, "metric");
	g->unit = str_or_empty(rd, j, "unit");
	g->test = str_or_empty(rd, j, "test");
	g->class = (enum gate_class)named(rd, j, "class", name_class,
	    GATE_INFO + 1);
	g->verdict = (enum gate_verdict)named(rd, j, "verdict", name_gate,
	    GATE_NOT_JUDGED + 1);
	g->value = num(rd, j, "value");
	g->limit = num(rd, j, "limit");
	g->higher_is_worse = named(rd, j, "direction", name_direction, 2);
	g->base = num(rd, j, "baseline");
	g->cand = num(rd, j, "candidate");
	ci = child(rd, j, "ci", JSON_ARRAY);
	g->ci[0] = json_num(json_at(ci, 0), NAN);
	g->ci[1] = json_num(json_at(ci, 1), NAN);
	g->p = num(rd, j, "p");
	g->p_holm = num(rd, j, "p_holm");
	g->n = u64(rd, j, "n");
	g->n_needed = num(rd, j, "n_needed");
	g->noise = num(rd, j, "noise");
	g->visible = num(rd, j, "visible");
	g->why = str_or_empty(rd, j, "why");
}

static void
read_gates(struct rd *rd, const struct json *doc)
{
	struct result *r = rd->r;
	const struct json *list = child(rd, doc, "gates", JSON_ARRAY), *v;

	r->gates = room(rd, json_size(list), sizeof(*r->gates));
	for (v = json_first(list); v != NULL && rd->rc == RC_OK;
	    v = json_next(v))
		read_gate(rd, v, &r->gates[r->n_gates++]);
}

static void
read_causes(struct rd *rd, const struct json *doc)
{
	struct result *r = rd->r;
	const struct json *list = child(rd, doc, "causes", JSON_ARRAY), *v;

	r->causes = room(rd, json_size(list), sizeof(*r->causes));
	for (v = json_first(list); v != NULL && rd->rc == RC_OK;
	    v = json_next(v)) {
		struct result_cause *c = &r->causes[r->n_causes++];

		c->class = str_or_empty(rd, v, "class");
		c->confidence = num(rd, v, "confidence");
		c->evidence = strs(rd, v, "evidence", &c->n_evidence);
		c->guardrail = str_or_empty(rd, v, "guardrail");
	}
}

static void
read_fails(struct rd *rd, const struct json *j, struct result_case *c)
{
	const struct json *f = child(rd, j, "fails", JSON_OBJECT), *v;
	int a, i;

	for (a = 0; a < 2; a++) {
		v = child(rd, f, arm_name((enum arm)a), JSON_ARRAY);
		for (v = json_first(v); v != NULL; v = json_next(v)) {
			for (i = 0; i < CASE_REASONS && json_str(v) != NULL;
			    i++) {
				if (strcmp(json_str(v),
				    case_reason_name(i)) == 0)
					c->reasons[a] |= 1u << i;
			}
		}
	}
}

static void
read_both(struct rd *rd, const struct json *j, const char *key, float *b,
    float *c)
{
	const struct json *v = child(rd, j, key, JSON_OBJECT);

	*b = flt(rd, v, "baseline");
	*c = flt(rd, v, "candidate");
}

static void
read_lambda(struct rd *rd, const struct json *j, struct result_case *c)
{
	const struct json *l = child(rd, j, "lambda", JSON_OBJECT), *v;
	int a, i;

	read_both(rd, l, "convergence", &c->convergence[0],
	    &c->convergence[1]);
	read_both(rd, l, "flip_rate", &c->flip_rate[0], &c->flip_rate[1]);
	for (a = 0; a < 2; a++) {
		v = child(rd, l, arm_name((enum arm)a), JSON_OBJECT);
		for (i = 0; i < LAMBDA_STATE_N; i++)
			c->lambda[a][i] = (uint16_t)count_of(
			    json_get(v, result_lambda_names[i]), UINT16_MAX);
	}
}

static void
read_sides(struct rd *rd, const struct json *j, struct result_case *c)
{
	const struct json *sides = child(rd, j, "sides", JSON_OBJECT), *v;
	int a;

	c->has_sides = sides != NULL;
	for (a = 0; a < 2; a++) {
		struct result_side *s = &c->side[a];

		v = child(rd, sides, arm_name((enum arm)a), JSON_OBJECT);
		s->answer = str(rd, v, "answer");
		s->top = str(rd, v, "top");
		s->retrieved = str(rd, v, "retrieved");
		s->outcome = str(rd, v, "outcome");
		s->lambda = str(rd, v, "lambda");
	}
}

/* The slot of a suite's own metric; OWN_METRICS_MAX: it has none. */
static size_t
slot_of(struct rd *rd, const char *name)
{
	size_t i;

	for (i = 0; i < rd->n_slots; i++) {
		if (strcmp(rd->slot[i], name) == 0)
			return i;
	}
	if (i == OWN_METRICS_MAX || !own_metric_is_name(name))
		return OWN_METRICS_MAX;
	memcpy(rd->slot[i], name, strlen(name) + 1);
	rd->n_slots++;
	return i;
}

static void
read_metrics(struct rd *rd, const struct json *m, struct result_case *c)
{
	const struct json *v;
	size_t slot;
	int i;

	for (i = 0; i < METRIC_N; i++)
		read_both(rd, m, metrics[i].name, &c->m[0][i], &c->m[1][i]);
	for (v = json_first(m); v != NULL; v = json_next(v)) {
		if (metric_find(json_key(v)) != NULL)
			continue;
		slot = slot_of(rd, json_key(v));
		if (slot < OWN_METRICS_MAX)
			read_both(rd, m, json_key(v), &c->own[0][slot],
			    &c->own[1][slot]);
	}
}

static void
read_own(struct rd *rd, const struct json *doc, struct rd *cases)
{
	const struct json *list = child(rd, doc, "own_metrics", JSON_ARRAY);
	const struct json *v;
	struct result *r = rd->r;
	struct result_own *m;
	const char *better;

	for (v = json_first(list); v != NULL && r->n_own < OWN_METRICS_MAX;
	    v = json_next(v)) {
		m = &r->own[r->n_own];
		m->name = str_or_empty(rd, v, "name");
		m->slot = slot_of(cases, m->name);
		if (m->slot == OWN_METRICS_MAX)
			continue;
		m->scorer = str_or_empty(rd, v, "scorer");
		m->hash = str_or_empty(rd, v, "hash");
		better = str_or_empty(rd, v, "better");
		m->higher_is_better = strcmp(better, "lower") != 0;
		m->judged = u64(rd, v, "judged");
		m->here = u64(rd, v, "here");
		m->declined = u64(rd, v, "declined");
		m->why = str(rd, v, "why");
		r->n_own++;
	}
}

static void
read_case(struct rd *rd, const struct json *j, struct result_case *c)
{

	result_case_init(c);
	if (json_get_str(j, "id") == NULL)
		bad(rd, "cases/id", "a string");
	c->id = str_or_empty(rd, j, "id");
	c->question = str_or_empty(rd, j, "question");
	c->verdict = (enum case_verdict)named(rd, j, "verdict", name_case,
	    CASE_V_N);
	c->critical = flag(rd, j, "critical");
	c->flipped = flag(rd, j, "flipped");
	c->review = flag(rd, j, "review");
	c->quarantined = flag(rd, j, "quarantined");
	c->why = strs(rd, j, "reasons", &c->n_why);
	read_fails(rd, j, c);
	read_metrics(rd, child(rd, j, "metrics", JSON_OBJECT), c);
	c->drift = flt(rd, j, "drift");
	c->ds_answer = flt(rd, j, "ds_answer");
	read_lambda(rd, j, c);
	c->expected = str(rd, j, "expected");
	read_sides(rd, j, c);
}

/* An error waits until the rest was found to be a report. */
static int
take_case(void *ctx, const struct json *j, struct err *err)
{
	struct rd *rd = ctx;
	struct result_case c;

	(void)err;
	if (rd->rc != RC_OK)
		return RC_OK;
	arena_reset(rd->one);
	read_case(rd, j, &c);
	if (rd->rc == RC_OK)
		rd->rc = result_case_add(rd->r, &c, rd->err);
	return RC_OK;
}

/* Ids in the file, indices in memory; n ids are looked for. */
static void
find_worst(struct rd *rd, const char *const *ids, size_t n)
{
	struct result *r = rd->r;
	const struct result_case *c;
	struct result_reader cases;
	size_t i, k, left = n;

	for (k = 0; k < n; k++)
		r->worst[k] = r->n_cases;
	result_reader_init(&cases, r);
	for (i = 0; left > 0 && (c = result_case_next(&cases)) != NULL; i++) {
		for (k = 0; k < n; k++) {
			if (r->worst[k] < r->n_cases ||
			    strcmp(c->id, ids[k]) != 0)
				continue;
			r->worst[k] = i;
			left--;
		}
	}
	rd->rc = result_reader_check(&cases, rd->err);
	(void)result_reader_fini(&cases);
	if (left > 0)
		bad(rd, "worst", "a list of ids of cases");
	r->n_worst = n;
}

static void
read_worst(struct rd *rd, const struct json *doc)
{
	const struct json *list = child(rd, doc, "worst", JSON_ARRAY), *v;
	const char *ids[sizeof(rd->r->worst) / sizeof(rd->r->worst[0])];
	const size_t max = sizeof(ids) / sizeof(ids[0]);
	size_t n = 0;

	for (v = json_first(list); v != NULL && n < max; v = json_next(v)) {
		ids[n++] = json_str(v);
		if (json_str(v) == NULL)
			bad(rd, "worst", "a list of ids of cases");
	}
	if (rd->rc == RC_OK)
		find_worst(rd, ids, n);
}

static void
read_trust(struct rd *rd, const struct json *doc)
{
	struct result *r = rd->r;
	const struct json *j = child(rd, doc, "trust", JSON_OBJECT);

	r->trust.late_p99_ns = num(rd, j, "lateness_p99_ns");
	r->trust.lost = u64(rd, j, "lost");
	r->trust.duplicates = u64(rd, j, "duplicates");
	r->trust.pins_changed = flag(rd, j, "pins_changed");
	r->trust.aa_false_alarm = num(rd, j, "aa_false_alarm");
	r->trust.cached_echoes = flag(rd, j, "cached_echoes");
}

static void
read_all(struct rd *rd, const struct json *doc)
{
	struct result *r = rd->r;

	r->version = str_or_empty(rd, doc, "lockstep");
	r->verdict = (enum verdict)named(rd, doc, "verdict", name_verdict,
	    VERDICT_N);
	r->exit_status = integer(rd, doc, "exit_status");
	r->headline = str_or_empty(rd, doc, "headline");
	r->reasons = strs(rd, doc, "reasons", &r->n_reasons);
	read_run(rd, doc);
	read_counts(rd, doc);
	read_rules(rd, doc);
	read_pin_changes(rd, doc);
	r->blind = str(rd, doc, "blind");
	r->next = str(rd, doc, "next");
	r->requests = u64(rd, doc, "requests");
	r->usd = num(rd, doc, "usd");
	read_arms(rd, doc);
	read_gates(rd, doc);
	read_causes(rd, doc);
	read_trust(rd, doc);
	r->notes = strs(rd, doc, "notes", &r->n_notes);
	(void)child(rd, doc, "cases", JSON_ARRAY);
}

static int
check_schema(const struct json *doc, struct err *err)
{
	double schema = json_get_num(doc, "schema", NAN);

	if (json_kind(doc) != JSON_OBJECT || isnan(schema) ||
	    json_get_str(doc, "lockstep") == NULL)
		return err_set(err, RC_FORMAT, "not a report of lockstep");
	if (schema > RESULT_SCHEMA)
		return err_set(err, RC_FORMAT, "written by lockstep %.40s in "
		    "schema %g; this one reads up to %d: use a newer lockstep",
		    json_get_str(doc, "lockstep"), schema, RESULT_SCHEMA);
	return RC_OK;
}

/* What is no case, then what went wrong with the cases. */
static void
read_doc(struct rd *rd, const struct json *doc, struct rd *cases)
{
	const struct json *v;

	rd->rc = check_schema(doc, rd->err);
	if (rd->rc == RC_OK)
		read_all(rd, doc);
	/* none but where the member's name is spelt with an escape */
	v = json_first(json_get(doc, "cases"));
	for (; v != NULL && rd->rc == RC_OK; v = json_next(v))
		(void)take_case(cases, v, NULL);
	if (rd->rc == RC_OK && cases->rc != RC_OK)
		rd->rc = err_set(rd->err, (enum rc)cases->rc, "%s",
		    cases->err->msg);
	if (rd->rc == RC_OK)
		read_worst(rd, doc);
	read_own(rd, doc, cases);
}

int
result_read(const char *path, struct result **out, struct err *err)
{
	struct err own = ERR_INIT, of_cases = ERR_INIT;
	struct rd rd = { .r = result_new(), .err = &own };
	struct rd cases = { .r = rd.r, .err = &of_cases };
	struct arena one;
	struct json *doc;

	*out = NULL;
	if (rd.r == NULL)
		return err_set(err, RC_NOMEM, "out of memory");
	arena_init(&one, REPORT_BYTES_MAX);
	cases.one = &one;
	doc = json_split(path, "cases", REPORT_BYTES_MAX, take_case, &cases,
	    &own);
	if (doc == NULL) {
		rd.rc = own.code;
	} else {
		read_doc(&rd, doc, &cases);
		json_free(doc);
		err_prefix(&own, "%s", path);
	}
	arena_fini(&one);
	if (rd.rc != RC_OK) {
		result_free(rd.r);
		return err_set(err, (enum rc)rd.rc, "%s", own.msg);
	}
	*out = rd.r;
	return RC_OK;
}
