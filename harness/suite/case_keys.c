/* The members of cases and sections; see case_keys.h. */
#include "harness/suite/case_keys.h"

#include "harness/suite/suite_keys_part.h"

#define CASE_NAME(symbol, name, kinds, dflt, help) [CASE_##symbol] = name,
const char *const case_member_names[CASE_MEMBER_N] = {
	CASE_MEMBERS(CASE_NAME)
};

#define CASE_ROW(symbol, name, kinds, dflt, help) \
	ROW("@case." name, kinds, dflt, help),

const struct suite_key case_keys[] = {
	CASE_MEMBERS(CASE_ROW)
	ROW("@case.paraphrases.[]", KEY_TEXT, NULL, "one wording"),
	ROW("@case.same_answer_questions.[]", KEY_TEXT, NULL, "one wording"),
	ROW("@case.section_ids.[]", KEY_TEXT | KEY_NUM, NULL, "a section's id"),
	ROW("@case.snippet_ids.[]", KEY_TEXT | KEY_NUM, NULL, "a snippet's id"),
	ROW("@case.decoy_ids.[]", KEY_TEXT | KEY_NUM, NULL, "a section's id"),
	ROW("@case.answers.[]", KEY_TEXT, NULL, "one of them"),
	ROW("@case.expect.[]", KEY_OBJ, NULL, "one assertion"),
	ROW("@case.expect.[].at", KEY_PTR, NULL, "pointer to the value; "
	    "/status is the HTTP status, or a member of that name where the "
	    "value is not a number; /headers/NAME a header"),
	ROW("@case.expect.[].op", KEY_ENUM, "\"eq\"", "how to compare",
	    .names = "eq|ge|le|contains|not_contains|matches|exists"),
	ROW("@case.expect.[].value", KEY_ANY, NULL, "expected value; for "
	    "exists true or false, for ge and le a number, for matches a "
	    "text"),
	ROW("@case.tags.*", KEY_ANY, NULL, "a tag's value"),
	ROW("@case.*", KEY_ANY | KEY_OWN, NULL, "your own members are kept, "
	    "for placeholders; a name that is nearly one of the above is an "
	    "error"),

	/* ---- a line of the sections file ---- */
	ROW("@section.section_id", KEY_TEXT | KEY_NUM, NULL, "unique id"),
	ROW("@section.id", KEY_TEXT | KEY_NUM, NULL, "the same, when there is "
	    "no section_id"),
	ROW("@section.text", KEY_TEXT, NULL, "text of the section"),
	ROW("@section.doc_id", KEY_STR | KEY_NUM, NULL, "its document"),
	ROW("@section.title", KEY_STR, NULL, "its heading"),
	ROW("@section.source_url", KEY_STR, NULL, "its URL"),
	ROW("@section.*", KEY_ANY | KEY_OWN, NULL, "ignored; a name that is "
	    "nearly one of the above is an error"),
};

const size_t case_keys_n = sizeof(case_keys) / sizeof(case_keys[0]);
