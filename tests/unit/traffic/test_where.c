/* Conditions on exchanges: every field and comparison, and what is no
 * condition. */
#include "tests/lib/check.h"

#include "harness/traffic/where.h"

static const char record[] =
    "{\"type\":\"exchange\",\"id\":\"a-1\",\"session\":\"s 9\",\"sent\":5,"
    "\"total\":250000000,\"ttft\":40000000,\"outcome\":\"http_5xx\","
    "\"request\":{\"method\":\"POST\",\"target\":\"/api/v2/x/query?k=3\","
    "\"headers\":[[\"X-Tenant\",\"acme\"],[\"X-Tenant\",\"corp\"]],"
    "\"body\":\"{\\\"user\\\":7,\\\"q\\\":[\\\"a, b\\\",\\\"c\\\"],"
    "\\\"none\\\":null,\\\"a/b\\\":1}\"},"
    "\"response\":{\"status\":503,\"headers\":[[\"Retry-After\",\"3\"]],"
    "\"body\":\"{\\\"error\\\":{\\\"code\\\":\\\"busy\\\"}}\"}}";

static const struct {
	const char *text;
	int want;
} rows[] = {
	{ "path=/api/v2/*", 1 }, { "path=/api/v2/x/query", 1 },
	{ "path=/api/*/query", 1 }, { "path=*", 1 }, { "path=/api", 0 },
	{ "path=*quer", 0 }, { "path=/*/*/*/*/*", 0 },
	{ "path=/a,/api/v2/x/*", 1 }, { "path!=/healthz", 1 },
	{ "target=*k=3", 1 }, { "target=/api/v2/x/query", 0 },
	{ "method=get,post", 1 }, { "method=GET", 0 }, { "method!=GET", 1 },
	{ "status=5xx", 1 }, { "status=503", 1 }, { "status=50x", -1 },
	{ "status=4xx,503", 1 }, { "status>=500", 1 }, { "status<500", 0 },
	{ "status > 502", 1 }, { "status=0", 0 },
	{ "outcome=http_5xx", 1 }, { "outcome!=ok", 1 },
	{ "outcome=ok,timeout", 0 }, { "outcome=fine", -1 },
	{ "id=a-1", 1 }, { "id=a", 0 }, { "session=s 9", 1 },
	{ "case=x", 0 }, { "case!=x", 1 }, { "case", 0 }, { "session", 1 },
	{ "total_ms>200", 1 }, { "total_ms<=200", 0 }, { "ttft_ms<50", 1 },
	{ "total_ms>soon", -1 }, { "total_ms>", -1 },
	{ "header.x-tenant=acme", 1 }, { "header.X-TENANT=corp", 1 },
	{ "header.x-tenant=other", 0 }, { "header.x-none", 0 },
	{ "header.x-tenant~^ac", 1 }, { "header.x-tenant!~z", 1 },
	{ "answer.retry-after>2", 1 }, { "answer.x-tenant", 0 },
	{ "/request/body/user=7", 1 }, { "/request/body/user=70", 0 },
	{ "/request/body/user>=7", 1 }, { "/request/body/q/*=a, b", 1 },
	{ "/request/body/q/*=b", 0 }, { "/request/body/q/1~^c$", 1 },
	{ "/request/body/none", 1 }, { "/request/body/gone", 0 },
	{ "/request/body/gone!=1", 1 }, { "/response/body/error", 1 },
	{ "/response/body/error/code=busy", 1 }, { "/outcome=http_5xx", 1 },
	{ "/request/method=POST", 1 }, { "/request/bodyx", 0 },
	{ "/request/body/error={\"code\":\"busy\"}", 0 },
	{ "/response/body/error={\"code\":\"busy\"}", 1 },
	{ "pathe=/x", -1 }, { "", -1 }, { "header.=x", -1 },
	{ "path~[", -1 }, { "/request/body/a~1b=1", 1 },
	{ "/request/body/a~1b=2", 0 },
	{ "/request/body/user ~ ^7$", 1 }, { "status!404", -1 },
};

static int
holds(struct where *w)
{
	struct exchange_rec *rec = exchange_rec_new();
	struct exchange ex;
	int yes;

	assert_int_equal(exchange_parse(rec, record, strlen(record), &ex,
	    NULL), 1);
	yes = where_holds(w, &ex, record, strlen(record));
	exchange_rec_free(rec);
	return yes;
}

static void
test_conditions(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct where *w = where_new();
		struct err err = ERR_INIT;
		int got = where_add(w, rows[i].text, &err) == RC_OK ?
		    holds(w) : -1;

		if (got != rows[i].want)
			fail_msg("%s: %d, not %d (%s)", rows[i].text, got,
			    rows[i].want, err.msg);
		where_free(w);
	}
}

static void
test_all_must_hold(void **state)
{
	struct err err;
	struct where *w = where_new();

	(void)state;
	assert_int_equal(holds(w), 1);
	assert_int_equal(where_add(w, "method=POST", NULL), RC_OK);
	assert_int_equal(holds(w), 1);
	assert_int_equal(where_add(w, "status=2xx", NULL), RC_OK);
	assert_int_equal(holds(w), 0);
	assert_int_equal(where_n(w), 2);
	/* what is refused is not kept by half */
	memset(&err, 0, sizeof(err));
	assert_int_equal(where_add(w, "heder.x=1", &err), RC_FORMAT);
	memset(&err, 0, sizeof(err));
	assert_int_equal(where_add(w, "status=999x", &err), RC_FORMAT);
	assert_int_equal(where_n(w), 2);
	assert_int_equal(holds(w), 0);
	where_free(w);
}

static void
test_maps(void **state)
{
	static const struct {
		const char *map;
		int want;
	} maps[] = {
		{ "{}", 1 },
		{ "{\"path\":\"/api/*\",\"method\":[\"GET\",\"POST\"]}", 1 },
		{ "{\"status\":503}", 1 }, { "{\"status\":[404,\"5xx\"]}", 1 },
		{ "{\"status\":\">= 500\"}", 1 },
		{ "{\"outcome\":\"!= ok\"}", 1 },
		{ "{\"outcome\":\"!= http_5xx\"}", 0 },
		{ "{\"header.x-tenant\":\"~ ^ac\"}", 1 },
		{ "{\"/request/body/q/*\":\"a, b\"}", 1 },
		{ "{\"/request/body/user\":[6,8]}", 0 },
		{ "{\"path\":{\"x\":1}}", -1 }, { "{\"paths\":\"x\"}", -1 },
		{ "{\"status\":\"ok\"}", -1 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		struct where *w = where_new();
		struct err err = ERR_INIT;
		struct json *m = json_parse(maps[i].map, strlen(maps[i].map),
		    NULL);
		int got = where_add_map(w, m, &err) == RC_OK ? holds(w) : -1;

		if (got != maps[i].want)
			fail_msg("%s: %d, not %d (%s)", maps[i].map, got,
			    maps[i].want, err.msg);
		json_free(m);
		where_free(w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_conditions),
		cmocka_unit_test(test_all_must_hold),
		cmocka_unit_test(test_maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
