/* The result object: names, memory, and report.json there and back. */
#include "harness/result/result.h"

#include "tests/lib/folder.h"
#include "tests/lib/many.h"
#include "tests/lib/sample.h"

static const char *
save(const char *text, size_t n)
{
	return dir_file("report.json", text, n);
}

/* Says where the texts part instead of printing both. */
static void
same_text(const char *a, const char *b)
{
	size_t i;

	for (i = 0; a[i] != '\0' && a[i] == b[i]; i++)
		;
	if (a[i] != b[i])
		fail_msg("byte %zu: \"%.60s\" became \"%.60s\"", i, a + i,
		    b + i);
}

static void
round_trip(struct result *r)
{
	struct err err = ERR_INIT;
	struct result *back = NULL;
	struct buf a, b;

	buf_init(&a, 1 << 30);
	buf_init(&b, 1 << 30);
	result_write_json(r, &a);
	assert_int_equal(result_read(save(buf_str(&a), a.len), &back, &err),
	    RC_OK);
	result_write_json(back, &b);
	same_text(buf_str(&a), buf_str(&b));
	assert_int_equal(back->verdict, r->verdict);
	assert_int_equal(back->n_cases, r->n_cases);
	assert_true(back->run.seed == r->run.seed);
	buf_fini(&a);
	buf_fini(&b);
	result_free(back);
	result_free(r);
}

static void
test_round_trip(void **state)
{
	(void)state;
	round_trip(result_new());
	round_trip(sample_fail(0));
	round_trip(sample_fail(1));
	round_trip(sample_fail(100));
	round_trip(sample_attack());
}

static void
hard_numbers(struct result *r, struct result_case *c, size_t i)
{
	static const float hard[] = {
		1e-45f, 1.17549435e-38f, 3.40282347e+38f, 0.1f, 1 / 3.f,
		16777217.f, -2.5e-7f, -0.f,
	};

	(void)r;
	c->m[0][M_COVERAGE] = hard[i];
	c->drift = hard[7 - i];
	c->lambda[0][LAMBDA_SPLIT] = i == 0 ? 65535 : 0;
}

/* Floats that six digits do not hold, and numbers at the ends. */
static void
test_round_trip_numbers(void **state)
{
	struct result *r = sample_with(8, hard_numbers);

	(void)state;
	r->requests = (uint64_t)1 << 53;
	r->gates[0].p = 1e-300;
	r->gates[0].value = -1.7976931348623157e308;
	round_trip(r);
}

/* A line is taken apart into verdict and text, and joined to the same. */
static void
test_reasons(void **state)
{
	static const struct {
		const char *line, *text;
		enum verdict verdict;
	} is[] = {
		{ "PASS: a", "a", VERDICT_PASS },
		{ "FAIL: latency: +12 %", "latency: +12 %", VERDICT_FAIL },
		{ "COULD NOT RUN: b: c", "b: c", VERDICT_CANNOT_RUN },
		{ "REVIEW: ", "", VERDICT_REVIEW },
		{ "INCONCLUSIVE: FAIL: d", "FAIL: d", VERDICT_INCONCLUSIVE },
		{ "INVALID: e", "e", VERDICT_INVALID },
		{ "", "", VERDICT_N },
		{ "FAIL", "FAIL", VERDICT_N },
		{ "FAIL:f", "FAIL:f", VERDICT_N },
		{ "fail: g", "fail: g", VERDICT_N },
		{ "FAILURE: h", "FAILURE: h", VERDICT_N },
	};
	enum { N = sizeof(is) / sizeof(is[0]) };
	const char *lines[N];
	struct err err = ERR_INIT;
	struct result *r = sample_fail(4), *back;
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < N; i++)
		lines[i] = is[i].line;
	sample_reasons(r, lines, N);
	buf_init(&b, 1 << 30);
	result_write_json(r, &b);
	assert_int_equal(result_read(save(buf_str(&b), b.len), &back, &err),
	    RC_OK);
	assert_int_equal(back->n_reasons, N);
	for (i = 0; i < N; i++) {
		assert_int_equal(back->reasons[i].verdict, is[i].verdict);
		assert_string_equal(back->reasons[i].text, is[i].text);
		assert_string_equal(result_reason_line(&back->reasons[i], &b),
		    is[i].line);
	}
	buf_fini(&b);
	result_free(r);
	round_trip(back);
}

static const char *const head =
    "{\"lockstep\":\"0.1.0\",\"schema\":1,\"verdict\":\"PASS\"";

static void
test_hostile(void **state)
{
	static const struct {
		const char *tail;	/* behind head, or the whole text */
		int whole;
		const char *says;
	} bad[] = {
		{ "", 1, "not valid JSON" },
		{ "[]", 1, "not a report" },
		{ "null", 1, "not a report" },
		{ "{\"schema\":1}", 1, "not a report" },
		{ "{\"lockstep\":\"9.0\",\"schema\":2}", 1, "newer lockstep" },
		{ "{\"lockstep\":\"x\",\"schema\":\"1\"}", 1, "not a report" },
		{ "{\"lockstep\":\"x\",\"schema\":1}", 1, "\"verdict\"" },
		{ "{\"lockstep\":\"x\",\"schema\":1,\"verdict\":\"GOOD\"}", 1,
		    "\"verdict\"" },
		{ ",\"headline\":7}", 0, "\"headline\"" },
		{ ",\"reasons\":\"x\"}", 0, "\"reasons\"" },
		{ ",\"reasons\":[1]}", 0, "\"reasons\"" },
		{ ",\"run\":[]}", 0, "\"run\"" },
		{ ",\"usd\":\"much\"}", 0, "\"usd\"" },
		{ ",\"arms\":{\"baseline\":1}}", 0, "\"baseline\"" },
		{ ",\"arms\":{\"baseline\":{\"pins\":{\"A\":1}}}}", 0,
		    "\"A\"" },
		{ ",\"gates\":[{}]}", 0, "\"class\"" },
		{ ",\"gates\":[1]}", 0, "\"class\"" },
		{ ",\"cases\":[{}]}", 0, "id" },
		{ ",\"cases\":[{\"id\":\"a\",\"verdict\":\"?\"}]}", 0,
		    "\"verdict\"" },
		{ ",\"cases\":{}}", 0, "\"cases\"" },
		{ ",\"worst\":[\"nobody\"]}", 0, "\"worst\"" },
		{ ",\"worst\":[3]}", 0, "\"worst\"" },
		{ ",\"causes\":[{\"evidence\":[[]]}]}", 0, "\"evidence\"" },
	};
	struct result *r;
	struct buf b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct err err = ERR_INIT;

		buf_init(&b, 4096);
		buf_puts(&b, bad[i].whole ? "" : head);
		buf_puts(&b, bad[i].tail);
		r = (struct result *)&b;
		assert_int_equal(result_read(save(buf_str(&b), b.len), &r,
		    &err), RC_FORMAT);
		assert_null(r);
		if (strstr(err.msg, bad[i].says) == NULL)
			fail_msg("%s: \"%s\" lacks %s", bad[i].tail, err.msg,
			    bad[i].says);
		buf_fini(&b);
	}
}

/* Odd, but harmless: cut to its range, or passed over. */
static void
test_tolerant(void **state)
{
	const char *text = "{\"lockstep\":\"0.1.0\",\"schema\":1,"
	    "\"verdict\":\"PASS\",\"future\":{\"x\":[1]},\"exit_status\":1e99,"
	    "\"requests\":-5,\"usd\":1e999,\"counts\":{\"pass\":9,"
	    "\"fail\":8,\"variants\":7},\"cases\":[{\"id\":\"a\","
	    "\"verdict\":\"pass\",\"drift\":1e99,\"fails\":{\"baseline\":"
	    "[\"coverage\",\"of tomorrow\",7]},\"lambda\":{\"baseline\":"
	    "{\"split\":1e9}}}],\"worst\":[\"a\",\"a\",\"a\",\"a\",\"a\","
	    "\"a\",\"a\"]}";
	struct err err = ERR_INIT;
	const struct result_case *c;
	struct result_reader rd;
	struct result *r;

	(void)state;
	assert_int_equal(result_read(save(text, strlen(text)), &r, &err),
	    RC_OK);
	assert_int_equal(r->requests, 0);
	assert_true(isnan(r->usd));
	assert_int_equal(r->n_worst, 5);
	/* the cases that are there are counted, whatever the file says */
	assert_int_equal(r->count.of[CASE_V_PASS], 1);
	assert_int_equal(r->count.of[CASE_V_FAIL], 0);
	assert_int_equal(r->variants, 7);
	result_reader_init(&rd, r);
	c = result_case_next(&rd);
	assert_non_null(c);
	assert_true(isnan(c->drift));
	assert_int_equal(c->reasons[0], CASE_COVERAGE);
	assert_int_equal(c->lambda[0][LAMBDA_SPLIT], 65535);
	assert_null(result_case_next(&rd));
	assert_int_equal(result_reader_fini(&rd), RC_OK);
	result_free(r);
}

/* Every member of a case comes back from the spool: none is at its default. */
static void
test_packed(void **state)
{
	static const char *const why[] = { "one", "", "three" };
	struct result *r = result_new();
	struct err err = ERR_INIT;
	struct result_reader rd;
	struct result_case c;
	struct buf before, after;
	int a, i;

	(void)state;
	assert_non_null(r);
	r->n_scored = 1;
	r->scored[0].name = "tone";
	result_case_init(&c);
	c.id = "a";
	c.question = "b?";
	c.verdict = CASE_V_FIX;
	c.critical = c.flipped = c.review = c.quarantined = c.has_sides = 1;
	c.why = why;
	c.n_why = 3;
	c.drift = .125f;
	c.ds_answer = .25f;
	c.expected = "s: t";
	for (a = 0; a < 2; a++) {
		c.reasons[a] = 5u + (unsigned)a;
		c.convergence[a] = .5f + (float)a;
		c.flip_rate[a] = .75f + (float)a;
		c.scored[a][0] = 2.5f + (float)a;
		c.variance_ratio[a] = .0625f + (float)a;
		for (i = 0; i < LAMBDA_GRADES; i++)
			c.graded[i][a] = (float)(i + 1) / 16 + (float)a;
		for (i = 0; i < METRIC_N; i += 2)
			c.m[a][i] = (float)(i + a) + .5f;
		for (i = 0; i < LAMBDA_STATE_N; i++)
			c.lambda[a][i] = (uint16_t)(i + a + 1);
		c.side[a] = (struct result_side){ "x", "y",
			a ? NULL : "z", "ok", ".", "POST /", NULL,
			    a ? "f" : NULL, NULL };
	}
	buf_init(&before, 1 << 20);
	buf_init(&after, 1 << 20);
	result_write_case(r, &c, &before);
	assert_int_equal(result_case_add(r, &c, &err), RC_OK);
	result_reader_init(&rd, r);
	assert_non_null(result_case_at(&rd, 0));
	result_write_case(r, result_case_at(&rd, 0), &after);
	assert_int_equal(result_reader_fini(&rd), RC_OK);
	same_text(buf_str(&before), buf_str(&after));
	buf_fini(&before);
	buf_fini(&after);
	result_free(r);
}

/* ---- many cases --------------------------------------------------------- */

static void
same_or_null(const char *a, const char *b)
{
	assert_int_equal(a == NULL, b == NULL);
	if (a != NULL)
		assert_string_equal(a, b);
}

static void
check_case(const struct result_case *got, size_t i)
{
	struct result_case c;
	char id[24], text[600];
	size_t k;
	int a;

	many_case(&c, i, id, text);
	assert_non_null(got);
	assert_string_equal(got->id, c.id);
	assert_string_equal(got->question, c.question);
	same_or_null(got->expected, c.expected);
	assert_int_equal(got->verdict, c.verdict);
	assert_int_equal(got->critical, c.critical);
	assert_near((double)got->drift, (double)c.drift, 0);
	for (a = 0; a < 2; a++) {
		for (k = 0; k < METRIC_N; k++)
			assert_true(memcmp(&got->m[a][k], &c.m[a][k],
			    sizeof(float)) == 0 || isnan(c.m[a][k]));
	}
	assert_int_equal(got->n_why, c.n_why);
	for (k = 0; k < c.n_why; k++)
		assert_string_equal(got->why[k], c.why[k]);
	assert_int_equal(got->has_sides, c.has_sides);
	if (c.has_sides)
		assert_string_equal(got->side[1].answer, text);
	same_or_null(got->side[0].answer, NULL);
}

/* One after the other, at random, two readers at once, and by id. */
static void
test_many(void **state)
{
	struct result *r = many();
	struct result_reader a, b;
	struct result_index *x;
	char id[24];
	size_t i, k, at;

	(void)state;
	assert_int_equal(r->n_cases, MANY);
	assert_int_equal(r->count.of[CASE_V_FIX], MANY / CASE_V_N);
	result_reader_init(&a, r);
	result_reader_init(&b, r);
	for (i = 0; i < MANY; i++) {
		check_case(result_case_next(&a), i);
		k = i * 7919 % MANY;
		if (i % 8 == 0)
			check_case(result_case_at(&b, k), k);
	}
	assert_null(result_case_next(&a));
	assert_null(result_case_at(&b, MANY));
	assert_int_equal(result_reader_fini(&a), RC_OK);
	assert_int_equal(result_reader_fini(&b), RC_OK);
	assert_int_equal(result_index_new(r, &x, NULL), RC_OK);
	for (i = 3; i < MANY; i += 1001) {
		(void)snprintf(id, sizeof(id), "c%zu", i);
		check_case(result_index_find(x, id, &at), i);
		assert_int_equal(at, i);
	}
	assert_null(result_index_find(x, "nobody", NULL));
	result_index_free(x);
	result_free(r);
}

/* A report is drained on the way: the same bytes, few of them held. */
struct drained {
	struct buf all;
	size_t most;
};

static enum rc
keep_drained(void *ctx, const char *p, size_t n)
{
	struct drained *d = ctx;

	d->most = n > d->most ? n : d->most;
	buf_add(&d->all, p, n);
	return d->all.bad;
}

static enum rc
refuse(void *ctx, const char *p, size_t n)
{
	(void)ctx;
	(void)p;
	(void)n;
	return RC_IO;
}

static void
test_drained(void **state)
{
	struct drained d = { .most = 0 };
	struct err err = ERR_INIT;
	struct result *r = many();
	struct buf whole, b;

	(void)state;
	buf_init(&d.all, 1 << 30);
	buf_init(&whole, 1 << 30);
	buf_init(&b, 1 << 17);
	buf_sink(&b, keep_drained, &d);
	result_write_json(r, &whole);
	result_write_json(r, &b);
	buf_flush(&b);
	assert_int_equal(buf_check(&b, "it", &err), RC_OK);
	same_text(buf_str(&whole), buf_str(&d.all));
	assert_int_equal(whole.len, d.all.len);
	assert_true(d.most < 80000);
	buf_fini(&b);
	buf_sink(&b, refuse, NULL);
	result_write_json(r, &b);
	assert_int_equal(buf_check(&b, "it", &err), RC_IO);
	buf_fini(&b);
	buf_fini(&whole);
	buf_fini(&d.all);
	result_free(r);
}

static void
test_missing(void **state)
{
	struct err err = ERR_INIT;
	struct result *r;

	(void)state;
	assert_int_equal(result_read("/nowhere/report.json", &r, &err),
	    RC_IO);
	assert_null(r);
}

/* Every prefix of a report is an error or a report, never a crash. */
static void
test_truncated(void **state)
{
	struct result *r = sample_fail(4), *back;
	struct buf b;
	size_t n;

	(void)state;
	buf_init(&b, 1 << 20);
	result_write_json(r, &b);
	for (n = 0; n < b.len - 2; n += 97) {
		struct err err = ERR_INIT;

		assert_int_equal(result_read(save(buf_str(&b), n), &back,
		    &err), RC_FORMAT);
	}
	buf_fini(&b);
	result_free(r);
}

static void
test_names(void **state)
{
	static const struct {
		const char *name;
		enum verdict v;
	} words[] = {
		{ "pass", VERDICT_PASS }, { "FAIL", VERDICT_FAIL },
		{ "could-not-run", VERDICT_CANNOT_RUN },
		{ "could_not_run", VERDICT_CANNOT_RUN },
		{ "review", VERDICT_REVIEW },
		{ "inconclusive", VERDICT_INCONCLUSIVE },
		{ "invalid", VERDICT_INVALID }, { "", VERDICT_N },
		{ "failed", VERDICT_N }, { "fai", VERDICT_N },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_int_equal(verdict_of(words[i].name), words[i].v);
	for (i = 0; i < VERDICT_N; i++)
		assert_int_equal(verdict_of(verdict_name((enum verdict)i)),
		    i);
	assert_int_equal(VERDICT_CANNOT_RUN, 2);
	assert_int_equal(VERDICT_INVALID, 5);
}

static void
test_memory(void **state)
{
	struct result *r = result_new();
	struct err err = ERR_INIT;
	size_t i;
	char *p;

	(void)state;
	for (i = 1; i < 200000; i = i * 2 + 1) {
		p = result_alloc(r, i);
		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		assert_int_equal(p[0] | p[i - 1], 0);
		memset(p, 1, i);
	}
	assert_null(result_str(r, NULL));
	assert_string_equal(result_fmt(r, "%d of %s", 7, "x"), "7 of x");
	assert_int_equal(result_check(r, &err), RC_OK);
	assert_null(result_alloc(r, SIZE_MAX - 5));
	assert_int_equal(result_check(r, &err), RC_NOMEM);
	result_free(r);
	result_free(NULL);
}

static void
test_gate_beyond(void **state)
{
	struct result_gate g;

	(void)state;
	result_gate_init(&g);
	assert_false(result_gate_beyond(&g));
	g.value = .3;
	assert_false(result_gate_beyond(&g));
	g.limit = .2;
	assert_true(result_gate_beyond(&g));
	g.higher_is_worse = 0;
	assert_false(result_gate_beyond(&g));
}

/* A passage found as often as before, with another text, is not lost. */
static void
test_lost(void **state)
{
	static const struct {
		unsigned reasons;
		float before, now;
		int lost;
	} rows[] = {
		{ CASE_COVERAGE, 1, 0, 1 }, { CASE_COVERAGE, 1, .5f, 1 },
		{ CASE_COVERAGE, 1, 1, 0 }, { CASE_COVERAGE, .5f, .5f, 0 },
		{ CASE_COVERAGE, 0, 0, 1 }, { CASE_COVERAGE, NAN, NAN, 1 },
		{ CASE_COVERAGE, NAN, 0, 1 }, { CASE_COVERAGE, NAN, 1, 0 },
		{ CASE_EMPTY, NAN, 1, 1 }, { CASE_ANSWER, 1, 0, 0 },
	};
	struct result_case c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		result_case_init(&c);
		c.reasons[1] = rows[i].reasons;
		c.m[0][M_RECALL_AT_K] = rows[i].before;
		c.m[1][M_RECALL_AT_K] = rows[i].now;
		if (result_case_lost(&c) != rows[i].lost)
			fail_msg("row %zu", i);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_round_trip_numbers),
		cmocka_unit_test(test_reasons),
		cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_tolerant),
		cmocka_unit_test(test_packed),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_drained),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_gate_beyond),
		cmocka_unit_test(test_lost),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
