/* A number divided among groups: near their shares, none lost. */
#include "harness/base/share.h"

#include "tests/lib/check.h"

enum { GROUPS = 4 };

static void
test_share(void **state)
{
	static const struct {
		const char *name;
		size_t n[GROUPS], want, take[GROUPS];
	} rows[] = {
		{ "exact", { 50, 30, 10, 10 }, 10, { 5, 3, 1, 1 } },
		{ "the largest remainder", { 19, 6, 6, 0 }, 10,
		    { 6, 2, 2, 0 } },
		{ "of equal ones the first", { 1, 1, 1, 1 }, 2,
		    { 1, 1, 0, 0 } },
		{ "all", { 3, 2, 1, 5 }, 11, { 3, 2, 1, 5 } },
		{ "none", { 3, 2, 1, 5 }, 0, { 0, 0, 0, 0 } },
		{ "fewer than groups", { 97, 1, 1, 1 }, 3, { 3, 0, 0, 0 } },
	};
	struct share v[GROUPS];
	size_t i, k, total;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (total = 0, k = 0; k < GROUPS; k++) {
			v[k] = (struct share){ .from = k, .n = rows[i].n[k] };
			total += rows[i].n[k];
		}
		share_divide(v, GROUPS, total, rows[i].want);
		for (k = 0; k < GROUPS; k++) {
			if (v[k].take != rows[i].take[v[k].from])
				fail_msg("%s: %zu of group %zu", rows[i].name,
				    v[k].take, v[k].from);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_share),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
