/* The table of metrics, and each metric on answers made by hand. */
#include "harness/base/arena.h"
#include "harness/meaning/embed.h"
#include "harness/score/ctext.h"
#include "harness/score/measure.h"
#include "tests/lib/check.h"

#define LEN(a) (sizeof(a) / sizeof *(a))

static void
test_table(void **state)
{
	const struct metric *m;
	struct buf text, json;
	struct err err = ERR_INIT;
	struct json *doc;
	size_t i, n = METRIC_N;

	(void)state;
	for (i = 0; i < METRIC_N; i++) {
		m = &metrics[i];
		assert_int_equal(m->id, i);
		assert_ptr_equal(metric_find(m->name), m);
		assert_true(strlen(m->help) > 0 && strlen(m->source) > 0 &&
		    strlen(m->unit) > 0);
	}
	for (m = metrics_of_case; m->name != NULL; m++, n++)
		assert_ptr_equal(metric_find(m->name), m);
	for (i = 0; i < METRIC_MISSING_N; i++)
		assert_non_null(metric_missing_text((enum metric_missing)i));
	assert_null(metric_find("no such"));
	buf_init(&text, 1 << 20);
	buf_init(&json, 1 << 20);
	assert_int_equal(metrics_print(&text, NULL, 0), 0);
	assert_int_equal(metrics_print(&json, NULL, 1), 0);
	doc = json_parse(buf_str(&json), json.len, &err);
	assert_non_null(doc);
	assert_int_equal(json_size(json_get(doc, "metrics")), n);
	assert_true(json_size(json_get(doc, "methods")) >= 10);
	json_free(doc);
	for (i = 0; i < METRIC_N; i++)
		assert_non_null(strstr(buf_str(&text), metrics[i].name));
	buf_reset(&text);
	assert_int_equal(metrics_print(&text, "signflip", 0), 0);
	assert_true(text.len > 0);
	assert_int_equal(metrics_print(&text, "no such", 0), -1);
	buf_fini(&text);
	buf_fini(&json);
}

/* ---- one observation by hand ------------------------------------------- */

enum { SNIPPETS = 4 };

struct by_hand {
	struct arena arena;
	struct ctexts texts;
	struct extract_spec *spec;
	struct embedder *embedder;
	struct suite suite;
	struct gold gold;
	struct exchange ex;
	struct answer answer;
	struct snippet retrieved[SNIPPETS], cited[SNIPPETS];
	struct ctext *snippets[SNIPPETS], *expected_text[2], *gold_answer[1];
	struct section section[2];
	const struct section *expected[2];
	struct embed_doc *docs;
	struct metric_in in;
	double m[METRIC_N];
	unsigned char why[METRIC_N];
};

static void
hand_init(struct by_hand *h)
{
	struct err err = ERR_INIT;
	size_t i;

	memset(h, 0, sizeof(*h));
	arena_init(&h->arena, 1 << 24);
	ctexts_init(&h->texts, &h->arena);
	h->spec = extract_new(NULL, &err);
	assert_non_null(h->spec);
	exchange_init(&h->ex);
	h->answer.tokens_in = h->answer.tokens_out = h->answer.cost = NAN;
	h->answer.itl_ns = -1;
	h->answer.retrieved = h->retrieved;
	h->answer.cited = h->cited;
	for (i = 0; i < SNIPPETS; i++) {
		h->retrieved[i].from = h->retrieved[i].to = -1;
		h->cited[i].from = h->cited[i].to = -1;
	}
	h->in = (struct metric_in){ .suite = &h->suite, .spec = h->spec,
		.gold = &h->gold, .answer = &h->answer, .exchange = &h->ex,
		.scratch = &h->arena, .snippets = h->snippets,
		.expected = h->expected, .expected_text = h->expected_text,
		.gold_answers = h->gold_answer, .by_section = 1,
		.price_in = NAN, .price_out = NAN };
}

static void
hand_fini(struct by_hand *h)
{
	extract_free(h->spec);
	arena_fini(&h->arena);
}

static void
hand_section(struct by_hand *h, const char *id, const char *text)
{
	struct section *s = &h->section[h->in.n_expected];

	*s = (struct section){ .id = id, .text = text,
		.text_n = strlen(text) };
	h->expected_text[h->in.n_expected] = ctexts_add(&h->texts, text,
	    strlen(text));
	h->expected[h->in.n_expected++] = s;
}

static void
hand_snippet(struct by_hand *h, const char *section, const char *text,
    int64_t from, int64_t to)
{
	size_t i = h->answer.n_retrieved++;
	struct snippet *s = &h->retrieved[i];

	s->section_id = section;
	s->blank = text != NULL && *text == '\0';
	if (s->blank)
		text = NULL;
	s->text = text;
	s->text_n = text == NULL ? 0 : strlen(text);
	s->from = from;
	s->to = to;
	h->snippets[i] = text == NULL ? NULL :
	    ctexts_add(&h->texts, text, s->text_n);
	h->in.n_snippets = h->answer.n_retrieved;
}

static double
hand_value(struct by_hand *h, enum metric_id id)
{
	metrics_observe(&h->in, h->m, h->why);
	return h->m[id];
}

/* ---- coverage ---------------------------------------------------------- */

/* 10 words; "two" begins at byte 4 */
#define TEN "one two three four five six seven eight nine ten"

static void
test_coverage_cases(void **state)
{
	static const struct {
		const char *what, *section, *text;
		int64_t from, to;
		double coverage;
		enum metric_missing why;
	} t[] = {
		{ "the whole section", "a", TEN, 0, 48, 1, METRIC_HERE },
		{ "a place and no text", "a", NULL, 0, 23, .5, METRIC_HERE },
		{ "part of a word covers none", "a", NULL, 1, 23, .4,
		    METRIC_HERE },
		{ "another section", "b", TEN, 0, 48, 0, METRIC_HERE },
		{ "no section id while others have one", NULL, TEN, 0, 48, 0,
		    METRIC_HERE },
		{ "a text without a place", "a", "SIX seven, two!", -1, -1,
		    .3, METRIC_HERE },
		{ "a foreign text at the right place", "a",
		    "uno dos tres cuatro cinco seis siete eight nine ", 0,
		    48, .2, METRIC_HERE },
		{ "a place beyond the section", "a", "four", 4000, 4004, .1,
		    METRIC_HERE },
		{ "a blank text at the right place", "a", "", 0, 48, NAN,
		    METRIC_NO_TEXT },
		{ "neither text nor place", "a", NULL, -1, -1, NAN,
		    METRIC_NO_TEXT },
	};
	struct by_hand h;
	double v;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(t); i++) {
		hand_init(&h);
		hand_section(&h, "a", TEN);
		hand_snippet(&h, t[i].section, t[i].text, t[i].from, t[i].to);
		v = hand_value(&h, M_COVERAGE);
		if (!(fabs(v - t[i].coverage) < 1e-12) &&
		    !(isnan(v) && isnan(t[i].coverage)))
			fail_msg("%s: %g", t[i].what, v);
		assert_int_equal(h.why[M_COVERAGE], t[i].why);
		hand_fini(&h);
	}
}

/* Several sections are pooled; spans and bare texts go together. */
static void
test_coverage_pooled(void **state)
{
	struct by_hand h;

	(void)state;
	hand_init(&h);
	hand_section(&h, "a", TEN);
	hand_section(&h, "b", "alpha beta gamma delta epsilon");
	hand_snippet(&h, "a", "one two three", 0, 13);
	hand_snippet(&h, "a", "two three four five", 4, 23);
	hand_snippet(&h, "b", "gamma delta, said someone", -1, -1);
	assert_near(hand_value(&h, M_COVERAGE), (5 + 2) / 15.0, 1e-12);
	hand_snippet(&h, "a", "Ten! nine! five!", -1, -1);
	assert_near(hand_value(&h, M_COVERAGE), (7 + 2) / 15.0, 1e-12);
	hand_fini(&h);
}

/* Offsets may count bytes or code points; the text tells which. */
static void
test_coverage_units(void **state)
{
	static const char text[] = "\xc3\xa4\xc3\xb6\xc3\xbc eins zwei drei";
	struct by_hand h;

	(void)state;
	hand_init(&h);
	hand_section(&h, "a", text);
	hand_snippet(&h, "a", "eins zwei", 4, 13);	/* code points */
	assert_near(hand_value(&h, M_COVERAGE), .5, 1e-12);
	hand_fini(&h);
	hand_init(&h);
	hand_section(&h, "a", text);
	hand_snippet(&h, "a", "eins zwei", 7, 16);	/* bytes */
	assert_near(hand_value(&h, M_COVERAGE), .5, 1e-12);
	hand_fini(&h);
}

static void
test_coverage_missing(void **state)
{
	struct by_hand h;

	(void)state;
	hand_init(&h);
	(void)hand_value(&h, M_COVERAGE);
	assert_int_equal(h.why[M_COVERAGE], METRIC_NO_GOLD);
	hand_section(&h, "a", TEN);
	(void)hand_value(&h, M_COVERAGE);
	assert_int_equal(h.why[M_COVERAGE], METRIC_NO_RETRIEVED);
	hand_snippet(&h, "a", TEN, 0, 48);
	h.gold.unanswerable = 1;
	(void)hand_value(&h, M_COVERAGE);
	assert_int_equal(h.why[M_COVERAGE], METRIC_NOT_APPLICABLE);
	h.gold.unanswerable = 0;
	h.answer.outcome = OUTCOME_TIMEOUT;
	assert_near(hand_value(&h, M_COVERAGE), NAN, 0);
	assert_int_equal(h.why[M_COVERAGE], METRIC_FAILED);
	hand_fini(&h);
}

/* ---- ids --------------------------------------------------------------- */

static void
test_ranking_and_citations(void **state)
{
	static const char *const ids[] = { "x", "a", "y", "b" };
	static const char *const gold[] = { "a", "b", "c" };
	static const char *const cited[] = { "a", "y" };
	struct by_hand h;

	(void)state;
	hand_init(&h);
	h.answer.n_retrieved = 4;
	h.in.ids = ids;
	h.in.n_ids = 4;
	(void)hand_value(&h, M_MAP);
	assert_int_equal(h.why[M_MAP], METRIC_NO_GOLD);
	h.in.gold_ids = gold;
	h.in.n_gold_ids = 3;
	h.in.cited = cited;
	h.in.n_cited = 2;
	assert_near(hand_value(&h, M_RECALL_AT_K), 2.0 / 3, 1e-12);
	assert_near(h.m[M_PRECISION_AT_K], .5, 1e-12);
	assert_near(h.m[M_MRR], .5, 1e-12);
	assert_near(h.m[M_MAP], (.5 + .5) / 3, 1e-12);
	assert_int_equal(h.why[M_CITATION_PRECISION], METRIC_NO_CITATIONS);
	h.answer.n_cited = 2;
	assert_near(hand_value(&h, M_CITATION_PRECISION), .5, 1e-12);
	assert_near(h.m[M_CITATION_RECALL], 1.0 / 3, 1e-12);
	h.answer.outcome = OUTCOME_REFUSED;
	(void)hand_value(&h, M_CITATION_RECALL);
	assert_int_equal(h.why[M_CITATION_RECALL], METRIC_NO_ANSWER);
	assert_near(h.m[M_REFUSED], 1, 0);
	hand_fini(&h);
}

static void
test_schema(void **state)
{
	struct by_hand h;

	(void)state;
	hand_init(&h);
	h.in.cited_fields = FIELD_SECTION_ID | FIELD_OFFSETS;
	(void)hand_value(&h, M_SCHEMA_OK);
	assert_int_equal(h.why[M_SCHEMA_OK], METRIC_NO_CITATIONS);
	hand_snippet(&h, "a", TEN, 0, 48);
	h.answer.n_cited = 1;
	h.cited[0].section_id = "a";
	h.cited[0].have = FIELD_SECTION_ID;
	assert_near(hand_value(&h, M_SCHEMA_OK), 0, 0);	/* no offsets */
	h.cited[0].have |= FIELD_OFFSETS | FIELD_TOKENS;
	assert_near(hand_value(&h, M_SCHEMA_OK), 1, 0);
	h.cited[0].section_id = "b";	/* not what was retrieved */
	assert_near(hand_value(&h, M_SCHEMA_OK), 0, 0);
	hand_fini(&h);
}

/* ---- answers and costs ------------------------------------------------- */

static void
test_answer_ok(void **state)
{
	static const struct {
		const char *expected, *answer;
		double ok;
	} t[] = {
		{ "90 days", "Refunds take 90 DAYS.", 1 },
		{ "90 days", "Refunds take 190 days.", 0 },
		{ "90 days", "Refunds take 90 whole days.", 0 },
		{ "Gro\xc3\x9f", "wie gross?", 1 },
		{ "", "anything", 0 },
		/* test_phrase.c has more of them */
		{ "5 mg", "Take 0.5 mg.", 0 },
		{ "5 mg", "Take 0.5 mg, and later 5 mg.", 1 },
		{ "5 %", "It is 5 percent.", 1 },
		/* sentences: 70 % of the words, in any order */
		{ "The refund window is ninety days from the date of invoice",
		    "From the date of the invoice, the window for a refund is "
		    "ninety days.", 1 },
		{ "The refund window is ninety days from the date of invoice",
		    "There is no refund.", 0 },
	};
	struct by_hand h;
	size_t i;

	(void)state;
	for (i = 0; i < LEN(t); i++) {
		hand_init(&h);
		(void)hand_value(&h, M_ANSWER_OK);
		assert_int_equal(h.why[M_ANSWER_OK], METRIC_NO_GOLD);
		h.gold_answer[0] = ctexts_add(&h.texts, t[i].expected,
		    strlen(t[i].expected));
		h.in.n_gold_answers = 1;
		(void)hand_value(&h, M_ANSWER_OK);
		assert_int_equal(h.why[M_ANSWER_OK], METRIC_NO_ANSWER);
		h.in.answer_text = ctexts_add(&h.texts, t[i].answer,
		    strlen(t[i].answer));
		if (hand_value(&h, M_ANSWER_OK) != t[i].ok)
			fail_msg("row %zu: %g", i, h.m[M_ANSWER_OK]);
		hand_fini(&h);
	}
}

static void
test_cost(void **state)
{
	struct by_hand h;

	(void)state;
	hand_init(&h);
	(void)hand_value(&h, M_COST);
	assert_int_equal(h.why[M_COST], METRIC_NOT_APPLICABLE);
	h.answer.tokens_in = 1000;
	h.answer.tokens_out = 100;
	(void)hand_value(&h, M_COST);
	assert_int_equal(h.why[M_COST], METRIC_NOT_APPLICABLE);
	h.in.price_in = 1e-6;
	assert_near(hand_value(&h, M_COST), 1e-3, 1e-15);
	h.in.price_out = 1e-5;
	assert_near(hand_value(&h, M_COST), 2e-3, 1e-15);
	h.answer.cost = .5;	/* what the service says counts */
	assert_near(hand_value(&h, M_COST), .5, 0);
	hand_fini(&h);
}

/* ---- meaning ----------------------------------------------------------- */

static const struct embed_doc *
fetch(struct embed_set *set, const char *text)
{
	struct embed_want want = { { text, strlen(text) },
		EMBED_WHOLE | EMBED_WINDOWS };
	const struct embed_doc *doc;
	struct err err = ERR_INIT;

	assert_int_equal(embed_set_fetch(set, &want, 1, &doc, &err), RC_OK);
	return doc;
}

static void
test_ds(void **state)
{
	static const char near_[] = "refunds are paid within ninety days";
	static const char far_[] = "the moon orbits planet earth slowly";
	struct embed_opts o = { .spec = "lexical", .serial = 1 };
	struct embed_set *set;
	struct section decoy = { .id = "d", .text = far_ };
	const struct section *decoys[] = { &decoy };
	struct err err = ERR_INIT;
	struct by_hand h;
	double best, context;

	(void)state;
	hand_init(&h);
	assert_int_equal(embedder_open(&o, &h.embedder, &err), RC_OK);
	assert_int_equal(embed_set_open(h.embedder, 1 << 20, NULL, &set,
	    &err), RC_OK);
	h.in.embedder = h.embedder;
	h.in.question = fetch(set, "when are refunds paid");
	(void)hand_value(&h, M_DS_QUESTION_RETRIEVED);
	assert_int_equal(h.why[M_DS_QUESTION_RETRIEVED], METRIC_NO_RETRIEVED);
	hand_snippet(&h, "x", far_, -1, -1);
	hand_snippet(&h, "a", near_, -1, -1);
	(void)hand_value(&h, M_DS_QUESTION_RETRIEVED);
	assert_int_equal(h.why[M_DS_QUESTION_RETRIEVED],
	    METRIC_NO_EMBEDDING);
	h.snippets[0]->doc = fetch(set, far_);
	h.snippets[1]->doc = fetch(set, near_);
	best = hand_value(&h, M_DS_QUESTION_RETRIEVED);
	assert_near(h.m[M_DS_QUESTION_RETRIEVED_RAW],
	    embed_raw(h.embedder, h.in.question->whole,
	    h.snippets[1]->doc->whole), 1e-12);
	assert_near(best, embed_ds(h.embedder,
	    h.m[M_DS_QUESTION_RETRIEVED_RAW]), 1e-12);
	context = (embed_ds(h.embedder, embed_raw(h.embedder,
	    h.in.question->whole, h.snippets[0]->doc->whole)) +
	    best / log2(3)) / (1 + 1 / log2(3));
	assert_near(h.m[M_DS_QUESTION_CONTEXT], context, 1e-12);
	assert_int_equal(h.why[M_DS_RETRIEVED_ANCHOR], METRIC_NO_GOLD);
	hand_section(&h, "a", near_);
	h.section[0].doc = h.snippets[1]->doc;
	assert_near(hand_value(&h, M_DS_RETRIEVED_ANCHOR), 0, 1e-12);
	assert_int_equal(h.why[M_DS_ANCHOR_MARGIN], METRIC_NO_GOLD);
	decoy.doc = h.snippets[0]->doc;
	h.in.decoys = decoys;
	h.in.n_decoys = 1;
	assert_near(hand_value(&h, M_DS_ANCHOR_MARGIN), metric_ds(h.embedder,
	    h.snippets[0]->doc, h.snippets[1]->doc), 1e-12);
	assert_true(h.m[M_DS_ANCHOR_MARGIN] > .3);
	embed_set_close(&set);
	embedder_close(&h.embedder);
	hand_fini(&h);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_coverage_cases),
		cmocka_unit_test(test_coverage_pooled),
		cmocka_unit_test(test_coverage_units),
		cmocka_unit_test(test_coverage_missing),
		cmocka_unit_test(test_ranking_and_citations),
		cmocka_unit_test(test_schema),
		cmocka_unit_test(test_answer_ok),
		cmocka_unit_test(test_cost),
		cmocka_unit_test(test_ds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
