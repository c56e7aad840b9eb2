/* Names of the reasons why a case fails; see cell.h. */
#include "harness/terms/cell.h"

static const struct {
	const char *name, *text;
} reasons[CASE_REASONS] = {
	{ "question", "nothing retrieved is near the question" },
	{ "coverage", "coverage of the expected sections below its limit" },
	{ "convergence", "its variants do not converge" },
	{ "chaos", "a variant has nothing in common with the others" },
	{ "schema", "citations lack fields or name passages that were not "
	    "retrieved" },
	{ "citations", "citations miss the expected sections" },
	{ "expect", "an expectation failed" },
	{ "answer", "the expected answer is missing" },
	{ "unanswerable", "an unanswerable question was answered" },
	{ "refused", "an answerable question was declined" },
	{ "empty", "nothing was retrieved" },
	{ "mute", "no answer was given" },
	{ "broken", "the service says that it failed" },
	{ "filtered", "the service's filter stopped the answer" },
	{ "cut", "the answer was cut short" },
	{ "lost", "it lacks what other answers to the question have" },
};

const char *
case_reason_name(int i)
{
	return reasons[i].name;
}

const char *
case_reason_text(int i)
{
	return reasons[i].text;
}
