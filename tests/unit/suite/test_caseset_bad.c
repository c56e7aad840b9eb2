/* Case files that are wrong: lines, members, ids that look alike. */
#include "tests/unit/suite/caseset_world.h"

static void
test_bad_files(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "", "no case in it" },
		{ "\n\n", "no case in it" },
		{ "{\"id\":\"a\",\"question\":\"q\"}\nnot json\n",
		    "bad.jsonl:2: not valid JSON" },
		{ "{\"id\":7,\"question\":\"q\"}", "bad.jsonl:1: \"id\" is 7; "
		    "it must be text" },
		{ "{\"question\":\"q\"}", "\"id\" must be a text" },
		{ "{\"id\":\"a\\u001b[31m\",\"question\":\"q\"}",
		    "\"id\" has a control character" },
		{ "{\"id\":\"a\\u009bm\",\"question\":\"q\"}",
		    "\"id\" has a control character" },
		{ "{\"id\":\"a\"}", "case \"a\" has no \"question\"" },
		{ "[1]", "a case must be an object" },
		{ "{\"id\":\"a\",\"question\":\"q\"}\n\n"
		    "{\"id\":\"a\",\"question\":\"r\"}",
		    "bad.jsonl:3: case \"a\" is there twice, first at " },
		{ "{\"id\":\"a\",\"question\":\"q\",\"section_ids\":[{}]}",
		    "an element of \"section_ids\" is {}; it must be text with "
		    "a letter, digit or symbol in it or a number" },
		{ "{\"id\":\"a\",\"question\":\"q\",\"expect\":[{\"at\":"
		    "\"/a\\u0000b\",\"op\":\"exists\"}]}",
		    "the pointer of an expectation has a NUL behind /a" },
		{ "{\"id\":\"a\",\"question\":\"q\",\"expect\":[{\"at\":"
		    "\"/a\",\"op\":\"matches\",\"value\":\"x\\u0000y\"}]}",
		    "the pattern at /a has a NUL; write it as \\x00" },
		{ "{\"id\":\"a\",\"question\":\"q\",\"expect\":{}}",
		    "\"expect\" is {}; it must be a list" },
		{ "{\"id\":\"a\",\"question\":\"q\",\"expect\":[{\"at\":\"/a\""
		    ",\"op\":\"is\"}]}", "\"op\" is \"is\"; it must be one of "
		    "eq, ge, " },
		{ "{\"id\":\"a\",\"question\":\"q\",\"expect\":[{\"at\":\"a\""
		    ",\"op\":\"eq\",\"value\":1}]}", "\"at\" is \"a\"; it must "
		    "be a JSON Pointer" },
		{ "{\"id\":\"a\",\"question\":\"q\",\"expect\":[{\"at\":\"/a\""
		    ",\"op\":\"eq\"}]}", "has no value" },
		{ "{\"id\":\"a\",\"question\":\"q\",\"expect\":[{\"at\":\"/a\""
		    ",\"op\":\"matches\",\"value\":\"(\"}]}", "pattern" },
		{ "{\"id\":\"a\",\"question\":\"q\",\"expect\":[{\"at\":\"/a\""
		    ",\"op\":\"matches\",\"value\":5}]}",
		    "at /a is \"matches\", so its value must be a text" },
		{ "{\"id\":\"a\",\"question\":\"q\",\"expect\":[{\"at\":\"/a\""
		    ",\"op\":\"exists\",\"value\":\"false\"}]}",
		    "is \"exists\", so its value must be true or false" },
		{ "{\"id\":\"a\",\"question\":\"q\",\"expect\":[{\"at\":\"/a\""
		    ",\"op\":\"ge\",\"value\":\"5\"}]}",
		    "is \"ge\", so its value must be a number" },
		{ "{\"id\":\"a\",\"question\":\"q\",\"expect\":[{\"at\":\"/a\""
		    ",\"op\":\"le\",\"value\":null}]}",
		    "is \"le\", so its value must be a number" },
	};
	char path[200];
	struct suite s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct caseset *cs;

		write_file("bad.jsonl", rows[i].text, path, sizeof(path));
		suite_of(&s, path);
		assert_int_not_equal(caseset_open(&s, NULL, &cs, &err),
		    RC_OK);
		assert_null(cs);
		if (strstr(err.msg, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].text, err.msg);
		suite_done(&s);
	}
}

/* Each fault of one member, in a gold file and in a list of the suite. */
static void
test_bad_members(void **state)
{
#define MANY "\"m1\":1,\"m2\":1,\"m3\":1,\"m4\":1,\"m5\":1,\"m6\":1," \
	"\"m7\":1,\"m8\":1,\"m9\":1,\"m10\":1,\"m11\":1,\"m12\":1,"
	static const struct {
		const char *members, *says;
	} rows[] = {
		{ "\"critical\":\"true\"", "\"critical\" is \"true\"; it must "
		    "be true or false" },
		{ "\"critical\":1", "\"critical\" is 1" },
		{ "\"unanswerable\":\"True\"", "\"unanswerable\" is \"True\"" },
		{ "\"paraphrases\":\"Whom?\"", "\"paraphrases\" is \"Whom?\"; "
		    "it must be a list" },
		{ "\"paraphrases\":[\"\"]", "an element of \"paraphrases\" is "
		    "\"\"" },
		{ "\"paraphrases\":[\"ok\",\" \\u200b\"]", "an element of "
		    "\"paraphrases\" is " },
		{ "\"paraphrases\":[null]", "an element of \"paraphrases\"" },
		{ "\"paraphrases\":[7]", "an element of \"paraphrases\" is 7" },
		{ "\"same_answer_questions\":[\"?!\"]", "an element of "
		    "\"same_answer_questions\"" },
		{ "\"tags\":[\"a\"]", "\"tags\" is [\"a\"]; it must be a "
		    "mapping" },
		{ "\"tags\":\"a\"", "\"tags\" is \"a\"" },
		{ "\"section_ids\":\"s1\"", "\"section_ids\" is \"s1\"; it "
		    "must be a list" },
		{ "\"section_ids\":[true]", "an element of \"section_ids\"" },
		{ "\"section_ids\":[\"s1\",\"\"]", "an element of "
		    "\"section_ids\" is \"\"" },
		{ "\"snippet_ids\":[\" \"]", "an element of \"snippet_ids\"" },
		{ "\"decoy_ids\":[\"\\u200b\"]",
		    "an element of \"decoy_ids\"" },
		{ "\"section_id\":\"\"", "\"section_id\" is \"\"" },
		{ "\"decoy_ids\":{}", "\"decoy_ids\" is {}" },
		{ "\"answers\":\"A\"", "\"answers\" is \"A\"" },
		{ "\"answers\":[\" \"]", "an element of \"answers\"" },
		{ "\"answer\":\"\"", "\"answer\" is \"\"" },
		{ "\"recorded\":5", "\"recorded\" is 5" },
		{ "\"expect\":[1]", "an element of \"expect\" is 1" },
		{ "\"expect\":[{\"at\":\"/a\",\"valeu\":1}]", "unknown key "
		    "\"valeu\" in expect; did you mean \"value\"?" },
		{ "\"critcal\":true", "unknown member \"critcal\"; did you "
		    "mean \"critical\"?" },
		{ "\"sectionIds\":[\"s\"]", "did you mean \"section_ids\"?" },
		{ "\"paraphrase\":[\"x\"]", "did you mean \"paraphrases\"?" },
		{ "\"tag\":{}", "did you mean \"tags\"?" },
		{ "\"critical\":true,\"critical\":false", "\"critical\" is "
		    "there twice" },
		{ "\"tags\":{\"a\":1,\"a\":2}", "\"a\" is there twice in "
		    "\"tags\"" },
		{ "\"request\":[{\"k\":1,\"k\":1}]", "\"k\" is there twice in "
		    "\"request\"" },
		{ MANY "\"m4\":2", "\"m4\" is there twice" },
		{ "\"answer\":\"caf\xe9\"", "byte 39 (0xe9) is not UTF-8" },
		{ "\"x\":\"\xed\xa0\x80\"", "is not UTF-8" },
	};
#undef MANY
	char path[200], text[400];
	struct suite s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct caseset *cs;

		(void)snprintf(text, sizeof(text), "\n{\"id\":\"a\","
		    "\"question\":\"q\",%s}\n", rows[i].members);
		write_file("bad.jsonl", text, path, sizeof(path));
		suite_of(&s, path);
		assert_int_equal(caseset_open(&s, NULL, &cs, &err),
		    RC_FORMAT);
		if (strstr(err.msg, rows[i].says) == NULL ||
		    strstr(err.msg, "bad.jsonl:2: ") == NULL)
			fail_msg("%s: %s", text, err.msg);
		suite_done(&s);
	}
}

/* What a question says, and what only looks like one. */
static void
test_questions(void **state)
{
	static const struct {
		const char *question;
		int good;
	} rows[] = {
		{ "7", 1 }, { "\xc3\xa9?", 1 }, { "\xe6\xb0\xb4", 1 },
		{ "\xe2\x82\xac", 1 }, { "\xf0\x9f\x98\x80", 1 }, { "+", 1 },
		{ "\xc2\xb0", 1 }, { "", 0 }, { " \\t\\n", 0 },
		{ "\xc2\xa0", 0 }, { "\xe2\x80\x8b", 0 },
		{ "\xef\xbb\xbf", 0 }, { "\\u0007", 0 }, { "...", 0 },
		{ "\xc2\xad", 0 },
	};
	char path[200], text[400];
	struct suite s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct caseset *cs;
		int rc;

		(void)snprintf(text, sizeof(text), "{\"id\":\"a\","
		    "\"question\":\"%s\"}\n", rows[i].question);
		write_file("q.jsonl", text, path, sizeof(path));
		suite_of(&s, path);
		rc = caseset_open(&s, NULL, &cs, &err);
		if ((rc == RC_OK) != rows[i].good)
			fail_msg("%s: %s", text, err.msg);
		caseset_close(&cs);
		suite_done(&s);
	}
}

/* Ids that nobody could tell apart in a report. */
static void
test_lookalikes(void **state)
{
	static const struct {
		const char *a, *b;
		int good;
	} rows[] = {
		{ "a", "b", 1 }, { "a b", "ab", 1 }, { "a", "A", 1 },
		{ "a-b", "a_b", 1 }, { "\xc3\xa9", "e", 1 },
		{ "a", "a ", 0 }, { " a", "a", 0 }, { "a b", "a  b", 0 },
		{ "a b", "a\xc2\xa0""b", 0 }, { "ab", "a\xe2\x80\x8b""b", 0 },
		{ "a\xe2\x80\x8d", "a", 0 }, { "\xef\xbb\xbf""a", "a", 0 },
		{ "\xc3\xa9", "e\xcc\x81", 0 },
		{ "e\xe2\x80\x8b\xcc\x81", "\xc3\xa9", 0 },
		{ "a\xef\xb8\x8f", "a", 0 }, { "a\xc2\xad", "a", 0 },
		{ "\xe2\x80\xae""ab", "ab", 0 },
		{ "a b ", " a b", 0 }, { "x", "\xe2\x80\x8b", 0 },
	};
	char path[200], text[400];
	struct suite s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = ERR_INIT;
		struct caseset *cs;
		int rc;

		(void)snprintf(text, sizeof(text), "{\"id\":\"%s\","
		    "\"question\":\"q\"}\n{\"id\":\"%s\",\"question\":\"q\"}"
		    "\n", rows[i].a, rows[i].b);
		write_file("ids.jsonl", text, path, sizeof(path));
		suite_of(&s, path);
		rc = caseset_open(&s, NULL, &cs, &err);
		if ((rc == RC_OK) != rows[i].good)
			fail_msg("%s: %s", text, err.msg);
		if (rc != RC_OK && strstr(err.msg, "ids.jsonl:2: \"id\"") ==
		    NULL)
			fail_msg("%s: %s", text, err.msg);
		caseset_close(&cs);
		suite_done(&s);
	}
}

/* Members of one's own stay, and mean nothing here. */
static void
test_own_members(void **state)
{
	struct caseset *cs;
	struct suite s;
	struct gold g;
	char path[200];

	(void)state;
	write_file("own.jsonl", "{\"id\":\"a\",\"question\":\"q\",\"qid\":1,"
	    "\"difficulty\":\"hard\",\"title\":\"t\",\"context\":\"c\","
	    "\"source\":\"wiki\",\"lang\":\"en\",\"answers\":[\"x\"],"
	    "\"type\":\"bridge\",\"level\":3,\"notes\":null}\n", path,
	    sizeof(path));
	suite_of(&s, path);
	cs = open_ok(&s, NULL);
	gold_init(&g);
	assert_int_equal(caseset_get(cs, 0, &g, NULL), RC_OK);
	assert_string_equal(json_get_str(g.doc, "difficulty"), "hard");
	gold_fini(&g);
	caseset_close(&cs);
	suite_done(&s);
}

static void
test_no_file(void **state)
{
	struct err err = ERR_INIT;
	struct caseset *cs;
	struct suite s;

	(void)state;
	suite_of(&s, "/nonexistent/gold.jsonl");
	assert_int_equal(caseset_open(&s, NULL, &cs, &err), RC_IO);
	assert_non_null(strstr(err.msg, "/nonexistent/gold.jsonl"));
	s.cases_file = NULL;
	memset(&err, 0, sizeof(err));
	assert_int_equal(caseset_open(&s, NULL, &cs, &err), RC_USAGE);
	assert_non_null(strstr(err.msg, "has no cases"));
	suite_done(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bad_files),
		cmocka_unit_test(test_bad_members),
		cmocka_unit_test(test_questions),
		cmocka_unit_test(test_lookalikes),
		cmocka_unit_test(test_own_members),
		cmocka_unit_test(test_no_file),
	};

	return cmocka_run_group_tests(tests, make_dir, drop_dir);
}
