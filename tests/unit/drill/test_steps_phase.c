/* A phase that is kept for a resumed drill is the phase that was measured. */
#include <stdlib.h>
#include <string.h>

#include "harness/drill/steps.h"
#include "tests/lib/check.h"

enum { N = 3, TOO_MANY = 20001 };

static void
fill(struct phase *p, size_t n)
{
	struct seen *s;
	size_t i;

	memset(p, 0, sizeof(*p));
	p->v = calloc(n, sizeof(*p->v));
	assert_non_null(p->v);
	for (i = 0; i < n; i++) {
		s = &p->v[p->n++];
		s->question = i + 7;
		s->usable = i != 1;
		s->status = i == 1 ? 503 : 200;
		(void)snprintf(s->ranking, sizeof(s->ranking), "r%zu", i);
		(void)snprintf(s->answer, sizeof(s->answer), "a%zu", i);
		(void)snprintf(s->pins, sizeof(s->pins), "p%zu", i);
		(void)snprintf(s->index, sizeof(s->index), "\xC3\xA4 \"%zu\"",
		    i);
		s->fence.says = 1;
		s->fence.cites = i != 2;
		s->fence.unknown = i == 2;
		s->fence.foreign = i == 0;
		(void)snprintf(s->fence.cited, sizeof(s->fence.cited), "c%zu",
		    i);
		/* more digits than a double has */
		s->sent_ns = 9007199254740993LL + (int64_t)i;
		s->total_ns = -1 + (int64_t)i;
		if (i == 1)
			(void)snprintf(s->why, sizeof(s->why), "no\nanswer");
	}
	p->failed = 1;
	p->expected = 40;
	p->covered = 39;
	p->p50_ns = 1234567;
	p->p95_ns = 9007199254740995LL;
	(void)snprintf(p->why, sizeof(p->why), "503");
}

static void
assert_same_answer(const struct seen *a, const struct seen *b)
{
	assert_int_equal(a->question, b->question);
	assert_int_equal(a->usable, b->usable);
	assert_int_equal(a->status, b->status);
	assert_string_equal(a->ranking, b->ranking);
	assert_string_equal(a->answer, b->answer);
	assert_string_equal(a->pins, b->pins);
	assert_string_equal(a->index, b->index);
	assert_int_equal(a->fence.says, b->fence.says);
	assert_int_equal(a->fence.cites, b->fence.cites);
	assert_int_equal(a->fence.unknown, b->fence.unknown);
	assert_int_equal(a->fence.foreign, b->fence.foreign);
	assert_string_equal(a->fence.cited, b->fence.cited);
	assert_true(a->sent_ns == b->sent_ns);
	assert_true(a->total_ns == b->total_ns);
	assert_string_equal(a->why, b->why);
}

static void
test_there_and_back(void **state)
{
	struct json *data = json_new(JSON_OBJECT), *read;
	struct err err = ERR_INIT;
	struct phase a, b;
	struct buf text;
	size_t i;

	(void)state;
	fill(&a, N);
	step_put_phase(data, "before", &a);
	buf_init(&text, 1 << 20);
	json_write(&text, data);
	read = json_parse(buf_str(&text), text.len, &err);
	assert_non_null(read);
	assert_int_equal(step_get_phase(read, "before", &b, &err), RC_OK);
	assert_int_equal(b.n, N);
	for (i = 0; i < N; i++)
		assert_same_answer(&a.v[i], &b.v[i]);
	assert_int_equal(b.failed, a.failed);
	assert_int_equal(b.expected, a.expected);
	assert_int_equal(b.covered, a.covered);
	assert_true(b.p50_ns == a.p50_ns && b.p95_ns == a.p95_ns);
	assert_string_equal(b.why, a.why);
	phase_fini(&a);
	phase_fini(&b);
	buf_fini(&text);
	json_free(read);
	json_free(data);
}

static void
test_not_kept(void **state)
{
	struct json *data = json_new(JSON_OBJECT);
	struct err err = ERR_INIT;
	struct phase a, b;

	(void)state;
	fill(&a, TOO_MANY);
	step_put_phase(data, "long", &a);
	assert_int_equal(step_get_phase(data, "long", &b, &err), RC_FORMAT);
	assert_string_equal(err.msg, "long was not kept");
	assert_null(b.v);
	phase_fini(&a);
	json_free(data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
