/*
 * The members of a case, a row each, and the types that only a case has;
 * see field_part.h. A case is written on one line, so that a report of
 * 20,000 cases stays readable by line tools.
 */
#include <math.h>
#include <string.h>

#include "harness/result/field_part.h"

/* ---- limits that an arm broke: bits, as a list of names ------------------ */

static unsigned
bits_of(const struct field *f, const char *base)
{
	unsigned bits;

	memcpy(&bits, base + f->at, sizeof(bits));
	return bits;
}

static void
write_limits(const struct field_out *w, const struct field *f,
    const char *base)
{
	unsigned bits = bits_of(f, base);
	int i;

	json_out_arr(w->o);
	for (i = 0; i < CASE_REASONS; i++) {
		if (bits & 1u << i)
			json_out_str(w->o, case_reason_name(i));
	}
	json_out_end(w->o, ']');
}

/* Names of tomorrow are passed over. */
static void
read_limits(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	unsigned bits = 0;
	int i;

	v = json_first(field_of_kind(in, f->name, v, JSON_ARRAY));
	for (; v != NULL; v = json_next(v)) {
		for (i = 0; i < CASE_REASONS && json_str(v) != NULL; i++) {
			if (strcmp(json_str(v), case_reason_name(i)) == 0)
				bits |= 1u << i;
		}
	}
	memcpy(base + f->at, &bits, sizeof(bits));
}

static void
schema_limits(struct json_out *o, const struct field *f)
{
	field_strs.schema(o, f);
}

static const struct field_type field_limits = {
	.write = write_limits, .read = read_limits, .bytes = sizeof(unsigned),
	.kind = "array", .schema = schema_limits
};

/* ---- states of λ: how many variants are in each -----------------------*/

static const char *const lambda_names[LAMBDA_STATE_N] = {
	[LAMBDA_CONVERGENT] = "convergent",
	[LAMBDA_SPLIT] = "split",
	[LAMBDA_COLLAPSED] = "collapsed",
	[LAMBDA_CHAOS] = "chaos",
	[LAMBDA_NONE] = "not_asked",
};

static void
write_states(const struct field_out *w, const struct field *f,
    const char *base)
{
	uint16_t n[LAMBDA_STATE_N];
	int i;

	memcpy(n, base + f->at, sizeof(n));
	json_out_obj(w->o);
	for (i = 0; i < LAMBDA_STATE_N; i++) {
		if (n[i] == 0)
			continue;
		json_put_int(w->o, lambda_names[i], n[i]);
	}
	json_out_end(w->o, '}');
}

static void
read_states(struct field_in *in, const struct field *f, const struct json *v,
    char *base)
{
	uint16_t n[LAMBDA_STATE_N];
	int i;

	v = field_of_kind(in, f->name, v, JSON_OBJECT);
	for (i = 0; i < LAMBDA_STATE_N; i++)
		n[i] = (uint16_t)field_count_of(json_get(v, lambda_names[i]),
		    UINT16_MAX);
	memcpy(base + f->at, n, sizeof(n));
}

static void
schema_states(struct json_out *o, const struct field *f)
{
	int i;

	(void)f;
	json_out_key(o, "properties");
	json_out_obj(o);
	for (i = 0; i < LAMBDA_STATE_N; i++) {
		json_out_key(o, lambda_names[i]);
		field_schema_value(o, &field_count);
	}
	json_out_end(o, '}');
}

static const struct field_type field_states = {
	.write = write_states, .read = read_states,
	.bytes = LAMBDA_STATE_N * sizeof(uint16_t), .kind = "object",
	.schema = schema_states
};

/* ---- metrics: by name, built-in ones and scorers' ------------------------ */

static void
put_metric(struct json_out *o, const char *name, float b, float c)
{
	if (isnan(b) && isnan(c))
		return;
	json_out_key(o, name);
	field_put_both(o, b, c);
}

static void
write_metrics(const struct field_out *w, const struct field *f,
    const char *base)
{
	const struct result_case *c = (const void *)base;
	size_t i, slot;

	(void)f;
	json_out_obj(w->o);
	for (i = 0; i < METRIC_N; i++)
		put_metric(w->o, metrics[i].name, c->m[0][i], c->m[1][i]);
	for (i = 0; i < w->r->n_scored; i++) {
		slot = w->r->scored[i].slot;
		put_metric(w->o, w->r->scored[i].name, c->scored[0][slot],
		    c->scored[1][slot]);
	}
	json_out_end(w->o, '}');
}

static void
read_metrics(struct field_in *in, const struct field *f,
    const struct json *v, char *base)
{
	struct result_case *c = (void *)base;
	const struct json *m = field_of_kind(in, f->name, v, JSON_OBJECT);
	size_t slot;
	int i;

	for (i = 0; i < METRIC_N; i++)
		field_get_both(in, metrics[i].name,
		    json_get(m, metrics[i].name), &c->m[0][i], &c->m[1][i]);
	for (v = json_first(m); v != NULL; v = json_next(v)) {
		if (metric_find(json_key(v)) != NULL)
			continue;
		slot = field_slot(in->slots, json_key(v));
		if (slot < SCORER_METRICS_MAX)
			field_get_both(in, json_key(v), v, &c->scored[0][slot],
			    &c->scored[1][slot]);
	}
}

_Static_assert(METRIC_N <= 64, "a bit each tells which metrics are known");

/* A bit for each number that is known, then these. */
static void
pack_floats(struct field_pack *k, const float *m, int n)
{
	uint64_t known = 0;
	int i;

	for (i = 0; i < n; i++)
		known |= (uint64_t)!isnan(m[i]) << i;
	buf_add(k->b, &known, sizeof(known));
	for (i = 0; i < n; i++) {
		if (known >> i & 1)
			buf_add(k->b, &m[i], sizeof(m[i]));
	}
}

static void
unpack_floats(struct field_unpack *u, float *m, int n)
{
	uint64_t known;
	int i;

	memcpy(&known, u->p, sizeof(known));
	u->p += sizeof(known);
	for (i = 0; i < n; i++) {
		m[i] = NAN;
		if ((known >> i & 1) == 0)
			continue;
		memcpy(&m[i], u->p, sizeof(m[i]));
		u->p += sizeof(m[i]);
	}
}

static void
pack_metrics(struct field_pack *k, const struct field *f, const char *base)
{
	const struct result_case *c = (const void *)base;
	int a;

	(void)f;
	for (a = 0; a < 2; a++) {
		pack_floats(k, c->m[a], METRIC_N);
		pack_floats(k, c->scored[a], SCORER_METRICS_MAX);
	}
}

static void
unpack_metrics(struct field_unpack *u, const struct field *f, char *base)
{
	struct result_case *c = (void *)base;
	int a;

	(void)f;
	for (a = 0; a < 2; a++) {
		unpack_floats(u, c->m[a], METRIC_N);
		unpack_floats(u, c->scored[a], SCORER_METRICS_MAX);
	}
}

static void
schema_metrics(struct json_out *o, const struct field *f)
{
	(void)f;
	json_out_key(o, "additionalProperties");
	field_schema_value(o, &field_both);
}

static const struct field_type field_metrics = {
	.write = write_metrics, .read = read_metrics, .pack = pack_metrics,
	.unpack = unpack_metrics, .kind = "object", .schema = schema_metrics
};

/* ---- rows ---------------------------------------------------------------- */

static const char *
verdict_word(int i)
{
	return case_verdict_name((enum case_verdict)i);
}

#define CASE(key, type_, member, of, help_) .name = key, .type = &(type_), \
	.at = FIELD_AT(result_case, member, of), .help = help_
#define SIDE(key, member, help_) .name = key, .type = &field_str, \
	.at = FIELD_AT(result_side, member, const char *), .help = help_

const struct field side_fields[] = {
	{ SIDE("answer", answer, NULL) },
	{ SIDE("top", top, "Rank 1: section and its first words.") },
	{ SIDE("retrieved", retrieved, "Section ids in order of rank.") },
	{ SIDE("outcome", outcome, "Outcome of the variant shown.") },
	{ SIDE("lambda", lambda, "One symbol a variant: \xe2\x86\x92 <> "
	    "\xe2\x86\x90 \xc3\x97.") },
	{ SIDE("sent", sent, "Method, target and first words of the "
	    "request.") },
	{ SIDE("said", said, "Where the request failed, what the service "
	    "said.") },
	{ SIDE("failed", failed, "Assertions that failed.") },
	{ SIDE("lost", lost, "Passages that the baseline had and this answer "
	    "lacks, with their rank there.") },
	{ .name = NULL }
};

static const struct field both_sides[] = {
	{ CASE("baseline", field_group, side[0], struct result_side, NULL),
	    .sub = side_fields, .def = "side" },
	{ CASE("candidate", field_group, side[1], struct result_side, NULL),
	    .sub = side_fields, .def = "side" },
	{ .name = NULL }
};

static const struct field limits[] = {
	{ CASE("baseline", field_limits, reasons[0], unsigned, NULL) },
	{ CASE("candidate", field_limits, reasons[1], unsigned, NULL) },
	{ .name = NULL }
};

typedef float both_arms[2];
typedef uint16_t states[LAMBDA_STATE_N];

#define GRADE(key, grade) { CASE(key, field_both, graded[grade], both_arms, \
	NULL), .flags = FIELD_SPARSE }

static const struct field lambda[] = {
	{ CASE("convergence", field_both, convergence, both_arms, NULL),
	    .flags = FIELD_SPARSE },
	{ CASE("flip_rate", field_both, flip_rate, both_arms, NULL),
	    .flags = FIELD_SPARSE },
	GRADE("lambda_rank", GRADE_RANK),
	GRADE("rank_swap_rate", GRADE_SWAP),
	GRADE("lambda_cite", GRADE_CITE),
	GRADE("css", GRADE_CSS),
	GRADE("lambda_answer", GRADE_ANSWER),
	GRADE("ned50", GRADE_NED50),
	GRADE("refusal_consistency", GRADE_REFUSAL),
	GRADE("contain_rate", GRADE_CONTAIN),
	GRADE("gold_hit_rate", GRADE_GOLD_HIT),
	{ CASE("variance_ratio", field_both, variance_ratio, both_arms, NULL),
	    .flags = FIELD_SPARSE },
	{ CASE("baseline", field_states, lambda[0], states, NULL) },
	{ CASE("candidate", field_states, lambda[1], states, NULL) },
	{ .name = NULL }
};

static const struct field answers[] = {
	{ CASE("bad", field_both, bad, both_arms,
	    "Answers that miss a limit of the case, echoes included.") },
	{ CASE("asked", field_both, asked, both_arms, NULL) },
	{ CASE("p", field_float, p, float,
	    "Chance of a loss this large from equal stacks.") },
	{ .name = NULL }
};

const struct field case_fields[] = {
	{ CASE("id", field_text, id, const char *, NULL) },
	{ CASE("question", field_text, question, const char *, NULL) },
	{ CASE("verdict", field_word, verdict, enum case_verdict,
	    "defect: fails on the baseline too. fail: in a run without a "
	    "baseline."),
	    .word = verdict_word, .n_words = CASE_V_N },
	{ CASE("critical", field_flag, critical, int, NULL) },
	{ CASE("flipped", field_flag, flipped, int,
	    "The verdict differs between the arms.") },
	{ CASE("review", field_flag, review, int,
	    "Moved from pass into the review band.") },
	{ CASE("quarantined", field_flag, quarantined, int,
	    "Quarantined by the suite: not counted. Missing: false."),
	    .flags = FIELD_SPARSE },
	{ CASE("reasons", field_strs, why, const char *const *, "Sentences."),
	    .at_n = FIELD_AT(result_case, n_why, size_t) },
	{ .name = "fails", .type = &field_group, .sub = limits,
	    .help = "Names of the limits that each arm missed." },
	{ .name = "metrics", .type = &field_metrics,
	    .help = "Means over the variants; a metric without a value on both "
	    "arms is left out." },
	{ CASE("drift", field_float, drift, float,
	    "Mean \xce\x94S(baseline, candidate) minus the echo's.") },
	{ CASE("ds_answer", field_float, ds_answer, float, NULL) },
	{ .name = "lambda", .type = &field_group, .sub = lambda,
	    .help = "\xce\xbb and graded stability over the variants of the "
	    "case; `lockstep metrics` has each formula." },
	{ .name = "answers", .type = &field_group, .sub = answers,
	    .flags = FIELD_SPARSE,
	    .at_n = FIELD_AT(result_case, has_answers, int),
	    .help = "The case's own evidence; kept when some answer is bad." },
	{ CASE("expected", field_str, expected, const char *,
	    "Expected section and its first words.") },
	{ .name = "sides", .type = &field_group, .sub = both_sides,
	    .flags = FIELD_SPARSE,
	    .at_n = FIELD_AT(result_case, has_sides, int),
	    .help = "Texts; kept for the worst cases." },
	{ .name = NULL }
};

void
field_write_case(const struct field_out *w, const struct result_case *c)
{
	int pretty = w->o->pretty;

	json_out_obj(w->o);
	w->o->pretty = 0;
	field_write(w, case_fields, (const char *)c);
	json_out_end(w->o, '}');
	w->o->pretty = pretty;
}
