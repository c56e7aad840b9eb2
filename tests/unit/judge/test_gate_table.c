/* The table of gates: its rows, its names, its family. */
#include "tests/unit/judge/verdict_rules.h"
#include "harness/judge/gate_part.h"

/* A p of .0035 would pass Holm alone, and not among twenty others; cases
 * have half of alpha to themselves. */
static void
test_holm(void **state)
{
	struct result_gate g[GATE_IDS];
	const struct gate_row *row[GATE_IDS];
	struct limits l;
	struct gate_in in = { .limits = &l, .paired = 1,
		.family = gate_family(NULL, 0) };
	size_t i, cases = (size_t)gate_find("cases"), n = 0;

	(void)state;
	limits_default(&l);
	for (i = 0; i < GATE_IDS; i++) {
		row[i] = &gate_rows[i];
		gate_start(row[i], &l, &g[i]);
		g[i].p = .0035;
		n += g[i].class == GATE_GATE && i != cases;
	}
	gate_adjust(&in, row, g, GATE_IDS);
	assert_near(g[cases].p_holm, .007, 1e-12);
	assert_near(g[0].p_holm, fmin(1, .0035 * 2 * (double)n), 1e-12);
	l.confirm = 1;
	gate_adjust(&in, row, g, GATE_IDS);
	assert_near(g[cases].p_holm, .014, 1e-12);
	assert_near(gate_alpha(&in, row[cases]), .0025, 1e-12);
	assert_near(gate_alpha(&in, row[0]), .005 / (double)n, 1e-12);
	in.paired = 0;
	gate_adjust(&in, row, g, GATE_IDS);
	assert_near(g[cases].p_holm, .0035, 1e-12);
}

static void
test_table(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; gate_rows[i].name != NULL; i++) {
		assert_string_equal(gate_rows[i].name, limits_gates[i]);
		assert_int_equal(gate_find(gate_rows[i].name), (int)i);
		assert_int_equal(gate_rows[i].id, (int)i);
		if (gate_rows[i].how->pair != NULL)
			assert_true(gate_find(gate_rows[i].how->pair) >= 0);
		if (gate_rows[i].how->what > 0 || gate_rows[i].how->harm != 0)
			assert_true(gate_rows[i].how->worst > 0);
	}
	assert_null(limits_gates[i]);
	assert_int_equal(gate_find("nonsense"), -1);
}

/* limits.h names the gates in the order of the table. */
static void
test_names(void **state)
{
	int i;

	(void)state;
	for (i = 0; limits_gates[i] != NULL; i++)
		assert_int_equal(gate_find(limits_gates[i]), i);
	assert_null(gate_rows[i].name);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_holm),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
