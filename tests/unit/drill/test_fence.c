/* The citation fence: what an answer cites, and where its words are from. */
#include <string.h>

#include "harness/drill/fence.h"
#include "tests/lib/check.h"

static const struct snippet passages[] = {
	{ .snippet_id = "pay:0", .section_id = "pay",
	    .text = "Wages are paid on the twenty-fifth of each month.",
	    .text_n = 49 },
	{ .snippet_id = "leave:0", .section_id = "leave",
	    .text = "Annual leave is thirty working days, carried over once.",
	    .text_n = 55 },
};

static const struct {
	const char *text, *snippet, *section;	/* what is cited, or NULL */
	enum outcome outcome;
	int says, cites, unknown, foreign;
} rows[] = {
	{ "Wages are paid on the twenty-fifth.", "pay:0", "pay", OUTCOME_OK,
	    1, 1, 0, 0 },
	{ "Wages are paid on the twenty-fifth.", NULL, "pay", OUTCOME_OK,
	    1, 1, 0, 0 },
	{ "Wages are paid on the twenty-fifth.", NULL, NULL, OUTCOME_OK,
	    1, 0, 0, 0 },
	/* it cites the one and says the other */
	{ "Wages are paid on the twenty-fifth.", "leave:0", "leave",
	    OUTCOME_OK, 1, 1, 0, 1 },
	/* not among the passages; a passage under another section */
	{ "Wages are paid.", "sick:0", "sick", OUTCOME_OK, 1, 1, 1, 0 },
	{ "Wages are paid.", "pay:0", "leave", OUTCOME_OK, 1, 1, 1, 0 },
	/* words of nobody prove nothing */
	{ "Please ask the personnel office.", "leave:0", "leave", OUTCOME_OK,
	    1, 1, 0, 0 },
	{ "I could not find this.", NULL, NULL, OUTCOME_REFUSED, 0, 0, 0,
	    0 },
	{ "", NULL, NULL, OUTCOME_OK, 0, 0, 0, 0 },
};

static void
test_fence(void **state)
{
	struct snippet all[2], cited;
	struct answer w;
	struct fence f;
	size_t i;

	(void)state;
	memcpy(all, passages, sizeof(all));
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		memset(&w, 0, sizeof(w));
		memset(&cited, 0, sizeof(cited));
		cited.snippet_id = rows[i].snippet;
		cited.section_id = rows[i].section;
		w.outcome = rows[i].outcome;
		w.text = rows[i].text;
		w.text_n = strlen(rows[i].text);
		w.retrieved = all;
		w.n_retrieved = 2;
		w.cited = &cited;
		w.n_cited = rows[i].section != NULL;
		fence_of(&w, &f);
		if (f.says != rows[i].says || f.cites != rows[i].cites ||
		    f.unknown != rows[i].unknown ||
		    f.foreign != rows[i].foreign)
			fail_msg("row %zu: says %d cites %d unknown %d "
			    "foreign %d", i, f.says, f.cites, f.unknown,
			    f.foreign);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_fence) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
