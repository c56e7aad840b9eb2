/* Cells in a file. */
#include "harness/score/cells.h"
#include "tests/lib/check.h"

static void
test_cells_in_file(void **state)
{
	struct cells *cs;
	struct cell c;
	struct err err = ERR_INIT;
	uint64_t i, n = 1000;

	(void)state;
	assert_int_equal(cells_new(n, 10, &cs, &err), RC_OK);
	for (i = 0; i < n; i += 3) {
		cell_init(&c, i);
		c.pairs = (uint16_t)i;
		assert_int_equal(cells_put(cs, &c, &err), RC_OK);
	}
	assert_int_equal(cells_n(cs), n);
	for (i = 0; i < n; i++) {
		assert_int_equal(cells_get(cs, i)->case_index, i);
		assert_int_equal(cells_get(cs, i)->pairs,
		    i % 3 == 0 ? i : 0);
		assert_near((double)cells_get(cs, i)->drift, NAN, 0);
	}
	assert_int_equal(cells_get(cs, 3)->pairs, 3);
	/* what was read before it was written is read anew */
	cell_init(&c, 4);
	c.pairs = 44;
	assert_int_equal(cells_put(cs, &c, &err), RC_OK);
	assert_int_equal(cells_get(cs, 4)->pairs, 44);
	cells_free(cs);
	/* another array in a file is not mistaken for the first */
	assert_int_equal(cells_new(n, 10, &cs, &err), RC_OK);
	assert_int_equal(cells_get(cs, 3)->pairs, 0);
	cells_free(cs);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cells_in_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
