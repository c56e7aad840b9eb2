/* Groups of texts that mean the same, and texts that differ most. */
#include "tests/lib/check.h"

#include <math.h>

#include "harness/meaning/cluster.h"

static const char *const texts[] = {
	"How many days of leave do I get?",
	"how many days of leave do I get",
	"What is the wifi password in the depot?",
	"How many days of leave do I get a year?",
	"",
	"Who pays for my safety shoes?",
	"what is the wifi password in the depot",
};
enum { N = sizeof(texts) / sizeof(texts[0]) };

static struct embedder *e;
static struct embed_vec *v[N];

static int
open_all(void **state)
{
	struct embed_opts o = { .spec = "builtin", .serial = 1 };
	struct embed_str s[N];
	enum embed_missing why[N];
	size_t i;

	(void)state;
	for (i = 0; i < N; i++)
		s[i] = (struct embed_str){ texts[i], strlen(texts[i]) };
	return embedder_open(&o, &e, NULL) != RC_OK ||
	    embedder_embed(e, s, N, v, why, NULL) != RC_OK;
}

static int
close_all(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N; i++)
		free(v[i]);
	embedder_close(&e);
	return 0;
}

static void
test_groups(void **state)
{
	static const size_t want[N] = { 0, 0, 2, 0, 4, 5, 2 };
	size_t leader[N], i;
	double ds[N];

	(void)state;
	cluster_lead(e, v, N, .3, leader, ds);
	for (i = 0; i < N; i++) {
		assert_int_equal(leader[i], want[i]);
		assert_true(leader[i] == i ? ds[i] <= 0 : ds[i] <= .3);
	}
	cluster_lead(e, v, N, 0, leader, ds);
	assert_int_equal(leader[3], 3);
}

static void
test_different(void **state)
{
	static const size_t among[] = { 0, 1, 3, 2, 6, 5 };
	size_t out[8], i, k;

	(void)state;
	memset(out, 0xff, sizeof(out));
	assert_int_equal(cluster_different(e, v, among, 6, 3, out, NULL),
	    RC_OK);
	assert_int_equal(out[0], 0);
	/* one of each kind */
	for (i = k = 0; i < 3; i++)
		k |= out[i] == 5 ? 1 : out[i] == 2 || out[i] == 6 ? 2 : 4;
	assert_int_equal(k, 7);
	assert_true(out[3] == SIZE_MAX);
	/* all there are, each once */
	assert_int_equal(cluster_different(e, v, among, 6, 8, out, NULL),
	    RC_OK);
	for (i = k = 0; i < 6; i++)
		k |= (size_t)1 << out[i];
	assert_int_equal(k, 1 << 0 | 1 << 1 | 1 << 3 | 1 << 2 | 1 << 6 |
	    1 << 5);
	assert_true(out[6] == SIZE_MAX);
	memset(out, 0xff, sizeof(out));
	assert_int_equal(cluster_different(e, v, among, 0, 3, out, NULL),
	    RC_OK);
	assert_true(out[0] == SIZE_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups),
		cmocka_unit_test(test_different),
	};

	return cmocka_run_group_tests(tests, open_all, close_all);
}
