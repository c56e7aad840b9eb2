/*
 * Likely causes: which class a made run is put down to.
 */
#include "tests/unit/judge/verdict_rules.h"

/* One answer in seven takes eight times as long, and the others `typical`
 * times. */
static void
tail_and(struct made *w, float typical)
{
	unsigned i;

	for (i = 0; i < w->n * MADE_VARIANTS; i++)
		w->cand[i] = w->base[i] * (i % 7 == 0 ? 8 : typical);
}

static void
long_tail(struct made *w)
{
	tail_and(w, 1);
}

static void
tail_moves_the_middle(struct made *w)
{
	tail_and(w, 1.2f);
}

static void
slower(struct made *w)
{
	unsigned i;

	for (i = 0; i < w->n * MADE_VARIANTS; i++)
		w->cand[i] = w->base[i] * 1.5f;
}

static void
test_causes(void **state)
{
	static const struct {
		const char *name, *class;
		void (*spoil)(struct made *);
		int body_fails;
	} rows[] = {
		{ "equal", NULL, nothing, 0 },
		{ "only the slow ones", "load controls weak", long_tail, 0 },
		{ "and the middle is moved by them", "load controls weak",
		    tail_moves_the_middle, 1 },
		{ "slower throughout", NULL, slower, 1 },
	};
	struct made w;
	struct result *r;
	const char *got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		made_init(&w, 100, "", 1);
		rows[i].spoil(&w);
		r = made_judge(&w);
		got = r->n_causes == 0 ? "none" : r->causes[0].class;
		if (strcmp(got, rows[i].class == NULL ? "none" :
		    rows[i].class) != 0)
			fail_msg("%s: put down to %s", rows[i].name, got);
		if ((made_gate(r, "latency_body")->verdict == GATE_FAIL) !=
		    rows[i].body_fails)
			fail_msg("%s: latency_body %s", rows[i].name,
			    made_gate(r, "latency_body")->why);
		result_free(r);
		made_fini(&w);
	}
}

/* Of the other questions, and of other wordings, nothing is said that was
 * not seen. */
static void
test_loss_says(void **state)
{
	static const struct {
		unsigned lost;
		float recall;
		const char *says;
	} rows[] = {
		{ 4, 0, "4 of 4 regressed questions no longer retrieve the "
		    "expected section in any wording; 96 questions pass" },
		{ 100, 0, "100 of 100 regressed questions no longer retrieve "
		    "the expected section in any wording" },
		{ 4, .25f, "4 of 4 regressed questions no longer retrieve "
		    "most of what is expected; 96 questions pass" },
	};
	struct made w;
	struct result *r;
	size_t i, k, said;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		made_init(&w, 100, "", 1);
		lose(&w, rows[i].lost);
		for (k = 0; k < rows[i].lost; k++) {
			w.cell[k].arm[0].m[M_RECALL_AT_K] = 1;
			w.cell[k].arm[1].m[M_RECALL_AT_K] = rows[i].recall;
		}
		r = made_judge(&w);
		for (k = said = 0; k < r->n_causes; k++)
			said += strcmp(r->causes[k].evidence[0],
			    rows[i].says) == 0;
		assert_int_equal(said, 1);
		result_free(r);
		made_fini(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_causes),
		cmocka_unit_test(test_loss_says),
	};

	return cmocka_run_group_tests_name("cause", tests, NULL, NULL);
}
