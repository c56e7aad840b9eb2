/*
 * What one arm alone sends: an arm that lost it lost the case, and a candidate
 * that sends something new spoils no case of the baseline, which would hide
 * what the candidate loses.
 */
#include "tests/unit/score/score_world.h"

enum { CASES = 8, LOST = 3 };

enum kind { CITES, ANSWERS, COSTS, KINDS };
static const char *const names[KINDS] = { "citations", "answers", "cost" };

/* Arm `without` lacks one kind in the cases; the candidate has lost LOST. */
static void
add_all(struct world *w, enum kind kind, int without)
{
	struct made_obs m;
	unsigned c, v;
	int a;

	for (c = 0; c < CASES; c++) {
		for (v = 0; v < 6; v++) {
			for (a = 0; a < 2; a++) {
				made_init(&m, c, v, (enum arm)a);
				m.cost = .01;
				if (a == 1 && c == LOST)
					m.first = m.cited = c + 100;
				if (a == without && kind == CITES)
					m.cited = UINT32_MAX;
				if (a == without && kind == ANSWERS)
					m.answer = "";
				if (a == without && kind == COSTS)
					m.cost = NAN;
				world_add(w, &m);
			}
		}
	}
}

static void
test_anew(void **state)
{
	struct score_out *out;
	const struct cell *cell;
	struct world w;
	unsigned c;
	int k, without;

	(void)state;
	for (k = 0; k < 2 * KINDS; k++) {
		without = k % 2;
		/* a blank answer is none on any arm */
		if (k / 2 == ANSWERS && without == 0)
			continue;
		world_init(&w, CASES, NULL, SIX, "");
		add_all(&w, (enum kind)(k / 2), without);
		world_write(&w, 0);
		out = world_score(&w);
		for (c = 0; c < CASES; c++) {
			cell = cells_get(out->cells, c);
			if (cell->arm[0].state != CASE_PASS ||
			    (cell->arm[1].state == CASE_PASS) !=
			    (without == 0 && c != LOST))
				fail_msg("%s, not by arm %d: case %u: %x, %x",
				    names[k / 2], without, c,
				    cell->arm[0].reasons,
				    cell->arm[1].reasons);
		}
		score_free(out);
		world_fini(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
