/* Trends over runs: what is said of a series, and what the store adds. */
#include "harness/judge/trend.h"

#include "tests/lib/check.h"

struct row {
	const char *name;
	int distance;
	double v[12];		/* ends with 0 */
	double noise;
	int green;		/* index of a passed run, -1: none */
	const char *says;	/* NULL: nothing */
};

static const struct row rows[] = {
	{ "one run", 0, { .9 }, 0, -1, NULL },
	{ "steady", 0, { .9, .9, .9, .9, .9, .9 }, 0, 4, NULL },
	{ "four falls", 0, { .95, .94, .93, .92, .91 }, .001, -1,
	    "4 runs in a row, from 0.950 to 0.910" },
	{ "three falls", 0, { .95, .96, .93, .92, .91 }, .001, -1, NULL },
	{ "four falls within chance", 0, { .95, .94, .93, .92, .91 }, .06,
	    -1, NULL },
	{ "four falls of dust", 0, { .95, .9499, .9498, .9497, .9496 }, 0, -1,
	    NULL },
	{ "a rise is no fall", 0, { .91, .92, .93, .94, .95 }, .001, -1,
	    NULL },
	{ "a distance that rises is one", 1, { .31, .32, .33, .34, .35 },
	    .001, -1, "4 runs in a row" },
	{ "a steep distance", 1, { .20, .23, .26, .29, .32 }, .001, -1,
	    "by 0.030 a run" },
	{ "a steep jump alone is no slope", 1, { .20, .20, .20, .20, .30 },
	    .001, -1, NULL },
	{ "below the last green run", 0, { .95, .90 }, .001, 0,
	    "5.0 points worse" },
	{ "half a point below it", 0, { .95, .9455 }, .001, 0, NULL },
	{ "below it by chance", 0, { .95, .90 }, .06, 0, NULL },
	{ "below a run that is not green", 0, { .95, .90 }, .001, -1, NULL },
	{ "the last green run counts", 0, { .99, .95, .95 }, .001, 1, NULL },
};

static void
test_say(void **state)
{
	struct trend_point p[12];
	char buf[200];
	const char *said;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (n = 0; n < 12 && rows[i].v[n] > 0; n++)
			p[n] = (struct trend_point){ rows[i].v[n],
			    rows[i].noise, (int)n == rows[i].green };
		said = trend_say(p, n, rows[i].distance, buf, sizeof(buf));
		if ((said == NULL) != (rows[i].says == NULL) ||
		    (said != NULL && strstr(said, rows[i].says) == NULL))
			fail_msg("%s: \"%s\", not \"%s\"", rows[i].name,
			    said == NULL ? "" : said, rows[i].says == NULL ?
			    "" : rows[i].says);
	}
	assert_null(trend_say(p, 0, 0, buf, sizeof(buf)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
