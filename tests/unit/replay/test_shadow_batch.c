/* Batches of pairs: each is taken once. */
#include "tests/lib/check.h"

#include "replay/shadow_batch.h"

static void
test_once(void **state)
{
	static const struct {
		const char *member, *session;
		int64_t n;
		int taken;
	} t[] = {
		{ "a", "s", 1, 0 }, { "a", "s", 1, 1 }, { "b", "s", 1, 0 },
		{ "a", "s", 2, 0 },
		/* the first one, on a connection that was slow */
		{ "a", "s", 1, 1 }, { "a", "s", 2, 1 },
		/* numbers need not follow: one was given up */
		{ "a", "s", 9, 0 }, { "a", "s", 8, 1 },
		/* it was started anew */
		{ "a", "t", 1, 0 }, { "a", "t", 1, 1 }, { "b", "s", 1, 1 },
		{ NULL, "s", 1, -1 }, { "a", NULL, 1, -1 },
		{ "", "s", 1, -1 }, { "a", "", 1, -1 }, { "a", "t", 0, -1 },
		{ "a", "t", -1, -1 },
		{ "a23456789a23456789a23456789a23456789a23456789a23456789a"
		    "234567890", "s", 1, -1 },
	};
	static struct shadow_batches b;
	size_t i;

	(void)state;
	b.n = 0;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		if (shadow_batch_taken(&b, t[i].member, t[i].session,
		    t[i].n) != t[i].taken)
			fail_msg("row %zu", i);
		if (t[i].taken == 0)
			shadow_batch_take(&b, t[i].member, t[i].session,
			    t[i].n);
	}
}

/* Who was not heard of for longest is forgotten; what is kept comes back. */
static void
test_bounded(void **state)
{
	static struct shadow_batches b, again;
	char name[SHADOW_BATCH_NAME];
	struct buf text;
	int i, gone = 0;

	(void)state;
	b.n = 0;
	for (i = 0; i < SHADOW_BATCHES + 3; i++) {
		(void)snprintf(name, sizeof(name), "m%d", i);
		shadow_batch_take(&b, name, "s", INT64_MAX);
		shadow_batch_take(&b, "m0", "s", i + 1);
	}
	buf_init(&text, 1 << 20);
	shadow_batch_write(&b, &text);
	assert_int_equal(text.bad, RC_OK);
	shadow_batch_read(&again, text.p, text.len);
	assert_int_equal(again.n, SHADOW_BATCHES);
	assert_memory_equal(&again, &b, sizeof(b));
	assert_int_equal(shadow_batch_taken(&again, "m0", "s", i), 1);
	assert_int_equal(shadow_batch_taken(&again, "m0", "s", i + 1), 0);
	for (i = 0; i < SHADOW_BATCHES + 3; i++) {
		(void)snprintf(name, sizeof(name), "m%d", i);
		gone += shadow_batch_taken(&again, name, "s", 1) == 0;
	}
	assert_int_equal(gone, 3);
	buf_fini(&text);
}

/* What was kept may be anything. */
static void
test_damaged(void **state)
{
	static const char *const t[] = { "", "{", "7", "[]", "{\"a\":1}",
		"[7]", "[[]]", "[[\"a\"]]", "[[\"a\",\"s\",0]]",
		"[[\"a\",\"s\",\"1\"]]", "[[1,2,3]]" };
	static struct shadow_batches b;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		shadow_batch_take(&b, "a", "s", 1);
		shadow_batch_read(&b, t[i], strlen(t[i]));
		assert_int_equal(b.n, 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_once), cmocka_unit_test(test_bounded),
		cmocka_unit_test(test_damaged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
