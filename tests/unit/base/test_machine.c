/* What the processors did, and which addresses are this machine's. */
#include "harness/base/machine.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "harness/base/mono.h"
#include "tests/lib/check.h"

static void
test_parse(void **state)
{
	static const struct {
		const char *line;
		int rc;
		uint64_t all, idle;
	} rows[] = {
		{ "cpu  10 2 30 400 50 6 7 8 90 10\n", 0, 513, 450 },
		/* kernels before 2.6 had four */
		{ "cpu  1 2 3 4\n", 0, 10, 4 },
		{ "cpu  1 2 3\n", -1, 0, 0 },
		{ "cpu0 1 2 3 4 5 6 7 8\n", -1, 0, 0 },
		{ "", -1, 0, 0 },
	};
	struct machine_cpu c;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(machine_cpu_parse(rows[i].line, &c),
		    rows[i].rc);
		assert_int_equal(c.all, rows[i].all);
		assert_int_equal(c.idle, rows[i].idle);
	}
}

static void
test_idle(void **state)
{
	const struct machine_cpu quarter = { 400, 100 }, none = { 0, 0 },
		wrong = { 4, 5 };

	(void)state;
	assert_true(machine_cpu_idle(&quarter) == .25);
	assert_true(isnan(machine_cpu_idle(&none)));
	assert_true(isnan(machine_cpu_idle(&wrong)));
}

/* Ticks pass, idle or not, and no share is outside [0, 1]. */
static void
test_since(void **state)
{
	const struct machine_cpu unknown = { 0, 0 };
	struct machine_cpu from, sum = { 0, 0 };
	int64_t end = mono_now_ns() + 30 * MONO_S;
	double idle;

	(void)state;
	assert_int_equal(machine_cpu_now(&from), 0);
	machine_cpu_since(&unknown, &sum);
	assert_int_equal(sum.all, 0);
	while (sum.all < 10 && mono_now_ns() < end) {
		sum = (struct machine_cpu){ 0, 0 };
		machine_cpu_since(&from, &sum);
	}
	assert_true(sum.all >= 10);
	idle = machine_cpu_idle(&sum);
	assert_true(idle >= 0 && idle <= 1);
}

static void
test_is_here(void **state)
{
	static const struct {
		const char *url;
		int here;
	} rows[] = {
		{ "http://127.0.0.1:8000", 1 },
		{ "http://127.9.9.9/v1?q=http://example.com", 1 },
		{ "http://localhost", 1 },
		{ "https://LOCALHOST:8443/x", 1 },
		{ "http://rag.localhost:8080", 1 },
		{ "http://[::1]:8000/", 1 },
		{ "http://0.0.0.0:8000", 1 },
		{ "http://example.com:8000", 0 },
		{ "http://127.0.0.1.example.com", 0 },
		{ "http://localhost.example.com", 0 },
		{ "http://notlocalhost", 0 },
		{ "http://192.0.2.1", 0 },
		{ "http://[2001:db8::1]:80", 0 },
		{ "http://", 0 },
		{ "", 0 },
		{ "http://[", 0 },
	};
	char own[256], url[300];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (machine_is_here(rows[i].url) != rows[i].here)
			fail_msg("%s", rows[i].url);
	}
	assert_int_equal(gethostname(own, sizeof(own)), 0);
	(void)snprintf(url, sizeof(url), "http://%s:80/", own);
	assert_true(machine_is_here(url));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_idle),
		cmocka_unit_test(test_since),
		cmocka_unit_test(test_is_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
