/*
 * The members of a case and of a section that mean something here: one table
 * from which gold.c knows their names, and by which gold files, inline cases
 * and sections files are checked and documented.
 */
#ifndef LOCKSTEP_CASE_KEYS_H
#define LOCKSTEP_CASE_KEYS_H

#include "harness/suite/suite_keys.h"

/* X(SYMBOL, name, kinds, default, help) */
#define CASE_MEMBERS(X) \
	X(ID, "id", KEY_STR, NULL, "unique name") \
	X(QUESTION, "question", KEY_TEXT, NULL, "the original wording") \
	X(NO_QUESTION, "no_question", KEY_BOOL, "false", "`question` is only " \
	    "a label for reports: the recorded request has no question") \
	X(PARAPHRASES, "paraphrases", KEY_LIST, NULL, "other wordings") \
	X(SAME_ANSWER, "same_answer_questions", KEY_LIST, NULL, "wordings " \
	    "from other people, used after the paraphrases") \
	X(SECTION_IDS, "section_ids", KEY_LIST, NULL, "sections that answer " \
	    "it") \
	X(SECTION_ID, "section_id", KEY_TEXT | KEY_NUM, NULL, "the same for " \
	    "one section") \
	X(SNIPPET_IDS, "snippet_ids", KEY_LIST, NULL, "snippets that answer " \
	    "it") \
	X(SNIPPET_ID, "snippet_id", KEY_TEXT | KEY_NUM, NULL, "the same for " \
	    "one snippet") \
	X(DECOY_IDS, "decoy_ids", KEY_LIST, NULL, "sections that look right " \
	    "but are wrong") \
	X(ANSWER, "answer", KEY_TEXT, NULL, "the expected answer") \
	X(ANSWERS, "answers", KEY_LIST, NULL, "answers that are all right") \
	X(UNANSWERABLE, "unanswerable", KEY_BOOL, NULL, "the service " \
	    "should decline to answer; false, written out: it should not") \
	X(CRITICAL, "critical", KEY_BOOL, "false", "a loss of this case " \
	    "that is proven, or holds in half of its variants, fails the " \
	    "run") \
	X(EXPECT, "expect", KEY_LIST, NULL, "assertions on the answer's JSON") \
	X(PROPOSED, "proposed", KEY_BOOL, "false", "written by `lockstep " \
	    "cases`, and not looked at yet") \
	X(TAGS, "tags", KEY_OBJ, NULL, "names for slices, placeholders and " \
	    "--tag") \
	X(REQUEST, "request", KEY_ANY, NULL, "merged over the request's body " \
	    "(RFC 7396)") \
	X(SESSION, "session", KEY_STR, NULL, "id of its conversation") \
	X(RECORDED, "recorded", KEY_STR, NULL, "id of the recorded exchange") \
	X(TARGET, "target", KEY_ANY, NULL, "path and query of the recorded " \
	    "request") \
	X(WHY, "why", KEY_STR, NULL, "the fault when it was promoted") \
	X(BODY, "body", KEY_ANY, NULL, "its body, for {{body}}")

#define CASE_SYMBOL(symbol, name, kinds, dflt, help) CASE_##symbol,
enum case_member { CASE_MEMBERS(CASE_SYMBOL) CASE_MEMBER_N };
#undef CASE_SYMBOL

/* Their names, in that order. */
extern const char *const case_member_names[CASE_MEMBER_N];

#endif
