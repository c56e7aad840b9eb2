/* Suites: what each key becomes, extends, --set, secrets, identity, words
 * from elsewhere; the table of keys against its schema. */
#include "tests/unit/suite/suite_world.h"

/* ---- values ------------------------------------------------------------ */

static void
test_defaults(void **state)
{
	struct suite *s = load("name: x\n", NULL);
	struct limits l;

	(void)state;
	limits_default(&l);
	assert_memory_equal(&s->limits, &l, sizeof(l));
	assert_string_equal(s->profile, "release");
	assert_int_equal(s->paraphrases, 3);
	assert_int_equal(s->n_seeds, 2);
	assert_int_equal(s->seeds[1], 2);
	assert_int_equal(s->repeats, 1);
	assert_int_equal(s->n_perturb, 3);
	assert_int_equal(s->warmup, 10);
	assert_int_equal(s->pace, PACE_CLOSED);
	assert_int_equal(s->concurrency, 8);
	assert_near(s->speed, 1, 0);
	assert_int_equal(s->late_max_ns, 250000000);
	assert_int_equal(s->retry.max_attempts, 1);
	assert_int_equal(s->retry.base_ns, 250000000);
	assert_true(s->retry.honor_retry_after);
	assert_int_equal(s->body_max, 16 << 20);
	assert_string_equal(s->embedder, "builtin");
	assert_string_equal(s->method, "POST");
	assert_string_equal(s->request_path, "/query");
	assert_non_null(json_get(s->body, "question"));
	assert_false(s->target[ARM_BASELINE].present);
	assert_int_equal(strlen(s->hash), 32);
	suite_free(s);
	s = load("{}", NULL);
	assert_string_equal(s->name, "s");
	suite_free(s);
}

static const char full[] =
    "lockstep: 1\nname: full\nprofile: canary\nowner: me\n"
    "cases: {trace: t.jsonl.zst, sample: 20, stratify: /tags/t,"
    " critical: true}\n"
    "sections: sec.jsonl\nrecorded: old.jsonl.zst\n"
    "variants: {paraphrases: 2, seeds: [5, -7], repeats: 4,"
    " perturb: [case]}\n"
    "targets:\n"
    "  baseline: recorded:base.zst\n"
    "  candidate:\n"
    "    url: https://h:9/api/\n"
    "    ready: {path: /up, timeout: 5s}\n"
    "    headers: {A: \"x ${LS_TEST_A}\", N: 7, P: \"{{case.id}}\"}\n"
    "    auth: {exec: \"get ${HOME}\"}\n"
    "    concurrency: 16\n    rate: 50\n    burst: 5\n"
    "    deadline: 1500ms\n    http2: true\n    no_cache: true\n"
    "    ca_file: ca.pem\n    prices: {tokens_in: 0.25}\n"
    "    extract: {preset: openai}\n"
    "prices: {tokens_in: 1, tokens_out: 0.5}\n"
    "warmup: 3\n"
    "request: {path: /ask, headers: {X: y}, body: {q: \"{{question}}\","
    " m: \"${LS_TEST_A}\"}}\n"
    "pace: {mode: recorded, speed: 2, idle_cap: 1s, lateness_max: 20ms,"
    " concurrency: 2}\n"
    "budget: {requests: 9, time: 4m, usd: 5}\n"
    "retry: {max_attempts: 3, base_s: 0.5, honor_retry_after: false}\n"
    "body_max: 2MiB\nembedder: lexical\n"
    "slices: [tags.tenant, /tags/a.b]\n"
    "pins: {equal: [A], expect: [B], require: [C]}\n"
    "quarantine: [{case: c, owner: o, until: 2026-01-31}]\n";

static void
check_target(const struct suite_target *t)
{
	assert_true(t->present);
	assert_string_equal(t->arm, "https://h:9/api/");
	assert_string_equal(t->url, "https://h:9");
	assert_string_equal(t->path, "/api/ask");
	assert_string_equal(t->ready_path, "/up");
	assert_int_equal(t->ready_timeout_ns, 5000000000);
	assert_int_equal(t->n_headers, 3);
	assert_string_equal(t->headers[0].value, "x sec\"ret");
	assert_true(t->headers[0].secret);
	assert_string_equal(t->headers[1].value, "7");
	assert_false(t->headers[1].secret);
	assert_string_equal(t->auth_exec, "get ${HOME}");
	assert_int_equal(t->concurrency, 16);
	assert_near(t->rate, 50, 0);
	assert_near(t->burst, 5, 0);
	assert_int_equal(t->deadline_ns, 1500000000);
	assert_true(t->http2 && t->no_cache);
	/* from the manifest's folder, wherever the program runs */
	assert_int_equal(t->ca_file[0], '/');
	assert_string_equal(strrchr(t->ca_file, '/'), "/ca.pem");
	assert_near(t->price_in, .25, 0);
	assert_near(t->price_out, NAN, 0);
	assert_true(extract_maps_usage(t->extract));
}

static void
check_full(const struct suite *s)
{
	assert_string_equal(s->cases_trace, "t.jsonl.zst");
	assert_null(s->cases_file);
	assert_int_equal(s->sample, 20);
	assert_string_equal(s->stratify, "/tags/t");
	assert_true(s->cases_critical);
	assert_int_equal(s->seeds[1], -7);
	assert_int_equal(s->n_perturb, 1);
	assert_string_equal(s->target[ARM_BASELINE].arm, "recorded:base.zst");
	assert_null(s->target[ARM_BASELINE].url);
	assert_near(s->target[ARM_BASELINE].price_out, .5, 0);
	assert_int_equal(s->warmup, 3);
	assert_string_equal(json_get_str(s->body, "m"), "sec\"ret");
	assert_int_equal(s->n_headers, 1);
	assert_int_equal(s->pace, PACE_RECORDED);
	assert_near(s->speed, 2, 0);
	assert_int_equal(s->idle_cap_ns, 1000000000);
	assert_int_equal(s->late_max_ns, 20000000);
	assert_int_equal(s->budget_requests, 9);
	assert_int_equal(s->budget_time_ns, 240000000000);
	assert_near(s->budget_usd, 5, 0);
	assert_int_equal(s->retry.max_attempts, 3);
	assert_int_equal(s->retry.base_ns, 500000000);
	assert_false(s->retry.honor_retry_after);
	assert_int_equal(s->body_max, 2 << 20);
	assert_string_equal(json_str(json_at(s->slices, 0)), "/tags/tenant");
	assert_string_equal(json_str(json_at(s->slices, 1)), "/tags/a.b");
	assert_string_equal(json_str(json_at(s->pins_require, 0)), "C");
	assert_int_equal(json_size(s->quarantine), 1);
	assert_true(s->limits.strict);
}

static void
test_full(void **state)
{
	struct suite *s;
	struct buf b;

	(void)state;
	assert_int_equal(setenv("LS_TEST_A", "sec\"ret", 1), 0);
	s = load(full, NULL);
	check_full(s);
	check_target(&s->target[ARM_CANDIDATE]);
	/* nothing that is kept of the manifest holds the secret */
	buf_init(&b, 1 << 20);
	json_write(&b, s->doc);
	assert_null(strstr(buf_str(&b), "sec"
	    "\\\"ret"));
	assert_non_null(strstr(buf_str(&b), "${LS_TEST_A}"));
	buf_fini(&b);
	suite_free(s);
}

/* ---- secrets ----------------------------------------------------------- */

static void
test_names(void **state)
{
	struct suite_over over = { .no_env = 1 };
	struct suite *s;

	(void)state;
	(void)unsetenv("LS_TEST_GONE");
	fails("a: 1\n", "unknown key \"a\"");
	fails("targets:\n  candidate:\n    url: http://h\n    headers:\n"
	    "      T: Bearer ${LS_TEST_GONE}\n", "s.yml:5:10: \"T\" needs "
	    "${LS_TEST_GONE}, which is not set in the environment");
	fails("name: ${file:nowhere}\n", "${file:nowhere}: No such file");
	fails("name: ${1x}\n", "names no environment variable");
	fails("name: ${x\n", "without its closing brace");
	(void)file_of("token", "abc\r\n\n");
	s = load("name: \"<${file:token}>\"\nowner: \"$${x} $x\"\n", NULL);
	assert_string_equal(s->name, "<abc>");
	assert_string_equal(s->owner, "${x} $x");
	suite_free(s);
	s = load("name: \"<${LS_TEST_GONE}${file:nowhere}>\"\n", &over);
	assert_string_equal(s->name, "<>");
	suite_free(s);
	assert_int_equal(setenv("LS_TEST_A", "a\nX: b", 1), 0);
	fails("targets: {candidate: {url: \"http://h\", headers: {T: "
	    "\"${LS_TEST_A}\"}}}\n", "line end or another control");
}

/* ---- gates ------------------------------------------------------------- */

static double
field(const struct suite *s, size_t offset)
{
	double v;

	memcpy(&v, (const char *)&s->limits + offset, sizeof(v));
	return v;
}

#define AT(f) offsetof(struct limits, f)

static void
test_gate_keys(void **state)
{
	static const struct {
		const char *gates;
		size_t field;
		double value;
		const char *off[3];
	} rows[] = {
		{ "retrieval: {ds_max: 0.3}", AT(ds_max), .3, { NULL } },
		{ "ds_max: 0", AT(ds_max), 0, { NULL } },
		{ "retrieval: {ds_max: true}", AT(ds_max), .45, { NULL } },
		{ "retrieval: {lambda_convergent: true}",
		    AT(lambda_convergent), .8, { NULL } },
		{ "retrieval: false", AT(ds_max), .45, { "ds_max",
		    "coverage_min", "lambda_convergent" } },
		{ "latency: {p95_uplift_max: 0.5}", AT(latency_p95), .5,
		    { NULL } },
		{ "latency: {p95_floor: 20ms}", AT(latency_p95_floor_ns), 2e7,
		    { NULL } },
		{ "latency: false", AT(cost), .1, { "latency_body",
		    "latency_p95" } },
		{ "errors: {rate_max: 0.02, http_5xx_max: false}",
		    AT(errors), .02, { "http_5xx" } },
		{ "errors: 0.03", AT(errors), .03, { NULL } },
		{ "citations: false", AT(citation_recall), .05,
		    { "citation_precision", "citation_recall" } },
		{ "citations: {margin: 0.2, recall_min: 0.1}",
		    AT(citation_recall_min), .1, { NULL } },
		{ "drift: false", AT(cost), .1, { "answer_drift",
		    "answer_drift_tail" } },
		{ "answer_drift_tail: 0.3", AT(answer_drift_tail), .3,
		    { NULL } },
		{ "pass_rate: 0.8", AT(pass_rate), .8, { NULL } },
		{ "alpha: 0.05", AT(alpha), .05, { NULL } },
		{ "answer_drift_median: false", AT(cost), .1,
		    { "answer_drift_median" } },
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned long off = 0;
		char text[200];
		struct suite *s;

		(void)snprintf(text, sizeof(text), "gates: {%s}\n",
		    rows[i].gates);
		s = load(text, NULL);
		for (k = 0; k < 3 && rows[i].off[k] != NULL; k++)
			off |= 1UL << limits_gate_of(rows[i].off[k]);
		if (s->limits.off != off)
			fail_msg("%s: off %lx", text, s->limits.off);
		assert_near(field(s, rows[i].field), rows[i].value, 0);
		suite_free(s);
	}
}

/* Every gate can be switched off by its name, and on again over a profile. */
static void
test_every_gate(void **state)
{
	char text[200];
	struct suite *s;
	int i;

	(void)state;
	for (i = 0; limits_gates[i] != NULL; i++) {
		(void)snprintf(text, sizeof(text), "gates: {%s: false}\n",
		    limits_gates[i]);
		s = load(text, NULL);
		assert_int_equal(s->limits.off, 1UL << i);
		suite_free(s);
	}
	s = load("profile: smoke\n", NULL);
	assert_int_equal(s->limits.off,
	    1UL << limits_gate_of("latency_body") |
	    1UL << limits_gate_of("latency_p95"));
	suite_free(s);
	s = load("profile: smoke\ngates: {latency: {p95_uplift_max: 0.4}}\n",
	    NULL);
	assert_int_equal(s->limits.off, 1UL << limits_gate_of(
	    "latency_body"));
	suite_free(s);
	s = load("profile: migration\n", NULL);
	assert_near(s->limits.answer_drift, .02, 0);
	assert_near(s->limits.answer_drift_tail, .05, 0);
	assert_true(s->limits.strict);
	suite_free(s);
	s = load("profile: migration\ngates: {strict: false, answer_drift: "
	    "0.1}\n", NULL);
	assert_near(s->limits.answer_drift, .1, 0);
	assert_false(s->limits.strict);
	suite_free(s);
}

/* ---- identity ---------------------------------------------------------- */

static void
test_hash(void **state)
{
	static const char *const same[] = {
		"name: a\ncases: g.jsonl\ngates: {cost: 0.2}\ntargets: "
		"{candidate: {url: \"http://a\", rate: 5}}\n",
		"gates: {cost: 0.20}\n# note\ncases: g.jsonl\nname: a\n"
		"targets: {candidate: {rate: 5, url: \"http://b\", headers: "
		"{A: b}}}\n",
	};
	static const char *const other[] = {
		"name: a\ncases: g.jsonl\ngates: {cost: 0.2}\ntargets: "
		"{candidate: {url: \"http://a\", rate: 6}}\n",
		"name: a\ncases: h.jsonl\ngates: {cost: 0.2}\ntargets: "
		"{candidate: {url: \"http://a\", rate: 5}}\n",
		"name: a\ncases: g.jsonl\ngates: {cost: 0.2}\ntargets: "
		"{candidate: {url: \"http://a\", rate: 5}}\n"
		"request: {body: {targets: {url: x}}}\n",
	};
	struct suite *a = load(same[0], NULL), *b = load(same[1], NULL);
	size_t i;

	(void)state;
	assert_string_equal(a->hash, b->hash);
	assert_true(a->seed == b->seed);
	suite_free(b);
	for (i = 0; i < 3; i++) {
		b = load(other[i], NULL);
		assert_string_not_equal(a->hash, b->hash);
		suite_free(b);
	}
	suite_free(a);
	a = load("request: {body: {targets: {url: x}}}\n", NULL);
	b = load("request: {body: {targets: {url: y}}}\n", NULL);
	assert_string_not_equal(a->hash, b->hash);
	suite_free(a);
	suite_free(b);
}

/* ---- words from elsewhere ---------------------------------------------- */

static void
test_words(void **state)
{
	struct suite *s;

	(void)state;
	s = load("gates:\n  rag_quality:\n    evals:\n"
	    "      - {name: a, min_coverage: 0.8}\n"
	    "      - {name: b, max_delta_s: 0.4, paraphrases: 4, seeds: 3}\n"
	    "  hallucination_fence: {require_citations: true}\n", NULL);
	assert_near(s->limits.coverage_min, .8, 0);
	assert_near(s->limits.ds_max, .4, 0);
	assert_int_equal(s->paraphrases, 4);
	assert_int_equal(s->n_seeds, 3);
	assert_true(s->limits.require_citations);
	suite_free(s);

	s = load("checks:\n  require_fields: [A, B]\n"
	    "  assert_equal_envs: [{field: A, envs: [x, y]}]\n"
	    "  deny_if_missing: true\n", NULL);
	assert_int_equal(json_size(s->pins_require), 2);
	assert_string_equal(json_str(json_at(s->pins_equal, 0)), "A");
	suite_free(s);
	s = load("checks: {require_fields: [A], deny_if_missing: false}\n",
	    NULL);
	assert_null(s->pins_require);
	suite_free(s);

	s = load("flags:\n  f:\n    versions: {MODEL_VER: m}\n    gates:\n"
	    "      delta_s: {median_max: 0.02, p95_max: 0.10}\n"
	    "      lambda_convergent: true\n      coverage_min: 0.6\n"
	    "      error_rate_max: 0.001\n    abort_rules:\n      hard:\n"
	    "        - {kind: lambda_flip_rate_over, value: 0.1}\n"
	    "        - {kind: coverage_under, value: 0.65}\n", NULL);
	assert_near(s->limits.answer_drift, .02, 0);
	assert_near(s->limits.answer_drift_tail, .10, 0);
	assert_near(s->limits.coverage_min, .70, 0);
	assert_near(s->limits.errors, .001, 0);
	assert_near(s->limits.flip_rate, .1, 0);
	assert_near(s->limits.coverage_floor, .65, 0);
	assert_string_equal(json_str(json_at(s->pins_expect, 0)),
	    "MODEL_VER");
	suite_free(s);

	s = load("limits:\n  default: {rps: 20, burst: 40, concurrent: 64, "
	    "deadline_ms: 2000}\n  endpoints: {/query: {rps: 50, "
	    "deadline_ms: 800}}\ntargets: {candidate: {url: \"http://h\", "
	    "burst: 3}, baseline: {url: \"http://g\", path: /other, "
	    "deadline: 9s}}\n", NULL);
	assert_near(s->target[ARM_CANDIDATE].rate, 50, 0);
	assert_near(s->target[ARM_CANDIDATE].burst, 3, 0);
	assert_int_equal(s->target[ARM_CANDIDATE].concurrency, 64);
	assert_int_equal(s->target[ARM_CANDIDATE].deadline_ns, 800000000);
	assert_near(s->target[ARM_BASELINE].rate, 20, 0);
	assert_int_equal(s->target[ARM_BASELINE].deadline_ns, 9000000000);
	suite_free(s);

	s = load("retry: {strategy: full_jitter, base_s: 0.25, cap_s: 10, "
	    "max_attempts: 6, honor_retry_after: true}\n"
	    "decision: {abort_when: {error_rate: \">=0.005\", "
	    "ds_p95_drift: \"junk\"}}\n", NULL);
	assert_int_equal(s->retry.max_attempts, 6);
	assert_near(s->limits.http_5xx, .005, 0);
	assert_near(s->limits.answer_drift_tail, .15, 0);
	suite_free(s);
}

static void
count(void *ctx, const char *note)
{
	assert_true(strchr(note, '\n') == NULL && strlen(note) > 5);
	++*(int *)ctx;
}

static void
test_notes_and_errors(void **state)
{
	struct suite_over over;
	struct suite *s = load("windows: [{id: a, kind: hard_freeze}]\n",
	    NULL);
	int n = 0;

	(void)state;
	suite_notes(s, count, &n);
	assert_true(n >= 3);
	suite_free(s);
	n = 0;
	memset(&over, 0, sizeof(over));
	over.on_error = count;
	over.on_error_ctx = &n;
	assert_int_equal(suite_load(file_of("s.yml", "a: 1\nb: 2\nwarmup: "
	    "-1\nvariants: [1]\n"), &over, &s, NULL), RC_FORMAT);
	assert_int_equal(n, 4);
}

/* ---- the table --------------------------------------------------------- */

/* Whether some object of the schema has a member of that name. */
static int
schema_has(const struct json *j, const char *name)
{
	const struct json *m;

	if (json_get(json_get(j, "properties"), name) != NULL)
		return 1;
	for (m = json_first(j); m != NULL; m = json_next(m)) {
		if (json_kind(m) != JSON_STRING && schema_has(m, name))
			return 1;
	}
	return 0;
}

static void
test_table(void **state)
{
	const struct suite_key *row, *same;
	struct buf schema, kinds;
	struct json *j;
	size_t i, k;

	(void)state;
	buf_init(&schema, 4 << 20);
	suite_keys_schema(&schema);
	j = json_parse(schema.p, schema.len, NULL);
	assert_non_null(j);
	for (i = 0; (row = suite_key_at(i)) != NULL; i++) {
		const char *dot = strrchr(row->path, '.');
		const char *name = dot == NULL ? row->path : dot + 1;

		for (k = 0; (same = suite_key_at(k)) != NULL && k < i; k++)
			assert_string_not_equal(same->path, row->path);
		assert_true(strlen(row->help) > 2 && row->kinds != 0);
		assert_true(((row->kinds & KEY_ENUM) != 0) ==
		    (row->names != NULL));
		if (strcmp(name, "*") != 0 && strcmp(name, "[]") != 0 &&
		    !schema_has(j, name))
			fail_msg("the schema lacks %s", row->path);
		buf_init(&kinds, 4096);
		suite_key_kinds(row, &kinds);
		assert_true(kinds.len > 0);
		buf_fini(&kinds);
		/* a default passes its own check */
		if (row->dflt != NULL) {
			struct json *d = json_parse(row->dflt,
			    strlen(row->dflt), NULL);

			if (d == NULL)
				fail_msg("%s: default", row->path);
			json_free(d);
		}
	}
	assert_true(i > 300);
	json_free(j);
	buf_fini(&schema);
}

/* The names that the table repeats are those of the code. */
static void
test_table_names(void **state)
{
	const struct suite_key *row;
	int i;

	(void)state;
	row = suite_key_find("@extract", "preset");
	for (i = 0; extract_presets[i] != NULL; i++)
		assert_non_null(strstr(row->names, extract_presets[i]));
	row = suite_key_find("variants.perturb", "[]");
	for (i = 0; perturb_names[i] != NULL; i++)
		assert_non_null(strstr(row->names, perturb_names[i]));
	row = suite_key_find("", "profile");
	for (i = 0; limits_profiles[i] != NULL; i++)
		assert_non_null(strstr(row->names, limits_profiles[i]));
	for (i = 0; limits_gates[i] != NULL; i++)
		assert_non_null(suite_key_find("gates", limits_gates[i]));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_gate_keys),
		cmocka_unit_test(test_every_gate),
		cmocka_unit_test(test_hash),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_notes_and_errors),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_table_names),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
