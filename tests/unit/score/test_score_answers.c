/* What scoring makes of blank answers, of what a service says went wrong, and
 * of assertions on answers that hold no text. */
#include "harness/score/cells.h"
#include "tests/unit/score/score_world.h"

#define EXPECT_CALL ",\"expect\":[{\"at\":\"/call/name\",\"op\":\"eq\"," \
    "\"value\":\"refund\"}]"
#define EXPECT_NOT ",\"expect\":[{\"at\":\"/answer\",\"op\":" \
    "\"not_contains\",\"value\":\"sorry\"}]"
#define EXPECT_ERROR ",\"expect\":[{\"at\":\"/error/code\",\"op\":\"eq\"," \
    "\"value\":\"e7\"}]"
#define EXPECT_STATUS ",\"expect\":[{\"at\":\"/status\",\"op\":\"eq\"," \
    "\"value\":200}]"
#define NO_GOLD ",\"tags\":{\"a\":\"b\"}"

/* The bodies that both stacks answer with; NULL: the usual one. */
static const struct row {
	const char *what, *gold, *baseline, *candidate;
	enum case_state state[2];
	unsigned reasons;	/* the candidate's, among others */
	int errors;		/* of the candidate */
} rows[] = {
	{ "all is well", NULL, NULL, NULL, { CASE_PASS, CASE_PASS }, 0, 0 },
	{ "a blank answer", NO_GOLD, NULL,
	    "{\"retrieved\":[],\"answer\":\" \\u200b\"}",
	    { CASE_PASS, CASE_FAIL }, CASE_MUTE, 0 },
	{ "punctuation alone", NO_GOLD, NULL,
	    "{\"retrieved\":[],\"answer\":\"...\"}",
	    { CASE_PASS, CASE_FAIL }, CASE_MUTE, 0 },
	{ "blank on both", NO_GOLD, "{\"retrieved\":[],\"answer\":\"\"}",
	    "{\"retrieved\":[],\"answer\":\"\\n\"}",
	    { CASE_FAIL, CASE_FAIL }, CASE_MUTE, 0 },
	{ "no UTF-8, where the other is", NO_GOLD, NULL,
	    "{\"retrieved\":[],\"answer\":\"x\xe9\"}",
	    { CASE_PASS, CASE_FAIL }, CASE_MUTE, 0 },
	{ "a blank passage", NO_GOLD, NULL,
	    "{\"retrieved\":[{\"text\":\"\\u00a0 \"}],\"answer\":\"Yes\"}",
	    { CASE_PASS, CASE_FAIL }, CASE_QUESTION, 0 },
	{ "blank passages of the right section, on both", NULL,
	    "{\"retrieved\":[{\"section_id\":\"s0\",\"text\":\"\"}],"
	    "\"answer\":\"Yes\"}",
	    "{\"retrieved\":[{\"section_id\":\"s0\",\"text\":\"\\u200b\","
	    "\"from\":0,\"to\":500}],\"answer\":\"Yes\"}",
	    { CASE_FAIL, CASE_FAIL }, CASE_COVERAGE, 0 },
	{ "passages without a text, on both", NULL,
	    "{\"retrieved\":[{\"section_id\":\"s0\"}],\"answer\":\"Yes\"}",
	    "{\"retrieved\":[{\"section_id\":\"s0\",\"text\":null}],"
	    "\"answer\":\"Yes\"}", { CASE_PASS, CASE_PASS }, 0, 0 },
	{ "an object is compared", NO_GOLD,
	    "{\"retrieved\":[],\"answer\":{\"a\":\"Yes\",\"b\":1}}",
	    "{\"retrieved\":[],\"answer\":{\"b\":1,\"a\":\"Yes\"}}",
	    { CASE_PASS, CASE_PASS }, 0, 0 },
	{ "cut, where the other is whole", NO_GOLD, NULL,
	    "{\"retrieved\":[],\"answer\":\"Yes\",\"why\":\"length\"}",
	    { CASE_PASS, CASE_FAIL }, CASE_CUT, 0 },
	{ "cut on both", NO_GOLD,
	    "{\"retrieved\":[],\"answer\":\"Yes\",\"why\":\"length\"}",
	    "{\"retrieved\":[],\"answer\":\"Yes\",\"why\":\"max_tokens\"}",
	    { CASE_PASS, CASE_PASS }, 0, 0 },
	{ "filtered", NO_GOLD, NULL,
	    "{\"retrieved\":[],\"answer\":\"\",\"why\":\"content_filter\"}",
	    { CASE_PASS, CASE_FAIL }, CASE_FILTERED, 0 },
	{ "an error behind the answer", NO_GOLD, NULL,
	    "{\"retrieved\":[],\"answer\":\"Yes\",\"error\":\"broke\"}",
	    { CASE_PASS, CASE_FAIL }, CASE_BROKEN, 1 },
	{ "an error alone", NO_GOLD, NULL, "{\"error\":\"broke\"}",
	    { CASE_PASS, CASE_UNJUDGED }, 0, 1 },
	{ "an assertion on what has no text", EXPECT_CALL,
	    "{\"call\":{\"name\":\"refund\"}}",
	    "{\"call\":{\"name\":\"delete\"}}",
	    { CASE_PASS, CASE_FAIL }, CASE_EXPECT, 1 },
	{ "an assertion that something is absent is no ground", EXPECT_NOT,
	    NULL, "{\"call\":1}", { CASE_PASS, CASE_FAIL }, CASE_MUTE, 1 },
	{ "nor is a plain 200", EXPECT_STATUS, NULL, "no JSON",
	    { CASE_PASS, CASE_FAIL }, CASE_MUTE, 1 },
	{ "an error that is asserted", EXPECT_ERROR,
	    "{\"error\":{\"code\":\"e7\",\"message\":\"no\"}}",
	    "{\"error\":{\"code\":\"e7\",\"message\":\"no\"}}",
	    { CASE_PASS, CASE_PASS }, 0, 0 },
	{ "another error than asserted", EXPECT_ERROR,
	    "{\"error\":{\"code\":\"e7\",\"message\":\"no\"}}",
	    "{\"error\":{\"code\":\"e8\",\"message\":\"no\"}}",
	    { CASE_PASS, CASE_FAIL }, CASE_EXPECT | CASE_BROKEN, 1 },
};

static void
answer_all(struct world *w, const struct row *r)
{
	struct made_obs m;
	unsigned v;
	int a;

	for (v = 0; v < 2; v++) {
		for (a = 0; a <= ARM_CANDIDATE; a++) {
			made_init(&m, 0, v, (enum arm)a);
			m.body = a == ARM_CANDIDATE ? r->candidate :
			    r->baseline;
			world_add(w, &m);
		}
	}
}

static void
test_rows(void **state)
{
	struct world w;
	struct score_out *out;
	const struct cell *c;
	size_t i;
	int a;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		world_init(&w, 1, rows[i].gold, "{paraphrases: 2, seeds: [1]}",
		    "");
		answer_all(&w, &rows[i]);
		world_write(&w, 0);
		out = world_score(&w);
		c = cells_get(out->cells, 0);
		for (a = 0; a < 2; a++) {
			if (c->arm[a].state != rows[i].state[a])
				fail_msg("%s: arm %d is %d by %x",
				    rows[i].what, a, c->arm[a].state,
				    c->arm[a].reasons);
		}
		if ((c->arm[1].reasons & rows[i].reasons) != rows[i].reasons)
			fail_msg("%s: %x", rows[i].what, c->arm[1].reasons);
		if ((c->arm[1].n_error > 0) != rows[i].errors)
			fail_msg("%s: %d errors", rows[i].what,
			    c->arm[1].n_error);
		score_free(out);
		world_fini(&w);
	}
}

/* The words of the services, counted, whatever the order. */
static void
test_words(void **state)
{
	static const struct row broken = { .gold = NO_GOLD, .candidate =
	    "{\"retrieved\":[],\"answer\":\"Yes\",\"error\":\"broke\"}" };
	struct world w;
	struct score_out *out;

	(void)state;
	world_init(&w, 1, NO_GOLD, "{paraphrases: 2, seeds: [1]}", "");
	answer_all(&w, &broken);
	world_write(&w, 0);
	out = world_score(&w);
	assert_int_equal(out->arm[ARM_CANDIDATE].n_words, 1);
	assert_string_equal(out->arm[ARM_CANDIDATE].words[0].name,
	    "service_error");
	assert_string_equal(out->arm[ARM_CANDIDATE].words[0].value,
	    "the service says: broke");
	assert_int_equal(out->arm[ARM_CANDIDATE].words[0].n, 2);
	assert_int_equal(out->arm[ARM_BASELINE].n_words, 0);
	score_free(out);
	world_fini(&w);
}

/* Answers that say why they ended, and those that do not; an error is none. */
static void
test_ends(void **state)
{
	static const struct row r[] = {
		{ .gold = NO_GOLD, .baseline = "{\"answer\":\"Yes\",\"why\":"
		    "\"stop\"}", .candidate = "{\"answer\":\"Yes\",\"why\":"
		    "null}" },
		{ .gold = NO_GOLD, .baseline = "{\"answer\":\"Yes\",\"why\":"
		    "\"length\"}", .candidate = "{\"answer\":\"Yes\","
		    "\"error\":\"broke\"}" },
	};
	static const uint64_t want[2][4] = { { 2, 0, 0, 2 }, { 2, 0, 0, 0 } };
	struct world w;
	struct score_out *out;
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		world_init(&w, 1, NO_GOLD, "{paraphrases: 2, seeds: [1]}", "");
		answer_all(&w, &r[i]);
		world_write(&w, 0);
		out = world_score(&w);
		assert_int_equal(out->arm[ARM_BASELINE].ended, want[i][0]);
		assert_int_equal(out->arm[ARM_BASELINE].endless, want[i][1]);
		assert_int_equal(out->arm[ARM_CANDIDATE].ended, want[i][2]);
		assert_int_equal(out->arm[ARM_CANDIDATE].endless, want[i][3]);
		score_free(out);
		world_fini(&w);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
