/* The kinds of requests: which parts of a path are ids. */
#include "tests/lib/check.h"

#include "harness/traffic/routes.h"

static void
test_paths(void **state)
{
	static const char *const rows[][2] = {
		{ "/query", "/query" }, { "/v1/chat/completions?x=1",
		    "/v1/chat/completions" },
		{ "/api/v2/c/8f14e45f-ceea-467f-a9c0-1a2b3c4d5e6f/query",
		    "/api/v2/c/*/query" },
		{ "/users/17/orders/2026#top", "/users/*/orders/*" },
		{ "/docs/doc-17", "/docs/*" }, { "/gpt-4o", "/gpt-4o" },
		{ "/a//b/", "/a//b/" }, { "/t/01ARZ3NDEKTSV4RRFFQ69G5FAV",
		    "/t/*" },
		{ "/deadbeef01", "/*" }, { "/default_database",
		    "/default_database" },
		{ "/ask/What%20of%20leave%3F", "/ask/*" },
		{ "/ask/what+of+leave/top", "/ask/*/top" },
		{ "/page.2", "/page.2" }, { "", "" }, { "*", "*" },
	};
	char out[64];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		routes_path(rows[i][0], out, sizeof(out));
		assert_string_equal(out, rows[i][1]);
	}
	routes_path("/abcdefgh/ijkl", out, 6);
	assert_true(strlen(out) <= 5);
}

static void
test_counts(void **state)
{
	struct routes *r = malloc(sizeof(*r));
	struct exchange ex;
	char target[32];
	unsigned i;

	(void)state;
	routes_init(r);
	exchange_init(&ex);
	ex.method = "GET";
	ex.target = target;
	for (i = 0; i < 2 * ROUTES_MAX; i++) {
		(void)snprintf(target, sizeof(target), "/r%c%c",
		    'a' + (char)(i % 26), 'a' + (char)(i / 26));
		ex.status = i % 2 == 0 ? 200 : 503;
		ex.total_ns = 1000;
		assert_non_null(routes_add(r, &ex));
	}
	assert_int_equal(r->n, ROUTES_MAX);
	assert_true(r->others);
	assert_int_equal(r->v[0].answered, 1);
	assert_int_equal(r->v[1].status[5], 1);
	assert_int_equal(r->v[ROUTES_MAX - 1].n, ROUTES_MAX + 1);
	assert_int_equal(hist_n(r->v[0].total), 1);
	routes_fini(r);
	free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),
		cmocka_unit_test(test_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
