/* Answers that are JSON: what differs is counted by member. */
#include "tests/lib/check.h"

#include "harness/base/buf.h"
#include "harness/score/json_apart.h"

#define CALL(amount) "[{\"name\":\"refund\",\"arguments\":{\"order\":7," \
	"\"amount\":" amount "}}]"

static const struct {
	const char *a, *b;
	double apart;		/* NaN: neither is JSON */
} rows[] = {
	{ "Yes.", "No.", NAN },
	{ "[1] says so", "[2] says so", NAN },
	{ "It is so.\n[1]", "It is so.\n[2]", NAN },
	{ CALL("20"), CALL("20"), 0 },
	{ CALL("20"), CALL("20.0"), 0 },
	{ "[{\"arguments\":{\"amount\":20,\"order\":7},\"name\":\"refund\"}]",
	    CALL("20"), 0 },
	{ CALL("20"), CALL("2000"), 1. / 3 },
	{ CALL("9007199254740993"), CALL("9007199254740992"), 1. / 3 },
	/* refunded twice */
	{ CALL("20"), "[{\"name\":\"refund\",\"arguments\":{\"order\":7,"
	    "\"amount\":20}},{\"name\":\"refund\",\"arguments\":{\"order\":7,"
	    "\"amount\":20}}]", 1. / 3 },
	{ "Done.\n" CALL("20"), "It is done.\n" CALL("20"), 0 },
	{ "Done.\n" CALL("20"), "Done.", 1 },
	{ "Done.", "Done.\n" CALL("20"), 1 },
	{ "{\"a\":\"some words\",\"b\":1}", "{\"a\":\"other words\",\"b\":1}",
	    0 },
	{ "{\"a\":\"yes\",\"b\":1}", "{\"a\":\"no\",\"b\":1}", .5 },
	{ "{\"a\":true}", "{\"a\":false}", 1 },
	{ "{\"a\":null}", "{}", 1 },
	{ "{}", "{}", 0 },
	{ "{\"a\":", "text", NAN },
	{ "", "", NAN },
};

static void
members(void **state)
{
	double got, back;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		got = json_apart(rows[i].a, strlen(rows[i].a), rows[i].b,
		    strlen(rows[i].b));
		back = json_apart(rows[i].b, strlen(rows[i].b), rows[i].a,
		    strlen(rows[i].a));
		if (isnan(rows[i].apart) ? !isnan(got) || !isnan(back) :
		    !(fabs(got - rows[i].apart) < 1e-9 &&
		    fabs(back - got) < 1e-9))
			fail_msg("%s and %s: %g and %g, not %g", rows[i].a,
			    rows[i].b, got, back, rows[i].apart);
	}
}

/* A picture in an answer, say; what stands beside it still counts. */
static void
long_values(void **state)
{
	enum { LONG = 300000 };
	static const char *const ends[] = { "\",\"n\":20}", "\",\"n\":2000}",
		"x\",\"n\":20}" };
	static char text[3][LONG + 64];
	size_t n[3], i;

	(void)state;
	for (i = 0; i < 3; i++) {
		n[i] = strlen(strcpy(text[i], "{\"image\":\""));
		memset(text[i] + n[i], 'A', LONG);
		n[i] += LONG;
		n[i] += strlen(strcpy(text[i] + n[i], ends[i]));
	}
	assert_near(json_apart(text[0], n[0], text[0], n[0]), 0, 1e-9);
	assert_near(json_apart(text[0], n[0], text[1], n[1]), .5, 1e-9);
	assert_near(json_apart(text[0], n[0], text[2], n[2]), .5, 1e-9);
}

/* So long a name above all of a large answer that its place cannot be copied
 * for each member. */
static void
long_names(void **state)
{
	enum { LONG = 300000, MEMBERS = 3000 };
	struct buf b[2];
	char *name = malloc(LONG + 1);
	size_t i, k;

	(void)state;
	assert_non_null(name);
	memset(name, 'A', LONG);
	name[LONG] = '\0';
	for (i = 0; i < 2; i++) {
		buf_init(&b[i], 1 << 20);
		buf_printf(&b[i], "{\"%s\":[", name);
		for (k = 0; k < MEMBERS; k++)
			buf_printf(&b[i], "%s%zu", k == 0 ? "" : ",",
			    i == 1 && k % 3 == 0 ? k + 1 : k);
		buf_puts(&b[i], "]}");
		assert_int_equal(b[i].bad, RC_OK);
	}
	assert_near(json_apart(b[0].p, b[0].len, b[1].p, b[1].len), 1. / 3,
	    1e-9);
	buf_fini(&b[0]);
	buf_fini(&b[1]);
	free(name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members), cmocka_unit_test(long_values),
		cmocka_unit_test(long_names),
	};

	return cmocka_run_group_tests_name("json_apart", tests, NULL, NULL);
}
